"""The netlink socket: requests out, datagrams in.

A large dump is read by a thread through recvmmsg(2), up to 32 datagrams a call: ctypes drops the
interpreter lock for the call and the kernel walks its socket tables inside it, so that the kernel's
time and ours overlap.  Where little is expected a few plain reads come first, and mostly suffice.
What the datagrams mean is :mod:`ssng.kernel.messages`'s business.

The thread and its reader (:class:`Ahead`) share a queue and three locks that are used as signals: one that is held
is a signal that has not come yet.  A dump of three reads, of which the second finds the reader asleep:

    thread                              queue           reader
                                                        finds nothing, waits: acquires ``ready``
    reads A, appends it, releases ready [A]
    not full: reads on                  []              wakes, takes A, works
    reads B, appends it                 [B]
    full: waits, acquires ``space``     [B]             takes B, releases space, works
    wakes, reads None, appends it       [None]
    releases ``ended``                  []              takes None: that was all; acquires ended, so it goes last

A signal may come too early or twice (``ready`` is free when something waited already): whoever wakes looks again.
"""

import sys
from errno import EMSGSIZE

import _socket
import _thread

from .abi.netlink import NETLINK_EXT_ACK, NETLINK_SOCK_DIAG
from .abi.sock_diag import AF_NETLINK, SOCK_RAW, SOL_NETLINK, SOL_SOCKET
from .exchange import Refused, Reply, refusing
from .messages import Answer, message

SO_SNDBUF, SO_RCVBUF, SO_RCVBUFFORCE = 7, 8, 33
SOCK_CLOEXEC = 0o2000000
MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT = 0x02, 0x20, 0x40

ROOM = 1 << 20          # for datagrams that wait in the kernel
SEGMENT = 32768         # the kernel fills no dump datagram beyond this, but for a single large message
# Datagrams a call: soon something to work on, then little to be left when the last of some 10,000 sockets
# have come; where there are more, less to be done for each block.
VECTORS = (4,) + 6 * (8,) + (16, 32)
PLAIN_VECTORS = 6       # of them that a thread reads without recvmmsg, unless it is there: importing it takes longer
RECVMMSG = __name__.rpartition('.')[0] + '.recvmmsg'
PLAIN_READS = 3         # before the thread is worth its start
AHEAD = 3 << 20         # bytes that the reader may be ahead


def here(function, *arguments):
    """A call where we are."""
    return function(*arguments)


class Kernel:
    """The source that answers for this host: a netlink socket for each question.

    ``run(function, ...)`` calls where the sockets are to be made: a socket belongs to the network namespace of the thread
    that made it, whoever reads from it.
    """

    def __init__(self, protocol=NETLINK_SOCK_DIAG, run=here):
        self.protocol = protocol
        self.run = run

    def inside(self, namespace):
        """The same source, for another network namespace."""
        return Kernel(self.protocol, namespace.run)

    def opened(self):
        return self.run(Socket, self.protocol)

    def ask(self, request):
        """The Reply to a Request; without netlink it is one that raises Refused."""
        return asked(request, self.opened)

    def kept(self):
        """The same source with one socket for all questions; each must be answered before the next."""
        return KeptKernel(self.protocol, self.run)


class KeptKernel(Kernel):
    """See Kernel.kept.  The socket is made for the first question; close it behind the last."""

    socket = None

    def ask(self, request):
        return asked(request, self.opened, True)

    def opened(self):
        self.socket = self.socket or super().opened()
        return self.socket

    def close(self):
        if self.socket:
            self.socket.close()


def asked(request, opened, kept=False):
    """The Reply to a request that is sent through a socket; unless ``kept``, the socket is closed with it."""
    try:
        socket = opened()
    except OSError as error:
        return Reply(Answer(), refusing(Refused.by(error, 'no netlink', False)))
    try:
        return Received(socket, request, kept)
    except OSError as error:
        if not kept:
            socket.close()
        return Reply(Answer(), refusing(Refused.by(error, 'netlink send error', False)))


class Socket:
    """One netlink socket, bound to a port id of the kernel's choice.  OSError where there is none to be had.

    ``room``: bytes of datagrams that may wait; more than the host allows to everybody where we may say so.
    """

    def __init__(self, protocol=NETLINK_SOCK_DIAG, groups=0, room=ROOM):
        self.socket = _socket.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
        try:
            self.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, SEGMENT)
            self.socket.setsockopt(SOL_SOCKET, SO_RCVBUF, room)
            if room > ROOM:
                self.option(SOL_SOCKET, SO_RCVBUFFORCE, room)
            self.option(SOL_NETLINK, NETLINK_EXT_ACK, 1)    # before 4.12 errors come without words
            self.socket.bind((0, groups))
            self.pid = self.socket.getsockname()[0]
        except OSError:
            self.close()
            raise
        self.buffer = bytearray(SEGMENT)

    def option(self, level, option, value):
        """Set what is good to have."""
        try:
            self.socket.setsockopt(level, option, value)
        except OSError:
            pass

    def send(self, request):
        self.socket.sendto(request, (0, 0))

    def receive(self, flags=0):
        """One datagram of any size from the kernel; those of other processes are passed over."""
        while True:
            size = self.socket.recv_into(self.buffer, SEGMENT, flags | MSG_PEEK | MSG_TRUNC)
            if size > len(self.buffer):
                self.buffer = bytearray(size)
            size, (pid, _) = self.socket.recvfrom_into(self.buffer)
            if pid == 0:
                return bytes(self.buffer[:size])

    def waiting(self, most):
        """(bytes, ends) of those datagrams that wait already, so many at most, of SEGMENT bytes at most."""
        parts, ends, end = [], [], 0
        try:
            while len(parts) < most:
                size, (pid, _) = self.socket.recvfrom_into(self.buffer, 0, MSG_DONTWAIT | MSG_TRUNC)
                if size > len(self.buffer):
                    raise OSError(EMSGSIZE, 'Message truncated')
                if pid == 0:
                    end += size
                    parts.append(self.buffer[:size])
                    ends.append(end)
        except BlockingIOError:
            pass
        return b''.join(parts), ends

    def close(self):
        self.socket.close()


class Received(Reply):
    """The Reply that a socket reads: some plain reads, then a thread reads on; from the start if the request says so."""

    def __init__(self, socket, request, kept=False):
        self.socket = socket
        self.kept = kept
        self.answer = Answer(request.seq, socket.pid)
        self.plain = None if request.large else PLAIN_READS     # reads before the thread; None: it shall not come
        self.reader = None
        data = message(request.kind, request.flags, request.seq, request.payload, request.attributes)
        if request.ahead and not request.large:
            self.plain, self.reader = 0, Ahead(self.answer, reading(socket, data))
            if not self.reader.started:
                socket.send(data)
        else:
            socket.send(data)

    def __iter__(self):
        try:
            while not self.answer.done:
                if self.plain == 0:
                    self.reader = self.reader or Ahead(self.answer, reading(self.socket))
                    for joined in self.reader:
                        yield joined
                    self.plain = None       # without recvmmsg, or after its last word: read on plainly
                else:
                    data = self.socket.receive()
                    yield data, (len(data),)
                    if self.plain:
                        self.plain -= 1
        except OSError as error:
            raise Refused.by(error, 'netlink receive error')

    def close(self):
        if self.reader:
            self.reader.close()
        if not self.kept:
            self.socket.close()


def reading(socket, request=None):
    """A function that first sends the request, if there is one, then reads: (bytes, ends), or None if nothing waits.

    Who sends it reads plainly at first: few sockets need no more, and for them ctypes is not imported.
    """
    vectors, plain, read = iter(VECTORS), PLAIN_VECTORS if request else 0, None

    def next_read():
        nonlocal request, plain, read
        if request:
            data, request = request, None
            socket.send(data)
        if plain and RECVMMSG not in sys.modules:
            count = next(vectors)
            data, ends = socket.waiting(count)
            if len(ends) == count:
                plain -= 1
            else:
                plain, read = 0, no_reader
            return (data, ends) if ends else None
        read = read or many(socket, vectors)
        return read()
    return next_read


def many(socket, vectors):
    """The function that reads through recvmmsg, where there is one."""
    module = ready_for_many()
    return module and module.reader(socket.socket.fileno(), vectors, SEGMENT) or no_reader


def ready_for_many():
    """The module of recvmmsg, imported now: better while the kernel walks through its tables.  None without ctypes."""
    try:
        from . import recvmmsg
        return recvmmsg
    except ImportError:
        return None


def no_reader():
    """Where there is no recvmmsg: nothing is read ahead."""
    return None


class Ahead:
    """(data, ends) that a thread reads by ``read`` until ``answer`` is done or it reads None.

    A dump has its next datagram ready before the last one is taken, so the thread never blocks in a
    read.  It waits where it is ``limit`` bytes ahead, so that memory does not grow with the dump.  It ends
    before the iteration does, however that ends: the next dump's datagrams are not for it.  A ``read`` that may
    wait brings ``wake``, which makes it return.  ``started`` is False where no more threads are allowed: nothing is read then.
    """

    def __init__(self, answer, read, limit=AHEAD, wake=None):
        self.answer = answer
        self.read = read
        self.limit = limit
        self.wake = wake
        self.queue = []
        self.stopped = False
        self.added = self.removed = 0           # bytes; the one is the thread's to write, the other the reader's
        self.ready, self.space, self.ended = [_thread.allocate_lock() for _ in range(3)]
        for lock in (self.ready, self.space, self.ended):
            lock.acquire()
        try:
            _thread.start_new_thread(self.run, ())
            self.started = True
        except RuntimeError:
            self.started = False
            self.ended.release()
            self.queue.append(None)

    def run(self):
        """Fill the queue; None, or an exception, is the last that goes into it."""
        item = ()
        while item.__class__ is tuple and not self.stopped:
            try:
                item = self.read()
            except Exception as error:
                item = error
            if item.__class__ is tuple:
                self.added += len(item[0])
            self.queue.append(item)
            if self.ready.locked():
                self.ready.release()
            while self.added - self.removed >= self.limit and not self.stopped:
                self.space.acquire()
        self.ended.release()

    def __iter__(self):
        try:
            while not self.answer.done:
                while not self.queue:
                    self.ready.acquire()
                item = self.queue.pop(0)
                if item.__class__ is tuple:
                    self.removed += len(item[0])
                if self.space.locked():
                    self.space.release()
                if item is None:
                    return
                if item.__class__ is not tuple:
                    raise item
                yield item
        finally:
            self.close()

    def close(self):
        """End the thread, and wait until it has ended."""
        self.stopped = True
        if self.space.locked():
            self.space.release()
        if self.wake:
            self.wake()
        if not sys.is_finalizing():         # no thread gets on any more then
            self.ended.acquire()
            self.ended.release()
