"""On a terminal: its width counts, as the kernel tells it, and COLUMNS only where it tells none."""
import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

import pytest

from tests.parity.commands import product
from tests.support.programs import PATIENCE, Answer, Command, complaint, difference, same, settled, surroundings

pytestmark = [pytest.mark.root, pytest.mark.parity]

WIDTHS = (1, 20, 40, 66, 79, 80, 81, 100, 120, 132, 160, 200, 300)
COMMANDS = product(['-tan', '-uanm', '-tlnp', '-tuanH', '-tlnmiO']) + [
    '-tanQ state listening', '-tan sport = 3 and sport = 4', '-ta', 'COLUMNS=50 -tan', '-q']


def terminal(columns, rows=50):
    """(master, slave) of a terminal of this size that changes no byte."""
    master, slave = pty.openpty()
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    return master, slave


def read_all(master):
    """What comes until the last writer is gone, which ends as an error (EIO)."""
    with contextlib.suppress(OSError):
        while select.select([master], [], [], PATIENCE)[0]:
            yield os.read(master, 65536)


def on_terminal(words, columns, env, enter):
    master, slave = terminal(columns)
    program = subprocess.Popen(words, env=surroundings(env), preexec_fn=enter, stdin=subprocess.DEVNULL,
                               stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    out = b''.join(read_all(master))
    os.close(master)
    with program.stderr:
        return Answer(program.wait(), out, program.stderr.read())


def compare(line, columns, crowd, reference, subject):
    command = Command.parse(line)

    def asked(program):
        return on_terminal(program + command.arguments, columns, command.env, crowd.enter)
    expected, answer = settled(lambda: asked(reference), lambda: asked(subject))
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)


@pytest.mark.parametrize('columns', WIDTHS)
@pytest.mark.parametrize('line', COMMANDS)
def test_width(line, columns, crowd, reference, subject):
    compare(line, columns, crowd, reference, subject)


@pytest.mark.parametrize('line', ['-tan', 'COLUMNS=50 -tan', 'COLUMNS=120 -tlnmi', 'COLUMNS=x -uan'])
def test_a_terminal_without_size(line, crowd, reference, subject):
    compare(line, 0, crowd, reference, subject)
