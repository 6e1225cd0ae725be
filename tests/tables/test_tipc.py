"""TIPC sockets: the example of sockets.md 4.11, made by hand."""
import struct

import pytest

from ssng.filter.tree import Port
from tests.support.families import Kernel, listed, objects, query
from tests.support.wire import attribute
from tests.support.wire_families import CONN_CONG, LINK_CONG, connection, tipc

STREAM, DGRAM, RDM, SEQPACKET = 1, 2, 4, 5

EXAMPLE = [
    tipc(DGRAM, 7, 481448393, 239, 9),
    tipc(STREAM, 1, 1918854287, 237, 10, connection(586786742, (18888, 17))),
    tipc(STREAM, 10, 1686368613, 236, 13, published=True),
]


class Owners:
    def texts(self, inodes):
        return [' users:(("python3",pid=160,fd=%d))' % inode for inode in inodes]


def test_example(monkeypatch):
    kernel = Kernel(monkeypatch, EXAMPLE)
    asked = query('tipc', header=True, processes=True, extended=True, tipcinfo=True)
    lines = ''.join(listed('tipc', asked, owners=Owners())).splitlines()
    assert [line.rstrip() for line in lines] == [
        'State  Recv-Q Send-Q Local Address:Port       Peer Address:Port     Process',
        'UNCONN 0      0                  0:481448393              -          ino:239 sk:9 users:(("python3",pid=160,fd=239))',
        ' type:DGRAM cong:none  drop:0',
        'ESTAB  0      0                  0:1918854287            0:586786742 ino:237 sk:a users:(("python3",pid=160,fd=237))',
        ' type:STREAM cong:none  drop:0  via {18888,17}',
        'LISTEN 0      0                  0:1686368613             -          ino:236 sk:d users:(("python3",pid=160,fd=236))',
        ' type:STREAM cong:none  drop:0  publ']
    assert kernel.asked == [struct.pack('=BBHI', 30, 0, 0, 0x3fff)]


def details(monkeypatch, *sockets, **options):
    Kernel(monkeypatch, sockets)
    return [line.partition(' - ')[2] for line in ''.join(listed('tipc', query('tipc', oneline=True, **options))).splitlines()]


@pytest.mark.parametrize('more, text', [
    ({}, 'type:RDM cong:none  drop:0 '), ({'congested': (LINK_CONG, CONN_CONG)}, 'type:RDM cong:link  drop:0 '),
    ({'congested': (CONN_CONG,), 'drop': 0xffffffff}, 'type:RDM cong:conn  drop:-1 '),
    ({'published': True, 'drop': 9}, 'type:RDM cong:none  drop:9  publ')])
def test_information(monkeypatch, more, text):
    assert details(monkeypatch, tipc(RDM, 7, 1, 2, 3, **more), tipcinfo=True) == [text]


@pytest.mark.parametrize('kind, netid, word', [
    (STREAM, 'ti_st', 'STREAM'), (DGRAM, 'ti_dg', 'DGRAM'), (RDM, 'ti_rd', 'RDM'), (SEQPACKET, 'ti_sq', 'SEQPACKET'),
    (0, '???', 'UNKNOWN')])
def test_types(monkeypatch, kind, netid, word):
    Kernel(monkeypatch, [tipc(kind, 7, 1, 2, 3)])
    assert listed('tipc', query('tipc', 'udp', queues=False, tipcinfo=True)) == [
        '%s UNCONN 0:1 -\n' % netid, ' type:%s cong:none  drop:0 \n' % word]


def test_extended_without_processes(monkeypatch):
    """ss shows these only beside processes (sockets.md 4.11)."""
    assert details(monkeypatch, tipc(DGRAM, 7, 1, 77, 0x1234, uid=5), extended=True) == ['uid:5 ino:77 sk:1234']
    assert details(monkeypatch, tipc(DGRAM, 7, 1, 77, 0x1234), extended=True, tipcinfo=True) == [
        'ino:77 sk:1234 type:DGRAM cong:none  drop:0 ']


def test_queues_and_nodes(monkeypatch):
    Kernel(monkeypatch, [tipc(STREAM, 1, 0xffffffff, 1, 1, connection(5, node=0xfffffffe), queues=(3, 4), node=9)])
    assert listed('tipc', query('tipc')) == ['ESTAB 3      4      9:4294967295 4294967294:5\n']


def test_nothing_in_a_message(monkeypatch):
    """For a socket in a state that was not asked for the kernel sends an empty message, or one of another kind."""
    Kernel(monkeypatch, [b'', EXAMPLE[0], attribute(1, b'\0\0\0\0'), b'', EXAMPLE[2]])
    assert [item['inode'] for item in objects('tipc', query('tipc', extended=True))] == [239, 236]
    Kernel(monkeypatch, [b''] * 3)
    assert listed('tipc', query('tipc')) == []


def test_never_judged(monkeypatch):
    Kernel(monkeypatch, EXAMPLE)
    assert len(objects('tipc', query('tipc', condition=Port('src', None, '<=', 0)))) == 3


def test_json(monkeypatch):
    Kernel(monkeypatch, [tipc(STREAM, 1, 8, 237, 10, connection(5, (18888, 17), 6), True, (3, 4), (CONN_CONG,), 2, 1000, 7),
                         EXAMPLE[0]])
    first, second = objects('tipc', query('tipc', extended=True, tipcinfo=True))
    assert first == {
        'netid': 'ti_st', 'family': 'tipc', 'type': 'stream', 'state': 'ESTAB', 'recv_q': 3, 'send_q': 4,
        'local': {'node': 7, 'port': 8}, 'peer': {'node': 6, 'port': 5}, 'uid': 1000, 'inode': 237, 'cookie': 'a',
        'congestion': 'conn', 'drop': 2, 'published': True, 'service': {'type': 18888, 'instance': 17}}
    assert set(second) == {'netid', 'family', 'type', 'state', 'recv_q', 'send_q', 'local', 'uid', 'inode', 'cookie', 'drop'}
