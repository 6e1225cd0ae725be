"""Recordings: the file form of command-line.md 9.3, read in chunks of any size."""
import io
import random
import struct

import pytest

from ssng.kernel.exchange import Refused
from ssng.sources import recording as capture
from ssng.kernel.messages import Answer, Malformed
from tests.kernel.test_messages import rows
from tests.support.wire import ERROR, attribute, done, inet, message, padded

SOCKETS = [inet(sport=i, attributes=[(4, bytes(i % 9))]) for i in range(30)]
RECORDING = b''.join(map(message, SOCKETS)) + done()


class Trickle(io.BytesIO):
    """A pipe: each read gives a few bytes."""

    def __init__(self, data, chance):
        super().__init__(data)
        self.chance = chance

    def read(self, size=-1):
        return super().read(min(size, self.chance.randint(1, 200)))


def replayed(stream):
    answer, found = Answer(), []
    for data, ends in capture.recorded(stream):
        assert ends[-1] == len(data)
        found += rows(answer.feed(data, ends))
    assert answer.done
    return found


@pytest.mark.parametrize('chunk', [1, 3, 16, 17, 88, 100, 999, 4096, 1 << 20])
def test_chunks(monkeypatch, chunk):
    monkeypatch.setattr(capture, 'CHUNK', chunk)
    assert replayed(io.BytesIO(RECORDING)) == SOCKETS


def test_a_pipe():
    for seed in range(20):
        assert replayed(Trickle(RECORDING, random.Random(seed))) == SOCKETS


@pytest.mark.parametrize('tail', [b'', b'\1', b'\0' * 400, RECORDING, message(inet(), length=7), done(-5)],
                         ids=['nothing', 'a byte', 'zeros', 'a dump', 'nonsense', 'an end'])
def test_the_first_dump_is_all(tail):
    """What -D wrote of a second family is not read (command-line.md 10: 12)."""
    assert replayed(io.BytesIO(RECORDING + tail)) == SOCKETS


def test_ends():
    assert replayed(io.BytesIO(done())) == []
    assert replayed(io.BytesIO(message(b'', 3))) == []          # a bare header will do
    answer = Answer()
    for data, ends in capture.recorded(io.BytesIO(message(inet()) + message(struct.pack('=i', -13) + done(), ERROR))):
        answer.feed(data, ends)
    assert (answer.done, answer.error, answer.messages) == (True, 13, 1)


def test_unaligned_messages():
    """Lengths are rounded up to four in the file."""
    odd = [inet() + bytes([1]) * extra for extra in range(5)]
    data = b''.join(padded(message(one)) for one in odd) + done()
    assert replayed(io.BytesIO(data)) == list(map(padded, odd))


@pytest.mark.parametrize('cut', [0, 1, 15, 16, 17, 87, 88, 90, 1000, len(RECORDING) - 20, len(RECORDING) - 4])
@pytest.mark.parametrize('chunk', [7, 1 << 20])
def test_cut_short(monkeypatch, cut, chunk):
    """The sockets in front of the cut are told, then that there should be more."""
    monkeypatch.setattr(capture, 'CHUNK', chunk)
    answer, found = Answer(), []
    with pytest.raises(Refused):
        for data, ends in capture.recorded(io.BytesIO(RECORDING[:cut])):
            found += rows(answer.feed(data, ends))
    whole = 0
    while len(b''.join(map(message, SOCKETS[:whole + 1]))) <= cut and whole < 30:
        whole += 1
    assert found == SOCKETS[:whole]


@pytest.mark.parametrize('said', [0, 1, 3, 15, 87, 89, 0xffff, 0xffffffff])
@pytest.mark.parametrize('place', [0, 10, 29])
def test_lying_lengths(said, place):
    """Broken, Malformed, or sockets: never another exception, never for ever."""
    data = b''.join(message(one, length=said if i == place else None) for i, one in enumerate(SOCKETS)) + done()
    answer = Answer()
    try:
        for block, ends in capture.recorded(io.BytesIO(data)):
            answer.feed(block, ends)
    except (Refused, Malformed):
        assert not answer.done
    else:
        assert answer.done


def test_selected():
    """Of a dump's messages those that were wanted, and its end."""
    data = b''.join(map(message, SOCKETS)) + done(0, attribute(1, b'words'))
    flags = [i % 3 == 0 for i in range(30)]
    assert capture.selected(data, flags) == (
        b''.join(message(one) for one, flag in zip(SOCKETS, flags) if flag) + done(0, attribute(1, b'words')))
