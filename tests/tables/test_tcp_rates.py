"""Rates of TCP connections, of messages made by hand; where the counters lie is what linux/tcp.h says."""
import struct

import pytest

from ssng.catalogue import Reader, resolve, words_for
from ssng.host import Host
from tests.support.rendered import batches, declared
from tests.support.wire import inet

INFO = 2
RETRANS, RECEIVED, OUT, IN, SENT = 100, 128, 136, 140, 200     # offsets in struct tcp_info
NAMES = ['rate.bytes_sent', 'rate.bytes_received', 'rate.segs_out', 'rate.segs_in', 'rate.retrans']


def info(sent=0, received=0, out=0, into=0, retrans=0, size=232):
    data = bytearray(232)
    for form, offset, value in (('I', RETRANS, retrans), ('Q', RECEIVED, received), ('I', OUT, out), ('I', IN, into),
                                ('Q', SENT, sent)):
        struct.pack_into('=' + form, data, offset, value)
    return bytes(data[:size])


class Looks:
    """Values of a fact for some sockets, look by look; ``seconds`` apart."""

    def __init__(self, seconds=2.0):
        self.host, self.seconds, self.time = Host().again(), seconds, 0

    def look(self, *sockets):
        """``sockets``: (cookie, payload of INFO or None)"""
        self.host.rates.begin(self.time)
        self.time += self.seconds
        rows = [inet(cookie=cookie, attributes=[] if payload is None else [(INFO, payload)]) for cookie, payload in sockets]
        table, found = declared('tcp'), {name: [] for name in NAMES}
        for batch in batches(rows, table):
            for name in NAMES:
                found[name] += Reader(table, self.host).values(batch, name)
        return found


def test_growth_a_second():
    looks = Looks(2.0)
    assert looks.look((7, info(1000, 50, 3, 4, 0)))['rate.bytes_sent'] == [None]
    found = looks.look((7, info(5001, 50, 6, 14, 1)))
    assert [found[name] for name in NAMES] == [[2000], [0], [1.5], [5.0], [.5]]


def test_cookies_and_not_addresses():
    """Another socket of the same four numbers, and one whose counters are smaller, as of a socket that came anew."""
    looks = Looks()
    looks.look((7, info(sent=10 ** 6)), (8, info(sent=5)))
    found = looks.look((9, info(sent=2 * 10 ** 6)), (8, info(sent=7)))
    assert found['rate.bytes_sent'] == [None, 1]


def test_counters_of_32_bits_turn_over():
    looks = Looks(1.0)
    looks.look((7, info(out=2 ** 32 - 10, retrans=2 ** 32 - 1)))
    found = looks.look((7, info(out=5, retrans=0)))
    assert found['rate.segs_out'] == [15.0] and found['rate.retrans'] == [1.0]


def test_kernels_that_tell_less():
    """Before 4.19 there is no bytes_sent, before 4.1 none of them; a TIME-WAIT tells nothing; one that learns is no harm."""
    looks = Looks(1.0)
    for _ in '12':
        found = looks.look((7, info(received=9, size=192)), (8, info(size=104)), (9, None), (10, info()))
    assert found['rate.bytes_sent'] == [None, None, None, 0]
    assert found['rate.bytes_received'] == [0, None, None, 0]
    looks.look((7, info(size=192)))
    assert looks.look((7, info()))['rate.bytes_sent'] == [None]


def test_any_of_them_keeps_all():
    """A filter that reads one has prepared the column of another."""
    host, table = Host().again(), declared('tcp')
    for time, name in ((1, 'rate.segs_in'), (2, 'rate.bytes_sent')):
        host.rates.begin(time)
        batch, = batches([inet(cookie=7, attributes=[(INFO, info(sent=time * 100))])], table)
        found = Reader(table, host).values(batch, name)
    assert found == [100]


@pytest.mark.parametrize('name', NAMES)
def test_as_facts(name):
    """They are fetched with the information of TCP, no option shows them, and short forms mean what they did."""
    entry = resolve(name)
    assert entry.named and entry.option == '' and words_for([name]) == {'rates'} and 'tcp' in entry.tables
    assert resolve(name.partition('.')[2]).name != name
    assert entry.kind.name == ('rate' if 'bytes' in name else 'number')


def test_what_was_fetched_for_them_is_not_printed():
    """-m tells what there is of -i too (sockets.md 4.1), but nothing that is there for the rates."""
    from tests.support.rendered import details
    rows = [inet(attributes=[(INFO, info(sent=5)), (7, bytes(36))])]
    assert 'bytes_sent' not in details(rows, 'tcp', memory=True, needed=frozenset(['rates']))[0]
    assert 'bytes_sent' in details(rows, 'tcp', memory=True)[0]
