"""--watch on a terminal: the answer is drawn over the one before, cut to the window, and the terminal is given back.

A frame is the cursor's way home, then line by line its text and "clear the rest of the line", then "clear what is below".
Nothing is cleared that is not about to be written, so nothing flickers.  A line that fills the window is not followed by
a clear: the cursor still stands on its last character.

    12 columns, 4 rows      \\x1b[H 18:00:00 \\x1b[K \\r\\n State Recv-Q \\r\\n ESTAB 0 \\x1b[K \\r\\n \\x1b[J

The other screen of the terminal is used, so that what was there before is there again in the end.
"""

import os
import sys
from _signal import SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH, getsignal, signal
from select import poll
from time import time

from ..output import write
from .looks import look, redirected, stamp

ENTER = b'\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J'        # the other screen, no cursor, long lines are cut
LEAVE = b'\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l'
USUAL = (80, 24)
NOTES = 3                               # lines of messages that are shown below


class Ended(BaseException):
    """A signal that ends the program came."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


def shown(query, host, kernel, looks):
    """Show the answer until ``looks`` are over, then leave the last of them; returns the exit status."""
    screen = Screen('every %g s' % looks.seconds)
    before = host.report.redirect(screen.note)
    try:
        try:
            with screen:
                for _ in looks.moments(screen.wait):
                    host, held = host.again(), []
                    moment = time()
                    look(query, host, kernel, redirected(held.append))
                    screen.show(stamp(moment), b''.join(held))
        finally:
            host.report.redirect(before)
            for message in screen.notes:
                host.report.complain(message)
    except Ended as ended:
        return died(ended.number)
    write(screen.answer)
    return 0


def died(number):
    """End as the signal ends a program; where it does not, the status that a shell makes of it."""
    sys.stdout.flush()
    signal(number, SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


class Screen:
    """The terminal, from entering to leaving it; ``about``: what stands behind the time."""

    def __init__(self, about):
        self.about = about
        self.answer, self.moment = b'', ''
        self.notes = []                 # messages that wait until the terminal is given back
        self.handlers = []
        self.resized = False
        self.woken = self.waker = None

    def note(self, message):
        self.notes.append(message.encode('utf-8', 'replace').decode('latin-1'))

    # Signals, and the way in and out

    def __enter__(self):
        try:
            self.woken, self.waker = os.pipe()
            os.set_blocking(self.waker, False)
            for number, handler in ((SIGINT, self.end), (SIGTERM, self.end), (SIGHUP, self.end), (SIGTSTP, self.stop),
                                    (SIGWINCH, self.resize)):
                if getsignal(number) is not SIG_IGN:
                    self.handlers.append((number, signal(number, handler)))
            self.tell(ENTER)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for number, _ in self.handlers:
            signal(number, SIG_IGN)     # a second Ctrl-C does not come between
        try:
            self.tell(LEAVE)
        except OSError:                 # the terminal is gone
            pass
        for number, handler in self.handlers:
            signal(number, handler if handler is not None else SIG_DFL)
        for descriptor in (self.woken, self.waker):
            if descriptor is not None:
                os.close(descriptor)

    def end(self, number, _):
        raise Ended(number)

    def resize(self, *_):
        self.resized = True
        try:
            os.write(self.waker, b'.')
        except OSError:                 # it is full, that wakes as well
            pass

    def stop(self, number, _):
        """Ctrl-Z: the terminal is another's until we go on."""
        self.tell(LEAVE)
        signal(number, SIG_DFL)
        os.kill(os.getpid(), number)
        signal(number, self.stop)
        self.tell(ENTER)
        self.resize()

    def tell(self, data):
        """To the terminal at once: what stdout holds back may be a frame that was interrupted."""
        write(data)
        sys.stdout.flush()

    # Frames

    def wait(self, seconds):
        """Sleep; a window of another size is drawn anew."""
        from time import monotonic
        bell, until = poll(), monotonic() + seconds
        bell.register(self.woken, 1)
        while True:
            rest = until - monotonic()
            if rest <= 0:
                return
            if bell.poll(rest * 1000 + 1):
                os.read(self.woken, 512)
                self.draw()

    def show(self, moment, answer):
        self.moment, self.answer = moment, answer
        self.draw()

    def draw(self):
        """The last answer, as it fits the window now."""
        self.resized = False
        width, height = window()
        lines = self.answer.split(b'\n')[:-1]
        notes = self.notes[-NOTES:]
        room = max(height - 1 - len(notes), 0)
        if len(lines) > room > 0:
            lines = lines[:room - 1] + [b'... %d more' % (len(lines) - room + 1)]
        head = ('%s  %s' % (self.moment, self.about)).encode('ascii')
        below = [('ssng: ' + note.split('\n')[0]).encode('latin-1') for note in notes]
        self.tell(frame(([head] + lines + below)[:height], width, height))


def window():
    """(columns, rows) of the terminal."""
    try:
        size = os.get_terminal_size(1)
    except OSError:
        return USUAL
    return size.columns or USUAL[0], size.lines or USUAL[1]


def frame(lines, width, height):
    """The bytes that draw lines of UTF-8 over what is there."""
    made = []
    for line in lines:
        text, used = cut(line, width)
        made.append(text + (b'\x1b[K' if used < width else b''))
    data = b'\x1b[H' + b'\r\n'.join(made)
    return data + b'\r\n\x1b[J' if len(lines) < height else data


def cut(line, width):
    """(so much of a line as fits into ``width`` columns, how many it takes); colours take none."""
    if line.isascii() if hasattr(line, 'isascii') else max(line, default=0) < 0x80:
        if b'\t' not in line and b'\x1b' not in line:
            return line[:width], min(len(line), width)
    from re import findall
    try:
        from unicodedata import combining, east_asian_width
    except ImportError:                 # a small Python: all are one column wide
        combining = east_asian_width = lambda character: ''
    made, used = [], 0
    for escape, character in findall('(\x1b\\[[0-9;]*m)|(.)', line.decode('utf-8', 'replace')):
        if escape:
            made.append(escape)
            continue
        if character == '\t':
            room, character = 8 - used % 8, ' ' * (8 - used % 8)
        else:
            room = 0 if combining(character) else 2 if east_asian_width(character) in 'WF' else 1
        if used + room > width:
            break
        made.append(character)
        used += room
    if '\x1b' in ''.join(made):
        made.append('\x1b[0m')
    return ''.join(made).encode('utf-8'), used
