"""Columns, order and counts of real sockets of every kind, beside a naive evaluation of their JSON."""
import csv
import io
import json

import pytest

from ssng import catalogue
from tests.support import tabular

pytestmark = [pytest.mark.root, pytest.mark.parity]

ALL = ['-A', 'all,tipc,dccp,!netlink', '-a', '-n']       # whoever asks has netlink sockets of his own
DETAILS = ['-e', '-m', '-o', '-i', '-p', '-b', '--tos', '--cgroup', '--inet-sockopt', '--tipcinfo']


def answer(crowd, *words):
    told = crowd.forker.run(ALL + list(words))
    assert (told.status, told.err) == (0, b''), words
    return told.out.decode('utf-8')


def beside(crowd, words, naive):
    """What ``words`` print and what ``naive`` makes of all objects, at a moment when that did not change."""
    for _ in range(10):
        before = naive(json.loads(answer(crowd, '-j', *DETAILS)))
        found = answer(crowd, *words)
        if naive(json.loads(answer(crowd, '-j', *DETAILS))) == before:
            return found, before
    pytest.fail('the sockets never rest')


@pytest.fixture(scope='module')
def steady(crowd_keeper):
    """The names of all facts that do not change while nobody does anything, which are most; of tables some of many."""
    first, second = [json.loads(answer(crowd_keeper.fresh(), '-j', *DETAILS)) for _ in '12']
    if len(first) != len(second):
        pytest.skip('the sockets do not rest')
    # TCP has peer.inode only where it is named
    return [name for name in tabular.names(first) if name != 'peer.inode'
            and tabular.column(first, name) == tabular.column(second, name)]


def test_columns(crowd, steady):
    """All at once as CSV and as JSON; a fact of no socket here is an empty field."""
    by_thread = {'processes.tid', 'peer.processes.tid'}     # whoever names it gets each thread of an owner
    names = [entry.name for entry in catalogue.entries() if entry.name not in by_thread]
    assert len(steady) > 120 and set(steady) <= set(names)
    rows, expected = beside(crowd, ['--csv', '--columns=' + ','.join(names)], lambda objects: [
        ['' if value is None else tabular.text(value, ';') for value in tabular.column(objects, name)] for name in steady])
    header, *rows = csv.reader(io.StringIO(rows, newline=''))
    assert header == names
    for name, column in zip(steady, expected):
        assert [row[header.index(name)] for row in rows] == column, name
    for name in steady[::10]:
        found, expected = beside(crowd, ['-j', '--columns=' + name], lambda objects: [
            tabular.nested([(name, value)]) for value in tabular.column(objects, name)])    # noqa: B023
        assert json.loads(found) == expected, name


SOCKET = ['netid', 'inode', 'local.inode']
KEYS = ','.join(SOCKET)


def identity(one):
    found = dict(tabular.leaves(one))
    return ['' if found.get(name) is None else str(found[name]) for name in SOCKET]


def test_order(crowd, steady):
    for name in steady[::9]:
        order = [(name, True)] + [(each, False) for each in SOCKET]
        found, expected = beside(
            crowd, ['--csv', '-H', '--columns=' + KEYS, '--sort=-%s,%s' % (name, KEYS), '--top=50'],
            lambda objects: list(map(identity, tabular.ordered(objects, *order)[:50])))     # noqa: B023
        assert list(csv.reader(io.StringIO(found))) == expected, name


def test_counts(crowd, steady):
    for name in steady[::6]:
        found, expected = beside(crowd, ['-j', '--count=netid,' + name], lambda objects: tabular.counted(
            objects, 'netid', name))    # noqa: B023
        assert {(one['netid'], tabular.found(one, name)): one['count'] for one in json.loads(found)} == expected, name
