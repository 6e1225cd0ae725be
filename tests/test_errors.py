"""What is said of an error, whatever number somebody sent; and where the carets stand."""
import errno
import os

import pytest

from ssng.errors import caret, explain, reason, similar


@pytest.mark.parametrize('number', [errno.EPERM, errno.ENOENT, 0, 133, -1, 5000])
def test_explain_as_the_c_library(number):
    """But for musl, which says the same of every number that it does not know."""
    said = os.strerror(number)
    assert explain(number) == said.replace('No error information', 'Unknown error %d' % number)


@pytest.mark.parametrize('number', [-2147483648, 2147483648, -2147483649, 1 << 64, None])
def test_explain_anything(number):
    assert explain(number).startswith('Unknown error')


def test_reason():
    assert reason(OSError(errno.EACCES, 'no', '/x')) == 'no'
    assert reason(OSError('odd')) == 'odd'


@pytest.mark.parametrize('text, start, end, shown', [
    ('dst nowhere', 4, 11, '  dst nowhere\n      ^^^^^^^'),
    ('dst', 3, None, '  dst\n     ^'),
    ('a\nb c', 4, 5, '  a\\x0ab c\n         ^'),
    ('caf\xc3\xa9 x', 6, 7, '  caf\xc3\xa9 x\n       ^'),           # one character on the terminal
    ('x \x1b\xff', 2, 4, '  x \\x1b\\xff\n    ^^^^^^^^'),
])
def test_caret(text, start, end, shown):
    assert caret(text, start, end) == shown


@pytest.mark.parametrize('word, known, found', [
    ('tpc', ['tipc', 'tcp', 'udp'], ['tcp']), ('tcpp', ['tipc', 'tcp', 'udp'], ['tcp']),
    ('lisetning', ['listen', 'listening'], ['listening']),
    ('xyz', ['tcp'], []), ('', ['tcp'], [])])
def test_similar_words(word, known, found):
    assert similar(word, known) == found
