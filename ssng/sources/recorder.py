"""What is written into a record (:mod:`.pcapng`) while a question is answered: requests and replies as they pass.

    the kernel -> Recorder -> Dump: the sockets that were asked for, and all of them are told
                     |
                     v
                   Writer: request, datagram, datagram..., request...

A request is written when its first datagram is read, so that those behind it are its replies.  No message is looked at: a
record costs one copy of what came.
"""

import time

from ..kernel.abi.netlink import NETLINK_SOCK_DIAG, NLMSG_DONE, nlmsghdr
from ..kernel.exchange import Reply
from ..kernel.messages import HEADER, message
from . import pcapng
from .dump import Dump

PEERS = b'peers'                # of a request: its answer tells no sockets but the other ends of some

PORT_ID = slice(nlmsghdr.nlmsg_pid.offset, nlmsghdr.nlmsg_pid.offset + nlmsghdr.nlmsg_pid.size)


def now():
    """Nanoseconds since 1970."""
    return int(time.time() * 1e9)


class Recorder:
    """The source that writes down what another says, under the number of an interface, each request with a comment."""

    def __init__(self, source, writer, interface, comment=b''):
        self.source = source
        self.writer = writer
        self.interface = interface
        self.comment = comment

    @property
    def for_peers(self):
        return Recorder(self.source, self.writer, self.interface, PEERS)

    def ask(self, request):
        return Written(self.source.ask(request), self, request, self.comment)

    def listen(self, groups, lost):
        return Overheard(self.source.listen(groups, lost), self)

    def instead(self, source, request):
        """The source of what is asked of another one in place of ``request``: it is written as the answer to that."""
        return Instead(source, self, request)

    def requested(self, request, comment=b''):
        data = message(request.kind, request.flags, request.seq, request.payload, request.attributes)
        self.write(data, (len(data),), pcapng.OUTBOUND, comment)

    def write(self, data, ends, direction=pcapng.INBOUND, comment=b''):
        self.writer.packets(self.interface, NETLINK_SOCK_DIAG, data, ends, now(), direction, comment)


class Written(Reply):
    """A Reply of another source, written down as it is read."""

    def __init__(self, reply, recorder, request, comment=b''):
        super().__init__(reply.answer, reply)
        self.recorder = recorder
        self.request = request
        self.comment = comment

    def __iter__(self):
        self.recorder.requested(self.request, self.comment)
        for data, ends in self.datagrams:
            if data:
                self.recorder.write(data, ends)
            yield data, ends


class Instead:
    """What stands in for the kernel: its messages are nobody's replies, and get the port id of a reply."""

    def __init__(self, source, recorder, request):
        self.source = source
        self.recorder = recorder
        self.request = request

    def ask(self, request):
        reply = self.source.ask(request)
        told = Reply(reply.answer, ended(reply))
        return Written(told, self.recorder, self.request, b'answered by /proc')


class Overheard(Reply):
    """What the kernel tells unasked, written down: under a port id, since it comes without one, like requests."""

    def __init__(self, reply, recorder):
        super().__init__(reply.answer, reply)
        self.recorder = recorder

    def __iter__(self):
        for data, ends in self.datagrams:
            if data:
                self.recorder.write(as_reply(data), ends)
            yield data, ends


def ended(reply):
    """The datagrams of a Reply that has no end of its own, as replies, and an end."""
    for data, ends in reply:
        yield as_reply(data), ends
    data = as_reply(message(NLMSG_DONE, 0, 0, bytes(4)))
    yield data, (len(data),)


def as_reply(data):
    """Messages with a port id, that of this process, which is not 0."""
    import os
    mark = nlmsghdr(nlmsg_pid=os.getpid())
    mark, changed, start = bytes(mark)[PORT_ID], bytearray(data), 0
    while start + HEADER <= len(data):
        changed[start + PORT_ID.start:start + PORT_ID.stop] = mark
        length = nlmsghdr.from_buffer_copy(data, start).nlmsg_len
        start += max(length + -length % 4, HEADER)
    return bytes(changed)


class Copy(Dump):
    """A Dump whose answers are written down, all of them: who asks for others later is to find them.

    ``kernel`` is a Recorder.
    """

    def wanted(self, batch, attempt):
        return batch

    def stand_in(self, family):
        return self.kernel.instead(self.proc(family), self.request(family, b'', False, ahead=False))
