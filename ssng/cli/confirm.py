"""-K with neither a filter nor a state closes every socket of its tables: on a terminal that is asked first."""

from os import isatty

from ..errors import Failure
from ..tables import declared, rows_of

QUESTION = 'ssng: there is no filter: close all sockets of %s? [y/N] '
YES = (b'y', b'yes')


def confirm(query):
    """Return if the user says yes, and where there is nobody to ask: that is as ss has it.  Else Failure, status 1."""
    names = closing(query.selection)
    if not names or not isatty(1):
        return
    try:
        terminal = open('/dev/tty', 'r+b', buffering=0)
    except OSError:
        return
    with terminal:
        terminal.write((QUESTION % ' '.join(names)).encode())
        if terminal.readline().strip().lower() not in YES:
            raise Failure('nothing was closed (--dry-run shows what would be)', 1)


def closing(selection):
    """The names of the tables that are asked for and whose sockets can be closed."""
    return [name for row in rows_of(selection) if declared(row.module).destroyable
            for name in row.names if name in selection.tables]
