"""What to say where nothing was shown: which sockets the filter would match, and the option that shows them.

It asks the kernel a second time, so it is done where a person looks and there was no row.
"""

from ..query import Selection
from ..sources.dump import Dump
from ..states import ALL, LISTENING
from ..tables import tables

FEW = 10000             # sockets that are looked at before that is enough to know


def nothing(query, host, kernel, owners):
    """Tell of the sockets that the same question finds in other states, if the user chose none."""
    selection = query.selection
    if selection.chosen:
        return
    for states, option, kind in ((LISTENING & ~selection.states, '-l', ', listening or unconnected,'), (ALL & ~selection.states, '-a', '')):
        found = counted(query, states, host, kernel, owners)
        if found:
            host.report.hint('nothing matched in these states, but %s%d socket%s%s would with %s%s' % (
                'more than ' if found >= FEW else '', min(found, FEW), '' if found == 1 else 's', kind, option,
                ', or with -a' if option == '-l' else ''))
            return


def counted(query, states, host, kernel, owners):
    """How many sockets the same question finds in ``states``."""
    usual, count = query.selection, 0
    query.selection = Selection(usual.tables, usual.families, states, usual.family, usual.condition, usual.text)
    try:
        for table in tables(query.selection):
            dump = Dump(table, query, host, kernel, owners)
            try:
                for batch in dump:
                    count += batch.count
                    if count >= FEW:
                        return count
            finally:
                dump.close()
    finally:
        query.selection = usual
    return count
