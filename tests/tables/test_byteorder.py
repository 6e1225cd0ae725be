"""Datagrams of the other byte order beside the same ones written in this one, by struct alone."""
import random
import struct
import sys

import pytest

from ssng.tables import declared
from ssng.tables.byteorder import Swap

HERE, THERE = '<>' if sys.byteorder == 'little' else '><'
LONG = 232                      # bytes of a struct tcp_info


def attribute(order, number, value):
    return struct.pack(order + 'HH', 4 + len(value), number) + value + bytes(-len(value) % 4)


def message(order, payload, kind=20, length=None):
    return struct.pack(order + 'IHHII', 16 + len(payload) if length is None else length, kind, 2, 1, 77) + payload


def flags(order, bits, size):
    """An integer whose bit fields of a bit each are set or not: on a big-endian machine the first is the highest."""
    value = sum([bit << at for at, bit in enumerate(bits if order == '<' else bits[::-1])])
    return value.to_bytes(size, 'little' if order == '<' else 'big')


def tcp(order, chance, shapes):
    """A socket, of one of so many shapes."""
    numbers = [chance.getrandbits(32) for _ in range(60)]
    attributes = [
        (7, struct.pack(order + '9I', *numbers[:9])), (15, struct.pack(order + 'I', numbers[9])), (8, b'\3'),
        (2, struct.pack(order + '6B', *[number & 255 for number in numbers[:6]]) + bytes(2)
         + struct.pack(order + '24I4Q4I', *numbers[8:40])[:LONG - 8]),
        (4, b'cubic\0'), (21, struct.pack(order + 'Q', numbers[40] << 7)),
        (22, flags(order, [number & 1 for number in numbers[:8]], 1) + flags(order, [1, 0, 1, 0, 0, 0, 0, 0], 1)),
        (19, attribute(order, 1, b'mptcp\0') + attribute(order, 3 | 0x8000, attribute(order, 1, struct.pack(
            order + 'I', numbers[41])) + attribute(order, 9, struct.pack(order + 'H', numbers[42] & 0xffff)))),
    ]
    shape = chance.randrange(shapes)
    told = [each for place, each in enumerate(attributes) if place >= 3 or shape >> place & 1]
    return message(order, struct.pack('BBBB', 2, 1, 0, 0) + struct.pack('>HH', numbers[50] & 0xffff, 443)
                   + struct.pack('>8I', *numbers[51:59]) + struct.pack(order + '8I', *numbers[10:18])
                   + b''.join([attribute(order, *each) for each in told]))


def datagram(order, seed, count, shapes):
    chance = random.Random(seed)
    return b''.join([tcp(order, chance, shapes) for _ in range(count)]) + message(order, struct.pack(order + 'i', -5), 3)


@pytest.mark.parametrize('count, shapes', [(0, 1), (1, 1), (2, 1), (50, 1), (50, 8)])
def test_sockets(count, shapes):
    swap = Swap(declared('tcp'))
    there, here = [[datagram(order, seed, count, shapes) for seed in range(3)] for order in (THERE, HERE)]
    ends = [sum(map(len, there[:number])) for number in (1, 2, 3)]
    assert swap(b''.join(there), ends) == b''.join(here)
    assert [swap(each) for each in there] == here


def test_an_error():
    asked = struct.pack('IHHII', 72, 20, 5, 9, 0)
    there, here = [message(order, struct.pack(order + 'iIHHII', -13, 72, 20, 5, 9, 0), 2) for order in (THERE, HERE)]
    assert Swap(declared('udp'))(there) == here and asked in here


def test_behind_a_wrong_length_the_datagram_stays():
    """The header is turned, so that the length is as wrong as it was; the next datagram is read as ever."""
    wrong, rest = [message(order, b'ab' * 40, length=4000) for order in (THERE, HERE)], datagram(THERE, 1, 2, 1)
    first = datagram(THERE, 2, 1, 1)
    assert Swap(declared('tcp'))(first + wrong[0] + rest, (len(first + wrong[0]), len(first + wrong[0] + rest))) == (
        datagram(HERE, 2, 1, 1) + wrong[1] + datagram(HERE, 1, 2, 1))


def test_lengths_of_attributes_that_make_no_sense():
    fixed = struct.pack('BBBB', 2, 1, 0, 0) + bytes(68)
    for length in (0, 3, 90, 0xffff):
        there, here = [message(order, fixed + struct.pack(order + 'HH', length, 15) + bytes(range(8))) for order in (THERE, HERE)]
        assert Swap(declared('tcp'))(there * 2) == here * 2


@pytest.mark.parametrize('name', ['tcp', 'unix', 'netlink', 'packet', 'sctp', 'tipc', 'xdp', 'vsock', 'mptcp'])
def test_noise(name):
    """Whatever the bytes are, there are as many of them afterwards."""
    chance, swap = random.Random(name), Swap(declared(name))
    for _ in range(300):
        data = bytearray(datagram(THERE, chance.random(), 3, 8))
        for _ in range(chance.randrange(40)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 2, 4, 255, chance.randrange(256)))
        end = chance.randrange(len(data))
        assert len(swap(bytes(data), (end, len(data)))) == len(data)


def test_thousands_of_shapes():
    """Each message has attributes of its own: they are parted by one header after the other, not compared with one another."""
    swap, count, shapes = Swap(declared('tcp')), 3000, []
    turn = swap.turn

    def counted(data, turned, starts, *more):
        shapes.append(len(starts))
        turn(data, turned, starts, *more)
    swap.turn = counted
    fixed = struct.pack('BBBB', 2, 1, 0, 0) + bytes(68)
    there, here = [b''.join([message(order, fixed + attribute(order, number, b'') + attribute(order, number, b'1234'))
                             for number in range(100, 100 + count)]) for order in (THERE, HERE)]
    assert swap(there) == here
    assert sum(shapes) <= 3 * count
