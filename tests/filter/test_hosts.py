"""Hosts and ports of every family."""
import pytest

from ssng.errors import Failure
from ssng.filter.tree import ANY_PORT, Glob, Host, Not, Numbered, Port
from tests.filter.support import Words, parse, tree

UNIX, INET, INET6, NETLINK, PACKET, VSOCK, XDP = 1, 2, 10, 16, 17, 40, 44
BOTH = (INET, INET6)
ONE = bytes(15) + b'\1'
TEN = b'\x0a\0\0\0'


def inet(text, addresses, port=ANY_PORT, families=None):
    return text, Host('src', families, tuple(addresses), port)


@pytest.mark.parametrize('text,expected', [
    inet('*', ()), inet(':', ()), inet('[]', ()), inet('[*x]', ()), inet('any', ()), inet('all', ()),
    inet('default', ()),
    inet('*:22', (), 22), inet('*22', (), 22), inet(':22', (), 22), inet('[]:5', (), 5), inet('any:22', (), 22),
    inet('10', [(INET, TEN, 32)]), inet('10/8', [(INET, TEN, 8)]), inet('10:22', [(INET, TEN, 32)], 22),
    inet('[10]:22', [(INET, TEN, 32)], 22), inet('[10/8]22', [(INET, TEN, 8)], 22),
    inet('10/8:22', [(INET, TEN, 8)], 22),
    inet('10:*', [(INET, TEN, 32)]), inet('10:', [(INET, TEN, 32)]), inet('10:-1', [(INET, TEN, 32)]),
    inet('10:http', [(INET, TEN, 32)], 80), inet('10/255.0.0.0', [(INET, TEN, 8)]),
    inet('10/255.0', [(INET, TEN, 8)]),
    inet('10/0.0.0.0', [(INET, TEN, 0)]), inet('10/0x10', [(INET, TEN, 16)]), inet('10/010', [(INET, TEN, 8)]),
    inet('193.233.7/24:80', [(INET, b'\xc1\xe9\7\0', 24)], 80), inet('0x0a.010.1', [(INET, b'\x0a\x08\1\0', 32)]),
    inet('1.+2.3', [(INET, b'\1\2\3\0', 32)]),
    inet('[::1]', [(INET6, ONE, 128)]), inet('[::1]:22', [(INET6, ONE, 128)], 22),
    inet('[::1]22', [(INET6, ONE, 128)], 22),
    inet('::1:22', [(INET6, ONE, 128)], 22), inet(':::', [(INET6, bytes(16), 128)]),
    inet('::/0', [(INET6, bytes(16), 0)]),
    inet('fe80::/10', [(INET6, b'\xfe\x80' + bytes(14), 10)]),
    inet('fe80::/10:22', [(INET6, b'\xfe\x80' + bytes(14), 10)], 22),
    inet('[fe80::/10]:22', [(INET6, b'\xfe\x80' + bytes(14), 10)], 22), inet('::1/255.0.0.0', [(INET6, ONE, 8)]),
    inet('[::ffff:1.2.3.4]', [(INET6, bytes(10) + b'\xff\xff\1\2\3\4', 128)]),
    inet('one', [(INET, b'\x0a\0\0\1', 32)]), inet('one:22', [(INET, b'\x0a\0\0\1', 32)], 22),
    inet('[one]:http', [(INET, b'\x0a\0\0\1', 32)], 80),
    inet('three', [(INET, b'\x0a\0\0' + bytes(bytearray([last])), 32) for last in (1, 2, 3)]),
    inet('both', [(INET, b'\x0a\0\0\1', 32), (INET6, ONE, 128)]),
    inet('inet:both', [(INET, b'\x0a\0\0\1', 32)], families=(INET,)),
    inet('inet6:both', [(INET6, ONE, 128)], families=(INET6,)),
    inet('inet6:both:5', [(INET6, ONE, 128)], 5, (INET6,)),
    inet('inet:*', (), families=(INET,)), inet('inet:', (), families=(INET,)), inet('inet6::22', (), 22, (INET6,)),
    inet('inet:any', [(INET, bytes(4), 0)], families=(INET,)),
    inet('inet6:any:5', [(INET6, bytes(16), 0)], 5, (INET6,)),
    inet('inet6:[::1]:22', [(INET6, ONE, 128)], 22, (INET6,)),
])
def test_inet(text, expected):
    assert tree('src ' + text) == expected


@pytest.mark.parametrize('text,expected', [
    ('22', 22), (':22', 22), ('*', -1), ('*x', -1), ('', -1), ('[22]', 22), ('[:22]:5', 22), ('http', 80),
    ('rpc.nfs', 2049),
    ('ntp', 123), ('domain', 53), ('70000', 70000), ('-1', -1), ('ssh', 22),
])
def test_ports(text, expected):
    assert parse(['dport', '=', text or '\\'], (), Words()) == Host('dst', None, (), expected)
    assert parse(['dport', '<=', text or '\\'], (), Words()) == Port('dst', None, '<=', expected)


@pytest.mark.parametrize('family,text,expected', [
    (INET, 'src *:22', Host('src', BOTH, (), 22)),
    (INET, 'src both', Host('src', BOTH, ((INET, b'\x0a\0\0\1', 32),), -1)),
    (INET, 'src any', Host('src', BOTH, ((INET, bytes(4), 0),), -1)),
    (INET6, 'src any:5', Host('src', BOTH, ((INET6, bytes(16), 0),), 5)),
    (INET6, 'src both', Host('src', BOTH, ((INET6, ONE, 128),), -1)),
    (INET6, 'sport > 5', Not(Port('src', BOTH, '<=', 5))),
    (INET, 'dst inet6:[::1]', Host('dst', (INET6,), ((INET6, ONE, 128),), -1)),
    (UNIX, 'src 10.0.0.1', Glob('src', (UNIX,), '10.0.0.1')),
    (UNIX, 'dport = /run/*', Glob('dst', (UNIX,), '/run/*')),
    (UNIX, 'sport <= /run/*', Port('src', (UNIX,), '<=', -1)),
    (UNIX, 'src inet:10', Host('src', (INET,), ((INET, TEN, 32),), -1)),
    (0, 'src unix:unix:', Glob('src', (UNIX,), 'unix:')),
    (0, 'src unix:', Glob('src', (UNIX,), '')),
    (0, 'src unix:@\xc3\xa9', Glob('src', (UNIX,), '@\xc3\xa9')),
    (XDP, 'sport = 5', Host('src', (XDP,), (), 5)),
    (XDP, 'src any', Host('src', (XDP,), (), -1)),
    # a prefix is its own host's alone: the next host is read as if there had been none
    (0, 'src inet6:[::1] or src 10', None),
])
def test_families(family, text, expected):
    found = tree(text, family)
    if expected is None:
        assert found.parts[1] == Host('src', None, ((INET, TEN, 32),), -1)
    else:
        assert found == expected


@pytest.mark.parametrize('family,text,address,port', [
    (PACKET, 'ip', 0x800, -1), (PACKET, 'IPv4:lo', 0x800, 1), (PACKET, ':lo', None, 1), (PACKET, '*:lo', None, 1),
    (PACKET, 'all', 3, -1), (PACKET, '2048:1', 0x800, 1), (PACKET, ':*', None, -1), (PACKET, '', None, -1),
    (PACKET, '0x800:-1', 0x800, -1), (PACKET, '802.1Q:eth0', 0x8100, 2), (PACKET, 'ip:7', 0x800, 7),
    (NETLINK, 'rtnl', 0, -1), (NETLINK, 'genl:77', 16, 77), (NETLINK, ':kernel', None, 0),
    (NETLINK, '*:-5', None, -5),
    (NETLINK, '0x10:0x4d', 16, 77), (NETLINK, '255', 255, -1), (NETLINK, ':*', None, -1),
    (VSOCK, '2', 2, -1), (VSOCK, '2:80', 2, 80), (VSOCK, ':80', None, 80), (VSOCK, '*:4294967295', None, 4294967295),
    (VSOCK, '4294967295:*', 4294967295, -1), (VSOCK, '*', None, -1), (VSOCK, '0x2:010', 2, 8),
])
def test_numbered(family, text, address, port):
    prefix = {PACKET: 'link:', NETLINK: 'netlink:', VSOCK: 'vsock:'}[family]
    assert tree('dst ' + prefix + text) == Numbered('dst', (family,), address, port)
    if text:
        assert tree('dst ' + text, family) == Numbered('dst', (family,), address, port)


@pytest.mark.parametrize('text,expected', [
    ('sport = link:lo', Numbered('src', (PACKET,), None, 1)),
    ('sport = link::lo', Numbered('src', (PACKET,), None, 1)),
    ('sport >= netlink:kernel', Port('src', (NETLINK,), '>=', 0)),
    ('dport = vsock:*', Numbered('dst', (VSOCK,), None, -1)),
    ('dport <= vsock:80', Port('dst', (VSOCK,), '<=', 80)),
])
def test_numbered_ports(text, expected):
    assert tree(text) == expected


# Service names

@pytest.mark.parametrize('tables,name,expected', [
    (('tcp',), 'http', 80), (('udp',), 'ntp', 123), (('tcp', 'udp'), 'domain', 53),
    (('tcp',), 'split', 1113), (('udp',), 'split', 1114),
    (('mptcp',), 'http', 80), (('sctp',), 'm3ua', 2905), (('sctp',), 'http', 8080),
    (('udp', 'mptcp'), 'split', 1114),      # what ss knows it by comes first
    (('tcp', 'sctp'), 'http', 80), (('tcp', 'sctp'), 'm3ua', 2905),
    (('tcp',), 'rpc.nfs', 2049), (('udp', 'sctp'), 'rpc.two', 6), (('tcp',), 'ssh', 22),
])
def test_services(tables, name, expected):
    assert tree('sport = ' + name, 0, tables).port == expected


@pytest.mark.parametrize('tables,name', [
    (('tcp', 'udp'), 'split'), (('tcp', 'udp'), 'rpc.two'), (('udp',), 'http'), (('tcp',), 'HTTP'),
    (('raw',), 'http'),
    (('unix_stream',), 'http'), (('sctp',), 'ssh'),
])
def test_no_services(tables, name):
    with pytest.raises(Failure) as caught:
        tree('sport = ' + name, 0, tables)
    assert caught.value.status == 1


def test_nothing_is_looked_up_that_is_a_literal():
    words = Words()
    parse(['src 10.0.0.1 or src [::1]:22 or src 10/8 or dport = 5 or src any or src *'], (), words)
    assert words.asked == []
