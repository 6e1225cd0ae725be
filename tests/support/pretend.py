"""A kernel that is not there: a library before libc that answers, spoils or notes what a program asks sock_diag.

Both programs call libc for their netlink socket, so that one library serves them alike.  The environment
tells what to do with a request:

    PRETEND_LOG=FILE            append it, as a line of hex digits
    PRETEND_ANSWER_FAMILY=FILE  one about this family is not sent: the file's messages are the answer, one datagram
    PRETEND_REFUSE=FAMILY       one about this family asks for a protocol that no kernel has
    PRETEND_KEEP=PORT           one that would close the socket of this local port comes to the kernel too short

and PRETEND_SELINUX=1 makes a host of SELinux, as far as libselinux tells it.
"""
import os
import shutil
import subprocess

SOURCE = r'''
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/netlink.h>

enum { FAMILY = 16, PROTOCOL = 17, SPORT = 24, DESTROY = 21, NO_PROTOCOL = 0xee, SOCK_DIAG = 4 };

static int answered = -1;                       /* the descriptor whose answer waits */
static unsigned char answer[32768];
static ssize_t size;

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

static int prepare(int fd, const char *path)    /* as the kernel would have it: to the port that asks */
{
    struct sockaddr_nl own = {0};
    socklen_t length = sizeof own;
    int file = open(path, O_RDONLY);
    size = read(file, answer, sizeof answer);
    close(file);
    getsockname(fd, (struct sockaddr *)&own, &length);
    for (ssize_t at = 0; at + 16 <= size; at += NLMSG_ALIGN(((struct nlmsghdr *)(answer + at))->nlmsg_len))
        ((struct nlmsghdr *)(answer + at))->nlmsg_pid = own.nl_pid;
    answered = fd;
    return 1;
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
    snprintf(name, sizeof name, "PRETEND_ANSWER_%d", data[FAMILY]);
    if (getenv(name) && prepare(fd, getenv(name)))
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
    if (fd != answered)
        return syscall(SYS_recvmsg, fd, message, flags);
    ssize_t room = message->msg_iovlen ? (ssize_t)message->msg_iov[0].iov_len : 0, taken = room < size ? room : size;
    if (taken)
        memcpy(message->msg_iov[0].iov_base, answer, taken);
    if (message->msg_name) {
        struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
        memcpy(message->msg_name, &kernel, sizeof kernel);
        message->msg_namelen = sizeof kernel;
    }
    message->msg_flags = taken < size ? MSG_TRUNC : 0;
    if (!(flags & MSG_PEEK))
        answered = -1;
    return flags & MSG_TRUNC ? size : taken;
}

ssize_t recvfrom(int fd, void *data, size_t length, int flags, struct sockaddr *from, socklen_t *fromlen)
{
    struct iovec iov = {data, length};
    struct msghdr message = {.msg_name = from, .msg_namelen = fromlen ? *fromlen : 0, .msg_iov = &iov, .msg_iovlen = 1};
    if (fd != answered)
        return syscall(SYS_recvfrom, fd, data, length, flags, from, fromlen);
    ssize_t result = recvmsg(fd, &message, flags);
    if (fromlen)
        *fromlen = message.msg_namelen;
    return result;
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
