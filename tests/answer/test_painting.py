"""A recording shown by painters and without: the same bytes, and nobody is left whatever ends the program."""
import os
import signal
import subprocess
import sys
import time

import pytest

from ssng.answer.painting import expected
from ssng.host import Host
from ssng.query import Selection
from tests.support import random_dump
from tests.support.namespaces import ROOT
from tests.support.programs import finish, start, surroundings

PROGRAM = '''\
import sys
from tests.support.painting import forced
forced(int(sys.argv.pop(1)))
from ssng.cli.main import console
console()
'''
SOCKETS = 1200
OPTIONS = ['-tan', '-ta', '-taneimoO', '-tanip', '-taneimpj', '-tane --cgroup --tos --inet-sockopt', '-tn sport > 2000']


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp('recording') / 'tcp'
    path.write_bytes(random_dump.dump(5, SOCKETS))
    return str(path)


def words(number, options):
    return [sys.executable, '-c', PROGRAM, str(number)] + options.split()


@pytest.mark.parametrize('columns', ['', '47'])
@pytest.mark.parametrize('options', OPTIONS)
def test_bytes(recording, options, columns):
    env = {'TCPDIAG_FILE': recording, 'COLUMNS': columns}
    if columns and 'j' in options:
        pytest.skip('JSON has no columns')
    answers = [finish(start(words(number, options), env)) for number in (0, 1, 2, 7)]
    plain = finish(start([sys.executable, '-m', 'ssng'] + options.split(), env))
    assert plain.out.count(b'\n') > 64         # fewer are never painted
    for answer in answers:
        assert answer == plain


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as stream:
            return [int(word) for word in stream.read().split()]
    except OSError:
        return []


def running(pid):
    try:
        with open('/proc/%d/stat' % pid) as stream:
            return stream.read().rpartition(')')[2].split()[0] != 'Z'       # it is init's then
    except OSError:
        return False


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGPIPE])
def test_nobody_is_left(recording, how):
    """The program waits for its reader, who sees one line; then it is ended, by a signal or because the reader goes."""
    if not os.path.exists('/proc/self/task/%d/children' % os.getpid()):
        pytest.skip('the kernel does not list children')
    program = subprocess.Popen(words(2, '-taneimoO'), env=surroundings({'TCPDIAG_FILE': recording}), stdout=subprocess.PIPE)
    program.stdout.readline()
    painters = children(program.pid)
    if how == signal.SIGPIPE:
        program.stdout.close()
    else:
        program.send_signal(how)
    assert program.wait(60) == -how
    program.stdout.close()
    assert len(painters) == 2
    end = time.monotonic() + 60
    while any(map(running, painters)):
        assert time.monotonic() < end, 'a painter is still there'
        time.sleep(.01)


SOCKSTAT = b'''\
sockets: used 5000
TCP: inuse 1000 orphan 3 tw 200 alloc 1500 mem 7
UDP: inuse 300 mem 4
UDPLITE: inuse 9
RAW: inuse 2
FRAG: inuse 0 memory 0
'''
SOCKSTAT6 = b'TCP6: inuse 500\nUDP6: inuse 30\nUDPLITE6: inuse 0\nRAW6: inuse 8\nFRAG6: inuse 0 memory 0\n'


@pytest.mark.parametrize('tables, count', [
    (['tcp'], 1700), (['udp', 'raw'], 340), (['unix_stream'], 3160), (['tcp', 'unix_dgram', 'netlink'], 4860), (['netlink'], 0)])
def test_how_many_are_expected(tmp_path, tables, count):
    (tmp_path / 'proc' / 'net').mkdir(parents=True)
    (tmp_path / 'proc' / 'net' / 'sockstat').write_bytes(SOCKSTAT)
    (tmp_path / 'proc' / 'net' / 'sockstat6').write_bytes(SOCKSTAT6)
    host = Host(str(tmp_path), environ={})
    assert expected(host, Selection(tables, [2, 10, 1], 0xfff)) == count


@pytest.mark.parametrize('used, imported', [(500, False), (10000, False), (10001, True)])
def test_what_reads_many_sockets_is_imported_where_they_are(tmp_path, used, imported):
    (tmp_path / 'sockstat').write_text('sockets: used %d\nTCP: inuse 5 orphan 0 tw 0 alloc 5 mem 1\n' % used)
    program = ('import sys; sys.argv[1:] = ["-tln"]\nfrom ssng.cli.main import main\nmain(["-tln"])\n'
               'sys.exit("ssng.kernel.recvmmsg" in sys.modules)')
    assert subprocess.call([sys.executable, '-c', program], stdout=subprocess.DEVNULL, cwd=ROOT,
                           env=surroundings({'PROC_NET_SOCKSTAT': str(tmp_path / 'sockstat')})) == imported


def test_nothing_more_is_imported_on_a_small_host():
    program = ('import sys; sys.argv[1:] = ["-tan"]\nfrom ssng.cli.main import main\nmain(["-tan"])\n'
               'sys.exit(any(name.endswith(("painters", "painting")) for name in sys.modules))')
    assert subprocess.call([sys.executable, '-c', program], stdout=subprocess.DEVNULL, cwd=ROOT,
                           env=surroundings({'PROC_NET_SOCKSTAT': '/dev/null'})) == 0
