"""The README's "Differences from ss", each line with the test that shows what ss does and what ssng does.

Most differences are what ss does on another command line: `instead(OURS, THEIRS)` proves that ssng does on
OURS what ss does on THEIRS, and that ss does something else on OURS.  What this kernel has no sockets
for comes from tests/support/pretend.py, to both programs alike.
"""
import errno
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys

import pytest

from ssng.kernel.abi import tipc, unix_diag, vm_sockets_diag
from tests.parity.crowd import unified_hierarchy
from tests.support import dumps, pretend, random_dump, seccomp
from tests.support.btf import Types
from tests.support.btf_examples import EXAMPLES
from tests.support.namespaces import CLONE_NEWNS, ROOT, Room, checked, libc, replace_file
from tests.support.programs import run, surroundings
from tests.support.storage import Maps, by_map, listener, printed
from tests.support.unprivileged import nobody, open_house      # noqa: F401, fixtures
from tests.support.wire import attribute, done, inet, message

pytestmark = pytest.mark.parity

LINES = {}              # line of the README: its test


def line(text):
    def register(test):
        assert text not in LINES
        LINES[text] = test
        return test
    return register


def readme():
    """The items of the list, each on one line."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        section = re.split(r'\n(.+)\n-+\n', stream.read())
    text = section[section.index('Differences from ss') + 1]
    return [' '.join(item.split()) for item in re.findall(r'(?m)^\* ((?:.*\n)(?:  .*\n)*)', text)]


def test_each_line_has_its_test():
    assert readme() == list(LINES)


def test_each_test_has_its_line():
    tests = {test for name, test in globals().items() if name.startswith('test_')}
    assert tests - set(LINES.values()) == {test_each_line_has_its_test, test_each_test_has_its_line}


# The two programs, beside the crowd's sockets

def rows(answer):
    """The words of each line that is printed."""
    return [row.split() for row in answer.out.decode('latin-1').splitlines()]


@pytest.fixture
def ask(crowd, reference, subject):
    """A function: the answers of ss and of ssng to a command line, without the header."""
    def ask(text, ssng=None, **more):
        more = dict({'enter': crowd.enter}, **more)
        return [run(program + ['-H'] + shlex.split(text), **more) for program in (reference, ssng or subject)]
    return ask


@pytest.fixture
def instead(ask):
    def instead(ours, theirs, **more):
        for _ in range(5):
            as_ss, answer = map(rows, ask(ours, **more))
            expected = rows(ask(theirs, **more)[0])
            if answer == expected:      # else: the kernel's sockets may have changed meanwhile
                break
        assert answer == expected
        assert as_ss != answer, 'they do not differ'
        return answer
    return instead


@pytest.fixture(scope='module')
def preload(tmp_path_factory):
    try:
        return {'LD_PRELOAD': pretend.library(str(tmp_path_factory.mktemp('pretend')))}
    except OSError as error:
        pytest.skip('no pretended kernel: %s' % error)


@pytest.fixture
def answering(preload, tmp_path):
    """A function: the environment in which dumps of a family are answered with these payloads."""
    def answering(family, *payloads):
        path = str(tmp_path / 'answer')
        with open(path, 'wb') as stream:
            stream.write(b''.join(map(message, payloads)) + done())
        return dict(preload, **{'PRETEND_ANSWER_%d' % family: path})
    return answering


@pytest.fixture
def logged(preload, tmp_path, crowd, reference, subject):
    """A function: the requests that ss and ssng make for a command line, as bytes."""
    def requests(program, text):
        path = str(tmp_path / 'log')
        run(program + shlex.split(text), env=dict(preload, PRETEND_LOG=path), enter=crowd.enter)
        with open(path) as stream:
            made = [bytes.fromhex(request) for request in stream.read().split()]
        os.unlink(path)
        return made
    return lambda text: [requests(program, text) for program in (reference, subject)]


# Filters

@line('``and`` binds tighter than ``or``, as the manual says.')
@pytest.mark.parametrize('ours, theirs', [
    ('sport = 1300 or sport = 1301 and dport = 1', 'sport = 1300 or ( sport = 1301 and dport = 1 )'),
    ('sport = 1300 or src [::1] dport = 1', 'sport = 1300 or ( src [::1] and dport = 1 )'),
    ('not sport = 22 or sport = 22 and dport = 1', '( ! sport = 22 ) or ( sport = 22 and dport = 1 )')])
def test_precedence(ours, theirs, instead):
    assert instead('-tan ' + ours, '-tan ' + theirs)


@line('``-4 -6`` shows both families.')
@pytest.mark.parametrize('ours, theirs', [
    ('-tan -4 -6', '-tan'), ('-tan -6 -4', '-tan'), ('-uan46', '-uan'), ('-4 -6 -tan dst 127.0.0.1', '-tan dst 127.0.0.1')])
def test_both_families(ours, theirs, instead):
    assert instead(ours, theirs)


@line('A family prefix (``inet:``, ``unix:`` ...) belongs to its own host alone.')
@pytest.mark.parametrize('ours, theirs', [
    ('-tan src inet:127.4.5.6 or src inet6:[::1]', '-tan src 127.4.5.6 or src [::1]'),
    ('-tan src inet6:[::1] or src 10.99.0.1', '-tan src [::1] or src 10.99.0.1'),
    ('-tan src inet:127.4.5.6 or sport = 1003', '-tan src 127.4.5.6 or sport = 1003')])
def test_prefixes(ours, theirs, instead):
    assert instead(ours, theirs)


@line('A condition on one family is false for sockets of another.')
def test_families_in_one_expression(ask):
    """ss dies of a signal; to each half it answers."""
    as_ss, answer = ask("-t -x -an 'src unix:* or src inet:127.0.0.1'")
    assert (as_ss.status, as_ss.out) == (128 + signal.SIGSEGV, b'')
    halves = [rows(ask("-t -x -an 'src %s'" % half)[0]) for half in ('unix:*', 'inet:127.0.0.1')]
    assert all(halves) and rows(answer) == halves[0] + halves[1]


V4 = [message(inet(src=b'\x7f\0\0\1', sport=1)), message(inet(src=bytes(4), sport=2, state=10))]
V6 = [message(inet(family=10, src=b'\x7f\0\0\1' + bytes(12), sport=3)), message(inet(family=10, sport=4, state=10))]


@line('An address of one family never matches the bytes of another.')
@pytest.mark.parametrize('text, theirs, ours', [
    ('src 127.0.0.1', '13', '1'), ('src 0.0.0.0', '24', '2'), ('src [7f00:1::]', '13', '3'), ('src [::]', '24', '4'),
    ('src 7f00::/8', '13', '3'), ('not src 127.0.0.0/8', '24', '234'), ('not src 7f00::/8', '24', '124')])
def test_addresses(text, theirs, ours, reference, subject, tmp_path):
    (tmp_path / 'dump').write_bytes(b''.join(V4 + V6) + done())
    answers = [run(program + ['-tanH', text], env={'TCPDIAG_FILE': str(tmp_path / 'dump')}) for program in (reference, subject)]
    assert [''.join(row[3][-1] for row in rows(answer)) for answer in answers] == [theirs, ours]


@line('A host name in a filter stands for all its addresses, in the kernel too.')
def test_host_names(instead, logged):
    addresses = ['127.0.0.1', '127.4.5.6', '127.9.3.200']
    assert instead('-tan src three.example', '-tan ' + ' or '.join('src ' + address for address in addresses))
    raw = [bytes(map(int, address.split('.'))) for address in addresses]
    theirs, ours = [requests[0] for requests in logged('-tan4 src three.example')]
    assert [address in theirs for address in raw] == [True, False, False]
    assert [address in ours for address in raw] == [True, True, True]


def vsock(cid, peer):
    return bytes(vm_sockets_diag.vsock_diag_msg(vdiag_family=40, vdiag_type=1, vdiag_state=1, vdiag_src_cid=cid, vdiag_src_port=5,
                                                vdiag_dst_cid=peer, vdiag_dst_port=6))


@line('The CID of a vsock address is compared.')
@pytest.mark.parametrize('text, ours', [
    ('src 2', [['2:5', '3:6']]), ('dst 2:6', [['4:5', '2:6']]), ('! src 2', [['4:5', '2:6']])])
def test_cids(text, ours, answering, ask):
    env = answering(40, vsock(2, 3), vsock(4, 2))
    everything = [['2:5', '3:6'], ['4:5', '2:6']]
    answers = [[row[-2:] for row in rows(answer)] for answer in ask('--vsock -an ' + text, env=env)]
    assert answers == [[] if '!' in text else everything, ours]


@line('A service name that tcp and udp number differently is an error.')
def test_services_of_two_numbers(ask):
    """`split` is 2040/tcp and 2044/udp: ss takes the first, and says nothing."""
    theirs, ours = ask('-tuan sport = split')
    assert (theirs.status, rows(theirs)) == (0, rows(ask('-tuan sport = 2040')[0]))
    assert (ours.status, ours.out) == (1, b'') and b'2040/tcp' in ours.err and b'2044/udp' in ours.err
    for option, port in (('-tan', 2040), ('-uan', 2044)):
        assert rows(ask('%s sport = split' % option)[1]) == rows(ask('%s sport = %d' % (option, port))[0])


@line('Service names work for mptcp and sctp.')
@pytest.mark.parametrize('option, name, port', [('-M', 'hidden', 1104), ('-S', 'associated', 5000)])
def test_services_of_mptcp_and_sctp(option, name, port, crowd, ask, tmp_path):
    def enter():
        crowd.enter()
        checked(libc.unshare(CLONE_NEWNS), 'unshare')
        replace_file('/etc/services', 'hidden 1104/tcp\nassociated 5000/sctp\n', str(tmp_path))
    theirs, ours = ask('%san sport = %s' % (option, name), enter=enter)
    assert (theirs.status, theirs.out) == (1, b'')
    assert ours.status == 0 and rows(ours) == rows(ask('%san sport = %d' % (option, port))[0])


@line('The names of mptcp and sctp ports do not depend on the tables shown before.')
def test_port_names(ask):
    alone = rows(ask('-Ma')[0])
    if not alone:
        pytest.skip('this kernel has no MPTCP')
    theirs, ours = [[row[1:] for row in rows(answer) if row[0] == 'mptcp'] for answer in ask('-wMa')]
    assert ours == alone and all('ipproto-' in row[3] for row in theirs)


@line('``dev`` is filtered by the kernel.')
def test_devices(logged):
    condition = struct.pack('=BBHI', 9, 8, 12, 1)      # INET_DIAG_BC_DEV_COND, and lo's number
    theirs, ours = logged('-tan dev lo')
    assert len(theirs) == len(ours) == 2
    assert all(len(request) == 72 for request in theirs)
    assert all(request.endswith(condition) for request in ours)


@line('``cgroup /`` is the root cgroup.')
def test_the_root_cgroup(logged):
    """By the number that the kernel is asked for."""
    def asked(path):
        return [[request[-8:] for request in requests if request[-12:-11] == b'\r' and any(request[-8:])]
                for requests in logged('-tan cgroup ' + path)]
    if not os.path.exists('/proc/self/cgroup'):
        pytest.skip('no control groups here')
    by_root, ours = asked('/')
    assert ours == asked(unified_hierarchy())[0] != by_root
    assert len(set(ours)) == 1


LONG = ''.join('sport = %d or\n' % port for port in range(10000, 16000)) + 'sport = 1300'


@line('A filter that the kernel refuses, or that is too long for it, is judged by ssng on what netlink tells; /proc, which '
      'tells less, is not asked.')
@pytest.mark.parametrize('case', ['too long', 'without privilege'])
def test_filters_that_the_kernel_does_not_take(case, ask, request, tmp_path):
    """Of listeners, /proc does not tell how many connections may wait."""
    if case == 'too long':
        (tmp_path / 'filter').write_text(LONG)
        theirs, ours = ask('-tln -F %s' % (tmp_path / 'filter'))
        whole = ask('-tln sport = 1300')[0]
    else:
        words, program, more = request.getfixturevalue('nobody')
        theirs, ours = [run(each + ['-tlnH', 'fwmark = 0'], **more) for each in (words, program)]
        whole = run(words + ['-tlnH'], **more)
    assert rows(ours) == rows(whole) != []
    assert [row[3:] for row in rows(theirs)] != [] and {row[2] for row in rows(theirs)} == {'0'} != {row[2] for row in rows(ours)}


@line('A filter nested more than 150 levels deep is an error.')
def test_nested_filters(ask):
    for depth, status in ((149, 0), (151, 255)):
        theirs, ours = ask('-tan %s sport = 1300' % ('! ' * depth))
        assert (theirs.status, ours.status) == (0, status)
        assert rows(ours) == (rows(theirs) if not status else [])


# Options

@line('``-D`` applies the filter.')
def test_recordings(ask):
    text = 'sport = 1300 or sport = 1301'
    theirs, ours = [[struct.unpack('>H', each.payload[4:6])[0] for each in dumps.messages(answer.out) if each.kind == 20]
                    for answer in ask('-tan -D - ' + text)]
    assert set(ours) == {1300, 1301} and len(ours) == len(rows(ask('-tan ' + text)[0])) < len(theirs)


CONTEXT = re.compile(r'(proc_ctx|sock_ctx)=[^,)]*')


@line('``-T``, ``-Z`` and ``-z`` show what they ask for.')
@pytest.mark.parametrize('option', ['T', 'Z', 'z', 'TZ'])
def test_threads_and_contexts(option, ask, preload):
    env = {}
    if option != 'T':       # on a host of SELinux, as far as both can be told that this is one
        env, as_if = dict(preload, PRETEND_SELINUX='1'), 'import ssng.host.processes as p; p.selinux_enabled = lambda: True; '
        more = {'env': env, 'ssng': [sys.executable, '-c', as_if + 'from ssng.cli.main import console; console()']}
    else:
        more = {}
    theirs, ours = ask('-tln' + option, **more)
    meant = CONTEXT.sub(r'\1', ask('-tlnp' + option, **more)[0].out.decode('latin-1'))
    assert CONTEXT.sub(r'\1', ours.out.decode('latin-1')).split() == meant.split()
    assert b'users:' in ours.out and b'users:' not in theirs.out


def nested(number, *attributes):
    return attribute(number, b''.join(attribute(*each) for each in attributes))


def number(value):
    return struct.pack('=I', value)


TIPC = nested(
    tipc.TIPC_NLA_SOCK, (tipc.TIPC_NLA_SOCK_TYPE, number(2)), (tipc.TIPC_NLA_SOCK_TIPC_STATE, number(7)),
    (tipc.TIPC_NLA_SOCK_INO, number(239)), (tipc.TIPC_NLA_SOCK_UID, number(5)), (tipc.TIPC_NLA_SOCK_COOKIE, struct.pack('=Q', 9)),
    (tipc.TIPC_NLA_SOCK_ADDR, number(0)), (tipc.TIPC_NLA_SOCK_REF, number(481448393)),
    (tipc.TIPC_NLA_SOCK_STAT, b''.join(attribute(queue, number(0)) for queue in (
        tipc.TIPC_NLA_SOCK_STAT_RCVQ, tipc.TIPC_NLA_SOCK_STAT_SENDQ))))


@line('``-e``, ``-m`` and ``-Z`` of netlink sockets, and ``-e`` of TIPC sockets, show what they ask for.')
@pytest.mark.parametrize('text, sign', [
    ('-f netlink -ane sport = 987654', b'groups=0x'), ('-f netlink -anm sport = 987654', b'skmem:('),
    ('-f netlink -anZ sport = 987654', b'proc_ctx='), ('--tipc -ane', b' ino:239 sk:9')])
def test_details_beside_the_process_column(text, sign, answering, ask):
    """What ss writes into a column that it shows under -p alone."""
    more = {'env': dict(answering(30, TIPC), PRETEND_SELINUX='1'), 'ssng': [
        sys.executable, '-c', 'import ssng.host.processes as p; p.selinux_enabled = lambda: True; '
        'from ssng.cli.main import console; console()']}
    theirs, ours = ask(text, **more)
    meant = ask(text.replace(' -an', ' -anp'), **more)[0]
    assert CONTEXT.sub('', ours.out.decode()).split() == CONTEXT.sub('', meant.out.decode()).split()
    assert sign in ours.out and sign not in theirs.out and theirs.out


@line('``-A p_raw`` and ``-A p_dgr`` list packet sockets of that type alone.')
@pytest.mark.parametrize('name', ['p_raw', 'p_dgr', 'packet_raw', 'packet_dgram'])
def test_types_of_packet_sockets(name, ask):
    both = [row[:1] + row[3:] for row in rows(ask('-0an')[0])]      # but for Recv-Q, which grows
    theirs, ours = [[row[2:] for row in rows(answer)] for answer in ask('-an -A ' + name)]
    kind = {'packet_raw': 'p_raw', 'packet_dgram': 'p_dgr'}.get(name, name)
    assert theirs == [row[1:] for row in both] and ours == [row[1:] for row in both if row[0] == kind] != []


@pytest.fixture
def victims():
    """A room with connections from ports 1001 (IPv4) and 1002 (IPv6)."""
    try:
        room = Room([sys.executable, '-m', 'tests.cli.sockets'], stderr=subprocess.PIPE)
    except OSError:
        pytest.skip('cannot make a network namespace (root can)')
    yield room
    room.close()


@line('A kill that the kernel refuses is told, and the others go on.')
def test_refused_kills(victims, preload, reference, subject):
    """The kernel refuses the first: its request is spoilt on the way."""
    text = ['-tnH', 'state', 'established', 'sport = 1001 or sport = 1002']

    def left():
        return [row[2] for row in rows(run(reference + text, enter=victims.enter))]
    kill = {'env': dict(preload, PRETEND_KEEP='1001'), 'enter': victims.enter}
    assert left() == ['127.0.0.1:1001', '[::1]:1002']
    theirs = run(reference + ['-K'] + text, **kill)
    assert (theirs.status, theirs.out, left()) == (0, b'', ['127.0.0.1:1001', '[::1]:1002'])
    ours = run(subject + ['-K'] + text, **kill)
    assert (ours.status, [row[2] for row in rows(ours)], left()) == (0, ['[::1]:1002'], ['127.0.0.1:1001'])
    assert ours.err.startswith(b'ssng: --kill: ') and ours.err.count(b'\n') == 1


# What the kernel does not answer

@line('No table is printed twice after a dump that failed half-way.')
@pytest.mark.parametrize('text', ['-tan', '-uan'])
def test_half_dumps(text, ask, preload):
    """The kernel answers for IPv4, and refuses IPv6."""
    theirs, ours = map(rows, ask(text, env=dict(preload, PRETEND_REFUSE='10')))
    v4 = rows(ask(text + '4')[0])
    again = [row[:1] + row[3:] for row in v4]       # /proc tells other queues
    assert [row[:1] + row[3:] for row in theirs if '[' not in row[3] and '*:' not in row[3]].count(again[0]) == 2
    assert ours[:len(v4)] == v4
    assert not [row for row in ours[len(v4):] if '[' not in row[3] and '*:' not in row[3]]


@line("Where netlink is refused, nothing ends for want of an interface's name.")
@pytest.mark.skipif(not seccomp.available(), reason='the system call numbers of this machine are not known')
@pytest.mark.parametrize('text, some', [('-0an', True), ('-tan dev lo', False), ('-an -A all', True)])
def test_names_of_interfaces(text, some, crowd, ask):
    def enter():
        crowd.enter()
        seccomp.refuse_netlink(errno.EPERM)
    theirs, ours = ask(text, enter=enter)
    assert (theirs.status, theirs.out) == (1, b'')
    assert ours.status == 0 and bool(ours.out) == some and b'dummy0' in ours.out or not some


# What is told

@line("``-e`` shows the device numbers of a unix socket's file as they are.")
@pytest.mark.parametrize('major, minor, theirs', [
    (8, 1, 'dev:0/2049'), (254, 0, 'dev:0/65024'), (0, 26, 'dev:0/26'), (259, 1048575, None)])
def test_device_numbers(major, minor, theirs, answering, ask):
    sock = bytes(unix_diag.unix_diag_msg(udiag_family=1, udiag_type=1, udiag_state=10, udiag_ino=5))
    file = bytes(unix_diag.unix_diag_vfs(udiag_vfs_ino=77, udiag_vfs_dev=major << 20 | minor))
    answers = ask('-xane', env=answering(1, sock + attribute(unix_diag.UNIX_DIAG_VFS, file)))
    ours = 'dev:%d/%d' % (major, minor)
    shown = [rows(answer)[0][-1] for answer in answers]
    assert shown[1] == ours and shown[0] == theirs or theirs is None and shown[0] != shown[1] == ours


def stored(makers, reference, subject):
    """What ss and ssng print of values at one socket, each a dict: {number of the value: text}."""
    with Maps() as maps, listener() as sock:
        numbers = {}
        for index, (types, top, value) in enumerate(makers):
            fd, number_ = maps.storage(types, top, len(value))
            maps.store(fd, sock, value)
            numbers[number_] = index
        for program in (reference, subject):
            found = by_map(printed(program, sock, '-O', '--bpf-maps'))
            yield {numbers[number_]: text for number_, text in found.items()}


def example(name):
    found, = [example for example in EXAMPLES if example.name == name]
    return found


little_endian = pytest.mark.skipif(sys.byteorder != 'little', reason='the examples are little-endian')


@line('``--bpf-maps``: a comma follows the value of an enum that has no name, as it follows every other value.')
@little_endian
def test_enums(reference, subject):
    wanted = example('enums_without_names')
    theirs, ours = stored([wanted[1:2] + wanted[2:4]], reference, subject)
    assert ours[0] == wanted.text
    assert theirs[0] == wanted.text.replace('(enum color)-7,', '(enum color)-7').replace('-6LL,', '-6LL') != ours[0]


@line('``--bpf-maps``: a byte is shown as a character in an array of bytes, and nowhere else.')
@little_endian
def test_bytes(reference, subject):
    wanted = example('bytes_beside_an_array')
    theirs, ours = stored([wanted[1:4]], reference, subject)
    assert ours[0] == wanted.text
    assert theirs[0] == ("(struct o){.pre = (char)0,.a = (char[2])['x','\\0',],.b = (char)'A',.c = (char)'\\0',"
                         ".d = (char).d2 = (char).e = (int)5,.f = (char[2])['y','z',],.g = (char).h = (_Bool)}")


@line('``--bpf-maps``: a null pointer is ``(nil)`` wherever it lies.')
def test_null_pointers(reference, subject):
    types = Types()
    types.int()
    top = types.struct('packed', 17, [('a', types.int('char', 1), 0), ('p', types.ptr(1), 8), ('q', types.ptr(1), 72)])
    theirs, ours = stored([(types, top, bytes(9) + b'\5' + bytes(7))], reference, subject)
    assert re.sub('0x0|[(]nil[)]', 'null', theirs[0]) == re.sub('[(]nil[)]', 'null', ours[0])
    assert '.p = (int *)(nil)' in ours[0] and '.p = (int *)0x0' in theirs[0]


@line('``--bpf-maps``: the values of more than 32 maps are each shown by their own type.')
def test_many_maps(reference, subject):
    makers, expected = [], {}
    for number_ in range(40):
        types = Types()
        types.int()
        makers.append((types, types.struct('s%d' % number_, 4, [('x', 1, 0)]), number(number_)))
        expected[number_] = '(struct s%d){.x = (int)%d,}' % (number_, number_)
    theirs, ours = stored(makers, reference, subject)
    assert ours == expected != theirs


# Output

def on_terminal(words):
    master, slave = pty.openpty()
    with os.fdopen(master, 'rb') as stream:
        program = subprocess.Popen(words, env=surroundings(), stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        text = b''
        try:
            for part in iter(lambda: os.read(stream.fileno(), 65536), b''):
                text += part
        except OSError:         # EIO: the other side is closed
            pass
        assert program.communicate()[1] == b'' and program.returncode == 0
        return text


@line('What steers a terminal is escaped in names that go to one.')
def test_escapes(reference, subject):
    import socket
    name = b'\0ssng\x1b[31m\x9b\xc3\xa9\n%d' % os.getpid()
    words = ['-xlH', 'src @ssng*%d' % os.getpid()]
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(name)
        sock.listen(1)
        assert b'ssng\x1b[31m\x9b\xc3\xa9' in on_terminal(reference + words)
        shown = on_terminal(subject + words)
        assert b'ssng\\x1b[31m\\x9b\xc3\xa9\\x0a' in shown and b'\x1b' not in shown
        assert run(subject + words).out == run(reference + words).out != b''


@line('Output that cannot be written is an error.')
@pytest.mark.parametrize('words', [['-h'], ['-V'], ['-tan'], ['-s']], ids=' '.join)
def test_lost_output(words, reference, subject):
    ends = []
    for program in (reference, subject):
        with open('/dev/full', 'wb') as full:
            running = subprocess.Popen(program + words, env=surroundings(), stdout=full, stderr=subprocess.PIPE)
        said = running.communicate()[1]
        ends.append((running.returncode, said))
    assert ends == [(0, b''), (1, b'ssng: No space left on device\n')]


@line('Listings of more than 32,000 sockets are laid out in batches. Those of ss are larger: it may widen a column at '
      'another row.')
def test_batches(reference, subject, tmp_path):
    """The last row is a wide one."""
    def listed(count):
        narrow, wide = message(inet(sport=5, dport=5)), message(inet(family=10, src=b'\xfd' * 16, sport=50000, dport=5))
        (tmp_path / 'dump').write_bytes(narrow * count + wide + done())
        return [run(program + ['-tanH'], env={'TCPDIAG_FILE': str(tmp_path / 'dump')}).out for program in (reference, subject)]
    theirs, ours = listed(32000)
    assert theirs == ours
    theirs, ours = [answer.splitlines() for answer in listed(40000)]
    assert [row.split() for row in ours] == [row.split() for row in theirs]
    assert len(ours[0]) < len(ours[-1]) == len(theirs[0]) == len(theirs[-1])


@line('``-h`` and ``-V`` tell of ssng, too.')
@pytest.mark.parametrize('option, more', [('-h', b'\n   More than ss:\n   -j, --json '), ('-V', b' (ssng 0.1.0)\n')])
def test_help_and_version(option, more, reference, subject):
    theirs, ours = [run(program + [option]) for program in (reference, subject)]
    assert ours.out.startswith(theirs.out.rstrip(b'\n') + more[:1].lstrip()) and more in ours.out
    assert (ours.status, theirs.status) == (0, 0) and b'ssng' not in theirs.out


@line('Messages on stderr are our own: one line, the filter with a caret under the place where that helps.')
@pytest.mark.parametrize('words, caret', [
    (['-q'], None), (['-f', 'bogus'], None), (['-A', 'bogus'], None), (['-t', 'state', 'bogus'], None),
    (['-t', '-F', '/nonexistent'], None), (['-t', '-D', '/nonexistent/file'], None), (['-t', '-N', 'bogus'], None),
    (['-t', '( sport = 22'], ''), (['-t', 'sport = bogus'], 'bogus'),
    (['-t', 'dst', '300.1.1.1'], '300.1.1.1'), (['-t', 'dev', 'bogus'], 'bogus')])
def test_messages(words, caret, reference, subject):
    theirs, ours = [run(program + words) for program in (reference, subject)]
    assert ours.status == theirs.status != 0 and ours.out == b''
    first, *filter_ = ours.err.decode().splitlines()
    assert first.startswith('ssng: ') and theirs.err.splitlines()[0] not in ours.err
    assert len(filter_) == (0 if caret is None else 2)
    if filter_:
        place = filter_[1].index('^')
        assert filter_[0][place:].split(' ')[0] == caret and filter_[0].strip() == ' '.join(words[1:])
