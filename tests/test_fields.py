"""Declarations of facts, and texts that name them; tests/test_objects.py has the JSON made of them."""
import json
import random
import struct

import pytest

from ssng.fields import (
    FLAG, LIST, MS, NUMBER, RATE, SIZE, US, WORD, Break, Fact, Manner, Section, Text, constant, exact, line, literal,
    members, named, naming, set_of)
from ssng.kernel.columns import payload, scalar
from ssng.objects import json_object
from ssng.query import Style
from ssng.render import Cells, render
from tests.support.rendered import once
from tests.test_render import FIRST, FLAGS, LONG, SECOND, THIRD, group_of, record, rows_of

A, B, C, D, E = [Fact(name, member, NUMBER) for name, member in (
    ('a', FIRST), ('b', SECOND), ('c', THIRD), ('d', LONG), ('e', FLAGS))]
ABSENT = scalar(9, 'absent', 4)


class Names:
    """What is looked up in the host of these tests."""

    def word(self, number):
        return 'n%d' % number if number else ''


class Host:
    names = Names()


@pytest.fixture(params=[1, 50, 300])
def rows(request):
    return rows_of(random.Random(request.param), request.param, ['many, some zero', 'few', 'few, some zero', 'many'])


def texts(rows, some, *words, attributes=(), **style):
    return render(group_of(rows, attributes), line(some, Manner(frozenset(words), Style(**style), Host())))


def objects(rows, facts, *words, attributes=()):
    """JSON objects; json.loads must read them and find no key twice."""
    return [json.loads(text, object_pairs_hook=once)
            for text in render(group_of(rows, attributes), [json_object(facts, frozenset(words), Host())])]


def column(rows, fact, attributes=()):
    return fact.column(group_of(rows, attributes), Host())


# Text

def test_forms_hide_zero(rows):
    """A % form hides zero unless told otherwise; a function is asked for every value."""
    assert texts(rows, [Text(' a:%d', A)]) == [' a:%d' % row['first'] if row['first'] else '' for row in rows]
    assert texts(rows, [Text(' a:%d', A, hide=())]) == [' a:%d' % row['first'] for row in rows]
    assert texts(rows, [Text(' c:%d', C, hide=(5,))]) == ['' if row['third'] == 5 else ' c:0' for row in rows]
    assert texts(rows, [Text(lambda value: ' c:%d' % value, C)]) == [' c:%d' % row['third'] for row in rows]


def test_scale_and_sign(rows):
    assert texts(rows, [Text(' %s/%s', A, B, scale=1000)]) == [
        ' %g/%g' % (row['first'] / 1000, row['second'] / 1000) if row['first'] else '' for row in rows]
    assert texts(rows, [Text(' %d', A, hide=(), signed=True)]) == [
        ' %d' % struct.unpack('=i', struct.pack('=I', row['first'])) for row in rows]
    assert objects(rows, [A]) == [{'a': row['first']} for row in rows]


def test_a_text_of_values(rows):
    """A function of facts is given their values, made of one or several members; None where one is absent."""
    even = Fact('even', FIRST, FLAG, lambda first: True if first % 2 == 0 else None)
    total = Fact('sum', (SECOND, THIRD), NUMBER, lambda second, third: second + third)
    both = Fact('both', (FIRST, SECOND), NUMBER, lambda first, second: first ^ second)
    assert texts(rows, [Text(lambda even: ' even' if even else '', even)]) == [
        '' if row['first'] % 2 else ' even' for row in rows]
    assert texts(rows, [Text(lambda *told: ' %s' % (told,), total, A, even, both, B)]) == [
        ' %s' % ((row['second'] + row['third'], row['first'], None if row['first'] % 2 else True,
                  row['first'] ^ row['second'], row['second']),) for row in rows]
    assert texts(rows, [Text(' %s of %d', even, A)]) == ['' if row['first'] % 2 else ' True of %d' % row['first'] for row in rows]
    assert texts(rows, [Text(' %d=%d', total, both)]) == [
        ' %d=%d' % (row['second'] + row['third'], row['first'] ^ row['second']) for row in rows]
    assert texts(rows, [Text(' %s', constant('k', 'w'))]) == [' w'] * len(rows)


def test_computed(rows):
    """One column made of the members' columns; the form shows that."""
    made = Text(' %d', A, B, hide=(), compute=lambda first, second: [x + y for x, y in zip(first, second)])
    assert texts(rows, [made]) == [' %d' % (row['first'] + row['second']) for row in rows]


def test_alternatives(rows):
    """The first way of which a message has all; the texts of several facts go the same way together."""
    either = [Fact('a', [ABSENT, FIRST], NUMBER), Fact('b', [scalar(1, 'one', 1), SECOND], NUMBER)]
    here = [(1, lambda row: b'\7')]
    assert texts(rows, [Text(' %d', either[0], hide=())]) == [' %d' % row['first'] for row in rows]
    assert texts(rows, [Text(' %d', either[1], hide=())], attributes=here) == [' 7'] * len(rows)
    assert texts(rows, [Text(' %d,%d', *either, hide=())], attributes=here) == [
        ' %d,%d' % (row['first'], row['second']) for row in rows]
    assert objects(rows, either, attributes=here) == [{'a': row['first'], 'b': 7} for row in rows]
    assert column(rows, either[1], here) == [7] * len(rows) and column(rows, either[1]) == [row['second'] for row in rows]


def test_what_is_shown(rows):
    """The words of its facts, and its own ``when``, decide: all facts must be shown, and one of the own words."""
    secret = Fact('b', SECOND, NUMBER, reveal=('memory', 'info'))
    some = [Text(' b:%d', secret, hide=()), Text(' c:%d', C, hide=(), when=('options',)),
            Text(' both:%d', A, secret, when=('tos',))]
    b, c = [' b:%d' % row['second'] for row in rows], [' c:%d' % row['third'] for row in rows]
    assert texts(rows, some) == [''] * len(rows) == texts(rows, some, 'tos', 'extended')
    assert texts(rows, some, 'memory') == texts(rows, some, 'info') == b
    assert texts(rows, some, 'options') == c
    assert texts(rows, some[:2], 'memory', 'info', 'options') == [one + other for one, other in zip(b, c)]
    assert objects(rows, [A, secret]) == [{'a': row['first']} for row in rows]
    assert objects(rows, [A, secret], 'info') == [{'a': row['first'], 'b': row['second']} for row in rows]


def test_tools_and_numeric(rows):
    """``using`` makes the first argument of a form; -n may have a form of its own."""
    made = Text(lambda style, value: ' %s%d' % ('n' if style.numeric else 't', value), A, using=lambda manner: manner.style)
    assert texts(rows, [made]) == [' t%d' % row['first'] for row in rows]
    assert texts(rows, [made], numeric=True) == [' n%d' % row['first'] for row in rows]
    made = Text(lambda style, value: ' t%d' % value, A, using=lambda manner: manner.style, numeric=' plain:%d', hide=())
    assert texts(rows, [made], numeric=True) == [' plain:%d' % row['first'] for row in rows]


def test_breaks(rows):
    """A further line; on one line a blank, or nothing; in front of a text only where there is one."""
    assert texts(rows, ['x', Break(), 'y']) == ['x\n\ty'] * len(rows)
    assert texts(rows, ['x', Break(), 'y'], oneline=True) == ['x y'] * len(rows)
    assert texts(rows, ['x', Break(oneline=''), 'y'], oneline=True) == ['xy'] * len(rows)
    some = ['x', Break(when=('memory', 'info')), literal('!', 'info'), 'y']
    assert texts(rows, some) == ['xy'] * len(rows)
    assert texts(rows, some, 'memory') == ['x\n\ty'] * len(rows)
    assert texts(rows, some, 'info', oneline=True) == ['x !y'] * len(rows)
    begun = Text(lambda value: 'c' if value else '', C, start=Break())
    assert texts(rows, ['x', begun]) == ['x\n\tc' if row['third'] else 'x' for row in rows]
    assert texts(rows, ['x', Text('c%d', C, start=Break())], oneline=True) == ['x c5' if row['third'] else 'x' for row in rows]


def test_literals_and_cells(rows):
    class Own:
        """Whoever can say what his part is may stand in a line."""

        def part(self, manner):
            return Cells(lambda group: ['<%d>' % value for value in group.values(FLAGS)])
    assert texts(rows, [' %d', Own(), Text('%d', A, hide=())]) == [' %%d<%d>%d' % (row['flags'], row['first']) for row in rows]


def test_sections(rows):
    """By presence of an attribute; one inside the other."""
    one, none = Fact('one', scalar(1, 'one', 1), NUMBER), Fact('none', FLAGS, NUMBER)
    some = [Text(' %d', A, hide=()), Section(1, [' one', Text(':%d', one, hide=()), Section(2, [Text(' both', A)])]),
            Section(1, [Text(' none:%d', none, hide=())], unless=True)]
    assert texts(rows, some) == [' %d none:%d' % (row['first'], row['flags']) for row in rows]
    assert texts(rows, some, attributes=[(1, lambda row: b'\7')]) == [' %d one:7' % row['first'] for row in rows]


def test_words_of_the_host_are_fit_for_a_terminal(rows):
    """A WORD comes from outside, whatever made it; where it may steer a terminal it is spelled out, and nowhere else."""
    dangerous = Fact('w', FLAGS, WORD, lambda flag: 'a\x1b\xff' if flag else None)
    form = Text(lambda word: ' [%s]' % word if word is not None else '', dangerous)
    for escape, word in (False, 'a\x1b\xff'), (True, 'a\\x1b\\xff'):
        assert texts(rows, [form], escape=escape) == [' [%s]' % word if row['flags'] else '' for row in rows]
    looked_up = Fact('w', FLAGS, WORD, lambda word, flag: word(flag), 'names.word')
    assert texts(rows, [Text('%s', looked_up)]) == ['n1' if row['flags'] else '' for row in rows]


def test_naming(rows):
    """Texts name facts by the words of their declarations; of two alike the first is meant."""
    some = members(record, '', None, 'x', ('info',), [('first', US, 'time'), ('second', SIZE, 'size')])
    text = naming(*some + [Fact('other.second', THIRD, NUMBER)])
    assert [fact.name for fact in some] == ['x.first_us', 'x.second']
    assert texts(rows, [text(' %d/%d', 'first', 'second', hide=())], 'info') == [
        ' %d/%d' % (row['first'], row['second']) for row in rows]
    with pytest.raises(KeyError):
        text('%d', 'third')


# Ways to declare

def test_named(rows):
    """A string never becomes a number: it stands beside, and only where there is no word."""
    for names in ({0: 'zero'}, ['zero'], ['zero', None]):
        facts = named('x.state', FLAGS, names, reveal=('info',), help='what it is')
        assert objects(rows, facts) == [{}] * len(rows)
        assert objects(rows, facts, 'info') == [
            {'x': {'state': 'unknown', 'state_number': 1} if row['flags'] else {'state': 'zero'}} for row in rows]
        assert [fact.help for fact in facts] == ['what it is', 'the number of the state, where it has no name']
        assert column(rows, facts[0]) == ['unknown' if row['flags'] else 'zero' for row in rows]


def test_set_of():
    words = set_of(((1, 'a'), (4, 'c')))
    assert [words(bits) for bits in range(6)] == [[], ['a'], [], ['a'], ['c'], ['a', 'c']]


@pytest.mark.parametrize('raw, hexes', [(b'plain', None), (b'\xc3\xa9', None), (b'\xff', 'ff'), (b'a\xc3', '61c3')])
def test_exact(raw, hexes):
    """The bytes beside text that is no UTF-8; nowhere else."""
    rows = rows_of(random.Random(1), 3, ['few'] * 4)
    name = Fact('x.name', payload(1, 'name'), WORD, lambda data: data.decode('latin-1'))
    found = objects(rows, [name, exact(name)], attributes=[(1, lambda row: raw)])
    assert found == [{'x': dict({'name': raw.decode('utf-8', 'replace')}, **({'name_hex': hexes} if hexes else {}))}] * 3
    none = Fact('none', FLAGS, WORD, lambda flag: None)
    assert objects(rows, [exact(none)]) == [{}] * 3


def test_members(rows):
    """Facts of a structure: the unit ends the name, a value may be made of it."""
    facts = members(record, '', None, 'x', ('info',), [
        ('first', US, 'one'), ('second', MS, 'two'), ('third', RATE, 'three'), ('long', LIST, 'four', lambda value: [value])])
    assert [(fact.name, fact.word, fact.help) for fact in facts] == [
        ('x.first_us', 'first', 'one'), ('x.second_ms', 'second', 'two'), ('x.third_bytes_per_s', 'third', 'three'),
        ('x.long', 'long', 'four')]
    assert objects(rows, facts, 'info') == [{'x': {'first_us': row['first'], 'second_ms': row['second'],
                                                   'third_bytes_per_s': row['third'], 'long': [row['long']]}} for row in rows]
