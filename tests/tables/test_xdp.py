"""XDP sockets: the examples of command-line.md 11 and sockets.md 4.10, made by hand."""
import struct

import pytest

from ssng.filter.tree import Device, Port
from ssng.host import Host
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import Kernel, listed, objects, query
from tests.support.wire_families import MEMORY, xdp


class Links:
    def name(self, index):
        return {1: 'lo', 4: 'v0', 5: 'v\x1b[31m'}.get(index, 'if%d' % index)


@pytest.fixture
def host():
    host = Host()
    host.links = Links()
    return host


def test_example(host):
    kernel = Kernel([xdp(1, 7, (1, 5), 1000, (9,) + (0,) * 8), xdp(2, 7, (99, 0)), xdp(3, 7)])
    assert ''.join(listed('xdp', query('xdp', states=0x80, header=True, extended=True), kernel, host=host)) == '''\
Recv-Q Send-Q Local Address:Port Peer Address:Port                    
9      0                 lo:q5               * uid:1000 ino:1 sk:7
0      0               if99:q0               * ino:2 sk:7         
0      0                   *                 * ino:3 sk:7         
'''
    assert kernel.asked == [struct.pack('=BBHIIII', 44, 0, 0, 0, 0x1f, 0, 0)]


FULL = xdp(1331, 0x1005, (4, 0), memory=MEMORY, umem=(262144, 0, 64, 4096, 0, 4, 0, 0, 1), rx=128, tx=32, fill=64, completion=64,
           stats=(0,) * 6)
UNBOUND = xdp(1339, 0x1001, memory=MEMORY, stats=(1, 2, 3, 4, 5, 1 << 40))
DETAILS = [
    ' ino:1331 sk:1005', '|rx(entries:128)', '|tx(entries:32)',
    '|umem(id:0,size:262144,num_pages:64,chunk_size:4096,headroom:0,ifindex:4,qid:0,zc:0,refs:1)',
    '|fr(entries:64)', '|cr(entries:64)',
    '|stats(rx dropped:0,rx invalid:0,rx queue full:0,rx fill ring empty:0,tx invalid:0,tx ring empty:0)',
    ' skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)']


@pytest.mark.parametrize('oneline', [False, True])
def test_details(oneline, host):
    """With --oneline the umem is called tumem (sockets.md 6: 4)."""
    kernel = Kernel([FULL, UNBOUND])
    asked = query('xdp', states=0x80, extended=True, memory=True, oneline=oneline, queues=False)
    first, second = ''.join(listed('xdp', asked, kernel, host=host)).split('ino:1339')
    wanted = ''.join(DETAILS)
    wanted = wanted.replace('|umem', '|tumem').replace('|', ' ') if oneline else wanted.replace('|', '\n\t')
    assert first.rstrip().startswith('v0:q0 *' + wanted)
    start = ' ' if oneline else '\n\t'
    assert second.rstrip() == (
        ' sk:1001' + start + 'stats(rx dropped:1,rx invalid:2,rx queue full:3,rx fill ring empty:4,tx invalid:5,'
        'tx ring empty:1099511627776)' + DETAILS[-1])


@pytest.mark.parametrize('flags, text', [(0, 'zc:0'), (1, 'zc:1'), (2, 'zc:0'), (3, 'zc:1')])
def test_zero_copy(flags, text, host):
    kernel = Kernel([xdp(1, 1, umem=(1, 2, 3, 4, 5, 6, 7, flags, 9))])
    assert ',%s,refs:9)' % text in ''.join(listed('xdp', query('xdp', extended=True), kernel, host=host))


def test_rings_belong_to_the_umem(host):
    kernel = Kernel([xdp(1, 1, fill=64, completion=64)])
    assert 'entries' not in ''.join(listed('xdp', query('xdp', extended=True), kernel, host=host))


def test_queue_is_unsigned(host):
    kernel = Kernel([xdp(1, 1, (4, 0xffffffff))])
    assert listed('xdp', query('xdp', states=0x80), kernel, host=host) == ['0      0      v0:q4294967295 *\n']


def test_filter(host):
    kernel = Kernel([xdp(1, 1, (4, 2)), xdp(2, 1, (1, 0)), xdp(3, 1)])

    def inodes(condition):
        return [item['inode'] for item in objects('xdp', query('xdp', extended=True, condition=condition), kernel, host=host)]
    assert inodes(Device(4)) == [1]
    assert inodes(Port('src', None, '<=', 0)) == [2, 3]


def test_json(host):
    kernel = Kernel([FULL, UNBOUND])
    full, unbound = objects('xdp', query('xdp', extended=True, memory=True), kernel, host=host)
    assert full == {
        'netid': 'xdp', 'family': 'xdp', 'state': 'UNCONN', 'recv_q': 0, 'send_q': 0, 'local': {'interface': 'v0', 'queue': 0},
        'uid': 0, 'inode': 1331, 'cookie': '1005', 'rx_ring': {'entries': 128}, 'tx_ring': {'entries': 32},
        'umem': {'size': 262144, 'id': 0, 'num_pages': 64, 'chunk_size': 4096, 'headroom': 0, 'ifindex': 4, 'queue_id': 0,
                 'flags': 0, 'refs': 1},
        'umem_fill_ring': {'entries': 64}, 'umem_completion_ring': {'entries': 64},
        'stats': {'rx_dropped': 0, 'rx_invalid': 0, 'rx_full': 0, 'fill_ring_empty': 0, 'tx_invalid': 0, 'tx_ring_empty': 0},
        'memory': {'rmem_alloc': 0, 'rcvbuf': 212992, 'wmem_alloc': 0, 'sndbuf': 212992, 'fwd_alloc': 0, 'wmem_queued': 0,
                   'optmem': 0, 'backlog': 0, 'drops': 0}}
    assert 'local' not in unbound and unbound['stats']['tx_ring_empty'] == 1 << 40
    assert set(objects('xdp', query('xdp'), kernel, host=host)[0]) == {'netid', 'family', 'state', 'recv_q', 'send_q', 'local'}


def test_facts(host):
    assert len(declared_whole('xdp')) == 38
    assert recorded('xdp')
    made_by_hand('xdp', [FULL, UNBOUND, xdp(1, 7), xdp(1, 7, (0, 9)), xdp(2, 7, (99, 0), memory=MEMORY[:7]),
                         xdp(3, 7, rx=1, completion=2)], host)


def test_an_interface_may_not_steer_the_terminal(host):
    asked = query('xdp', escape=True)
    assert listed('xdp', asked, Kernel([xdp(1, 1, (5, 3))]), host=host) == ['UNCONN 0      0      v\\x1b[31m:q3 *\n']
    assert objects('xdp', asked, Kernel([xdp(1, 1, (5, 3))]), host=host)[0]['local']['interface'] == 'v\x1b[31m'
