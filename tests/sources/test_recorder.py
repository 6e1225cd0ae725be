"""What is written down of questions and answers as they pass."""
import os
import struct
import sys

import pytest

from ssng.host import Host
from ssng.kernel.abi.inet_diag import inet_diag_req_v2
from ssng.kernel.exchange import Refused, Request
from ssng.query import Detail, Query, Selection, Style
from ssng.sources import pcapng
from ssng.sources.recorder import Copy, Recorder, as_reply
from ssng.states import ALL
from ssng.tables import declared
from ssng.tables.inet import SPORT
from tests.support.sources import Replayed
from tests.support.wire import done, inet, message

ORDER = '<' if sys.byteorder == 'little' else '>'
ONE, TWO = message(inet(sport=1)), message(inet(sport=2))


class Paper(pcapng.Writer):
    """Keeps what is written: (interface, direction, comment, datagram)."""

    def __init__(self):
        super().__init__(None)
        self.found = []

    def packets(self, interface, protocol, data, ends, nanoseconds, direction=pcapng.INBOUND, comment=b''):
        assert protocol == 4 and nanoseconds > 1e18
        start = 0
        for end in ends:
            self.found.append((interface, direction, comment, data[start:end]))
            start = end


def port_ids(data):
    """That of each message."""
    found = []
    while data:
        length, _, _, _, pid = struct.unpack_from(ORDER + 'IHHII', data)
        found.append(pid)
        data = data[length + -length % 4:]
    return found


@pytest.fixture
def paper():
    return Paper()


def request():
    return Request(inet_diag_req_v2(2, 6), [(1, b'abcd')])


def test_a_request_comes_in_front_of_its_replies(paper):
    """With port id 0; they are written as they are."""
    recorder = Recorder(Replayed([ONE, TWO + done()]), paper, 3)
    reply = recorder.ask(request())
    assert paper.found == []            # until somebody reads it
    assert [data for data, _ in reply] == [ONE, TWO + done()]
    (first, *rest), asked = paper.found, request()
    assert first[:3] == (3, pcapng.OUTBOUND, b'') and port_ids(first[3]) == [0]
    assert first[3][16:] == bytes(asked.payload) + struct.pack(ORDER + 'HH', 8, 1) + b'abcd'
    assert rest == [(3, pcapng.INBOUND, b'', ONE), (3, pcapng.INBOUND, b'', TWO + done())]


def test_what_is_asked_for_the_sake_of_others_has_a_comment(paper):
    for _ in Recorder(Replayed([ONE, done()]), paper, 0).for_peers.ask(request()):
        pass
    assert [comment for _, _, comment, _ in paper.found] == [b'peers', b'', b'']


def test_what_fails_is_written_until_then(paper):
    reply = Recorder(Replayed([ONE, Refused(13)]), paper, 0).ask(request())
    with pytest.raises(Refused):
        list(reply)
    assert [data for _, _, _, data in paper.found][1:] == [ONE]


def test_what_comes_unasked_gets_a_port_id(paper):
    """Wireshark takes messages without one for requests."""
    event = message(inet(sport=5), seq=0, pid=0)
    for data, _ in Recorder(Replayed([event + event, event]), paper, 0).listen(1, None):
        assert set(port_ids(data)) == {0}           # who listens gets what came
    assert [port_ids(data) for _, _, _, data in paper.found] == [[os.getpid()] * 2, [os.getpid()]]


@pytest.mark.parametrize('data', [b'', b'abc', bytes(16), struct.pack(ORDER + 'I', 5) + bytes(40), message(b'abc', pid=0)[:17],
                                  struct.pack(ORDER + 'I', 0xffffffff) + bytes(60)])
def test_whatever_comes_unasked(data):
    """It comes to an end, and is as long as it was."""
    told = as_reply(data)
    assert len(told) == len(data) and told[:12] == data[:12]


def copied(paper, source, host=None, **more):
    """The ports of the sockets that a Copy of TCP over IPv4 gives."""
    query = Query(Selection(['tcp'], [2], ALL, **more), Detail(), Style())
    dump = Copy(declared('tcp'), query, host or Host(), Recorder(source, paper, 0))
    return [port for batch in dump for port in batch.values(SPORT)]


def test_nothing_is_judged(paper):
    """What the kernel could not judge is written, too, and told: other questions may come."""
    assert copied(paper, Replayed([ONE, TWO, done()])) == [1, 2]


def test_what_stands_in_is_a_reply(paper, tmp_path):
    """Where netlink is refused /proc answers, under a port id, with an end, as the kernel would have."""
    folder = tmp_path / 'net'
    folder.mkdir()
    (folder / 'tcp').write_text('  sl  local_address\n   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000'
                                '     0        0 12345 1 0000000000000000 100 0 0 10 0\n')
    host = Host(environ={'PROC_NET_TCP': str(folder / 'tcp')})
    assert copied(paper, Replayed([Refused(13, asked=False)]), host) == [22]
    asked = [(direction, comment) for _, direction, comment, _ in paper.found]
    assert asked == [(pcapng.OUTBOUND, b'answered by /proc'), (pcapng.INBOUND, b''), (pcapng.INBOUND, b'')]
    assert port_ids(paper.found[0][3]) == [0] and port_ids(paper.found[1][3]) == [os.getpid()]
    assert struct.unpack_from(ORDER + 'H', paper.found[2][3], 4) == (3,)
