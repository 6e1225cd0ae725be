"""Random TCP messages, replayed to the reference ss and through our tables: the same bytes.

What a kernel never sends and ss answers with stray memory is left out: an MD5SIG without an entry, a
SKMEMINFO that is no multiple of four, SKV6ONLY of an IPv4 socket, states above 13.
"""
import random
import struct

import pytest

from ssng.cli import options
from tests.support.programs import run, visible
from tests.support.rendered import text
from tests.support.wire import NESTED, attribute, done, inet, message

pytestmark = pytest.mark.parity

RUNS, ROWS = 40, 25


def u32(*values):
    return struct.pack('=%dI' % len(values), *values)


def number(chance, bits):
    """Zero, small, near the end, or anything."""
    top = 1 << bits
    return chance.choice((0, 0, 1, 3, 1000, 3000000, top - 1, top // 2, chance.randrange(top))) % top


def byte(chance):
    return bytes([chance.randrange(256)])


def words(chance, count):
    return u32(*[number(chance, 32) for _ in range(count)])


def info(chance):
    """A tcp_info with every kind of number in it, of the length of some kernel or of none."""
    raw = bytearray(words(chance, 70))
    raw[:8] = bytes(chance.randrange(256) for _ in range(8))
    for place in (104, 112, 120, 128, 160, 168, 176, 184, 200, 208):
        raw[place:place + 8] = struct.pack('=Q', number(chance, 64))
    return bytes(raw)[:chance.choice((280, 280, 248, 232, 192, 104, 3 * chance.randrange(94)))]


def name(chance):
    return bytes(bytearray(chance.choice(b'abz-_%') for _ in range(chance.randrange(1, 20)))) + b'\0' * chance.randint(1, 3)


def md5(chance):
    entry = b''
    for _ in range(chance.randint(1, 3)):
        family = chance.choice((2, 10))
        key = bytes(chance.randrange(256) for _ in range(chance.randrange(81)))
        entry += (struct.pack('=BBH', family, chance.randrange(129), len(key))
                  + random_address(chance, family).ljust(16, b'\0') + key.ljust(80, b'\0'))
    return entry


def ulp(chance):
    tls = [(1, u32(chance.choice((0x303, 0x304, 9)))[:2]), (2, u32(chance.randrange(49, 60))[:2]),
           (3, u32(chance.randrange(6))[:2]), (4, u32(chance.randrange(6))[:2]), (5, b''), (6, b''), (7, u32(9)[:2])]
    mptcp = [(place, words(chance, 2 if place == 4 else 1)) for place in range(1, 7)]
    mptcp += [(7, u32(chance.randrange(1 << 16))[:2]), (8, u32(chance.randrange(1 << 10))), (9, byte(chance)), (10, byte(chance))]
    made = [(1, name(chance))]
    for place, children in ((2, tls), (3, mptcp)):
        if chance.random() < .6:
            some = children if chance.random() < .4 else chance.sample(children, chance.randint(0, len(children)))
            made.append((place | chance.choice((0, NESTED)), b''.join(attribute(*child) for child in some)))
    return b''.join(attribute(*child) for child in made)


def random_address(chance, family):
    size = 4 if family == 2 else 16
    return chance.choice((bytes(size), bytes([127, 0, 0, 1]) if size == 4 else bytes(15) + b'\1',
                          bytes(chance.randrange(256) for _ in range(size)),
                          bytes(chance.choice((0, 0, 255, 1)) for _ in range(size)),
                          bytes(10) + b'\xff\xff\x0a\0\0\1' if size == 16 else b'\x0a\0\0\1'))


def random_attributes(chance, family):
    every = [
        (1, words(chance, 4)), (2, info(chance)), (3, u32(chance.randrange(2), 1, chance.choice((0, 5000, 0x7fffffff)), 1)),
        (4, name(chance)), (5, byte(chance)), (6, byte(chance)), (7, words(chance, chance.choice((7, 8, 9, 9, 10)))),
        (8, byte(chance)), (9, struct.pack('=HHIII', chance.randrange(2), 1, 2, 3, number(chance, 32))),
        (15, words(chance, 1)), (16, words(chance, 5)[:chance.choice((20, 20, 12, 8))]), (17, words(chance, 1)),
        (18, md5(chance)),
        (19 | chance.choice((0, NESTED)), ulp(chance)), (22, (byte(chance) + byte(chance))[:chance.choice((2, 2, 2, 1))]),
        (14, bytes(4)), (21, bytes(8))]
    if family == 10:
        every.append((11, bytes([chance.randrange(2)])))
    chosen = [one for one in every if chance.random() < .6]
    if chance.random() < .3:
        chance.shuffle(chosen)
    return chosen


def random_socket(chance):
    family = chance.choice((2, 10))
    return inet(family, chance.randrange(14), chance.choice((0, 1, 2, 3, 4, 5, 6, 200)), chance.randrange(256),
                chance.choice((0, 40001, 40002, chance.randrange(33000, 60000))), chance.choice((0, 40003)),
                random_address(chance, family), random_address(chance, family), chance.choice((0, 0, 1)),
                number(chance, 64), chance.choice((0, 59999, 60000, 61000, number(chance, 32))), number(chance, 32),
                number(chance, 32),
                chance.choice((0, 1000, number(chance, 32))), number(chance, 32), random_attributes(chance, family))


def random_options(chance):
    letters = [letter for letter in 'oeimnOHQ' if chance.random() < .5]
    return ['-ta' + ''.join(letters)] + [word for word in ('--tos', '--inet-sockopt') if chance.random() < .4]


@pytest.mark.parametrize('seed', range(RUNS))
def test_random_sockets(reference, tmp_path, monkeypatch, seed):
    """One run of ss for some rows; alike rows too, so that every way through a column is gone."""
    chance = random.Random(seed)
    made = [random_socket(chance) for _ in range(chance.choice((1, 2, ROWS)))]
    rows = [chance.choice(made) for _ in range(ROWS)] if chance.random() < .5 else made
    if chance.random() < .2:
        rows = [random_socket(chance) for _ in range(200)]
    words, screen = random_options(chance), chance.choice((None, None, 80, 200))
    recording = tmp_path / 'recording'
    recording.write_bytes(b''.join(map(message, rows)) + done())
    env = dict({'TCPDIAG_FILE': str(recording)}, **({} if screen is None else {'COLUMNS': str(screen)}))
    answer = run(reference + words, env=env)

    monkeypatch.delenv('PROC_ROOT', raising=False)
    draft, operands, end = options.read(words)
    query, rest = draft.settle(operands)
    assert end is None and rest == []
    ours = text(rows, query=query, screen=screen).encode('latin-1')
    assert answer.status == 0
    assert visible(ours) == visible(answer.out), words
