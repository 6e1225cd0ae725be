"""Unix sockets: the examples of sockets.md 4.6, made by hand, and every way to name one."""
import os
import struct

import pytest

from ssng.filter.tree import Glob, Not, Port
from ssng.host import Host, Report
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import Kernel, listed, objects, query, refusal
from tests.support.wire import attribute
from tests.support.wire_families import MEMORY, NAME, SHUTDOWN, u32s, unix

STREAM, DGRAM, SEQPACKET = 1, 2, 5
UNIX = ('unix_stream', 'unix_dgram', 'unix_seqpacket')
MEMORY = u32s(MEMORY)
DEVICE = 254 << 20
EXAMPLE = [
    unix(521492, queues=(0, 768), peer=521493),
    unix(521494),
    unix(521491, state=10, name=b'/run/user/1000/demo/u1.sock\0', vfs=(2196622, DEVICE), icons=[521494], queues=(1, 4)),
    unix(521495, DGRAM, name=b'/run/user/1000/demo/d1.sock\0', vfs=(2196623, DEVICE), queues=(5, 0)),
    unix(521501, peer=521502, shut=2),
    unix(521502, peer=521501, shut=1),
    unix(521499, state=10, name=b'\0spb\0x y', icons=[], queues=(0, 1)),
    unix(521500, DGRAM, state=7, name=b'\0fda47'),
]
LINES = [       # what ss shows of them, but for the device: 254:0 is what it is (sockets.md 4.6)
    'u_str ESTAB  0      768                               * 521492            * 521493 <->',
    'u_str ESTAB  0      0                                 * 521494            * 0 <->',
    'u_str LISTEN 1      4       /run/user/1000/demo/u1.sock 521491            * 0 <-> ino:2196622 dev:254/0 peers: 521494',
    'u_dgr ESTAB  5      0       /run/user/1000/demo/d1.sock 521495            * 0 <-> ino:2196623 dev:254/0',
    'u_str ESTAB  0      0                                 * 521501            * 521502 <--',
    'u_str ESTAB  0      0                                 * 521502            * 521501 -->',
    'u_str LISTEN 0      1                          @spb@x y 521499            * 0 <-> peers:',
    'u_dgr UNCONN 0      0                            @fda47 521500            * 0 <->',
]


def squeezed(line):
    """Words, one blank between them: the widths are the layout's."""
    return ' '.join(line.split())


def test_example():
    kernel = Kernel(EXAMPLE)
    lines = listed('unix', query(*UNIX, extended=True), kernel)
    assert [squeezed(line) for line in lines] == list(map(squeezed, LINES))
    assert kernel.asked == [struct.pack('=BBHIIIII', 1, 0, 0, 0x3fff, 0, 0x15 | 0x0a, 0, 0)]


def test_columns():
    """A name and its inode are one cell and the next: right- and left-aligned, a blank between."""
    kernel = Kernel([unix(1, name=b'/a\0'), unix(22222, peer=3)])
    assert listed('unix', query(*UNIX), kernel) == [
        'u_str ESTAB 0      0      /a 1     * 0\n',
        'u_str ESTAB 0      0       * 22222 * 3\n',
    ]


@pytest.mark.parametrize('options, show', [
    ({}, 0x15), ({'memory': True}, 0x35), ({'extended': True}, 0x1f), ({'extended': True, 'memory': True}, 0x3f),
    ({'json': True}, 0x15), ({'json': True, 'extended': True}, 0x5f), ({'info': True, 'tos': True, 'cgroup': True}, 0x15)])
def test_request(options, show):
    kernel = Kernel()
    assert listed('unix', query(*UNIX, states=0x480, **options), kernel) == []
    assert kernel.asked == [struct.pack('=BBHIIIII', 1, 0, 0, 0x480, 0, show, 0, 0)]


# sockets.md 4.6 and command-line.md 7.5: the bytes the kernel sends, what is shown, what a terminal may be shown.
NAMES = [
    (None, '*', '*'),
    (b'', '', ''),
    (b'\0', '@', '@'),
    (b'/run/x\0', '/run/x', '/run/x'),
    (b'/no/end', '/no/end', '/no/end'),
    (b'/run/x\0after', '/run/x', '/run/x'),
    (b'\0abs\0def', '@abs@def', '@abs@def'),
    (b'\0abs\0', '@abs@', '@abs@'),
    (b'/a\nb\tc\x1b[31m\x7f\0', '/a\nb\tc\x1b[31m\x7f', r'/a\x0ab\x09c\x1b[31m\x7f'),
    (b'/\xc3\xa9 \xe2\x82\xac\0', '/\xc3\xa9 \xe2\x82\xac', '/\xc3\xa9 \xe2\x82\xac'),       # UTF-8 stays as it is
    (b'/\xff\xfe\xc3\0', '/\xff\xfe\xc3', r'/\xff\xfe\xc3'),
    (b'/\xc2\x9b31m \x9b\0', '/\xc2\x9b31m \x9b', r'/\xc2\x9b31m \x9b'),                    # C1, as UTF-8 and bare
    (b'/\xed\xa0\x80 \xc0\xaf\0', '/\xed\xa0\x80 \xc0\xaf', r'/\xed\xa0\x80 \xc0\xaf'),       # a surrogate, an overlong /
    (b'/\\x1b\0', r'/\x1b', r'/\x1b'),
    (b'/' + b'n' * 106 + b'\0', '/' + 'n' * 106, '/' + 'n' * 106),
]


@pytest.mark.parametrize('name, plain, escaped', NAMES)
@pytest.mark.parametrize('count', [1, 300])
def test_names(name, plain, escaped, count):
    kernel = Kernel([unix(5, name=name)] * count)
    for escape, text in ((False, plain), (True, escaped)):
        lines = ''.join(listed('unix', query('unix_stream', escape=escape, queues=False), kernel))
        assert lines == 'ESTAB %s 5 * 0\n' % text * count


def test_many_shapes():
    """Names of all lengths among each other: each row keeps its own, in the kernel's order."""
    payloads, expected = [], []
    for number in range(1, 1500):
        name = None if number % 5 == 0 else (b'\0' if number % 2 else b'/') + b'n%d' % number + b'x' * (number * 7 % 90)
        payloads.append(unix(number, (STREAM, DGRAM, SEQPACKET)[number % 3], name=name, peer=number % 4 or None,
                             queues=(number, 2 * number), shut=number % 4 if number % 7 else None,
                             icons=[number] * (number % 3) if number % 11 == 0 else None))
        text = '*' if name is None else name.decode().replace('\0', '@')
        expected.append('%s %d %d %s %d * %d%s%s' % (
            ('u_str', 'u_dgr', 'u_seq')[number % 3], number, 2 * number, text, number, number % 4,
            (' <->', ' -->', ' <--', ' ---')[number % 4] if number % 7 else '',
            ' peers:' + ' %d' % number * (number % 3) if number % 11 == 0 else ''))
    kernel = Kernel(payloads)
    asked = query(*UNIX, extended=True, states=1 << 1)
    assert [squeezed(line) for line in listed('unix', asked, kernel)] == expected


@pytest.mark.parametrize('names, kinds', [
    (UNIX, [STREAM, DGRAM, SEQPACKET, 3]), (('unix_stream',), [STREAM, 3]), (('unix_dgram',), [DGRAM, 3]),
    (('unix_seqpacket', 'unix_dgram'), [DGRAM, SEQPACKET, 3])])
def test_selection(names, kinds):
    """Types that nobody can ask for pass every selection, as u_dgr (sockets.md 4.6)."""
    kernel = Kernel([unix(kind, kind) for kind in (STREAM, DGRAM, SEQPACKET, 3)])
    assert [int(line.split()[-3]) for line in listed('unix', query(*names), kernel)] == kinds
    netids = {STREAM: 'u_str', SEQPACKET: 'u_seq'}
    shown = [item['netid'] for item in objects('unix', query(*names), kernel)]
    assert shown == [netids.get(kind, 'u_dgr') for kind in kinds]


@pytest.mark.parametrize('device, text', [
    (8 << 20 | 1, '8/1'), (26, '0/26'), (254 << 20, '254/0'), (4095 << 20 | 1048575, '4095/1048575')])
def test_devices(device, text):
    """The kernel's own encoding; ss shows `0/2049` for 8/1 (sockets.md 6: 11)."""
    kernel = Kernel([unix(5, vfs=(9, device))])
    assert listed('unix', query(*UNIX, extended=True), kernel)[0].endswith(' <-> ino:9 dev:%s\n' % text)


def test_memory_before_the_rest():
    kernel = Kernel([unix(5, vfs=(9, 0), icons=[], memory=MEMORY), unix(6, memory=MEMORY[:28])])
    lines = listed('unix', query(*UNIX, memory=True, extended=True), kernel)
    assert lines[0].rstrip().endswith(
        '* 0 skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0) <-> ino:9 dev:0/0 peers:')
    assert lines[1].rstrip().endswith('* 0 skmem:(r0,rb212992,t0,tb212992,f0,w0,o0) <->')


def test_without_queues_and_details():
    """What an older kernel does not send is not shown; queues are 0."""
    kernel = Kernel([unix(5, queues=None, shut=None), unix(6, queues=(0xffffffff, 1), shut=None)])
    assert [squeezed(line) for line in listed('unix', query(*UNIX, extended=True, memory=True), kernel)] == [
        'u_str ESTAB 0 0 * 5 * 0', 'u_str ESTAB -1 1 * 6 * 0']


def test_states():
    states = ('UNKNOWN ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING'
              ' UNDEF UNDEF')
    kernel = Kernel([unix(5, state=number) for number in range(14)])
    assert [line.split()[0] for line in listed('unix', query('unix_stream'), kernel)] == states.split()


@pytest.mark.parametrize('inodes', [[1, 2, 3], [3, 1, 2], [1], [2, 1]])
def test_order_of_one_shape(inodes):
    """Messages that differ in the length of the name alone become one group, and keep their order, filtered or not."""
    kernel = Kernel([unix(inode, name=b'/' + b'x' * 9 * inode) for inode in inodes] + [unix(9)])
    for condition, shown in ((None, inodes + [9]), (Not(Glob('src', (1,), '')), inodes)):
        made = objects('unix', query(*UNIX, condition=condition), kernel)
        assert [item['local']['inode'] for item in made] == shown


def test_a_name_that_is_no_name():
    """A header that promises more than there is; another attribute in its place; the same in between good ones."""
    lying = unix(1, queues=None, shut=None) + struct.pack('=HH', 400, NAME) + b'/lie'
    behind = unix(2, shut=None) + attribute(SHUTDOWN, b'\0')
    kernel = Kernel([unix(3, name=b'/a\0'), lying, behind, unix(4, name=b'/bcd\0')])
    assert [squeezed(line) for line in listed('unix', query(*UNIX), kernel)] == [
        'u_str ESTAB 0 0 /a 3 * 0', 'u_str ESTAB 0 0 * 1 * 0', 'u_str ESTAB 0 0 * 2 * 0', 'u_str ESTAB 0 0 /bcd 4 * 0']


# The filter

def test_filter():
    kernel = Kernel(EXAMPLE)

    def inodes(condition):
        return [int(line.split()[-3]) for line in listed('unix', query(*UNIX, condition=condition), kernel)]
    assert inodes(Glob('src', (1,), '@*')) == [521499, 521500]
    assert inodes(Glob('src', (1,), '')) == [521492, 521494, 521501, 521502]
    assert inodes(Not(Glob('src', (1,), ''))) == [521491, 521495, 521499, 521500]
    assert inodes(Glob('dst', (1,), '?*')) == []
    assert inodes(Port('src', None, '>=', 521501)) == [521501, 521502]
    assert inodes(Port('dst', None, '<=', 0)) == [521494, 521491, 521495, 521499, 521500]


# Where there is no netlink

PROC = (b'Num       RefCount Protocol Flags    Type St Inode Path\n'
        b'0000000000000000: 00000002 00000000 00010000 0001 01 21 /run/a b\n'
        b'0000000000000000: 00000002 00000000 00000000 0001 03 11 @x\n'
        b'0000000000000000: 00000002 00000000 00000000 0002 01 9\n')
OLD_PROC = (b'Peer      RcvQueue WndQueue Flags    Type St Inode Path\n'
            b'b: 00000003 00000004 00000000 0001 03 12 /run/x\n'
            b'c: 00000000 00000000 00000000 0001 03 11 @y\n'
            b'4d2: 00000000 00000000 00000000 0001 03 13\n')


@pytest.mark.parametrize('proc, lines', [
    (PROC, ['u_str ESTAB 0 0 @x 11 * 0', 'u_str LISTEN 0 0 /run/a 21 * 0', 'u_dgr UNCONN 0 0 * 9 * 0']),
    (OLD_PROC, ['u_str ESTAB 0 0 @y 11 /run/x 12', 'u_str ESTAB 3 4 /run/x 12 @y 11', 'u_str ESTAB 0 0 * 13 ? 1234'])])
def test_proc(tmp_path, proc, lines):
    """Nobody asks the kernel; no details but for processes (command-line.md 9.4)."""
    (tmp_path / 'unix').write_bytes(proc)
    kernel, host = Kernel(EXAMPLE), Host(environ={'PROC_NET_UNIX': str(tmp_path / 'unix')})
    assert [squeezed(line) for line in listed('unix', query(*UNIX, extended=True, memory=True), kernel, host=host)] == lines
    assert kernel.asked == []


def test_proc_peer_names(tmp_path):
    (tmp_path / 'unix').write_bytes(OLD_PROC)
    host = Host(environ={'PROC_NET_UNIX': str(tmp_path / 'unix')})
    found, = objects('unix', query(*UNIX, condition=Glob('dst', (1,), '/run/*')), Kernel(), host)
    assert (found['local']['inode'], found['peer']) == (11, {'inode': 12, 'path': '/run/x'})


def test_proc_peer_names_on_a_terminal(tmp_path):
    (tmp_path / 'unix').write_bytes(OLD_PROC.replace(b'/run/x', b'/\x1b[m'))
    host = Host(environ={'PROC_NET_UNIX': str(tmp_path / 'unix')})
    lines = listed('unix', query(*UNIX, escape=True), Kernel(), host=host)
    assert [squeezed(line) for line in lines][:2] == [r'u_str ESTAB 0 0 @y 11 /\x1b[m 12', r'u_str ESTAB 3 4 /\x1b[m 12 @y 11']


@pytest.mark.parametrize('payloads, end, told, shown', [
    ([], refusal(2), '', True), ([], refusal(95), '', True), ([], refusal(1), 'Operation not permitted', True),
    ([unix(5)], refusal(12), os.strerror(12), False)])
def test_refused(tmp_path, payloads, end, told, shown):
    """/proc in place of an answer, but never behind half of one: nothing is listed twice."""
    (tmp_path / 'proc' / 'net').mkdir(parents=True)
    (tmp_path / 'proc' / 'net' / 'unix').write_bytes(PROC)
    said = []
    host = Host(str(tmp_path), Report(said.append), {})
    lines = listed('unix', query(*UNIX), Kernel(payloads, end), host=host)
    assert len(lines) == (3 if shown else 1)
    assert len(said) == bool(told) and told in ''.join(said)


# JSON

def test_json():
    kernel = Kernel([
        unix(1, name=b'/run/x\0', vfs=(9, 8 << 20 | 1), peer=2, icons=[3, 0], queues=(1, 2), memory=MEMORY, shut=2, uid=1000),
        unix(2, SEQPACKET, 10, queues=None, shut=None),
        unix(3, 10, 14, queues=(0xffffffff, 0)),
    ])
    everything = query(*UNIX, json=True, extended=True, memory=True)
    first, second, third = objects('unix', everything, kernel)
    assert first == {
        'netid': 'u_str', 'family': 'unix', 'type': 'stream', 'state': 'ESTAB', 'recv_q': 1, 'send_q': 2,
        'local': {'inode': 1, 'path': '/run/x'}, 'peer': {'inode': 2},
        'uid': 1000, 'cookie': '7', 'shutdown': ['send'], 'file': {'inode': 9, 'major': 8, 'minor': 1}, 'pending': [3, 0],
        'memory': {'rmem_alloc': 0, 'rcvbuf': 212992, 'wmem_alloc': 0, 'sndbuf': 212992, 'fwd_alloc': 0, 'wmem_queued': 0,
                   'optmem': 0, 'backlog': 0, 'drops': 0}}
    assert second == {'netid': 'u_seq', 'family': 'unix', 'type': 'seqpacket', 'state': 'LISTEN', 'recv_q': 0, 'send_q': 0,
                      'local': {'inode': 2}, 'cookie': '7'}
    assert (third['type'], third['state'], third['state_number'], third['recv_q']) == ('packet', 'unknown', 14, -1)
    plain = objects('unix', query(*UNIX), kernel)[0]
    assert plain == {key: value for key, value in first.items()
                     if key not in ('uid', 'cookie', 'shutdown', 'file', 'pending', 'memory')}


@pytest.mark.parametrize('name, told', [
    (None, {}), (b'', {'path': ''}), (b'/a"b\\\x01\0', {'path': '/a"b\\\x01'}), (b'/\xc3\xa9\0', {'path': '/\xe9'}),
    (b'/\xff\0', {'path': '/\ufffd', 'path_hex': '2fff'}), (b'\0', {'abstract': ''}),
    (b'\0a\0b', {'abstract': 'a\0b'}), (b'\0\xfe', {'abstract': '\ufffd', 'abstract_hex': 'fe'})])
def test_json_names(name, told):
    kernel = Kernel([unix(5, name=name)])
    assert objects('unix', query(*UNIX), kernel)[0]['local'] == dict(told, inode=5)


# Facts

def test_owner_where_it_is_needed():
    """ss does not show the owner, so it is fetched for JSON and for a condition alone; and shown in neither text."""
    for options, show in (({'extended': True}, 0x1f), ({'needed': {'extended'}}, 0x5f), ({'needed': {'memory'}}, 0x35)):
        kernel = Kernel([unix(1, uid=7, vfs=(1, 2), memory=MEMORY)])
        line, = listed('unix', query(*UNIX, **options), kernel)
        assert kernel.asked == [struct.pack('=BBHIIIII', 1, 0, 0, 0x3fff, 0, show, 0, 0)]
        assert ('ino:' in line) == ('extended' in options) and 'skmem' not in line and '7' not in line
        assert set(objects('unix', query(*UNIX, json=True, **options), kernel)[0]).isdisjoint({'memory'})


def test_facts():
    assert len(declared_whole('unix')) == 33
    assert recorded('unix')
    names = [name for name, _, _ in NAMES]
    for count in (1, 300):
        made = made_by_hand('unix', [
            unix(number, (STREAM, DGRAM, SEQPACKET, 10)[number % 4], number % 16, name=names[number % len(names)],
                 peer=number % 3 or None, vfs=(number, DEVICE + number) if number % 5 == 0 else None,
                 icons=[number] * (number % 4) if number % 6 == 0 else None, queues=(number, 0xffffffff), shut=number % 4,
                 memory=MEMORY[:4 * (number % 10)] if number % 2 else None, uid=number if number % 7 else None)
            for number in range(count)])
        assert len(made) == count
