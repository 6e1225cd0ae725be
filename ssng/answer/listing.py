"""The answer to one query: tables one after the other, to text or JSON."""

import os
import sys
import _thread
from itertools import chain, islice

from ..errors import Failure
from ..kernel.netlink import ready_for_many
from ..sources.dump import Dump
from ..tables import declared
from ..tables.table import JsonView, TextView
from .dumps import dumps, known, shown, wanted
from .rows import Rows, aligned, of

FEW = 10000             # sockets that are read before anything for many of them has been imported
CROWD = 8000            # sockets with TCP info that are worth more processes than one
UNSHARED = frozenset(('hosts', 'bpf', 'bpf_maps', 'netns', 'host', 'peers', 'rates'))   # what one process must remember


def listing(query, host, kernel=None):
    """Print the sockets that ``query`` asks for; returns the exit status.

    ``kernel`` is the source to ask or to listen to, this host's unless told.
    """
    if query.record:
        Dump(declared('tcp'), query, host, kernel, known(query, host)).record(query.record)
        return 0
    query.style.goes_to(os.isatty(1))
    owners = shown(query, host)
    judging = known(query, host, owners)
    if query.events:
        return follow(query, host, kernel, stage(query, owners, judging), judging)
    number = used(host)
    rows = painters = shared(query, host, owners, judging, number)      # forked before there is a thread
    asked = dumps(query, host, kernel, judging)
    first = list(islice(asked, 1))          # the kernel is at work while we make ready
    if number > FEW:
        ready_for_many()
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


# What is made of the answer

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
    from ..output.text import screen_width, visible_columns
    visible = visible_columns(query)
    return Rows(aligned(visible, screen_width(), style),
                lambda table, host: TextView(table, query, host, of(owners, host), visible))


def shared(query, host, owners, needed, number):
    """The stage that shares the work out to painters, where there are many sockets, ``number``, and cores; None where not."""
    detail, style = query.detail, query.style
    if (query.arrangement or query.kill or style.lines or style.resolve or query.selection.netns is not None
            or owners and not query.ahead or not detail.wanted.isdisjoint(UNSHARED)):
        return None
    if not worth(detail, number) or one_core():
        return None
    from .painting import painted
    return painted(stage(query, owners, needed), query, host, CROWD)


def worth(detail, number):
    """Whether the rows of so many sockets are what is waited for; with less to tell of each it is the kernel."""
    return number >= CROWD and 'info' in detail.shown


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
