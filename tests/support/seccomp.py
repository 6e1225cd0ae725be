"""Seccomp filters that refuse system calls, as a container's sandbox does (linux/seccomp.h, linux/filter.h)."""
import ctypes
import os
import platform
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7fff0000, 0x00050000
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
AF_NETLINK = 16

# Numbers of system calls: what x86_64 has, and what aarch64 has (None: it has no such call).
CALLS = (
    ('read', 0, 63), ('open', 2, None), ('close', 3, 57), ('stat', 4, None), ('fstat', 5, 80), ('lstat', 6, None),
    ('poll', 7, None), ('lseek', 8, 62), ('mprotect', 10, 226), ('rt_sigaction', 13, 134), ('rt_sigprocmask', 14, 135),
    ('ioctl', 16, 29), ('pread64', 17, 67), ('access', 21, None), ('pipe', 22, None), ('madvise', 28, 233),
    ('dup', 32, 23), ('dup2', 33, None), ('getpid', 39, 172), ('socket', 41, 198), ('connect', 42, 203),
    ('sendto', 44, 206), ('recvfrom', 45, 207), ('sendmsg', 46, 211), ('recvmsg', 47, 212), ('bind', 49, 200),
    ('getsockname', 51, 204), ('setsockopt', 54, 208), ('getsockopt', 55, 209), ('clone', 56, 220), ('fork', 57, None),
    ('vfork', 58, None), ('wait4', 61, 260), ('uname', 63, 160), ('fcntl', 72, 25), ('getcwd', 79, 17),
    ('readlink', 89, None), ('sysinfo', 99, 179), ('getuid', 102, 174), ('geteuid', 107, 175), ('statfs', 137, 43),
    ('gettid', 186, 178), ('sched_getaffinity', 204, 123), ('getdents64', 217, 61), ('openat', 257, 56),
    ('newfstatat', 262, 79), ('readlinkat', 267, 78), ('faccessat', 269, 48), ('pipe2', 293, 59),
    ('recvmmsg', 299, 243), ('prlimit64', 302, 261), ('name_to_handle_at', 303, 264), ('open_by_handle_at', 304, 265),
    ('setns', 308, 268), ('bpf', 321, 280), ('statx', 332, 291), ('clone3', 435, 435), ('faccessat2', 439, 439),
)
NUMBERS = {name: {'x86_64': one, 'aarch64': other} for name, one, other in CALLS}

libc = ctypes.CDLL(None, use_errno=True)


def number(name):
    """Of a system call of this machine; None if it is not known, or there is none."""
    return NUMBERS[name].get(platform.machine())


def available():
    return number('socket') is not None


def refuse_netlink(errno):
    """For subprocess's `preexec_fn`: from now on socket(AF_NETLINK, ...) fails with `errno`."""
    install([
        (LOAD_WORD, 0, 0, 0),                                               # seccomp_data.nr
        (JUMP_EQUAL, 0, 3, number('socket')),
        (LOAD_WORD, 0, 0, 16),                                              # seccomp_data.args[0], its low half
        (JUMP_EQUAL, 0, 1, AF_NETLINK),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | errno),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
    ])


def refuse(names, errno):
    """From now on these system calls fail with `errno`, for this process and those that it starts."""
    numbers = [number(name) for name in names]
    install([(LOAD_WORD, 0, 0, 0)]
            + [(JUMP_EQUAL, len(numbers) - place, 0, each) for place, each in enumerate(numbers)]
            + [(RETURN, 0, 0, SECCOMP_RET_ALLOW), (RETURN, 0, 0, SECCOMP_RET_ERRNO | errno)])


def install(program):
    code = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *each) for each in program))
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, struct.pack('@HP', len(program), ctypes.addressof(code)))):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
