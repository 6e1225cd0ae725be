"""TCP states that a well-behaved peer never leaves visible, with a fake peer behind a TUN device.

tun0 is 10.99.0.1; the peer, 10.99.0.2, is this module: it opens connections from one port each and
then answers nothing, so that the kernel waits for its acknowledgement.
"""
import os
import socket
import time

from tests.support.namespaces import tun
from tests.support.peer import ACK, FIN, Peer

from . import kind
from .calls import listener, load

LOCAL, REMOTE, PORT = '10.99.0.1', '10.99.0.2', 1050
DATA = 1001             # the peer's sequence number once a connection is open

wires = []              # the one Wire, once `established` has made it


class Wire:
    """tun0, the listener on our end of it, and the peer at the other."""

    def __init__(self):
        load('tun')
        self.device = tun('tun0', LOCAL)
        self.listening = listener((LOCAL, PORT))
        self.peer = Peer(self.device, LOCAL, REMOTE)

    def close(self):
        self.listening.close()
        os.close(self.device)

    def open(self, port):
        return self.peer.meet(self.listening, port)


@kind
def established():
    """ESTAB whose data is never acknowledged: the retransmission timer runs."""
    wires.append(Wire())
    sock, _ = wires[0].open(4445)
    sock.sendall(b'unacknowledged')
    return [wires[0], sock]


@kind
def syn_recv():
    """SYN-RECV: a request without a socket, an owner or an inode."""
    wires[0].peer.knock(4444, PORT)
    return []


@kind
def fin_wait1():
    """FIN-WAIT-1: closed for writing, not acknowledged."""
    sock, _ = wires[0].open(4446)
    sock.shutdown(socket.SHUT_WR)
    return sock


@kind
def last_ack():
    """LAST-ACK: the peer closed first, and does not acknowledge our end."""
    sock, sequence = wires[0].open(4447)
    wires[0].peer.send(4447, PORT, DATA, sequence, FIN | ACK)
    time.sleep(.05)
    sock.shutdown(socket.SHUT_WR)
    return sock


@kind
def closing():
    """CLOSING: both ends closed at the same time."""
    sock, sequence = wires[0].open(4448)
    sock.shutdown(socket.SHUT_WR)
    time.sleep(.05)
    wires[0].peer.send(4448, PORT, DATA, sequence, FIN | ACK)
    return sock
