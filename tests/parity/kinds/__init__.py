"""The kinds of sockets that a crowd is made of; each function marked `kind` makes one or several.

A kind that this kernel cannot make says why and is left out.  Ports are fixed wherever a kernel lets us
choose, so that the command lines of the tests can name them.
"""
import socket

KINDS = []      # functions, in the order in which they run
KEPT = []       # what must stay open

LOOPBACK = {socket.AF_INET: '127.0.0.1', socket.AF_INET6: '::1'}

# Options that the socket module of an old Python, or all of them, lack.
IP_RECVERR, IP_FREEBIND, IP_TRANSPARENT, IP_NODEFRAG = 11, 15, 19, 22
IP_BIND_ADDRESS_NO_PORT, IP_RECVERR_RFC4884, IP_MULTICAST_ALL = 24, 26, 49
IPV6_RECVERR, IPV6_TCLASS = 25, 67
SO_MARK, SO_BINDTODEVICE, SO_PRIORITY, SO_MAX_PACING_RATE = 36, 25, 12, 47
TCP_MD5SIG, TCP_CONGESTION, TCP_ULP, TCP_MD5SIG_EXT = 14, 13, 31, 32
TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_NOTSENT_LOWAT, TCP_USER_TIMEOUT = 23, 30, 25, 18
MSG_FASTOPEN = 0x20000000
UDP_CORK = 1


def kind(make):
    KINDS.append(make)
    return make


def keep(*sockets):
    KEPT.extend(sockets)
    return sockets[0] if len(sockets) == 1 else sockets


def options_set(made, options):
    """`options`: (level, name, value) triples, before the socket is bound."""
    for level, name, value in options:
        made.setsockopt(level, name, value)
    return made


def open_socket(family, type_, address=None, port=0, options=(), protocol=0):
    """A kept socket, bound if `address` is given; v6 sockets are v6only unless the options say otherwise."""
    made = keep(socket.socket(family, type_, protocol))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    options_set(made, options)
    if address is not None:
        made.bind((address, port))
    return made


DUAL_STACK = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)


def on_device(name):
    return socket.SOL_SOCKET, SO_BINDTODEVICE, name.encode() + b'\0'
