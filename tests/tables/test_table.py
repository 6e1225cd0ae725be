"""A table's declaration bound to a query: which facts stand in which column, in whose order."""
import json

import pytest

from ssng.host import Host
from ssng.output.text import visible_columns
from ssng.tables.table import DETAIL, NETID, PROCESS, JsonView, Table, TextView
from tests.support.rendered import asking, batches, declared, objects, text
from tests.support.wire import inet

MIXED = [inet(2, 1, sport=1, inode=11), inet(10, 10, sport=2, inode=12, attributes=[(11, b'\1')]), inet(2, 6, sport=3),
         inet(10, 1, sport=4, inode=11, attributes=[(8, b'\0')]), inet(2, 1, sport=5, inode=13)] * 3


class Owners:
    """Processes by inode."""

    def texts(self, inodes):
        return [' users:(("p%d",pid=1,fd=2))' % inode if inode else '' for inode in inodes]

    def json(self, inodes, front):
        return [front + '[{"name":"p%d"}]' % inode if inode else '' for inode in inodes]


def test_the_kernels_order():
    """Messages of several shapes stand in the order in which they came, in every column."""
    lines = text(MIXED, header=False).splitlines()
    assert [line.split()[3].rsplit(':', 1)[1] for line in lines] == ['1', '2', '3', '4', '5'] * 3
    assert [line.split()[0] for line in lines] == ['ESTAB', 'LISTEN', 'TIME-WAIT', 'ESTAB', 'ESTAB'] * 3
    assert [one['local']['port'] for one in objects(MIXED)] == [1, 2, 3, 4, 5] * 3


def test_owners():
    table, query = declared('tcp'), asking(processes=True)
    visible = visible_columns(query)
    batch, = batches(MIXED, table)
    columns = dict(zip(visible, TextView(table, query, Host(), Owners(), visible).rows(batch)))
    assert list(columns[PROCESS]) == [' users:(("p%d",pid=1,fd=2))' % inode if inode else '' for inode in (11, 12, 0, 11, 13)] * 3
    found = [json.loads(one) for one in JsonView(table, query, Host(), Owners()).rows(batch)]
    assert [one.get('processes') for one in found] == [
        [{'name': 'p%d' % inode}] if inode else None for inode in (11, 12, 0, 11, 13)] * 3


@pytest.mark.parametrize('hidden', range(10))
def test_hidden_columns(hidden):
    """A column that is not visible is not made; the others do not move."""
    table, query, batch = declared('tcp'), asking(extended=True), next(batches(MIXED, declared('tcp')))
    everything = dict(enumerate(TextView(table, query, Host(), Owners(), range(10)).rows(batch)))
    some = [column for column in range(10) if column != hidden]
    for column, cells in zip(some, TextView(table, query, Host(), Owners(), some).rows(batch)):
        assert list(cells) == list(everything[column])
    assert set(everything[NETID]) == {'tcp'}


class Talkative(Table):
    """A table that writes into the process column, as netlink does."""

    fixed = 72

    def columns(self):
        return [[] for _ in range(8)]

    def aside(self):
        return [' aside']

    def line(self, words):
        return [' detail']


@pytest.mark.parametrize('visible, cells', [
    ([PROCESS, DETAIL], [' aside', ' detail']), ([DETAIL], [' aside detail']), ([NETID, DETAIL], ['', ' aside detail'])])
def test_what_ss_hides_is_shown(visible, cells):
    """Text that ss loses in a hidden process column begins the last one (command-line.md 10: 14)."""
    batch, = batches([inet()], Talkative)
    rows = TextView(Talkative(), asking(), Host(), None, visible).rows(batch)
    assert [list(column) for column in rows] == [[cell] for cell in cells]
