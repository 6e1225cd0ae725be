"""SCTP: endpoints, and their associations below them."""
import socket
import struct

from . import kind
from .calls import AF_INET, AF_INET6, load

IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD = 132, 100
SCTP_RTOINFO, SCTP_NODELAY, SCTP_AUTOCLOSE = 0, 3, 4


def sctp_socket(family=AF_INET, style=socket.SOCK_STREAM):
    load('sctp')
    return socket.socket(family, style, IPPROTO_SCTP)


@kind
def one_to_one():
    """LISTEN, and an association with data waiting; nodelay:1 at the client."""
    server, client = sctp_socket(), sctp_socket()
    server.bind(('127.0.0.1', 1100))
    server.listen(5)
    client.setsockopt(IPPROTO_SCTP, SCTP_NODELAY, 1)
    client.connect(('127.0.0.1', 1100))
    accepted = server.accept()[0]
    client.sendall(b'hello')
    return [server, client, accepted]


@kind
def one_to_many():
    """One IPv6 endpoint with three associations, two of them of IPv4 clients."""
    sockets = [sctp_socket(AF_INET6, socket.SOCK_SEQPACKET)]
    sockets[0].setsockopt(IPPROTO_SCTP, SCTP_AUTOCLOSE, 600)
    sockets[0].bind(('::', 1101))
    sockets[0].listen(5)
    for family, address in ((AF_INET6, '::1'), (AF_INET, '127.0.0.1'), (AF_INET, '127.0.0.1')):
        sockets.append(sctp_socket(family, socket.SOCK_SEQPACKET))
        sockets[-1].connect((address, 1101))
    return sockets


@kind
def several_addresses():
    """An endpoint bound to two addresses: locals:..., peers:..."""
    server, client = sctp_socket(), sctp_socket()
    addresses = b''.join(struct.pack('=H', socket.AF_INET) + struct.pack('!H4s8x', 1102, socket.inet_aton(text))
                         for text in ('127.0.0.1', '192.0.2.1'))
    server.setsockopt(IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD, addresses)
    server.listen(5)
    client.connect(('127.0.0.1', 1102))
    return [server, client, server.accept()[0]]


@kind
def cookie_wait():
    """An association that waits for its answer."""
    sock = sctp_socket()
    sock.setblocking(False)
    sock.connect_ex(('192.0.2.77', 9))
    return sock
