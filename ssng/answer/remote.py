"""The answer of several hosts: a record of each, answered here one after the other, as one answer."""

from io import BytesIO
from os import isatty

from ..errors import Failure
from ..escape import one_line
from ..query import OWNERS
from ..sources.replay import Record
from .dumps import dumps, known, shown
from .listing import stage
from .record import replayed, widened


class Each:
    """The owners of each host, in place of those of a single one."""

    def __init__(self):
        self.found = {}

    def of(self, host):
        return self.found[host.called]


def listing(query, fars, read, report):
    """Print what the hosts have told of their sockets; returns the exit status, 1 where one of them failed.

    ``fars``: sources.remote.Fars that have been asked, each with another name.  ``read(query, host)`` reads the filter as a
    host means it.  ``report``: a Report; each line of it names its host.
    """
    query.style.goes_to(isatty(1))
    widened(query)
    owners = Each() if query.detail.owners else None
    needed = Each() if not query.detail.needed.isdisjoint(OWNERS) else None
    rows = stage(query, owners, needed)
    for far in fars:
        if far.trouble:
            continue
        try:
            answer(query, far, read, report, rows, owners, needed)
        except Failure as failure:
            far.trouble = failure.message
    rows.flush()
    return 1 if any([far.trouble for far in fars]) else 0


def answer(query, far, read, report, rows, owners, needed):
    """The sockets of one host."""
    record = Record(far.name, stream=BytesIO(far.record))
    host, source = replayed(record, report) or nothing()
    for place in host.places:
        place.called = far.name
    query = query.of(None)
    if query.selection.netns is not None:
        query.selection.netns = ()      # the record has those that were asked for, and no others
    read(query, host)
    if query.detail.hosts and query.detail.services:
        host.names.ask_rpcbind()
    shows = shown(query, host)
    knows = known(query, host, shows)
    for each, found in (owners, shows), (needed, knows):
        if each:
            each.found[far.name] = found
    asked = dumps(query, host, source, knows)
    try:
        for dump, _ in asked:
            take = rows.table(dump.table, dump.host)
            for batch in dump:
                take(batch)
    finally:
        asked.close()
    if record.damage and record.totals != record.datagrams:
        raise Failure('its answer is damaged: %s' % record.damage)


def nothing():
    raise Failure('its answer holds no sockets')


def told(fars, report):
    """Tell what went wrong, and what the hosts had to say."""
    for far in fars:
        for line in far.warnings + [far.trouble] * bool(far.trouble):
            report.warn('%s: %s' % (one_line(far.name), line))
