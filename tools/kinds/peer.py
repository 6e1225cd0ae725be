"""TCP states that a well-behaved peer never leaves visible, with a fake peer behind a TUN device.

tun0 is 10.99.0.1; the peer, 10.99.0.2, is this module: it opens connections from one port each and
then answers nothing, so that the kernel waits for its acknowledgement.
"""
import fcntl
import os
import select
import socket
import struct
import time

from . import kind, links
from .calls import listener, load

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000
LOCAL, REMOTE, PORT = '10.99.0.1', '10.99.0.2', 1050
FIN, SYN, ACK = 0x01, 0x02, 0x10
OUR_FIRST = 1000                             # the peer's first sequence number
MSS_OPTION = struct.pack('!BBH', 2, 4, 1460)

peers = []                                   # the one Peer, once `syn_recv` has made it


class Peer:
    def __init__(self):
        load('tun')
        self.device = os.open('/dev/net/tun', os.O_RDWR)
        fcntl.ioctl(self.device, TUNSETIFF, struct.pack('16sH14x', b'tun0', IFF_TUN | IFF_NO_PI))
        links.add_address('tun0', LOCAL, 24)
        links.up('tun0')
        self.listening = listener((LOCAL, PORT))

    def close(self):
        self.listening.close()
        os.close(self.device)

    def send(self, port, sequence, acknowledge, flags, options=b''):
        addresses = socket.inet_aton(REMOTE) + socket.inet_aton(LOCAL)
        segment = struct.pack('!HHIIBBHHH', port, PORT, sequence, acknowledge,
                              (5 + len(options) // 4) << 4, flags, 64240, 0, 0) + options
        pseudo = addresses + struct.pack('!BBH', 0, socket.IPPROTO_TCP, len(segment))
        segment = segment[:16] + checksum(pseudo + segment) + segment[18:]
        header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(segment), 1, 0, 64,
                             socket.IPPROTO_TCP, 0) + addresses
        os.write(self.device, header[:10] + checksum(header) + header[12:] + segment)

    def answer(self, port, flags):
        """The sequence number of the next segment to `port` with these flags; None after a second."""
        end = time.time() + 1
        while time.time() < end:
            if not select.select([self.device], [], [], .1)[0]:
                continue
            packet = os.read(self.device, 4096)
            segment = packet[(packet[0] & 15) * 4:]
            if (packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP and segment[13] & 0x17 == flags
                    and struct.unpack('!H', segment[2:4])[0] == port):
                return struct.unpack('!I', segment[4:8])[0]
        return None

    def open(self, port):
        """A connection from `port`: (accepted socket, the sequence number the peer has to send next)."""
        for _ in range(5):                  # the device may still be coming up
            self.send(port, OUR_FIRST, 0, SYN, MSS_OPTION)
            sequence = self.answer(port, SYN | ACK)
            if sequence is not None:
                self.send(port, OUR_FIRST + 1, sequence + 1, ACK)
                return self.listening.accept()[0], sequence + 1
        raise OSError('no answer through tun0')


def checksum(data):
    data += bytes(len(data) & 1)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total >> 16) + (total & 0xffff)
    return struct.pack('!H', ~total & 0xffff)


@kind
def established():
    """ESTAB whose data is never acknowledged: the retransmission timer runs."""
    peers.append(Peer())
    sock, _ = peers[0].open(4445)
    sock.sendall(b'unacknowledged')
    return [peers[0], sock]


@kind
def syn_recv():
    """SYN-RECV: a request without a socket, an owner or an inode."""
    peers[0].send(4444, OUR_FIRST, 0, SYN, MSS_OPTION)
    return []


@kind
def fin_wait1():
    """FIN-WAIT-1: closed for writing, not acknowledged."""
    sock, _ = peers[0].open(4446)
    sock.shutdown(socket.SHUT_WR)
    return sock


@kind
def last_ack():
    """LAST-ACK: the peer closed first, and does not acknowledge our end."""
    sock, sequence = peers[0].open(4447)
    peers[0].send(4447, OUR_FIRST + 1, sequence, FIN | ACK)
    time.sleep(.05)
    sock.shutdown(socket.SHUT_WR)
    return sock


@kind
def closing():
    """CLOSING: both ends closed at the same time."""
    sock, sequence = peers[0].open(4448)
    sock.shutdown(socket.SHUT_WR)
    time.sleep(.05)
    peers[0].send(4448, OUR_FIRST + 1, sequence, FIN | ACK)
    return sock
