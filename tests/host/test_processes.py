"""Owners of sockets: of processes that the test makes, read the slow way; and of a /proc made of plain
files, beside what ss 7.3.0 says of it.
"""
import json
import os
import socket
import subprocess
import sys

import pytest

from ssng.host import Host, Paths, Report, processes
from ssng.host.processes import TASK, TASK_AND_SOCKET, LateOwners
from ssng.host.tasks import Tasks
from tests.support import programs


def scan(root='/proc', threads=False, contexts=0, **more):
    """The owners that are found below a folder that stands for /proc."""
    return Host(environ={'PROC_ROOT': root}).owners(threads, contexts, **more)

def test_unreadable_root():
    assert scan('/nonexistent').texts([1, 2]) == ['', '']


@pytest.fixture
def held():
    """Inodes of sockets of our own."""
    made = [socket.socket() for _ in range(3)]
    yield [os.fstat(each.fileno()).st_ino for each in made]
    for each in made:
        each.close()


def test_names_are_read_of_shown_rows_alone(monkeypatch, held):
    asked = []
    monkeypatch.setattr(Tasks, 'command', lambda self, tid: asked.append(tid) or 'x')
    owners = scan()
    assert asked == []
    owners.texts(held)
    owners.texts([0, 1 << 33])
    assert asked == [os.getpid()]


def test_no_pass_without_a_row_to_name(monkeypatch, held):
    passes = []
    monkeypatch.setattr(processes.Owners, 'scan', lambda self, scan=processes.Owners.scan: passes.append(1) or scan(self))
    for tell in (LateOwners.texts, LateOwners.json):
        owners = scan(late=True)
        assert tell(owners, []) == [] and tell(owners, [0, 0]) == ['', ''] and not passes
        for _ in range(2):
            assert all(tell(owners, held))
        assert passes.pop() and not passes


def test_what_is_kept_is_bounded(monkeypatch, root):
    monkeypatch.setattr(processes, 'MOST', 2)
    owners = scan(root)
    for _ in range(2):
        for inode, text in CAPTURED.items():
            assert owners.texts([inode]) == [text]
            assert len(owners._forms) <= 4


def test_names_that_are_refused_are_told_once(monkeypatch, held):
    said = []
    owners = Host(report=Report(lambda message: message == processes.OTHERS or said.append(message))).owners()

    def refused(*_):
        raise OSError(24, 'Too many open files')
    monkeypatch.setattr('builtins.open', refused)
    assert all('("",pid=' in text for text in owners.texts(held)) and len(owners.json(held)) == 3
    assert said == ['not all processes can be named: Too many open files']


# A /proc of plain files

def task(root, pid, stat, links=(), threads=()):
    folder = root / str(pid)
    (folder / 'fd').mkdir(parents=True)
    if stat is not None:
        (folder / 'stat').write_bytes(stat)
    for fd, link in links:
        (folder / 'fd' / str(fd)).symlink_to('socket:[%d]' % link if isinstance(link, int) else link)
    for thread in threads:
        (folder / 'task' / str(thread)).mkdir(parents=True)


@pytest.fixture
def root(tmp_path):
    task(tmp_path, 10, b'10 (plain) S 1 1', [(3, 1001), (4, '/dev/null'), (5, 1002), (50, 1001), (6, 'socket:x')])
    task(tmp_path, 11, b'11 (a b)c) S', [(3, 1003)])
    task(tmp_path, 12, b'12 () S', [(3, 1004)])
    task(tmp_path, 13, None, [(3, 1005)])
    task(tmp_path, 14, b'14 (a name longer than ss will read) S', [(3, 1006)])
    task(tmp_path, 15, b'15 no parenthesis S', [(3, 1007)])
    task(tmp_path, 16, b'16 (x\x01\xc3\xa9 y"\\%s\n\x7f) S', [(3, 1008), ('x7', 1009), (8, (1 << 32) + 1010)])
    task(tmp_path, 17, b'17 (unclosed', [(3, 1011)])
    task(tmp_path, 18, b'', [(3, 1012)])
    task(tmp_path, 20, b'20 (main) S', [(3, 1013), (4, 1001)], [20, 21, 22])
    task(tmp_path, 21, b'21 (second) S', [(3, 1013)])
    task(tmp_path, 22, b'22 (third%d) S', [(3, 1013), (9, 1014)])
    (tmp_path / 'net').mkdir()
    row = '0000000000000000: 00000002 00000000 00000000 0001 01 %5d @%d'
    (tmp_path / 'net' / 'unix').write_text('\n'.join(['Num'] + [row % (inode, inode) for inode in INODES] + ['']))
    return str(tmp_path)


INODES = range(1001, 1016)


@pytest.mark.parity
@pytest.mark.parametrize('threads', [False, True])
def test_beside_ss(reference, root, threads):
    answer = programs.run(reference + ['-xapH' + 'T' * threads], env={'PROC_ROOT': root})
    lines = answer.out.decode('latin-1').splitlines()
    said = {int(line.split()[5]): line.partition('* 0')[2].strip() for line in lines}
    assert sorted(said) == list(INODES)
    owners = scan(root, threads)
    assert dict(zip(INODES, [text.strip() for text in owners.texts(INODES)])) == said


# What ss 7.3.0 printed of this root, but for the rows whose order depends on the file system.
CAPTURED = {
    1002: ' users:(("plain",pid=10,fd=5))',
    1003: ' users:(("a b",pid=11,fd=3))',
    1004: ' users:(("",pid=12,fd=3))',
    1005: ' users:(("",pid=13,fd=3))',
    1006: ' users:(("a name longer than ",pid=14,fd=3))',
    1007: ' users:(("",pid=15,fd=3))',
    1008: ' users:(("x.?? y"\\%s..",pid=16,fd=3))',
    1009: '',
    1010: ' users:(("x.?? y"\\%s..",pid=16,fd=8))',
    1011: ' users:(("unclosed",pid=17,fd=3))',
    1012: ' users:(("",pid=18,fd=3))',
    1015: '',
}


def test_captured(root):
    assert dict(zip(CAPTURED, scan(root).texts(CAPTURED))) == CAPTURED


def test_empty_root_is_the_root_of_all(monkeypatch):
    listed = []

    def refuse(path):
        listed.append(path)
        raise OSError(2, 'No such file or directory')
    monkeypatch.setattr(os, 'listdir', refuse)
    scan('')
    assert listed == ['/']


# Contexts

FORMS = [               # contexts, threads, the text of an owner (command-line.md 9.2)
    (0, False, '("plain",pid=10,fd=5)'),
    (0, True, '("plain",pid=10,tid=10,fd=5)'),
    (TASK, False, '("plain",pid=10,proc_ctx=u:r:plain_t:s0,fd=5)'),
    (TASK, True, '("plain",pid=10,tid=10,proc_ctx=u:r:plain_t:s0,fd=5)'),
    (TASK_AND_SOCKET, False, '("plain",pid=10,proc_ctx=u:r:plain_t:s0,fd=5,sock_ctx=u:r:socket_t:s0)'),
    (TASK_AND_SOCKET, True, '("plain",pid=10,tid=10,proc_ctx=u:r:plain_t:s0,fd=5,sock_ctx=u:r:socket_t:s0)'),
]


@pytest.fixture
def labelled(root, monkeypatch):
    os.mkdir(root + '/10/attr')
    with open(root + '/10/attr/current', 'wb') as file:
        file.write(b'u:r:plain_t:s0\n\0')

    def getxattr(path, name):
        if (path, name) == (root + '/10/fd/5', 'security.selinux'):
            return b'u:r:socket_t:s0\0'
        raise OSError(95, 'Operation not supported')
    monkeypatch.setattr(os, 'getxattr', getxattr)
    return root


@pytest.mark.parametrize('contexts, threads, entry', FORMS)
def test_contexts(labelled, contexts, threads, entry):
    assert scan(labelled, threads, contexts).texts([1002]) == [' users:(%s)' % entry]


def test_unavailable_contexts(labelled):
    assert scan(labelled, False, TASK_AND_SOCKET).texts([1003]) == [
        ' users:(("a b",pid=11,proc_ctx=unavailable,fd=3,sock_ctx=unavailable))']


def test_contexts_where_several_hold_a_socket(labelled):
    users, = scan(labelled, False, TASK_AND_SOCKET).texts([1001])
    assert sorted(users[9:-2].split('),(')) == [
        '"main",pid=20,proc_ctx=unavailable,fd=4,sock_ctx=unavailable',
        '"plain",pid=10,proc_ctx=u:r:plain_t:s0,fd=3,sock_ctx=unavailable',
        '"plain",pid=10,proc_ctx=u:r:plain_t:s0,fd=50,sock_ctx=unavailable',
    ]


def test_selinux_is_off_where_no_selinuxfs_is_mounted():
    with open('/proc/mounts') as file:
        if ' selinuxfs ' in file.read():
            pytest.skip('this host has SELinux')
    assert not Host().tasks.labelled()


def test_selinux_below_a_root(tmp_path):
    (tmp_path / 'proc').mkdir()
    (tmp_path / 'etc/selinux').mkdir(parents=True)
    (tmp_path / 'etc/selinux/config').write_bytes(b'')
    for mounts, labelled in ((b'short\nselinuxfs /x selinuxfs rw 0 0\n', True), (b'selinuxfs /x tmpfs rw\n\n', False)):
        (tmp_path / 'proc/mounts').write_bytes(mounts)
        assert Host(str(tmp_path), environ={}).tasks.labelled() == labelled


def test_contexts_steer_no_terminal(labelled):
    with open(labelled + '/10/attr/current', 'wb') as file:
        file.write(b'a\x1b[m\xc2\x9b')
    assert 'proc_ctx=a\x1b[m' in scan(labelled, False, TASK).texts([1002])[0]
    assert r'proc_ctx=a\x1b[m\xc2\x9b,' in scan(labelled, False, TASK, escape=True).texts([1002])[0]


# As data

@pytest.mark.parametrize('threads, contexts, inode, expected', [
    (False, 0, 1002, [{'name': 'plain', 'pid': 10, 'fd': 5}]),
    (True, 0, 1002, [{'name': 'plain', 'pid': 10, 'tid': 10, 'fd': 5}]),
    (True, 0, 1014, [{'name': 'third%d', 'pid': 20, 'tid': 22, 'fd': 9}] * 2),
    (False, TASK_AND_SOCKET, 1002, [{'name': 'plain', 'pid': 10, 'fd': 5, 'context': 'u:r:plain_t:s0',
                                     'socket_context': 'u:r:socket_t:s0'}]),
    (False, TASK_AND_SOCKET, 1003, [{'name': 'a b)c', 'pid': 11, 'fd': 3}]),       # the text ends at the first parenthesis
    (False, 0, 1006, [{'name': 'a name longer than ss will read', 'pid': 14, 'fd': 3}]),
    (False, 0, 1011, [{'name': 'unclosed', 'pid': 17, 'fd': 3}]),
    (False, 0, 1008, [{'name': 'x\x01\u00e9 y"\\%s\n\x7f', 'pid': 16, 'fd': 3}]),
    (False, 0, 1015, None),
    (False, 0, 0, None),
])
def test_json(labelled, threads, contexts, inode, expected):
    text, = scan(labelled, threads, contexts).json([inode], ',"processes":')
    if inode == 1014:
        expected = [dict(expected[0]), dict(expected[1], pid=22)]
    found = json.loads('{"x":1%s}' % text).get('processes')
    assert found == expected or found == expected[::-1]


def test_json_of_a_name_that_is_no_utf8(root):
    with open(root + '/11/stat', 'wb') as file:
        file.write(b'11 (\xff\xc3x) S')
    text, = scan(root).json([1003], ',"processes":')
    assert json.loads('{%s}' % text[1:]) == {
        'processes': [{'name': '\ufffd\ufffdx', 'name_hex': 'ffc378', 'pid': 11, 'fd': 3}]}


def test_names_of_any_process(root):
    os.makedirs(root + '/30')
    for name, text in (('stat', b'30 (x\\n)y) S 1'), ('comm', b'x\n)y\n')):
        with open(root + '/30/' + name, 'wb') as file:
            file.write(text)
    tasks = Tasks(Paths({'PROC_ROOT': root}), Report())
    assert [tasks.name(pid) for pid in (10, 11, 17, 13, 30)] == ['plain', 'a b', '', '', 'x\\n']
    assert [tasks.whole_name(pid) for pid in (10, 11, 12, 13, 30)] == ['plain', 'a b)c', '', '', 'x\n)y']


NAMED = """
import ctypes, os, socket, sys
ctypes.CDLL(None).prctl(15, b"a)\\n b\\\\ (c")
mine = socket.socket()
print(os.fstat(mine.fileno()).st_ino, flush=True)
sys.stdin.read()
"""


def test_a_parenthesis_in_a_name_by_the_kernel():
    """PR_SET_NAME takes any bytes; the text is ss's, which ends at the parenthesis."""
    child = subprocess.Popen([sys.executable, '-c', NAMED], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        inode = int(child.stdout.readline())
        owners = Host().owners()
        assert owners.texts([inode]) == [' users:(("a",pid=%d,fd=3))' % child.pid]
        assert json.loads('{%s}' % owners.json([inode], ',"processes":')[0][1:])['processes'] == [
            {'name': 'a)\n b\\ (c', 'pid': child.pid, 'fd': 3}]
    finally:
        child.communicate()


def test_own_socket_by_the_kernel_as_it_is():
    with socket.socket() as mine:
        inode = os.fstat(mine.fileno()).st_ino
        with open('/proc/self/comm') as file:
            name = file.read().rstrip('\n')
        assert scan().texts([inode]) == [' users:(("%s",pid=%d,fd=%d))' % (name, os.getpid(), mine.fileno())]
