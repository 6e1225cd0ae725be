"""Datagrams in: from the kernel, and from stand-ins for it that misbehave."""
import _thread
import errno
import os
import random
import socket
import struct
import subprocess
import sys
import time

import pytest

from ssng.kernel import netlink, recvmmsg
from ssng.kernel.abi.netlink import NETLINK_SOCK_DIAG
from ssng.kernel.exchange import Refused, Request, read
from tests.kernel.test_messages import rows
from tests.support.namespaces import ROOT
from tests.support.wire import PID, SEQ, attribute, done, inet, message

SO_COOKIE = 57
TCP_TABLE = struct.pack('=BBBBI', 2, 6, 0, 0, 0xffffffff) + bytes(48)


class Kernel:
    """What a netlink socket object does, on one end of a pair: the sender is the kernel unless told otherwise."""

    def __init__(self, end, senders=(), answers=None):
        self.end = end
        self.senders = list(senders)
        self.answers = answers          # a function from a request to what is sent for it
        self.recv_into, self.fileno = end.recv_into, end.fileno

    def sendto(self, request, address):
        assert address == (0, 0)
        self.answers(request)

    def close(self):
        """It is the test's."""

    def recvfrom_into(self, buffer, size=0, flags=0):
        return self.end.recv_into(buffer, size, flags), (self.senders.pop(0) if self.senders else 0, 0)


def over(end, **more):
    """An ssng Socket that reads from one end of a pair."""
    made = netlink.Socket.__new__(netlink.Socket)
    made.socket, made.pid, made.buffer = Kernel(end, **more), PID, bytearray(netlink.SEGMENT)
    return made


def asked(made, large=False, ahead=False):
    """The Reply to a request that is sent through a Socket; what answers it is there already, unless it has ``answers``."""
    made.socket.answers = made.socket.answers or (lambda request: None)
    return netlink.Received(made, Request(TCP_TABLE, [(1, b'program.')], large=large, ahead=ahead), kept=True)


def read_all(made, **more):
    """All payloads that come as the answer to a request."""
    reply, found = asked(made, **more), []
    for data, ends in reply:
        assert ends[-1:] == (len(data),) or list(ends[-1:]) == [len(data)]
        found += rows(reply.answer.feed(data, ends))
    reply.close()
    assert reply.answer.done
    return found


# The way of a whole dump: some plain reads, then the thread, then plain reads again if need be.

@pytest.mark.parametrize('count', [0, 1, 2, 3, 4, 5, 33, 35, 36, 150])
@pytest.mark.parametrize('appended', [False, True], ids=['end alone', 'end appended'])
def test_dump(pair, count, appended):
    sockets = [inet(sport=i, attributes=[(4, bytes(i % 7))]) for i in range(3 * count)]
    datagrams = [b''.join(map(message, sockets[i:i + 3])) for i in range(0, len(sockets), 3)]
    if appended and datagrams:
        datagrams[-1] += done()
    else:
        datagrams.append(done())
    for datagram in datagrams:
        pair[1].send(datagram)
    assert read_all(over(pair[0])) == sockets


@pytest.mark.parametrize('pause', [0, .002])
def test_a_source_that_pauses(pair, pause):
    """Nothing waits for a moment: read on, until the end has been seen."""
    sockets = [inet(sport=i) for i in range(40)]

    def send():
        for i, one in enumerate(sockets):
            pair[1].send(message(one))
            if i % 9 == 8:
                time.sleep(pause)
        pair[1].send(done())
    _thread.start_new_thread(send, ())
    assert read_all(over(pair[0])) == sockets


def test_two_dumps_on_one_socket(pair):
    """The first dump's thread takes nothing of the second."""
    made = over(pair[0])
    for dump in range(30):
        sockets = [inet(sport=i, dport=dump) for i in range(random.Random(dump).choice((5, 40)))]
        for one in sockets:
            pair[1].send(message(one))
        pair[1].send(done())
        assert read_all(made) == sockets


@pytest.mark.parametrize('size', [32768, 32772, 100000])
def test_large_messages(pair, size):
    sockets = [inet(attributes=[(20, bytes([i]) * 200)]) for i in range(5)]
    sockets.insert(3, inet() + bytes(size - 88))
    for one in sockets:
        pair[1].send(message(one))
    pair[1].send(done())
    assert read_all(over(pair[0]), large=True) == sockets


def test_truncation_is_an_error(pair):
    """A datagram longer than any dump's, where none was expected: not a socket less, but an error."""
    for _ in range(5):
        pair[1].send(message(inet()))
    pair[1].send(message(inet() + bytes(40000)))
    with pytest.raises(Refused) as caught:
        read_all(over(pair[0]))
    assert caught.value.errno == errno.EMSGSIZE


def test_what_waits_already(pair):
    """Of the kernel alone, so many at most; a datagram longer than any dump's is an error here, too."""
    made = over(pair[0], senders=[0, 7, 0, 0])
    for data in (b'one', b'a stranger', b'three', b'four', bytes(netlink.SEGMENT), bytes(netlink.SEGMENT + 1)):
        pair[1].send(data)
    assert made.waiting(2) == (b'onethree', [3, 8])
    assert made.waiting(2) == (b'four' + bytes(netlink.SEGMENT), [4, 4 + netlink.SEGMENT])
    with pytest.raises(OSError) as caught:
        made.waiting(2)
    assert caught.value.errno == errno.EMSGSIZE
    assert made.waiting(2) == (b'', [])


@pytest.fixture(params=['threads', 'no threads', 'no recvmmsg', 'not imported'])
def host(request, monkeypatch):
    """A host that allows no more threads, one whose libc is old, one that has all; one where few sockets are expected."""
    def refuse(*args):
        raise RuntimeError("can't start new thread")
    if request.param == 'no threads':
        monkeypatch.setattr(netlink._thread, 'start_new_thread', refuse)
    if request.param == 'no recvmmsg':
        monkeypatch.setattr(recvmmsg, 'CDLL', lambda *args, **more: object())
    if request.param == 'not imported':
        monkeypatch.setattr(netlink, 'RECVMMSG', 'ssng.kernel.none')


@pytest.mark.parametrize('count', [0, 2, 40])
def test_other_hosts(pair, host, count):
    test_dump(pair, count, False)


@pytest.mark.parametrize('count', [0, 1, 5, 33, 70, 130])
@pytest.mark.parametrize('large', [False, True])
def test_asked_ahead(pair, host, count, large):
    """The request is sent once, as command-line.md 5.2 has it, and the answer is whole, whoever reads it."""
    requests, sockets = [], [inet(sport=i) for i in range(count)]

    def answer(request):
        requests.append(request)
        for one in sockets:
            pair[1].send(message(one))
        pair[1].send(done())
    made = over(pair[0], answers=answer)
    for dump in range(2):
        reply = asked(made, large, True)
        time.sleep(.002 * dump)
        found = []
        for data, ends in reply:
            found += rows(reply.answer.feed(data, ends))
        reply.close()
        assert found == sockets and reply.answer.done
        assert requests == [message(TCP_TABLE + attribute(1, b'program.'), 20, 0x301, SEQ, 0)] * (dump + 1)


def test_a_request_that_cannot_be_sent(pair):
    """Ahead or not, the caller hears of it."""
    def refuse(request):
        raise OSError(errno.ENOBUFS, 'No buffer space available')
    for ahead in (False, True):
        made = over(pair[0], answers=refuse)
        with pytest.raises(Refused):
            list(netlink.asked(Request(TCP_TABLE, ahead=ahead), lambda made=made: made))


# The thread and its queue.

BLOCK = netlink.AHEAD // 4


class Source:
    """In place of recvmmsg.reader: blocks of more than BLOCK bytes, and how long to wait for each.

    None at the end, or an error.
    """

    def __init__(self, count, wait=lambda i: 0, last=None):
        self.count, self.wait, self.last, self.calls = count, wait, last, 0

    def __call__(self):
        time.sleep(self.wait(self.calls))
        self.calls += 1
        if self.calls <= self.count:
            return b'%d' % self.calls + b' ' * BLOCK, [1]
        if isinstance(self.last, Exception):
            raise self.last
        return self.last


class Told:
    """An answer that knows nothing of what it is told."""

    done = False

    def closed_by(self, data, ends):
        return False


def ahead(answer, source):
    return iter(netlink.Ahead(answer, source))


SPEEDS = [
    ('both at once', lambda i: 0, lambda i: 0, 3000),
    ('slow reader', lambda i: .0005 if i % 8 == 0 else 0, lambda i: 0, 800),
    ('slow consumer', lambda i: 0, lambda i: .0005 if i % 8 == 0 else 0, 800),
    ('in turn', lambda i: .003 if i // 40 % 2 else 0, lambda i: 0 if i // 40 % 2 else .003, 160),
]


@pytest.mark.parametrize('reading, consuming, count', [speed[1:] for speed in SPEEDS], ids=[speed[0] for speed in SPEEDS])
def test_queue(reading, consuming, count):
    """Every block once, in order, whoever is faster; and the reader never far ahead."""
    source, found = Source(count, reading), []
    for i, (data, _) in enumerate(ahead(Told(), source)):
        found.append(int(data))
        assert source.calls <= len(found) + netlink.AHEAD // BLOCK + 1
        if consuming(i):
            time.sleep(consuming(i))
    assert found == list(range(1, count + 1))


@pytest.mark.parametrize('consumed', [1, 2, 4, 5, 30])
@pytest.mark.parametrize('wait', [0, .002])
def test_a_consumer_that_stops(consumed, wait):
    """The thread has ended when the generator has been closed, and reads nothing any more."""
    source = Source(10 ** 9, lambda i: wait)
    blocks = ahead(Told(), source)
    for _ in range(consumed):
        next(blocks)
    time.sleep(.005)
    blocks.close()
    calls = source.calls
    time.sleep(.01)
    assert source.calls == calls


DIES = '''
from tests.kernel.test_netlink import Source, Told, ahead
blocks = ahead(Told(), Source(10 ** 9))
next(blocks)
raise SystemError("in the middle")
'''


def test_a_consumer_that_dies():
    """The program ends, though the thread cannot any more."""
    answer = subprocess.run([sys.executable, '-c', DIES], cwd=ROOT, stderr=subprocess.PIPE, timeout=20)
    assert answer.returncode == 1 and b'in the middle' in answer.stderr


@pytest.mark.parametrize('wait', [0, .02])
def test_the_end_of_the_answer(wait):
    """Once the answer is done nobody reads: the next dump's datagrams are on their way."""
    source, answer = Source(10 ** 9, lambda i: wait if i >= 3 else 0), Told()
    blocks = ahead(answer, source)
    for _ in range(3):
        next(blocks)
    answer.done = True
    assert next(blocks, 'over') == 'over'
    calls = source.calls
    time.sleep(3 * wait)
    assert source.calls == calls


@pytest.mark.parametrize('error', [OSError(errno.ENOBUFS, 'No buffer space available'), MemoryError()], ids=repr)
@pytest.mark.parametrize('before', [0, 1, 4, 20])
def test_errors_reach_the_consumer(error, before):
    """After the blocks that were read, whatever the error is: silence would be a hang."""
    source, found = Source(before, last=error), []
    with pytest.raises(type(error)) as caught:
        for data, _ in ahead(Told(), source):
            found.append(int(data))
    assert caught.value is error
    assert found == list(range(1, before + 1))


def test_strangers_between_the_kernels_datagrams(pair):
    for i in range(3):
        pair[1].send(message(inet(sport=i)))
    pair[1].send(done())
    made = over(pair[0], senders=[0, 7, 0])
    assert read_all(made) == [inet(sport=0), inet(sport=2)]


# The kernel.

@pytest.fixture
def diag():
    """A function from a request to (payloads, Refused or None)."""
    kernel = netlink.Kernel().kept()

    def ask(*request):
        found = []
        try:
            for some in read(kernel.ask(Request(*request)), rows):
                found += some
        except Refused as refused:
            if not refused.asked:
                pytest.skip(str(refused))
            return found, refused
        return found, None
    yield ask
    kernel.close()


def test_the_real_thing(diag):
    """Our own listeners are in the dump, each once, under the cookies that the kernel gives them."""
    held = [socket.socket() for _ in range(3)]
    for one in held:
        one.bind(('127.0.0.1', 0))
        one.listen(1)
    for _ in range(3):
        payloads, refused = diag(TCP_TABLE)
        cookies = [row[44:52] for row in payloads]
        if refused:
            pytest.skip('no TCP table here: %s' % refused)
        for one in held:
            assert cookies.count(one.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8)) == 1
    for one in held:
        one.close()


def test_refusal_comes_with_words(diag):
    """An unknown family is an error, not a silence; so is a program that the kernel cannot read."""
    payloads, refused = diag(b'\xfe' + TCP_TABLE[1:])
    assert payloads == [] and refused.errno in (errno.EINVAL, errno.ENOENT)
    payloads, refused = diag(TCP_TABLE, [(1, b'\xff\xff\xff\xff')])
    assert payloads == [] and refused.errno == errno.EINVAL


def test_our_socket():
    """As ss makes it (command-line.md 5.2): its size, and a port id of the kernel's choice."""
    try:
        made = netlink.Socket()
    except OSError as error:
        pytest.skip('no netlink here: %s' % error)
    assert made.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= min(1 << 20, read_limit())
    assert made.pid == made.socket.getsockname()[0] != 0
    assert not os.get_inheritable(made.socket.fileno())
    assert NETLINK_SOCK_DIAG == 4
    made.close()


def read_limit():
    with open('/proc/sys/net/core/rmem_max') as stream:
        return int(stream.read())
