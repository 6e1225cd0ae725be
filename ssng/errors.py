"""What can go wrong, said in one line.

Every error that is the user's to know is a :class:`Failure`: the line that follows ``ssng: `` on
stderr and the exit status of the program.  Nothing here imports anything, so that any room of the
house may raise one.
"""


class Failure(Exception):
    """The program cannot go on: ``message`` for stderr, ``status`` for the shell.

    ss ends with 255 where its C code says ``exit(-1)`` (command line, filter syntax) and with 1 where
    a value or the host is at fault (fixtures/behaviour/command-line.md, 1.5); so do we.
    """

    def __init__(self, message, status=255):
        super().__init__(message)
        self.message = message
        self.status = status


class Notice(Exception):
    """The program has nothing to do and says why: ``message`` for stderr, exit status 0."""


def caret(text, start, end=None):
    """``text`` with a line of carets under ``text[start:end]``, indented for a terminal."""
    width = max((end if end is not None else start + 1) - start, 1)
    return '  %s\n  %s%s' % (text, ' ' * start, '^' * width)
