"""Hosts that are asked through commands, several at the same time: a program on stdin, what it says on stdout.

    far = Far('web1', ['ssh', 'web1', 'python3', '-'])
    ask([far], program, 16, 20)
    far.record      its bytes, from the start of the record on; b'' where there is none
    far.trouble     why there is none, in a line; '' where there is one
    far.warnings    what the program had to say there

Each command has a session of its own, so that it can be ended with all that it started, and nobody asks for a password in
the midst of others' answers.  Text is latin-1.
"""

import os
import select
import time
from signal import SIG_IGN, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGTERM, getsignal, signal
from subprocess import PIPE, Popen, TimeoutExpired

from ..errors import reason
from ..escape import one_line
from . import pcapng

OWN = 'ssng: '                  # what a message of the program begins with
START = b'\n\r\r\n'             # of a record: what is in front of it is the noise of somebody's shell
MOST = 1 << 16                  # bytes of stderr that are kept
CHUNK = 1 << 20
LOOK = 0.1                      # seconds after which one looks for signals and for commands that ended
PATIENCE = 1                    # seconds for a command that was ended
PYTHON = 'python3'
MISSING = 'not found', 'No such file', 'no such file'


class Far:
    """One host: its ``name``, as typed, and the ``command`` that runs a Python there."""

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.record = b''
        self.trouble = ''
        self.warnings = []

    def settle(self, output, said, status):
        """Its command has ended, or is to be taken for ended where ``status`` is None."""
        lines = [one_line(line.strip('\r')) for line in said.decode('latin-1').split('\n') if line.strip()]
        own = [line[len(OWN):] for line in lines if line.startswith(OWN)]
        self.record = record_in(output)
        if self.record and status is not None:
            self.warnings = own
        elif status is not None:
            self.trouble = own[-1] if own else worded(lines or last_line(output), status)


def record_in(output):
    """The record among what a command printed."""
    at = output.find(START)
    while at >= 0 and output[at + 8:at + 12] not in (pcapng.LITTLE, pcapng.BIG):
        at = output.find(START, at + 1)
    return output[at:] if at >= 0 else b''


def last_line(output):
    lines = [line for line in output[-1000:].decode('latin-1').splitlines() if line.strip()]
    return [one_line(lines[-1])] if lines else []


def worded(lines, status):
    """What to say of a command that ended without a record; ``lines``: what it said itself."""
    if any([PYTHON in line and any([word in line for word in MISSING]) for line in lines]):
        return 'it has no %s' % PYTHON
    if not lines:
        return 'it was ended by signal %d' % -status if status < 0 else 'it ended with status %d and said nothing' % status
    for line in lines:
        if 'Host key verification failed' in line:
            return 'its host key is not the one that is known, or none is known (Host key verification failed)'
        if 'Permission denied (' in line:
            return '%s: a key or an agent is needed, no password is asked for' % line.rstrip('.')
    return lines[-1]


class Call:
    """A command that runs; ``until``: when it must have ended, as time.monotonic() tells.  OSError where it cannot run."""

    def __init__(self, far, program, until, poller):
        self.far = far
        self.until = until
        self.poller = poller
        self.rest = memoryview(program)
        self.output, self.said = [], bytearray()
        self.process = Popen([word.encode('latin-1') for word in far.command], stdin=PIPE, stdout=PIPE, stderr=PIPE,
                             bufsize=0, start_new_session=True)
        self.streams = {}
        for stream, event in ((self.process.stdin, select.POLLOUT), (self.process.stdout, select.POLLIN),
                              (self.process.stderr, select.POLLIN)):
            os.set_blocking(stream.fileno(), False)
            poller.register(stream.fileno(), event)
            self.streams[stream.fileno()] = stream

    def ready(self, number):
        """Read from, or write to, a descriptor; returns whether there was anything."""
        stream = self.streams[number]
        try:
            if stream is self.process.stdin:
                self.rest = self.rest[os.write(number, self.rest[:CHUNK]):]
                done = not self.rest
            else:
                data = os.read(number, CHUNK)
                done = not data
                if stream is self.process.stdout:
                    self.output.append(data)
                else:
                    self.said += data[:MOST - len(self.said)]
        except BlockingIOError:
            return False
        except OSError:                 # a command need not read all that it is given
            done = True
        if done:
            self.drop(number)
        return True

    def drop(self, number):
        self.poller.unregister(number)
        self.streams.pop(number).close()

    def ended(self):
        """Whether the command has; what it started may go on."""
        try:
            return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def close(self):
        """End it, with all that it started, and take what it has said; returns its status, None where it had not ended."""
        ended = self.ended()
        try:
            os.killpg(self.process.pid, SIGKILL)        # nobody has taken its status: the number is still its own
        except OSError:
            pass
        for number, stream in list(self.streams.items()):
            if stream is not self.process.stdin:
                while number in self.streams and self.ready(number) and time.monotonic() < self.until + PATIENCE:
                    pass
        for number in list(self.streams):
            self.drop(number)
        try:
            self.process.wait(PATIENCE)
        except TimeoutExpired:          # it belongs to another user, and does not end
            return None
        return self.process.returncode if ended else None

    def late(self, seconds):
        """What to say where there was no answer in time."""
        lines = self.said.decode('latin-1').strip().split('\n')
        return 'no answer within %g second%s%s' % (
            seconds, '' if seconds == 1 else 's', ' (%s)' % one_line(lines[-1].strip()) if lines[-1] else '')


class Signals:
    """Signals that end the program, noted for a while: others must be ended first.  SIGPIPE is an error meanwhile."""

    def __init__(self):
        self.came = None
        self.before = {}

    def __enter__(self):
        try:
            for number in (SIGINT, SIGTERM, SIGHUP):
                if getsignal(number) is not SIG_IGN:
                    self.before[number] = signal(number, self.note)
            self.before[SIGPIPE] = signal(SIGPIPE, SIG_IGN)
        except ValueError:              # this is not the main thread, which has its own mind
            pass
        return self

    def note(self, number, _):
        self.came = number

    def __exit__(self, *_):
        for number, before in self.before.items():
            signal(number, before)
        if self.came is not None:
            os.kill(os.getpid(), self.came)
            raise KeyboardInterrupt


def ask(fars, program, at_once, seconds, progress=None):
    """Run ``program``, bytes, on all of them, ``at_once`` at a time, each for so many seconds at most.

    ``progress(done)`` is called when one has answered or failed.  A signal ends all of them.
    """
    waiting, calls, poller, done = list(reversed(fars)), [], select.poll(), 0
    with Signals() as signals:
        try:
            while (waiting or calls) and signals.came is None:
                while waiting and len(calls) < at_once and signals.came is None:
                    far = waiting.pop()
                    try:
                        calls.append(Call(far, program, time.monotonic() + seconds, poller))
                    except OSError as error:
                        far.trouble = unstarted(far.command[0], error)
                        done += 1
                served(calls, poller)
                for call in over(calls):
                    calls.remove(call)
                    finish(call, seconds)
                    done += 1
                if progress:
                    progress(done)
        finally:
            for call in calls:
                call.close()


def served(calls, poller):
    """Read and write what can be, or wait a while."""
    owners = {number: call for call in calls for number in call.streams}
    for number, _ in poller.poll(LOOK * 1000) if calls else ():
        if number in owners:
            owners[number].ready(number)


def over(calls):
    now = time.monotonic()
    return [call for call in calls if now >= call.until or call.ended()]


def finish(call, seconds):
    status = call.close()
    call.far.settle(b''.join(call.output), bytes(call.said), status)
    if status is None:
        call.far.record, call.far.trouble = b'', call.late(seconds)


def unstarted(program, error):
    if isinstance(error, FileNotFoundError):
        return '%s is not installed here' % one_line(program)
    return 'cannot run %s: %s' % (one_line(program), reason(error))
