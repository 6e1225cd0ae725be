"""What can go wrong, said in one line.

Every error that is the user's to know is a :class:`Failure`: the line that follows ``ssng: `` on
stderr and the exit status of the program.  Nothing here imports anything at first, so that any room of
the house may raise one.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from typing import Iterable


NO_WORDS = 'No error information'       # what musl says of every number that it does not know


class Failure(Exception):
    """The program cannot go on: ``message`` for stderr, ``status`` for the shell.

    ss ends with 255 where its C code says ``exit(-1)`` (command line, filter syntax) and with 1 where
    a value or the host is at fault (fixtures/behaviour/command-line.md, 1.5); so do we.
    """

    def __init__(self, message: str, status: int = 255, position: 'int | None' = None, errno: 'int | None' = None) -> None:
        """``position``: where in the text of a filter; ``errno``: what the kernel said; None where there is no such."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.position = position
        self.errno = errno


class Notice(Exception):
    """The program has nothing to do and says why: ``message`` for stderr, exit status 0."""


def explain(number: 'int | None') -> str:
    """What an errno says, in words; of any number and of None, since it may have come from outside."""
    import os
    try:
        said = os.strerror(number)      # type: ignore[arg-type]
    except (OverflowError, ValueError, TypeError):
        said = NO_WORDS
    if said == NO_WORDS:
        return 'Unknown error' if number is None else 'Unknown error %d' % number
    return said


def reason(error: OSError) -> str:
    """What an OSError says, in words: without its number and its file."""
    return error.strerror or (explain(error.errno) if error.errno is not None else str(error))


def quoted(word: str) -> str:
    """Somebody's ``word``, latin-1, for a message: one line, whatever is in it."""
    from .escape import one_line
    return '"%s"' % one_line(word)


def similar(word: str, known: 'Iterable[str]', most: int = 1, cutoff: float = 0.6) -> 'list[str]':
    """Those of the ``known`` words that somebody may have meant: the same letters in another order, else what comes close."""
    known = list(known)
    turned = [each for each in known if sorted(each) == sorted(word)][:most]
    try:
        from difflib import get_close_matches
    except ImportError:                 # a small Python: Debian's python3-minimal
        return turned
    return turned or get_close_matches(word, known, most, cutoff)


def caret(text: str, start: int, end: 'int | None' = None) -> str:
    """``text`` with a line of carets under ``text[start:end]``, indented for a terminal.

    ``text`` is latin-1, as it was typed: one line of it is made here, and the carets stand under what is seen.
    """
    from .escape import one_line
    end = max(end if end is not None else 0, start + 1)
    before, marked, behind = map(one_line, (text[:start], text[start:end], text[end:]))
    return '  %s%s%s\n  %s%s' % (before, marked, behind, ' ' * _width(before), '^' * max(_width(marked), 1))


def _width(text: str) -> int:
    return len(text.encode('latin-1').decode('utf-8', 'replace'))
