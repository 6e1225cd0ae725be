"""A line where a name server does not answer: on a terminal, after a while, once."""
import sys
import threading

import pytest

from ssng.host import Report
from ssng.host.patience import WAITING, Patience
from tests.support.namespaces import Room
from tests.support.terminals import PROGRAM, shown


class Told(Report):
    """On a terminal, or not."""

    def __init__(self, terminal):
        self.messages, self.spoken, self.terminal = [], threading.Event(), terminal
        super().__init__()

    def watched(self):
        return self.terminal

    def warn(self, message):
        self.messages.append(message)
        self.spoken.set()


def test_a_long_look_up_is_told():
    report = Told(True)
    patience = Patience(report, .001)
    with patience:
        assert report.spoken.wait(30)
    with patience:
        pass
    assert report.messages == [WAITING]


def test_not_where_nobody_looks():
    report, before = Told(False), threading.active_count()
    with Patience(report, 0):
        assert not report.spoken.wait(.1)
    assert threading.active_count() == before and not report.messages


def test_an_error_ends_a_look_up():
    patience = Patience(Told(False))
    with pytest.raises(OSError):
        with patience:
            raise OSError
    assert not patience.busy


MAKER = '''
import socket, sys, tempfile
from tests.support.namespaces import hold, isolate, replace_file
isolate()
with tempfile.TemporaryDirectory() as folder:
    replace_file('/etc/resolv.conf', 'nameserver 127.0.0.1\\noptions timeout:2 attempts:1\\n', folder)
    replace_file('/etc/nsswitch.conf', 'hosts: files dns\\n', folder)
    silent = socket.socket(type=socket.SOCK_DGRAM)
    silent.bind(('127.0.0.1', 53))
    one = socket.socket()
    one.bind(('127.0.0.9', 99))
    one.listen(1)
    hold()
'''


@pytest.fixture
def silent_server():
    try:
        room = Room([sys.executable, '-c', MAKER])
    except OSError:
        pytest.skip('cannot make a network namespace (root can)')
    yield room
    room.close()


@pytest.mark.root
@pytest.mark.parametrize('words', [['-tlr'], ['-tan', 'dst', 'nobody.example']], ids=' '.join)
def test_a_server_that_does_not_answer(words, silent_server):
    status, out = shown(PROGRAM + words, enter=silent_server.enter)
    assert out.count(b'ssng: %s' % WAITING.encode()) == 1
