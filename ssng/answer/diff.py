"""--diff: what opened, closed and was replaced between a record and now, or another record.

    record   a ESTAB 1001-2001    b LISTEN :80    c LISTEN :22
    now                           d LISTEN :80    c LISTEN :22    e ESTAB 1001-2002
    told     - a                  ~ d, before b                   + e

A socket is the same one if its cookie and its ends are: after a restart of the host cookies begin anew.
"""

import sys

from .snapshot import Signed, made, taken

SIGNS = {'opened': '+', 'closed': '-', 'replaced': '~'}
LISTENERS = ('LISTEN', 'UNCONN')        # the second of udp and its like, and of unix datagrams
# But for the state, what two listeners have alike of which one took the place of the other
FACTS = ('state', 'netid', 'local.port', 'local.path', 'local.abstract', 'local.cid', 'local.node', 'local.address',
         'local.interface')
NAME = slice(2, 7)                      # of them, what a socket keeps once it has it


def diff(query, before, now):
    """Print how two Snapshots of looked_at() differ; returns the exit status: 1 if they do."""
    opened, closed, replaced = differences(before.told, now.told)
    output = Signed(now.output, query, ['change'], as_object)
    words = SIGNS if output.cells else {word: word for word in SIGNS}
    output.add([(words['closed'],)] * len(closed), made([before.places[key] for key in closed], output.cells))
    texts = made([now.places[key] for key in replaced], output.cells)
    olds = made([before.places[key] for key in replaced.values()], output.cells) if query.style.json else None
    output.add([(words['replaced'],)] * len(replaced), texts, olds)
    output.add([(words['opened'],)] * len(opened), made([now.places[key] for key in opened], output.cells))
    output.flush()
    sys.stdout.flush()
    return 1 if opened or closed or replaced else 0


def as_object(front, row, before):
    return '{"change":"%s","socket":%s%s}' % (front[0], row, ',"before":' + before if before else '')


def looked_at(query, host, kernel=None):
    """The Snapshot of what a query asks for, to be compared with another."""
    return taken(query, host, kernel, FACTS)


def differences(before, now):
    """(keys opened, keys closed, {key of now: key before} replaced) of two {key: values of FACTS}, in their order."""
    opened = [key for key in now if key not in before or moved(before[key], now[key])]
    closed = [key for key in before if key not in now or moved(before[key], now[key])]
    waiting, replaced = {}, {}
    for key in closed:
        if listens(before[key]):
            waiting.setdefault((key[0],) + before[key][1:], []).append(key)
    for key in opened:
        same = listens(now[key]) and waiting.get((key[0],) + now[key][1:])
        if same:
            replaced[key] = same.pop(0)
    gone = set(replaced.values())
    return [key for key in opened if key not in replaced], [key for key in closed if key not in gone], replaced


def moved(one, another):
    """Whether two sockets are not the same one though their cookies are: of two hosts, or of one that started anew."""
    one, another = (one[1],) + one[NAME], (another[1],) + another[NAME]
    return one[0] != another[0] or any(one[1:]) and any(another[1:]) and one != another


def listens(values):
    """Whether it is a listener, by a state and a name that others can find."""
    return values[0] in LISTENERS and any(values[NAME])
