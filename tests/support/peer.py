"""A TCP peer made of single packets, for states that a well-behaved kernel on loopback never leaves visible."""
import os
import select
import socket
import struct
import time

FIN, SYN, RST, PSH, ACK, ECE, CWR = 1, 2, 4, 8, 0x10, 0x40, 0x80

MSS = struct.pack('!BBH', 2, 4, 1460)
SACK_PERMITTED = b'\x04\x02\x01\x01'
WINDOW_SCALE = b'\x03\x03\x07\x01'


def checksum(data):
    data += b'\0' * (len(data) & 1)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return ~total & 0xffff


def sack(*blocks):
    """The option that tells the holes: blocks of (left, right) sequence numbers."""
    return struct.pack('!BBBB', 1, 1, 5, 2 + 8 * len(blocks)) + b''.join(struct.pack('!II', *b) for b in blocks)


class Peer:
    """One address behind a TUN device, talking to the kernel's address on it.

    Each conversation is one port of the peer's.  Sequence numbers of the peer begin at 1000; `send`
    is told them outright, since the tests want packets that are wrong, early or missing.
    """

    def __init__(self, wire, ours, theirs):
        self.wire = wire
        self.addresses = socket.inet_aton(theirs), socket.inet_aton(ours)

    def send(self, port, to, seq, ack, flags, options=b'', data=b'', window=64240):
        source, target = self.addresses
        header = struct.pack('!HHIIBBHHH', port, to, seq, ack, (5 + len(options) // 4) << 4, flags, window, 0, 0)
        segment = header + options + data
        pseudo = source + target + struct.pack('!BBH', 0, socket.IPPROTO_TCP, len(segment))
        segment = segment[:16] + struct.pack('!H', checksum(pseudo + segment)) + segment[18:]
        ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(segment), 1, 0, 64, socket.IPPROTO_TCP, 0,
                         source, target)
        os.write(self.wire, ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:] + segment)

    def hear(self, port, flags, patience=5):
        """The sequence number of the next packet to `port` with just these flags."""
        end = time.time() + patience
        while time.time() < end:
            if not select.select([self.wire], [], [], 0.1)[0]:
                continue
            packet = os.read(self.wire, 65536)
            if packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
                continue
            segment = packet[(packet[0] & 15) * 4:]
            target, seq = struct.unpack_from('!xxHI', segment)
            if target == port and segment[13] & (FIN | SYN | RST | ACK) == flags:
                return seq
        raise OSError('the kernel never answered port %d' % port)

    def knock(self, port, to, options=MSS):
        self.send(port, to, 1000, 0, SYN, options)

    def meet(self, listener, port, options=MSS, window=64240):
        """Open a connection from `port` to `listener`: the kernel's socket, its next sequence number.

        The device may still be coming up, and swallow the first packets.
        """
        to = listener.getsockname()[1]
        for patience in (1, 1, 5):
            self.knock(port, to, options)
            try:
                seq = self.hear(port, SYN | ACK, patience) + 1
                break
            except OSError:
                if patience == 5:
                    raise
        self.send(port, to, 1001, seq, ACK, window=window)
        return listener.accept()[0], seq
