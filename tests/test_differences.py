"""The README's "Differences from ss", each line with the test that shows what ss does and what ssng does.

Here is what is asked and found; tests/test_differences_shown.py has how it is shown.
"""
import errno
import os
import re
import signal
import struct
import sys

import pytest

from ssng.kernel.abi import tipc, vm_sockets_diag
from tests import test_differences_shown
from tests.parity.crowd import unified_hierarchy
from tests.support import dumps, seccomp
from tests.support.differences import (         # noqa: F401, some are fixtures
    LINES, answering, ask, instead, line, logged, preload, readme, rows)
from tests.support.namespaces import CLONE_NEWNS, checked, libc, replace_file
from tests.support.programs import run
from tests.support.unprivileged import nobody, open_house      # noqa: F401, fixtures
from tests.support.wire import attribute, done, inet, message

pytestmark = pytest.mark.parity


def test_each_line_has_its_test():
    assert set(readme()) == set(LINES)


def test_each_test_has_its_line():
    for module, others in ((sys.modules[__name__], 2), (test_differences_shown, 0)):
        tests = {test for name, test in vars(module).items() if name.startswith('test_') and callable(test)}
        assert len(tests - set(LINES.values())) == others


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
    ('-tan src inet:127.4.5.6 or sport = 1003', '-tan src 127.4.5.6 or sport = 1003'),
    ('-uan dst inet6:[::1] or dst inet:192.0.2.9', '-uan dst [::1] or dst 192.0.2.9')])
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
    for port in ('', ':1031'):
        theirs = ' or '.join('src %s%s' % (address, port) for address in addresses)
        assert instead('-tan src three.example' + port, '-tan ' + theirs)
    assert instead('-tan src both.example', '-tan src 127.0.0.1 or src [::1]')
    raw = [bytes(map(int, address.split('.'))) for address in addresses]
    theirs, ours = [requests[0] for requests in logged('-tan4 src three.example')]
    assert [address in theirs for address in raw] == [True, False, False]
    assert [address in ours for address in raw] == [True, True, True]


def vsock(cid, peer):
    return bytes(vm_sockets_diag.vsock_diag_msg(
        vdiag_family=40, vdiag_type=1, vdiag_state=1, vdiag_src_cid=cid, vdiag_src_port=5, vdiag_dst_cid=peer, vdiag_dst_port=6))


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
    assert {row[2] for row in rows(theirs)} == {'0'} != {row[2] for row in rows(ours)}


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


# ssng on a host of SELinux, as far as it can be told that this is one.
LABELLED = [sys.executable, '-c', 'import ssng.host.tasks as t; t.Tasks.labelled = lambda self: True; '
            'from ssng.cli.main import console; console()']
CONTEXT = re.compile(r'(proc_ctx|sock_ctx)=[^,)]*')


@line('``-T``, ``-Z`` and ``-z`` show what they ask for.')
@pytest.mark.parametrize('option', ['T', 'Z', 'z', 'TZ'])
def test_threads_and_contexts(option, ask, preload):
    more = {'env': dict(preload, PRETEND_SELINUX='1'), 'ssng': LABELLED} if option != 'T' else {}
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
    (tipc.TIPC_NLA_SOCK_INO, number(239)), (tipc.TIPC_NLA_SOCK_UID, number(5)),
    (tipc.TIPC_NLA_SOCK_COOKIE, struct.pack('=Q', 9)), (tipc.TIPC_NLA_SOCK_ADDR, number(0)),
    (tipc.TIPC_NLA_SOCK_REF, number(481448393)), (tipc.TIPC_NLA_SOCK_STAT, b''.join(attribute(queue, number(0)) for queue in (
        tipc.TIPC_NLA_SOCK_STAT_RCVQ, tipc.TIPC_NLA_SOCK_STAT_SENDQ))))


@line('``-e``, ``-m`` and ``-Z`` of netlink sockets, and ``-e`` of TIPC sockets, show what they ask for.')
@pytest.mark.parametrize('text, sign', [
    ('-f netlink -ane sport = 987654', b'groups=0x'), ('-f netlink -anm sport = 987654', b'skmem:('),
    ('-f netlink -anZ sport = 987654', b'proc_ctx='), ('--tipc -ane', b' ino:239 sk:9')])
def test_details_beside_the_process_column(text, sign, answering, ask):
    """What ss writes into a column that it shows under -p alone."""
    more = {'env': dict(answering(30, TIPC), PRETEND_SELINUX='1'), 'ssng': LABELLED}
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
def victims(furnished):
    """A room with connections from ports 1001 (IPv4) and 1002 (IPv6)."""
    return furnished('tests.cli.sockets')


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
