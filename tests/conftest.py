"""Fixtures that several rooms of the tests share; each skips, and says why, where it cannot be had."""
import os
import subprocess
import sys
import time

import pytest

from tests.support import programs
from tests.support.forker import forker
from tests.support.namespaces import Room


@pytest.fixture(scope='session')
def reference():
    """The words that run the reference ss."""
    try:
        return programs.reference()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip('no reference ss on this machine: %s' % error)


@pytest.fixture(scope='session')
def subject():
    """The words that run the program under test."""
    return programs.subject()


@pytest.fixture(scope='module')
def furnished():
    """A function: a Room that ``python3 -m MODULE`` fills; it skips where nobody may make one."""
    made = []

    def furnish(module):
        try:
            made.append(Room([sys.executable, '-m', module], stderr=subprocess.PIPE))
        except OSError:
            pytest.skip('cannot make a network namespace (root can)')
        return made[-1]
    yield furnish
    for room in made:
        room.close()


class Crowd:
    """A room full of sockets that is never older than TIME-WAIT and its like allow.

    The kernel forgets a TIME-WAIT after 60 seconds; a crowd that old is replaced by a new one.
    """

    YOUTH = 40

    def __init__(self):
        self.room = None
        self.born = 0

    def fresh(self):
        if self.room is None or time.time() - self.born > self.YOUTH:
            self.close()
            self.room = Room([sys.executable, '-m', 'tests.parity.crowd'])
            self.room.forker = forker(self.room.enter)
            self.born = time.time()
        return self.room

    def close(self):
        if self.room:
            self.room.forker.close()
            self.room.close()
            self.room = None


@pytest.fixture(scope='session')
def crowd_keeper():
    if os.geteuid():
        pytest.skip('needs root: it makes network namespaces')
    keeper = Crowd()
    try:
        keeper.fresh()
    except OSError as error:
        pytest.skip('cannot make sockets in a namespace here: %s' % error)
    yield keeper
    keeper.close()


@pytest.fixture
def crowd(crowd_keeper):
    """A :class:`Room` with TCP, UDP and other sockets of every kind (tests/parity/crowd.py); its `forker` runs ssng."""
    return crowd_keeper.fresh()
