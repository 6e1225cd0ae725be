"""The answer to one query: tables one after the other, to text or JSON."""

import os
import sys
import _thread
from itertools import chain, islice

from ..errors import Failure
from ..kernel.netlink import Kernel
from ..sources.dump import Dump
from ..tables import declared, tables
from ..tables.table import JsonView, TextView

CROWD = 8000            # sockets with details that are worth more processes than one
PLAIN = 5               # so many times as many without
UNSHARED = frozenset(('hosts', 'bpf', 'bpf_maps', 'netns', 'host', 'peers', 'rates'))   # what one process must remember
AHEAD = 2               # namespaces whose first table is being read while another one is shown


def listing(query, host, kernel=None):
    """Print the sockets that ``query`` asks for; returns the exit status.

    ``kernel`` is the source to ask or to listen to, this host's unless told.
    """
    if query.record:
        Dump(declared('tcp'), query, host, kernel, known(query, host)).record(query.record)
        return 0
    query.style.escape = not query.style.json and (query.style.color or os.isatty(1))
    owners = shown(query, host)
    judging = known(query, host, owners)
    if query.events:
        return follow(query, host, kernel, stage(query, owners, judging), judging)
    rows = painters = shared(query, host, owners, judging)   # forked before there is a thread
    asked = dumps(query, host, kernel, judging)
    first = list(islice(asked, 1))          # the kernel is at work while we make ready
    try:
        rows = rows or stage(query, owners, judging)
        seen = filled(rows, chain(first, asked))
        rows.flush()
        if not (seen or query.kill) and host.report.watched():
            from .hints import nothing
            nothing(query, host, kernel, judging)
    except Failure:
        if rows and query.style.json:       # what came before is a whole document, too
            rows.output.flush()
        elif painters:
            painters.output.drain()         # and what fills a batch is written
        raise
    finally:
        asked.close()
        if painters:
            painters.close()
    return 0


def filled(rows, asked):
    """Hand all that comes of some (Dump, Destroyer or None) to a stage; returns whether there was a socket."""
    seen = False
    for dump, destroyer in asked:
        take = rows.table(dump.table, dump.host)
        for batch in wanted(dump, destroyer):
            take(batch)
            seen = True
    return seen


# Who is asked

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


def of(owners, host):
    """Those of some owners, None for none, that are of one of several hosts."""
    return owners and owners.of(host)


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


# What is made of the answer

class Rows:
    """The stage that makes the rows of each batch, and hands them to ``output`` at once.

    ``view``: the function from a table and its Host to the view that makes them.
    """

    def __init__(self, output, view):
        self.output = output
        self.view = view

    def table(self, table, host):
        """The function that takes a Batch of a table."""
        rows, output = self.view(table, host).rows, self.output
        return lambda batch: output.add(rows(batch))

    def flush(self):
        """All batches have come."""
        self.output.flush()


def stage(query, owners, needed):
    """What takes the batches of each table; ``owners``: those that are shown; ``needed``: those of other facts, None without."""
    if query.arrangement:
        from .arranged import stage
        return stage(query, owners, needed or owners)
    style = query.style
    if style.json:
        from ..output.json import Array, Lines
        return Rows(Lines(style.pretty) if query.events or style.lines else Array(style.pretty, summary=query.summary),
                    lambda table, host: JsonView(table, query, host, of(owners, host)))
    from ..output.text import screen_width, table, visible_columns
    visible = visible_columns(query)
    return Rows(table(visible, screen_width(), style),
                lambda table, host: TextView(table, query, host, of(owners, host), visible))


def shared(query, host, owners, needed):
    """The stage that shares the work out to painters, where there are many sockets and cores; None where not."""
    detail, style = query.detail, query.style
    if (query.arrangement or query.kill or style.lines or style.resolve or query.selection.netns is not None
            or owners and not query.ahead or not detail.wanted.isdisjoint(UNSHARED)):
        return None
    least = CROWD if style.json or detail.shown - {'services'} else CROWD * PLAIN
    if used(host) < least or one_core():
        return None
    from .painting import painted
    return painted(stage(query, owners, needed), query, host, least)


def used(host):
    """At most how many sockets there are in this network namespace; 0 where nobody knows."""
    try:
        with open(host.paths.net('sockstat'), 'rb', 0) as file:
            words = file.read(4096).split()
        return int(words[2]) + int(words[words.index(b'tw') + 1])
    except (OSError, ValueError, IndexError):
        return 0


def one_core():
    """Whether this process may run on one processor only, or has threads: then there are no painters."""
    try:
        return len(os.sched_getaffinity(0)) < 2 or _thread._count() > 0
    except (AttributeError, OSError):
        return True


def follow(query, host, kernel, rows, owners):
    """Print the sockets that end from now on, each at once."""
    from .following import ending
    views = {}
    for inside, table, batch in ending(query, host, kernel, owners):
        if (inside, table) not in views:
            views[inside, table] = rows.view(table, inside)
        rows.output.each(views[inside, table].rows(batch))
        sys.stdout.flush()
