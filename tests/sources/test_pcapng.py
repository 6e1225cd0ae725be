"""The blocks of a pcapng file, beside the same written and read by struct, and damaged in each way."""
import struct
import sys

import pytest

from ssng.sources import pcapng
from ssng.sources.pcapng import Damaged, Writer, blocks, read_options

HERE, THERE = '<>' if sys.byteorder == 'little' else '><'


def block(order, kind, body):
    size = struct.pack(order + 'I', 12 + len(body))
    return struct.pack(order + 'I', kind) + size + body + size


def section(order):
    return block(order, 0x0a0d0d0a, struct.pack(order + 'IHHq', 0x1a2b3c4d, 1, 0, -1))


def reader(data, size=1 << 30):
    """read(), that gives no more than ``size`` bytes at once."""
    rest = [data]

    def read(most):
        given, rest[0] = rest[0][:min(most, size)], rest[0][min(most, size):]
        return given
    return read


def read_all(data, size=1 << 30):
    """(what blocks() gives, how it ends)"""
    found = []
    try:
        for each in blocks(reader(data, size)):
            found.append(each)
    except Damaged as damaged:
        return found, str(damaged)
    return found, ''


# What is written

def written(do):
    parts = []
    do(Writer(parts.append))
    return b''.join(parts)


def test_a_section():
    """Its options: 1 comment, 3 os, 4 userappl, each filled to four bytes, and an end."""
    data = written(lambda writer: writer.section(b'-tan', b'Linux', b'ssng 1'))
    options = b''.join([struct.pack(HERE + 'HH', number, len(text)) + text.ljust(len(text) + -len(text) % 4, b'\0')
                        for number, text in ((1, b'-tan'), (3, b'Linux'), (4, b'ssng 1'))]) + bytes(4)
    assert data == block(HERE, 0x0a0d0d0a, struct.pack(HERE + 'IHHq', 0x1a2b3c4d, 1, 0, -1) + options)


def test_interfaces():
    writer = Writer(lambda data: None)
    assert [writer.interface(b'', b'netns 1') for _ in range(3)] == [0, 1, 2]
    data = written(lambda writer: writer.interface(b'web', b'netns 7 web'))
    assert data == block(HERE, 1, struct.pack(HERE + 'HHI', 253, 0, 1 << 18) + struct.pack(HERE + 'HH', 2, 3) + b'web\0'
                         + struct.pack(HERE + 'HH', 3, 11) + b'netns 7 web\0'
                         + struct.pack(HERE + 'HH', 9, 1) + b'\x09\0\0\0' + bytes(4))


@pytest.mark.parametrize('comment', [b'', b'peers'])
def test_datagrams(comment):
    """One block each, with a big-endian header in front, whatever the machine is; they are counted."""
    writers = []

    def do(writer):
        writers.append(writer)
        writer.packets(2, 4, b'aaaabbbbbbbccc', (4, 11, 14), (5 << 32) + 6, pcapng.OUTBOUND, comment)
    found, why = read_all(section(HERE) + written(do))
    assert why == '' and writers[0].datagrams == 3
    for (kind, _, body, order), data in zip(found[1:], (b'aaaa', b'bbbbbbb', b'ccc')):
        size = 16 + len(data)
        assert (kind, order) == (6, HERE)
        assert body[:20] == struct.pack(HERE + 'IIIII', 2, 5, 6, size, size)
        assert body[20:36] == struct.pack('>HH10xH', 0, 824, 4) and body[36:36 + len(data)] == data
        options = read_options(body, 20 + size + -size % 4, order)
        assert options == dict([(2, struct.pack(HERE + 'I', 2))] + [(1, comment)] * bool(comment))


def test_lines():
    assert written(lambda writer: writer.journal([b'A=1', b'BC=2'])) == block(HERE, 9, b'A=1\nBC=2\n' + bytes(3))


# What is read

@pytest.mark.parametrize('order', '<>')
@pytest.mark.parametrize('size', [1, 7, 1 << 30])
def test_blocks(order, size):
    """Whichever pieces the file is read in; the place is that of the body."""
    data = section(order) + block(order, 6, b'abcd') + block(order, 77, b'') + block(order, 9, bytes(5000))
    found, why = read_all(data, size)
    assert why == '' and [(kind, told) for kind, _, _, told in found] == [(kind, order) for kind in (0x0a0d0d0a, 6, 77, 9)]
    for _, place, body, _ in found:
        assert data[place:place + len(body)] == body


def test_files_one_after_the_other():
    """Each section has a byte order of its own."""
    found, why = read_all(section('<') + block('<', 6, b'1234') + section('>') + block('>', 6, b'12345678'))
    assert why == '' and [(order, len(body)) for _, _, body, order in found] == [('<', 16), ('<', 4), ('>', 16), ('>', 8)]


WHOLE = section(HERE) + block(HERE, 6, b'abcd')


@pytest.mark.parametrize('data, count, why', [
    (b'', 0, 'it is no pcapng file'), (b'abc', 0, 'it is no pcapng file'), (bytes(100), 0, 'it is no pcapng file'),
    (block(HERE, 6, b'abcd'), 0, 'it is no pcapng file'),
    (WHOLE[:-1], 1, 'it ends within a block, 43 bytes from its start'),
    (WHOLE[:-15], 1, 'it ends within a block, 29 bytes from its start'),
    (WHOLE + struct.pack(HERE + 'II', 6, 11), 2, 'it ends within a block, 52 bytes from its start'),
    (WHOLE + struct.pack(HERE + 'III', 6, 11, 0), 2, 'a block, 44 bytes from the start, says it has 11 bytes'),
    (WHOLE + struct.pack(HERE + 'III', 6, 13, 0), 2, 'a block, 44 bytes from the start, says it has 13 bytes'),
    (WHOLE + struct.pack(HERE + 'III', 6, 0xfffffffc, 0), 2, 'a block, 44 bytes from the start, says it has 4294967292 bytes'),
    (WHOLE[:-4] + bytes(4), 1, 'a block, 28 bytes from the start, says two lengths')])
def test_damage(data, count, why):
    """What precedes it is told."""
    found, told = read_all(data)
    assert (len(found), told) == (count, why)


@pytest.mark.parametrize('options, found', [
    (b'', {}), (struct.pack(HERE + 'HH', 0, 0), {}), (b'\1\0', {}),
    (struct.pack(HERE + 'HH', 1, 2) + b'ab\0\0' + struct.pack(HERE + 'HH', 0, 0), {1: b'ab'}),
    (struct.pack(HERE + 'HH', 1, 4) + b'abcd' + struct.pack(HERE + 'HH', 1, 1) + b'x\0\0\0', {1: b'abcd'}),      # the first
    (struct.pack(HERE + 'HH', 1, 0) + struct.pack(HERE + 'HH', 3, 400) + b'ab', {1: b''}),                      # too long
    (struct.pack(HERE + 'HH', 0, 0) + struct.pack(HERE + 'HH', 1, 0), {})])                                     # behind the end
def test_options(options, found):
    assert read_options(b'1234' + options, 4, HERE) == found


def test_options_of_the_other_byte_order():
    assert read_options(struct.pack(THERE + 'HH', 4, 1) + b'x\0\0\0', 0, THERE) == {4: b'x'}
