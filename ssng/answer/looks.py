"""A question that is put again and again: --watch, --changes, --wait; and what goes with them and what does not.

They are words while a draft is filled (``Draft.looks``).  :func:`looks` makes a Looks of them before anything is asked.

    --watch=2     |look....|look.....|look...|      every two seconds, from the beginning of one to that of the next
    a slow one    |look..............look...|       then at once, and what was missed is not made up for
"""

import gc
from itertools import chain, islice
from time import gmtime, monotonic, sleep

from ..errors import Failure, quoted
from .dumps import dumps, known, shown
from .listing import filled, stage

KINDS = ('watch', 'changes', 'wait', 'diff')
USUAL = {'watch': 2, 'changes': 1, 'wait': None}        # seconds, where none are said
MOST = 10 ** 9                      # seconds

# What cannot go together; the first is what there is less of.
ONES = ('kill', 'events', 'diag', 'summary', 'openmetrics')
EXCLUDED = (
    ('watch', ('changes', 'wait', 'diff', 'record', 'replay') + ONES), ('changes', ('wait', 'diff', 'record', 'replay') + ONES),
    ('wait', ('diff', 'record', 'replay') + ONES), ('diff', ('record',) + ONES),
    ('changes', ('count', 'sort', 'top')), ('diff', ('count', 'sort', 'top')),
)


class Looks:
    """``kind``      one of KINDS
    ``seconds``   between two looks; of --wait how long, None for ever
    ``times``     how many looks, None for ever
    ``path``      of --diff: the record
    """

    __slots__ = ('kind', 'seconds', 'times', 'path')

    def __init__(self, given):
        """``given``: {name of an option: its argument}"""
        self.kind = next(kind for kind in KINDS if kind in given)
        self.path = given.get('diff')
        self.times = whole(given['times']) if 'times' in given else None
        self.seconds = USUAL.get(self.kind)
        if self.kind != 'diff' and given[self.kind] is not None:
            self.seconds = seconds(self.kind, given[self.kind])

    def moments(self, pause=sleep):
        """The numbers of looks, each when it is due; ``pause(seconds)`` waits."""
        due, number = monotonic(), 0
        while self.times is None or number < self.times:
            rest = due - monotonic()
            if rest > 0:
                pause(rest)
            yield number
            number += 1
            due = max(due + self.seconds, monotonic())


def looks(draft):
    """The Looks that a Draft asks for, None for a single answer."""
    given = dict(draft.looks)
    there = {'kill': draft.kill, 'events': draft.events, 'diag': draft.dump_path is not None, 'summary': draft.summary,
             'record': draft.record_path is not None, 'replay': draft.replay_path is not None}
    for name, others in EXCLUDED:
        for other in others:
            if name in given and (other in given or other in draft.arranged or there.get(other)):
                raise Failure('--%s and --%s exclude each other' % (name, other))
    if 'times' in given and ('diff' in given or len(given) == 1):
        raise Failure('--times goes with --watch, --changes and --wait alone')
    return Looks(given) if given else None


def seconds(kind, text):
    """A number of seconds; fractions are allowed."""
    number, point, rest = text.partition('.')
    if (number + rest).strip('0123456789') or not number + rest or len(text) > 20 or float(text) > MOST or (
            kind != 'wait' and not float(text)):
        raise Failure('--%s: %s is not a number of seconds%s' % (kind, quoted(text), '' if kind == 'wait' else ' above 0'), 1)
    return float(text)


def whole(text):
    if not text or text.strip('0123456789') or len(text) > 20 or not int(text):
        raise Failure('--times: %s is not a number of looks, 1 or more' % quoted(text), 1)
    return int(text)


def stamp(moment):
    """A time as ISO 8601 has it, in UTC, with milliseconds."""
    return '%04d-%02d-%02dT%02d:%02d:%02d' % gmtime(moment)[:6] + '.%03dZ' % (moment % 1 * 1000)


# One look

def look(query, host, kernel, prepare):
    """Print what a query asks for as it is now; returns whether there was a socket.

    ``prepare(output)``: what is to be done to the output before rows come to it; :func:`redirected` makes one.
    """
    owners = shown(query, host)
    judging = known(query, host, owners)
    asked = dumps(query, host, kernel, judging)
    rows = None
    try:
        first = list(islice(asked, 1))
        rows = stage(query, owners, judging)
        prepare(end(rows))
        seen = filled(measured(query, rows), chain(first, asked))
        rows.flush()
        return seen
    except Failure:
        if rows and query.style.json:
            rows.output.flush()
        raise
    finally:
        asked.close()
        gc.collect()                    # the program does without it, and here it would be missed


def end(rows):
    """The output that writes what a stage makes."""
    while hasattr(rows, 'output'):
        rows = rows.output
    return rows


def redirected(write):
    """The function for look() that lets an output write elsewhere."""
    def prepare(output):
        output.write = write
    return prepare


def measured(query, rows):
    """A stage in front of ``rows``, if counters have to be kept of sockets that none of the rows may tell of."""
    return Measured(rows) if 'rates' in query.detail.needed else rows


class Measured:
    """Lets the host know the counters of all sockets that pass: --top may show others at the next look."""

    def __init__(self, rows):
        self.rows = rows

    def table(self, table, host):
        from ..catalogue import Reader
        take, reader = self.rows.table(table, host), Reader(table, host)

        def taken(batch):
            reader.values(batch, 'rate.retrans')
            take(batch)
        return taken
