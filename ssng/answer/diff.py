"""--diff: what opened, closed and was replaced between a record and now, or another record.

    record   a ESTAB 1001-2001    b LISTEN :80    c LISTEN :22
    now                           d LISTEN :80    c LISTEN :22    e ESTAB 1001-2002
    told     - a                  ~ d, before b                   + e

A socket is the same one if its cookie and its ends are: after a restart of the host cookies begin anew.
"""

import sys

from ..errors import Failure
from ..tables import tables
from .snapshot import Signed, made, taken

SIGNS = {'opened': '+', 'closed': '-', 'replaced': '~'}
LISTENERS = ('LISTEN', 'UNCONN')        # of udp and its like, and of unix datagrams
# What a listener is, whoever holds it.
PLACE = ('netid', 'local.address', 'local.port', 'local.interface', 'local.path', 'local.abstract', 'local.cid', 'local.node')
FACTS = ('state', 'peer.address', 'peer.port') + PLACE
HEARD = len(FACTS) - len(PLACE)         # where PLACE begins


def diff(query, before, host, kernel=None):
    """Print how the sockets differ; returns the exit status: 1 if they do.

    ``before``: the Snapshot of the record.  ``host``, ``kernel``: who is asked for those to compare it with.
    """
    now = compared(query, host, kernel)
    opened, closed, replaced = differences(before.told, now.told)
    output = Signed(now.output, query, ['change'], as_object)
    write(output, now, before, opened, closed, replaced)
    output.flush()
    sys.stdout.flush()
    return 1 if opened or closed or replaced else 0


def compared(query, host, kernel=None):
    """The Snapshot of what a query asks for, to be compared."""
    return taken(query, host, kernel, FACTS)


def differences(before, now):
    """(keys opened, keys closed, {key of now: key before} replaced) of two {key: values of FACTS}."""
    opened = [key for key, values in now.items() if before.get(key, values) != values and other(before[key], values)
              or key not in before]
    closed = [key for key, values in before.items() if key not in now or other(values, now[key])]
    waiting, replaced = {}, {}
    for key in closed:
        if before[key][0] in LISTENERS:
            waiting.setdefault(where(key, before[key]), []).append(key)
    for key in opened:
        same = now[key][0] in LISTENERS and waiting.get(where(key, now[key]))
        if same:
            replaced[key] = same.pop(0)
    gone = set(replaced.values())
    return [key for key in opened if key not in replaced], [key for key in closed if key not in gone], replaced


def other(one, another):
    """Whether these values are of two sockets, though their cookies are alike: one that has moved on has the same ends."""
    return one[HEARD:] != another[HEARD:] or one[0] not in LISTENERS and another[0] not in LISTENERS and (
        one[1:HEARD] != another[1:HEARD])


def where(key, values):
    """What is the same of two listeners of which one replaced the other; ``key`` begins with the network namespace."""
    return key[0], values[HEARD:]
