"""Addresses, a column at a time, against libc and the rules of sockets.md 3.3, one at a time."""
import random
import socket

import pytest

from ssng import render
from ssng.fields import Manner
from ssng.host import Host
from ssng.kernel.abi import inet_diag
from ssng.kernel.columns import batch, member, scalar
from ssng.kernel.messages import Answer
from ssng.query import Style
from ssng.tables.addresses import AddressFact, Addresses, bare, displayed, numeric, plain, shown
from tests.support.wire import inet, joined, message

SOURCE = member(inet_diag.inet_diag_msg, 'id.idiag_src')
V6ONLY = scalar(inet_diag.INET_DIAG_SKV6ONLY, 'v6only', 1, missing=0)
ANY6 = bytes(16)


def expected(family, address, v6only):
    if family == 2:
        return socket.inet_ntop(socket.AF_INET, address[:4])
    if address == ANY6 and not v6only:
        return '*'
    return '[%s]' % of_glibc(address)


def of_glibc(address):
    """The text of inet_ntop(3); musl knows no ::1.2.3.4."""
    if len(address) == 16 and not any(address[:12]) and any(address[12:14]):
        return '::%d.%d.%d.%d' % tuple(address[12:])
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


# sockets.md 3.3 and command-line.md 7.2: family, address, v6only (None: not told), text.
TEXTS = [
    (2, '0.0.0.0', None, '0.0.0.0'), (2, '127.0.0.1', None, '127.0.0.1'), (2, '255.255.255.255', 1, '255.255.255.255'),
    (2, '0.0.0.0', 1, '0.0.0.0'),
    (10, '::', None, '*'), (10, '::', 0, '*'), (10, '::', 1, '[::]'), (10, '::', 2, '[::]'),
    (10, '::1', None, '[::1]'), (10, '::1', 1, '[::1]'), (10, '::ffff:10.0.0.1', 0, '[::ffff:10.0.0.1]'),
    (10, '::1.2.3.4', 0, '[::1.2.3.4]'), (10, '2001:db8:0:0:1::', 0, '[2001:db8:0:0:1::]'),
    (10, 'fe80::1', 0, '[fe80::1]'), (10, '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', 0,
                                      '[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]'),
]


def packed(family, text):
    return socket.inet_pton(socket.AF_INET if family == 2 else socket.AF_INET6, text)


def cells(rows, addresses):
    """The cells of (family, address, v6only) rows, in order."""
    payloads = [inet(family, src=address, attributes=[] if v6only is None else [(11, bytes([v6only]))])
                for family, address, v6only in rows]
    whole = batch(Answer().feed(*joined([b''.join(map(message, payloads))])), 72)
    return list(whole.ordered([addresses.cells(group) for group in whole.groups]))


@pytest.mark.parametrize('family, address, v6only, text', TEXTS)
def test_texts(family, address, v6only, text):
    row = (family, packed(family, address), v6only)
    for count in (1, 2, 200):
        assert cells([row] * count, Addresses(SOURCE, V6ONLY)) == [text + ':'] * count
    assert displayed(row[1], v6only or 0) == text
    assert numeric(row[1]) == text.strip('[]').replace('*', '::')


def test_all_together():
    """Every kind beside every other, in any order; the same object for column after column."""
    addresses, chance = Addresses(SOURCE, V6ONLY, before='<', after='>'), random.Random(1)
    for _ in range(20):
        chosen = [chance.choice(TEXTS) for _ in range(chance.randint(1, 100))]
        made = cells([(family, packed(family, address), v6only) for family, address, v6only, _ in chosen], addresses)
        assert made == ['<%s>' % text for *_, text in chosen]


def column(chance, count, size, varying):
    """Addresses whose bytes at `varying` differ from row to row, the others not."""
    base = bytearray(chance.randrange(256) for _ in range(size))
    if chance.random() < .3:
        base = bytearray(size)
    made = []
    for _ in range(count):
        for at in varying:
            base[at] = chance.randrange(256)
        made.append(bytes(base))
    return made


@pytest.mark.parametrize('count', [1, 3, 64, 65, 129, 500])
@pytest.mark.parametrize('varying', [(), (3,), (0,), (1, 2), (0, 1, 2, 3)], ids=str)
def test_random_inet(count, varying):
    chance = random.Random(count)
    addresses = Addresses(SOURCE, V6ONLY)
    for _ in range(3):
        rows = [(2, address, None) for address in column(chance, count, 4, varying)]
        assert cells(rows, addresses) == [expected(*row) + ':' for row in rows]
        made = cells(rows, Addresses(SOURCE, V6ONLY, plain, '"a":"', '"'))
        assert made == ['"a":"%s"' % expected(*row) for row in rows]


@pytest.mark.parametrize('count', [1, 3, 65, 129, 500])
@pytest.mark.parametrize('varying', [(), (15,), (0,), (12, 13, 14, 15), (3, 4), (0, 5, 10, 15), tuple(range(16))], ids=str)
@pytest.mark.parametrize('v6only', [None, 0, 1, 'mixed'])
def test_random_inet6(count, varying, v6only):
    chance = random.Random(count)
    addresses = Addresses(SOURCE, V6ONLY)
    for _ in range(2):
        rows = [(10, address if chance.random() < .9 else ANY6, chance.choice((0, 1)) if v6only == 'mixed' else v6only)
                for address in column(chance, count, 16, varying)]
        assert cells(rows, addresses) == [expected(*row) + ':' for row in rows]


def test_many_prefixes():
    """More different sets of fixed words than are remembered."""
    addresses, chance = Addresses(SOURCE, V6ONLY), random.Random(2)
    for _ in range(200):
        rows = [(10, address, None) for address in column(chance, 3, 16, (15,))]
        assert cells(rows, addresses) == [expected(*row) + ':' for row in rows]


def test_memos_stay_small(monkeypatch):
    """However many prefixes, and however many hosts behind each: together no more texts are kept than one memo may have."""
    monkeypatch.setattr(render, 'MEMO_LIMIT', 500)
    addresses, chance, most, numbers = Addresses(SOURCE, V6ONLY), random.Random(5), 0, 0
    for _ in range(300):
        rows = [(10, address, chance.choice((None, 0, 1)))
                for address in column(chance, 40, 16, chance.choice(((15,), (3,), (14, 15), (2, 15))))]
        assert cells(rows, addresses) == [expected(*row) + ':' for row in rows]
        memos = addresses._memos._memos
        most, numbers = max(most, sum(map(len, memos.values()))), max(numbers, len(memos))
    assert 250 < most <= 500 + 3 * 40 and numbers <= render.MEMOS + 3     # what one column adds, of three kinds of rows


def test_inet_that_vary_keep_nothing():
    """By their octets: 100,000 different ones leave no memo behind."""
    addresses, chance = Addresses(SOURCE, V6ONLY), random.Random(6)
    for _ in range(5):
        rows = [(2, address, None) for address in column(chance, 2000, 4, (0, 1, 2, 3))]
        assert cells(rows, addresses) == [expected(*row) + ':' for row in rows]
    assert not addresses._memos._memos


# Names of hosts (command-line.md 7.2)

class Names:
    """Names by address, and what was asked."""

    def __init__(self, known):
        self.known, self.asked = known, []

    def host(self, address):
        self.asked.append(address)
        return self.known.get(address, '')


def resolving(names, **style):
    host = Host()
    host.names = names
    return Manner(frozenset(), Style(resolve=True, **style), host)


def test_resolved():
    """A name where there is one, without brackets; mapped addresses as IPv4; the any-address of IPv6 never asked."""
    names = Names({packed(2, '192.0.2.1'): 'four.example', packed(10, '2001:db8::1'): 'six.example', bytes(4): 'any.example'})
    manner = resolving(names)
    rows = [(2, '192.0.2.1', None, 'four.example'), (2, '192.0.2.2', None, '192.0.2.2'), (2, '0.0.0.0', None, 'any.example'),
            (10, '2001:db8::1', 0, 'six.example'), (10, '2001:db8::2', 0, '[2001:db8::2]'),
            (10, '::ffff:192.0.2.1', 0, 'four.example'), (10, '::ffff:192.0.2.2', 0, '[::ffff:192.0.2.2]'),
            (10, '::', 0, '*'), (10, '::', 1, '[::]')]
    made = cells([(family, packed(family, address), v6only) for family, address, v6only, _ in rows],
                 Addresses(SOURCE, V6ONLY, shown(manner)))
    assert made == [text + ':' for *_, text in rows]
    assert ANY6 not in names.asked
    chance = random.Random(3)
    many = [(2, address, None) for address in column(chance, 300, 4, (0, 1, 2, 3))] + [(2, packed(2, '192.0.2.1'), None)]
    found = cells(many, Addresses(SOURCE, V6ONLY, shown(manner)))
    assert found == [expected(*row) + ':' for row in many[:-1]] + ['four.example:']
    assert shown(Manner(frozenset(), Style(), None)) is displayed


def test_names_that_steer_a_terminal():
    """Whoever keeps the reverse zone of an address may choose its name."""
    names = Names({bytes((1, 2, 3, 4)): 'a\x1b[2J\xff.example'})
    rows = [(2, bytes((1, 2, 3, 4)), None)]
    for escape, name in (False, 'a\x1b[2J\xff.example'), (True, 'a\\x1b[2J\\xff.example'):
        manner = resolving(names, escape=escape)
        assert cells(rows, Addresses(SOURCE, V6ONLY, shown(manner))) == [name + ':']
        assert bare(manner)(bytes((1, 2, 3, 4))) == name


def test_bare():
    """Without brackets and stars, as in MD5 keys."""
    manner = resolving(Names({packed(10, '2001:db8::1'): 'six.example'}))
    assert [bare(manner)(packed(10, text)) for text in ('2001:db8::1', '2001:db8::2', '::')] == [
        'six.example', '2001:db8::2', '::']
    assert bare(Manner(frozenset(), Style(), None)) is numeric


# The fact

def test_fact():
    """The address as inet_ntop(3) has it, in JSON and in the column: no brackets, no star, whatever v6only says."""
    fact, chance = AddressFact('local.address', SOURCE, V6ONLY, 'an address'), random.Random(8)
    pair = fact.pair(None)
    assert (pair.key, pair.certain) == ('address', True)
    for family, address in [(2, '0.0.0.0'), (2, '10.1.2.3'), (10, '::'), (10, 'fe80::1'), (10, '::ffff:10.0.0.1')]:
        for v6only in (None, 0, 1):
            assert told(fact, pair, [(family, packed(family, address), v6only)]) == [address]
    for family, size in ((2, 4), (10, 16)):
        many = [(family, address, None) for address in column(chance, 300, size, (1, size - 1))]
        assert told(fact, pair, many) == [of_glibc(row[1]) for row in many]


def told(fact, pair, rows):
    payloads = [inet(family, src=address, attributes=[] if v6only is None else [(11, bytes([v6only]))])
                for family, address, v6only in rows]
    group, = batch(Answer().feed(*joined([b''.join(map(message, payloads))])), 72).groups
    assert pair.applies(group)
    for comma in ('', ','):
        made = render.Rows()
        pair.add(made, group, comma)
        found = list(fact.column(group))
        assert made.joined(group.count) == ['%s"address":"%s"' % (comma, text) for text in found]
    return found
