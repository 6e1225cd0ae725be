"""Netlink messages made by struct alone: a test of the engine owes nothing to the engine (sockets.md 1.1, 1.3)."""
import struct

SEQ, PID = 123456, 4711
DONE, ERROR = 3, 2
NESTED = 0x8000


def padded(data):
    return data + bytes(-len(data) % 4)


def attribute(number, value, length=None):
    """`length` is what the attribute says of itself, where that is not the truth."""
    return padded(struct.pack('=HH', 4 + len(value) if length is None else length, number) + value)


def message(payload, kind=20, flags=2, seq=SEQ, pid=PID, length=None):
    return struct.pack('=IHHII', 16 + len(payload) if length is None else length, kind, flags, seq, pid) + payload


def done(status=0, more=b'', **header):
    return message(struct.pack('=i', status) + more, DONE, **header)


def inet(family=2, state=1, timer=0, retrans=0, sport=1, dport=2, src=bytes(16), dst=bytes(16), interface=0,
         cookie=1, expires=0, rqueue=0, wqueue=0, uid=0, inode=0, attributes=()):
    """The payload of one internet socket; addresses of 4 or 16 bytes, `attributes` as (number, value)."""
    return (struct.pack('=BBBB', family, state, timer, retrans)
            + struct.pack('>HH', sport, dport) + src.ljust(16, b'\0') + dst.ljust(16, b'\0')
            + struct.pack('=III', interface, cookie & 0xffffffff, cookie >> 32)
            + struct.pack('=IIIII', expires, rqueue, wqueue, uid, inode)
            + b''.join(attribute(number, value) for number, value in attributes))


def joined(datagrams):
    """As a reader hands them over: (bytes, where each datagram ends)."""
    data, ends = b'', []
    for datagram in datagrams:
        data += datagram
        ends.append(len(data))
    return data, tuple(ends)
