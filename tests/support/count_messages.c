/* LD_PRELOAD: counts the netlink messages that a process takes in, and their bytes, and writes both to $COUNT_FILE at its end.
   Only datagrams that are taken count, not those that are only looked at (MSG_PEEK). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>

static atomic_long count, bytes;

static int is_netlink(int fd)
{
	int domain = 0;
	socklen_t size = sizeof(domain);
	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) && domain == AF_NETLINK;
}

static void look(int fd, const void *data, ssize_t size, int flags)
{
	const struct nlmsghdr *message = data;
	if (flags & MSG_PEEK || size <= 0 || !is_netlink(fd))
		return;
	bytes += size;
	for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size))
		if (message->nlmsg_type != NLMSG_DONE)
			count++;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t recv(int fd, void *data, size_t size, int flags)
{
	ssize_t got = NEXT(recv)(fd, data, size, flags);
	look(fd, data, got, flags);
	return got;
}

ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length)
{
	ssize_t got = NEXT(recvfrom)(fd, data, size, flags, from, length);
	look(fd, data, got, flags);
	return got;
}

ssize_t recvmsg(int fd, struct msghdr *header, int flags)
{
	ssize_t got = NEXT(recvmsg)(fd, header, flags);
	if (got > 0)
		look(fd, header->msg_iov->iov_base, got, flags);
	return got;
}

int recvmmsg(int fd, struct mmsghdr *headers, unsigned int number, int flags, struct timespec *timeout)
{
	int got = NEXT(recvmmsg)(fd, headers, number, flags, timeout);
	for (int i = 0; i < got; i++)
		look(fd, headers[i].msg_hdr.msg_iov->iov_base, headers[i].msg_len, flags);
	return got;
}

static void tell(void)
{
	FILE *file = fopen(getenv("COUNT_FILE"), "w");
	fprintf(file, "%ld %ld\n", (long)count, (long)bytes);
	fclose(file);
}

/* A program may leave through _exit, which runs no destructor. */
void _exit(int status)
{
	tell();
	NEXT(_exit)(status);
	__builtin_unreachable();
}

__attribute__((destructor)) static void end(void)
{
	tell();
}
