"""Columns against a decoder that takes message by message apart with struct."""
import ctypes
import random
import struct
import sys

import pytest

from ssng.kernel.abi import inet_diag, tcp
from ssng.kernel.columns import batch, bits, member, payload, scalar, words
from ssng.kernel.messages import Answer, Malformed
from tests.support.layouts import content
from tests.support.wire import NESTED, attribute, inet, joined, message

LITTLE = sys.byteorder == 'little'
BE16, BE32 = ctypes.c_uint16.__ctype_be__, ctypes.c_uint32.__ctype_be__

# A member of a random structure: its ctypes, its struct code (alignment is that of the code), what unpacks it.
KINDS = [
    (ctypes.c_uint8, 'B', None), (ctypes.c_uint16, 'H', None), (ctypes.c_uint32, 'I', None), (ctypes.c_uint64, 'Q', None),
    (ctypes.c_int8, 'b', None), (ctypes.c_int16, 'h', None), (ctypes.c_int32, 'i', None),
    (BE16, 'H', '>H'), (BE32, 'I', '>I'), (BE32 * 4, 'I', '16s'), (ctypes.c_uint8 * 5, 'B', '5s'),
]


class Declared:
    """A random structure: as ctypes, and as struct formats by name."""

    def __init__(self, chance, first=()):
        fields, self.formats, self.bits, end = list(first), {}, {}, 0
        for name, _ in first:
            self.formats[name] = (end, 'B')
            end += 1
        for index in range(chance.randint(1, 8)):
            kind, code, form = chance.choice(KINDS)
            name = 'm%d' % index
            fields.append((name, kind))
            end = struct.calcsize('@%ds0%s' % (end, code))
            self.formats[name] = (end, form or '=' + code)
            end += ctypes.sizeof(kind)
        if chance.random() < .5:
            end = self.bit_fields(chance, fields, end)
        fields.append(('last', ctypes.c_uint32))            # so that the size is a multiple of 4
        self.formats['last'] = (struct.calcsize('@%ds0I' % end), '=I')
        self.struct = type('declared', (ctypes.Structure,), {'_fields_': fields})
        self.size = ctypes.sizeof(self.struct)

    def bit_fields(self, chance, fields, end):
        kind, code = chance.choice(((ctypes.c_uint8, 'B'), (ctypes.c_uint32, 'I')))
        whole, used = 8 * ctypes.sizeof(kind), 0
        start = struct.calcsize('@%ds0%s' % (end, code))
        if start != end:        # C puts bits into the gap, and so does ctypes since 3.14
            fields.append(('filler', ctypes.c_uint8 * (start - end)))
        while used < whole and chance.random() < .9:
            width = chance.randint(1, whole - used)
            name = 'bits%d' % used
            fields.append((name, kind, width))
            self.formats[name] = (start, '=' + code)
            self.bits[name] = (used if LITTLE else whole - used - width, (1 << width) - 1)
            used += width
        return start + ctypes.sizeof(kind) if used else end

    def values(self, data):
        """{member: value} of the structure in these bytes."""
        found = {}
        for name, (start, form) in self.formats.items():
            value, = struct.unpack_from(form, data.ljust(self.size, b'\0'), start)
            if name in self.bits:
                shift, mask = self.bits[name]
                value = value >> shift & mask
            found[name] = value
        return found


@pytest.mark.parametrize('name, value', [('low', 5), ('high', 0x1ffffffe), ('plain', -2)])
def test_as_signed(name, value):
    """A plain member has a sign then; a bit field stays the bits that it is."""
    class Both(ctypes.Structure):
        _fields_ = [('low', ctypes.c_uint32, 3), ('high', ctypes.c_uint32, 29), ('plain', ctypes.c_uint32)]
    data = content(Both(5, 0x1ffffffe, 0xfffffffe))
    asked = member(Both, name).as_signed()
    assert list(batched([data] * 3, len(data)).values(asked)) == [value] * 3
    assert asked.decoded(data[asked.offset:asked.offset + asked.size]) == value


def walk(data):
    """The attributes of sockets.md 1.1: {number without the nested flag: value}, the first of each."""
    found = {}
    while len(data) >= 4:
        length, number = struct.unpack('=HH', data[:4])
        if not 4 <= length <= len(data):
            break
        found.setdefault(number & ~NESTED, data[4:length])
        data = data[(length + 3) // 4 * 4:]
    return found


def batched(payloads, fixed, datagrams=1):
    size = -(-len(payloads) // datagrams)
    block = Answer().feed(*joined([b''.join(map(message, payloads[start:start + size]))
                                   for start in range(0, len(payloads), size)]))
    assert block.count == len(payloads)
    return batch(block, fixed)


def random_bytes(chance, size):
    """Now and then zeros, so that high words are unset."""
    if chance.random() < .4:
        return bytes(size)
    return bytes(bytearray(chance.choice((0, 0, 0x7f, 0x80, 0xff, chance.randrange(256))) for _ in range(size)))


def random_payloads(chance, head, carried, shapes):
    """Messages of some shapes, interleaved; ``carried`` are structures by the number of their attribute."""
    layouts = []
    for _ in range(shapes):
        numbers = [number for number in carried if chance.random() < .8]
        numbers += [chance.choice(list(carried) + [40]) for _ in range(chance.randrange(2))]
        chance.shuffle(numbers)
        layouts.append([(number | chance.choice((0, 0, NESTED)), chance.randrange(carried[number].size + 5)
                         if number in carried and chance.random() < .4 else getattr(carried.get(number), 'size', 6))
                        for number in numbers])
    runs = chance.random() < .3
    made = []
    for index in range(chance.randint(1, 60)):
        layout = layouts[index * shapes // 60] if runs else chance.choice(layouts)
        made.append(bytes([2]) + random_bytes(chance, head.size - 1) + b''.join(
            attribute(number, random_bytes(chance, size)) for number, size in layout))
    return made


@pytest.mark.parametrize('seed', range(150))
def test_random_structures(seed):
    chance = random.Random(seed)
    head = Declared(chance, [('family', ctypes.c_uint8)])
    carried = {number: Declared(chance) for number in chance.sample(range(1, 30), chance.randint(1, 5))}
    payloads = random_payloads(chance, head, carried, chance.choice((1, 1, 2, 3, 6)))
    if chance.random() < .3:
        payloads = [bytes([chance.choice((2, 10))]) + one[1:] for one in payloads]
    whole = batched(payloads, head.size, chance.randint(1, 4))
    check(whole, payloads, head, carried)

    flags = [chance.random() < .6 for _ in payloads]
    flags[chance.randrange(len(flags))] = True
    some = whole.kept(flags)
    payloads = [one for one, flag in zip(payloads, flags) if flag]
    check(some, payloads, head, carried)

    flags = [True] + [chance.choice((0, 1, 0, '')) for _ in payloads[1:]]
    check(some.kept(flags), [one for one, flag in zip(payloads, flags) if flag], head, carried)


def check(whole, payloads, head, carried):
    assert whole.count == len(payloads)
    decoded = [head.values(one) for one in payloads]
    for name in head.formats:
        assert whole.values(member(head.struct, name)) == column([row[name] for row in decoded]), name
    values = [walk(one[head.size:]) for one in payloads]
    for number, declared in carried.items():
        rows = [declared.values(row[number]) if number in row else None for row in values]
        for name in declared.formats:
            it = member(declared.struct, name, number)
            assert whole.values(it, 'none') == column([row[name] if row else 'none' for row in rows]), name
            assert whole.values(member(declared.struct, name, number, missing=99)) == column(
                [row[name] if row else 99 for row in rows])
        assert whole.values(payload(number, 'all')) == column([row.get(number) for row in values])
        short = [int.from_bytes(row[number][:2].ljust(2, b'\0'), sys.byteorder) if number in row else None for row in values]
        assert whole.values(scalar(number, 'short', 2)) == column(short)


def test_same():
    """The one value of a group is told only where all messages have it."""
    chance, counts = random.Random(9), {True: 0, False: 0}
    for _ in range(300):
        head, carried = Declared(chance, [('family', ctypes.c_uint8)]), Declared(chance)
        size = chance.choice((carried.size, chance.randrange(carried.size + 1)))
        first = bytearray(bytes([2]) + random_bytes(chance, head.size - 1) + attribute(1, random_bytes(chance, size)))
        rows = [bytearray(first) for _ in range(chance.randint(1, 5))]
        for _ in range(chance.randrange(4)):
            place = chance.choice([at for at in range(1, head.size + 4 + size) if not head.size <= at < head.size + 4])
            chance.choice(rows)[place] ^= 1 << chance.randrange(8)
        group, = batched(list(map(bytes, rows)), head.size).groups
        for it in ([member(head.struct, name) for name in head.formats] + [payload(1, 'all'), scalar(1, 'byte', 1)]
                   + [member(carried.struct, name, 1) for name in carried.formats]):
            values, same = group.values(it), group.same(it)
            alike = values.count(values[0]) == len(values)
            assert same == values[0] if same is not None else not alike or it.bits or it.size not in (1, 2, 4, 8)
            counts[same is None] += 1
        assert group.same(payload(2, 'other')) is None
        assert group.same(scalar(2, 'other', 1, missing=6)) == 6
    assert min(counts.values()) > 300, counts


class column(list):
    """Equal to a tuple too: an order restored gives one."""

    def __eq__(self, other):
        return list(self) == list(other)


# sockets.md 1.4, typed from there: member, offset, struct code.
INFO = [('state', 0, 'B'), ('options', 5, 'B'), ('rto', 8, 'I'), ('last_ack_recv', 56, 'I'), ('snd_cwnd', 80, 'I'),
        ('total_retrans', 100, 'I'), ('pacing_rate', 104, 'Q'), ('max_pacing_rate', 112, 'Q'), ('bytes_acked', 120, 'Q'),
        ('segs_out', 136, 'I'), ('min_rtt', 148, 'I'), ('delivery_rate', 160, 'Q'), ('sndbuf_limited', 184, 'Q'),
        ('delivered_ce', 196, 'I'), ('bytes_retrans', 208, 'Q'), ('rehash', 236, 'I'), ('total_rto', 240, 'H'),
        ('total_rto_recoveries', 242, 'H'), ('received_ce_bytes', 272, 'I')]
NIBBLES = [('snd_wscale', 6, 0), ('rcv_wscale', 6, 4)]


def info_payloads(lengths):
    chance = random.Random(3)
    return [inet(sport=length, attributes=[(2, bytes(bytearray(chance.randrange(256) for _ in range(length))))])
            for length in lengths]


def check_info(whole, payloads):
    """Each member zero-extended, and told to be there only where all of it is (sockets.md 1.4)."""
    bodies = [walk(one[72:])[2] for one in payloads]
    long = [body.ljust(280, b'\0') for body in bodies]
    for name, start, code in INFO:
        it = member(tcp.tcp_info, 'tcpi_' + name, inet_diag.INET_DIAG_INFO)
        assert whole.values(it) == column([struct.unpack_from('=' + code, body, start)[0] for body in long]), name
        assert there(whole, it) == column([len(body) >= start + struct.calcsize(code) for body in bodies]), name
    for name, start, shift in NIBBLES:
        it = member(tcp.tcp_info, 'tcpi_' + name, inet_diag.INET_DIAG_INFO)
        assert whole.values(it) == column([body[start] >> (shift if LITTLE else 4 - shift) & 15 for body in long])
    assert whole.values(payload(inet_diag.INET_DIAG_INFO, 'info')) == column(bodies)
    assert whole.values(member(inet_diag.inet_diag_msg, 'id.idiag_sport')) == column(map(len, bodies))


def there(whole, it):
    return whole.ordered([[group.has(it, whole=True)] * group.count for group in whole.groups])


def test_info_of_every_length():
    lengths = list(range(301)) * 2
    random.Random(4).shuffle(lengths)
    payloads = info_payloads(lengths)
    check_info(batched(payloads, 72), payloads)
    for length in range(0, 301, 7):
        payloads = info_payloads([length] * 3)
        check_info(batched(payloads, 72), payloads)


def test_an_empty_attribute_at_the_end():
    """A place where nothing is: as many cells as messages all the same."""
    for payloads in ([inet(attributes=[(4, b'')])] * 3, [inet(attributes=[(4, b'')]), inet()] * 2):
        whole = batched(payloads, 72)
        assert whole.values(payload(4, 'name')) == column([walk(one[72:]).get(4) for one in payloads])
        assert whole.values(scalar(4, 'byte', 1), 5) == column([0 if walk(one[72:]) else 5 for one in payloads])
        for group in whole.groups:
            assert len(group.values(payload(4, 'name')) or group.slices(0, 1)) == group.count
            assert group.same(payload(4, 'name')) == (b'' if 4 in group.attributes else None)


def test_equal_lengths_of_different_attributes():
    """Messages of one length whose attributes differ in number, length, flag or order."""
    lists = [[(1, b'a'), (2, b'12345')], [(1, b'12345'), (2, b'a')], [(2, b'a'), (1, b'12345')], [(1, b'ab'), (2, b'1234567')],
             [(1, b'a'), (3, b'12345')], [(1 | NESTED, b'a'), (2, b'12345')], [(1 | 0x4000, b'a'), (2, b'12345')],
             [(1, b''), (2, b''), (4, b'1234')], [(1, b'0123456789abc')], [(1, b'x'), (1, b'12345')]]
    chance = random.Random(6)
    payloads = [inet(sport=i, attributes=chance.choice(lists)) for i in range(200)]
    payloads = [one for one in payloads if len(one) == 72 + 20]
    assert len(set(one[72:] for one in payloads)) >= 8
    whole = batched(payloads, 72)
    for number in (1, 2, 3, 4, 0x4001):
        assert whole.values(payload(number, 'it')) == column([walk(one[72:]).get(number) for one in payloads])
    assert whole.values(member(inet_diag.inet_diag_msg, 'id.idiag_sport')) == column(
        [struct.unpack_from('>H', one, 4)[0] for one in payloads])


@pytest.mark.parametrize('said', [0, 1, 3, 15, 0xffff])
@pytest.mark.parametrize('place', range(3))
def test_lying_attributes(said, place):
    """What stands before the lie is told; what follows it is not; neighbours are not touched."""
    def liar(value):
        return inet(attributes=()) + b''.join(
            attribute(number, bytes([value]) * 4, said if number == place + 1 else None) for number in (1, 2, 3))
    honest = [inet(attributes=[(number, b'good') for number in (1, 2, 3)])]
    for payloads in ([liar(1), liar(2)], honest + [liar(1)], [liar(1)] + honest * 2 + [liar(2)]):
        whole = batched(payloads, 72)
        values = [walk(one[72:]) for one in payloads]
        for number in (1, 2, 3):
            assert whole.values(payload(number, 'it')) == column([row.get(number) for row in values])
        ragged = whole.ordered([[group.ragged] * group.count for group in whole.groups])
        assert ragged == column([one not in honest and said != 15 or said == 15 and place == 2 and one not in honest
                                 for one in payloads])


def test_bytes_left_over():
    """One to three bytes at the end are no attribute, and told."""
    payloads = [inet(attributes=[(1, b'good')]) + attribute(2, b'')[:4] + b'\xff\xff\0\0', inet(attributes=[(1, b'good')])]
    whole = batched(payloads, 72)
    assert sorted((group.ragged, group.count) for group in whole.groups) == [(False, 1), (True, 1)]
    assert whole.values(payload(1, 'it')) == column([b'good', b'good'])


@pytest.mark.parametrize('size', [0, 4, 68, 71])
def test_too_short(size):
    for payloads in ([inet()[:size]], [inet()[:size]] * 2, [inet(), inet()[:size]], [inet()[:size], inet(), inet()[:68]]):
        if size == 71:                          # padding makes it 72: what lies there is zero or the kernel's own
            assert batched(payloads[:1], 72).count == 1
            continue
        with pytest.raises(Malformed):
            batched(payloads, 72)


@pytest.mark.parametrize('cookie', [0, 1, 0xffffffff, 1 << 32, 0x123456789abcdef0, (1 << 64) - 1])
def test_words(cookie):
    """The low word comes first, whatever the byte order (sockets.md 1.3)."""
    whole = batched([inet(cookie=cookie), inet(cookie=7)], 72)
    assert whole.values(words(inet_diag.inet_diag_msg, 'id.idiag_cookie')) == column([cookie, 7])


@pytest.mark.parametrize('shift, mask', [(0, 0xffff), (16, 0xff), (20, 0xfff), (31, 1), (0, 0xffffffff)])
def test_bits(shift, mask):
    """Some bits of a member are an integer without a sign; the member itself stays whole."""
    whole = scalar(5, 'packed', 4)
    part = bits(whole, shift, mask)
    values = [0, 1, 0x12345678, 0x80000000, 0xffffffff]
    for some in (values, [0xfff00001] * 3):
        group, = batched([inet(attributes=[(5, struct.pack('=I', value))]) for value in some], 72).groups
        assert group.values(part) == [value >> shift & mask for value in some]
        assert group.same(part) == (some[0] >> shift & mask if len(set(some)) == 1 else None)
        assert group.values(whole) == some


def test_raw_columns():
    """Words, halves and slices are in host byte order, as they lie there."""
    chance = random.Random(8)
    payloads = [inet(src=random_bytes(chance, 16), dst=random_bytes(chance, 16)) for _ in range(20)]
    for rows in (payloads, [one for one in payloads for one in (one, one + attribute(1, b'1234'))]):
        for group in batched(rows, 72).groups:
            bodies = [group.data[start:start + 16] for start in range(group.base + 8, len(group.data), group.stride)]
            place = group.place(member(inet_diag.inet_diag_msg, 'id.idiag_src'))[0]
            assert group.slices(place, 16) == bodies
            assert list(zip(*group.words(place, 4))) == [struct.unpack('=4I', body) for body in bodies]
            assert set(bodies) <= {one[8:24] for one in payloads}


def test_many_shapes_end():
    """As many shapes as messages: slow is allowed, for ever is not."""
    payloads = [inet(sport=i, attributes=[(i % 1000 + 1, b'ab'), (i // 1000 + 1, bytes(4))]) for i in range(3000)]
    whole = batched(payloads, 72)
    assert whole.values(member(inet_diag.inet_diag_msg, 'id.idiag_sport')) == column(range(3000))
