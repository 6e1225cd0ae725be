"""Shell patterns beside fnmatch(3) of the C library."""
import ctypes
import random

import pytest

from ssng.filter.globs import expression

FNM_CASEFOLD = 16
LC_ALL = 6
NAMES = ['', 'a', 'A', 'b', 'z', '_', '-', '[', ']', '!', '^', '\\', '.', '/', ':', '[a', '[]', 'a]', '[!]', 'abc',
         'aXc', '\xe9',
         '\xc9', '\n', 'a\nb', '5', ' ', '[a-', '[[:alpha:', '@0001f', '/run/x.sock', '[]]']
PATTERNS = [
    '', '*', '?', '**', '*a*', 'a*', '*C', '??', 'A', '[A-C]', '[a-C]', '[Z-a]', '[_-a]', '[^_-b]', '[A-z]',
    '[[:upper:]]',
    '[[:lower:]]', '[[:alpha:]]', '[[:digit:]a-c]', '[[:punct:]]', '[[:space:]]', '[[:cntrl:]]', '[[:print:]]',
    '[[:graph:]]',
    '[[:xdigit:]]', '[[:alnum:][:blank:]]', '[^[:alnum:]]', '[[:UPPER:]]', '[[:foo:]]', '[x[:foo:]a]', '[^[:foo:]]',
    '[[:alpha:]',
    '[[:alpha]', '[[:]', '[[:]]', '[[=a=]]', '[[.a.]]', '[[.a.]-c]', '[[.-.]]', '[[.space.]]', '[a-[.c.]]', '[\\]]',
    '[]]', '[]a]',
    '[!]a]', '[^]]', '[^^]', '[!!]', '[a', '[', '[]', '[!', '[!]', '[a-]', '[a-]]', '[-a]', '[--a]', '[c-a]',
    '[ac-b]', '[a-c-e]',
    'a[', '[[]', '[[a]', '\\', '\\\\', '\\a', '\\*', '[\\', '[a\\', '[/]', '*/*', '/*', '.*', '@[0-9a-f]*', '*.SOCK',
    '\xe9', '\xc9',
    '[\xe0-\xef]', '*[', '?]',
]


@pytest.fixture(scope='module')
def fnmatch():
    """In the C locale, as ss runs."""
    libc = ctypes.CDLL(None)
    libc.setlocale.restype = ctypes.c_char_p
    before = libc.setlocale(LC_ALL, None)
    libc.setlocale(LC_ALL, b'C')
    yield lambda pattern, name: libc.fnmatch(pattern.encode('latin-1'), name.encode('latin-1'), FNM_CASEFOLD) == 0
    libc.setlocale(LC_ALL, before)


@pytest.mark.parametrize('pattern', PATTERNS)
def test_table(fnmatch, pattern):
    match = expression(pattern).match
    for name in NAMES + [chr(byte) for byte in range(1, 256)]:
        assert (match(name) is not None) == fnmatch(pattern, name), name


def test_random_patterns(fnmatch):
    dice = random.Random(3)

    def bracket():
        items = ['a', 'b', 'B', 'z', '.', '*', '?', '\\]', '\\a', 'a-c', 'A-z', '_-b', '[:alpha:]', '[:upper:]',
                 '[:digit:]', '\xe9']
        return '[%s%s%s]' % (dice.choice(['', '!', '^']), dice.choice(['', ']', '-']),
                             ''.join(dice.choice(items) for _ in range(dice.randrange(1, 4))))

    for _ in range(3000):
        pattern = ''.join(dice.choice(['*', '?', 'a', 'B', '\\*', '\\\\', '.', '\xe9', bracket(), bracket()])
                          for _ in range(dice.randrange(1, 5)))
        match = expression(pattern).match
        for _ in range(6):
            name = ''.join(dice.choice('aAbBzZ]-*\\.5_\xe9') for _ in range(dice.randrange(5)))
            assert (match(name) is not None) == fnmatch(pattern, name), (pattern, name)
