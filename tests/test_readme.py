"""The questions of the README are asked: each is understood, and its answer begins as it does there."""
import os
import re
import shlex
import sys
import textwrap

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run, subject


def questions():
    """(words, the lines of the answer) of each command that the README shows."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        blocks = re.findall(r'(?m)^    \$ ssng (.*)\n((?:    .*\n)+)', stream.read())
    return [(shlex.split(words), re.findall('    (.*)', lines)) for words, lines in blocks]


def beyond():
    """(words, header) of each command that the README shows behind the prompt of root, for hosts with namespaces."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        return [(shlex.split(words), header.split()) for words, header in re.findall(
            r'(?m)^    # ssng (.*)\n    (.*)\n', stream.read())]


def programs():
    """The lines of Python of the README."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        section = stream.read().partition('\nFrom Python\n')[2].partition('\nHow fast\n')[0]
    return re.findall(r'(?m)::\n\n((?:    .*\n|\n)+)', section)


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


@pytest.mark.parametrize('words, header', beyond())
def test_beyond_one_namespace(words, header):
    answer = run(subject() + words)
    # Without blanks: where nobody is told, ss's own columns leave none in front of Process
    assert answer.status == 0 and ''.join(answer.out.decode('utf-8', 'replace').split('\n')[0].split()) == ''.join(header)


def test_python():
    """All of it, as one program."""
    parts = programs()
    assert len(parts) == 3 and parts[0].startswith('    import ssng')
    answer = run([sys.executable, '-W', 'ignore', '-c', ''.join(textwrap.dedent(part) for part in parts)])
    assert (answer.status, answer.err) == (0, b'') and answer.out.endswith(b'rttt > 50ms 0\n')


def lines():
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        section = stream.read().partition('\nAnother time, another host\n')[2].partition('\nFrom Python\n')[0]
    return re.findall(r'(?m)^    ssng (.*)$', section)


def test_another_time(tmp_path):
    """One after the other, in one folder; what needs another host is read at least."""
    from ssng.cli.options import read
    found = lines()
    assert len(found) == 9
    for line in found:
        words = shlex.split(line)
        if {'--host', '--via', '--pod'}.intersection(word.partition('=')[0] for word in words):
            assert read(words)[2] is None
        else:
            answer = run(subject() + words, folder=str(tmp_path))
            assert answer.err == b'' and answer.status in ((0, 1) if '--diff' in line or '--wait' in line else (0,)), line
