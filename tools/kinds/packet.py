"""Packet sockets: protocols, devices, filters, rings, fanout."""
import ctypes
import mmap
import socket
import struct

from . import kind
from .calls import AF_PACKET, SO_ATTACH_FILTER, SOL_SOCKET

SOL_PACKET = 263
(PACKET_ADD_MEMBERSHIP, PACKET_RX_RING, PACKET_COPY_THRESH, PACKET_AUXDATA, PACKET_ORIGDEV,
 PACKET_VERSION, PACKET_TX_RING, PACKET_LOSS, PACKET_VNET_HDR, PACKET_FANOUT) = (
     1, 5, 7, 8, 9, 10, 13, 14, 15, 18)
TPACKET_V2, TPACKET_V3 = 1, 2
PACKET_MR_MULTICAST, PACKET_MR_PROMISC = 0, 1
FANOUT_ROLLOVER_FLAG, FANOUT_LB = 0x1000, 1
ETH_P_ALL, ETH_P_IP, ETH_P_LLDP = 3, 0x0800, 0x88cc

# ldh [12]; jeq #0x800, take, drop; take: ret #262144; drop: ret #0
FILTER = struct.pack('=' + 'HBBI' * 4, 0x28, 0, 0, 12, 0x15, 0, 1, 0x800, 6, 0, 0, 262144, 6, 0, 0, 0)


def attach_filter(sock):
    """A classic BPF filter, as `struct sock_fprog`; the kernel copies it."""
    program = ctypes.create_string_buffer(FILTER, len(FILTER))
    sock.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack('@HP', len(FILTER) // 8, ctypes.addressof(program)))
    return sock


def packet_socket(protocol, device=None, style=socket.SOCK_RAW):
    sock = socket.socket(AF_PACKET, style, socket.htons(protocol))
    if device:
        sock.bind((device, protocol))
    return sock


@kind
def protocols():
    """p_raw on `*` with a filter, p_dgr for IP on lo, p_raw without a protocol."""
    return [attach_filter(packet_socket(ETH_P_ALL)),
            packet_socket(ETH_P_IP, 'lo', socket.SOCK_DGRAM),
            packet_socket(0)]


@kind
def receive_ring():
    """A TPACKET_V3 ring with a timeout, flags, multicast and promiscuous membership."""
    sock = packet_socket(ETH_P_LLDP)
    for option in (PACKET_AUXDATA, PACKET_ORIGDEV, PACKET_VNET_HDR):
        sock.setsockopt(SOL_PACKET, option, 1)
    sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
    # struct tpacket_req3: block size, blocks, frame size, frames, timeout, private size, features
    sock.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack('=7I', 65536, 4, 2048, 4 * 32, 60, 0, 1))
    sock.bind(('dummy0', ETH_P_LLDP))
    index = socket.if_nametoindex('dummy0')
    for how, address in ((PACKET_MR_MULTICAST, b'\x01\x80\xc2\0\0\x0e'), (PACKET_MR_PROMISC, b'')):
        sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                        struct.pack('=iHH8s', index, how, len(address), address))
    return [sock, mmap.mmap(sock.fileno(), 65536 * 4)]


@kind
def both_rings():
    """TPACKET_V2 rings in both directions, a copy threshold, losses tolerated."""
    sock = packet_socket(0x88cd)
    sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
    sock.setsockopt(SOL_PACKET, PACKET_LOSS, 1)
    sock.setsockopt(SOL_PACKET, PACKET_COPY_THRESH, 100)
    for ring in (PACKET_RX_RING, PACKET_TX_RING):
        sock.setsockopt(SOL_PACKET, ring, struct.pack('=4I', 4096, 8, 2048, 16))
    return sock


@kind
def fanout():
    """Two members of a fanout group with a flag."""
    sockets = [packet_socket(0x88ce, 'dummy0') for _ in range(2)]
    for sock in sockets:
        sock.setsockopt(SOL_PACKET, PACKET_FANOUT, 42 | (FANOUT_ROLLOVER_FLAG | FANOUT_LB) << 16)
    return sockets
