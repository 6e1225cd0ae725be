"""A seccomp filter that refuses some sockets, as a container's sandbox does (linux/seccomp.h, linux/filter.h)."""
import ctypes
import os
import platform
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7fff0000, 0x00050000
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER_OF_SOCKET = {'x86_64': 41, 'aarch64': 198}    # socket(2)
AF_NETLINK = 16

libc = ctypes.CDLL(None, use_errno=True)


def available():
    return platform.machine() in NUMBER_OF_SOCKET


def refuse_netlink(errno):
    """For subprocess's `preexec_fn`: from now on socket(AF_NETLINK, ...) fails with `errno`."""
    program = [
        (LOAD_WORD, 0, 0, 0),                                               # seccomp_data.nr
        (JUMP_EQUAL, 0, 3, NUMBER_OF_SOCKET[platform.machine()]),
        (LOAD_WORD, 0, 0, 16),                                              # seccomp_data.args[0], its low half
        (JUMP_EQUAL, 0, 1, AF_NETLINK),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | errno),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
    ]
    code = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *each) for each in program))
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, struct.pack('@HP', len(program), ctypes.addressof(code)))):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
