"""Operands that are no hosts: numbers, devices, marks, cgroups (command-line.md 3.6 to 3.8).

Whatever is not what it should be is a Failure of status 1.
"""

from ..errors import Failure
from .tree import Cgroup, Device, Mark

BLANKS = ' \t\n\v\f\r'
BASES = {'0x': 16, '0X': 16, '0b': 2, '0B': 2}
DIGITS = '0123456789abcdef'
LONGEST = 64                # digits that a number of 64 bits can have, in any base


def scan(text):
    """The integer that ``text`` begins with, and the text after it; (None, text) without one.

    What strtoll(3) takes with base 0: blanks, a sign and one of 0x, 0b and 0 before the digits.  It may be
    greater than C can hold; how much greater is not told of very many digits.
    """
    digits = text.lstrip(BLANKS)
    negative = digits[:1] == '-'
    if digits[:1] in ('-', '+'):
        digits = digits[1:]
    if digits[:2] in BASES:
        base, digits = BASES[digits[:2]], digits[2:]
    else:
        base = 8 if digits[:1] == '0' else 10
    known = DIGITS[:base]
    rest = digits.lower().lstrip(known)
    count = len(digits) - len(rest)
    if not count:
        return None, text
    number = natural(digits[:count], base)
    return -number if negative else number, digits[count:]


def natural(digits, base=10):
    """The number that ``digits`` mean; one beyond 64 bits where there are very many, which int() may refuse."""
    digits = digits.lstrip('0')
    return int(digits or '0', base) if len(digits) <= LONGEST else 1 << 64


def c_integer(text, low=-1 << 63, high=(1 << 63) - 1):
    """``text``, all of it, as an integer in C's notation; None if it is none between the limits."""
    number, rest = scan(text)
    return number if number is not None and not rest and low <= number <= high else None


def c_unsigned(text, high=0xffffffff):
    return c_integer(text, 0, high)


def word32(number):
    """What a 32-bit integer holds after scanf(3) stored ``number`` into it."""
    return max(-1 << 63, min(number, (1 << 63) - 1)) & 0xffffffff


def mark(text, side, scope):
    """VALUE or VALUE/MASK.  What follows the last number is ignored, as ss does."""
    value, rest = scan(text)
    mask = 0xffffffff
    if '/' in text and value is not None:
        mask = scan(rest[1:])[0] if rest.startswith('/') else None
    if value is None or mask is None:
        raise Failure('this is no mark: a number, or NUMBER/MASK', 1)
    return Mark(word32(value), word32(mask))


def interface(text, scope):
    """Index of the interface called ``text``, or N of `ifN` (what follows is ignored); 0 if neither."""
    index = scope.interface(text)
    if not index and text.startswith('if'):
        digits = text[2:].lstrip(BLANKS)
        count = len(digits) - len(digits.lstrip('0123456789'))
        index = word32(natural(digits[:count]))
    return index


def device(text, side, scope):
    index = interface(text, scope) or c_unsigned(text)
    if index is None:
        raise Failure('there is no network interface of this name', 1)
    return Device(index)


def cgroup(text, side, scope):
    return Cgroup(scope.cgroup(text))
