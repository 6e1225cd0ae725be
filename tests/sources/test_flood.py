"""-E while 20,000 connections end in a few seconds: every socket is told of, or it is said that some are not."""
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.support.namespaces import Room
from tests.support.programs import start

pytestmark = pytest.mark.root

COUNT = 20000
SMALL = 'import sys; from ssng.kernel import multicast; multicast.ROOM = 1 << 17; from ssng.cli.main import console; console()'


@pytest.fixture
def room():
    try:
        made = Room([sys.executable, '-m', 'tests.support.flood', str(COUNT)], stderr=subprocess.PIPE)
    except OSError:
        pytest.skip('cannot make a network namespace (root can)')
    yield made
    made.close()
    made.maker.stderr.close()


class Watch:
    """A program that watches the room and writes to a file."""

    def __init__(self, words, room, path):
        self.path = str(path)
        with open(self.path, 'wb') as out:
            self.program = subprocess.Popen(words, preexec_fn=room.enter, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.PIPE, env=dict(os.environ))
        time.sleep(1)           # until it listens

    def settled(self, least=0, patience=30):
        """What is written when nothing more comes."""
        size, deadline = -1, time.time() + patience
        while time.time() < deadline and (size != os.path.getsize(self.path) or size < least):
            size = os.path.getsize(self.path)
            time.sleep(.5)
        with open(self.path, 'rb') as stream:
            return stream.read()

    def inside(self):
        """The process itself: the other one only waits for it (Room.enter)."""
        with open('/proc/%d/task/%d/children' % (self.program.pid, self.program.pid)) as stream:
            return int(stream.read().split()[0])

    def ended(self):
        os.kill(self.inside(), signal.SIGKILL)
        said = self.program.communicate()[1]
        return said.decode()


def flood(room):
    room.maker.stdin.write(b'go\n')
    room.maker.stdin.flush()
    assert room.maker.stdout.readline() == b'over\n'


@pytest.mark.parametrize('options', ['-tnEH', '-tnEjH'])
def test_all_are_told(options, room, subject, tmp_path):
    """Two sockets a connection, whatever the time that it takes to print them; and little memory."""
    watch = Watch(subject + [options], room, tmp_path / 'out')
    flood(room)
    lines = watch.settled().splitlines()
    with open('/proc/%d/status' % watch.inside()) as stream:
        peak, = re.findall(r'VmHWM:\s+(\d+) kB', stream.read())
    assert watch.ended() == ''
    assert len(lines) == 2 * COUNT
    assert int(peak) < 100 << 10
    if 'j' not in options:
        assert sum(line.split()[3] == b'127.0.0.1:1001' for line in lines) == COUNT


def test_an_overflow(room, tmp_path):
    """While it is stopped nobody reads: one line says so, and what comes later is told again."""
    watch = Watch([sys.executable, '-c', SMALL, '-tnEH'], room, tmp_path / 'out')
    os.kill(watch.inside(), signal.SIGSTOP)
    flood(room)
    os.kill(watch.inside(), signal.SIGCONT)
    some = watch.settled().count(b'\n')
    assert 0 < some < 2 * COUNT
    for _ in range(2):
        os.kill(watch.inside(), signal.SIGSTOP)
        flood(room)
        os.kill(watch.inside(), signal.SIGCONT)
        more = watch.settled().count(b'\n')
        assert some < more
        some = more
    said = watch.ended()
    assert said.count('\n') == 1 and said.startswith('ssng: --events: ') and 'lost' in said


@pytest.mark.parametrize('to', ['a pipe', 'a terminal'])
def test_a_reader_that_goes_away(to, room, subject):
    """It ends with the first event that nobody wants."""
    reader, writer = os.openpty() if to == 'a terminal' else os.pipe()
    program = subprocess.Popen(subject + ['-tnE'], preexec_fn=room.enter, stdin=subprocess.DEVNULL, stdout=writer,
                               stderr=subprocess.DEVNULL)
    os.close(writer)
    time.sleep(1)
    os.close(reader)
    flood(room)
    assert program.wait(10) in (128 + signal.SIGPIPE, 1)


def test_an_interrupt(subject):
    """Whatever its thread waits for."""
    program = start(subject + ['-tuE'])
    time.sleep(1)
    program.send_signal(signal.SIGINT)
    out, said = program.communicate(timeout=10)
    assert (program.returncode, said) == (-signal.SIGINT, b'')
