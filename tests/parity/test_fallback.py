"""Sockets from /proc: where netlink is refused, and from files that the environment names."""
import errno
import os

import pytest

from tests.parity.commands import product
from tests.support import seccomp
from tests.support.programs import Command, complaint, difference, run, same, settled

pytestmark = [pytest.mark.root, pytest.mark.parity]

HEAD = b'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'


def line(number=0, local='0100007F:0016', remote='00000000:0000', state='0A', queues='00000000:00000000',
         timer='00:00000000', retrans='00000000', rest='     0        0 12345 1 0000000000000000 100 0 0 10 0'):
    return ('%4d: %s %s %s %s %s %s %s\n' % (number, local, remote, state, queues, timer, retrans, rest)).encode()


V6 = '00000000000000000000000001000000'
MAPPED = '0000000000000000FFFF00000100007F'

FILES = {
    'plain': HEAD + line() + line(1, '00000000:0050') + line(2, '0100007F:9C40', '0200000A:01BB', '01', '0000007B:0000000A'),
    'states': HEAD + b''.join(line(n, '0100007F:%04X' % (0x100 + n), '0100007F:1000', '%02X' % n) for n in range(1, 13)),
    'timers': HEAD + b''.join(line(n, '0100007F:%04X' % n, '0200000A:0016', '01',
                                   timer='%02X:%08X' % (n % 7, 37 ** (n % 6)), retrans='%08X' % n,
                                   rest='  1000     %d 99%d 2 00000000b51ccc2%x 21 4 %d 10 7' % (n, n, n, n % 8))
                              for n in range(1, 14)),
    'short lines': HEAD + line(1, state='06', rest='     0        0 0 3 0000000000000000') + line(2, state='01', rest='0 0')
    + line(3, '0100007F:0017', rest='     0        0 5 1 0000000000000000 100 0 0 10 -1'),
    'options': HEAD + line(1, state='01', timer='01:00000015', retrans='00000002',
                           rest='  1000        9 101 2 ffff888000000001 21 4 31 7 12 extra  stuff')
    + line(2, state='01', rest='     0        0 102 2 0000000000000002 300 0 0 3 -1 tail'),
    'malformed': HEAD + line(1) + b'this is no socket\n' + line(2, '0100007F:0017'),
    'malformed port': HEAD + line(1) + line(2, '0100007F:17') + line(3),
    'no newline at the end': HEAD + line(1) + line(2, '0100007F:0017')[:-1],
    'long line': HEAD + line(1) + line(2, '0100007F:0017', rest='0 0 7 1 ' + '9' * 300) + line(3),
    'just fitting': HEAD + line(1, rest='0 0 7 1 0 1 2 3 4 5 ' + 'x' * 100) + line(3, '0100007F:0018'),
    'header only': HEAD,
    'nothing': b'',
    'ipv6': HEAD + line(0, V6 + ':0016', '0' * 32 + ':0000') + line(1, '0' * 32 + ':0050', '0' * 32 + ':0000')
    + line(2, MAPPED + ':01BB', MAPPED + ':9C40', '01') + line(3, '000080FE00000000FF005450B6AD1DFE:0016', V6 + ':1000', '01'),
    'udp': HEAD + line(1, '0100007F:0035', state='07', rest='     0        0 777 2 0000000000000000 0')
    + line(2, '0100007F:1000', '0100007F:0035', '01', rest='  1000        0 778 2 0000000000000001 13'),
}
OPTIONS = ['-tan', '-tanO', '-ta', '-tn', '-tane', '-tano', '-tani', '-taneimoO', '-tanm', '-tanp', '-tanH', '-tan4', '-tan6',
           '-tan state listening', '-tan exclude listening', '-tan sport = 22', '-tan src 127.0.0.1', '-tan dst 10/8',
           '-tan autobound', '-tan dev lo', '-tan fwmark = 0', 'COLUMNS=100 -taneio', '-tan --tos --cgroup --inet-sockopt']


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp('proc')
    for name, content in FILES.items():
        (made / name.replace(' ', '-')).write_bytes(content)
    return made


def beside(text, crowd, reference):
    """Files do not change, but PROC_NET_UDP leaves the other table to the kernel."""
    command = Command.parse(text)
    expected, answer = settled(lambda: command.run(reference, enter=crowd.enter),
                               lambda: crowd.forker.run(command.arguments, env=command.env))
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)


@pytest.mark.parametrize('options', OPTIONS)
@pytest.mark.parametrize('name', sorted(set(FILES) - {'udp', 'ipv6'}))
def test_tcp_from_a_file(name, options, folder, crowd, reference):
    path = folder / name.replace(' ', '-')
    beside('PROC_NET_TCP=%s PROC_NET_TCP6=/nonexistent %s' % (path, options), crowd, reference)


@pytest.mark.parametrize('variables', [
    'PROC_NET_TCP={0}/plain PROC_NET_TCP6={0}/ipv6', 'PROC_NET_TCP=/nonexistent PROC_NET_TCP6={0}/ipv6',
    'PROC_NET_TCP={0}/plain PROC_NET_TCP6={0}/nothing', 'PROC_NET_TCP= PROC_NET_TCP6={0}/ipv6', 'PROC_NET_TCP6={0}/ipv6'])
@pytest.mark.parametrize('options', ['-tan', '-tl', '-t', '-tan6', '-tan4', '-tan dst [::1]', '-tan src 127.0.0.1'])
def test_tcp_of_both_families(variables, options, folder, crowd, reference):
    beside('%s %s' % (variables.format(folder), options), crowd, reference)


@pytest.mark.parametrize('variables', [
    'PROC_NET_UDP={0}/udp PROC_NET_UDP6=/nonexistent', 'PROC_NET_UDP=/nonexistent', 'PROC_NET_UDP={0}/udp PROC_NET_UDP6={0}/ipv6',
    'PROC_NET_UDP={0}/udp PROC_NET_TCP={0}/plain PROC_NET_TCP6={0}/ipv6 PROC_NET_UDP6=/nonexistent'])
@pytest.mark.parametrize('options', ['-uan', '-ua', '-uane', '-uaneimoO', '-u', '-uan sport = 53', '-tuan', '-tuam', '-uanK'])
def test_udp_from_a_file(variables, options, folder, crowd, reference):
    beside('%s %s' % (variables.format(folder), options), crowd, reference)


# A whole /proc elsewhere

@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """PROC_ROOT: sockets, their processes, the range of ephemeral ports."""
    made = tmp_path_factory.mktemp('root')
    (made / 'net').mkdir()
    sockets = {'tcp': FILES['plain'] + line(9, '0100007F:0019', rest='0 0 500 1 0 100 0 0 10 0'), 'tcp6': FILES['ipv6'],
               'udp': FILES['udp'], 'udp6': HEAD}
    for name, content in sockets.items():
        (made / 'net' / name).write_bytes(content)
    for pid, name, inodes in (('1', b'init', '500'), ('42', b'a b)c', '12345 500'), ('1000', b'x\x01\xc3\xa9"\\', '12345 777'),
                              ('77x', b'odd', '500'), ('x77', b'no pid', '500'), ('9', b'', '12345')):
        (made / pid / 'fd').mkdir(parents=True)
        (made / pid / 'stat').write_bytes(b'%s (%s) S 1 1\n' % (pid.encode(), name))
        for number, inode in enumerate(inodes.split()):
            os.symlink('socket:[%s]' % inode, str(made / pid / 'fd' / str(number + 3)))
        os.symlink('/dev/null', str(made / pid / 'fd' / '0'))
    (made / 'sys/net/ipv4').mkdir(parents=True)
    (made / 'sys/net/ipv4/ip_local_port_range').write_bytes(b'1\t65535\n')
    return made


@pytest.mark.parametrize('options', product(
    ['-tan', '-ta', '-uan', '-tuan'], ['', '-p', '-pT', '-e', '-ep', 'autobound', 'sport = 22']))
@pytest.mark.parametrize('slash', ['', '/'])
def test_another_proc(options, slash, root, crowd, reference):
    beside('PROC_ROOT=%s%s %s' % (root, slash, options), crowd, reference)


@pytest.mark.parametrize('variables', ['PROC_ROOT=/nonexistent', 'PROC_ROOT='])
@pytest.mark.parametrize('options', ['-tan', '-tuanp'])
def test_no_proc(variables, options, crowd, reference):
    beside('%s %s' % (variables, options), crowd, reference)


# A sandbox

SANDBOXED = product(['-tan', '-uan', '-tuan', '-ta'], ['', '-e', '-m', '-i', '-p', '-H']) + [
    '-tan4', '-uan6', '-tan state listening', '-tan sport = 22', '-tan not sport = 22', '-tan src 127/8', '-uan dst [::1]',
    'COLUMNS=80 -tan', '-tan sport = 22 or sport = 80', '-tan fwmark = 0x1234', '-tan state time-wait',
    '-tanK', '-uanK', '-wanK', '-tan -D -', '-tunE']


@pytest.mark.skipif(not seccomp.available(), reason='the system call numbers of this machine are not known here')
@pytest.mark.parametrize('number', [errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT])
@pytest.mark.parametrize('options', SANDBOXED)
def test_netlink_refused(options, number, crowd, reference, subject):
    """The kernel's own /proc/net is read then; timers and windows pass with the time, so only listeners show details of TCP."""
    if options[-2:] in ('-e', '-i') and not options.startswith('-u'):
        options += ' state listening'

    def enter():
        crowd.enter()
        seccomp.refuse_netlink(number)
    command = Command.parse(options)
    expected, answer = settled(lambda: command.run(reference, enter=enter), lambda: command.run(subject, enter=enter))
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)


def test_listings_are_not_empty(folder, crowd, reference):
    """Against a test that compares nothing with nothing."""
    env = {'PROC_NET_TCP': str(folder / 'plain'), 'PROC_NET_TCP6': '/nonexistent'}
    assert run(reference + ['-tan'], env=env, enter=crowd.enter).out.count(b'\n') == 4

    def enter():
        crowd.enter()
        seccomp.refuse_netlink(errno.EPERM)
    assert run(reference + ['-tan'], enter=enter).out.count(b'\n') > 100
