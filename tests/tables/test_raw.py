"""Raw sockets: netids and ports by the number of their protocol (sockets.md 3.2, 3.3 and 4.5)."""
import socket
import struct

import pytest

from ssng.host import Host, names
from tests.support.families import Kernel, listed, query
from tests.support.rendered import asking, details, objects, text
from tests.support.wire import inet

SKMEMINFO, PROTOCOL = 7, 10


def raw(number, family=2, state=7, src='0.0.0.0', dst='0.0.0.0', attribute=True, **more):
    kind = socket.AF_INET6 if family == 10 else socket.AF_INET
    attributes = [(PROTOCOL, bytes([number]))] if attribute else []
    return inet(family, state, sport=number, dport=0, src=socket.inet_pton(kind, src), dst=socket.inet_pton(kind, dst),
                attributes=attributes, **more)


class Names(names.Names):
    """A host whose /etc/protocols holds these."""

    def ip_protocol(self, number):
        return {1: 'icmp', 58: 'ipv6-icmp', 89: 'ospf', 103: 'pim'}.get(number, '')


@pytest.fixture
def host():
    made = Host()
    made.names = Names(made.paths, made.report)
    return made


EXAMPLE = [raw(1), raw(89, 2, 1, '127.0.0.1', '127.0.0.1'), raw(255), raw(58, 10, src='::', dst='::'),
           raw(103, 10, src='::1', dst='::')]


def test_example(host):
    assert text(EXAMPLE, 'raw', asking(('raw',), numeric=False, header=False), host=host) == '''\
UNCONN 0      0        0.0.0.0:icmp          0.0.0.0:*
ESTAB  0      0      127.0.0.1:ospf        127.0.0.1:*
UNCONN 0      0        0.0.0.0:ipproto-255   0.0.0.0:*
UNCONN 0      0              *:ipv6-icmp           *:*
UNCONN 0      0          [::1]:pim                 *:*
'''
    assert [line.split()[3] for line in text(EXAMPLE, 'raw').splitlines()] == [
        '0.0.0.0:1', '127.0.0.1:89', '0.0.0.0:255', '*:58', '[::1]:103']


@pytest.mark.parametrize('number, attribute, netid', [
    (1, True, '???'), (17, True, 'udp'), (6, True, 'tcp'), (58, True, 'icmp6'), (0, True, 'raw'), (255, True, '???'),
    (255, False, '???'), (1, False, '???')])
def test_netids(number, attribute, netid):
    made = text([raw(number, attribute=attribute)], 'raw', asking(('raw', 'udp'), header=False))
    assert made.split()[0] == netid
    assert objects([raw(number, attribute=attribute)], 'raw')[0]['netid'] == netid


def test_details(host):
    assert details([raw(1)], 'raw', info=True) == ['\n\t']
    words = struct.pack('=9I', *range(9))
    with_memory = inet(sport=1, attributes=[(PROTOCOL, b'\1'), (SKMEMINFO, words)])
    assert details([with_memory], 'raw', memory=True, oneline=True) == [' skmem:(r0,rb1,t2,tb3,f4,w5,o6,bl7,d8)']
    assert objects([raw(1)], 'raw', host=host, numeric=False)[0]['local'] == {'address': '0.0.0.0', 'port': 1, 'service': 'icmp'}


def test_proc(tmp_path, host, monkeypatch):
    """Where the kernel has no raw_diag: netid raw, both families, no details (sockets.md 4.5 and 7)."""
    head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n'
    rest = ' 00000000:00000000 00:00000000 00000000     0        0 9999 2 0000000000000000 0\n'
    (tmp_path / 'raw').write_text(head + '   1: 00000000:0001 00000000:0000 07' + rest)
    (tmp_path / 'raw6').write_text(head + '  58: %s:003A %s:0000 07' % ('0' * 32, '0' * 32) + rest)
    monkeypatch.setenv('PROC_NET_RAW', str(tmp_path / 'raw'))
    monkeypatch.setenv('PROC_NET_RAW6', str(tmp_path / 'raw6'))
    asked, kernel = query('raw', 'udp', extended=True, info=True, memory=True, options=True, oneline=True), Kernel()
    assert [line.split() for line in listed('raw', asked, kernel, host=host)] == [
        ['raw', 'UNCONN', '0', '0', '0.0.0.0:icmp', '0.0.0.0:*'], ['raw', 'UNCONN', '0', '0', '*:ipv6-icmp', '*:*']]
    assert kernel.asked == []
