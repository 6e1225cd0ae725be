"""Rows made a column at a time against the same rows made one by one."""
import random
import struct
from ctypes import Structure, c_uint8, c_uint32, c_uint64

import pytest

from ssng import render
from ssng.kernel.columns import batch, member, payload, scalar
from ssng.kernel.messages import Answer
from ssng.render import Cells, Part, Section, quotients
from tests.support.wire import attribute, joined, message


class record(Structure):
    """What the messages of these tests hold: a family, a byte, words."""

    _fields_ = [('family', c_uint8), ('flags', c_uint8), ('low', c_uint8, 4), ('high', c_uint8, 4),
                ('first', c_uint32), ('second', c_uint32), ('third', c_uint32), ('long', c_uint64)]


FORM = '=BBBxIIIQ'
NAMES = ('first', 'second', 'third', 'long')


def packed(row):
    return struct.pack(FORM, 2, row['flags'], 0, row['first'], row['second'], row['third'], row['long'])


def group_of(rows, attributes=()):
    """One Group of rows, each with the same attributes but other values (functions of the row)."""
    data = b''.join(message(packed(row) + b''.join(attribute(number, value(row)) for number, value in attributes))
                    for row in rows)
    group, = batch(Answer().feed(*joined([data])), struct.calcsize(FORM)).groups
    assert group.count == len(rows)
    return group


FIRST, SECOND, THIRD, LONG, FLAGS = [member(record, name) for name in ('first', 'second', 'third', 'long', 'flags')]

# How the values of a column come about.
COLUMNS = {
    'same': lambda chance, i: 7,
    'zero': lambda chance, i: 0,
    'few': lambda chance, i: chance.choice((1, 2, 3)),
    'few, some zero': lambda chance, i: chance.choice((0, 0, 5)),
    'all but one': lambda chance, i: 9 if i else 8,
    'last alone': lambda chance, i: 9,
    'many': lambda chance, i: chance.randrange(1 << 32),
    'many, some zero': lambda chance, i: chance.choice((0, chance.randrange(1 << 32))),
    'ascending': lambda chance, i: i + 1,
    'many at last': lambda chance, i: 4 if i < 150 else i,
}


def rows_of(chance, count, kinds):
    rows = [dict({name: COLUMNS[kind](chance, i) for name, kind in zip(NAMES, kinds)}, flags=chance.choice((0, 1)))
            for i in range(count)]
    for name, kind in zip(NAMES, kinds):
        if kind == 'last alone':
            rows[-1][name] = 10
    return rows


def shown(value, hide, text):
    return '' if value in hide else text


# Parts, and the text of a row as the words of Fact and Part promise it.
PARTS = [
    (lambda: Part([(FIRST,)], ' first:%d', (0,)), lambda row: shown(row['first'], (0,), ' first:%d' % row['first'])),
    (lambda: Part([(FIRST,)], ' 100%%:%x'), lambda row: ' 100%%:%x' % row['first']),
    (lambda: Part([(SECOND,)], ' ms:%s', (0, 5), quotients(1000)),
     lambda row: shown(row['second'], (0, 5), ' ms:%g' % (row['second'] / 1000))),
    (lambda: Part([(SECOND, THIRD)], ' pair:%s/%s', (0,), quotients(1000)),
     lambda row: shown(row['second'], (0,), ' pair:%g/%g' % (row['second'] / 1000, row['third'] / 1000))),
    (lambda: Part([(SECOND, THIRD)], ' %d,%d'), lambda row: ' %d,%d' % (row['second'], row['third'])),
    (lambda: Part([(THIRD,)], lambda value: ' odd' if value % 2 else ''), lambda row: ' odd' if row['third'] % 2 else ''),
    (lambda: Part([(FIRST, THIRD, LONG)], lambda a, b, c: ' %d%%' % (a + b + c)),
     lambda row: ' %d%%' % (row['first'] + row['third'] + row['long'])),
    (lambda: Part([(FIRST, THIRD)], ' sum:%d', (0, 5), compute=lambda a, b: [x + y for x, y in zip(a, b)]),
     lambda row: shown(row['first'] + row['third'], (0, 5), ' sum:%d' % (row['first'] + row['third']))),
    (lambda: Part([(LONG,)], ' %d', (0,)), lambda row: shown(row['long'], (0,), ' %d' % row['long'])),
    (lambda: Part([(FLAGS,)], '%d', (0,)), lambda row: shown(row['flags'], (0,), '%d' % row['flags'])),
    (lambda: Cells(lambda group: list(map(str, group.values(FIRST)))), lambda row: str(row['first'])),
    (lambda: ' 5%,%s ', lambda row: ' 5%,%s '),
    (lambda: '', lambda row: ''),
    (lambda: Part([(scalar(9, 'absent', 4),)], ' no:%d'), lambda row: ''),
    (lambda: Part([(scalar(9, 'absent', 4, missing=3),)], ' three:%d'), lambda row: ' three:3'),
    (lambda: Part([(FIRST, scalar(9, 'absent', 4))], ' no:%d/%d'), lambda row: ''),
    (lambda: Part([(scalar(9, 'absent', 4),), (FIRST, scalar(9, 'absent', 4)), (SECOND,), (FIRST,)], ' 2nd:%d', (0,)),
     lambda row: shown(row['second'], (0,), ' 2nd:%d' % row['second'])),
    (lambda: Part([(scalar(9, 'absent', 4),), ()], lambda: ' none'), lambda row: ' none'),
    (lambda: Section(1, [' one', Part([(scalar(1, 'one', 4),)], ':%d', (0,))]),
     lambda row: ' one' + shown(row['third'], (0,), ':%d' % row['third'])),
    (lambda: Section(1, [' never'], unless=True), lambda row: ''),
    (lambda: Section(9, [' never', Part([(FIRST,)], '%d')]), lambda row: ''),
    (lambda: Section(9, [' ever', Section(1, [Part([(FIRST,)], '%d')])], unless=True),
     lambda row: ' ever%d' % row['first']),
    (lambda: Part([(payload(1, 'one'),)], lambda data: ' ' + data.hex()),
     lambda row: ' ' + struct.pack('=I', row['third']).hex()),
]


@pytest.mark.parametrize('kind', sorted(COLUMNS))
@pytest.mark.parametrize('at', range(len(PARTS)))
def test_each_part(at, kind):
    """Alone, between texts, and twice: each with columns of every kind."""
    chance = random.Random(at)
    make, text = PARTS[at]
    for count in (1, 2, 60, 130, 300):
        rows = rows_of(chance, count, [kind] * 4)
        group = group_of(rows, [(1, lambda row: struct.pack('=I', row['third']))])
        assert render.render(group, [make()]) == [text(row) for row in rows]
        part = make()
        for _ in range(2):
            assert render.render(group, ['%d {', part, part, '}']) == ['%d {' + 2 * text(row) + '}' for row in rows]


def test_the_plan():
    """What is pending and what is made behind each part: the example in front of the module."""
    rows = [dict(first=1448, second=10 + i % 2 * 10, third=1000 + i, long=7 * i + 1, flags=1) for i in range(200)]
    group, made = group_of(rows), render.Rows()
    forms = [' segs_out:%d', ' segs_out:%d bytes_acked:%d', ' segs_out:%d bytes_acked:%d app_limited']
    for part, text, form, columns in (
            (' ts', ' ts', '', 0), (Part([(FIRST,)], ' mss:%d', (0,)), ' ts mss:1448', '', 0),
            (Part([(SECOND,)], ' cwnd:%d', (0,)), '', '', 1), (Part([(THIRD,)], ' segs_out:%d', (0,)), '', forms[0], 1),
            (Part([(LONG,)], ' bytes_acked:%d', (0,)), '', forms[1], 1), (' app_limited', '', forms[2], 1)):
        render.add([part], made, group)
        assert (made.text, made.form, len(made.columns)) == (text, form, columns)
    assert made.columns[0][:2] == [' ts mss:1448 cwnd:10', ' ts mss:1448 cwnd:20']
    assert made.joined(200)[1] == ' ts mss:1448 cwnd:20 segs_out:1001 bytes_acked:8 app_limited' and len(made.columns) == 2


@pytest.mark.parametrize('seed', range(250))
def test_random_rows(seed):
    """Parts in any order over columns of any kinds; the same parts for group after group."""
    chance = random.Random(seed)
    chosen = [chance.choice(PARTS) for _ in range(chance.randint(0, 9))]
    parts = [make() for make, _ in chosen]
    for _ in range(3):
        rows = rows_of(chance, chance.choice((1, 2, 40, 140)), [chance.choice(sorted(COLUMNS)) for _ in NAMES])
        group = group_of(rows, [(1, lambda row: struct.pack('=I', row['third']))])
        assert render.render(group, parts) == [''.join(text(row) for _, text in chosen) for row in rows]


def test_short_members():
    """A member that an older kernel sent in part: zero-extended, or where it must be whole not told."""
    for length in range(9):
        rows = rows_of(random.Random(length), 5, ['few'] * 4)
        group = group_of(rows, [(1, lambda row, length=length: struct.pack('=II', 1, 0x01010101)[:length])])
        low, high = member(record, 'first', 1), scalar(1, 'byte', 1)
        assert low.offset == 4
        there = int.from_bytes(bytes([1] * (length - 4)).ljust(4, b'\0'), 'little') if length > 4 else 0
        if struct.pack('=H', 1) == b'\1\0':
            assert render.render(group, [Part([(low,)], '%d')]) == ['%d' % there] * 5
        assert render.render(group, [Part([(low,)], '%d', whole=True)]) == ['%d' % 0x01010101 if length == 8 else ''] * 5
        assert render.render(group, [Part([(high, low)], '%d%d', whole=True)]) == ['116843009' if length == 8 else ''] * 5


def test_memos_stay_small(monkeypatch):
    """A memo forgets rather than grow with the number of sockets, and says the same afterwards."""
    monkeypatch.setattr(render, 'MEMO_LIMIT', 10)
    made = []
    memo = render.Memo(lambda value: made.append(value) or str(value), 10)
    for value in list(range(25)) * 2:
        assert memo[value] == str(value)
        assert len(memo) <= 10
    assert len(made) == 50
    part = Part([(FIRST,)], ' %d')
    for start in range(0, 4000, 40):
        rows = [dict(flags=0, first=start + i % 40, second=0, third=0, long=0) for i in range(160)]
        assert render.render(group_of(rows), ['x%d' % start, part]) == ['x%d %d' % (start, row['first']) for row in rows]
        assert kept(part._memos) <= 10 + 40         # it is known to be full when the next one is asked for


def kept(memos):
    """Texts that are kept in all of them."""
    return sum(map(len, memos._memos.values()))


@pytest.mark.parametrize('varying', ['text in front', 'value that is fixed', 'both'])
def test_all_memos_of_a_part_together_stay_small(varying):
    """However many texts stand in front of it, and however its columns take turns in being the same (MEMO_LIMIT as it is)."""
    part, chance = Part([(FIRST, SECOND)], ' %d/%d'), random.Random(varying)
    most = numbers = 0
    for start in range(250):
        rows = [dict(flags=0, first=start if varying != 'text in front' else 7, second=start * 1000 + i // 3, third=0, long=0)
                for i in range(3000)]
        front = 'x%d' % start if varying != 'value that is fixed' else ''
        made = render.render(group_of(rows), [front, part])
        row = chance.randrange(3000)
        assert made[row] == '%s %d/%d' % (front, rows[row]['first'], rows[row]['second'])
        most, numbers = max(most, kept(part._memos)), max(numbers, len(part._memos._memos))
    assert 10000 < most <= render.MEMO_LIMIT + 1000 and numbers <= render.MEMOS + 1


def test_quotients(monkeypatch):
    """As %g has them, for each scale; and what is kept of them stays small."""
    monkeypatch.setattr(render, 'MEMO_LIMIT', 10)
    for scale in (1000, 8):
        texts = quotients(scale)
        for column in ([1, 2, 2, 1], list(range(900, 907)), list(range(6)), list(range(30)), [7, 1, 1 << 40], []):
            assert texts.of(column) == ['%g' % (value / scale) for value in column]
            assert len(texts) <= max(len(column), 10)


def test_parts_may_share_their_texts():
    """Those of one view do: a time that one fact has shown costs the next one nothing."""
    shared, rows = quotients(1000), rows_of(random.Random(4), 300, ['many'] * 4)
    parts = [Part([(member,)], ' %s', texts=shared) for member in (FIRST, SECOND)]
    assert render.render(group_of(rows), parts) == [' %g %g' % (row['first'] / 1000, row['second'] / 1000) for row in rows]
    assert len(shared) == len({row[name] for row in rows for name in ('first', 'second')})


def test_repeated_values_are_made_once():
    """What the engine is for: a function is asked once for each different value, or once for all."""
    asked = []

    def text(value):
        asked.append(value)
        return '%d' % value
    part = Part([(FIRST,)], text)
    rows = [dict(flags=0, first=i % 3, second=0, third=0, long=0) for i in range(3000)]
    assert render.render(group_of(rows), [part]) == ['%d' % (i % 3) for i in range(3000)]
    assert sorted(asked) == [0, 1, 2]
    render.render(group_of(rows), [part])
    assert len(asked) == 3
    render.render(group_of([rows[0]] * 3000), [part])
    assert len(asked) == 4
