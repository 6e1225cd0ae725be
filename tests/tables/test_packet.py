"""Packet sockets: the examples and rules of sockets.md 4.7, made by hand."""
import struct

import pytest

from ssng.filter.tree import Device, Numbered
from ssng.host import links
from tests.support.families import Kernel, listed, objects, query, refusal
from tests.support.wire_families import FANOUT, FILTER, RX_RING, TX_RING, instructions, packet, u32, u32s

RAW, DGRAM, PACKET = 3, 2, 10
BOTH = ('packet_raw', 'packet_dgram')


@pytest.fixture(autouse=True)
def interfaces(monkeypatch):
    monkeypatch.setattr(links, 'name', lambda index: {1: 'lo', 5: 'spb0', 6: 'spb1'}.get(index, 'if%d' % index))


ARP = instructions((0x28, 0, 0, 12), (0x15, 0, 1, 2054), (6, 0, 0, 65535), (6, 0, 0, 0))
EXAMPLE = [
    packet(519617, index=5, flags=7, cookie=0xc6ad, memory=(0, 212992, 0, 212992, 0, 0, 304, 0, 0), more=[(FILTER, ARP)]),
    packet(519619, index=6, version=2, cookie=0xc6af,
           more=[(RX_RING, u32s((16384, 4, 2048, 32, 60, 0, 0))), (FANOUT, u32(1 << 16 | 7))]),
]
EXAMPLE_TEXT = '''\
p_raw UNCONN 0      0      *:spb0 * ino:519617 sk:c6ad
\tver:0 cpy_thresh:0 flags( running auxdata origdev )
\tbpf filter (4):  0x28 0 0 12, 0x15 0 1 2054, 0x06 0 0 65535, 0x06 0 0 0, skmem:(r0,rb212992,t0,tb212992,f0,w0,o304,bl0,d0)
p_raw UNCONN 0      0      *:spb1 * ino:519619 sk:c6af
\tver:2 cpy_thresh:0 flags( running )
\tring_rx(blk_size:16384,blk_nr:4,frm_size:2048,frm_nr:32,tmo:60,features:0x0)
\tfanout(id:7,type:lb) skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)
'''


def lines(made):
    """Without the blanks that fill the last column."""
    return ''.join(line.rstrip(' \n') + '\n' for line in ''.join(made).split('\n')[:-1])


def test_example(monkeypatch):
    kernel = Kernel(monkeypatch, EXAMPLE)
    asked = query(*BOTH, extended=True, memory=True, bpf=True)
    assert lines(listed('packet', asked)) == EXAMPLE_TEXT
    assert kernel.asked == [struct.pack('=BBHIIII', 17, 0, 0, 0, 0x3d, 0, 0)]


def test_oneline(monkeypatch):
    Kernel(monkeypatch, EXAMPLE)
    asked = query(*BOTH, extended=True, memory=True, bpf=True, oneline=True)
    assert lines(listed('packet', asked)) == EXAMPLE_TEXT.replace('\n\t', ' ')


def test_filter_without_extended(monkeypatch):
    Kernel(monkeypatch, EXAMPLE)
    assert lines(listed('packet', query(*BOTH, bpf=True))) == (
        'p_raw UNCONN 0      0      *:spb0 *\n'
        '\tbpf filter (4):  0x28 0 0 12, 0x15 0 1 2054, 0x06 0 0 65535, 0x06 0 0 0,\n'
        'p_raw UNCONN 0      0      *:spb1 *\n')


def test_no_instructions(monkeypatch):
    """What the unprivileged get of every filter (sockets.md 6: 10)."""
    Kernel(monkeypatch, [packet(more=[(FILTER, b'')])])
    assert listed('packet', query(*BOTH, bpf=True, oneline=True)) == ['p_raw UNCONN 0      0      *:* * bpf filter (0): \n']


@pytest.mark.parametrize('flags, text', [
    (0, '0'), (1, 'running'), (3, 'running auxdata'), (0x10, ' loss'), (0x20, ''), (0x1f, 'running auxdata origdev vnethdr loss')])
def test_flags(monkeypatch, flags, text):
    Kernel(monkeypatch, [packet(flags=flags, version=0xffffffff, threshold=100)])
    assert listed('packet', query(*BOTH, extended=True))[1] == '\tver:-1 cpy_thresh:100 flags( %s )\n' % text


@pytest.mark.parametrize('value, text', [
    (7, 'id:7,type:hash'), (2 << 16, 'id:0,type:cpu'), (3 << 16 | 65535, 'id:65535,type:roll'), (4 << 16, 'id:0,type:random'),
    (5 << 16, 'id:0,type:qm'), (6 << 16, 'id:0,type:0x6'), (0x1006 << 16 | 1, 'id:1,type:0x1006')])
def test_fanout(monkeypatch, value, text):
    Kernel(monkeypatch, [packet(more=[(FANOUT, u32(value))])])
    assert listed('packet', query(*BOTH, extended=True))[2] == '\tfanout(%s)\n' % text


def test_rings(monkeypatch):
    Kernel(monkeypatch, [packet(more=[(RX_RING, u32s((0xffffffff, 2, 3, 4, 5, 6, 0xffffffff))), (TX_RING, u32s(range(7)))])])
    assert listed('packet', query(*BOTH, extended=True))[2:] == [
        '\tring_rx(blk_size:-1,blk_nr:2,frm_size:3,frm_nr:4,tmo:5,features:0xffffffff)\n',
        '\tring_tx(blk_size:0,blk_nr:1,frm_size:2,frm_nr:3,tmo:4,features:0x6)\n']


@pytest.mark.parametrize('protocol, index, numeric, text', [
    (3, 0, False, '*:*'), (3, 1, True, '*:lo'), (0x800, 1, False, 'ip:lo'), (0x800, 1, True, '[2048]:lo'), (0, 6, False, '[0]:spb1'),
    (0x88cc, 9, False, 'LLDP:if9'), (0x8100, 0, False, '802.1Q:*'), (0x1234, 0, False, '[4660]:*')])
def test_addresses(monkeypatch, protocol, index, numeric, text):
    Kernel(monkeypatch, [packet(protocol=protocol, index=index)])
    assert listed('packet', query(*BOTH, numeric=numeric))[0] == 'p_raw UNCONN 0      0      %s *\n' % text


@pytest.mark.parametrize('names, netids', [
    (BOTH, ['p_raw', 'p_dgr', 'p_dgr']), (('packet_raw',), ['p_raw']), (('packet_dgram',), ['p_dgr', 'p_dgr'])])
def test_selection(monkeypatch, names, netids):
    """ss lists both kinds whichever is asked for (command-line.md 10: 16)."""
    Kernel(monkeypatch, [packet(kind=kind) for kind in (RAW, DGRAM, PACKET)])
    assert [item['netid'] for item in objects('packet', query(*names))] == netids


def test_filter(monkeypatch):
    Kernel(monkeypatch, [packet(1), packet(2, protocol=0x800, index=1), packet(3, index=1), packet(4, protocol=0x800)])

    def inodes(condition):
        return [item['inode'] for item in objects('packet', query(*BOTH, extended=True, condition=condition))]
    assert inodes(Numbered('src', (17,), 0x800, -1)) == [2, 4]
    assert inodes(Numbered('src', (17,), None, 1)) == [2, 3]
    assert inodes(Device(1)) == [2, 3]
    assert inodes(Numbered('dst', (17,), 0x800, -1)) == []


PROC = (b'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n'
        b'0000000000000000 3      3    0003   5     1 640    1000   519617\n'
        b'0000000000000000 3      2    0800   0     1 0      0      519618\n')
PROC_LINES = ['p_raw UNCONN 640    0       *:spb0 * uid:1000 ino:519617 sk:0\n', 'p_dgr UNCONN 0      0      ip:*    * ino:519618 sk:0         \n']


@pytest.mark.parametrize('names, shown', [(BOTH, PROC_LINES), (('packet_dgram',), PROC_LINES[1:])])
def test_proc(monkeypatch, tmp_path, names, shown):
    (tmp_path / 'packet').write_bytes(PROC)
    kernel = Kernel(monkeypatch, EXAMPLE)
    monkeypatch.setenv('PROC_NET_PACKET', str(tmp_path / 'packet'))
    made = listed('packet', query(*names, extended=True, memory=True, bpf=True))
    assert [line.split()[-6:] for line in made] == [line.split()[-6:] for line in shown]
    assert kernel.asked == []


@pytest.mark.parametrize('payloads, end', [([], refusal(2)), ([packet(memory=None)], None)])
def test_refused(monkeypatch, tmp_path, payloads, end):
    """No diag module; a kernel before MEMINFO (sockets.md 4.7)."""
    (tmp_path / 'packet').write_bytes(PROC)
    from ssng.host import paths
    monkeypatch.setattr(paths, 'net', lambda name: str(tmp_path / name))
    Kernel(monkeypatch, payloads, end)
    assert listed('packet', query(*BOTH, extended=True)) == PROC_LINES


def test_json(monkeypatch):
    Kernel(monkeypatch, [packet(
        9, protocol=0x800, index=1, version=1, threshold=2, flags=3, uid=5, cookie=255, memory=range(9),
        more=[(RX_RING, u32s(range(1, 8))), (FANOUT, u32(0x1006 << 16 | 7)), (FILTER, ARP[:8])])])
    made, = objects('packet', query(*BOTH, extended=True, memory=True, bpf=True))
    assert made == {
        'netid': 'p_raw', 'family': 'packet', 'type': 'raw', 'state': 'UNCONN', 'recv_q': 0, 'send_q': 0,
        'local': {'protocol': 2048, 'protocol_name': 'ip', 'interface': 'lo'}, 'uid': 5, 'inode': 9, 'cookie': 'ff',
        'info': {'index': 1, 'version': 1, 'reserve': 0, 'copy_thresh': 2, 'tstamp': 0, 'flags': ['running', 'auxdata']},
        'rx_ring': {'block_size': 1, 'block_nr': 2, 'frame_size': 3, 'frame_nr': 4, 'retire_tmo': 5, 'sizeof_priv': 6,
                    'features': 7},
        'fanout': {'id': 7, 'type': 'cbpf', 'flags': ['rollover']}, 'filter': [{'code': 0x28, 'jt': 0, 'jf': 0, 'k': 12}],
        'memory': {'rmem_alloc': 0, 'rcvbuf': 1, 'wmem_alloc': 2, 'sndbuf': 3, 'fwd_alloc': 4, 'wmem_queued': 5, 'optmem': 6,
                   'backlog': 7, 'drops': 8}}
    plain, = objects('packet', query(*BOTH, numeric=True))
    assert set(plain) == {'netid', 'family', 'type', 'state', 'recv_q', 'send_q', 'local'}
    assert plain['local'] == {'protocol': 2048, 'interface': 'lo'}


def test_only_with_closed_sockets():
    from ssng.tables import tables
    assert [table.name for table in tables(query(*BOTH, 'netlink', 'xdp', states=0x80))] == ['netlink', 'packet', 'xdp']
    assert list(tables(query(*BOTH, 'netlink', 'xdp', states=0x3fff & ~0x80))) == []
