"""What a judge says of sockets, worked by hand and beside the user space half of the real ss."""
import random
import re
import struct

import pytest

from ssng.filter.predicate import predicate
from tests.filter.support import random_text, tree
from tests.support.programs import run

UNIX, INET, INET6, NETLINK, PACKET, VSOCK, XDP = 1, 2, 10, 16, 17, 40, 44
NOT_GIVEN = {'family': INET, 'src': bytes(4), 'dst': bytes(4), 'sport': 0, 'dport': 0, 'ifindex': 0, 'mark': 0,
             'cgroup': 0,
             'name': '', 'peer_name': ''}
MAPPED = bytes(10) + b'\xff\xff'


def verdicts(text, rows, family=0):
    """Of sockets given as dicts; what a row leaves out is as in NOT_GIVEN."""
    asked = []

    def column(name):
        asked.append(name)
        return [row.get(name, NOT_GIVEN[name]) for row in rows]

    found = predicate(tree(text, family))(column, len(rows))
    assert all(verdict is True or verdict is False for verdict in found)
    return found, asked


def verdict(text, row, family=0):
    return verdicts(text, [row], family)[0][0]


def inet6(*address):
    return bytes(bytearray(address)) + bytes(16 - len(address))


@pytest.mark.parametrize('text,row,expected', [
    # ports: plain integers, "no number" is -1
    ('sport = 22', {'sport': 22}, True), ('sport = 22', {'dport': 22}, False), ('dport <= 22', {'dport': 22}, True),
    ('dport < 22', {'dport': 22}, False), ('sport > 22', {'sport': 23}, True), ('sport >= *', {'sport': 0}, True),
    ('sport <= *', {'sport': 0}, False), ('sport <= 70000', {'sport': 65535}, True),
    ('sport >= 4294967296', {'sport': 1}, False),
    ('sport = *', {'sport': 5}, True), ('sport = -5', {'sport': 65531}, False),
    ('sport = 22', {'family': UNIX, 'sport': 22}, True),
    ('! dport >= 0', {'family': NETLINK, 'dport': -1}, True),
    # addresses
    ('src 10', {'src': b'\x0a\0\0\0'}, True), ('src 10', {'src': b'\x0a\0\0\1'}, False),
    ('src 10/8', {'src': b'\x0a\0\0\1'}, True),
    ('src 10/8', {'dst': b'\x0a\0\0\1'}, False), ('src 10/9', {'src': b'\x0a\x80\0\1'}, False),
    ('src 10/8:22', {'src': b'\x0a\0\0\1', 'sport': 22}, True),
    ('src 10/8:22', {'src': b'\x0a\0\0\1', 'sport': 23}, False),
    ('dst three', {'dst': b'\x0a\0\0\3'}, True), ('dst three', {'dst': b'\x0a\0\0\4'}, False),
    ('src fe80::/10', {'family': INET6, 'src': inet6(0xfe, 0xbf, 1)}, True),
    ('src fe80::/10', {'family': INET6, 'src': inet6(0xfe, 0xc0, 1)}, False),
    # one family's address is never another's bytes; but IPv4 is found where it is mapped
    ('src 10/8', {'family': INET6, 'src': inet6(0x0a, 1)}, False), ('src 7f00:1::/32', {'src': b'\x7f\0\0\1'}, False),
    ('src [::]', {'src': bytes(4)}, False), ('src 0.0.0.0', {'family': UNIX, 'src': 0}, False),
    ('src 10/8', {'family': INET6, 'src': MAPPED + b'\x0a\1\2\3'}, True),
    ('src 10/8', {'family': INET6, 'src': MAPPED + b'\x0b\1\2\3'}, False),
    ('src inet:10/8', {'family': INET6, 'src': MAPPED + b'\x0a\1\2\3'}, False),
    ('src inet:10/8', {'src': b'\x0a\1\2\3'}, True),
    ('src [::ffff:10.1.2.3]', {'family': INET6, 'src': MAPPED + b'\x0a\1\2\3'}, True),
    ('src [::ffff:10.1.2.3]', {'src': b'\x0a\1\2\3'}, False),
    ('src 0.0.0.0/0', {'src': b'\1\2\3\4'}, True), ('src 0.0.0.0/0', {'family': INET6, 'src': inet6(1)}, False),
    ('src ::/0', {'family': INET6, 'src': inet6(1)}, True), ('src ::/0', {'src': b'\1\2\3\4'}, False),
    ('src any', {'family': NETLINK, 'src': 5}, True), ('src *', {'family': XDP}, True),
    # prefixes
    ('src inet:*', {}, True), ('src inet:*', {'family': INET6}, False), ('src inet6:*', {'family': INET6}, True),
    ('sport = inet6:22', {'sport': 22}, False), ('! sport = inet6:22', {'sport': 22}, True),
    ('src unix:*', {}, False), ('src unix:*', {'family': UNIX}, True), ('src vsock:*', {'family': UNIX}, False),
    # facts
    ('dev 3', {'ifindex': 3}, True), ('dev 0', {}, True), ('dev != 3', {'ifindex': 3}, False),
    ('fwmark 1/3', {'mark': 5}, True), ('fwmark 1/3', {'mark': 6}, False), ('fwmark 5/3', {'mark': 5}, False),
    ('fwmark 0', {}, True),
    ('cgroup /', {'cgroup': 7}, True), ('cgroup /', {}, False),
    # unix names
    ('src unix:*.SOCK', {'family': UNIX, 'name': '/run/x.sock'}, True), ('src unix:?*', {'family': UNIX}, False),
    ('src unix:*', {'family': UNIX}, True), ('src unix:', {'family': UNIX}, True),
    ('src unix:@0?', {'family': UNIX, 'name': '@00'}, True),
    ('dst unix:/p*', {'family': UNIX, 'name': '/p'}, False),
    ('dport = unix:/p*', {'family': UNIX, 'peer_name': '/p'}, True),
    ('sport >= unix:x', {'family': UNIX, 'sport': 12345}, True),
    ('sport <= unix:x', {'family': UNIX, 'sport': 12345}, False),
    # packet, netlink, vsock
    ('src link:ip:lo', {'family': PACKET, 'src': 0x800, 'sport': 1}, True),
    ('src link:ip:lo', {'family': PACKET, 'src': 0x800}, False),
    ('sport = link:lo', {'family': PACKET, 'sport': 1}, True),
    ('dst link:ip', {'family': PACKET, 'src': 0x800, 'dst': 0}, False),
    ('dst link:*', {'family': PACKET, 'dst': 0}, True), ('src link:ip', {'family': NETLINK, 'src': 0x800}, False),
    ('src netlink:genl:77', {'family': NETLINK, 'src': 16, 'sport': 77}, True),
    ('src netlink:genl:77', {'family': NETLINK, 'src': 16, 'sport': 78}, False),
    ('dst netlink:rtnl', {'family': NETLINK, 'dst': 0}, True),
    ('sport >= netlink:kernel', {'family': NETLINK, 'sport': -1000}, False),
    ('src vsock:2:80', {'family': VSOCK, 'src': 2, 'sport': 80}, True),
    ('src vsock:2:80', {'family': VSOCK, 'src': 3, 'sport': 80}, False),
    ('src vsock:2', {'family': VSOCK, 'src': 3}, False),
    ('dport >= vsock:3000000000', {'family': VSOCK, 'dport': 4294967295}, True),
    # autobound
    ('autobound', {'sport': 32768}, True), ('autobound', {'sport': 60999}, True),
    ('autobound', {'sport': 61000}, False),
    ('autobound', {'family': UNIX}, True), ('autobound', {'family': UNIX, 'name': '@0a1f9'}, True),
    ('autobound', {'family': UNIX, 'name': '@0a1F9'}, False), ('autobound', {'family': UNIX, 'name': '@0a1f'}, False),
    ('autobound', {'family': UNIX, 'name': '/0a1f9'}, False), ('autobound', {'family': PACKET, 'src': 0}, True),
    ('autobound', {'family': PACKET, 'src': 0, 'sport': 1}, False),
    ('autobound', {'family': PACKET, 'src': 3}, False),
    ('autobound', {'family': NETLINK, 'sport': -7}, True), ('autobound', {'family': NETLINK, 'sport': 7}, False),
    ('autobound', {'family': VSOCK, 'sport': 1024}, True), ('autobound', {'family': VSOCK, 'sport': 1023}, False),
    ('autobound', {'family': XDP, 'sport': 5}, False),
])
def test_one_socket(text, row, expected):
    assert verdict(text, row) is expected


@pytest.mark.parametrize('family,text,row,expected', [
    # the preferred family does not tell inet from inet6: replayed dumps hold what they hold
    (INET, 'sport = 22', {'family': INET6, 'sport': 22}, True),
    (INET, 'sport = 22', {'family': UNIX, 'sport': 22}, False),
    (INET, 'src 10/8', {'family': INET6, 'src': MAPPED + b'\x0a\1\2\3'}, True),
    (UNIX, 'sport = 22', {'sport': 22}, False), (XDP, 'src any', {'family': XDP}, True),
    (XDP, 'sport = 5', {'sport': 5}, False),
])
def test_preferred_family(family, text, row, expected):
    assert verdict(text, row, family) is expected


ROWS = [{'sport': 22, 'dport': 1}, {'sport': 80, 'dport': 2}, {'sport': 22, 'dport': 2}, {'sport': 1, 'dport': 3}]


@pytest.mark.parametrize('text,expected', [
    ('sport = 22 and dport = 2', [False, False, True, False]),
    ('sport = 22 or dport = 2', [True, True, True, False]),
    ('! sport = 22', [False, True, False, True]),
    ('! ( sport = 22 or dport = 2 )', [False, False, False, True]),
    ('sport = 22 or sport = 80 and dport = 1', [True, False, True, False]),
    ('sport = 22 or sport = 80 or sport = 1', [True, True, True, True]),
    ('sport = 22 or dport = 2 or sport = 1', [True, True, True, True]),
    ('sport = 22 sport = 80', [False, False, False, False]),
    ('src inet6:*:22 or sport = 80', [False, True, False, False]),
])
def test_columns(text, expected):
    assert verdicts(text, ROWS)[0] == expected


def test_no_rows():
    for text in 'autobound', 'src three', 'src unix:*', 'src inet:*:5', '! src *':
        assert verdicts(text, [])[0] == []


def test_families_side_by_side():
    rows = [{'family': UNIX}, {'sport': 32768}, {'family': NETLINK, 'sport': 5}]
    assert verdicts('autobound', rows)[0] == [True, True, False]


def test_a_long_list_asks_once_for_a_column():
    rows = [{'dst': struct.pack('>I', number), 'sport': number} for number in range(0, 5000, 7)]
    text = ' or '.join(['dst 0.0.%d.%d' % divmod(number, 256) for number in range(0, 2000, 2)]
                       + ['sport = %d' % number for number in range(3001, 5000, 2)])
    found, asked = verdicts(text, rows)
    assert found == [number < 2000 and number % 2 == 0 or number > 3000 and number % 2 == 1 for number in range(0,
                                                                                                                5000,
                                                                                                                7)]
    assert sorted(asked) == ['dst', 'sport']


# Columns that a table does not have

HAS = {                 # what a table can be asked for; the rest it answers with 0, or not at all
    UNIX: {'family': UNIX, 'src': 0, 'dst': 0, 'sport': 5, 'dport': 0, 'name': '/run/x', 'peer_name': ''},
    NETLINK: {'family': NETLINK, 'src': 0, 'dst': 0, 'sport': 5, 'dport': -1},
    PACKET: {'family': PACKET, 'src': 3, 'dst': 0, 'sport': 1, 'dport': 0},
    VSOCK: {'family': VSOCK, 'src': 2, 'dst': 3, 'sport': 5, 'dport': 6},
    XDP: {'family': XDP, 'src': 0, 'dst': 0, 'sport': 1, 'dport': 0},
    INET: {'family': INET, 'src': bytes(4), 'dst': bytes(4), 'sport': 5, 'dport': 6},
}
CONDITIONS = {
    'src unix:/run/*': UNIX, 'dst unix:*': UNIX, 'sport = unix:*': UNIX, 'src netlink:rtnl': NETLINK, 'src link:all': PACKET,
    'src vsock:2': VSOCK, 'src inet:0.0.0.0': INET, 'src inet:*': INET,
}


@pytest.mark.parametrize('text', sorted(CONDITIONS))
@pytest.mark.parametrize('family', sorted(HAS))
@pytest.mark.parametrize('form,negated', [
    ('%s', False), ('! %s', True), ('%s or dev 77', False), ('! ( %s and sport >= 0 )', True),
    ('%s or src inet6:* or src unix:/nowhere', False)])
def test_no_condition_asks_the_table_of_another_family(text, family, form, negated):
    """It is false for its sockets."""
    rows = [dict({'ifindex': 0}, **HAS[family])] * 2

    def column(name):
        return [row[name] for row in rows]      # a KeyError would be a traceback
    found = predicate(tree(form % text))(column, 2)
    assert found == [negated != (CONDITIONS[text] == family)] * 2


def test_both_families_of_one_table_are_told_apart():
    rows = [{'family': INET, 'sport': 5}, {'family': INET6, 'sport': 5}, {'family': INET6, 'sport': 6}]
    assert verdicts('sport = inet6:5', rows)[0] == [False, True, False]
    assert verdicts('! sport = inet6:5', rows)[0] == [True, False, True]


# Beside the real ss.  TCPDIAG_FILE is judged by its user space half alone (command-line.md 9.3).

def replay(rows):
    """A raw dump: inet_diag_msg with mark and cgroup, the row number as inode."""
    data = b''
    for number, row in enumerate(rows):
        row = dict(NOT_GIVEN, **row)
        body = struct.pack('=BBBB', row['family'], 1, 0, 0) + struct.pack('>HH', row['sport'], row['dport'])
        body += row['src'].ljust(16, b'\0') + row['dst'].ljust(16, b'\0')
        body += struct.pack('=8I', row['ifindex'], number, 0, 0, 0, 0, 0, number + 1)
        body += struct.pack('=HHI', 8, 15, row['mark']) + struct.pack('=HHQ', 12, 21, row['cgroup'])
        data += struct.pack('=IHHII', 16 + len(body), 20, 2, 123456, 0) + body
    return data + struct.pack('=IHHIIi', 20, 3, 2, 123456, 0, 0)


LEAVES = [
    'sport = 22', 'dport = 443', 'sport != 1', 'dport >= 1024', 'sport <= 99', 'dport < 8', 'sport > 70', 'autobound',
    'sport >= *', 'dport <= 70000', 'dport <= *', 'sport = -1', 'src 10.0.0.1', 'dst 10/8', 'src 192.168.1/24:80',
    'src [::1]',
    'dst fe80::/10:22', 'src *:22', 'dst any', 'src 127.0.0.1', 'dst [::ffff:10.0.0.1]', 'dst ::ffff:0:0/96', 'dev 1',
    'dev != 2',
    'fwmark = 1', 'fwmark != 1/3', 'fwmark = 4/3', 'src default:80',
]
ADDRESSES = {
    INET: [b'\x7f\0\0\1', b'\x0a\0\0\1', b'\x0a\1\0\1', b'\xc0\xa8\1\1'],
    INET6: [inet6(), bytes(15) + b'\1', MAPPED + b'\x0a\0\0\1', MAPPED + b'\xc0\xa8\1\1', inet6(0xfe, 0x80, 1)],
}


@pytest.mark.parity
def test_random_filters_choose_the_sockets_of_ss(reference, tmp_path):
    dice = random.Random(8)
    rows = []
    for _ in range(60):
        family = dice.choice([INET, INET6])
        rows.append({'family': family, 'src': dice.choice(ADDRESSES[family]), 'dst': dice.choice(ADDRESSES[family]),
                     'sport': dice.choice([1, 22, 80, 32768, 61000]),
                     'dport': dice.choice([0, 5, 22, 443, 1024, 65535]),
                     'ifindex': dice.randrange(3), 'mark': dice.randrange(6)})
    dump, ports = tmp_path / 'dump', tmp_path / 'ports'
    dump.write_bytes(replay(rows))
    ports.write_text('32768 60999\n')
    env = {'TCPDIAG_FILE': str(dump), 'PROC_IP_LOCAL_PORT_RANGE': str(ports)}
    for text in LEAVES + [random_text(dice, 4, LEAVES) for _ in range(100)]:
        answer = run(reference + ['-tanHe', text], env=env)
        listed = sorted(int(number) for number in re.findall(r' ino:(\d+)', answer.out.decode()))
        assert answer.status == 0, answer
        assert listed == [number + 1 for number, chosen in enumerate(verdicts(text, rows)[0]) if chosen], text


UNIX_NAMES = ['/run/x.sock', '/RUN/Y.SOCK', '@0a1f9', '@0a1F9', '@', '/a[b]', '/a*b', '@\xe9t', '/run/x', '',
              '/tmp/.X11-unix/X0']


@pytest.mark.parity
@pytest.mark.parametrize('text', [
    'src *', 'src ?*', 'src *.sock', 'src /RUN/*', 'src @*', 'src @?????', 'src @??', 'src /a\\\\*b', 'src /a[[]*',
    'src *[[:digit:]]',
    'src [!@]*', 'src [^/]*', 'src *x*', 'sport = /run/?', 'sport != /run/*', 'dport = *', 'dst /run/x', 'dst ?*',
    'autobound',
    'sport >= *', 'sport <= *', 'src unix:/run/x', 'src \\', '! ( src /run/* or autobound )', 'dev 0', 'fwmark 0',
    'cgroup /',
    'src /run/x.sock or src *y*',
])
def test_unix_sockets_of_proc_are_chosen_as_ss_does(reference, tmp_path, text):
    rows = [{'family': UNIX, 'name': name, 'sport': number + 1, 'src': 0, 'dst': 0} for number,
            name in enumerate(UNIX_NAMES)]
    table = tmp_path / 'unix'
    table.write_bytes(b'Num RefCount\n' + b''.join(
        ('0: 00000002 00000000 00000000 0001 03 %d%s\n' % (row['sport'],
                                                           ' ' * bool(row['name']) + row['name'])).encode('latin-1')
        for row in rows))
    answer = run(reference + ['-xanH', text], env={'PROC_NET_UNIX': str(table)})
    listed = sorted(int(line.split()[-3]) for line in answer.out.splitlines())
    assert answer.status == 0, answer
    assert listed == [row['sport'] for row, chosen in zip(rows, verdicts(text, rows, UNIX)[0]) if chosen]


@pytest.mark.parity
@pytest.mark.parametrize('text', [
    'src rtnl', 'src genl:77', 'src :77', 'sport = 77', 'sport >= 0', 'sport < 0', 'sport > kernel', 'sport = kernel',
    'dst rtnl',
    'dst genl', 'dst *', 'dport = 0', 'dport = -1', '! dport >= 0', 'autobound', 'src 0x10', 'dev 0',
    'src netlink:rtnl',
])
def test_netlink_sockets_of_proc_are_chosen_as_ss_does(reference, tmp_path, text):
    ends = [(0, 77), (0, 0), (16, 77), (16, -5), (0, -77), (4, 12345)]
    rows = [{'family': NETLINK, 'src': protocol, 'sport': port, 'dst': 0, 'dport': -1} for protocol, port in ends]
    table = tmp_path / 'netlink'
    table.write_text('sk Eth Pid\n' + ''.join('ff00 %d %d 0 0 0 0 2\n' % end for end in ends))
    answer = run(reference + ['-fnetlink', '-anH', text], env={'PROC_NET_NETLINK': str(table)})
    assert answer.status == 0, answer
    listed = sorted(tuple(map(int, line.split()[3].split(b':'))) for line in answer.out.splitlines())
    assert listed == sorted(end for end, chosen in zip(ends, verdicts(text, rows, NETLINK)[0]) if chosen)


@pytest.mark.parity
@pytest.mark.parametrize('text', [
    'src ip', 'src ip:lo', 'src :lo', 'src all', 'sport = lo', 'sport >= 1', 'dst ip', 'dst *', 'dport = 0',
    'autobound', 'dev lo',
    'dev 0', 'src 0', 'src 2048:1', 'sport = -1', 'sport <= 0',
])
def test_packet_sockets_of_proc_are_chosen_as_ss_does(reference, tmp_path, text):
    ends = [(0x800, 1), (0x800, 0), (3, 0), (0, 0), (0, 1), (0x86dd, 2)]
    rows = [{'family': PACKET, 'src': protocol, 'sport': index, 'ifindex': index, 'dst': 0} for protocol,
            index in ends]
    table = tmp_path / 'packet'
    table.write_text('sk RefCnt\n' + ''.join(
        'ff00 3 3 %04x %d 1 0 0 %d\n' % (protocol, index, number + 1) for number,
        (protocol, index) in enumerate(ends)))
    answer = run(reference + ['-0anHe', text], env={'PROC_NET_PACKET': str(table)})
    assert answer.status == 0, answer
    listed = sorted(int(number) for number in re.findall(r' ino:(\d+)', answer.out.decode()))
    assert listed == [number + 1 for number, chosen in enumerate(verdicts(text, rows, PACKET)[0]) if chosen]
