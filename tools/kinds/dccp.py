"""DCCP, on kernels that still have it (until 6.15)."""
import socket
import struct

from . import kind
from .calls import load

SOCK_DCCP, IPPROTO_DCCP, SOL_DCCP, DCCP_SOCKOPT_SERVICE = 6, 33, 269, 2


def dccp_socket():
    load('dccp_ipv4', 'dccp_ipv6', 'dccp_diag')
    sock = socket.socket(socket.AF_INET, SOCK_DCCP, IPPROTO_DCCP)
    sock.setsockopt(SOL_DCCP, DCCP_SOCKOPT_SERVICE, struct.pack('!I', 42))
    return sock


@kind
def connection():
    """LISTEN and a connection."""
    server, client = dccp_socket(), dccp_socket()
    server.bind(('127.0.0.1', 1200))
    server.listen(3)
    client.connect(('127.0.0.1', 1200))
    return [server, client, server.accept()[0]]
