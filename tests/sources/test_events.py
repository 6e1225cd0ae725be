"""-E: sockets as they end, in their order, whatever else is told; a flood of them; and nothing more to tell."""
import errno
import os

import pytest

from ssng.errors import Failure
from ssng.host import Host
from ssng.kernel.abi.inet_diag import inet_diag_msg
from ssng.kernel.columns import member
from ssng.kernel.exchange import Refused
from ssng.sources.events import events, listened
from ssng.tables import ended
from tests.filter.support import tree
from tests.support.rendered import asking
from tests.support.sources import Overflow, Replayed, Report
from tests.support.wire import attribute, done, inet, message

SPORT = member(inet_diag_msg, 'id.idiag_sport')
PROTOCOL = 10


def event(port, protocol=6, family=2):
    return message(inet(family, 7, sport=port, attributes=[(PROTOCOL, bytes([protocol]))]), seq=0, pid=0, flags=0)


def told(datagrams, tables=('tcp', 'udp'), text=None, families=(2, 10), report=None):
    """([(table's name, port)] of all events, the Failure that ends them, the groups that were joined)"""
    query = asking(tables)
    query.selection.families, query.selection.condition = frozenset(families), text and tree(text)
    kernel, found = Replayed(datagrams), []
    with pytest.raises(Failure) as caught:
        host = Host(report=report)
        for table, batch in events(query, ended(), listened(query, kernel, host.report), host):
            found += [(table.name, port) for port in batch.values(SPORT)]
    assert all(reply.closed for reply in kernel.replies)
    return found, caught.value, kernel.requests


def test_in_their_order():
    """Each with the table of the protocol that it names; one that names none, or another, as TCP's."""
    nameless = message(inet(2, 7, sport=9), seq=0, pid=0, flags=0)
    together = event(4, 17) + event(5, 17) + event(6) + nameless + event(7, 132) + event(8, 17, 10)
    found, _, _ = told([event(1), event(2, 17), event(3), together])
    assert found == [('tcp', 1), ('udp', 2), ('tcp', 3), ('udp', 4), ('udp', 5), ('tcp', 6), ('tcp', 9), ('tcp', 7), ('udp', 8)]


@pytest.mark.parametrize('tables, families, groups', [
    (('tcp',), (2,), 1), (('udp',), (2,), 2), (('tcp',), (10,), 4), (('udp',), (10,), 8), (('tcp', 'udp', 'raw'), (2, 10), 15)])
def test_groups(tables, families, groups):
    """SKNLGRP_INET_TCP_DESTROY is 1, then UDP, then the same of IPv6."""
    assert told([], tables, families=families)[2] == [groups]


def test_nothing_to_listen_to():
    with pytest.raises(Failure):
        listened(asking(('raw',)), Replayed(), Report())


def test_what_is_wanted():
    datagrams = [event(1) + event(2, 17) + event(3, 6, 10), event(4), event(5, 6, 10)]
    assert told(datagrams, families=(10,))[0] == [('tcp', 3), ('tcp', 5)]
    assert told(datagrams, text='sport >= 2 and sport <= 4')[0] == [('udp', 2), ('tcp', 3), ('tcp', 4)]


@pytest.mark.parametrize('text, ports', [
    ('src unix:/run/*', []), ('not src unix:/x', [1, 2, 3]), ('dst unix:* or src netlink:rtnl or sport = 2', [2]),
    ('not dst unix:* and src inet:*', [1, 2]), ('src link:* or src vsock:2', [])])
def test_a_condition_on_another_family_is_false(text, ports):
    datagrams = [event(1) + event(2, 17) + event(3, 6, 10)]
    assert [port for _, port in told(datagrams, text=text)[0]] == ports


@pytest.mark.parametrize('datagram', [event(1)[:-3], event(1)[:60], message(inet()[:60], seq=0, pid=0), b'\1'], ids=range(4))
def test_nonsense(datagram):
    found, failure, _ = told([event(1), datagram, event(2)])
    assert found == [('tcp', 1)] and failure.message.startswith('--events: the kernel sent ') and failure.status == 1


def test_an_end():
    """There is none; so it is said."""
    for end in (done(seq=0, pid=0), done(-2 ** 31, seq=0, pid=0), done(-5, attribute(1, b'x\0'), seq=0, pid=0)):
        found, failure, _ = told([event(1), end])
        assert found == [('tcp', 1)] and failure.message.startswith('--events: ')


def test_reading_fails():
    found, failure, _ = told([event(1), OSError(errno.ENOMEM, '')])
    assert found == [('tcp', 1)]
    assert failure.message == '--events: netlink receive error: ' + os.strerror(errno.ENOMEM)
    _, failure, _ = told([Refused(errno.EPERM, 'no netlink: x', asked=False)])
    assert (failure.message, failure.status) == ('--events: no netlink: x', 255)


def test_an_overflow_is_told():
    report = Report()
    found, _, _ = told([event(1), Overflow, event(2)], report=report)
    assert found == [('tcp', 1), ('tcp', 2)]
    line, = report.lines
    assert line.startswith('--events: ') and 'lost' in line


def test_another_protocol_attribute():
    """Too short to hold one: no protocol is told then."""
    assert told([message(inet(2, 7, sport=1, attributes=[(PROTOCOL, b'')]), seq=0, pid=0)])[0] == [('tcp', 1)]
