"""What the tests of the README's "Differences from ss" share: the list, and ways to ask both programs.

Most differences are what ss does on another command line: `instead(OURS, THEIRS)` proves that ssng does on
OURS what ss does on THEIRS, and that ss does something else on OURS.  What this kernel has no sockets
for comes from tests/support/pretend.py, to both programs alike.
"""
import os
import re
import shlex

import pytest

from tests.support import pretend
from tests.support.namespaces import ROOT
from tests.support.programs import run
from tests.support.wire import done, message

LINES = {}              # line of the README: its test


def line(text):
    def register(test):
        assert text not in LINES
        LINES[text] = test
        return test
    return register


def readme():
    """The items of the list, each on one line."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        section = re.split(r'\n(.+)\n-+\n', stream.read())
    text = section[section.index('Differences from ss') + 1]
    return [' '.join(item.split()) for item in re.findall(r'(?m)^\* ((?:.*\n)(?:  .*\n)*)', text)]


# The two programs, beside the crowd's sockets

def rows(answer):
    """The words of each line that is printed."""
    return [row.split() for row in answer.out.decode('latin-1').splitlines()]


@pytest.fixture
def ask(crowd, reference, subject):
    """A function: the answers of ss and of ssng to a command line, without the header."""
    def ask(text, ssng=None, **more):
        more = dict({'enter': crowd.enter}, **more)
        return [run(program + ['-H'] + shlex.split(text), **more) for program in (reference, ssng or subject)]
    return ask


@pytest.fixture
def instead(ask):
    def instead(ours, theirs, **more):
        for _ in range(5):
            as_ss, answer = map(rows, ask(ours, **more))
            expected = rows(ask(theirs, **more)[0])
            if answer == expected:      # else: the kernel's sockets may have changed meanwhile
                break
        assert answer == expected
        assert as_ss != answer, 'they do not differ'
        return answer
    return instead


@pytest.fixture(scope='module')
def preload(tmp_path_factory):
    try:
        return {'LD_PRELOAD': pretend.library(str(tmp_path_factory.mktemp('pretend')))}
    except OSError as error:
        pytest.skip('no pretended kernel: %s' % error)


@pytest.fixture
def answering(preload, tmp_path):
    """A function: the environment in which dumps of a family are answered with these payloads."""
    def answering(family, *payloads):
        path = str(tmp_path / 'answer')
        with open(path, 'wb') as stream:
            stream.write(b''.join(map(message, payloads)) + done())
        return dict(preload, **{'PRETEND_ANSWER_%d' % family: path})
    return answering


@pytest.fixture
def logged(preload, tmp_path, crowd, reference, subject):
    """A function: the requests that ss and ssng make for a command line, as bytes."""
    def requests(program, text):
        path = str(tmp_path / 'log')
        run(program + shlex.split(text), env=dict(preload, PRETEND_LOG=path), enter=crowd.enter)
        with open(path) as stream:
            made = [bytes.fromhex(request) for request in stream.read().split()]
        os.unlink(path)
        return made
    return lambda text: [requests(program, text) for program in (reference, subject)]
