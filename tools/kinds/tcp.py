"""TCP over loopback: states and addresses."""
import socket
import time

from . import kind
from .calls import (AF_INET6, SO_BINDTODEVICE, SO_MARK, SO_PRIORITY, SO_RCVBUF, SOL_IP, SOL_IPV6,
                    SOL_SOCKET, connected, listener)

IPV6_V6ONLY, IPV6_TCLASS, IP_TOS = 26, 67, 1


def v6only(value):
    return lambda sock: sock.setsockopt(SOL_IPV6, IPV6_V6ONLY, value)


@kind
def listen():
    """LISTEN with a backlog of 7 and two connections waiting to be accepted."""
    sock = listener(('127.0.0.1', 1001), backlog=7)
    return [sock] + [socket.create_connection(('127.0.0.1', 1001)) for _ in range(2)]


@kind
def listen_on_device():
    """LISTEN on the wildcard address, bound to dummy0: `0.0.0.0%dummy0`."""
    def bound(sock):
        sock.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, b'dummy0\0')
    return listener(('0.0.0.0', 1002), prepare=bound)


@kind
def listen_v6only():
    """LISTEN on [::] for IPv6 alone: v6only:1."""
    return listener(('::', 1003), AF_INET6, prepare=v6only(1))


@kind
def listen_dual():
    """LISTEN on `*`, and a connection with an IPv4 client: [::ffff:127.0.0.1]."""
    sock = listener(('::', 1004), AF_INET6, prepare=v6only(0))
    return [sock, socket.create_connection(('127.0.0.1', 1004)), sock.accept()[0]]


@kind
def ipv6():
    """ESTAB over IPv6, unread bytes on both sides, a traffic class."""
    listening, client, server = connected(('::1', 1005), AF_INET6)
    client.setsockopt(SOL_IPV6, IPV6_TCLASS, 0xb8)
    server.sendall(b'x' * 5000)
    client.sendall(b'y' * 100)
    return [listening, client, server]


@kind
def link_local():
    """LISTEN on fe80::1 of dummy0: an address that needs its device."""
    return listener(('fe80::1', 1006, 0, socket.if_nametoindex('dummy0')), AF_INET6)


@kind
def marked():
    """ESTAB with keepalive timer, fwmark, TOS, priority; bytes sent and received."""
    listening, client, server = connected(('127.0.0.1', 1010))
    client.setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.setsockopt(SOL_SOCKET, SO_MARK, 0x1234)
    client.setsockopt(SOL_SOCKET, SO_PRIORITY, 5)
    client.setsockopt(SOL_IP, IP_TOS, 0x10)
    for _ in range(20):
        client.sendall(b'z' * 1000)
    server.recv(65536)
    return [listening, client, server]


@kind
def zero_window():
    """A full receiver: Recv-Q, Send-Q and the probe timer `persist`."""
    listening, client, server = connected(
        ('127.0.0.1', 1011), prepare=lambda sock: sock.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096))
    client.setblocking(False)
    try:
        while True:
            client.send(b'q' * 65536)
    except BlockingIOError:
        return [listening, client, server]


@kind
def close_wait():
    """CLOSE-WAIT, and FIN-WAIT-2 at the side that closed for writing."""
    listening, client, server = connected(('127.0.0.1', 1012))
    server.shutdown(socket.SHUT_WR)
    return [listening, client, server]


@kind
def time_wait():
    """TIME-WAIT: no owner, no inode."""
    listening, client, server = connected(('127.0.0.1', 1013))
    client.close()
    time.sleep(.05)
    server.close()
    return listening


@kind
def fin_wait2_orphan():
    """FIN-WAIT-2 of a closed socket: kept by the kernel alone."""
    listening, client, server = connected(('127.0.0.1', 1014))
    client.close()
    return [listening, server]


@kind
def syn_sent():
    """SYN-SENT over IPv4 and IPv6, towards dummy0."""
    sockets = []
    for family, address in ((socket.AF_INET, '192.0.2.77'), (socket.AF_INET6, '2001:db8::77')):
        sock = socket.socket(family)
        sock.setblocking(False)
        sock.connect_ex((address, 80))
        sockets.append(sock)
    return sockets


@kind
def bound():
    """Bound and neither listening nor connected: `-B`, the bound-inactive dump of 6.8 and later."""
    four, six = socket.socket(), socket.socket(AF_INET6)
    four.bind(('127.0.0.1', 1015))
    six.bind(('::1', 1016))
    return [four, six]


@kind
def half_read():
    """Both sides of a connection shut down for reading."""
    listening, client, server = connected(('127.0.0.1', 1017))
    client.shutdown(socket.SHUT_RD)
    return [listening, client, server]
