"""The pass over /proc, beside the same read the slow way; with calls refused, and with hardly a descriptor left."""
import errno
import os
import subprocess
import sys

import pytest

from ssng.host import Host, Report, descriptors
from ssng.host.processes import OTHERS
from tests.support.namespaces import ROOT

# Descriptors: a run longer than a slice, one far away, one twice, one that is no socket, many holes.
HOLDER = '''
import os, resource, socket, sys, threading
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
sockets = [socket.socket() for _ in range(1500)]
for hole in sockets[100:1300:3]:
    hole.close()
os.dup2(sockets[0].fileno(), 4000)
os.dup(4000)
os.open('/dev/null', os.O_RDONLY)
child = os.fork()
if child:
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    print(child, flush=True)
    sys.stdin.read()
    event.set()
else:
    sys.stdin.read()
'''


@pytest.fixture(scope='module')
def holders():
    """The process ids of a program with many sockets and two threads, and of its child, which holds them too."""
    program = subprocess.Popen([sys.executable, '-c', HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield [program.pid, int(program.stdout.readline())]
    program.stdin.close()
    program.stdout.read()
    program.stdout.close()
    assert program.wait() == 0


def held_by(holders, threads):
    """{inode: [((pid, tid), descriptor), ...]} in ss's order, by the rules and nothing else."""
    found = {}
    for pid in sorted(holders):
        others = [int(tid) for tid in os.listdir('/proc/%d/task' % pid) if int(tid) != pid]
        for tid in [pid] + others * threads:
            for name in os.listdir('/proc/%d/fd' % tid):
                link = os.readlink('/proc/%d/fd/%s' % (tid, name))
                if link.startswith('socket:['):
                    found.setdefault(int(link[8:-1]), []).insert(0, ((pid, tid), int(name)))
    return found


KERNELS = {'since 6.2': None, 'before 6.2': lambda root, tasks: [0] * len(tasks)}


@pytest.mark.parametrize('threads', [False, True])
@pytest.mark.parametrize('worth', [descriptors.WORTH_A_PROCESS, 1])
@pytest.mark.parametrize('counts', KERNELS.values(), ids=list(KERNELS))
def test_holders(monkeypatch, holders, threads, worth, counts):
    monkeypatch.setattr(descriptors, 'WORTH_A_PROCESS', worth)
    monkeypatch.setattr(descriptors.os, 'sched_getaffinity', lambda pid: range(3))
    if counts:
        monkeypatch.setattr(descriptors, '_counts', counts)
    expected = held_by(holders, threads)
    assert len(expected) == 1500 - 400
    assert sorted(set(map(len, expected.values()))) == ([3, 9] if threads else [2, 6])
    owners = Host().owners(threads)
    assert {inode: owners.holders(inode) for inode in expected} == expected


def test_a_copy_of_proc_is_listed(holders):
    owners, expected = Host(environ={'PROC_ROOT': '/proc/.'}).owners(), held_by(holders, False)    # its sizes are not believed
    assert {inode: owners.holders(inode) for inode in expected} == expected


def test_nothing_stays_open(holders):
    before = os.listdir('/proc/self/fd')
    Host().owners(True)
    assert os.listdir('/proc/self/fd') == before



# What is refused

def refusing(monkeypatch, name, number, when=lambda *_, **__: True):
    """From now on a function of os fails."""
    original = getattr(os, name)

    def refused(*arguments, **named):
        if when(*arguments, **named):
            raise OSError(number, os.strerror(number))
        return original(*arguments, **named)
    monkeypatch.setattr(os, name, refused)


def asked(threads=False):
    """The owners, and what is told but for processes of others, of which there may be some here."""
    said = []
    owners = Host(report=Report(lambda message: message == OTHERS or said.append(message))).owners(threads)
    return owners, said


NUMBERS = [errno.EPERM, errno.EACCES, errno.ENOSYS]
WITHOUT_LOSS = {
    'lseek': ('lseek', lambda *_: True),
    'stat': ('stat', lambda path, **_: True),
    'fork': ('fork', lambda: True),
    'pipe': ('pipe', lambda: True),
    'sched_getaffinity': ('sched_getaffinity', lambda *_: True),
    'waitpid': ('waitpid', lambda *_: True),
    'read': ('read', lambda *_: True),
    'readlinkat': ('readlink', lambda path, dir_fd=None: dir_fd is not None),
    'a listing by descriptor': ('listdir', lambda path: isinstance(path, int)),
}


@pytest.mark.parametrize('number', NUMBERS)
@pytest.mark.parametrize('name, when', WITHOUT_LOSS.values(), ids=list(WITHOUT_LOSS))
def test_there_is_a_second_way(monkeypatch, holders, name, when, number):
    monkeypatch.setattr(descriptors, 'WORTH_A_PROCESS', 1)
    if name != 'sched_getaffinity':
        monkeypatch.setattr(os, 'sched_getaffinity', lambda pid: range(2))
    expected = held_by(holders, False)
    before = os.listdir('/proc/self/fd')
    with monkeypatch.context() as patch:
        refusing(patch, name, number, when)
        owners, said = asked()
    assert {inode: owners.holders(inode) for inode in expected} == expected
    assert said == [] and os.listdir('/proc/self/fd') == before


def test_a_python_without_affinity(monkeypatch, holders):
    monkeypatch.delattr(os, 'sched_getaffinity')
    assert set(held_by(holders, False)).issubset(asked()[0]._holders)


LOSSES = {
    'every link': ('readlink', lambda *_, **__: True),
    'every folder': ('open', lambda *_, **__: True),
    'every listing': ('listdir', lambda path: True),
}


@pytest.mark.parametrize('number', NUMBERS)
@pytest.mark.parametrize('threads', [False, True])
@pytest.mark.parametrize('name, when', LOSSES.values(), ids=list(LOSSES))
def test_what_is_missing_is_told_once(monkeypatch, holders, name, when, number, threads):
    with monkeypatch.context() as patch:
        refusing(patch, name, number, when)
        owners, said = asked(threads)
    assert owners.texts([1, 2]) == ['', '']
    assert said == ['not all owners of sockets can be told: ' + os.strerror(number)]


def test_a_process_that_ends_is_no_refusal(monkeypatch, holders):
    for name in ('open', 'readlink'):
        for number in (errno.ENOENT, errno.ESRCH):
            with monkeypatch.context() as patch:
                refusing(patch, name, number)
                assert asked()[1] == []


@pytest.mark.parametrize('terminal', [False, True])
def test_processes_of_others_are_no_news_in_a_pipe(monkeypatch, holders, capsys, terminal):
    """ss is silent about them; a person is told."""
    monkeypatch.setattr(os, 'isatty', lambda fd: terminal)
    with monkeypatch.context() as patch:
        refusing(patch, 'open', errno.EACCES, lambda path, *_, **__: path != '/proc/%d/fd' % os.getpid())
        Host().owners()
    assert capsys.readouterr().err == ('ssng: %s\n' % OTHERS if terminal else '')


def test_no_proc_is_plain_to_see():
    said = []
    assert Host('/nonexistent', Report(said.append)).owners().texts([1, 2]) == ['', ''] and said == []


FEW = """
import os, resource, socket, sys
from ssng.host import Host
from ssng.host import descriptors, processes, tasks, words, workers
from ssng import memo, escape
mine = socket.socket()
inode = os.fstat(mine.fileno()).st_ino
resource.setrlimit(resource.RLIMIT_NOFILE, (%d, %d))
print(Host().owners().texts([inode]))
"""


@pytest.mark.parametrize('limit', range(4, 14))
def test_few_descriptors(holders, limit):
    """Three are open and the socket; with a single one more nobody is lost."""
    child = subprocess.Popen([sys.executable, '-c', FEW % (limit, limit)], cwd=ROOT, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = [text.decode() for text in child.communicate()]
    assert child.returncode == 0, err
    if limit == 4:
        assert err == ''.join(['ssng: not all %s: Too many open files\n' % what for what in (
            'owners of sockets can be told', 'processes can be named')][:1 + ('pid=' in out)])
    else:
        assert 'fd=3' in out and err == ''
