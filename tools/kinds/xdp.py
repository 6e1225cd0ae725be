"""AF_XDP sockets: rings, a shared umem, an unbound one."""
import ctypes
import mmap
import socket
import struct

from . import kind
from .calls import AF_XDP, bind

SOL_XDP = 283
XDP_RX_RING, XDP_TX_RING, XDP_UMEM_REG, XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING = 2, 3, 4, 5, 6
XDP_SHARED_UMEM, XDP_COPY = 1, 2
FRAMES, FRAME_SIZE = 64, 4096


def xdp_socket(**rings):
    sock = socket.socket(AF_XDP, socket.SOCK_RAW)
    for number, size in ((XDP_RX_RING, rings.get('rx')), (XDP_TX_RING, rings.get('tx'))):
        if size:
            sock.setsockopt(SOL_XDP, number, size)
    return sock


def with_umem(sock):
    """[sock, its memory], with fill and completion rings."""
    memory = mmap.mmap(-1, FRAMES * FRAME_SIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    # struct xdp_umem_reg: address, length, chunk size, headroom, flags, length of metadata
    sock.setsockopt(SOL_XDP, XDP_UMEM_REG, struct.pack(
        '=QQIIII', address, FRAMES * FRAME_SIZE, FRAME_SIZE, 0, 0, 0))
    sock.setsockopt(SOL_XDP, XDP_UMEM_FILL_RING, 64)
    sock.setsockopt(SOL_XDP, XDP_UMEM_COMPLETION_RING, 64)
    return [sock, memory]


def bind_to(sock, device, flags, shared=0):
    # struct sockaddr_xdp: family, flags, interface, queue, descriptor of the shared umem's socket
    return bind(sock, struct.pack('=HHIII', AF_XDP, flags, socket.if_nametoindex(device), 0, shared))


@kind
def both_rings():
    """Receive and send rings on v0:q0."""
    held = with_umem(xdp_socket(rx=128, tx=32))
    bind_to(held[0], 'v0', XDP_COPY)
    return held


@kind
def receive_only():
    """A receive ring on lo."""
    held = with_umem(xdp_socket(rx=128))
    bind_to(held[0], 'lo', XDP_COPY)
    return held


@kind
def shared_memory():
    """Two sockets on v1 with one umem."""
    held = with_umem(xdp_socket(rx=128, tx=32))
    bind_to(held[0], 'v1', XDP_COPY)
    second = xdp_socket(rx=16)
    bind_to(second, 'v1', XDP_SHARED_UMEM, held[0].fileno())
    return held + [second]


@kind
def unbound():
    """A socket that is bound to nothing."""
    return xdp_socket()
