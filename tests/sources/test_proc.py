"""Lines of /proc/net as messages: against messages packed by struct alone, against the sockets they
stand for, and against what ss 7.3.0 prints of the same lines.
"""
import os
import socket
import struct

import pytest

from ssng.host import Paths
from ssng.kernel.exchange import Refused
from ssng.sources import proc as procnet
from tests.support import programs, wire

EVERY = 0x3fff
LINES = procnet.lines
PATHS = Paths(os.environ)
PROC_TCP, PROC_OPTIONS, PROC_PEER_NAME, PROC_PACKET, PROC_NETLINK, PROC_DATAGRAM = range(0x3f01, 0x3f07)

HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
LOCAL, REMOTE = b'\x7f\0\0\1', b'\x0a\1\2\3'
ENDS = '%s:1F90 %s:0016' % tuple('%08X' % struct.unpack('=I', address)[0] for address in (LOCAL, REMOTE))
LOCAL6 = bytes(15) + b'\1'
REMOTE6 = bytes(10) + b'\xff\xff\x7f\0\0\1'
ENDS6 = '%s:1F90 %s:0016' % tuple(
    ''.join(['%08X' % word for word in struct.unpack('=4I', address)]) for address in (LOCAL6, REMOTE6))


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A function that puts lines in the place of a table of /proc/net."""
    def write(name, *lines, **more):
        path = tmp_path / name
        text = '\n'.join(lines) + more.get('end', '\n')
        path.write_bytes(text.encode('latin-1'))
        monkeypatch.setenv('PROC_NET_' + name.upper(), str(path))
        return str(path)
    return write


def message(payload):
    return wire.message(payload, seq=0, pid=0)


def tcp(ticks=(0, 0, 0, 2, 0), options=None, **values):
    attributes = [(PROC_TCP, struct.pack('=5I', *ticks))] + [(PROC_OPTIONS, options)] * (options is not None)
    usual = dict(sport=8080, dport=22, src=LOCAL, dst=REMOTE, cookie=0, attributes=attributes)
    return message(wire.inet(**dict(usual, **values)))


# tcp, udp, raw

TCP = [                 # state and what follows it in a line; the message
    ('01 00000010:00000020 01:00000015 00000002  1000        0 101 1 ffff888000000001 21 4 31 7 12 extra  stuff ',
     tcp((21, 4, 31, 7, 12), b'extra  stuff ', state=1, timer=1, retrans=2, expires=210, rqueue=32, wqueue=16,
         uid=1000, inode=101, cookie=0xffff888000000001)),
    ('0A 00000000:00000003 00:00000000 00000000     0        0 102 1 0000000000000000 100 0 0 10 0           ',
     tcp((100, 0, 0, 10, 0), state=10, rqueue=3, inode=102)),
    ('06 00000000:00000000 03:000009C4 00000000     0        0 0 3 00000000deadbeef',
     tcp(state=6, timer=3, expires=25000, cookie=0xdeadbeef)),
    ('01 00000000:00000000 02:00000001 00000005     7        3 55 3 00000000deadbeef 300 0 0 10 -1',
     tcp((300, 0, 0, 10, 0), state=1, timer=2, retrans=3, expires=10, uid=7, inode=55, cookie=0xdeadbeef)),
    ('02 00000000:FFFFFFFF 01:FFFFFFFF 00000005    -7        3 4294967299 3 0 200 8',
     tcp((200, 8, 0, 0, 0), state=2, timer=1, retrans=5, expires=42949663, rqueue=0xffffffff, uid=0xfffffff9, inode=3)),
    ('0c', tcp(state=12)),
    ('1B', tcp(state=11)),
    ('', tcp(state=0)),
]


@pytest.mark.parametrize('line, expected', TCP, ids=range(len(TCP)))
@pytest.mark.skipif(procnet.HERTZ != 100, reason='times are those of 100 ticks a second')
def test_tcp(table, line, expected):
    table('tcp', HEADER, '   0: %s %s' % (ENDS, line))
    assert b''.join(procnet.inet(PATHS, 'tcp', 2, EVERY)) == expected


def test_tcp6(table):
    table('tcp6', HEADER, '12345: %s %s' % (ENDS6, TCP[3][0]))
    block, = procnet.inet(PATHS, 'tcp', 10, EVERY)
    assert block == tcp((300, 0, 0, 10, 0), family=10, state=1, timer=2, retrans=3, expires=10, uid=7, inode=55,
                        cookie=0xdeadbeef, src=LOCAL6, dst=REMOTE6)


DATAGRAM = '  53: %s 07 00000001:00000002 00:00000000 00000000     5        0 77 2 00000000deadbeef 0' % ENDS


@pytest.mark.parametrize('name, more', [('udp', []), ('raw', [(10, b'\0')])])    # INET_DIAG_PROTOCOL
def test_datagrams(table, name, more):
    table(name, HEADER, DATAGRAM)
    assert b''.join(procnet.inet(PATHS, name, 2, EVERY)) == message(wire.inet(
        state=7, sport=8080, dport=22, src=LOCAL, dst=REMOTE, cookie=0, rqueue=2, wqueue=1, uid=5, inode=77,
        attributes=[(PROC_DATAGRAM, b'')] + more))


GOOD = '   0: %s 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 -1' % ENDS
BAD = [                 # of each, ss 7.3.0 shows no row, and none of the lines after it
    '',
    'nonsense',
    '   0: %s' % ENDS.replace(':1F90', ' 1F90'),
    GOOD + ' ' + 'y' * 255,
]


@pytest.mark.parametrize('line', BAD, ids=range(len(BAD)))
def test_a_line_that_makes_no_sense_is_the_last(table, line):
    table('tcp', HEADER, GOOD, line, GOOD)
    good = tcp((100, 0, 0, 10, 0), inode=1)
    assert list(procnet.inet(PATHS, 'tcp', 2, EVERY)) == [good]


def test_a_line_without_its_end_is_not_read(table):
    table('tcp', HEADER, GOOD, GOOD, end='')
    assert list(procnet.inet(PATHS, 'tcp', 2, EVERY)) == [tcp((100, 0, 0, 10, 0), inode=1)]


@pytest.mark.parametrize('states, shown', [
    (EVERY, [1, 6, 10]), (1 << 6, [6]), (1 << 1 | 1 << 10, [1, 10]), (1 << 2, [])])
def test_states(table, states, shown):
    table('tcp', HEADER, *['   0: %s %02X' % (ENDS, state) for state in (1, 6, 10)])
    assert b''.join(procnet.inet(PATHS, 'tcp', 2, states)) == b''.join([tcp(state=state) for state in shown])


@pytest.mark.parametrize('lines', [[], [HEADER]])
def test_no_rows(table, lines):
    table('tcp', *lines)
    assert list(procnet.inet(PATHS, 'tcp', 2, EVERY)) == []


@pytest.mark.parametrize('read, arguments', [
    (procnet.inet, (PATHS, 'tcp', 2, EVERY)), (procnet.inet, (PATHS, 'raw', 10, EVERY)), (procnet.unix, (PATHS, EVERY)),
    (procnet.packet, (PATHS,)), (procnet.netlink, (PATHS,))])
def test_no_file(monkeypatch, read, arguments):
    monkeypatch.setenv('PROC_ROOT', '/nonexistent')
    with pytest.raises(Refused) as caught:
        list(read(*arguments))
    assert caught.value.absent and '/nonexistent/net/' in str(caught.value)


def test_what_came_before_a_trouble_is_kept(table, monkeypatch):
    """A file that cannot be read to its end."""
    table('tcp', HEADER, GOOD)

    def lines(paths, name):
        yield from LINES(paths, name)
        raise Refused(5, 'cannot read it')
    monkeypatch.setattr(procnet, 'lines', lines)
    found = procnet.inet(PATHS, 'tcp', 2, EVERY)
    assert len(next(found)) > 100
    with pytest.raises(Refused):
        next(found)


def test_blocks_are_whole_messages_and_small(table):
    table('tcp', HEADER, *[GOOD + ' option' * (number % 2) for number in range(9000)])
    blocks = list(procnet.inet(PATHS, 'tcp', 2, EVERY))
    assert len(blocks) > 4 and max(map(len, blocks)) <= 256 << 10
    even = tcp((100, 0, 0, 10, 0), inode=1)
    odd = tcp((100, 0, 0, 10, 0), b'option', inode=1)
    assert b''.join(blocks) == (even + odd) * 4500


# unix

NEW = 'Num       RefCount Protocol Flags    Type St Inode Path'
OLD = 'Peer    Recv-Q Send-Q Flags Type St Inode Name'


def unix(kind, state, inode, queues=(0, 0), name=None, peer=None):
    """`peer`: inode and name of the other end."""
    attributes = [(0, name)] * (name is not None) + [(4, struct.pack('=II', *queues))]
    if peer:
        attributes += [(2, struct.pack('=I', peer[0])), (PROC_PEER_NAME, peer[1])]
    return message(struct.pack('=BBBBIQ', 1, kind, state, 0, inode, 0)
                   + b''.join([wire.attribute(number, value) for number, value in attributes]))


UNIX = [
    '0000000000000001: 00000002 00000003 00010000 0001 01    11 /run/a',
    '0000000000000002: 00000002 00000000 00000000 0002 01    12',
    '0000000000000000: 00000002 00000000 00000000 0002 01    13 @d with blank',
    '000000000000000b: 00000002 00000000 00000000 0001 03    14',
    '000000000000000e: 00000002 00000000 00000000 0001 02    15 path',
    '0000000000000063: 00000002 00000000 00000000 0005 04    10',
    '0000000000000010: 00000002 00000000 00000000 0005 00    16',
    '0000000000000010: 00000002 00000000 00000000 000a 07     9 ' + 'z' * 130,
]


def test_unix(table):
    table('unix', NEW, *UNIX)
    assert b''.join(procnet.unix(PATHS, EVERY)) == b''.join([
        unix(1, 10, 11, name=b'/run/a\0'), unix(1, 1, 14), unix(1, 2, 15, name=b'path\0'),
        unix(2, 1, 12), unix(2, 7, 13, name=b'\0d'),
        unix(5, 11, 10), unix(5, 0, 16), unix(10, 7, 9, name=b'z' * 130 + b'\0')])


def test_unix_with_peers(table):
    table('unix', OLD, *UNIX)
    assert b''.join(procnet.unix(PATHS, EVERY)) == b''.join([
        unix(1, 10, 11, (2, 3), b'/run/a\0', (1, b'?')), unix(1, 1, 14, (2, 0), None, (11, b'/run/a')),
        unix(1, 2, 15, (2, 0), b'path\0', (14, b'*')),
        unix(2, 1, 12, (2, 0), None, (2, b'?')), unix(2, 7, 13, (2, 0), b'\0d'),
        unix(5, 11, 10, (2, 0), None, (0x63, b'?')), unix(5, 0, 16, (2, 0), None, (16, b'*')),
        unix(10, 7, 9, (2, 0), b'z' * 130 + b'\0', (16, b'*'))])


@pytest.mark.parametrize('states, types, shown', [
    (1 << 10, (1, 2, 5), [(1, 10, 11)]),
    (1 << 1, (1, 2, 5), [(1, 1, 14), (2, 1, 12)]),
    (1 << 1, (2,), [(2, 1, 12)]),
    (1 << 7, (), [(10, 7, 9)]),             # of a type that nobody can ask for
])
def test_unix_selection(table, states, types, shown):
    table('unix', NEW, *UNIX[:2] + UNIX[3:])
    assert rows(b''.join(procnet.unix(PATHS, states, types))) == shown


# ss 7.3.0 shows u_dgr and inode 0; of the line before it keeps the flags alone.
@pytest.mark.parametrize('line, row', [
    ('junk', (0, 10, 0)),
    ('', (0, 10, 0)),
    ('0001: 1 2', (0, 10, 0)),
    ('0001: 00000002 00000000 00000000 0002 03 zz', (2, 1, 0)),
])
def test_unix_line_that_makes_no_sense(table, line, row):
    table('unix', NEW, UNIX[0], line)
    assert rows(b''.join(procnet.unix(PATHS, EVERY))) == sorted([(1, 10, 11), row], key=lambda row: (row[0], row[2]))


def rows(data):
    """(type, state, inode) of the messages of unix sockets."""
    found, start = [], 0
    while start < len(data):
        length, = struct.unpack_from('=I', data, start)
        found.append(struct.unpack_from('=xBBxI', data, start + 16))
        start += (length + 3) & ~3
    return found


def test_unix_rows_are_sorted_as_many_at_a_time_as_ss_keeps(table):
    inodes = [number * 7919 % 4001 for number in range(1, 4001)]
    kinds = [(1, 2, 5)[inode % 3] for inode in inodes]
    table('unix', NEW, *['0: 0 0 00010000 %04x 01 %d' % row for row in zip(kinds, inodes)])
    expected = []
    for start in range(0, 4000, 1660):
        expected += sorted((kind, 10, inode) for kind, inode in list(zip(kinds, inodes))[start:start + 1660])
    assert rows(b''.join(procnet.unix(PATHS, EVERY))) == expected


# packet, netlink

PACKET_HEADER = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode'
PACKET = [
    '000000006d7b2b5d 3      3    0003   0     1 0      0      500001',
    'ffff888000000002 3      2    0800   4     1 7      1000   500002',
    '000000006d7b2b5f 3      10   88cc   77    0 4294967295  0      500003',
]


def packet(kind, protocol, interface, rqueue, uid, inode):
    return message(struct.pack('=BBHIQ', 17, kind, protocol, inode, 0) + wire.attribute(5, struct.pack('=I', uid))
                   + wire.attribute(PROC_PACKET, struct.pack('=II', interface, rqueue)))


PACKET_MESSAGES = [packet(3, 3, 0, 0, 0, 500001), packet(2, 0x800, 4, 7, 1000, 500002),
                   packet(10, 0x88cc, 77, 0xffffffff, 0, 500003)]


@pytest.mark.parametrize('types, shown', [((3, 2), [0, 1, 2]), ((3,), [0, 2]), ((2,), [1, 2])])
def test_packet(table, types, shown):
    table('packet', PACKET_HEADER, *PACKET)
    assert b''.join(procnet.packet(PATHS, types)) == b''.join([PACKET_MESSAGES[row] for row in shown])


@pytest.mark.parametrize('line, expected', [                 # what ss 7.3.0 shows of such lines
    ('junk', packet(3, 3, 0, 0, 0, 500001)),
    ('', packet(3, 3, 0, 0, 0, 500001)),
    ('000000006d7b2b60 x 2 0800 1 1 0 0 5', packet(3, 3, 0, 0, 0, 500001)),
    ('000000006d7b2b60 3 3 0800 1 1 6', packet(3, 0x800, 1, 6, 0, 500001)),
])
def test_packet_values_stay_where_a_line_makes_no_sense(table, line, expected):
    table('packet', PACKET_HEADER, PACKET[0], line)
    assert b''.join(procnet.packet(PATHS)) == PACKET_MESSAGES[0] + expected


NETLINK_HEADER = 'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode'


def netlink(protocol, port, groups, rqueue, wqueue, sk, cb):
    return message(struct.pack('=BBBBIIIIQ', 16, 3, protocol, 7, port & 0xffffffff, 0, 0, 0, 0)
                   + wire.attribute(1, struct.pack('=I', groups))
                   + wire.attribute(PROC_NETLINK, struct.pack('=QQII', sk, cb, rqueue, wqueue)))


def test_netlink(table):
    table('netlink', NETLINK_HEADER,
          '00000000dd85f707 0   0          00000000 0        0        0     2        0        4',
          'ffff8880fc2264c4 4   -4567      0000001f 12       34       ab     2        0        566',
          '00000000fc2264c5 16  1       80000000 1        2        (null)     2        0        567',
          '00000000fc2264c6 2 3 4 5 6',
          'junk')
    assert b''.join(procnet.netlink(PATHS)) == b''.join([
        netlink(0, 0, 0, 0, 0, 0xdd85f707, 0),
        netlink(4, -4567, 0x1f, 12, 34, 0xffff8880fc2264c4, 0xab),
        netlink(16, 1, 0x80000000, 1, 2, 0xfc2264c5, 0xab),
        netlink(2, 3, 4, 5, 6, 0xfc2264c6, 0xab),
        netlink(2, 3, 4, 5, 6, 0xfc2264c6, 0xab)])


# The kernel's own files

def inet_rows(name, family, states=EVERY):
    """{inode: (state, sport, dport, source, destination)}"""
    data, found, start = b''.join(procnet.inet(PATHS, name, family, states)), {}, 0
    while start < len(data):
        length, = struct.unpack_from('=I', data, start)
        _, state, _, _ = struct.unpack_from('4B', data, start + 16)
        sport, dport, source, destination = struct.unpack_from('>HH16s16s', data, start + 20)
        found[struct.unpack_from('=I', data, start + 84)[0]] = state, sport, dport, source, destination
        start += (length + 3) & ~3
    return found


@pytest.mark.parametrize('family, address', [(socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')])
def test_own_sockets(family, address):
    packed = socket.inet_pton(family, address).ljust(16, b'\0')
    with socket.socket(family) as listener, socket.socket(family) as client, \
            socket.socket(family, socket.SOCK_DGRAM) as udp:
        try:
            listener.bind((address, 0))
        except OSError as error:
            pytest.skip('no %s here: %s' % (address, error))
        listener.listen(1)
        port = listener.getsockname()[1]
        client.connect((address, port))
        udp.bind((address, 0))
        tcp_rows, udp_rows = inet_rows('tcp', family), inet_rows('udp', family)
        assert tcp_rows[os.fstat(listener.fileno()).st_ino] == (10, port, 0, packed, bytes(16))
        assert tcp_rows[os.fstat(client.fileno()).st_ino] == (1, client.getsockname()[1], port, packed, packed)
        assert udp_rows[os.fstat(udp.fileno()).st_ino] == (7, udp.getsockname()[1], 0, packed, bytes(16))


def test_own_unix_socket(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as mine:
        mine.bind(str(tmp_path / 's'))
        mine.listen(1)
        assert (5, 10, os.fstat(mine.fileno()).st_ino) in rows(b''.join(procnet.unix(PATHS, EVERY)))


# Both programs over the same lines

TABLES = {
    'tcp': [HEADER] + ['   0: %s %s' % (ENDS, line) for line, _ in TCP[:4]],
    'tcp6': [HEADER] + ['   0: %s %s' % (ENDS6, line) for line, _ in TCP[:4]],
    'udp': [HEADER, DATAGRAM],
    'udp6': [HEADER],
    'raw': [HEADER, DATAGRAM],
    'raw6': [HEADER],
    'unix': [NEW] + UNIX,
    'packet': [PACKET_HEADER] + PACKET,
    'netlink': [NETLINK_HEADER, '00000000dd85f707 0   0          00000000 0        0        0     2        0        4',
                'ffff8880fc2264c4 4   -4567      0000001f 12       34       ab     2        0        566'],
}
COMMANDS = [
    '-tan', '-taneo', '-tanieom', '-tanieomO', '-tan4', '-tani6', '-tan state listening', '-tan state time-wait',
    '-uan', '-uaneimo', '-wan', '-wane', '-xa', '-xaem', '-xl', '-A u_str -a', '-x state established',
    '-0an', '-0aenm', '-A p_dgr -an', '-f netlink -an', '-f netlink -anpe',
]


@pytest.mark.parity
@pytest.mark.parametrize('arguments', COMMANDS)
def test_beside_ss(reference, subject, table, arguments):
    env = {'PROC_NET_' + name.upper(): table(name, *lines) for name, lines in TABLES.items()}
    one, other = [programs.run(program + arguments.split(), env=env) for program in (reference, subject)]
    assert programs.same(one, other), programs.difference(one, other)
