"""The questions of the README are asked: each is understood, and its answer begins as it does there."""
import os
import re
import shlex

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run, subject


def questions():
    """(words, the lines of the answer) of each command that the README shows."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        blocks = re.findall(r'(?m)^    \$ ssng (.*)\n((?:    .*\n)+)', stream.read())
    return [(shlex.split(words), re.findall('    (.*)', lines)) for words, lines in blocks]


QUESTIONS = questions()


def test_there_are_ten():
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize('words, lines', QUESTIONS, ids=lambda part: ' '.join(part) if isinstance(part, list) else None)
def test_question(words, lines):
    """Whichever sockets this host has: status 0, no complaint, the header of the README where there is one."""
    answer = run(subject() + words)
    assert (answer.status, answer.err) == (0, b'')
    found = answer.out.decode().splitlines()
    if not lines[0].startswith('{'):
        assert found[0].split() == lines[0].split()
    if '--top' in ' '.join(words) and found:
        assert len(found) <= len(lines)
