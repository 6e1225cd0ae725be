"""System calls that a sandbox refuses, whatever it answers: each socket is told of once, and nothing is left open."""
import collections
import errno
import socket
import subprocess
import sys

import pytest

from tests.support import seccomp
from tests.support.namespaces import ROOT
from tests.support.programs import run, surroundings

known_machine = pytest.mark.skipif(not seccomp.available(), reason='the system call numbers of this machine are not known')


@pytest.fixture(scope='module')
def listeners():
    """The ports of 200 listening sockets: their dump takes several reads."""
    held = []
    for _ in range(200):
        held.append(socket.socket())
        held[-1].bind(('127.0.0.1', 0))
        held[-1].listen(1)
    yield sorted(one.getsockname()[1] for one in held)
    for one in held:
        one.close()


def told(answer, ports):
    """The ports of ours that a listing has, each as often as it is there."""
    found = collections.Counter(int(line.split()[3].rpartition(b':')[2]) for line in answer.out.splitlines()[1:])
    return sorted(port for port in ports for _ in range(found[port]))


REFUSALS = [errno.EACCES, errno.EINVAL, errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOMEM, errno.EBADF, errno.EIO]


@known_machine
@pytest.mark.parametrize('number', REFUSALS)
@pytest.mark.parametrize('words', [['-tln'], ['-tln', 'sport >= 1'], ['-tlnp']], ids=' '.join)
def test_no_recvmmsg(number, words, listeners, subject):
    answer = run(subject + words, enter=lambda: seccomp.refuse(['recvmmsg'], number))
    assert (answer.status, answer.err) == (0, b'')
    assert told(answer, listeners) == listeners


@known_machine
@pytest.mark.parametrize('number', [errno.EAGAIN, errno.EPERM, errno.EACCES, errno.ENOSYS])
@pytest.mark.parametrize('also', [[], ['recvmmsg']], ids=['threads', 'threads and recvmmsg'])
def test_no_threads(number, also, listeners, subject):
    answer = run(subject + ['-tln'], enter=lambda: seccomp.refuse(['clone', 'clone3'] + also, number))
    assert (answer.status, answer.err) == (0, b'')
    assert told(answer, listeners) == listeners


@pytest.mark.parametrize('words', [
    ['-tln'], ['-an'], ['-tln', '-D', '-'], ['-tln', 'sport >= 70000'], ['-tlnK', 'sport = 1'], ['-xaj'], ['-tlnp'],
    ['-an', 'dev nonsense'], ['-tln', 'bogus'], ['-E', '-0']], ids=' '.join)
def test_nothing_is_left_open(words, listeners):
    """Python says so when it is asked to, at the end of the program: `python3 -W error`."""
    program = ('import gc, sys; from ssng.cli.main import main; '
               'status = main(sys.argv[1:]); gc.collect(); sys.exit(status)')
    done = subprocess.run([sys.executable, '-W', 'error', '-c', program] + words, cwd=ROOT, env=surroundings(),
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert b'ResourceWarning' not in done.stderr and b'Traceback' not in done.stderr


def test_nothing_is_left_open_by_a_recording(tmp_path):
    (tmp_path / 'recording').write_bytes(b'nonsense')
    done = subprocess.run([sys.executable, '-W', 'error', '-m', 'ssng', '-ta'], cwd=ROOT, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=surroundings({'TCPDIAG_FILE': str(tmp_path / 'recording')}))
    assert done.returncode == 0 and done.stderr.startswith(b'ssng: TCPDIAG_FILE ') and done.stderr.count(b'\n') == 1
