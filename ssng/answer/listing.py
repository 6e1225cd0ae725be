"""The answer to one query: tables one after the other, to text or JSON."""

import sys
import _thread
from itertools import chain, islice
from os import isatty

from ..errors import Failure
from ..kernel.netlink import Kernel
from ..sources.dump import Dump
from ..tables import declared, tables
from ..tables.table import JsonView, TextView

CROWD = 8000            # sockets that are worth more processes than one
AHEAD = 2               # namespaces whose first table is being read while another one is shown


def listing(query, host, kernel=None):
    """Print the sockets that ``query`` asks for; returns the exit status.

    ``kernel`` is the source to ask or to listen to, this host's unless told.
    """
    if query.record:
        Dump(declared('tcp'), query, host, kernel, known(query, host)).record(query.record)
        return 0
    query.style.escape = not query.style.json and isatty(1)
    owners = shown(query, host)
    judging = known(query, host, owners)
    if query.events:
        return follow(query, host, kernel, stage(query, owners, judging), judging)
    rows = painters = crowd(query, host, owners, judging)   # forked before there is a thread
    asked = dumps(query, host, kernel, judging)
    first = list(islice(asked, 1))          # the kernel is at work while we make ready
    try:
        rows = rows or stage(query, owners, judging)
        for dump, destroyer in chain(first, asked):
            take = rows.table(dump.table, dump.host)
            for batch in wanted(dump, destroyer):
                take(batch)
        rows.flush()
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


# Who is asked

def shown(query, host):
    """The owners that are shown, None for none."""
    if query.detail.owners:
        return host.owners(query.detail.threads, query.detail.contexts, not query.ahead, query.style.escape)


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
    if query.selection.netns is None:
        yield from asked(query, host, kernel or Kernel(), owners)
        return
    from .places import placed, places
    waiting = []
    try:
        for inside, source in places(query, host, kernel or Kernel()):
            rest = asked(placed(query, inside), inside, source, owners, inside.close)
            waiting.append((rest, list(islice(rest, 1))))
            if len(waiting) > AHEAD:
                rest, first = waiting.pop(0)
                yield from first
                yield from rest
        for rest, first in waiting:
            yield from first
            yield from rest
    finally:
        for rest, _ in waiting:
            rest.close()


def asked(query, host, source, owners, close=None):
    """The same of one place; ``close()`` is called behind the last."""
    destroyer = None
    if query.kill:
        from ..sources.destroy import Destroyer
        destroyer = Destroyer(source.kept(), host.report)
    try:
        for table in tables(query.selection):
            dump = Dump(table, query, host, source, owners).ahead()
            try:
                yield dump, destroyer if table.destroyable else None
            finally:
                dump.close()
    finally:
        if destroyer:
            destroyer.kernel.close()
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
        return Rows((Lines if query.events or style.lines else Array)(style.pretty),
                    lambda table, host: JsonView(table, query, host, owners))
    from ..output.text import Table, screen_width, visible_columns
    visible = visible_columns(query)
    return Rows(Table(visible, screen_width(), style.header),
                lambda table, host: TextView(table, query, host, owners, visible))


def crowd(query, host, owners, needed):
    """The stage that shares the work out to painters, where there are many sockets and cores; None where not."""
    detail, style = query.detail, query.style
    if (query.arrangement or query.kill or query.selection.netns is not None or style.resolve or detail.hosts or detail.bpf
            or detail.bpf_maps or owners and not query.ahead or one_core() or used(host) < CROWD):
        return None
    from .painting import painted
    return painted(stage(query, owners, needed), query, host, CROWD)


def one_core():
    """Whether this process may run on one processor only, or has threads: then there are no painters."""
    from os import sched_getaffinity
    try:
        return len(sched_getaffinity(0)) < 2 or _thread._count() > 0
    except OSError:
        return True


def used(host):
    """At most how many sockets there are in this network namespace; 0 where nobody knows."""
    try:
        with open(host.paths.net('sockstat'), 'rb', 0) as file:
            words = file.read(4096).split()
        return int(words[2]) + int(words[words.index(b'tw') + 1])
    except (OSError, ValueError, IndexError):
        return 0


def follow(query, host, kernel, rows, owners):
    """Print the sockets that end from now on, each at once."""
    from .following import ending
    views = {}
    for inside, table, batch in ending(query, host, kernel, owners):
        if (inside, table) not in views:
            views[inside, table] = rows.view(table, inside)
        rows.output.each(views[inside, table].rows(batch))
        sys.stdout.flush()
