"""--changes: the sockets that open, close or change their state from now on.

Two looks are compared; what the kernel tells of sockets that end (tcp and udp) fills the gap between them:

    look        7 ESTAB   9 ESTAB                    look    7 CLOSE-WAIT   9 TIME-WAIT   12 ESTAB
                            |   9 ends   11 ends      |
    told        - 11 when it ended       ~ 7         ~ 9         + 12          at the look

11 lived between the looks, so its last message is all there is of it.  9 has ended as a connection, and is there as a
TIME-WAIT: where those are shown it has changed, else it has closed.  So what ends is told at the look behind it, under its
own time, in front of what the look finds.
"""

import sys
from time import time

from ..catalogue import Reader
from ..sources.dump import Judge
from ..states import CONNECTED, LISTENING
from .looks import stamp
from .overheard import Ears
from .places import placed
from .snapshot import Signed, Whole, keys, made, namespace, taken

SIGNS = {'opened': '+', 'closed': '-', 'changed': '~'}


def changes(query, host, kernel, looks):
    """Print what changes until ``looks`` are over, not counting the one it begins with; returns the exit status."""
    query.style.lines = query.style.json
    if looks.times is not None:
        looks.times += 1
    ears = Ears(query, host, kernel)
    before, gone, output = None, frozenset(), None
    try:
        for _ in looks.moments(ears.wait):
            host, heard = host.again(), ears.heard()
            now = taken(query, host, kernel, ['state'])
            if output is None:
                output = Signed(now.output, query, ['change', 'time'], as_object)
            else:
                rows, gone = compared(before, unseen(query, before, heard), now, gone, time())
                told(output, rows)
            output.flush()                  # the header at once
            sys.stdout.flush()
            before = now
    finally:
        ears.close()
    return 0


def compared(before, ends, now, gone, moment):
    """([(what happened, when, Whole, row), ...], keys that the kernel may yet tell the end of).

    ``ends``: (time, key, Whole or None if it is not to be shown, row) of sockets that have ended, as the kernel told it;
    ``gone``: keys of which it has been told that they closed.
    """
    rows, done = [], set()
    for when, key, whole, row in ends:
        if key in now.places or key in gone or key in done:
            continue                        # as a TIME-WAIT it is still there; or it is known
        if key in before.places:
            whole, row = before.places[key]
        if whole:
            done.add(key)
            rows.append(('closed', when, whole, row))
    closed = [key for key in before.places if key not in now.places and key not in done]
    rows += [('closed', moment) + before.places[key] for key in closed]
    for key, place in now.places.items():
        if key not in before.places:
            rows.append(('opened', moment) + place)
        elif now.told[key] != before.told[key]:
            rows.append(('changed', moment) + place)
    return rows, frozenset(closed)


def unseen(query, before, heard):
    """What compared() takes as ``ends``, of what was heard; a socket of no look is shown if the query asks for its like."""
    judges, views = {}, {}
    for when, host, table, batch in heard:
        if (host, table) not in judges:
            judges[host, table] = Judge(table, placed(query, host), host), Reader(table, host)
            views[host, table] = before.view(table, host)
        judge, reader = judges[host, table]
        found = keys(batch, reader, namespace(host) if query.selection.several else None)
        flags = judge.flags(batch) or [True] * batch.count
        whole = Whole(views[host, table], batch)
        for row, (key, flag, peer) in enumerate(zip(found, flags, table.column(batch, 'dst'))):
            asked = flag and query.selection.states & (CONNECTED if any(peer) else LISTENING)
            yield when, key, whole if asked else None, row


def told(output, rows):
    """Write what compared() found."""
    texts = made([(whole, row) for _, _, whole, row in rows], output.cells)
    words = SIGNS if output.cells else {word: word for word in SIGNS}
    output.add([(words[word], stamp(when)) for word, when, _, _ in rows], texts)


def as_object(front, row, _):
    return '{"time":"%s","event":"%s","socket":%s}' % (front[1], front[0], row)
