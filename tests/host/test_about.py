"""What is told of processes: of live ones beside ps, of a /proc of plain files as they are written here."""
import calendar
import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from ssng.host import Host, Report, cgroup_paths
from ssng.host.about import HIDDEN, NAMES, PLAIN, About

ID = '4f' * 32


def process(root, pid, cmdline=None, exe=None, uid=None, stat=None, cgroup=None):
    """Writes what a process of a /proc of files has to say."""
    folder = root / 'proc' / str(pid)
    folder.mkdir(parents=True)
    status = None if uid is None else b'Name:\tUid:\t9\nUmask:\t0022\nPPid:\t1\nUid:\t7\t%d\t8\t9\nGid:\t0\t0\t0\t0\n' % uid
    for name, content in (('cmdline', cmdline), ('status', status), ('stat', stat), ('cgroup', cgroup)):
        if content is not None:
            (folder / name).write_bytes(content)
    if exe is not None:
        os.symlink(exe, bytes(folder / 'exe'))


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'etc').mkdir()
    (tmp_path / 'etc/passwd').write_bytes(b'root:x:0:0::/:/bin/sh\n\nbroken\nx:y:z\n+nis\nw\xff:x:33:33::/:\nlate:x:0:0::/:\n')
    (tmp_path / 'proc').mkdir()
    (tmp_path / 'proc/stat').write_bytes(b'cpu 1 2 3\nintr 5\nbtime 1700000000\nprocesses 7\n')
    fields = b' '.join(b'%d' % number for number in range(5, 53))
    ticks = os.sysconf('SC_CLK_TCK')
    process(tmp_path, 1, b'/sbin/init\0splash\0', b'/usr/lib/systemd/systemd', 0, b'1 (x) S 0 ' + fields,
            b'0::/init.scope\n')
    process(tmp_path, 2, b'', None, 0, b'2 (kthreadd) S 0 ' + fields, b'0::/\n')
    process(tmp_path, 3, b'nginx: master\0\0\0\0\0', b'/usr/sbin/ngin\xff (deleted)', 33,
            b'3 (a) 9 (b)) 7) S 12 ' + fields.replace(b' 22 ', b' %d ' % (10 * ticks + ticks * 3 // 5)),
            b'0::/system.slice/docker-%s.scope\n' % ID.encode())
    process(tmp_path, 4, b'a\0\0b\xff\n\x1b[m\0', None, 4711)
    process(tmp_path, 5, b'torn', None, None, b'5 (torn) S', b'no line')
    return tmp_path


def told(root, report=None):
    about = About(Host(str(root), report or Report(), {}))
    return lambda key, *pids: [about.told(key)(pid) for pid in pids]


def test_words(root):
    tell = told(root)
    assert tell('args', 1, 2, 3, 4, 5, 6) == ['/sbin/init splash', None, 'nginx: master', 'a  b\xff\n\x1b[m', 'torn', None]
    assert tell('args_hex', 1, 2, 4) == [None, None, '61202062ff0a1b5b6d']
    assert tell('exe', 1, 2, 3, 6) == ['/usr/lib/systemd/systemd', None, '/usr/sbin/ngin\xff (deleted)', None]
    assert tell('exe_hex', 1, 2, 3) == [None, None, b'/usr/sbin/ngin\xff (deleted)'.hex()]


def test_users(root):
    """Below a root its own file counts, the first line of a number; where there is none, the number."""
    tell = told(root)
    assert tell('uid', 1, 3, 4, 5, 6) == [0, 33, 4711, None, None]
    assert tell('user', 1, 3, 4, 5, 6) == ['root', 'w\xff', '4711', None, None]
    (root / 'etc/passwd').unlink()
    assert told(root)('user', 1, 3) == ['0', '33']


def test_parents_and_starts(root):
    tell = told(root)
    assert tell('ppid', 1, 2, 3, 5, 6) == [0, 0, 12, None, None]
    assert tell('started_s', 3, 5, 6) == [1700000011, None, None]
    (root / 'proc/stat').write_bytes(b'cpu 1\nbtime x\n')
    assert told(root)('started_s', 3, 1) == [None, None]


def test_places(root):
    tell = told(root)
    assert tell('unit', 1, 2, 3, 5, 6) == ['init.scope', None, 'docker-%s.scope' % ID, None, None]
    assert tell('container', 1, 3) == [None, ID] and tell('runtime', 1, 3) == [None, 'docker']
    assert tell('container_name', 1, 3) == [None, None]
    (root / 'var/lib/docker/containers' / ID).mkdir(parents=True)
    (root / 'var/lib/docker/containers' / ID / 'config.v2.json').write_text(json.dumps({
        'Name': '/web', 'Config': {'Image': 'nginx'}}))
    tell = told(root)
    assert [tell(key, 3)[0] for key in NAMES] == ['web', None, None, 'nginx']


KEYS = PLAIN + cgroup_paths.KEYS + NAMES


def test_one_read_a_process_and_file(root, monkeypatch):
    opened, opener = [], open

    def counted(path, *more):
        opened.append(path)
        return opener(path, *more)
    monkeypatch.setattr('builtins.open', counted)
    tell = told(root)
    for _ in range(3):
        for key in KEYS:
            tell(key, 1, 2, 3, 6)
    assert len(opened) == len(set(opened))
    assert sorted(path.rpartition('/')[2] for path in opened if '/3/' in path) == ['cgroup', 'cmdline', 'stat', 'status']


def test_what_is_refused_is_told_once(root, monkeypatch):
    said = []

    def refused(*_):
        raise PermissionError(13, 'Permission denied')
    monkeypatch.setattr('builtins.open', refused)
    monkeypatch.setattr(os, 'readlink', refused)
    tell = told(root, Report(said.append))
    assert all(tell(key, 1, 3) == [None, None] for key in KEYS)
    assert said == [HIDDEN]


def test_want_of_descriptors_is_told_once(root, monkeypatch):
    said = []

    def refused(*_):
        raise OSError(24, 'Too many open files')
    monkeypatch.setattr('builtins.open', refused)
    tell = told(root, Report(said.append))
    assert tell('args', 1, 3) == tell('user', 1, 3) == [None, None]
    assert said == ['not all of the processes can be told: Too many open files']


# Live ones

@pytest.fixture
def child():
    """A process with odd words, and one that nobody has waited for."""
    made = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()', 'two words', '', 'end'], stdin=subprocess.PIPE)
    yield made.pid
    made.communicate()


def ps(pid, *columns):
    if not shutil.which('ps') or subprocess.call(['ps', '-o', 'pid=', '-p', str(os.getpid())], stdout=subprocess.DEVNULL):
        pytest.skip('needs ps of procps')
    said = [subprocess.check_output(['ps', '-ww', '-o', column + '=', '-p', str(pid)], env=dict(os.environ, LC_ALL='C', TZ='UTC'))
            for column in columns]
    return [each.decode().rstrip('\n') for each in said]


def test_beside_ps(child):
    about = About(Host())
    tell = lambda key: about.told(key)(child)
    assert tell('exe') == os.path.realpath(sys.executable)
    args, user, uid, ppid, lstart = ps(child, 'args', 'euser:32', 'euid', 'ppid', 'lstart')
    assert tell('args') == args
    assert tell('user') == user.strip() and tell('uid') == int(uid) and tell('ppid') == int(ppid) == os.getpid()
    started = calendar.timegm(time.strptime(lstart.strip(), '%a %b %d %H:%M:%S %Y'))
    assert abs(tell('started_s') - started) <= 1 and abs(tell('started_s') - time.time()) < 60


def test_who_has_ended(child):
    """A zombie has a user and a parent, but neither words nor a program."""
    ended = subprocess.Popen(['/bin/true'])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    about = About(Host())
    tell = lambda key: about.told(key)(ended.pid)
    assert tell('args') is None and tell('exe') is None
    assert tell('uid') == os.geteuid() and tell('ppid') == os.getpid()
    ended.wait()
    assert all(About(Host()).told(key)(ended.pid) is None for key in KEYS)
