"""What the kernel tells unasked, to multicast groups: it comes as fast as it happens, and whoever is slow loses some.

So reading never waits for what is done with it: a thread empties the socket into a queue.  Both are large, and both have
an end; where they are full the kernel drops what happens, says ENOBUFS once, and goes on.
"""

import os
from errno import EAGAIN, ENOBUFS

from .abi.netlink import NETLINK_SOCK_DIAG
from .exchange import Refused, Reply, refusing
from .messages import Answer
from .netlink import MSG_DONTWAIT, Ahead, Socket, here, no_reader

ROOM = 32 << 20         # bytes that may wait in the kernel, by its own count of them
QUEUE = 32 << 20        # and here
SEGMENT = 16384         # no single event is as long
VECTORS = (8, 32, 128)


class Listener:
    """The source of what the kernel tells unasked; ``run(function, ...)`` calls where its sockets are to be made."""

    def __init__(self, protocol=NETLINK_SOCK_DIAG, run=here):
        self.protocol = protocol
        self.run = run

    def inside(self, namespace):
        """The same source, for another network namespace."""
        return Listener(self.protocol, namespace.run)

    def listen(self, groups, lost):
        """The Reply of all that is told to multicast ``groups`` (a mask) from now on.  It ends when it is closed.

        ``lost()`` is called where some of it is missing, because nobody took it in time.
        """
        try:
            return Heard(self.run(Socket, self.protocol, groups, ROOM), lost)
        except OSError as error:
            return Reply(Answer(), refusing(Refused.by(error, 'no netlink', False)))


class Heard(Reply):
    """The datagrams that come to a Socket, until it is closed.  ``lost()`` is called in front of what came after a gap.

    OSError where no more can be opened.
    """

    def __init__(self, socket, lost):
        from select import POLLIN, poll
        from .recvmmsg import reader
        self.answer = Answer(0, 0)
        self.lost, self.gaps, self.told = lost, 0, 0
        self.reader = None
        self.socket = socket
        try:
            self.stop, end = os.pipe()
            self.end = [end]                    # it is closed to wake the thread that waits, by whoever takes it out
        except OSError:
            self.socket.close()
            raise
        self.many = reader(self.socket.socket.fileno(), VECTORS, SEGMENT) or no_reader
        self.poll = poll()
        for descriptor in (self.socket.socket.fileno(), self.stop):
            self.poll.register(descriptor, POLLIN)

    def __iter__(self):
        self.reader = Ahead(self.answer, self.read, QUEUE, self.wake)
        try:
            for item in self.reader if self.reader.started else iter(self.read, None):
                if self.gaps > self.told:
                    self.told = self.gaps
                    self.lost()
                yield item
        except OSError as error:
            raise Refused.by(error, 'netlink receive error')

    def read(self):
        """(data, ends) of what has come, after a wait if nothing has; None when this is closed."""
        try:
            found = self.many()
            while found is None:
                if self.stop in [descriptor for descriptor, _ in self.poll.poll()]:
                    return None
                found = self.many() or self.one()
            return found
        except OSError as error:
            if error.errno != ENOBUFS:
                raise
            self.gaps += 1
            return b'', ()

    def one(self):
        """One datagram, where recvmmsg is refused; None if it was another process's."""
        try:
            data = self.socket.receive(MSG_DONTWAIT)
            return data, (len(data),)
        except OSError as error:
            if error.errno != EAGAIN:
                raise

    def wake(self):
        """Let read() return None from now on."""
        try:
            end = self.end.pop()
        except IndexError:              # another thread has done it
            return
        os.close(end)

    def close(self):
        self.wake()
        if self.reader:
            self.reader.close()
        if self.stop is not None:
            os.close(self.stop)
            self.stop = None
        self.socket.close()
