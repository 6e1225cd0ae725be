"""Every fact in every place: columns, CSV, order and count of recorded sockets, beside a naive evaluation of their JSON."""
import json
import re
import sys

import pytest

from ssng import catalogue
from ssng.cli import facts
from ssng.fields import DATA, LIST
from tests.support import naive, tabular
from tests.support.recordings import recordings
from tests.test_recordings import machine, printed      # noqa: F401, a fixture

DETAILS = ['-e', '-m', '-o', '-i', '-b', '--tos', '--cgroup', '--inet-sockopt', '--tipcinfo', '--bpf-maps']


def cases():
    """Of each table's recordings of each machine of our byte order the first case of most options that lists sockets."""
    for recording in recordings():
        fit = [case for case in recording.cases if case.status == 0
               and not re.search('(^| )-[A-Za-z]*[KEsD]', ' '.join(case.arguments))]
        newest = recording.guest == '7.2' or recording.family == 'dccp'
        if recording.facts['byte_order'] == sys.byteorder and newest and fit:
            yield recording, max(fit, key=lambda case: sum(map(len, case.arguments)))


CASES = list(cases())
FACTS = {fact['name']: fact for fact in json.loads(facts.json(''))}


@pytest.fixture(params=CASES, ids=lambda pair: '%s-%s' % (pair[0].guest, pair[0].family))
def ask(request, machine, monkeypatch):     # noqa: F811
    """A function: what ssng prints of a recording, asked with some more words."""
    recording, case = request.param
    # Not without a header
    words = [word.replace('H', '') if word[:1] == '-' != word[1:2] else word for word in case.arguments]
    more = [word for word in DETAILS if word != '--bpf-maps' or not any(each.startswith('--bpf-map') for each in words)]

    def answer(*others):
        status, text = printed(monkeypatch, words + more + list(others), machine(recording, case, json=True))
        assert status == 0, (words, others)
        return text.decode('utf-8')
    return answer


def told(ask):
    objects = json.loads(ask('-j'))
    if not objects:
        pytest.skip('no socket in this recording')
    # The inode of a TCP peer takes a dump that ss did not ask for, and so nobody recorded
    names = [name for name in tabular.names(objects) if name != 'peer.inode']
    return objects, names if len({one['netid'] for one in objects}) < 5 else names[::5]      # of all tables some will do


def test_columns(ask):
    """JSON has exactly the keys asked for, CSV a field of each, text a cell."""
    objects, names = told(ask)
    for name in names:
        values = tabular.column(objects, name)
        assert json.loads(ask('-j', '--columns=' + name)) == [tabular.nested([(name, value)]) for value in values], name
        texts = ['' if value is None else tabular.text(value, ';') for value in values]
        rows = tabular.rows_of_csv(ask('--csv', '--columns=' + name))
        assert rows == [[name]] + [[text] for text in texts], name
        if not any('\ufffd' in text or '\n' in text for text in texts):
            lines = ask('-H', '--columns=' + name).split('\n')[:-1]
            assert lines == ['-' if value is None else tabular.text(value, ',') or '-' for value in values], name


@pytest.mark.parametrize('ask', [pair for pair in CASES if pair[0].family == 'proc'], indirect=True,
                         ids=lambda pair: pair[0].guest)
def test_conditions_on_what_proc_tells(ask):
    """Of machines without netlink; conditions on all others has test_five_places.py."""
    objects, names = told(ask)
    for name in names:
        values = {json.dumps(value): value for one in objects for value in naive.values(one, name)}.values()
        for value in [naive.scalar(value) for value in values if naive.fit(naive.scalar(value))][:3]:
            text, test = naive.equality(FACTS[name], value)
            assert json.loads(ask('-j', '( %s )' % text)) == [one for one in objects if test(one)], text


def test_csv_has_all_that_is_shown(ask):
    objects, _ = told(ask)
    names = tabular.names(objects)
    kinds = {name: catalogue.resolve(name).kind for name in names}
    header, *rows = tabular.rows_of_csv(ask('--csv'))
    assert len(rows) == len(objects)
    assert set(header) >= {name for name in names if kinds[name] not in (LIST, DATA)}
    for row, one in zip(rows, objects):
        found = dict(tabular.leaves(one))
        assert row == ['' if found.get(name) is None else tabular.text(found[name], ';') for name in header]
    assert tabular.rows_of_csv(ask('--tsv'), delimiter='\t') == [header] + rows


def test_all_at_once(ask):
    """All facts as columns, behind those of ss: text has them left of the details."""
    objects, _ = told(ask)
    names = [name for name in tabular.names(objects) if name != 'peer.inode']
    header, *rows = tabular.rows_of_csv(ask('--csv', '--columns=' + ','.join(names)))
    assert header == names
    for row, one in zip(rows, objects):
        found = dict(tabular.leaves(one))
        assert row == ['' if found.get(name) is None else tabular.text(found[name], ';') for name in names]
    assert json.loads(ask('-j', '--columns=+' + ','.join(names))) == objects


@pytest.mark.parametrize('descending', [False, True])
def test_sort(ask, descending):
    objects, names = told(ask)
    for name in names:
        word = '--sort=-' + name if descending else '--sort=' + name
        whole = tabular.ordered(objects, (name, descending))
        assert json.loads(ask('-j', word)) == whole, name
        assert json.loads(ask('-j', word, '--top=3')) == whole[:3], name


def test_count(ask):
    objects, names = told(ask)
    assert ask('--count') == '%d\n' % len(objects)
    for name in names:
        groups = tabular.counted(objects, name)
        rows = json.loads(ask('-j', '--count=' + name))
        assert {(tabular.found(one, name),): one['count'] for one in rows} == groups, name
        assert [one['count'] for one in rows] == sorted(groups.values(), reverse=True)


def test_sums(ask):
    objects, names = told(ask)
    for name in [name for name in names if catalogue.resolve(name).kind.name in ('number', 'size', 'time', 'rate', 'port')]:
        values = [value for value in tabular.column(objects, name) if value is not None]
        if any(isinstance(value, list) for value in values):
            continue
        header, row = tabular.rows_of_csv(ask('--csv', '--count', *['--%s=%s' % (word, name) for word in (
            'total', 'max', 'min', 'avg')]))
        assert header == ['count'] + ['%s(%s)' % (word, name) for word in ('total', 'max', 'min', 'avg')]
        assert list(map(int, row[:-1])) == [len(objects), sum(values), max(values), min(values)], name
        assert float(row[-1]) == sum(values) / len(values), name
