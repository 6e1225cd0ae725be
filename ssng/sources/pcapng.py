"""pcapng with netlink messages in it, as Wireshark reads them: the form of a record, without any input or output.

A file is a row of blocks, each with its kind in front and its length at both ends; all integers are in the byte order of
the machine that wrote it, which the first block tells.

    section header          who wrote it, on which host, to which question
    interface description   a network namespace; what follows names it by its number, from 0
    enhanced packet         one datagram behind a cooked header of 16 bytes, big-endian: 0, ARPHRD_NETLINK, ten zeros, the
                            netlink protocol.  Wireshark takes a message with port id 0 for a request, any other for a reply.
    systemd journal export  lines KEY=value: what else was known of the host

The kinds and options are those of draft-ietf-opsawg-pcapng.
"""

import sys
from struct import Struct, pack

SECTION, INTERFACE, PACKET, JOURNAL = 0x0a0d0d0a, 1, 6, 9
MAGIC = 0x1a2b3c4d
LINKTYPE_NETLINK = 253
ARPHRD_NETLINK = 824
END, COMMENT, IF_NAME, IF_DESCRIPTION, OS, APPLICATION, FLAGS, TIME_UNIT = 0, 1, 2, 3, 3, 4, 2, 9
INBOUND, OUTBOUND = 1, 2
NANOSECONDS = 9
SNAPLEN = 1 << 18
COOKED = 16                     # bytes of the header in front of a datagram
FRAME = 12                      # bytes of a block around its body
LONGEST = 1 << 26               # bytes of a block: what says it has more is damaged
CHUNK = 1 << 20
LITTLE, BIG = MAGIC.to_bytes(4, 'little'), MAGIC.to_bytes(4, 'big')

PACKET_HEAD = 'IIIIIII'         # kind, length, interface, time high and low, captured length, length


class Damaged(Exception):
    """The bytes are no pcapng, or end too early; ``str`` of it says how."""


def cooked(protocol):
    """The header in front of a datagram."""
    return pack('>HH10xH', 0, ARPHRD_NETLINK, protocol)


def padded(data):
    return data + bytes(-len(data) % 4)


def options(pairs):
    """(number, bytes) pairs as the options of a block; nothing for none."""
    found = b''.join([pack('=HH', number, len(value)) + padded(value) for number, value in pairs])
    return found and found + pack('=HH', END, 0)


def block(kind, body):
    size = pack('=I', FRAME + len(body))
    return pack('=I', kind) + size + body + size


class Writer:
    """Blocks in this machine's byte order, handed to ``write`` as bytes; each call is whole blocks."""

    def __init__(self, write):
        self.write = write
        self.interfaces = 0
        self.datagrams = 0

    def section(self, comment, system, application):
        """The first block: the question, the host (uname), the program.  All are UTF-8."""
        self.write(block(SECTION, pack('=IHHq', MAGIC, 1, 0, -1) + options(
            [(COMMENT, comment), (OS, system), (APPLICATION, application)])))

    def interface(self, name, description):
        """A network namespace; returns its number."""
        self.write(block(INTERFACE, pack('=HHI', LINKTYPE_NETLINK, 0, SNAPLEN) + options(
            [(IF_NAME, name), (IF_DESCRIPTION, description), (TIME_UNIT, bytes([NANOSECONDS]))])))
        self.interfaces += 1
        return self.interfaces - 1

    def packets(self, interface, protocol, data, ends, nanoseconds, direction=INBOUND, comment=b''):
        """Datagrams that came together: ``data``, and where each of them ends in it."""
        head, front = Struct('=' + PACKET_HEAD), cooked(protocol)
        more = options([(FLAGS, pack('=I', direction))] + ([(COMMENT, comment)] if comment else []))
        high, low = nanoseconds >> 32, nanoseconds & 0xffffffff
        parts, start = [], 0
        for end in ends:
            size = COOKED + end - start
            pad = -size % 4
            total = head.size + size + pad + len(more) + 4
            parts += [head.pack(PACKET, total, interface, high, low, size, size), front, data[start:end], bytes(pad), more,
                      total.to_bytes(4, sys.byteorder)]
            self.datagrams += 1
            start = end
        self.write(b''.join(parts))

    def journal(self, lines):
        """Lines KEY=value, as bytes without a line end in them."""
        self.write(block(JOURNAL, padded(b''.join([line + b'\n' for line in lines]))))


def blocks(read):
    """(kind, place of its body in the file, body, byte order as struct has it: '<' or '>') of each block.

    ``read(size)`` gives the next bytes of the file, b'' at its end.  Raises Damaged where there is no whole block.
    """
    data, at, place, order = b'', 0, 0, None
    while True:
        data, at = more(read, data, at, FRAME)
        if at == len(data) and order:
            return
        if data[at:at + 4] == b'\n\r\r\n' and data[at + 8:at + 12] in (LITTLE, BIG):
            order = '<' if data[at + 8:at + 12] == LITTLE else '>'
        if order is None:
            raise Damaged('it is no pcapng file')
        if len(data) - at < FRAME:
            raise Damaged('it ends within a block, %d bytes from its start' % (place + len(data) - at))
        word = 'little' if order == '<' else 'big'
        kind, size = int.from_bytes(data[at:at + 4], word), int.from_bytes(data[at + 4:at + 8], word)
        if size < FRAME or size % 4 or size > LONGEST:
            raise Damaged('a block, %d bytes from the start, says it has %d bytes' % (place, size))
        data, at = more(read, data, at, size)
        if len(data) - at < size:
            raise Damaged('it ends within a block, %d bytes from its start' % (place + len(data) - at))
        if data[at + size - 4:at + size] != data[at + 4:at + 8]:
            raise Damaged('a block, %d bytes from the start, says two lengths' % place)
        yield kind, place + 8, data[at + 8:at + size - 4], order
        at += size
        place += size


def more(read, data, at, size):
    """(data, place) with ``size`` bytes behind the place, as far as the file has them."""
    if len(data) - at >= size:
        return data, at
    pieces, there = [data[at:]], len(data) - at
    while there < size:
        piece = read(max(size - there, CHUNK))
        if not piece:
            break
        pieces.append(piece)
        there += len(piece)
    return b''.join(pieces), 0


def read_options(body, start, order):
    """{number: the first value} of the options behind ``start`` of a block's body, as far as they make sense."""
    found, head = {}, Struct(order + 'HH')
    while start + 4 <= len(body):
        number, size = head.unpack_from(body, start)
        if number == END or start + 4 + size > len(body):
            break
        found.setdefault(number, body[start + 4:start + 4 + size])
        start += 4 + size + -size % 4
    return found
