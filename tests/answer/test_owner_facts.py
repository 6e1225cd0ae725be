"""Facts of owners that somebody names, in every place that takes a fact: of a /proc of files, of sockets made by hand."""
import csv
import io
import json
import os
import struct

import pytest

from ssng.host import Host
from tests.support.wire import inet

ID = '0123456789ab' + 'cd' * 26
POD = 'f9d7a0b2-3c4d-4e5f-8a9b-0c1d2e3f4a5b'
LISTEN, CGROUP_ID = 10, 21
PROCESSES = {           # number: sockets, cmdline, cgroup, uid
    7: ([1, 2], b'nginx: master\0', b'/system.slice/nginx.service', 0),
    8: ([2, 3], b'/bin/x\0--a\xff"\n\x1b[m\0b,c\0', b'/docker/' + ID.encode(), 33),
    9: ([4], b'', b'/', 0),
}
SOCKETS = [inet(state=LISTEN, sport=100 + inode, dport=0, inode=inode) for inode in range(1, 6)]


@pytest.fixture
def ask(said, tmp_path):
    """A function: what ssng prints of these sockets on this host."""
    for pid, (inodes, cmdline, cgroup, uid) in PROCESSES.items():
        folder = tmp_path / 'proc' / str(pid)
        (folder / 'fd').mkdir(parents=True)
        for fd, inode in enumerate(inodes, 3):
            (folder / 'fd' / str(fd)).symlink_to('socket:[%d]' % inode)
        for name, content in (('comm', b'p%d\n' % pid), ('stat', b'%d (p) S 1 ' % pid), ('cmdline', cmdline),
                              ('cgroup', b'0::%s\n' % cgroup), ('status', b'Name:\tp\nUid:\t1\t%d\t1\t1\n' % uid)):
            (folder / name).write_bytes(content)
    (tmp_path / 'etc').mkdir()
    (tmp_path / 'etc/passwd').write_bytes(b'root:x:0:0\n')
    folder = tmp_path / 'var/lib/docker/containers' / ID
    folder.mkdir(parents=True)
    (folder / 'config.v2.json').write_text(json.dumps({'Name': '/web', 'Config': {'Image': 'nginx'}}))

    def answer(words):
        status, out, err = said(['-tlnH4'] + words.split('|'), SOCKETS, Host(str(tmp_path), environ={}))
        assert (status, err) == (0, b'')
        return out.decode('utf-8', 'surrogateescape')
    return answer


@pytest.mark.parametrize('words, ports', [
    ('unit = nginx.service', [101, 102]), ('container = 0123456789ab', [102, 103]), ('container = ' + ID, [102, 103]),
    ('container = 0123456789', []), ('not container', [101, 104, 105]), ('user = root', [101, 102, 104]),
    ('user = 33', [102, 103]),
    ('args ~ ^nginx', [101, 102]), ('not args', [104, 105]), ('image = ngin* and runtime = docker', [102, 103]),
    ('processes.uid > 0', [102, 103]), ('ppid = 1', [101, 102, 103, 104]), ('container_name = web', [102, 103]),
    ('args_hex', [102, 103]), ('exe', []), ('slice = system.slice', [101, 102]), ('started_s > 0', [])])
def test_filters(ask, words, ports):
    assert ask('--columns=sport|' + words).split() == list(map(str, ports))


def test_text(ask):
    """Values of several holders are joined; an id is as long as people write it; what is absent is a hyphen."""
    rows = [line.split() for line in ask('--columns=sport,pid,user,container,unit,container_name').splitlines()]
    both = [['102', pids, users, '0123456789ab', 'nginx.service', 'web']
            for pids, users in (('7,8', 'root,33'), ('8,7', '33,root'))]
    assert rows[1] in both and rows[:1] + rows[2:] == [
        ['101', '7', 'root', '-', 'nginx.service', '-'], ['103', '8', '33', '0123456789ab', '-', 'web'],
        ['104', '9', 'root', '-', '-', '-'], ['105', '-', '-', '-', '-', '-']]


def test_beside_the_columns_of_ss(ask):
    first = ask('-p|--columns=+user,args').splitlines()[0]
    assert first.split() == [
        'LISTEN', '0', '0', '0.0.0.0:101', '0.0.0.0:*', 'users:(("p",pid=7,fd=3))', 'root', 'nginx:', 'master']


def test_no_option_shows_them(ask):
    """Neither -p and its like, nor a filter that needs them."""
    shown = {key for one in json.loads(ask('-epm|-j|user = root')) for owner in one['processes'] for key in owner}
    assert shown == {'name', 'pid', 'fd'}
    assert 'nginx' not in ask('-ep|--csv')


def test_json(ask):
    """Ids whole, absent ones without a key; behind what -p tells of an owner."""
    found = json.loads(ask('-j|--columns=pid,args,args_hex,unit,container,processes.uid'))
    one = {'pid': 7, 'args': 'nginx: master', 'unit': 'nginx.service', 'uid': 0}
    other = {'pid': 8, 'args': '/bin/x --a\ufffd"\n\x1b[m b,c', 'args_hex': b'/bin/x --a\xff"\n\x1b[m b,c'.hex(),
             'container': ID, 'uid': 33}
    assert [entry.get('processes') for entry in found if len(entry.get('processes', ())) != 2] == [
        [one], [other], [{'pid': 9, 'uid': 0}], None]
    assert sorted(found[1]['processes'], key=lambda each: each['pid']) == [one, other]
    first = json.loads(ask('-pj|--columns=+unit,pid'))[0]
    assert list(first)[:3] == ['family', 'netid', 'state'] and first['processes'] == [
        {'name': 'p7', 'pid': 7, 'fd': 3, 'unit': 'nginx.service'}]
    assert '\x1b' not in ask('-j|--columns=args')


def test_csv(ask):
    rows = list(csv.reader(io.StringIO(ask('--csv|--columns=sport,container,args|inode != 2'), newline='')))
    assert rows == [['101', '', 'nginx: master'], ['103', ID, '/bin/x --a\ufffd"\n\x1b[m b,c'], ['104', '', ''], ['105', '', '']]


def test_order_and_counts(ask):
    assert ask('--columns=sport|--sort=-processes.uid,sport').split() == ['103', '101', '102', '104', '105']
    assert sorted(ask('--count=container').splitlines()) == ['2 0123456789ab', '3 -']
    assert json.loads(ask('--count=container|-j|--sort=container|--top=1')) == [{'count': 2, 'processes': {'container': ID}}]
    assert ask('--count=image|--csv|--sort=count').splitlines() == ['2,nginx', '3,']


def test_nothing_raw_on_a_terminal(ask, monkeypatch):
    monkeypatch.setattr('os.isatty', lambda fd: True)
    out = ask('--columns=args|inode = 3')
    assert out == '/bin/x --a\\xff"\\x0a\\x1b[m b,c\n'


def test_a_row_is_one_line(ask):
    """In a pipe, too, where all else is as it is."""
    assert ask('--columns=args|inode = 3') == '/bin/x --a\udcff"\\x0a\x1b[m b,c\n'


def test_threads_have_what_their_process_has(ask, tmp_path):
    for tid in (7, 77):
        (tmp_path / 'proc/7/task' / str(tid)).mkdir(parents=True)
    os.rename(str(tmp_path / 'proc/7/fd'), str(tmp_path / 'fd'))
    (tmp_path / 'proc/7/fd').mkdir()
    (tmp_path / 'proc/77').mkdir()
    os.rename(str(tmp_path / 'fd'), str(tmp_path / 'proc/77/fd'))
    owners = json.loads(ask('-j|--columns=pid,tid,args,unit|inode = 1'))[0]['processes']
    assert {'pid': 7, 'tid': 77, 'args': 'nginx: master', 'unit': 'nginx.service'} in owners
    assert {'pid': 77, 'tid': 77} in owners         # files list a thread as a process, too


def test_the_cgroup_of_the_socket(said):
    """Told of an id, without anybody who holds the socket."""
    paths = {1: '/system.slice/docker-%s.scope' % ID, 2: '/', 3: '/kubepods/burstable/pod%s/%s' % (POD, ID)}
    rows = [inet(state=LISTEN, sport=number, dport=0, attributes=[(CGROUP_ID, struct.pack('=Q', number))])
            for number in (1, 2, 3, 4)]
    host = Host(environ={})
    host.cgroups.path = lambda number: paths.get(number, 'unreachable:%x' % number)
    ask = lambda *words: said(['-tlnH4'] + list(words), rows, host)[1].decode()
    text = ask('--columns=sport,cgroup_unit,cgroup_container,cgroup_runtime,cgroup_pod')
    assert [line.split() for line in text.splitlines()] == [
        ['1', 'docker-%s.scope' % ID, '0123456789ab', 'docker', '-'], ['2', '-', '-', '-', '-'],
        ['3', '-', '0123456789ab', '-', POD], ['4', '-', '-', '-', '-']]
    assert json.loads(ask('-j', '--columns=cgroup_container,cgroup_unit', 'cgroup_runtime = docker')) == [
        {'cgroup_container': ID, 'cgroup_unit': 'docker-%s.scope' % ID}]
    assert ask('--columns=sport', 'cgroup_container = 0123456789ab').split() == ['1', '3']
    assert ask('--columns=sport', '--sort=-cgroup_pod', '--top=1').split() == ['3']
    assert json.loads(ask('--count=cgroup_container', '-j')) == [{'count': 2, 'cgroup_container': ID}, {'count': 2}]
    assert 'cgroup_' not in ask('-e', '-j') and 'cgroup_' not in said(['-tln4', '-e', '--csv'], rows, host)[1].decode()
