"""The answer to one query: tables one after the other, to text or JSON."""

from ..tables import tables
from ..tables.table import JsonView, TextView


def listing(query):
    """Print the sockets that ``query`` asks for; returns the exit status."""
    if query.dump_file is not None:
        from ..tables.inet_dump import Dump
        from ..tables.tcp import TABLE
        Dump(TABLE, query).record(query.dump_file.write)
        query.dump_file.flush()
        return 0
    show = query.show
    owners = None
    if show.processes or show.threads or show.contexts:
        from ..host import paths, processes
        owners = processes.scan(paths.proc(), show.threads, show.contexts)
    if show.json:
        from ..output.json import Array
        output, view = Array(show.pretty), lambda table: JsonView(table, query, owners)
    else:
        from ..output.text import Table, screen_width, visible_columns
        visible = visible_columns(query)
        output, view = Table(visible, screen_width(), show.header), lambda table: TextView(table, query, owners, visible)
    for table in tables(query):
        rows = view(table).rows
        for batch in table.batches(query):
            output.add(rows(batch))
    output.flush()
    return 0
