"""Events read ahead: in order and whole, told of gaps, woken when it is closed, with or without threads and recvmmsg."""
import errno
import os
import threading
import time

import pytest

from ssng.kernel import multicast, netlink
from tests.kernel.test_netlink import Kernel, host      # noqa: F401, a fixture
from tests.support.wire import inet, message


class Stand:
    """In place of a netlink socket that groups are heard by: one end of a pair."""

    def __init__(self, end):
        self.socket, self.buffer = Kernel(end), bytearray(netlink.SEGMENT)
        self.closed = 0

    receive = netlink.Socket.receive

    def close(self):
        self.closed += 1


@pytest.fixture
def heard(pair, monkeypatch):
    """A function: a Heard that reads from one end of the pair."""
    made = []
    before = len(os.listdir('/proc/self/fd'))

    def hear(lost=lambda: None):
        made.append(multicast.Heard(Stand(pair[0]), lost))
        return made[-1]
    yield hear
    for one in made:
        one.close()
        assert one.socket.closed
    assert len(os.listdir('/proc/self/fd')) == before


def take(each, count):
    """So many datagrams of an iteration."""
    found = []
    while len(found) < count:
        data, ends = next(each)
        found += [data[start:end] for start, end in zip([0] + list(ends[:-1]), ends)]
    return found


@pytest.mark.parametrize('count', [1, 7, 40, 300])
def test_all_in_order(pair, heard, host, count):                # noqa: F811
    sent = [message(inet(sport=i), seq=0, pid=0) for i in range(count)]
    each = iter(heard())
    for start in range(0, count, 50):
        for one in sent[start:start + 50]:
            pair[1].send(one)
        assert take(each, len(sent[start:start + 50])) == sent[start:start + 50]


@pytest.mark.parametrize('used', [None, 0, 1])
def test_closed_while_nothing_comes(pair, heard, used):
    """The thread waits for the next event: it is woken and ends; so does one that was never started, or has just begun."""
    one = heard()
    if used is not None:
        each = iter(one)
        pair[1].send(b'data')
        if used:
            assert take(each, 1) == [b'data']
    one.close()
    one.close()


def test_a_pause_is_no_end(pair, heard):
    each = iter(heard())
    timer = threading.Timer(.05, lambda: pair[1].send(b'late'))
    timer.start()
    assert take(each, 1) == [b'late']
    timer.join()


@pytest.mark.parametrize('failures', [1, 3])
def test_a_gap_is_told_and_it_goes_on(pair, heard, failures):
    told = []
    one = heard(lambda: told.append(len(told)))
    many, left = one.many, [OSError(errno.ENOBUFS, 'No buffer space available')] * failures

    def failing():
        if left:
            raise left.pop()
        return many()
    one.many = failing
    pair[1].send(b'data')
    assert take(iter(one), 1) == [b'data']
    assert 1 <= len(told) <= failures


def test_another_error_ends_it(heard):
    def failing():
        raise OSError(errno.ENOMEM, '')
    one = heard()
    one.many = failing
    with pytest.raises(multicast.Refused):
        next(iter(one))


def test_the_queue_has_an_end(pair, heard, monkeypatch):
    """Who takes nothing fills it; then the kernel's is next."""
    monkeypatch.setattr(multicast, 'QUEUE', 5000)
    one = heard()
    each = iter(one)
    for _ in range(100):
        pair[1].send(bytes(1000))
    next(each)
    time.sleep(.05)
    assert one.reader.added - one.reader.removed <= 5000 + 1000 * multicast.VECTORS[-1]
    assert take(each, 1)[0] == bytes(1000)


def test_the_room_is_as_asked():
    """More than everybody may have, where we are root; else what everybody may have."""
    try:
        made = netlink.Socket(groups=1, room=multicast.ROOM)
    except OSError as error:
        pytest.skip('no netlink here: %s' % error)
    size = made.socket.getsockopt(1, netlink.SO_RCVBUF)
    made.close()
    with open('/proc/sys/net/core/rmem_max') as stream:
        limit = int(stream.read())
    assert size >= min(limit, multicast.ROOM)
    if size < multicast.ROOM and not os.geteuid():
        pytest.skip('root may not enlarge a buffer here')
