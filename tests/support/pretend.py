"""A kernel that is not there: a library before libc that answers, spoils or notes what a program asks sock_diag.

Both programs call libc for their netlink socket, so that one library serves them alike.  The environment
tells what to do with a request:

    PRETEND_LOG=FILE            append it, as a line of hex digits
    PRETEND_ANSWER_FAMILY=FILE  one about this family is not sent: the file's messages are the answer, one datagram;
                                who reads on, since the file does not end the dump, is told that it is done
    PRETEND_DESTROY=FILE        one that would close a socket is not sent, and answered by this file
    PRETEND_EVENTS=FILE         who listens to the ends of sockets hears of these, then the device is gone (ENODEV)
    PRETEND_REFUSE=FAMILY       one about this family asks for a protocol that no kernel has
    PRETEND_KEEP=PORT           one that would close the socket of this local port comes to the kernel too short

and PRETEND_SELINUX=1 makes a host of SELinux, as far as libselinux tells it.
"""
import os
import shutil
import subprocess

SOURCE = r'''
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/netlink.h>

enum { FAMILY = 16, PROTOCOL = 17, SPORT = 24, DESTROY = 21, NO_PROTOCOL = 0xee, SOCK_DIAG = 4 };

enum { DESCRIPTORS = 1024, ROOM = 32768 };

enum state { REAL, ANSWER, END, EVENTS, GONE };

static struct {
    enum state state;
    ssize_t size;
    unsigned seq;                               /* of the request */
    unsigned char data[ROOM];
} waiting[DESCRIPTORS];                         /* what a descriptor is to read next */

static int diag(int fd)
{
    int domain = 0, protocol = 0;
    socklen_t length = sizeof domain;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length);
    return domain == AF_NETLINK && protocol == SOCK_DIAG;
}

static int number(const char *name)
{
    const char *text = getenv(name);
    return text ? atoi(text) : -1;
}

/* The file as the kernel would send it: to the port that asks.  Without a request: what it tells unasked. */
static int prepare(int fd, const char *path, const struct nlmsghdr *request)
{
    struct sockaddr_nl own = {0};
    socklen_t length = sizeof own;
    int file = open(path, O_RDONLY);
    ssize_t size = read(file, waiting[fd].data, ROOM);
    close(file);
    getsockname(fd, (struct sockaddr *)&own, &length);
    for (ssize_t at = 0; request && at + 16 <= size;) {
        struct nlmsghdr *message = (struct nlmsghdr *)(waiting[fd].data + at);
        message->nlmsg_pid = own.nl_pid;
        if (request->nlmsg_type == DESTROY)
            message->nlmsg_seq = request->nlmsg_seq;
        at += message->nlmsg_len < 16 ? 16 : ((ssize_t)message->nlmsg_len + 3) & ~(ssize_t)3;      /* NLMSG_ALIGN has 32 bits */
    }
    waiting[fd].seq = request ? request->nlmsg_seq : 0;
    waiting[fd].size = size;
    waiting[fd].state = request ? ANSWER : EVENTS;
    return 1;
}

static void next(int fd)                        /* after what was waiting has been read */
{
    struct { struct nlmsghdr head; int status; } done = {{sizeof done, NLMSG_DONE, NLM_F_MULTI}};
    if (waiting[fd].state == ANSWER) {
        struct sockaddr_nl own = {0};
        socklen_t length = sizeof own;
        getsockname(fd, (struct sockaddr *)&own, &length);
        done.head.nlmsg_seq = waiting[fd].seq;
        done.head.nlmsg_pid = own.nl_pid;
        memcpy(waiting[fd].data, &done, waiting[fd].size = sizeof done);
        waiting[fd].state = END;
    } else
        waiting[fd].state = waiting[fd].state == EVENTS ? GONE : REAL;
}

static int pretended(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS && waiting[fd].state != REAL && diag(fd);
}

static size_t considered(int fd, unsigned char *data, size_t length)    /* 0: it is answered already */
{
    char name[32];
    if (getenv("PRETEND_LOG")) {
        FILE *log = fopen(getenv("PRETEND_LOG"), "a");
        for (size_t at = 0; at < length; at++)
            fprintf(log, "%02x", data[at]);
        fputc('\n', log);
        fclose(log);
    }
    if (fd >= DESCRIPTORS)
        return length;
    waiting[fd].state = REAL;
    const struct nlmsghdr *request = (void *)data;
    const char *destroy = getenv("PRETEND_DESTROY");
    if (request->nlmsg_type == DESTROY && destroy && prepare(fd, destroy, request))
        return 0;
    snprintf(name, sizeof name, "PRETEND_ANSWER_%d", data[FAMILY]);
    if (getenv(name) && prepare(fd, getenv(name), request))
        return 0;
    if (data[FAMILY] == number("PRETEND_REFUSE"))
        data[PROTOCOL] = NO_PROTOCOL;
    if (((struct nlmsghdr *)data)->nlmsg_type == DESTROY && (data[SPORT] << 8 | data[SPORT + 1]) == number("PRETEND_KEEP"))
        return ((struct nlmsghdr *)data)->nlmsg_len = 24;
    return length;
}

static ssize_t sent(int fd, const unsigned char *data, size_t length, int flags, const void *to, socklen_t tolen)
{
    unsigned char copy[65536];
    size_t left = length;
    memcpy(copy, data, length);
    if (diag(fd) && !(left = considered(fd, copy, length)))
        return length;
    return syscall(SYS_sendto, fd, copy, left, flags, to, tolen) < 0 ? -1 : (ssize_t)length;
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t tolen)
{
    return length > 65536 ? syscall(SYS_sendto, fd, data, length, flags, to, tolen) : sent(fd, data, length, flags, to, tolen);
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
    return sendto(fd, data, length, flags, 0, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    unsigned char flat[65536];
    size_t length = 0;
    if (!diag(fd))
        return syscall(SYS_sendmsg, fd, message, flags);
    for (size_t part = 0; part < message->msg_iovlen; part++) {
        memcpy(flat + length, message->msg_iov[part].iov_base, message->msg_iov[part].iov_len);
        length += message->msg_iov[part].iov_len;
    }
    return sent(fd, flat, length, flags, message->msg_name, message->msg_namelen);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    if (!pretended(fd))
        return syscall(SYS_recvmsg, fd, message, flags);
    if (waiting[fd].state == GONE) {
        errno = ENODEV;
        return -1;
    }
    ssize_t size = waiting[fd].size;
    ssize_t room = message->msg_iovlen ? (ssize_t)message->msg_iov[0].iov_len : 0, taken = room < size ? room : size;
    if (taken)
        memcpy(message->msg_iov[0].iov_base, waiting[fd].data, taken);
    if (message->msg_name) {
        struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
        memcpy(message->msg_name, &kernel, sizeof kernel);
        message->msg_namelen = sizeof kernel;
    }
    message->msg_flags = taken < size ? MSG_TRUNC : 0;
    if (!(flags & MSG_PEEK))
        next(fd);
    return flags & MSG_TRUNC ? size : taken;
}

ssize_t recvfrom(int fd, void *data, size_t length, int flags, struct sockaddr *from, socklen_t *fromlen)
{
    struct iovec iov = {data, length};
    struct msghdr message = {.msg_name = from, .msg_namelen = fromlen ? *fromlen : 0, .msg_iov = &iov, .msg_iovlen = 1};
    if (!pretended(fd))
        return syscall(SYS_recvfrom, fd, data, length, flags, from, fromlen);
    ssize_t result = recvmsg(fd, &message, flags);
    if (fromlen)
        *fromlen = message.msg_namelen;
    return result;
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
    if (!pretended(fd))
        return syscall(SYS_recvmmsg, fd, messages, count, flags, timeout);
    ssize_t result = recvmsg(fd, &messages->msg_hdr, flags);
    messages->msg_len = result;
    return result < 0 ? -1 : 1;
}

int bind(int fd, const struct sockaddr *own, socklen_t length)
{
    const struct sockaddr_nl *netlink = (const struct sockaddr_nl *)own;
    const char *events = getenv("PRETEND_EVENTS");
    if (events && netlink->nl_family == AF_NETLINK && netlink->nl_groups && fd < DESCRIPTORS && diag(fd))
        prepare(fd, events, 0);
    return syscall(SYS_bind, fd, own, length);
}

ssize_t recv(int fd, void *data, size_t length, int flags)
{
    return recvfrom(fd, data, length, flags, 0, 0);
}

int is_selinux_enabled(void)
{
    return number("PRETEND_SELINUX") == 1;
}

static int context(char **text)
{
    *text = strdup("pretended_t");
    return 12;
}

int getpidcon(pid_t pid, char **text) { return context(text); }
int getfilecon(const char *path, char **text) { return context(text); }
int security_get_initial_context(const char *name, char **text) { return context(text); }
void freecon(char *text) { free(text); }
'''


def library(folder):
    """The compiled library; OSError where there is no C compiler or headers."""
    compiler = shutil.which('cc') or shutil.which('gcc')
    if not compiler:
        raise OSError('there is no C compiler')
    source, target = os.path.join(folder, 'pretend.c'), os.path.join(folder, 'pretend.so')
    with open(source, 'w') as stream:
        stream.write(SOURCE)
    work = subprocess.Popen([compiler, '-shared', '-fPIC', '-O1', '-w', '-o', target, source], stderr=subprocess.PIPE)
    said = work.communicate()[1].decode('utf-8', 'replace')
    if work.returncode:
        raise OSError('the C compiler says: ' + said.strip().split('\n')[0])
    return target
