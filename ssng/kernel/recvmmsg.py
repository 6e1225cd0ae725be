"""recvmmsg(2) through ctypes: many datagrams for one call, without the interpreter lock.

Structures of ``sys/socket.h`` and ``sys/uio.h``, as glibc and musl have them.
"""

import errno
import os
from ctypes import (
    CDLL, POINTER, Structure, addressof, c_char, c_int, c_size_t, c_uint, c_uint32, c_void_p, get_errno, pointer, sizeof)

from .abi.netlink import sockaddr_nl

MSG_TRUNC, MSG_DONTWAIT = 0x20, 0x40
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


class iovec(Structure):
    _fields_ = [('iov_base', c_void_p), ('iov_len', c_size_t)]


class msghdr(Structure):
    _fields_ = [
        ('msg_name', c_void_p),
        ('msg_namelen', c_uint32),
        ('msg_iov', POINTER(iovec)),
        ('msg_iovlen', c_size_t),
        ('msg_control', c_void_p),
        ('msg_controllen', c_size_t),
        ('msg_flags', c_int),
    ]


class mmsghdr(Structure):
    _fields_ = [('msg_hdr', msghdr), ('msg_len', c_uint)]


def keep_memory(libc):
    """Let glibc keep what is freed.

    A large dump is a stream of blocks and texts of some 100 KiB to 1 MiB, each soon freed.  Given back to
    the kernel and taken anew, each costs a page fault for every 4 KiB: that was a third of the whole time.
    """
    if hasattr(libc, 'mallopt'):
        libc.mallopt(M_TRIM_THRESHOLD, 1 << 26)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 25)


def reader(fd, vector, segment):
    """A function that reads up to ``vector`` datagrams of at most ``segment`` bytes each.

    It returns (bytes, ends): the kernel's datagrams joined and the place where each ends; None when
    nothing is waiting, or when this call is refused: read otherwise then.  None instead of the function
    where libc has no recvmmsg.
    """
    libc = CDLL(None, use_errno=True)
    if not hasattr(libc, 'recvmmsg'):
        return None
    keep_memory(libc)
    arena = bytearray(vector * segment)
    view = memoryview(arena)
    base = addressof(c_char.from_buffer(arena))
    iov = (iovec * vector)(*[iovec(base + i * segment, segment) for i in range(vector)])
    messages, senders = (mmsghdr * vector)(), (sockaddr_nl * vector)()
    for i in range(vector):
        messages[i].msg_hdr.msg_name = addressof(senders[i])
        messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_nl)
        messages[i].msg_hdr.msg_iov = pointer(iov[i])
        messages[i].msg_hdr.msg_iovlen = 1

    def read():
        while True:
            count = libc.recvmmsg(fd, messages, vector, MSG_DONTWAIT, None)
            if count >= 0:
                break
            error = get_errno()
            if error in (errno.EAGAIN, errno.ENOSYS, errno.EPERM):
                return None
            if error != errno.EINTR:
                raise OSError(error, os.strerror(error))
        parts, ends, end = [], [], 0
        for i in range(count):
            if senders[i].nl_pid:
                continue
            if messages[i].msg_hdr.msg_flags & MSG_TRUNC:
                raise OSError(errno.EMSGSIZE, 'Message truncated')
            size = messages[i].msg_len
            end += size
            parts.append(view[i * segment:i * segment + size])
            ends.append(end)
        return b''.join(parts), ends
    return read
