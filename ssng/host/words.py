"""Words of the host's files: their bytes, their numbers.

A file of /proc or /etc may hold anything, where a user names another in its place or somebody
pretends: no number is longer than Python takes, and none is what only Python calls one (``1_0``).
"""

from os import fsdecode, fsencode

LINE = 255              # bytes of a line that ss reads at a time
LONGEST = 20            # digits of a number that a machine word holds
DIGITS = '0123456789'
MOST, HIGH, ALL = (1 << 63) - 1, 1 << 31, (1 << 32) - 1


def native(text):
    """Latin-1 text as Python's own calls want it."""
    return fsdecode(text.encode('latin-1'))


def latin(text):
    """What Python's own calls return, as latin-1 text."""
    return fsencode(text).decode('latin-1')


def decimal(text):
    """The number that ``text``, nothing but digits, says; None if it says none, or none of 64 bits."""
    return int(text) if text and len(text) <= LONGEST and not text.strip(DIGITS) else None


def scanned(text):
    """What C's ``%d`` reads at the front of ``text``, and the text behind it; (None, text) where that is nothing.

    An int of 32 bits: the low half of a long, which ends at its own limits.
    """
    front = text[:1] if text[:1] in ('+', '-') else ''
    digits = text[len(front):]
    rest = digits.lstrip(DIGITS)
    digits = digits[:len(digits) - len(rest)]
    if not digits:
        return None, text
    digits = digits.lstrip('0') or '0'
    number = min(int(digits), MOST) if len(digits) <= LONGEST else MOST
    if front == '-':
        number = -MOST - 1 if number == MOST else -number
    return wrapped(number), rest


def wrapped(number):
    """A number as an int of C, 32 bits with a sign, keeps it."""
    return ((number & ALL) ^ HIGH) - HIGH


def entries(path):
    """The fields of each line of a database of /etc (services, protocols, rpc, hosts), latin-1.

    Comments are left out, and lines with less than two fields; a file that cannot be read has no lines.
    """
    try:
        with open(path, 'rb') as file:
            for line in file:
                fields = line.decode('latin-1').partition('#')[0].split()
                if len(fields) > 1:
                    yield fields
    except OSError:
        pass
