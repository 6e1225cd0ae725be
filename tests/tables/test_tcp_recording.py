"""TCPDIAG_FILE: the TCP table out of a file (command-line.md 9.3)."""
import errno
import os
import struct

import pytest

from ssng.host import Host
from ssng.kernel.abi.inet_diag import inet_diag_msg
from ssng.kernel.columns import member
from ssng.sources.dump import Dump
from ssng.tables import tcp, udp
from tests.support.rendered import asking
from tests.support.sources import Replayed, Report
from tests.support.wire import ERROR, attribute, done, inet, message

SPORT = member(inet_diag_msg, 'id.idiag_sport')
SOCKETS = message(inet(sport=1)) + message(inet(10, sport=2, attributes=[(8, b'\0')])) + message(inet(sport=3, state=14))


def dumped(table, query):
    """(ports, what is told); nobody asks the kernel."""
    report = Report()
    dump = Dump(table, query, Host(report=report), Replayed()).ahead()
    try:
        return [port for batch in dump for port in batch.values(SPORT)], report.lines
    finally:
        dump.close()


@pytest.fixture
def replayed(monkeypatch, tmp_path):
    """A function: the ports that these bytes hold, and what is told."""
    def replay(data, **sets):
        path = tmp_path / 'recording'
        path.write_bytes(data)
        monkeypatch.setenv('TCPDIAG_FILE', str(path))
        query = asking(('tcp',))
        for name, value in sets.items():
            setattr(query.selection, name, value)
        return dumped(tcp.TABLE, query)
    return replay


def test_the_first_dump(replayed):
    """All sockets, whatever the states and families asked for; what follows the first end is not read (command-line.md 9.3)."""
    assert replayed(SOCKETS + done() + message(inet(sport=9)) + done()) == ([1, 2, 3], [])
    assert replayed(SOCKETS + done(), states=1 << 10) == ([1, 2, 3], [])
    assert replayed(SOCKETS + done(), families=frozenset((10,))) == ([1, 2, 3], [])


@pytest.mark.parametrize('tail, words', [
    (b'', 'ends before the dump does'), (b'\x50', 'middle of a message'), (message(inet())[:-4], 'middle of a message'),
    (message(struct.pack('=i', -errno.EACCES) + message(b''), ERROR), os.strerror(errno.EACCES)),
    (done(-2 ** 31), 'Unknown error'), (done(-errno.EOPNOTSUPP, attribute(1, b'no such thing\0')), 'no such thing')])
def test_what_came_before_is_kept(replayed, tail, words):
    """One line that names the file; the sockets in front of the trouble are shown."""
    ports, (line,) = replayed(SOCKETS + tail)
    assert ports == [1, 2, 3]
    assert line.startswith('TCPDIAG_FILE ') and words in line and 'recording' in line


def test_nonsense(replayed):
    for data in (message(inet(), length=7), message(inet()[:40]) + done(), os.urandom(64)[:3]):
        ports, (line,) = replayed(data)
        assert ports == [] and line.startswith('TCPDIAG_FILE ')


def test_bytes_that_are_no_attribute(replayed):
    ports, (line,) = replayed(message(inet(sport=5) + attribute(4, b'cubic\0', 99)) + done())
    assert ports == [5] and line.startswith('tcp: ')


def test_no_file(monkeypatch):
    monkeypatch.setenv('TCPDIAG_FILE', '/nonexistent/file')
    assert dumped(tcp.TABLE, asking(('tcp',))) == ([], ['TCPDIAG_FILE /nonexistent/file: ' + os.strerror(errno.ENOENT)])


def test_other_tables_do_not_look(monkeypatch):
    monkeypatch.setenv('TCPDIAG_FILE', '/nonexistent/file')
    monkeypatch.setenv('PROC_NET_UDP', os.devnull)
    monkeypatch.setenv('PROC_NET_UDP6', os.devnull)
    assert dumped(udp.TABLE, asking(('udp',))) == ([], [])
