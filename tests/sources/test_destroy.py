"""-K: what a kernel may answer to a request to close a socket: an acknowledgement, a refusal, nonsense."""
import errno
import os
import random
import struct

import pytest

from ssng.host import Host
from ssng.kernel.abi.inet_diag import inet_diag_msg
from ssng.kernel.columns import member
from ssng.kernel.exchange import Refused
from ssng.sources.destroy import Destroyer
from ssng.sources.dump import Dump
from ssng.tables import raw, tcp
from tests.support.rendered import asking
from tests.support.sources import Replayed, Report
from tests.support.wire import ERROR, attribute, done, inet, message

SPORT = member(inet_diag_msg, 'id.idiag_sport')
ECHO = bytes(16)        # the header of the request that an answer repeats


def answer(seq, number, more=b'', flags=0x100):
    return message(struct.pack('=i', number) + ECHO + more, ERROR, flags, seq=seq)


def closed(answers, table=tcp.TABLE, payloads=None):
    """(ports that count as closed, what is told, the requests) where the kernel answers each request in turn so."""
    payloads = payloads or [inet(sport=i + 1) for i in range(len(answers))]
    batch, = Dump(table, asking(table.names), Host(report=Report()),
                  Replayed([b''.join(map(message, payloads)), done()], [done()]))
    kernel, report = Replayed(*answers), Report()
    found = Destroyer(kernel, report).closed(table, batch)
    assert all(reply.closed for reply in kernel.replies)
    return [] if found is None else list(found.values(SPORT)), report.lines, kernel.requests


def test_acknowledged():
    ports, told, requests = closed([[answer(1, 0)], [answer(2, 0)]])
    assert (ports, told) == ([1, 2], [])
    assert [(one.kind, one.flags, one.seq) for one in requests] == [(21, 5, 1), (21, 5, 2)]
    payload = bytes(requests[1].payload)
    assert payload[:8] == bytes([2, 6, 0, 0, 0, 0, 0, 0]) and payload[8:] == inet(sport=2)[4:52]


def test_raw_sockets():
    """The protocol that the socket speaks stands in the request."""
    _, _, requests = closed([[answer(1, 0)]], raw.TABLE, [inet(sport=1, attributes=[(10, b'\x59')])])
    assert bytes(requests[0].payload)[:4] == bytes([2, 255, 0, 0x59])


@pytest.mark.parametrize('number', [errno.ENOENT, errno.EOPNOTSUPP])
def test_skipped(number):
    """It has gone by itself, or is of a kind that cannot be closed."""
    assert closed([[answer(1, -number)], [answer(2, 0)]])[:2] == ([2], [])


@pytest.mark.parametrize('number, words', [
    (-errno.EPERM, os.strerror(errno.EPERM)), (-2 ** 31, 'Unknown error'), (7, 'Unknown error'), (-12345, 'Unknown error')])
def test_refused(number, words):
    """Told, and the rest goes on (README, Differences from ss)."""
    ports, (line,), _ = closed([[answer(1, number)], [answer(2, 0)]])
    assert ports == [2] and line.startswith('--kill: ') and words in line


def test_refused_in_words():
    ports, told, _ = closed([[answer(1, -errno.EPERM, attribute(1, b'not yours\0'), flags=0x300)]])
    assert (ports, told) == ([], ['--kill: not yours'])


ACK = answer(1, 0)


@pytest.mark.parametrize('datagram', [
    ACK[:-1], ACK[:20], ACK[:12], b'\0', struct.pack('=I', 4) + ACK[4:], struct.pack('=I', 0xffffffff) + ACK[4:],
    message(b'', ERROR, seq=1), message(b'\0\0', 3, seq=1)], ids=range(8))
def test_nonsense(datagram):
    """One line, the socket does not count as closed, and the rest goes on."""
    ports, (line,), _ = closed([[datagram], [answer(2, 0)]])
    assert ports == [2] and line.startswith('--kill: the kernel sent ')


def test_no_answer():
    assert closed([[], [answer(1, 0)], [message(inet(), seq=3)]])[:2] == ([], [])


def test_reading_fails():
    ports, told, _ = closed([[OSError(errno.ENOBUFS, '')], [Refused(errno.EMFILE, 'no netlink: x', asked=False)], [answer(3, 0)]])
    assert ports == [3]
    assert told == ['--kill: netlink receive error: ' + os.strerror(errno.ENOBUFS), '--kill: no netlink: x']


@pytest.mark.parametrize('seed', range(4))
def test_damaged_answers(seed):
    """Bits of acknowledgements and refusals flipped: closed or not, told or not, and never anything else."""

    dice = random.Random(seed)
    for _ in range(100):
        answers = []
        for seq in range(1, 9):
            data = bytearray(answer(seq, dice.choice((0, -1, -2)), attribute(1, b'words\0'),
                                    flags=dice.choice((0x100, 0x300, 0))))
            for _ in range(dice.randrange(4)):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            answers.append([bytes(data[:dice.choice((len(data), dice.randrange(len(data))))])])
        ports, told, _ = closed(answers)
        assert set(ports) <= set(range(1, 9)) and all(line.startswith('--kill: ') for line in told)
