"""--watch: the answer again and again, on a screen that is drawn anew, or one behind the other.

    on a terminal    the time and as many rows as there is room for, in place of those before
    in a pipe        a line with the time, then the answer
    -j               {"time":"2026-11-25T18:00:00.123Z","sockets":[...]}, each in one line
    --csv, --tsv     one table with a column more, the time
"""

import os
import sys
from time import time

from ..output import write
from .looks import look, redirected, stamp


def watch(query, host, kernel, looks):
    """Show the answer until ``looks`` are over; returns the exit status."""
    query.style.lines = False               # each is a line as it is
    arrangement = query.arrangement
    if query.style.json:
        form = Objects('counts' if arrangement and arrangement.count is not None else 'sockets', query.style.pretty)
    elif arrangement and arrangement.separator:
        form = Fields(arrangement.separator)
    elif os.isatty(1) and os.environ.get('TERM') != 'dumb':
        from .screen import shown
        return shown(query, host, kernel, looks)
    else:
        form = Lines()
    for _ in looks.moments():
        host = host.again()
        moment = stamp(time())
        form.show(moment, lambda prepare: look(query, host, kernel, prepare))       # noqa: B023
        sys.stdout.flush()
    return 0


class Lines:
    """Text, behind a line of time."""

    def show(self, moment, answer):
        write((moment + '\n').encode('ascii'))
        answer(redirected(write))


class Objects:
    """A JSON object in one line, but for what is to be indented."""

    def __init__(self, key, pretty):
        self.key = key
        self.write = write if pretty else joined

    def show(self, moment, answer):
        write(('{"time":"%s","%s":' % (moment, self.key)).encode('ascii'))
        try:
            answer(redirected(self.write))
        finally:
            write(b'}\n')


def joined(data):
    """Write JSON without its line ends; in texts they are spelled otherwise."""
    data = data.replace(b'\n', b'')
    if data:
        write(data)


class Fields:
    """CSV with one header, and the time in front of each line."""

    def __init__(self, separator):
        self.separator = separator
        self.begun = False

    def show(self, moment, answer):
        def prepare(output):
            output.front = moment + self.separator
            if output.header is not None:
                output.header = None if self.begun else 'time' + self.separator + output.header
            self.begun = True
        answer(prepare)
