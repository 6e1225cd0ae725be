"""Multipath TCP, and the subflows below it, which TCP's dump lists with ulp:mptcp."""
import socket

from . import kind
from .calls import AF_INET6, connected, listener, write

IPPROTO_MPTCP = 262


@kind
def connection():
    """A connection with some bytes received."""
    write('/proc/sys/net/mptcp/enabled', '1')
    listening, client, server = connected(('127.0.0.1', 1060), protocol=IPPROTO_MPTCP)
    client.sendall(b'm' * 300)
    return [listening, client, server]


@kind
def connection6():
    """The same over IPv6, with unread bytes."""
    listening, client, server = connected(('::1', 1061), AF_INET6, protocol=IPPROTO_MPTCP)
    server.sendall(b'n' * 700)
    return [listening, client, server]


@kind
def fallback():
    """A client without MPTCP: flags fallback, and LISTEN on the wildcard address."""
    sock = listener(('0.0.0.0', 1062), protocol=IPPROTO_MPTCP)
    return [sock, socket.create_connection(('127.0.0.1', 1062)), sock.accept()[0]]
