"""Recorded dumps: netlink messages one after the other in a file, as ``-D`` writes them.

The form is ss's own (fixtures/behaviour/command-line.md, 9.3): every message with its header, padded to 4 bytes, and an
NLMSG_DONE at the end of each dump.
"""

import os

from ..kernel.abi.netlink import NLMSG_DONE, NLMSG_ERROR, nlmsghdr
from ..kernel.exchange import Refused, Reply
from ..kernel.messages import HEADER, Answer, align

CHUNK = 1 << 20
KIND = nlmsghdr.nlmsg_type.offset // 2


class Recording:
    """The source that answers every request with the first dump in a file."""

    def __init__(self, path):
        self.path = path

    def ask(self, request):
        return Reply(Answer(), self.datagrams())

    def datagrams(self):
        try:
            with open(os.fsencode(self.path), 'rb') as stream:
                for datagram in recorded(stream):
                    yield datagram
        except OSError as error:
            raise Refused(error.errno, error.strerror)


class Copier:
    """The source that hands what another one answers to ``write`` on its way: whole messages, each dump with its end.

    Where the request is not exact, only the messages of those sockets for which ``flags(block)`` holds: a flag for
    each message of a Block, or None for all of them.  What nobody can understand is not written.
    """

    def __init__(self, source, write, flags):
        self.source = source
        self.write = write
        self.flags = flags

    def ask(self, request):
        return Copied(self.source.ask(request), self.write, None if request.exact else self.flags)


class Copied(Reply):
    """A Reply of another source, written down when it has been looked at."""

    def __init__(self, reply, write, flags):
        super().__init__(reply.answer, reply)
        self.write = write
        self.flags = flags

    def __iter__(self):
        for data, ends in self.datagrams:
            yield data, ends
            self.write(self.wanted(data, ends) if self.flags else data)

    def wanted(self, data, ends):
        """The messages that are to be written."""
        ours = Answer(self.answer.seq, self.answer.pid)
        block = ours.feed(data, ends)
        flags = None if block is None else self.flags(block)
        return data if flags is None else selected(data, flags, ours.tells)


def recorded(stream):
    """The first dump of a recording as (data, ends), like datagrams: whole messages, up to the end of the dump.

    Refused where the recording ends before its dump does.
    """
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
            raise Refused(0, 'it ends before the dump does' if not rest else 'it ends in the middle of a message')


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


def selected(data, flags, ours=lambda head: True):
    """The messages of ``data``, without those sockets whose flag, in their order, is false.

    ``ours(header)``: whether a message has a flag; what else is there is kept.
    """
    kept, flags, start = [], iter(flags), 0
    while len(data) - start >= HEADER:
        head = nlmsghdr.from_buffer_copy(data, start)
        end = start + align(max(head.nlmsg_len, HEADER))
        if head.nlmsg_type in (NLMSG_DONE, NLMSG_ERROR) or not ours(head) or next(flags, True):
            kept.append(data[start:end])
        start = end
    return b''.join(kept)
