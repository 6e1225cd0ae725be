"""What to say where nothing was shown: which sockets the filter would match, and the option that shows them.

It asks the kernel a second time, so it is done where a person looks and there was no row.
"""

from ..states import ALL, LISTENING
from .dumps import dumps

FEW = 10000             # sockets that are looked at before that is enough to know


def nothing(query, host, kernel, owners):
    """Tell of the sockets that the same question finds in other states, if the user chose none."""
    selection = query.selection
    if selection.chosen:
        return
    for option, states, what in (('-l', LISTENING, 'listening and unconnected sockets'), ('-a', ALL, 'all states')):
        found = counted(query, states & ~selection.states, host, kernel, owners)
        if found:
            host.report.hint('nothing matched, but %s (%s) would show %s%d' % (
                option, what, 'more than ' if found > FEW else '', min(found, FEW)))
            return


def counted(query, states, host, kernel, owners):
    """How many sockets the same question finds in ``states``."""
    other, count = query.of(query.selection.condition), 0
    other.selection.states, other.kill = states, False
    asked = dumps(other, host, kernel, owners)
    try:
        for dump, _ in asked:
            for batch in dump:
                count += batch.count
                if count > FEW:
                    return count
    finally:
        asked.close()
    return count
