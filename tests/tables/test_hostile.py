"""Messages that lie: every attribute cut at every length, every length field wrong.

They come out as rows, or as one error with the table's name: never another exception, never after a long wait.
"""
import json
import random
import socket
import struct
import time

import pytest

from ssng.host import Host
from ssng.errors import Failure
from ssng.kernel.exchange import Refused, Request, read
from ssng.kernel.netlink import Kernel
from ssng.output.text import visible_columns
from ssng.sources.dump import Dump
from ssng.tables.table import JsonView, TextView
from tests.kernel.test_messages import rows
from tests.support.rendered import asking, declared
from tests.support.sources import Replayed, Report
from tests.support.wire import NESTED, attribute, done, inet, message

EVERYTHING = dict(options=True, extended=True, memory=True, info=True, tos=True, cgroup=True, sockopt=True)
WRONG = (0, 1, 3, 4, 5, 0xffff)


def u32(*values):
    return struct.pack('=%dI' % len(values), *values)


def children(*pairs):
    return b''.join(attribute(*pair) for pair in pairs)


TLS = children((1, u32(0x304)[:2]), (2, u32(51)[:2]), (3, u32(2)[:2]), (4, u32(1)[:2]), (5, b''), (6, b''), (7, u32(9)[:2]))
MPTCP = children((1, u32(1)), (2, u32(2)), (3, u32(3)), (4, bytes(8)), (5, u32(5)), (6, u32(6)), (7, u32(7)[:2]), (8, u32(0x1ff)),
                 (9, b'\1'), (10, b'\2'))
KEY = struct.pack('=BBH', 10, 128, 80) + bytes(16) + b'k, \\\xff' * 16

# All that TCP may carry, with values that show.
ATTRIBUTES = [
    (1, u32(1, 2, 3, 4)), (2, bytes(range(1, 256)) + bytes(25)), (3, u32(1, 2, 3, 4)), (4, b'cubic\0'), (5, b'\1'), (6, b'\2'),
    (7, u32(*range(9))), (8, b'\3'), (9, u32(1, 2, 3, 4)), (10, b'\6'), (11, b'\1'), (12, bytes(20)), (13, bytes(20)),
    (15, u32(7)), (16, u32(1, 2, 3, 4, 5)), (17, u32(6)), (18, KEY + KEY), (20, bytes(40)), (21, bytes(8)), (22, b'\xff\xff'),
    (19 | NESTED, children((1, b'tls\0'), (2 | NESTED, TLS), (3 | NESTED, MPTCP))),
]


class Cgroups:
    """So that no test walks /sys/fs/cgroup."""

    def path(self, number):
        return '/%x' % number


def host():
    made = Host(report=Report())
    made.cgroups = Cgroups()
    return made


@pytest.fixture(autouse=True)
def quiet():
    """No time without end: the whole module has ten seconds, each test three."""
    began = time.time()
    yield
    assert time.time() - began < 10


VIEWS = {}


def views(name):
    """The text and the JSON of everything, and the text on one line."""
    if name not in VIEWS:
        table, query, other = declared(name), asking((name,), **EVERYTHING), asking((name,), oneline=True, **EVERYTHING)
        VIEWS[name] = (TextView(table, query, host(), None, visible_columns(query)),
                       TextView(table, other, host(), None, visible_columns(other)),
                       JsonView(table, query, host(), None))
    return VIEWS[name]


def come_out(datagrams, name='tcp'):
    """How many sockets are told; -1 for an error."""
    text, oneline, objects = views(name)
    count = 0
    try:
        for batch in Dump(declared(name), asking((name,)), host(), Replayed(datagrams + [done()], [done()])):
            count += batch.count
            for view in (text, oneline):
                for column in view.rows(batch):
                    assert len(column) == batch.count
                    assert not any('\n\n' in str(cell).strip('\n') for cell in column)
            for made in objects.rows(batch):
                assert json.loads(made)['family']
    except Failure as failure:
        assert failure.message.startswith(name + ': ')
        return -1
    return count


def with_values(values):
    return inet(10, 10, attributes=values)


@pytest.mark.parametrize('at', range(len(ATTRIBUTES)), ids=[str(number & 0xff) for number, _ in ATTRIBUTES])
def test_every_attribute_cut_at_every_length(at):
    """The attribute says how long it is: shorter than the structure, or empty."""
    number, value = ATTRIBUTES[at]
    cut = [with_values(ATTRIBUTES[:at] + [(number, value[:length])] + ATTRIBUTES[at + 1:]) for length in range(len(value) + 1)]
    assert come_out([message(one) for one in cut]) == len(cut)
    last = [with_values([(number, value[:length])]) for length in range(len(value) + 1)]
    assert come_out([b''.join(map(message, last))]) == len(last)


def lies(payload, start):
    """The payload with one length field of an attribute set to something else, for each of both."""
    while start + 4 <= len(payload):
        length, = struct.unpack_from('=H', payload, start)
        for said in WRONG + (length - 1, length + 1, length + 4):
            yield payload[:start] + struct.pack('=H', said) + payload[start + 2:]
        start += (length + 3) // 4 * 4


def test_every_length_of_an_attribute():
    honest = with_values(ATTRIBUTES)
    lying = list(lies(honest, 72))
    assert len(lying) == 9 * len(ATTRIBUTES)
    assert come_out([message(one) for one in lying]) == len(lying)
    assert come_out([message(honest) + message(one) + message(honest) for one in lying[::7]]) == 3 * len(lying[::7])


@pytest.mark.parametrize('nested', [TLS, MPTCP], ids=['tls', 'mptcp'])
def test_every_length_inside_a_nested_attribute(nested):
    lying = list(lies(nested, 0)) + [nested[:cut] for cut in range(len(nested))]
    for number in (2, 3):
        payloads = [with_values([(19, children((1, b'name\0'), (number, value)))]) for value in lying]
        assert come_out([b''.join(map(message, payloads))]) == len(payloads)
    whole = ATTRIBUTES[-1][1]
    payloads = [with_values([(19, value)]) for value in list(lies(whole, 0)) + [whole[:cut] for cut in range(len(whole))]]
    assert come_out([b''.join(map(message, payloads))]) == len(payloads)


def test_every_length_of_a_message():
    """The length in the netlink header: an error, or (where it says less than there is) still one."""
    payload = with_values(ATTRIBUTES)
    real = 16 + len(payload)
    for said in WRONG + (15, 16, 17, 87, 88, 91, real - 4, real - 1, real + 1, real + 4):
        for before, behind in (([], []), ([payload], []), ([], [payload]), ([payload], [payload])):
            datagram = b''.join(map(message, before)) + message(payload, length=said) + b''.join(map(message, behind))
            told = come_out([datagram])
            assert told == -1 or said == real - 1 or 88 <= said < real
    assert come_out([message(payload)]) == 1


def test_a_message_cut_anywhere():
    """Cut by a datagram's end it is an error; cut with a length that says so, a row or an error."""
    payload = with_values(ATTRIBUTES)
    for cut in range(0, len(payload), 3):
        assert come_out([message(payload)[:16 + cut]]) == -1
        assert come_out([message(payload[:cut])]) == (1 if cut > 68 else -1)


@pytest.mark.parametrize('place', [0, 1, 2, 3])
def test_every_value_of_the_first_bytes(place):
    """Family, state, timer, retransmissions: whatever they say."""
    payloads = [bytearray(with_values(ATTRIBUTES[:9])) for _ in range(256)]
    for value, payload in enumerate(payloads):
        payload[place] = value
    assert come_out([b''.join(map(message, map(bytes, payloads)))]) == 256


@pytest.mark.parametrize('name', ['tcp', 'udp', 'raw', 'mptcp', 'sctp', 'dccp'])
def test_random_bytes(name):
    """Noise behind an honest head, and noise everywhere."""
    chance = random.Random(name)
    for round in range(40):
        payloads = []
        for _ in range(chance.randint(1, 20)):
            noise = bytes(bytearray(chance.choice((0, 4, 8, chance.randrange(256))) for _ in range(4 * chance.randrange(40))))
            head = inet(chance.choice((2, 10))) if round % 2 else bytes(chance.randrange(256) for _ in range(72))
            payloads.append(head + noise)
        assert come_out([b''.join(map(message, payloads))], name) == len(payloads)


def test_flipped_bits():
    """One bit of a datagram is wrong: rows or an error."""
    chance, outcomes = random.Random(7), set()
    honest = b''.join(message(with_values(chance.sample(ATTRIBUTES, 5))) for _ in range(3))
    for _ in range(150):
        wrong = bytearray(honest)
        wrong[chance.randrange(len(wrong))] ^= 1 << chance.randrange(8)
        outcomes.add(come_out([bytes(wrong)]))
    assert {-1, 3} <= outcomes <= {-1, 0, 1, 2, 3}


def test_what_this_kernel_says():
    """A dump of this very host, its sockets cut the same way."""
    held = [socket.socket(family) for family in (socket.AF_INET, socket.AF_INET6) for _ in range(2)]
    try:
        for one in held:
            one.bind(('', 0))
            one.listen(1)
    except OSError as error:
        pytest.skip('no sockets here: %s' % error)
    payloads = []
    for family in (2, 10):
        request = Request(struct.pack('=BBBBI', family, 6, 0x7f, 0, 0x400) + bytes(48))
        try:
            payloads += [row for some in read(Kernel().ask(request), rows) for row in some]
        except Refused as refused:
            pytest.skip('no sockets here: %s' % refused)
    for one in held:
        one.close()
    if len(payloads) < 4:
        pytest.skip('the kernel lists no TCP sockets here')
    for payload in payloads[:3]:
        lying = list(lies(payload, 72))
        assert come_out([b''.join(map(message, lying))]) == len(lying)
        for cut in range(0, len(payload), 5):
            assert come_out([message(payload[:cut])]) == (1 if cut > 68 else -1)
