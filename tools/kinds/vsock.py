"""VM sockets over the loopback transport."""
import socket
import struct

from . import kind
from .calls import AF_VSOCK, bind, connect, load

CID_ANY, CID_LOCAL = 0xffffffff, 1


def address(cid, port):
    """struct sockaddr_vm: family, reserved, port, cid, flags"""
    return struct.pack('=HHIIB3x', AF_VSOCK, 0, port, cid, 0)


def connection(style, port):
    load('vsock_loopback', 'vsock_diag')
    server = bind(socket.socket(AF_VSOCK, style), address(CID_ANY, port))
    server.listen(3)
    client = connect(socket.socket(AF_VSOCK, style), address(CID_LOCAL, port))
    return [server, client, server.accept()[0]]


@kind
def stream():
    """v_str: LISTEN on `*`, and a connection with CID 1."""
    return connection(socket.SOCK_STREAM, 1234)


@kind
def seqpacket():
    """A connection of packets."""
    return connection(socket.SOCK_SEQPACKET, 1235)


@kind
def datagram():
    """v_dgr, where a transport offers it."""
    return bind(socket.socket(AF_VSOCK, socket.SOCK_DGRAM), address(CID_ANY, 1236))
