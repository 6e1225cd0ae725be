"""TCP with a peer that misbehaves: half-open, half-closed, lost and reordered packets."""
import socket
import struct
import time

from tests.parity.kinds import keep, kind, open_socket
from tests.parity.kinds.tcp import AF_INET, listener
from tests.support.namespaces import tun
from tests.support.peer import ACK, FIN, MSS, PSH, SACK_PERMITTED, WINDOW_SCALE, Peer, sack

OURS, THEIRS, PORT = '10.99.0.1', '10.99.0.2', 1200
END = 1001      # the first sequence number of the peer's data
SACKING = MSS + SACK_PERMITTED + WINDOW_SCALE


class Wire:
    """Made by the first kind of this module, used by the others."""
    peer = None
    door = None


@kind
def syn_recv():
    Wire.peer = Peer(keep_wire('wire0'), OURS, THEIRS)
    Wire.door = listener(AF_INET, OURS, PORT, 20)
    for port in (4440, 4441, 4442):
        Wire.peer.knock(port, PORT)


def keep_wire(name):
    wire = tun(name, OURS)
    keep(wire)
    return wire


def meet(port, options=MSS, **more):
    made, seq = Wire.peer.meet(Wire.door, port, options, **more)
    return keep(made), seq


@kind
def unacknowledged():
    meet(4445)[0].sendall(b'never acknowledged')
    meet(4446, SACKING)[0].sendall(b'z' * 20000)


@kind
def fin_wait_1():
    meet(4450)[0].shutdown(socket.SHUT_WR)


@kind
def last_ack():
    made, seq = meet(4451)
    Wire.peer.send(4451, PORT, END, seq, FIN | ACK)
    time.sleep(0.02)
    made.shutdown(socket.SHUT_WR)


@kind
def closing():
    made, seq = meet(4452)
    made.shutdown(socket.SHUT_WR)
    time.sleep(0.02)
    Wire.peer.send(4452, PORT, END, seq, FIN | ACK)


@kind
def out_of_order():
    _, seq = meet(4453, SACKING)
    for start in (END + 100, END + 300, END + 100):
        Wire.peer.send(4453, PORT, start, seq, ACK | PSH, data=b'd' * 100)


@kind
def selectively_acknowledged():
    made, seq = meet(4454, SACKING)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(8):
        made.send(b'e' * 1000)
    for right in (3000, 4000, 6000):
        Wire.peer.send(4454, PORT, END, seq, ACK, sack((seq + 2000, seq + right)))
    time.sleep(0.02)


@kind
def closed_window():
    made, seq = meet(4455, window=0)
    made.send(b'no room for this')


@kind
def one_way():
    """Data and its acknowledgement, so that counters, rtt and the delivery rate are not zero."""
    made, seq = meet(4456)
    for number in range(5):
        made.send(b'f' * 500)
        time.sleep(0.005)
        seq += 500
        Wire.peer.send(4456, PORT, END + number * 10, seq, ACK | PSH, data=b'0123456789')


@kind
def linger():
    """Closed with data that the peer never takes: an orphan in FIN-WAIT-1."""
    made, _ = Wire.peer.meet(Wire.door, 4457)
    made.send(b'left behind')
    made.close()


@kind
def calling_out():
    made = open_socket(AF_INET, socket.SOCK_STREAM, OURS, 4460)
    made.setblocking(False)
    made.connect_ex((THEIRS, 4460))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
