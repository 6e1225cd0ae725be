"""The answer to one query: tables one after the other, to text or JSON."""

import sys
from itertools import chain, islice
from os import isatty

from ..tables import tables
from ..tables.table import JsonView, TextView


def listing(query):
    """Print the sockets that ``query`` asks for; returns the exit status."""
    if query.dump_file is not None:
        from ..sources.inet import Dump
        from ..tables.tcp import TABLE
        Dump(TABLE, query).record(query.dump_file.write)
        return 0
    owners = owners_for(query) if query.owners else None
    if query.events:
        return follow(query, *shown(query, owners))
    asked = ((table, table.batches(query)) for table in tables(query))
    first = list(islice(asked, 1))          # the kernel is at work while we make ready
    output, view = shown(query, owners)
    destroyer = None
    if query.kill:
        from ..sources.destroy import Destroyer
        destroyer = Destroyer()
    for table, batches in chain(first, asked):
        rows = view(table).rows
        for batch in batches:
            if destroyer and table.destroyable:
                batch = destroyer.closed(table, batch)
            if batch:
                output.add(rows(batch))
    output.flush()
    return 0


def owners_for(query):
    """Who holds the sockets: found now, or where a filter may leave nothing to name, when it is time."""
    from ..host import paths, processes
    find = processes.scan if query.ahead else processes.LateOwners
    return find(paths.proc(), query.show.threads, query.show.contexts)


def shown(query, owners):
    """Where rows go, and the function from a table to the view that makes them."""
    show = query.show
    if show.json:
        from ..output.json import Array, Lines
        return (Lines if query.events else Array)(show.pretty), lambda table: JsonView(table, query, owners)
    from ..output.text import Table, screen_width, visible_columns
    visible = visible_columns(query)
    show.escape = isatty(1)
    return Table(visible, screen_width(), show.header), lambda table: TextView(table, query, owners, visible)


def follow(query, output, view):
    """Print the sockets that end from now on, each at once."""
    from ..sources.events import TABLES, events
    views = {table: view(table) for table in TABLES}
    for table, batch in events(query):
        output.add(views[table].rows(batch))
        output.flush()
        sys.stdout.flush()
