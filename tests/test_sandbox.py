"""Where little is allowed, little is there, or nobody listens: what ssng shows then, and how it ends.

tests/parity/test_fallback.py has tcp and udp without netlink; tests/cli/test_main.py what ends before a listing.
"""
import errno
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest

from tests.parity.commands import product
from tests.support import dumps, random_dump, seccomp
from tests.support.namespaces import CLONE_NEWNS, checked, libc
from tests.support.programs import Command, complaint, difference, run, same, start, surroundings
from tests.support.unprivileged import nobody, open_house     # noqa: F401, fixtures
from tests.support.wire import done, message

MNT_DETACH = 2

root = pytest.mark.root
parity = pytest.mark.parity


def told(line, reference, subject, env=(), change=lambda out: out, **more):
    """What both programs print in the same surroundings; again where the kernel's sockets changed meanwhile."""
    for _ in range(5):
        answers = Command(dict(env), shlex.split(line)).run_both(reference, subject, **more)
        expected, answer = [each._replace(out=change(each.out)) for each in answers]
        if same(expected, answer):
            break
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)
    return expected.out


# No netlink

FILES = {'RAW': 'raw', 'RAW6': 'raw6', 'UDP': 'udp', 'UDP6': 'udp6', 'TCP': 'tcp', 'TCP6': 'tcp6', 'UNIX': 'unix',
         'PACKET': 'packet', 'NETLINK': 'netlink', 'MPTCP': 'mptcp', 'SCTP': 'sctp'}
FROM_FILES = {'PROC_NET_' + name: '/proc/net/' + path for name, path in FILES.items()}


known_machine = pytest.mark.skipif(not seccomp.available(), reason='the system call numbers of this machine are not known')
refused_with = pytest.mark.parametrize('number', [errno.EPERM, errno.EAFNOSUPPORT, errno.EACCES])


def refusing(number, crowd):
    def enter():
        crowd.enter()
        seccomp.refuse_netlink(number)
    return enter


@root
@parity
@known_machine
@refused_with
@pytest.mark.parametrize('line', ['-tuan', '-wan', '-wa', '-xan', '-xap', '-xae', '-0an', '-0ae', '-f netlink -a',
                                  '-f netlink -aep', '-an -A all,!vsock,!xdp', '-n state all dev lo -A inet,packet'])
def test_no_netlink(line, number, crowd, reference, subject):
    """The same as ss shows where it may use netlink but is told to read /proc; itself it would find no interface."""
    for _ in range(5):
        expected = run(reference + shlex.split(line), env=FROM_FILES, enter=crowd.enter)
        answer = run(subject + shlex.split(line), enter=refusing(number, crowd))
        if same(expected, answer):
            break
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer) and answer.out.count(b'\n') > 1


@root
@parity
@known_machine
@refused_with
@pytest.mark.parametrize('line', ['-San', '-Man', '--vsock', '--tipc', '--xdp', '-tanp', '-uanm', '-wane'])
def test_neither_has_netlink(line, number, crowd, reference, subject):
    told(line, reference, subject, enter=refusing(number, crowd))


# No rights

# What passes with the time, and the padding that comes of it.
VOLATILE = re.compile(rb' (?:timer|last\w+|busy|rwnd_limited|sndbuf_limited):\S+| (?= )| $', re.M)


def rested(out):
    return VOLATILE.sub(b'', out)


@root
@parity
@pytest.mark.parametrize('line, change', [
    ('-tanp', None), ('-tuap', None), ('-tlnei', None), ('-tanei', rested), ('-tanem', rested), ('-uanm', None),
    ('-uanep', None), ('-xap', None), ('-xam', None), ('-0aeb', rested), ('-wane', None), ('-Mane', rested),
    ('-f netlink -an sport = 987654', None), ('-tlanpT --bpf-maps', None), ('-tlni --bpf-maps --inet-sockopt --tos', None),
    ('-tan dev lo', None), ('-tan sport = 1300 or sport = 1310', None)])
def test_nobody_sees_what_ss_shows_him(line, change, nobody):
    words, program, more = nobody
    out = told(line, words, program, change=change or (lambda out: out), **more)
    assert out.count(b'\n') > 1 or line.startswith('-M')
    assert ('p' in line.split()[0]) == (b'users:((' in out)


@root
@parity
def test_what_nobody_records(nobody, tmp_path):
    """A dump without marks and keys, replayed: what passes with the time holds still."""
    words, program, more = nobody
    taken = run(words + ['-tanim', '--tos', '-D', '-'], **more)
    assert taken.status == 0
    (tmp_path / 'dump').write_bytes(dumps.joined(taken.out))
    env = {'TCPDIAG_FILE': str(tmp_path / 'dump')}
    assert told('-taneimO --tos --cgroup --inet-sockopt', words, [sys.executable, '-m', 'ssng'], env).count(b'\n') > 100


# No /proc

TABLES = ['-t', '-tua', '-wa', '-xa', '-0a', '-f netlink -a', '-S', '-M', '--vsock', '--tipc', '--xdp', '-a']


@parity
@pytest.mark.parametrize('line', product(TABLES, ['-n', '-ep', '-eimobpT --cgroup --tos --bpf-maps'])
                         + ['-s', '-tap src 127/8', '-ra'])
def test_no_proc(line, reference, subject):
    told(line, reference, subject, {'PROC_ROOT': '/nonexistent'})


@root
@parity
@pytest.mark.parametrize('line', ['-tanp', '-tuap', '-tane', '-tlneim --cgroup', '-xap', '-0aep', '-f netlink -an sport = 987654',
                                  '-tan autobound', '-s', '-tan dev lo'])
def test_proc_is_not_mounted(line, crowd, reference, subject):
    """Netlink tells the sockets; who holds them, which groups they are of, which ports are ephemeral, nobody knows."""
    def enter():
        crowd.enter()
        checked(libc.unshare(CLONE_NEWNS), 'unshare')
        while not libc.umount2(b'/proc', MNT_DETACH):      # the crowd's, and below it the host's
            pass
    out = told(line, reference, subject, enter=enter, change=rested)
    assert b'users:' not in out and out.count(b'\n') > 1


# Nobody listens

@parity
@pytest.mark.parametrize('line', ['-tan', '-h', '-tan bogus', '-s'])
@pytest.mark.parametrize('closed', [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)], ids=str)
def test_closed_descriptors(closed, line, crowd, reference, subject):
    def enter():
        for descriptor in closed:
            os.close(descriptor)
    expected, answer = [run(program + shlex.split(line), enter=enter) for program in (reference, subject)]
    assert answer.status == expected.status
    assert b'Traceback' not in answer.err and bool(answer.out) == (bool(expected.out) and 1 not in closed)


@pytest.mark.parametrize('stderr', ['a pipe', 'closed', 'full'])
def test_a_warning_stops_nothing(stderr, subject):
    """It is written at once, or lost where nothing can be written."""
    with open('/dev/full', 'wb') as full:
        program = subprocess.Popen(
            subject + ['-tan'], env=surroundings({'TCPDIAG_FILE': '/nonexistent'}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=full if stderr == 'full' else subprocess.PIPE, preexec_fn=lambda: stderr == 'closed' and os.close(2))
    out, said = program.communicate()
    assert (program.returncode, out[:6]) == (0, b'State ')
    if stderr == 'a pipe':
        assert said == b'ssng: TCPDIAG_FILE /nonexistent: No such file or directory\n'


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    """TCPDIAG_FILE with so many sockets that both programs have work for some seconds."""
    path = str(tmp_path_factory.mktemp('long') / 'recording')
    part = dumps.messages(random_dump.dump('sandbox', 500))
    with open(path, 'wb') as stream:
        some = b''.join(message(each.payload) for each in part[:-1])
        for _ in range(100):
            stream.write(some)
        stream.write(done())
    return {'TCPDIAG_FILE': path}


def begun(words, env):
    """A program whose output nobody has read yet, but for its first line."""
    program = start(words, env)
    program.stdin.close()
    assert program.stdout.readline()
    return program


@parity
@pytest.mark.parametrize('line', ['-tan', '-taneim', '-tanj'])
def test_a_reader_of_one_line(line, recording, reference, subject):
    """`| head -1`: as ss, killed by SIGPIPE, without a word."""
    programs = [begun(words + [line], recording) for words in (subject, reference if 'j' not in line else subject)]
    for program in programs:
        program.stdout.close()
    assert [(program.wait(), program.stderr.read()) for program in programs] == [(-signal.SIGPIPE, b'')] * 2
    for program in programs:
        program.stderr.close()


def interrupted(program, seconds=0.5):
    program.send_signal(signal.SIGINT)
    before = time.monotonic()
    program.stdout.close()
    said = program.stderr.read()
    status = program.wait()
    assert (status, said) == (-signal.SIGINT, b'')
    assert time.monotonic() - before < seconds
    program.stderr.close()


@pytest.mark.parametrize('words', [['-tan'], ['-taneimp'], ['-tanj'], ['-tan', 'sport != 22']], ids=' '.join)
def test_an_interrupt_while_it_writes(words, recording, subject):
    interrupted(begun(subject + words, recording))


@pytest.mark.parametrize('words', [['-tan'], ['-tanj'], ['-tan', 'sport != 22']], ids=' '.join)
def test_an_interrupt_while_it_reads(words, tmp_path, subject):
    """The dump comes in from a pipe that never ends; nothing has been written yet."""
    os.mkfifo(str(tmp_path / 'endless'))
    program = start(subject + words, {'TCPDIAG_FILE': str(tmp_path / 'endless')})
    program.stdin.close()
    with open(str(tmp_path / 'endless'), 'wb') as stream:
        stream.write(b''.join(message(each.payload) for each in dumps.messages(random_dump.dump(1, 100))[:-1]))
        stream.flush()
        interrupted(program)


@pytest.mark.parametrize('words', [['-tan'], ['-tanj'], ['-tani'], ['-s'], ['-tan', '-D', '-']], ids=' '.join)
def test_a_full_disk(words, recording, subject):
    with open('/dev/full', 'wb') as full:
        program = subprocess.Popen(subject + words, env=surroundings(recording), stdin=subprocess.DEVNULL, stdout=full,
                                   stderr=subprocess.PIPE)
    assert program.communicate()[1] == b'ssng: No space left on device\n'
    assert program.returncode == 1
