"""Multipath TCP: the example of sockets.md 4.2, and every member of mptcp_info."""
import pytest

from ssng.host import Host
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.rendered import asking, details, objects, text
from tests.support.wire import inet
from tests.support.wire_families import MPTCP_LAYOUT, MPTCP_MEMBERS, u32s
from tests.support.wire_families import mptcp_info as info

INFO, SKMEMINFO, SHUTDOWN = 2, 7, 8
def test_layout():
    assert MPTCP_LAYOUT.size == 96


def test_example():
    connected = info(subflows_max=2, flags=2, token=0xd4a8414c, write_seq=17206217626394765199, snd_una=17206217626394765199,
                     rcv_nxt=2206067149619589998, bytes_sent=3000, bytes_received=5, bytes_acked=3000, subflows_total=1,
                     last_data_sent=52, last_data_recv=104, last_ack_recv=52)
    made = text([
        inet(2, 1, sport=5004, dport=33666, src=b'\x7f\0\0\1', dst=b'\x7f\0\0\1', inode=512580, cookie=0x3438b, attributes=[
            (SHUTDOWN, b'\0'), (SKMEMINFO, u32s((0, 131072, 0, 3943936, 837, 0, 0, 0, 0))), (INFO, connected)]),
        inet(2, 10, sport=5004, dport=0, src=b'\x7f\0\0\1', wqueue=5, inode=512576, cookie=0x3438d, attributes=[
            (SHUTDOWN, b'\0'), (SKMEMINFO, u32s((0, 131072, 0, 16384, 0, 0, 0, 0, 0)))]),
    ], 'mptcp', extended=True, info=True, memory=True)
    assert [line.rstrip() for line in made.splitlines()] == [
        'ESTAB  0      0      127.0.0.1:5004 127.0.0.1:33666 ino:512580 sk:3438b <->',
        '\t skmem:(r0,rb131072,t0,tb3943936,f837,w0,o0,bl0,d0) subflows_max:2 remote_key token:d4a8414c'
        ' write_seq:17206217626394765199 snd_una:17206217626394765199 rcv_nxt:2206067149619589998 bytes_sent:3000'
        ' bytes_received:5 bytes_acked:3000 subflows_total:1 last_data_sent:52 last_data_recv:104 last_ack_recv:52',
        'LISTEN 0      5      127.0.0.1:5004   0.0.0.0:* ino:512576 sk:3438d <->',
        '\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0)']


EVERYTHING = dict({name: number + 1 for number, name in enumerate(MPTCP_MEMBERS)}, flags=3)
TEXT = (' subflows:1 add_addr_signal:2 add_addr_accepted:3 subflows_max:4 add_addr_signal_max:5 add_addr_accepted_max:6 fallback'
        ' remote_key token:8 write_seq:9 snd_una:10 rcv_nxt:11 local_addr_used:12 local_addr_max:13 csum_enabled:14'
        ' retransmits:15 bytes_retrans:16 bytes_sent:17 bytes_received:18 bytes_acked:19 subflows_total:20 endp_laminar_max:21'
        ' last_data_sent:23 last_data_recv:24 last_ack_recv:25')


@pytest.mark.parametrize('members, told', [
    (EVERYTHING, TEXT), ({}, ''), ({'flags': 1}, ' fallback'), ({'flags': 0x84}, ''), ({'token': 0xfffffffe}, ' token:fffffffe'),
    ({'write_seq': 2 ** 64 - 1, 'endp_fullmesh_max': 9}, ' write_seq:%d' % (2 ** 64 - 1))])
def test_members(members, told):
    payload = inet(attributes=[(INFO, info(**members))])
    assert details([payload], 'mptcp', info=True) == ['\n\t' + told]
    assert details([payload], 'mptcp', info=True, oneline=True) == [told]


def test_a_shorter_structure():
    """6.1 sends the first 48 bytes (sockets.md 1.5)."""
    payload = inet(attributes=[(INFO, info(**EVERYTHING)[:48])])
    assert details([payload], 'mptcp', info=True, oneline=True) == [TEXT[:TEXT.index(' bytes_retrans')]]
    known = objects([payload], 'mptcp', info=True)[0]['info']
    assert list(known) == MPTCP_MEMBERS[:15]


def test_a_tab_without_information():
    assert details([inet()], 'mptcp', info=True) == ['\n\t']
    assert details([inet()], 'mptcp', info=True, oneline=True) == ['']


def test_json():
    made, = objects([inet(attributes=[(INFO, info(**EVERYTHING))])], 'mptcp', info=True)
    assert made['netid'] == 'mptcp'
    wanted = {name + '_ms' if name.startswith('last') else name: value for name, value in EVERYTHING.items()}
    assert made['info'] == dict(wanted, flags=['fallback', 'remote_key'], token='8')


class Names:
    """In place of a host's: keeps what it is asked for."""

    def __init__(self):
        self.asked = []

    def nameable(self, ports, protocol):
        return ports

    def port_name(self, port, protocol):
        self.asked.append((port, protocol))
        return 'http' if port == 80 else ''


@pytest.mark.parametrize('name, protocol', [('tcp', 'tcp'), ('raw', 'raw'), ('mptcp', None), ('sctp', None), ('dccp', None)])
def test_port_names(name, protocol):
    """Of whichever protocol comes first, whatever other tables were shown (command-line.md 10: 15)."""
    host = Host()
    host.names = Names()
    made = text([inet(sport=80, dport=53)], name, asking((name,), numeric=False, header=False), host=host)
    assert ':http ' in made and ':53' in made
    assert sorted(host.names.asked) == [(53, protocol), (80, protocol)]
    made, = objects([inet(sport=80, dport=53)], name, asking((name,), numeric=False), host=host)
    assert made['local']['service'] == 'http' and 'service' not in made['peer']
    assert {asked for _, asked in host.names.asked} == {protocol}


def test_facts():
    assert {'info.token', 'info.flags', 'info.last_data_sent_ms', 'memory.drops'} < set(declared_whole('mptcp'))
    assert recorded('mptcp')
    made_by_hand('mptcp', [inet(attributes=[(INFO, info(**members)[:length])]) for length in (0, 1, 47, 48, 96, 200)
                           for members in ({}, EVERYTHING, {'flags': 0xffffffff, 'token': 0xffffffff, 'rcv_nxt': 2 ** 64 - 1})])


def test_shown_by_info_alone():
    """Whatever the kernel sends: what is needed for a filter is not shown."""
    payload = inet(attributes=[(INFO, info(**EVERYTHING))])
    assert details([payload], 'mptcp', memory=True) == ['\n\t']
    assert details([payload], 'mptcp', needed=frozenset(['info'])) == ['']
    assert 'info' not in objects([payload], 'mptcp', memory=True, extended=True)[0]
