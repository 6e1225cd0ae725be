"""TIPC sockets: the example of sockets.md 4.11, made by hand."""
import io
import json
import struct

import pytest

from ssng.filter.tree import Port
from ssng.host import Host
from ssng.output.json import Array
from ssng.tables.table import JsonView
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import Kernel, batches, listed, objects, query
from tests.support.rendered import declared
from tests.support.wire import attribute
from tests.support.wire_families import CONN_CONG, LINK_CONG, SOCK, connection, tipc, u32

STREAM, DGRAM, RDM, SEQPACKET = 1, 2, 4, 5

EXAMPLE = [
    tipc(DGRAM, 7, 481448393, 239, 9),
    tipc(STREAM, 1, 1918854287, 237, 10, connection(586786742, (18888, 17))),
    tipc(STREAM, 10, 1686368613, 236, 13, published=True),
]


class Owners:
    def texts(self, inodes):
        return [' users:(("python3",pid=160,fd=%d))' % inode for inode in inodes]


def test_example():
    kernel = Kernel(EXAMPLE)
    asked = query('tipc', header=True, processes=True, extended=True, tipcinfo=True)
    lines = ''.join(listed('tipc', asked, kernel, owners=Owners())).splitlines()
    assert [line.rstrip() for line in lines] == [
        'State  Recv-Q Send-Q Local Address:Port       Peer Address:Port     Process',
        'UNCONN 0      0                  0:481448393              -          ino:239 sk:9 users:(("python3",pid=160,fd=239))',
        ' type:DGRAM cong:none  drop:0',
        'ESTAB  0      0                  0:1918854287            0:586786742 ino:237 sk:a users:(("python3",pid=160,fd=237))',
        ' type:STREAM cong:none  drop:0  via {18888,17}',
        'LISTEN 0      0                  0:1686368613             -          ino:236 sk:d users:(("python3",pid=160,fd=236))',
        ' type:STREAM cong:none  drop:0  publ']
    assert kernel.asked == [struct.pack('=BBHI', 30, 0, 0, 0x3fff)]


def details(*sockets, **options):
    kernel = Kernel(sockets)
    rows = ''.join(listed('tipc', query('tipc', oneline=True, **options), kernel)).splitlines()
    return [line.partition(' - ')[2] for line in rows]


@pytest.mark.parametrize('more, text', [
    ({}, 'type:RDM cong:none  drop:0 '), ({'congested': (LINK_CONG, CONN_CONG)}, 'type:RDM cong:link  drop:0 '),
    ({'congested': (CONN_CONG,), 'drop': 0xffffffff}, 'type:RDM cong:conn  drop:-1 '),
    ({'published': True, 'drop': 9}, 'type:RDM cong:none  drop:9  publ')])
def test_information(monkeypatch, more, text):
    assert details(tipc(RDM, 7, 1, 2, 3, **more), tipcinfo=True) == [text]


@pytest.mark.parametrize('kind, netid, word', [
    (STREAM, 'ti_st', 'STREAM'), (DGRAM, 'ti_dg', 'DGRAM'), (RDM, 'ti_rd', 'RDM'), (SEQPACKET, 'ti_sq', 'SEQPACKET'),
    (0, '???', 'UNKNOWN')])
def test_types(kind, netid, word):
    kernel = Kernel([tipc(kind, 7, 1, 2, 3)])
    assert listed('tipc', query('tipc', 'udp', queues=False, tipcinfo=True), kernel) == [
        '%s UNCONN 0:1 -\n' % netid, ' type:%s cong:none  drop:0 \n' % word]


def test_extended_without_processes(monkeypatch):
    """ss shows these only beside processes (sockets.md 4.11)."""
    assert details(tipc(DGRAM, 7, 1, 77, 0x1234, uid=5), extended=True) == ['uid:5 ino:77 sk:1234']
    assert details(tipc(DGRAM, 7, 1, 77, 0x1234), extended=True, tipcinfo=True) == [
        'ino:77 sk:1234 type:DGRAM cong:none  drop:0 ']


def test_queues_and_nodes():
    kernel = Kernel([tipc(STREAM, 1, 0xffffffff, 1, 1, connection(5, node=0xfffffffe), queues=(3, 4), node=9)])
    assert listed('tipc', query('tipc'), kernel) == ['ESTAB 3      4      9:4294967295 4294967294:5\n']


def test_nothing_in_a_message():
    """For a socket in a state that was not asked for the kernel sends an empty message, or one of another kind."""
    kernel = Kernel([b'', EXAMPLE[0], attribute(1, b'\0\0\0\0'), b'', EXAMPLE[2]])
    assert [item['inode'] for item in objects('tipc', query('tipc', extended=True), kernel)] == [239, 236]
    kernel = Kernel([b''] * 3)
    assert listed('tipc', query('tipc'), kernel) == []


def test_never_judged():
    kernel = Kernel(EXAMPLE)
    assert len(objects('tipc', query('tipc', condition=Port('src', None, '<=', 0)), kernel)) == 3


def test_json():
    kernel = Kernel([tipc(STREAM, 1, 8, 237, 10, connection(5, (18888, 17), 6), True, (3, 4), (CONN_CONG,), 2, 1000, 7),
                         EXAMPLE[0]])
    first, second = objects('tipc', query('tipc', extended=True, tipcinfo=True), kernel)
    assert first == {
        'netid': 'ti_st', 'family': 'tipc', 'type': 'stream', 'state': 'ESTAB', 'recv_q': 3, 'send_q': 4,
        'local': {'node': 7, 'port': 8}, 'peer': {'node': 6, 'port': 5}, 'uid': 1000, 'inode': 237, 'cookie': 'a',
        'congestion': 'conn', 'drop': 2, 'published': True, 'service': {'type': 18888, 'instance': 17}}
    assert set(second) == {'netid', 'family', 'type', 'state', 'recv_q', 'send_q', 'local', 'uid', 'inode', 'cookie', 'drop'}


def test_facts():
    assert len(declared_whole('tipc')) == 20
    assert recorded('tipc')
    made_by_hand('tipc', EXAMPLE + [
        tipc(kind, state, 8, 237, 10, connection(5, (18888, 17), 6), True, (3, 0xffffffff), congested, 0xffffffff, 1000, 7)
        for kind, state in ((0, 0), (RDM, 14), (255, 1 << 31))
        for congested in ((), (LINK_CONG,), (CONN_CONG,), (LINK_CONG, CONN_CONG))])


MEMBERS = [(1, u32(7)), (2, u32(8)), (3, attribute(2, u32(6)) + attribute(3, u32(5))), (4, b''), (5, attribute(0, u32(3))),
           (6, u32(1)), (7, u32(237)), (8, u32(1000)), (9, u32(1)), (10, bytes(8))]


@pytest.mark.parametrize('there', [range(2, 10), range(1, 10), [0], [1], [], range(5, 10), range(5), [2], [4], [8]], ids=list)
@pytest.mark.parametrize('pretty', [False, True])
def test_a_message_without_some_of_it(there, pretty):
    """Its address, for one: still valid JSON."""
    known = objects('tipc', query('tipc', extended=True, tipcinfo=True), Kernel([tipc(STREAM, 1, 8, 237, 10)]))
    payload = attribute(SOCK, b''.join([attribute(*MEMBERS[at]) for at in there]) or attribute(99, b''))
    source = Kernel([payload, tipc(STREAM, 1, 8, 237, 10)])
    out = io.BytesIO()
    array = Array(pretty, out.write)
    asked = query('tipc', extended=True, tipcinfo=True, json=True, pretty=pretty)
    view = JsonView(declared('tipc'), asked, Host(), None)
    for batch in batches(declared('tipc'), asked, source, Host()):
        array.add(view.rows(batch))
    array.flush()
    odd, plain = json.loads(out.getvalue().decode())
    assert odd['family'] == 'tipc' and [plain] == known
    assert ('local' in odd) == bool({0, 1} & set(there)) and ('netid' in odd) == (5 in there)
    assert odd.get('peer') == ({'node': 6, 'port': 5} if 2 in there else None)
    made_by_hand('tipc', [payload])
    assert listed('tipc', query('tipc', extended=True, tipcinfo=True), Kernel([payload]))


def test_members_that_are_cut_short():
    made = made_by_hand('tipc', [attribute(SOCK, b''.join([attribute(number, value[:length]) for number, value in MEMBERS]))
                                 for length in range(12)])
    assert [sorted(item.get('peer', {})) for item in made] == [['node', 'port']] * 12
