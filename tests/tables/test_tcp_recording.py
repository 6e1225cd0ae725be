"""TCPDIAG_FILE: the TCP table out of a file (command-line.md 9.3)."""
import errno
import os
import struct

import pytest

from ssng import host
from ssng.kernel.abi.inet_diag import inet_diag_msg
from ssng.kernel.columns import member
from ssng.tables import tcp, udp
from tests.support.rendered import asking
from tests.support.wire import ERROR, attribute, done, inet, message

SPORT = member(inet_diag_msg, 'id.idiag_sport')
SOCKETS = message(inet(sport=1)) + message(inet(10, sport=2, attributes=[(8, b'\0')])) + message(inet(sport=3, state=14))


@pytest.fixture
def replayed(monkeypatch, tmp_path, capsys):
    """A function: the ports that these bytes hold, and what is written to stderr."""
    monkeypatch.setattr(host, '_said', set())

    def replay(data, **sets):
        path = tmp_path / 'recording'
        path.write_bytes(data)
        monkeypatch.setenv('TCPDIAG_FILE', str(path))
        query = asking(('tcp',))
        for name, value in sets.items():
            setattr(query, name, value)
        ports = [port for batch in tcp.TABLE.batches(query) for port in batch.values(SPORT)]
        return ports, capsys.readouterr().err
    return replay


def test_the_first_dump(replayed):
    """All sockets, whatever the states and families asked for; what follows the first end is not read (command-line.md 9.3)."""
    assert replayed(SOCKETS + done() + message(inet(sport=9)) + done()) == ([1, 2, 3], '')
    assert replayed(SOCKETS + done(), states=1 << 10) == ([1, 2, 3], '')
    assert replayed(SOCKETS + done(), families=frozenset((10,))) == ([1, 2, 3], '')


@pytest.mark.parametrize('tail, words', [
    (b'', 'ends before the dump does'), (b'\x50', 'middle of a message'), (message(inet())[:-4], 'middle of a message'),
    (message(struct.pack('=i', -errno.EACCES) + message(b''), ERROR), os.strerror(errno.EACCES)),
    (done(-errno.EOPNOTSUPP, attribute(1, b'no such thing\0')), 'no such thing')])
def test_what_came_before_is_kept(replayed, tail, words):
    """One line that names the file; the sockets in front of the trouble are shown."""
    ports, said = replayed(SOCKETS + tail)
    assert ports == [1, 2, 3]
    assert said.count('\n') == 1 and said.startswith('ssng: ') and words in said and 'recording' in said


def test_nonsense(replayed):
    for data in (message(inet(), length=7), message(inet()[:40]) + done(), os.urandom(64)[:3]):
        ports, said = replayed(data)
        assert ports == [] and said.startswith('ssng: ')


def test_bytes_that_are_no_attribute(replayed):
    ports, said = replayed(message(inet(sport=5) + attribute(4, b'cubic\0', 99)) + done())
    assert ports == [5] and said.startswith('ssng: tcp: ')


def test_no_file(monkeypatch, capsys):
    monkeypatch.setattr(host, '_said', set())
    monkeypatch.setenv('TCPDIAG_FILE', '/nonexistent/file')
    assert list(tcp.TABLE.batches(asking(('tcp',)))) == []
    assert os.strerror(errno.ENOENT) in capsys.readouterr().err


def test_other_tables_do_not_look(monkeypatch):
    monkeypatch.setenv('TCPDIAG_FILE', '/nonexistent/file')
    monkeypatch.setenv('PROC_NET_UDP', os.devnull)
    monkeypatch.setenv('PROC_NET_UDP6', os.devnull)
    assert list(udp.TABLE.batches(asking(('udp',)))) == []
