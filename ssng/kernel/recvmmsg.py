"""recvmmsg(2) through ctypes: many datagrams for one call, without the interpreter lock.

Structures of ``sys/socket.h`` and ``sys/uio.h``, as glibc and musl have them.
"""

import errno
import os
from ctypes import (
    CDLL, Structure, addressof, c_char, c_int, c_size_t, c_uint, c_uint32, c_void_p, get_errno, sizeof)

from .abi.netlink import sockaddr_nl

MSG_TRUNC, MSG_DONTWAIT = 0x20, 0x40
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


class iovec(Structure):
    _fields_ = [('iov_base', c_void_p), ('iov_len', c_size_t)]


class msghdr(Structure):
    _fields_ = [
        ('msg_name', c_void_p),
        ('msg_namelen', c_uint32),
        ('msg_iov', c_void_p),
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


class Room:
    """Where one call puts up to ``vector`` datagrams of at most ``segment`` bytes each."""

    def __init__(self, vector, segment):
        arena = bytearray(vector * segment)
        view, base = memoryview(arena), addressof(c_char.from_buffer(arena))
        self.vector = vector
        self.segments = [view[start:start + segment] for start in range(0, vector * segment, segment)]
        self.iov = (iovec * vector)(*[(base + i * segment, segment) for i in range(vector)])
        self.senders = (sockaddr_nl * vector)()
        sender, iov = addressof(self.senders), addressof(self.iov)
        self.messages = (mmsghdr * vector)(*[
            ((sender + i * sizeof(sockaddr_nl), sizeof(sockaddr_nl), iov + i * sizeof(iovec), 1),)
            for i in range(vector)])

    def taken(self, count):
        """(bytes, ends) of the first ``count`` datagrams: those of the kernel joined, and where each ends."""
        parts, ends, end = [], [], 0
        for segment, message, sender in zip(self.segments[:count], self.messages, self.senders):
            if sender.nl_pid:
                continue
            if message.msg_hdr.msg_flags & MSG_TRUNC:
                raise OSError(errno.EMSGSIZE, 'Message truncated')
            end += message.msg_len
            parts.append(segment[:message.msg_len])
            ends.append(end)
        return b''.join(parts), ends


def reader(fd, vectors, segment):
    """A function that reads datagrams of at most ``segment`` bytes, several at a time.

    ``vectors``: how many it reads at most, first and after each call that found so many; the last is for
    all that follow.  The function returns (bytes, ends), see Room.taken; None when nothing is waiting, or when
    the call is refused: read otherwise then.  None instead of the function where libc has no recvmmsg.

    An old kernel or a sandbox refuses the first call with whatever error it likes; what is wrong with the
    socket itself will be said again to whoever reads otherwise.  Only ENOBUFS is told once: datagrams are lost.
    """
    libc = CDLL(None, use_errno=True)
    if not hasattr(libc, 'recvmmsg'):
        return None
    keep_memory(libc)
    vectors = iter(vectors)
    room = Room(next(vectors), segment)
    count, works = 0, False

    def read():
        nonlocal room, count, works
        if count == room.vector:            # there may be many more
            vector = next(vectors, count)
            if vector != count:
                room = Room(vector, segment)
        while True:
            count = libc.recvmmsg(fd, room.messages, room.vector, MSG_DONTWAIT, None)
            if count >= 0:
                works = True
                return room.taken(count)
            error = get_errno()
            if error == errno.EINTR:
                continue
            if error == errno.ENOBUFS or works and error != errno.EAGAIN:
                raise OSError(error, os.strerror(error))
            return None
    return read
