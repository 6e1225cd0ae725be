"""Declarations made into the parts of a text and of a JSON object."""
import json
import random
import struct

import pytest

from ssng.fields import ByShow, Fact, Object, pairs, parts
from ssng.kernel.columns import payload, scalar
from ssng.query import Show
from ssng.render import Cells, Section, render
from tests.test_render import FIRST, FLAGS, LONG, SECOND, THIRD, group_of, rows_of


def showing(**options):
    show = Show()
    for name, value in options.items():
        setattr(show, name, value)
    return show


@pytest.fixture(params=[1, 50, 300])
def rows(request):
    return rows_of(random.Random(request.param), request.param, ['many, some zero', 'few', 'few, some zero', 'many'])


def texts(rows, facts, show=None, attributes=()):
    return render(group_of(rows, attributes), parts(facts, show or Show()))


def objects(rows, facts, attributes=()):
    """JSON objects; json.loads must read them and find no key twice."""
    def once(found):
        assert len(found) == len(dict(found))
        return dict(found)
    return [json.loads(text, object_pairs_hook=once)
            for text in render(group_of(rows, attributes), ['{'] + pairs(facts, '') + ['}'])]


def test_forms_hide_zero(rows):
    """A % form hides zero unless told otherwise; a function is asked for every value."""
    assert texts(rows, [Fact('a', FIRST, ' a:%d')]) == [' a:%d' % row['first'] if row['first'] else '' for row in rows]
    assert texts(rows, [Fact('a', FIRST, ' a:%d', hide=())]) == [' a:%d' % row['first'] for row in rows]
    assert texts(rows, [Fact('a', THIRD, ' a:%d', hide=(5,))]) == ['' if row['third'] == 5 else ' a:0' for row in rows]
    assert texts(rows, [Fact('a', THIRD, lambda value: ' a:%d' % value)]) == [' a:%d' % row['third'] for row in rows]


def test_scale_and_sign(rows):
    assert texts(rows, [Fact('a', (FIRST, SECOND), ' %g/%g', scale=1000)]) == [
        ' %g/%g' % (row['first'] / 1000, row['second'] / 1000) if row['first'] else '' for row in rows]
    assert texts(rows, [Fact('a', FIRST, ' %d', hide=(), signed=True)]) == [
        ' %d' % struct.unpack('=i', struct.pack('=I', row['first'])) for row in rows]
    assert objects(rows, [Fact('a', FIRST, ' %d', signed=True)]) == [{'a': row['first']} for row in rows]


def test_what_is_shown(rows):
    """A fact without a text, or whose text asks for another option, is not in the text; JSON has them all."""
    facts = [Fact('first', FIRST), Fact('second', SECOND, ByShow(lambda show: ' s:%d' if show.options else None)),
             Fact(None, THIRD, ByShow(lambda show: ' t:%d' if show.numeric else ' T:%d'), hide=())]
    assert texts(rows, facts) == [' T:%d' % row['third'] for row in rows]
    assert texts(rows, facts, showing(options=True, numeric=True)) == [
        ' s:%d t:%d' % (row['second'], row['third']) for row in rows]
    assert objects(rows, facts) == [{'first': row['first'], 'second': row['second']} for row in rows]


def test_literals_and_cells(rows):
    facts = [' %d', Cells(lambda group: ['<%d>' % value for value in group.values(FLAGS)]), Fact(None, FIRST, '%d', hide=())]
    assert texts(rows, facts) == [' %%d<%d>%d' % (row['flags'], row['first']) for row in rows]


def test_sections(rows):
    """By presence of an attribute, in both forms; one inside the other."""
    facts = [Fact('first', FIRST, ' %d', hide=()),
             Section(1, [' one', Fact('one', scalar(1, 'one', 1), ':%d', hide=()), Section(2, [Fact('both', FIRST, ' both')])]),
             Section(1, [Fact('none', FLAGS, ' none:%d', hide=())], unless=True)]
    assert texts(rows, facts) == [' %d none:%d' % (row['first'], row['flags']) for row in rows]
    assert objects(rows, [facts[0], facts[2]]) == [{'first': row['first'], 'none': row['flags']} for row in rows]
    here = [(1, lambda row: b'\7')]
    assert texts(rows, facts, attributes=here) == [' %d one:7' % row['first'] for row in rows]
    del facts[1].parts[0]
    assert objects(rows, facts, here) == [{'first': row['first'], 'one': 7} for row in rows]


JSON = [
    Fact('first', FIRST), Fact('hex', FIRST, json='"%x"'),
    Fact('even', FLAGS, json=lambda flags: 'true' if flags else None),
    Object('inner', [Fact('second', SECOND), Fact('flag', FLAGS, json=lambda flags: '[]' if flags else None),
                     Object('most', [Fact('long', LONG)]), Fact('third', THIRD)]),
    Fact(None, THIRD, ' only text'),
    Fact('absent', scalar(9, 'absent', 4)), Fact('there', scalar(9, 'absent', 4, missing=1)),
    Section(9, [Object('never', [Fact('first', FIRST)])]),
    Section(9, [Object('ever', [Cells(lambda group: ['"x":%d' % value for value in group.values(FIRST)])])], unless=True),
    Fact('last', THIRD, json=lambda value: '"%d"' % value if value else None),
]


def test_objects(rows):
    """Objects inside objects, members without a value, commas in the right places: always valid."""
    for facts in (JSON, JSON[3:], JSON[-3:], JSON[:1] + JSON[::-1]):
        facts = [fact for at, fact in enumerate(facts) if fact not in facts[:at]]
        if facts[0] is JSON[-3]:
            facts = JSON[:1] + facts
        expected = []
        for row in rows:
            inner = {'second': row['second'], 'most': {'long': row['long']}, 'third': row['third']}
            inner.update({'flag': []} if row['flags'] else {})
            whole = {'first': row['first'], 'hex': '%x' % row['first'], 'inner': inner, 'there': 1, 'ever': {'x': row['first']}}
            whole.update({'even': True} if row['flags'] else {})
            whole.update({'last': '%d' % row['third']} if row['third'] else {})
            expected.append({key: value for key, value in whole.items()
                             if any(key == getattr(fact, 'key', None) or isinstance(fact, Section) and key == 'ever'
                                    for fact in facts)})
        assert objects(rows, facts) == expected


@pytest.mark.parametrize('length', range(6))
def test_json_tells_only_what_is_whole(length):
    """The text continues a short structure with zeros, JSON leaves the member out (sockets.md 1.4; design: "no key")."""
    rows = rows_of(random.Random(1), 4, ['few'] * 4)
    facts = [Fact('a', FIRST, '%d'), Fact('word', scalar(1, 'word', 4), ' word:%d', hide=()),
             Fact('all', payload(1, 'all'), json=lambda data: '%d' % len(data))]
    attributes = [(1, lambda row: bytes(length))]
    assert texts(rows, facts, attributes=attributes) == ['%d word:0' % row['first'] for row in rows]
    for row, found in zip(rows, objects(rows, facts, attributes)):
        assert found == dict({'a': row['first'], 'all': length}, **({'word': 0} if length >= 4 else {}))
