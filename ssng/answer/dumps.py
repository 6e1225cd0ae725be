"""Who is asked: the dumps of one query, table after table, wherever it asks; and whose owners it takes."""

from itertools import islice

from ..kernel.netlink import Kernel
from ..sources.dump import Dump
from ..tables import tables

AHEAD = 2               # namespaces whose first table is being read while another one is shown


def shown(query, host, late=False):
    """The owners that are shown, None for none; ``late``: they are looked for when somebody asks for one."""
    if query.detail.owners:
        return host.owners(query.detail.threads, query.detail.contexts, late or not query.ahead, query.style.escape)


def known(query, host, shown=None):
    """The owners that are needed beside those that are ``shown``, None for none."""
    if not query.detail.needed:
        return None
    from ..catalogue import owners_for
    return owners_for(query, host, shown)


def dumps(query, host, kernel, owners):
    """(Dump, Destroyer or None) of each table, wherever the query asks; what is behind them is open until the next is taken.

    The first of them has been begun, and so has the first of the next places.
    """
    kernel = kernel or Kernel()
    if query.selection.netns is None and 'peers' not in query.detail.wanted:
        yield from asked(query, host, kernel, owners)
        return
    from .places import introduced, placed, places
    waiting, found = [], introduced(query, places(query, host, kernel))
    try:
        for inside, source in found:
            rest = asked(placed(query, inside), inside, source, owners, inside.close if inside is not host else None)
            waiting.append((rest, list(islice(rest, 1))))
            if len(waiting) > AHEAD:
                yield from first_of(waiting)
        while waiting:
            yield from first_of(waiting)
    finally:
        for rest, _ in waiting:
            rest.close()
        found.close()


def first_of(waiting):
    """What the first of some places has, which then waits no more."""
    rest, first = waiting[0]
    yield from first
    yield from rest
    del waiting[0]


def asked(query, host, source, owners, close=None):
    """The same of one place; ``close()`` is called behind the last."""
    destroyer = None
    if query.kill:
        from ..sources.destroy import Destroyer, Rehearsal
        destroyer = Rehearsal() if query.dry_run else Destroyer(source.kept(), host.report)
    try:
        for table in tables(query.selection):
            dump = Dump(table, query, host, source, owners).ahead()
            try:
                yield dump, destroyer if table.destroyable or query.dry_run else None
            finally:
                dump.close()
    finally:
        if destroyer:
            destroyer.end()
        if close:
            close()


def wanted(dump, destroyer):
    """The Batches of a dump; with a destroyer of those sockets that it could close."""
    for batch in dump:
        if destroyer:
            batch = destroyer.closed(dump.table, batch)
        if batch:
            yield batch
