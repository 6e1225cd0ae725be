"""The answer to one query: tables one after the other, to text or JSON."""

import sys
from itertools import chain, islice
from os import isatty

from ..errors import Failure
from ..kernel.netlink import Kernel
from ..sources.dump import Dump
from ..tables import declared, tables
from ..tables.table import JsonView, TextView


def listing(query, host, kernel=None):
    """Print the sockets that ``query`` asks for; returns the exit status.

    ``kernel`` is the source to ask or to listen to, this host's unless told.
    """
    if query.record:
        Dump(declared('tcp'), query, host, kernel, known(query, host)).record(query.record)
        return 0
    query.style.escape = not query.style.json and (query.style.color or isatty(1))
    owners = None
    if query.detail.owners:
        owners = host.owners(query.detail.threads, query.detail.contexts, not query.ahead, query.style.escape)
    judging = known(query, host, owners)
    if query.events:
        return follow(query, host, kernel, judging, stage(query, host, owners, judging))
    kernel = kernel or Kernel()
    asked = (Dump(table, query, host, kernel, judging).ahead() for table in tables(query.selection))
    first = list(islice(asked, 1))          # the kernel is at work while we make ready
    rows, destroyer, seen = None, None, False
    try:
        rows = stage(query, host, owners, judging)
        if query.kill:
            from ..sources.destroy import Destroyer, Rehearsal
            destroyer = Rehearsal() if query.dry_run else Destroyer(kernel.kept(), host.report)
        for dump in chain(first, asked):
            try:
                seen = listed(dump, rows, destroyer) or seen
            finally:
                dump.close()
        rows.flush()
        if not seen and host.report.watched():
            from .hints import nothing
            nothing(query, host, kernel, judging)
    except Failure:
        if rows and query.style.json:       # what came before is a whole document, too
            rows.output.flush()
        raise
    finally:
        for dump in first:
            dump.close()
        if destroyer:
            destroyer.end()
    return 0


def known(query, host, shown=None):
    """The owners that are needed beside those that are ``shown``, None for none."""
    if not query.detail.needed:
        return None
    from ..catalogue import owners_for
    return owners_for(query, host, shown)


def listed(dump, rows, destroyer):
    """Hand the sockets of one table to a stage, with a destroyer those that it could close; returns whether there are any."""
    take, seen = rows.table(dump.table), False
    for batch in dump:
        if destroyer and (dump.table.destroyable or destroyer.only):
            batch = destroyer.closed(dump.table, batch)
        if batch:
            take(batch)
            seen = True
    return seen


class Rows:
    """The stage that makes the rows of each batch, and hands them to ``output`` at once.

    ``view``: the function from a table to the view that makes them.
    """

    def __init__(self, output, view):
        self.output = output
        self.view = view

    def table(self, table):
        """The function that takes a Batch of a table."""
        rows, output = self.view(table).rows, self.output
        return lambda batch: output.add(rows(batch))

    def flush(self):
        """All batches have come."""
        self.output.flush()


def stage(query, host, owners, needed):
    """What takes the batches of each table; ``owners``: those that are shown; ``needed``: those of other facts, None without."""
    if query.arrangement:
        from .arranged import stage
        return stage(query, host, owners, needed or owners)
    style = query.style
    if style.json:
        from ..output.json import Array, Lines
        return Rows(Lines(style.pretty) if query.events or style.lines else Array(style.pretty, summary=query.summary),
                    lambda table: JsonView(table, query, host, owners))
    from ..output.text import screen_width, table, visible_columns
    visible = visible_columns(query)
    return Rows(table(visible, screen_width(), style), lambda table: TextView(table, query, host, owners, visible))


def follow(query, host, kernel, judging, rows):
    """Print the sockets that end from now on, each at once."""
    from ..kernel.multicast import Listener
    from ..sources.events import events
    from ..tables import ended
    tables = ended()
    views = {table: rows.view(table) for table in tables.values()}
    for table, batch in events(query, tables, kernel or Listener(), host.report, host, judging):
        rows.output.each(views[table].rows(batch))
        sys.stdout.flush()
