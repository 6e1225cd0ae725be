"""Packet sockets: the examples and rules of sockets.md 4.7, made by hand."""
import struct

import pytest

from ssng.filter.tree import Device, Numbered
from ssng.host import Host
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import Kernel, listed, objects, query, refusal
from tests.support.wire_families import FANOUT, FILTER, MEMORY, RX_RING, TX_RING, instructions, packet, u32, u32s

RAW, DGRAM, PACKET = 3, 2, 10
BOTH = ('packet_raw', 'packet_dgram')


class Links:
    def name(self, index):
        return {1: 'lo', 5: 'spb0', 6: 'spb1', 7: 'v\x1b[m'}.get(index, 'if%d' % index)


@pytest.fixture
def host(tmp_path):
    """A host with interfaces of our own, and no other file than what a test writes."""
    host = Host(str(tmp_path), environ={})
    host.links = Links()
    return host


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


def test_example(host):
    kernel = Kernel(EXAMPLE)
    asked = query(*BOTH, extended=True, memory=True, bpf=True)
    assert lines(listed('packet', asked, kernel, host=host)) == EXAMPLE_TEXT
    assert kernel.asked == [struct.pack('=BBHIIII', 17, 0, 0, 0, 0x3d, 0, 0)]


def test_oneline(host):
    kernel = Kernel(EXAMPLE)
    asked = query(*BOTH, extended=True, memory=True, bpf=True, oneline=True)
    assert lines(listed('packet', asked, kernel, host=host)) == EXAMPLE_TEXT.replace('\n\t', ' ')


def test_filter_without_extended(host):
    kernel = Kernel(EXAMPLE)
    assert lines(listed('packet', query(*BOTH, bpf=True), kernel, host=host)) == (
        'p_raw UNCONN 0      0      *:spb0 *\n'
        '\tbpf filter (4):  0x28 0 0 12, 0x15 0 1 2054, 0x06 0 0 65535, 0x06 0 0 0,\n'
        'p_raw UNCONN 0      0      *:spb1 *\n')


def test_no_instructions(host):
    """What the unprivileged get of every filter (sockets.md 6: 10)."""
    kernel = Kernel([packet(more=[(FILTER, b'')])])
    assert listed('packet', query(*BOTH, bpf=True, oneline=True), kernel, host=host) == [
        'p_raw UNCONN 0      0      *:* * bpf filter (0): \n']


@pytest.mark.parametrize('flags, text', [
    (0, '0'), (1, 'running'), (3, 'running auxdata'), (0x10, ' loss'), (0x20, ''),
    (0x1f, 'running auxdata origdev vnethdr loss')])
def test_flags(flags, text, host):
    kernel = Kernel([packet(flags=flags, version=0xffffffff, threshold=100)])
    assert listed('packet', query(*BOTH, extended=True), kernel, host=host)[1] == '\tver:-1 cpy_thresh:100 flags( %s )\n' % text


@pytest.mark.parametrize('value, text', [
    (7, 'id:7,type:hash'), (2 << 16, 'id:0,type:cpu'), (3 << 16 | 65535, 'id:65535,type:roll'), (4 << 16, 'id:0,type:random'),
    (5 << 16, 'id:0,type:qm'), (6 << 16, 'id:0,type:0x6'), (0x1006 << 16 | 1, 'id:1,type:0x1006')])
def test_fanout(value, text, host):
    kernel = Kernel([packet(more=[(FANOUT, u32(value))])])
    assert listed('packet', query(*BOTH, extended=True), kernel, host=host)[2] == '\tfanout(%s)\n' % text


def test_rings(host):
    kernel = Kernel([packet(more=[(RX_RING, u32s((0xffffffff, 2, 3, 4, 5, 6, 0xffffffff))), (TX_RING, u32s(range(7)))])])
    assert listed('packet', query(*BOTH, extended=True), kernel, host=host)[2:] == [
        '\tring_rx(blk_size:-1,blk_nr:2,frm_size:3,frm_nr:4,tmo:5,features:0xffffffff)\n',
        '\tring_tx(blk_size:0,blk_nr:1,frm_size:2,frm_nr:3,tmo:4,features:0x6)\n']


@pytest.mark.parametrize('protocol, index, numeric, text', [
    (3, 0, False, '*:*'), (3, 1, True, '*:lo'), (0x800, 1, False, 'ip:lo'), (0x800, 1, True, '[2048]:lo'),
    (0, 6, False, '[0]:spb1'), (0x88cc, 9, False, 'LLDP:if9'), (0x8100, 0, False, '802.1Q:*'), (0x1234, 0, False, '[4660]:*')])
def test_addresses(protocol, index, numeric, text, host):
    kernel = Kernel([packet(protocol=protocol, index=index)])
    assert listed('packet', query(*BOTH, numeric=numeric), kernel, host=host)[0] == 'p_raw UNCONN 0      0      %s *\n' % text


@pytest.mark.parametrize('names, netids', [
    (BOTH, ['p_raw', 'p_dgr', 'p_dgr']), (('packet_raw',), ['p_raw']), (('packet_dgram',), ['p_dgr', 'p_dgr'])])
def test_selection(names, netids, host):
    """ss lists both kinds whichever is asked for (command-line.md 10: 16)."""
    kernel = Kernel([packet(kind=kind) for kind in (RAW, DGRAM, PACKET)])
    assert [item['netid'] for item in objects('packet', query(*names), kernel, host=host)] == netids


def test_filter(host):
    kernel = Kernel([packet(1), packet(2, protocol=0x800, index=1), packet(3, index=1), packet(4, protocol=0x800)])

    def inodes(condition):
        return [item['inode'] for item in objects('packet', query(*BOTH, extended=True, condition=condition), kernel, host=host)]
    assert inodes(Numbered('src', (17,), 0x800, -1)) == [2, 4]
    assert inodes(Numbered('src', (17,), None, 1)) == [2, 3]
    assert inodes(Device(1)) == [2, 3]
    assert inodes(Numbered('dst', (17,), 0x800, -1)) == []


PROC = (b'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n'
        b'0000000000000000 3      3    0003   5     1 640    1000   519617\n'
        b'0000000000000000 3      2    0800   0     1 0      0      519618\n')
PROC_LINES = ['p_raw UNCONN 640    0       *:spb0 * uid:1000 ino:519617 sk:0\n',
              'p_dgr UNCONN 0      0      ip:*    * ino:519618 sk:0         \n']


@pytest.mark.parametrize('names, shown', [(BOTH, PROC_LINES), (('packet_dgram',), PROC_LINES[1:])])
def test_proc(tmp_path, names, shown, host):
    (tmp_path / 'packet').write_bytes(PROC)
    kernel = Kernel(EXAMPLE)
    host.environ['PROC_NET_PACKET'] = str(tmp_path / 'packet')
    made = listed('packet', query(*names, extended=True, memory=True, bpf=True), kernel, host=host)
    assert [line.split()[-6:] for line in made] == [line.split()[-6:] for line in shown]
    assert kernel.asked == []


@pytest.mark.parametrize('payloads, end', [([], refusal(2)), ([packet(memory=None)], None)])
def test_refused(tmp_path, payloads, end, host):
    """No diag module; a kernel before MEMINFO (sockets.md 4.7)."""
    (tmp_path / 'proc' / 'net').mkdir(parents=True)
    (tmp_path / 'proc' / 'net' / 'packet').write_bytes(PROC)
    kernel = Kernel(payloads, end)
    assert listed('packet', query(*BOTH, extended=True), kernel, host=host) == PROC_LINES


def test_json(host):
    kernel = Kernel([packet(
        9, protocol=0x800, index=1, version=1, threshold=2, flags=3, uid=5, cookie=255, memory=range(9),
        more=[(RX_RING, u32s(range(1, 8))), (FANOUT, u32(0x1006 << 16 | 7)), (FILTER, ARP[:8])])])
    made, = objects('packet', query(*BOTH, extended=True, memory=True, bpf=True), kernel, host=host)
    assert made == {
        'netid': 'p_raw', 'family': 'packet', 'type': 'raw', 'state': 'UNCONN', 'recv_q': 0, 'send_q': 0,
        'local': {'protocol': 2048, 'protocol_name': 'ip', 'interface': 'lo'}, 'uid': 5, 'inode': 9, 'cookie': 'ff',
        'info': {'index': 1, 'version': 1, 'reserve': 0, 'copy_thresh': 2, 'tstamp': 0, 'flags': ['running', 'auxdata']},
        'rx_ring': {'block_size': 1, 'block_nr': 2, 'frame_size': 3, 'frame_nr': 4, 'retire_tmo_ms': 5, 'sizeof_priv': 6,
                    'features': 7},
        'fanout': {'id': 7, 'type': 'cbpf', 'flags': ['rollover']}, 'filter': [{'code': 0x28, 'jt': 0, 'jf': 0, 'k': 12}],
        'memory': {'rmem_alloc': 0, 'rcvbuf': 1, 'wmem_alloc': 2, 'sndbuf': 3, 'fwd_alloc': 4, 'wmem_queued': 5, 'optmem': 6,
                   'backlog': 7, 'drops': 8}}
    plain, = objects('packet', query(*BOTH, numeric=True), kernel, host=host)
    assert set(plain) == {'netid', 'family', 'type', 'state', 'recv_q', 'send_q', 'local'}
    assert plain['local'] == {'protocol': 2048, 'interface': 'lo'}


def test_only_with_closed_sockets():
    from ssng.tables import tables
    assert [table.name for table in tables(query(*BOTH, 'netlink', 'xdp', states=0x80).selection)] == ['netlink', 'packet', 'xdp']
    assert list(tables(query(*BOTH, 'netlink', 'xdp', states=0x3fff & ~0x80).selection)) == []


def test_an_interface_may_not_steer_the_terminal(host):
    kernel = Kernel([packet(index=7)])
    assert listed('packet', query(*BOTH, escape=True), kernel, host=host) == ['p_raw UNCONN 0      0      *:v\\x1b[m *\n']
    assert objects('packet', query(*BOTH, escape=True), kernel, host=host)[0]['local']['interface'] == 'v\x1b[m'


@pytest.mark.parametrize('value, told', [
    (0, {'id': 0, 'type': 'hash', 'flags': []}),
    (0xf007 << 16 | 65535, {'id': 65535, 'type': 'ebpf', 'flags': ['rollover', 'uniqueid', 'ignore_outgoing', 'defrag']}),
    (0x00ff << 16, {'id': 0, 'type': 'unknown', 'type_number': 255, 'flags': []})])
def test_fanout_json(value, told, host):
    kernel = Kernel([packet(more=[(FANOUT, u32(value))])])
    assert objects('packet', query(*BOTH, extended=True), kernel, host=host)[0]['fanout'] == told


def test_facts(host):
    assert len(declared_whole('packet')) == 47
    assert recorded('packet')
    more = [(), [(RX_RING, u32s(range(1, 8))), (FANOUT, u32(0x1006 << 16 | 7)), (FILTER, ARP)],
            [(TX_RING, u32s(range(1, 6))), (FANOUT, u32(0xff << 16)), (FILTER, b'')]]
    made_by_hand('packet', EXAMPLE + [
        packet(number, kind, protocol, index, 2, 0xffffffff, flags, memory, 5, 255, some, info)
        for number, (kind, protocol, index, flags, memory, info) in enumerate([
            (RAW, 3, 0, 0x3f, MEMORY, True), (DGRAM, 0x800, 1, 0, MEMORY[:7], True), (PACKET, 0xffff, 9, 0x10, (1,), False)])
        for some in more], host)
