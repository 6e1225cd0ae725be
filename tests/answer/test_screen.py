"""--watch on a terminal: what stands on the screen, whatever its size is or becomes, and what is left of it in the end."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pytest

from ssng.answer.screen import cut, frame
from tests.support import programs

ENTER, LEAVE = b'\x1b[?1049h', b'\x1b[?1049l'


class Terminal:
    """A plain one: as much of a VT100 as is used."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.rows, self.at = [[' '] * width for _ in range(height)], (0, 0)
        self.pending = False            # the cursor is on the last column, behind what was written there

    def feed(self, data):
        for escape, control, text in re.findall(r'\x1b\[([?0-9;]*[A-Za-z])|([\r\n])|([^\x1b\r\n])', data.decode('utf-8')):
            row, column = self.at
            if escape == 'H':
                self.at = 0, 0
            elif escape == 'K':
                self.rows[row][column:] = [' '] * (self.width - column)
            elif escape == 'J':
                self.rows[row][column:] = [' '] * (self.width - column)
                self.rows[row + 1:] = [[' '] * self.width for _ in self.rows[row + 1:]]
            elif control == '\r':
                self.at = row, 0
            elif control == '\n':
                assert row + 1 < self.height, 'it scrolls'
                self.at = row + 1, column
            elif text:
                self.rows[row][column] = text
                self.at = row, min(column + 1, self.width - 1)

    @property
    def text(self):
        return [''.join(row).rstrip() for row in self.rows]


@pytest.mark.parametrize('lines, expected', [
    ([b'one', b'two'], ['one', 'two', '']), ([b'twelve chars', b'more than twelve'], ['twelve chars', 'more than tw', '']),
    ([b'a', b'b', b'last of them'], ['a', 'b', 'last of them']), ([b'\tx'], ['        x', '', '']), ([], ['', '', '']),
    ([b'\x1b[31mred\x1b[0m and more text'], ['red and more', '', '']),
    ([b'caf\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9 1234567'], ['caf\xe9 \xe9\xe9\xe9 123', '', ''])])
def test_over_whatever_was_there(lines, expected):
    terminal = Terminal(12, 3)
    for row in terminal.rows:
        row[:] = ['#'] * 12
    terminal.feed(frame(lines, 12, 3))
    assert terminal.text == expected


@pytest.mark.parametrize('line, width, expected', [
    (b'abc', 2, (b'ab', 2)),
    ('\u4e2d\u6587'.encode(), 3, ('\u4e2d'.encode(), 2)), ('e\u0301x'.encode(), 1, ('e\u0301'.encode(), 1)),
    (b'\xff\xfe', 5, ('\ufffd\ufffd'.encode(), 2)), (b'a\tb', 5, (b'a', 1)), (b'\x1b[1mab', 1, (b'\x1b[1ma\x1b[0m', 1))])
def test_cutting(line, width, expected):
    assert cut(line, width) == expected


class Watched:
    """ssng on a terminal of its own."""

    def __init__(self, words, width=60, height=6, code=None):
        self.master, slave = pty.openpty()
        self.size(width, height)
        self.err = tempfile.TemporaryFile()
        command = [sys.executable, '-m', 'ssng'] if code is None else [sys.executable, '-c', code]

        def own():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.program = subprocess.Popen(command + words, stdin=slave, stdout=slave, stderr=self.err, preexec_fn=own,
                                        env=programs.surroundings({'TERM': 'xterm'}))
        os.close(slave)
        self.told = b''

    def size(self, width, height):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', height, width, 0, 0))

    def until(self, found, patience=40):
        """Read until ``found(told)``; the bytes since the beginning."""
        end = time.time() + patience
        while not found(self.told) and time.time() < end:
            if select.select([self.master], [], [], .05)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:         # nobody has the terminal any more
                    self.program.wait(10)
                    break
                self.told += data
        assert found(self.told), self.told
        return self.told

    def ended(self):
        """(exit status, all that was told, stderr)"""
        self.until(lambda told: False if self.program.poll() is None else not self.ready())
        self.err.seek(0)
        return self.program.returncode, self.told, self.err.read()

    def ready(self):
        """Whether there is more to be read."""
        try:
            data = os.read(self.master, 65536) if select.select([self.master], [], [], 0)[0] else b''
        except OSError:
            data = b''
        self.told += data
        return data != b''

    def close(self):
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        self.err.close()
        os.close(self.master)


@pytest.fixture
def watched():
    made = []

    def watch(*words, **more):
        made.append(Watched(['-xl'] + list(words), **more))
        return made[-1]
    yield watch
    for one in made:
        one.close()


def frames(told):
    return [b'\x1b[H' + part for part in told.split(ENTER)[-1].split(LEAVE)[0].split(b'\x1b[H')[2:]]


def test_looks_are_drawn_over_each_other(watched):
    """Never cleared as a whole after the beginning, never wider or higher than the window."""
    one = watched('--watch=0.1', width=50, height=5)
    told = one.until(lambda told: len(frames(told)) > 3)
    terminal = Terminal(50, 5)
    for part in frames(told)[:-1]:
        assert b'\x1b[2J' not in part
        terminal.feed(part)
    assert re.match(r'\d{4}-\d\d-\d\dT[0-9:.]+Z  every 0.1 s$', terminal.text[0])


def test_another_size(watched):
    """The answer is drawn anew at once, as it fits."""
    one = watched('--watch=60', width=70, height=6)
    one.until(lambda told: len(frames(told)) > 0 and b'every' in told)
    time.sleep(.3)
    one.size(20, 3)
    told = one.until(lambda told: len(frames(told)) > 1)
    time.sleep(.2)
    terminal = Terminal(20, 3)
    terminal.feed(frames(told)[-1])
    assert terminal.text[0].startswith('20')


@pytest.mark.parametrize('how', ['keyboard', signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_given_back(watched, how):
    """Whatever ends it, and it ends by that signal."""
    one = watched('--watch=0.1')
    one.until(lambda told: len(frames(told)) > 1)
    if how == 'keyboard':
        os.write(one.master, b'\x03')
    else:
        one.program.send_signal(how)
    status, told, err = one.ended()
    assert status == -(signal.SIGINT if how == 'keyboard' else how) and err == b''
    assert told.endswith(LEAVE) and b'\x1b[?25h' in told[-40:] and b'\x1b[?7h' in told[-40:]


def test_times(watched):
    """The last look is left on the usual screen."""
    status, told, err = watched('--watch=0.1', '--times=2').ended()
    behind = told.split(LEAVE)[1]
    assert (status, err) == (0, b'') and b'Recv-Q' in behind and b'\x1b[?' not in behind


FAILING = '''
import sys
from ssng.cli import main
from ssng.errors import Failure
from ssng.sources import dump
class Dump(dump.Dump):
    def __iter__(self):
        self.report.warn('told beside')
        looks.append(1)
        if len(looks) > 4:
            raise Failure('it cannot be', 1)
        return iter(())
looks = []
import ssng.answer.dumps as dumps
dumps.Dump = Dump
main.console()
'''


def test_errors_and_messages(watched):
    """An error is told behind the screen; so is what was told beside, which is shown below meanwhile."""
    status, told, err = watched('--watch=0.1', code=FAILING).ended()
    assert status == 1 and LEAVE in told and told.endswith(LEAVE)
    assert err == b'ssng: told beside\nssng: it cannot be\n'
    assert b'ssng: told beside' in told.split(LEAVE)[0]


def test_no_terminal_to_redraw(watched):
    """JSON is appended, and so is all on a terminal that can do nothing."""
    status, told, _ = watched('--watch=0.1', '--times=2', '-j').ended()
    assert status == 0 and ENTER not in told and told.count(b'{"time"') == 2
