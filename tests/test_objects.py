"""Facts made into JSON objects, and into columns of the same values."""
import json
import random

import pytest

from ssng import objects as module
from ssng.fields import FLAG, HEX, NUMBER, WORD, WORDS, Fact, Text, constant
from ssng.kernel.columns import payload, scalar
from ssng.objects import Texts, json_object
from ssng.render import render
from tests.test_fields import ABSENT, A, Host, column, objects, texts
from tests.test_render import FIRST, FLAGS, LONG, SECOND, THIRD, group_of, rows_of


@pytest.fixture(params=[1, 50, 300])
def rows(request):
    return rows_of(random.Random(request.param), request.param, ['many, some zero', 'few', 'few, some zero', 'many'])


def json_of(rows, fact, attributes=()):
    """What JSON and column say must be the same; the values."""
    made = [found.get('v') for found in objects(rows, [fact], attributes=attributes)]
    told = column(rows, fact, attributes)
    assert json.loads(json.dumps(told)) == made
    return made


def test_values(rows):
    """A value of every kind, and what is absent."""
    for value, member, expected in [
        (None, FIRST, lambda row: row['first']),
        (lambda flag: True if flag else None, FLAGS, lambda row: True if row['flags'] else None),
        (lambda flag: bool(flag), FLAGS, lambda row: bool(row['flags'])),
        (lambda flag: 'w"\\\n' if flag else None, FLAGS, lambda row: 'w"\\\n' if row['flags'] else None),
        (lambda flag: 0, FLAGS, lambda row: 0), (lambda flag: 1 << 64, FLAGS, lambda row: 1 << 64),
        (lambda flag: .25, FLAGS, lambda row: .25),
        (lambda flag: ['x'] * flag, FLAGS, lambda row: ['x'] * row['flags']),
        (lambda flag: ('x', None, 3, [True]), FLAGS, lambda row: ['x', None, 3, [True]]),
        (lambda flag, third: {'a': flag, 'b': {'c': [third]}}, (FLAGS, THIRD),
         lambda row: {'a': row['flags'], 'b': {'c': [row['third']]}}),
    ]:
        assert json_of(rows, Fact('v', member, NUMBER, value)) == [expected(row) for row in rows]
    assert json_of(rows, Fact('v', FIRST, HEX)) == ['%x' % row['first'] for row in rows]
    assert json_of(rows, constant('v', 'same')) == ['same'] * len(rows)
    assert json_of(rows, Fact('v', ABSENT, NUMBER)) == [None] * len(rows)
    assert json_of(rows, Fact('v', scalar(9, 'absent', 4, missing=3), NUMBER)) == [3] * len(rows)
    assert json_of(rows, Fact('v', FLAGS, WORD, lambda word, flag: word(flag) or None, 'names.word')) == [
        'n1' if row['flags'] else None for row in rows]


def test_what_an_object_leaves_out():
    """None is a key that is not there, inside a value too, but an element of a list."""
    assert module.encoded({'a': None, 'b': [None, {'c': None}]}) == '{"b":[null,{}]}'
    assert module.encoded(None) is None


def test_text_is_latin_1():
    assert json.loads(module.encoded('caf\xc3\xa9\xff')) == 'caf\u00e9\ufffd'
    assert json.loads(module.data_json({'x': 'caf\u00e9\x9b'})) == {'x': 'caf\u00e9\x9b'}
    assert module.data_json('\x9b\x7f\u2028') == '"\\u009b\\u007f\\u2028"'


JSON = [
    A, Fact('hex', FIRST, HEX), Fact('even', FLAGS, FLAG, lambda flags: True if flags else None),
    Fact('inner.second', SECOND, NUMBER), Fact('inner.flag', FLAGS, WORDS, lambda flags: [] if flags else None),
    Fact('inner.most.long', LONG, NUMBER), Fact('inner.third', THIRD, NUMBER),
    Fact('absent', ABSENT, NUMBER), Fact('there', scalar(9, 'absent', 4, missing=1), NUMBER),
    Fact('never.first', (FIRST, ABSENT), NUMBER, lambda first, absent: first),
    Fact('maybe.one', FLAGS, NUMBER, lambda flags: 1 if flags else None),
    Fact('maybe.two', FLAGS, NUMBER, lambda flags: 2 if flags else None),
    Fact('last', THIRD, WORD, lambda value: '%d' % value if value else None)]


def told(row):
    """The object that all of them make."""
    inner = {'second': row['second'], 'most': {'long': row['long']}, 'third': row['third']}
    inner.update({'flag': []} if row['flags'] else {})
    whole = {'a': row['first'], 'hex': '%x' % row['first'], 'inner': inner, 'there': 1}
    whole.update({'even': True, 'maybe': {'one': 1, 'two': 2}} if row['flags'] else {})
    whole.update({'last': '%d' % row['third']} if row['third'] else {})
    return whole


@pytest.mark.parametrize('order', ['as declared', 'reversed', 'last first', 'maybe first', 'shuffled'])
def test_objects(rows, order):
    """Objects inside objects, members without a value, what only may be there in front: always valid, each comma in place."""
    facts = list(JSON)
    if order == 'reversed':
        facts.reverse()
    elif order == 'last first':
        facts = facts[-1:] + facts[:-1]
    elif order == 'maybe first':
        facts = facts[-3:] + facts[:-3]
    elif order == 'shuffled':
        random.Random(len(rows)).shuffle(facts)
    assert objects(rows, facts) == [told(row) for row in rows]


def test_keys_stand_in_the_order_of_the_facts(rows):
    """Those of one path together, where the first of them stands."""
    facts = [Fact(name, FIRST, NUMBER) for name in ('x.b', 'k', 'x.a', 'x.y.c', 'l', 'x.d', 'x.y.e')]
    made = render(group_of(rows), [json_object(facts, frozenset(), Host())])
    assert [list(json.loads(one)) for one in made] == [['x', 'k', 'l']] * len(rows)
    assert list(json.loads(made[0])['x']) == ['b', 'a', 'y', 'd'] and list(json.loads(made[0])['x']['y']) == ['c', 'e']


@pytest.mark.parametrize('some', [range(9), (7,), (9,), (10, 11), (2,), (12,), (7, 9), (7, 2, 0), ()], ids=str)
def test_any_of_them(rows, some):
    """Whichever facts are there: an object that has none of its members is not there, the outermost one is empty."""
    facts = [JSON[at] for at in some]
    keys = {fact.name.partition('.')[0] for fact in facts}
    inner = {fact.name.rpartition('.')[2] for fact in facts if fact.name.startswith('inner')}
    for row, found in zip(rows, objects(rows, facts)):
        expected = {key: value for key, value in told(row).items() if key in keys}
        if 'inner' in expected:
            expected['inner'] = {key: value for key, value in expected['inner'].items()
                                 if key in inner or key == 'most' and 'long' in inner}
        assert found == expected


def test_texts_of_a_pair(rows):
    """A pair made elsewhere; it may be absent in some rows, or from all of a group."""
    def made(group, front):
        return [front + '%d' % value if value else '' for value in group.values(FLAGS)]
    for test, there in (None, True), (lambda group: False, False), (lambda group: True, True):
        whole = json_object([A], frozenset(), Host())
        whole.pairs.append(Texts('x', made, False, test))
        assert list(map(json.loads, render(group_of(rows), [whole]))) == [
            dict({'a': row['first']}, **({'x': 1} if there and row['flags'] else {})) for row in rows]


@pytest.mark.parametrize('length', range(6))
def test_json_tells_only_what_is_whole(length):
    """The text continues a short structure with zeros, JSON and column leave the member out (sockets.md 1.4)."""
    rows = rows_of(random.Random(1), 4, ['few'] * 4)
    word = Fact('word', scalar(1, 'word', 4), NUMBER)
    every = Fact('all', payload(1, 'all'), NUMBER, len)
    some = [Text('%d', A), Text(' word:%d', word, hide=()), Text(' whole:%d', word, hide=(), whole=True)]
    attributes = [(1, lambda row: bytes(length))]
    assert texts(rows, some, attributes=attributes) == [
        '%d word:0' % row['first'] + (' whole:0' if length >= 4 else '') for row in rows]
    for row, found in zip(rows, objects(rows, [A, word, every], attributes=attributes)):
        assert found == dict({'a': row['first'], 'all': length}, **({'word': 0} if length >= 4 else {}))
    assert column(rows, word, attributes) == [0 if length >= 4 else None] * 4
