"""Internet sockets: columns and details in text (sockets.md 3.2 to 3.9), the base of the JSON object (design, "JSON")."""
import socket
import struct

import pytest

from ssng.host import Host
from tests.support import rendered
from tests.support.rendered import asking
from tests.support.wire import attribute, inet

LISTEN, CLOSE = 10, 7


def six(address):
    return socket.inet_pton(socket.AF_INET6, address)


def four(address):
    return socket.inet_pton(socket.AF_INET, address)


class Links:
    def name(self, index):
        return {1: 'lo', 2: 'dummy0', 3: 'e\x1b\xff'}.get(index, 'if%d' % index)


class Names:
    def nameable(self, ports, protocol):
        return ports

    def port_name(self, port, protocol):
        return {(22, 'tcp'): 'ssh', (80, 'tcp'): 'http', (53, 'udp'): 'domain', (7, 'tcp'): 'e\x1bcho'}.get((port, protocol), '')

    def host(self, address):
        return {four('192.0.2.1'): 'four.example', six('2001:db8::1'): 'six.example'}.get(address, '')


class Cgroups:
    def path(self, number):
        return '/a\x1b\xc3\xa9' if number == 7 else 'unreachable:%x' % number


def host():
    """A host with some interfaces, services and names, and one cgroup."""
    made = Host()
    made.links, made.names, made.cgroups = Links(), Names(), Cgroups()
    return made


def text(*arguments, **options):
    return rendered.text(*arguments, host=host(), **options)


def details(*arguments, **options):
    return rendered.details(*arguments, host=host(), **options)


def objects(*arguments, **options):
    return rendered.objects(*arguments, host=host(), **options)


# Rows.

@pytest.mark.parametrize('row, line', [
    (dict(state=LISTEN, sport=6002, dport=0, src=four('10.9.0.1'), interface=1),
     'LISTEN 0      0      10.9.0.1%lo:6002 0.0.0.0:*'),
    (dict(family=10, state=LISTEN, sport=6001, dport=0, attributes=[(11, b'\1')]), 'LISTEN 0      0      [::]:6001 [::]:*'),
    (dict(family=10, state=LISTEN, sport=6000, dport=0, attributes=[(11, b'\0')]), 'LISTEN 0      0      *:6000 *:*'),
    (dict(family=10, src=six('::ffff:127.0.0.1'), sport=6000, dst=six('::ffff:127.0.0.1'), dport=55940),
     'ESTAB 0      0      [::ffff:127.0.0.1]:6000 [::ffff:127.0.0.1]:55940'),
    (dict(family=10, state=CLOSE, src=six('fe80::1'), interface=77, sport=9, dport=0, attributes=[(11, b'\1')]),
     'UNCONN 0      0      [fe80::1]%if77:9 [::]:*'),
    (dict(family=10, state=LISTEN, interface=1, sport=80, dport=0), 'LISTEN 0      0      *%lo:80 *:*'),
    (dict(state=1, src=four('7.0.0.1'), sport=65535, dst=four('8.0.0.1'), dport=1),
     'ESTAB 0      0      7.0.0.1:65535 8.0.0.1:1'),
    (dict(state=3, rqueue=0xffffffff, wqueue=123456789, dport=0), 'SYN-RECV -1     123456789 0.0.0.0:1 0.0.0.0:*'),
    (dict(state=12), 'UNDEF 0      0      0.0.0.0:1 0.0.0.0:2'),
    (dict(attributes=[(11, b'\1')]), 'ESTAB 0      0      0.0.0.0:1 0.0.0.0:2'),
], ids=lambda value: value if isinstance(value, str) else '')
def test_rows(row, line):
    """Interfaces, the any-address, mapped addresses, signed queues; each alone and among others (sockets.md 4.1)."""
    assert text([inet(**row)]) == line + '\n'
    others = [inet(state=2), inet(10, 9, attributes=[(11, b'\0'), (8, b'\1')])]
    made = text(others + [inet(**row)] + others, header=False).splitlines()
    assert made[2].split() == line.split()


def test_interfaces_are_of_the_local_end_alone():
    made = text([inet(interface=index) for index in (0, 1, 2, 0, 5)]).split()
    assert [word for word in made if '0.0.0.0' in word] == [
        word for local in ('0.0.0.0', '0.0.0.0%lo', '0.0.0.0%dummy0', '0.0.0.0', '0.0.0.0%if5')
        for word in (local + ':1', '0.0.0.0:2')]


@pytest.mark.parametrize('name, protocol, netid', [
    ('tcp', None, 'tcp'), ('udp', None, 'udp'), ('raw', None, '???'), ('raw', 0, 'raw'), ('raw', 17, 'udp'), ('raw', 58, 'icmp6'),
    ('raw', 1, '???'), ('raw', 89, '???'), ('raw', 6, 'tcp'), ('raw', 132, 'sctp'), ('mptcp', None, 'mptcp'),
    ('mptcp', 6, 'tcp')])
def test_netid(name, protocol, netid):
    """By the number in the attribute, else by the table's (sockets.md 3.2)."""
    payload = inet(attributes=[] if protocol is None else [(10, bytes([protocol]))])
    query = asking((name, 'xdp'), header=False)
    assert text([payload], name, query).split()[0] == netid
    assert objects([payload], name)[0]['netid'] == netid


@pytest.mark.parametrize('numeric, name, port, shown', [
    (True, 'tcp', 22, '22'), (False, 'tcp', 22, 'ssh'), (False, 'tcp', 53, '53'), (False, 'udp', 53, 'domain'),
    (False, 'udp', 22, '22'), (False, 'tcp', 0, '*'), (True, 'tcp', 0, '*'), (True, 'tcp', 65535, '65535')])
def test_ports(numeric, name, port, shown):
    for rows in ([inet(sport=port, dport=port)], [inet(sport=port, dport=port), inet(sport=9, dport=0), inet(10, sport=7)]):
        assert text(rows, name, numeric=numeric).split()[3:5] == ['0.0.0.0:' + shown] * 2


def test_resolve():
    """-r, independent of -n: no brackets around a name, and none for the peer's interface."""
    rows = [inet(src=four('192.0.2.1'), dst=four('192.0.2.2'), interface=1),
            inet(10, src=six('2001:db8::1'), dst=six('::ffff:192.0.2.1'))]
    assert text(rows, resolve=True).split()[3:5] == ['four.example%lo:1', '192.0.2.2:2']
    assert text(rows, resolve=True).split()[8:10] == ['six.example:1', 'four.example:2']


def test_names_fit_for_a_terminal():
    """Of interfaces and of services too: whoever makes a device, or edits /etc/services, steers no terminal."""
    row = inet(sport=7, dport=7, interface=3)
    assert text([row], numeric=False).split()[3:5] == ['0.0.0.0%e\x1b\xff:e\x1bcho', '0.0.0.0:e\x1bcho']
    assert text([row], numeric=False, escape=True).split()[3:5] == ['0.0.0.0%e\\x1b\\xff:e\\x1bcho', '0.0.0.0:e\\x1bcho']
    assert objects([row], numeric=False)[0]['local'] == {
        'address': '0.0.0.0', 'port': 7, 'interface': 'e\x1b\ufffd', 'service': 'e\x1bcho'}


# Details.

@pytest.mark.parametrize('timer, expires, retrans, expected', [
    (0, 500, 3, ''), (1, 200, 0, ' timer:(on,200ms,0)'), (2, 49000, 0, ' timer:(keepalive,49sec,0)'),
    (3, 59000, 0, ' timer:(timewait,59sec,0)'), (4, 1492, 0, ' timer:(persist,1.492sec,0)'),
    (5, 40, 255, ' timer:(delack,040ms,255)'), (6, 0, 1, ' timer:(unknown,,1)'), (255, 1, 0, ' timer:(unknown,001ms,0)')])
def test_timers(timer, expires, retrans, expected):
    """Its name, the time until it expires, how often it has (sockets.md 3.5)."""
    payload = inet(timer=timer, expires=expires, retrans=retrans)
    assert details([payload], options=True) == [expected]
    assert details([payload, inet()], options=True) == [expected, '']
    assert details([payload]) == ['']
    assert details([payload], 'sctp', options=True)[0] == (
        ' timer:(T3_RTX,%s' % expected.split(',', 1)[1] if timer else '')


@pytest.mark.parametrize('row, expected', [
    (dict(), ' ino:0 sk:1'),
    (dict(uid=1000, inode=4294967295, cookie=0x123456789abcdef0), ' uid:1000 ino:4294967295 sk:123456789abcdef0'),
    (dict(cookie=0), ' ino:0 sk:0'),
    (dict(cookie=(1 << 64) - 1), ' ino:0 sk:ffffffffffffffff'),
    (dict(attributes=[(15, struct.pack('=I', 0x2a))]), ' ino:0 sk:1 fwmark:0x2a'),
    (dict(attributes=[(15, bytes(4))]), ' ino:0 sk:1'),
    (dict(attributes=[(21, struct.pack('=Q', 0x1ff))]), ' ino:0 sk:1 cgroup:unreachable:1ff'),
    (dict(attributes=[(21, struct.pack('=Q', 1 << 40))]), ' ino:0 sk:1 cgroup:unreachable:10000000000'),
    (dict(attributes=[(21, bytes(8))]), ' ino:0 sk:1'),
    (dict(family=10, attributes=[(11, b'\0')]), ' ino:0 sk:1 v6only:0'),
    (dict(family=10, attributes=[(11, b'\1'), (8, b'\2')]), ' ino:0 sk:1 v6only:1 <--'),
    (dict(attributes=[(8, b'\0')]), ' ino:0 sk:1 <->'),
])
def test_extended(row, expected):
    """What -e adds, in the order of sockets.md 3.6: inode and cookie always, nothing of what is 0 or not there but v6only."""
    assert details([inet(**row)], extended=True) == [expected]
    assert details([inet(**row), inet(sport=3, inode=5)], extended=True) == [expected, ' ino:5 sk:1']


@pytest.mark.parametrize('attributes, expected', [
    ([(5, b'\0')], ' tos:0'), ([(5, b'\x10')], ' tos:0x10'), ([(5, b'\xff'), (6, b'\0')], ' tos:0xff tclass:0'),
    ([(17, bytes(4))], ' class_id:0'),
    ([(17, struct.pack('=I', 6)), (6, b'\x08'), (5, b'\4')], ' tos:0x4 tclass:0x8 class_id:0x6'),
    ([(17, b'\xff' * 4)], ' class_id:0xffffffff'), ([], '')])
def test_tos(attributes, expected):
    """Hexadecimal as C has it, zero without 0x (sockets.md 3.8)."""
    assert details([inet(attributes=attributes)], tos=True) == [expected]


def test_cgroup():
    """Twice with -e as well (sockets.md 6: 15); id 0 is said to be unreachable, by --cgroup alone; escapes for a terminal."""
    known, zero = inet(attributes=[(21, struct.pack('=Q', 7))]), inet(attributes=[(21, bytes(8))])
    path = ' cgroup:/a\x1b\xc3\xa9'
    assert details([known, inet(), zero], cgroup=True) == [path, '', ' cgroup:unreachable:0']
    assert details([known], cgroup=True, extended=True) == [' ino:0 sk:1' + path + path]
    assert details([known], cgroup=True, escape=True) == [' cgroup:/a\\x1b\xc3\xa9']
    assert objects([known, zero], cgroup=True, escape=True)[0]['cgroup'] == '/a\x1b\u00e9'


SOCKOPTS = ['recverr', 'is_icsk', 'freebind', 'hdrincl', 'mc_loop', 'transparent', 'mc_all', 'nodefrag', 'bind_addr_no_port',
            'recverr_rfc4884', 'defer_connect']


@pytest.mark.skipif(struct.pack('=H', 1) != b'\1\0', reason='bit fields are written here as little-endian machines have them')
@pytest.mark.parametrize('bits', [0, 1, 2, 0x80, 0x100, 0x400, 0x7ff, 0xffff, 0x152] + [1 << bit for bit in range(16)])
def test_sockopt(bits):
    """Names in the order of their bits, unused ones never (sockets.md 1.3, 3.9)."""
    flags = struct.pack('<H', bits)
    said = [name for bit, name in enumerate(SOCKOPTS) if bits >> bit & 1]
    for payload in (inet(attributes=[(22, flags)]), inet(attributes=[(22, flags + b'\xff\xff')])):
        assert details([payload], sockopt=True) == ['\n\tinet-sockopt: (%s)' % ''.join(' ' + name for name in said)]
        assert details([payload], sockopt=True, oneline=True)[0].startswith(' inet-sockopt: (')
        assert objects([payload], sockopt=True)[0]['sockopt'] == [
            name.replace('bind_addr_no', 'bind_address_no') for name in said]


@pytest.mark.parametrize('attributes', [[], [(22, b'')], [(22, b'\1')]], ids=['none', 'empty', 'a byte'])
def test_sockopt_too_short(attributes):
    """Nothing at all, not even the line (sockets.md 3.9)."""
    payload = inet(attributes=attributes)
    assert details([payload], sockopt=True) == details([payload], sockopt=True, oneline=True) == ['']
    assert 'sockopt' not in objects([payload], sockopt=True)[0]


SKMEM = (7, struct.pack('=9I', *range(1, 10)))
MEMINFO = (1, struct.pack('=4I', 1, 2, 3, 4))


@pytest.mark.parametrize('name', ['tcp', 'udp', 'raw', 'mptcp', 'sctp'])
@pytest.mark.parametrize('attributes, expected', [
    ([SKMEM], ' skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8,d9)'), ([SKMEM, MEMINFO], ' skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8,d9)'),
    ([MEMINFO], ' mem:(r1,w2,f3,t4)'), ([], '')])
def test_memory(name, attributes, expected):
    """Of new and of old kernels (sockets.md 3.10); the line is there even if nothing follows (3.4)."""
    payload = inet(attributes=attributes)
    assert details([payload], name, memory=True) == ['\n\t' + expected]
    assert details([payload], name, memory=True, oneline=True) == [expected]
    found = objects([payload], name, memory=True)[0].get('memory')
    if SKMEM in attributes:
        assert found['rmem_alloc'] == 1 and found['drops'] == 9
    else:
        # The attribute of kernels before 3.4 tells four of the same facts.
        assert found == ({'rmem_alloc': 1, 'wmem_queued': 2, 'fwd_alloc': 3, 'wmem_alloc': 4} if attributes else None)


@pytest.mark.parametrize('name, line', [('tcp', '\n\t'), ('udp', ''), ('raw', '\n\t'), ('mptcp', '\n\t')])
def test_bare_lines(name, line):
    """--info without information: a line with a tab, but for UDP (sockets.md 3.4, 6: 16)."""
    assert details([inet()], name, info=True) == [line]
    assert details([inet()], name, info=True, oneline=True) == ['']


def test_order():
    """The synthetic listener of sockets.md 3.4, all options."""
    ulp = attribute(1, b'tls\0')
    info = bytearray(280)
    info[5], info[6] = 1 | 2 | 4, 0x77
    info[8:12], info[68:72], info[88:92] = struct.pack('=I', 1000), struct.pack('=I', 5000), struct.pack('=I', 3)
    key = struct.pack('=BBH', 2, 32, 1) + bytes([1, 2, 3, 4]) + bytes(12) + b'k'.ljust(80, b'\0')
    payload = inet(10, LISTEN, 2, 0, 1000, 2000, expires=5, uid=3, inode=4, attributes=[
        (15, struct.pack('=I', 1)), (11, b'\0'), (8, b'\0'), (5, b'\4'), (6, b'\x08'), (17, struct.pack('=I', 2)), (22, b'\2\0'),
        SKMEM, (2, bytes(info)), (4, b'cubic\0'), (18, key), (19, ulp)])
    assert text([payload], header=True, options=True, extended=True, memory=True, info=True, tos=True, cgroup=True,
                sockopt=True) == (
        'State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n'
        'LISTEN 0      0                  *:1000            *:2000 timer:(keepalive,005ms,0) uid:3 ino:4 sk:1 fwmark:0x1'
        ' v6only:0 <-> tos:0x4 tclass:0x8 class_id:0x2\n'
        '\tinet-sockopt: ( is_icsk)\n'
        '\t skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8,d9) ts sack cubic wscale:7,7 rto:1 rtt:5/0 md5keys:1.2.3.4/32=k tcp-ulp-tls\n')


# JSON.

def test_base():
    """What every object has, whatever is asked for."""
    ends = dict(sport=40000, dport=22, src=four('127.0.0.1'), dst=four('10.1.2.3'))
    assert objects([inet(state=1, rqueue=0xffffffff, wqueue=7, **ends)]) == [
        {'netid': 'tcp', 'family': 'inet', 'state': 'ESTAB', 'recv_q': -1, 'send_q': 7,
         'local': {'address': '127.0.0.1', 'port': 40000}, 'peer': {'address': '10.1.2.3', 'port': 22}}]
    assert objects([inet(10, LISTEN, sport=443, dport=0, attributes=[(11, b'\0')])]) == [
        {'netid': 'tcp', 'family': 'inet6', 'state': 'LISTEN', 'recv_q': 0, 'send_q': 0, 'accept_queue': 0, 'accept_backlog': 0,
         'local': {'address': '::', 'port': 443}, 'peer': {'address': '::', 'port': 0}}]


def test_ends():
    """Interface, service and host, where known and asked for."""
    row = inet(sport=22, dport=9, src=four('192.0.2.1'), dst=four('192.0.2.2'), interface=1)
    assert objects([row], numeric=False, resolve=True)[0]['local'] == {
        'address': '192.0.2.1', 'port': 22, 'interface': 'lo', 'service': 'ssh', 'host': 'four.example'}
    assert objects([row], numeric=False, resolve=True)[0]['peer'] == {'address': '192.0.2.2', 'port': 9}
    assert objects([row])[0]['local'] == {'address': '192.0.2.1', 'port': 22, 'interface': 'lo'}
    six_row = inet(10, src=six('2001:db8::1'))
    assert objects([row, six_row, inet()], resolve=True)[1]['local'] == {
        'address': '2001:db8::1', 'port': 1, 'host': 'six.example'}


EVERY = inet(10, LISTEN, 2, 1, uid=3, inode=4, cookie=1 << 40, expires=5, attributes=[
    (15, struct.pack('=I', 0x2a)), (21, struct.pack('=Q', 7)), (11, b'\1'), (8, b'\1'), (5, b'\4'), (6, b'\0'),
    (17, struct.pack('=I', 6)), (22, struct.pack('=H', 0)), SKMEM])


@pytest.mark.parametrize('options, keys', [
    ({}, {}),
    ({'extended': True}, {'uid': 3, 'inode': 4, 'cookie': '10000000000', 'mark': 42, 'cgroup': '/a\x1b\u00e9', 'v6only': True,
                          'shutdown': ['receive']}),
    ({'options': True}, {'timer': {'name': 'keepalive', 'expires_ms': 5, 'retrans': 1}}),
    ({'tos': True}, {'tos': 4, 'tclass': 0, 'class_id': 6}),
    ({'cgroup': True}, {'cgroup': '/a\x1b\u00e9'}),
    ({'sockopt': True}, {'sockopt': []}),
    ({'memory': True}, {'memory': dict(zip(['rmem_alloc', 'rcvbuf', 'wmem_alloc', 'sndbuf', 'fwd_alloc', 'wmem_queued', 'optmem',
                                            'backlog', 'drops'], range(1, 10)))}),
    ({'info': True}, {}),
], ids=str)
def test_options_reveal_keys(options, keys):
    """The option that shows a fact in text shows its key; no key where the kernel sent nothing (design)."""
    base = {'netid', 'family', 'state', 'recv_q', 'send_q', 'accept_queue', 'accept_backlog', 'local', 'peer'}
    found = objects([EVERY, inet()], **options)
    assert {key: value for key, value in found[0].items() if key not in base} == keys
    absent = {'mark', 'cgroup', 'v6only', 'shutdown', 'timer', 'tos', 'tclass', 'class_id', 'sockopt', 'memory'}
    assert not absent & set(found[1])


def test_all_options_at_once():
    """No key twice: cgroup is asked for by two options."""
    found, = objects([EVERY], extended=True, options=True, tos=True, cgroup=True, sockopt=True, memory=True, info=True)
    assert len(found) == 9 + 7 + 1 + 3 + 1 + 1


def test_unknowns():
    """A string never becomes a number (design)."""
    found, = objects([inet(state=14, timer=9, expires=1)], options=True)
    assert (found['state'], found['state_number']) == ('unknown', 14)
    assert found['timer']['name'] == 'unknown' and 9 in found['timer'].values()


def test_cookie_is_what_the_text_shows():
    for cookie in (0, 1, 0xffffffff, 1 << 32, (1 << 64) - 1):
        payload = inet(cookie=cookie)
        assert objects([payload], extended=True)[0]['cookie'] == '%x' % cookie
        assert details([payload], extended=True) == [' ino:0 sk:%x' % cookie]
