"""Recorded dumps: netlink messages one after the other in a file, as ``-D`` writes them.

The form is ss's own (fixtures/behaviour/command-line.md, 9.3): every message with its header, padded to 4 bytes, and an
NLMSG_DONE at the end of each dump.
"""

from ..kernel.abi.netlink import NLMSG_DONE, NLMSG_ERROR, nlmsghdr
from ..kernel.messages import HEADER, align

CHUNK = 1 << 20
KIND = nlmsghdr.nlmsg_type.offset // 2


class Broken(Exception):
    """A recording that ends before its dump does."""


def recorded(stream):
    """The first dump of a recording as (data, ends), like datagrams: whole messages, up to the end of the dump."""
    rest = b''
    while True:
        chunk = stream.read(CHUNK)
        data = rest + chunk
        end, last = whole_messages(data)
        if last is not None:
            if last:
                yield data[:last], (last,)
            yield data[last:end], (end - last,)         # the end alone, as in a datagram of its own
            return
        if end:
            yield data[:end], (end,)
        rest = data[end:]
        if not chunk:
            raise Broken('it ends before the dump does' if not rest else 'it ends in the middle of a message')


def whole_messages(data):
    """Where the whole messages of ``data`` end, and where the one lies that ends the dump (None: it is not there)."""
    view = memoryview(data)[:len(data) & ~3]
    lengths, kinds, start = view.cast('I'), view.cast('H'), 0
    while len(view) - start >= HEADER:
        end = start + align(max(lengths[start // 4], HEADER))
        if end > len(view):
            break
        if kinds[start // 2 + KIND] in (NLMSG_DONE, NLMSG_ERROR):
            return end, start
        start = end
    return start, None


def selected(data, flags):
    """The messages of ``data``, without those sockets whose flag, in their order, is false."""
    kept, flags, start = [], iter(flags), 0
    while len(data) - start >= HEADER:
        head = nlmsghdr.from_buffer_copy(data, start)
        end = start + align(head.nlmsg_len)
        if head.nlmsg_type in (NLMSG_DONE, NLMSG_ERROR) or next(flags):
            kept.append(data[start:end])
        start = end
    return b''.join(kept)
