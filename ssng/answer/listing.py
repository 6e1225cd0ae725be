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

    ``kernel`` is the source to ask, this host's unless told.
    """
    kernel = kernel or Kernel()
    if query.record:
        Dump(declared('tcp'), query, host, kernel).record(query.record)
        return 0
    query.style.escape = not query.style.json and isatty(1)
    owners = None
    if query.detail.owners:
        owners = host.owners(query.detail.threads, query.detail.contexts, not query.ahead, query.style.escape)
    if query.events:
        return follow(query, host, kernel, *shown(query, host, owners))
    asked = (Dump(table, query, host, kernel).ahead() for table in tables(query.selection))
    first = list(islice(asked, 1))          # the kernel is at work while we make ready
    output = destroyer = None
    try:
        output, view = shown(query, host, owners)
        if query.kill:
            from ..sources.destroy import Destroyer
            destroyer = Destroyer(kernel.kept(), host.report)
        for dump in chain(first, asked):
            try:
                listed(dump, output, view, destroyer)
            finally:
                dump.close()
        output.flush()
    except Failure:
        if output and query.style.json:     # what came before is a whole document, too
            output.flush()
        raise
    finally:
        for dump in first:
            dump.close()
        if destroyer:
            destroyer.kernel.close()
    return 0


def listed(dump, output, view, destroyer):
    """Hand the rows of one table to the output; with a destroyer, of those sockets that it could close."""
    rows = view(dump.table).rows
    for batch in dump:
        if destroyer and dump.table.destroyable:
            batch = destroyer.closed(dump.table, batch)
        if batch:
            output.add(rows(batch))


def shown(query, host, owners):
    """Where rows go, and the function from a table to the view that makes them."""
    style = query.style
    if style.json:
        from ..output.json import Array, Lines
        return (Lines if query.events else Array)(style.pretty), lambda table: JsonView(table, query, host, owners)
    from ..output.text import Table, screen_width, visible_columns
    visible = visible_columns(query)
    return Table(visible, screen_width(), style.header), lambda table: TextView(table, query, host, owners, visible)


def follow(query, host, kernel, output, view):
    """Print the sockets that end from now on, each at once."""
    from ..sources.events import events
    from ..tables import ended
    tables = ended()
    views = {table: view(table) for table in tables.values()}
    for table, batch in events(query, tables, kernel, host.report):
        output.each(views[table].rows(batch))
        sys.stdout.flush()
