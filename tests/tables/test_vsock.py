"""Sockets between virtual machines: the examples of command-line.md 11 and sockets.md 4.9, made by hand."""
import struct

import pytest

from ssng.filter.tree import Autobound, Numbered, Port
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import Kernel, listed, objects, query, refusal
from tests.support.wire_families import ANY, vsock

STREAM, DGRAM, SEQPACKET = 1, 2, 5
BOTH = ('vsock_stream', 'vsock_dgram')
EXAMPLE = [vsock(state=10, port=1024), vsock(STREAM, 1, 2, 80, 3, 3000000000), vsock(DGRAM, 7, 3),
           vsock(SEQPACKET, 1, 2, 4000000000, 3, 80)]
LINES = '''\
Netid State  Recv-Q Send-Q Local Address:Port       Peer Address:Port
v_str LISTEN 0      0                  *:1024                  *:*
v_str ESTAB  0      0                  2:80                    3:3000000000
v_dgr UNCONN 0      0                  3:*                     *:*
???   ESTAB  0      0                  2:4000000000            3:80
'''


def test_example():
    kernel = Kernel(EXAMPLE)
    assert ''.join(listed('vsock', query(*BOTH, header=True), kernel)) == LINES
    assert kernel.asked == [struct.pack('=BBHIIIII', 40, 0, 0, 0x3fff, 0, 0, 0, 0)]
    everything = {name: True for name in ('extended', 'memory', 'info', 'options', 'tos', 'cgroup', 'numeric', 'tipcinfo')}
    assert ''.join(listed('vsock', query(*BOTH, header=True, **everything), kernel)) == LINES


@pytest.mark.parametrize('names, kept', [(BOTH, '1234'), (('vsock_stream',), '124'), (('vsock_dgram',), '34')])
def test_selection(names, kept):
    kernel = Kernel([vsock(kind, inode=at + 1) for at, kind in enumerate((STREAM, STREAM, DGRAM, SEQPACKET))])
    made = objects('vsock', query(*names, extended=True), kernel)
    assert ''.join(str(item['inode']) for item in made) == kept


def test_filter():
    """The CID is compared; ss lists every socket for `src 2` (command-line.md 10: 8)."""
    kernel = Kernel(EXAMPLE)

    def rows(condition):
        lines = ''.join(listed('vsock', query(*BOTH, condition=condition), kernel)).splitlines()
        return [' '.join(line.split()[4:]) for line in lines]
    assert rows(Numbered('src', (40,), 2, -1)) == ['2:80 3:3000000000', '2:4000000000 3:80']
    assert rows(Numbered('dst', (40,), 3, 80)) == ['2:4000000000 3:80']
    assert rows(Port('src', None, '>=', 4000000000)) == ['3:* *:*', '2:4000000000 3:80']
    assert rows(Autobound(32768, 60999)) == ['*:1024 *:*', '3:* *:*', '2:4000000000 3:80']


@pytest.mark.parametrize('number', [2, 95, 1])
def test_refused(capsys, number):
    kernel = Kernel([], refusal(number))
    assert listed('vsock', query(*BOTH), kernel) == []
    assert bool(capsys.readouterr().err) == (number == 1)


def test_json():
    kernel = Kernel([vsock(STREAM, 1, 2, 80, 3, ANY, 9, 255, 3)])
    made, = objects('vsock', query(*BOTH, extended=True), kernel)
    plain = {'netid': 'v_str', 'family': 'vsock', 'type': 'stream', 'state': 'ESTAB', 'recv_q': 0, 'send_q': 0,
             'local': {'cid': 2, 'port': 80}, 'peer': {'cid': 3, 'port': ANY}}
    assert made == dict(plain, inode=9, cookie='ff', shutdown=['receive', 'send'])
    assert objects('vsock', query(*BOTH), kernel) == [plain]


def test_facts():
    assert len(declared_whole('vsock')) == 15
    assert recorded('vsock')
    made_by_hand('vsock', EXAMPLE + [vsock(kind, state, shut=shut, cookie=0xffffffff) for kind, state, shut in (
        (0, 0, 0), (99, 13, 1), (STREAM, 14, 2), (DGRAM, 255, 255))])
