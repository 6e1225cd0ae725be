"""recvmmsg(2): datagrams joined, and what it says when it cannot."""
import ctypes
import errno
import os

import pytest

from ssng.kernel import netlink, recvmmsg
from ssng.kernel.messages import Answer
from tests.kernel.test_netlink import test_dump as whole_dump
from tests.support.wire import SEQ, inet, message

NETLINK_USERSOCK = 2            # of which every process may write to every other


@pytest.mark.parametrize('sizes', [[5], [20, 0, 7], list(range(1, 40)), [64, 64, 64]])
def test_reader(pair, sizes):
    """Up to 8 datagrams of up to 64 bytes: joined, with their ends; nothing when nothing waits."""
    read = recvmmsg.reader(pair[0].fileno(), [8], 64)
    datagrams = [bytes([size]) * size for size in sizes if size]
    for datagram in datagrams:
        pair[1].send(datagram)
    for start in range(0, len(datagrams), 8):
        data, ends = read()
        mine = datagrams[start:start + 8]
        assert data == b''.join(mine)
        assert ends == [sum(map(len, mine[:i + 1])) for i in range(len(mine))]
    assert read() is None


def test_reader_truncation(pair):
    pair[1].send(bytes(65))
    with pytest.raises(OSError) as caught:
        recvmmsg.reader(pair[0].fileno(), [8], 64)()
    assert caught.value.errno == errno.EMSGSIZE


@pytest.fixture
def failing(monkeypatch):
    """A function: recvmmsg fails with these errors, 0 for none, before it works."""
    real = ctypes.CDLL(None, use_errno=True)

    def fail(*errors):
        left = list(errors)

        class Library:
            @staticmethod
            def recvmmsg(*args):
                error = left.pop(0) if left else 0
                if error:
                    ctypes.set_errno(error)
                    return -1
                return real.recvmmsg(*args)
        monkeypatch.setattr(recvmmsg, 'CDLL', lambda *args, **more: Library)
        return left
    return fail


def test_reader_interrupted(pair, failing):
    """EINTR is no error, however often."""
    left = failing(*[errno.EINTR] * 5)
    pair[1].send(b'data')
    assert recvmmsg.reader(pair[0].fileno(), [8], 64)() == (b'data', [4])
    assert not left


@pytest.mark.parametrize('number', [errno.ENOBUFS, errno.EBADF, errno.ENOMEM])
def test_reader_fails(pair, failing, number):
    """It has worked: this is no refusal of the call."""
    failing(0, errno.EINTR, number)
    pair[1].send(b'data')
    read = recvmmsg.reader(pair[0].fileno(), [8], 64)
    assert read() == (b'data', [4])
    with pytest.raises(OSError) as caught:
        read()
    assert caught.value.errno == number
    assert caught.value.strerror == os.strerror(number)


def test_what_is_told_only_once(pair, failing):
    """Datagrams are lost: whoever reads otherwise would not hear of it."""
    failing(errno.ENOBUFS)
    with pytest.raises(OSError):
        recvmmsg.reader(pair[0].fileno(), [8], 64)()


@pytest.mark.parametrize('number', [
    errno.EAGAIN, errno.ENOSYS, errno.EPERM, errno.EACCES, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOMEM, errno.EFAULT])
def test_reader_refused(pair, failing, number):
    """An old kernel, or a sandbox that knows only recvmsg: there are other ways to read."""
    failing(*[number] * 9)
    whole_dump(pair, 40, False)
    assert recvmmsg.reader(pair[0].fileno(), [8], 64)() is None


# Other processes.

def usersock():
    try:
        return netlink.Socket(NETLINK_USERSOCK)
    except OSError as error:
        pytest.skip('no netlink sockets between processes: %s' % error)


def test_only_the_kernel_is_heard():
    """Another process writes to our port id: neither way of reading hands it over (command-line.md 5.4)."""
    ours, other = usersock(), usersock()
    for _ in range(5):
        other.socket.sendto(message(inet(), pid=ours.pid), (ours.pid, 0))
    data, ends = recvmmsg.reader(ours.socket.fileno(), [3], 4096)()
    assert (data, ends) == (b'', [])
    assert Answer(SEQ, ours.pid).feed(data, ends) is None
    ours.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.receive()
    ours.close()
    other.close()
