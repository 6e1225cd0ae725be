"""TIPC sockets inside one node."""
import socket
import struct
import threading

from . import kind
from .calls import AF_TIPC, bind, connect, load

SERVICE_RANGE, SERVICE_ADDRESS = 1, 2
CLUSTER_SCOPE, NODE_SCOPE = 2, 3
SERVICE = 18888


def tipc_socket(style):
    load('tipc', 'diag', 'tipc_diag')        # the dump's module was called `diag` before 6.2
    return socket.socket(AF_TIPC, style)


def service_range(lower, upper, scope, service=SERVICE):
    """struct sockaddr_tipc: family, type of address, scope, then service, lower, upper"""
    return struct.pack('=HBbIII', AF_TIPC, SERVICE_RANGE, scope, service, lower, upper)


@kind
def connection():
    """A listener and a connection."""
    server = bind(tipc_socket(socket.SOCK_STREAM), service_range(17, 17, NODE_SCOPE))
    server.listen(1)
    accepted = []
    # connect() returns once the server accepts
    accepting = threading.Thread(target=lambda: accepted.append(server.accept()[0]), daemon=True)
    accepting.start()
    client = connect(tipc_socket(socket.SOCK_STREAM), struct.pack(
        '=HBbIII', AF_TIPC, SERVICE_ADDRESS, 0, SERVICE, 17, 0))
    accepting.join(5)
    return [server, client] + accepted


@kind
def others():
    """A published datagram service, an unpublished one, a sequenced-packet socket."""
    return [bind(tipc_socket(socket.SOCK_RDM), service_range(0, 100, CLUSTER_SCOPE, SERVICE + 1)),
            tipc_socket(socket.SOCK_DGRAM), tipc_socket(socket.SOCK_SEQPACKET)]
