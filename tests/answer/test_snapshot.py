"""Sockets of a look by what tells them apart, and rows that are picked from it."""
from ssng.answer.rows import Rows
from ssng.answer.snapshot import Snapshot, made, taken
from ssng.host import Host
from ssng.tables.table import JsonView
from tests.support.families import Kernel, query
from tests.support.rendered import batches, declared
from tests.support.wire import inet


class View:
    """Rows are the ports, so many that were made."""

    made = 0

    def __init__(self, *_):
        pass

    def rows(self, batch):
        View.made += batch.count
        return [str(port) for port in batch.values(declared('tcp').column.__globals__['SPORT'])]


def looked(payloads, **more):
    snapshot = Snapshot(Rows(None, View), ['state'], **more)
    take = snapshot.table(declared('tcp'), Host())
    for batch in batches(payloads, declared('tcp')):
        take(batch)
    return snapshot


def test_the_example():
    snapshot = looked([inet(cookie=7, sport=70), inet(cookie=9, sport=90, state=10), inet(cookie=12, sport=120)])
    assert list(snapshot.places) == [(None, '7'), (None, '9'), (None, 'c')]
    assert snapshot.told == {(None, '7'): ('ESTAB',), (None, '9'): ('LISTEN',), (None, 'c'): ('ESTAB',)}
    View.made = 0
    assert made([snapshot.places[None, 'c'], snapshot.places[None, '7']], False) == ['120', '70']
    assert View.made == 2           # not those that nobody picked


def test_rows_are_made_at_once_where_they_are_of_processes():
    View.made = 0
    looked([inet(cookie=7), inet(cookie=8)], eager=True)
    assert View.made == 2


def test_namespaces_are_apart():
    """One cookie in two of them is two sockets: older kernels count in each."""
    class Place:
        inode, name = 5, None
    snapshot = Snapshot(Rows(None, View), ['state'], several=True)
    for number in (5, 6):
        host = Host()
        host.netns = type('Place', (), {'inode': number, 'name': None})
        for batch in batches([inet(cookie=7)], declared('tcp')):
            snapshot.table(declared('tcp'), host)(batch)
    assert list(snapshot.places) == [(5, '7'), (6, '7')]


def test_without_cookies():
    """What /proc tells has none: then it is the ends that count."""
    proc = [inet(sport=1, dport=2, inode=5), inet(sport=1, dport=3, inode=6)]
    snapshot = Snapshot(Rows(None, View), ['state'])
    from ssng.answer import snapshot as module

    class Reader:
        host = Host()

        def values(self, batch, name):
            return {'cookie': [None, None], 'inode': [5, 6]}.get(name, ['x', 'x'])
    batch, = batches(proc, declared('tcp'))
    keys = module.keys(batch, Reader(), None)
    assert len(set(keys)) == 2
    del snapshot


def test_of_a_query():
    """All tables, by the way that listings go; every reply is closed."""
    kernel = Kernel([inet(cookie=7), inet(cookie=8)])
    asked = query('tcp', json=True)
    asked.selection.families = frozenset([2])
    snapshot = taken(asked, Host(), kernel, ['state'])
    assert len(snapshot.places) == 2 and all(reply.closed for reply in kernel.replies)
    assert snapshot.view(declared('tcp'), Host()).__class__ is JsonView
