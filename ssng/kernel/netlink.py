"""The netlink socket: requests out, datagrams in.

A large dump is read by a thread through recvmmsg(2), up to 32 datagrams a call: ctypes drops the
interpreter lock for the call and the kernel walks its socket tables inside it, so that the kernel's
time and ours overlap.  Where little is expected a few plain reads come first, and mostly suffice.
What the datagrams mean is :mod:`ssng.kernel.messages`'s business.
"""

import sys

import _socket
import _thread

from .abi.netlink import NETLINK_EXT_ACK, NETLINK_SOCK_DIAG, NLM_F_DUMP, NLM_F_REQUEST
from .abi.sock_diag import AF_NETLINK, SOCK_RAW, SOL_NETLINK, SOL_SOCKET
from .messages import Answer, message

SO_SNDBUF, SO_RCVBUF = 7, 8
SOCK_CLOEXEC = 0o2000000
MSG_PEEK, MSG_TRUNC = 0x02, 0x20

SEQ = 123456            # what ss writes into every dump request, and so into every recorded dump
SEGMENT = 32768         # the kernel fills no dump datagram beyond this, but for a single large message
# Datagrams a call: soon something to work on, then little to be left when the last of some 10,000 sockets
# have come; where there are more, less to be done for each block.
VECTORS = (4,) + 6 * (8,) + (16, 32)
PLAIN_READS = 3         # before the thread is worth its start
AHEAD = 3 << 20         # bytes that the reader may be ahead


class Socket:
    """One netlink socket, bound to a port id of the kernel's choice."""

    def __init__(self, protocol=NETLINK_SOCK_DIAG, groups=0):
        self.socket = _socket.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
        self.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, SEGMENT)
        self.socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20)
        try:
            self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        except OSError:
            pass                        # before 4.12; errors come without words then
        self.socket.bind((0, groups))
        self.pid = self.socket.getsockname()[0]
        self.buffer = bytearray(SEGMENT)

    def dump(self, kind, payload, attributes=(), large=False, ahead=False):
        """Send a dump request; (Answer, iterator of its datagrams as (bytes, ends)).

        ``large``: single messages may be longer than 32 KiB (socket storage), so each datagram is measured.
        ``ahead``: a thread sends the request and begins to read at once, whatever the caller does meanwhile.
        """
        request = message(kind, NLM_F_REQUEST | NLM_F_DUMP, SEQ, payload, attributes)
        answer = Answer(SEQ, self.pid)
        if ahead and not large:
            return answer, self.datagrams(answer, reader=Ahead(self, answer, request))
        self.send(request)
        return answer, self.datagrams(answer, large)

    def send(self, request):
        self.socket.sendto(request, (0, 0))

    def receive(self):
        """One datagram of any size from the kernel; those of other processes are passed over."""
        while True:
            size = self.socket.recv_into(self.buffer, SEGMENT, MSG_PEEK | MSG_TRUNC)
            if size > len(self.buffer):
                self.buffer = bytearray(size)
            size, (pid, _) = self.socket.recvfrom_into(self.buffer)
            if pid == 0:
                return bytes(self.buffer[:size])

    def datagrams(self, answer, large=False, reader=None):
        """(data, ends) until ``answer`` is done: datagrams joined, and where each ends.

        After some reads a thread reads on, ``reader`` if it runs already; but for ``large`` messages.
        """
        plain = None if large else 0 if reader else PLAIN_READS
        while not answer.done:
            if plain == 0:
                for joined in reader or Ahead(self, answer):
                    yield joined
                plain = None            # without recvmmsg, or after its last word: read on plainly
            else:
                data = self.receive()
                yield data, (len(data),)
                if plain:
                    plain -= 1

    def close(self):
        self.socket.close()


class Ahead:
    """(data, ends) read by a thread until ``answer`` is done or nothing waits.

    A dump has its next datagram ready before the last one is taken, so the thread never blocks in a
    read.  It waits where it is too far ahead, so that memory does not grow with the dump.  It ends
    before the iteration does, however that ends: the next dump's datagrams are not for it.
    """

    def __init__(self, socket, answer, request=None):
        from .recvmmsg import reader
        self.socket = socket
        self.answer = answer
        self.request = request
        self.read = reader(socket.socket.fileno(), VECTORS, SEGMENT) or no_reader
        self.queue = []
        self.stopped = False
        self.ready, self.space, self.ended = [_thread.allocate_lock() for _ in range(3)]
        for lock in (self.ready, self.space, self.ended):
            lock.acquire()
        try:
            _thread.start_new_thread(self.run, ())
        except RuntimeError:                # no more threads are allowed: nothing is read ahead
            if request:
                socket.send(request)
            self.ended.release()
            self.queue.append(None)

    def next(self):
        """Send what is to be sent, and read."""
        if self.request:
            request, self.request = self.request, None
            self.socket.send(request)
        return self.read()

    def run(self):
        """Fill the queue; None, or an exception, is the last that goes into it."""
        item = ()
        while item.__class__ is tuple and not self.stopped:
            try:
                item = self.next()
            except Exception as error:
                item = error
            self.queue.append(item)
            if self.ready.locked():
                self.ready.release()
            while self.full() and not self.stopped:
                self.space.acquire()
        self.ended.release()

    def full(self):
        """Whether enough waits to be taken."""
        return sum([len(item[0]) for item in list(self.queue) if item.__class__ is tuple]) >= AHEAD

    def __iter__(self):
        try:
            while not self.answer.done:
                while not self.queue:
                    self.ready.acquire()
                item = self.queue.pop(0)
                if self.space.locked():
                    self.space.release()
                if item is None:
                    return
                if item.__class__ is not tuple:
                    raise item
                yield item
        finally:
            self.stopped = True
            if self.space.locked():
                self.space.release()
            if not sys.is_finalizing():         # no thread gets on any more then
                self.ended.acquire()


def no_reader():
    """Where libc has no recvmmsg: nothing is read ahead."""
    return None
