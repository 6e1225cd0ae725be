"""Unix sockets: the three types, their names, their queues."""
import os
import shutil
import socket

from . import kind
from .calls import Leftover

FOLDER = '/run/ssng-kinds'
TYPES = (('stream', socket.SOCK_STREAM), ('seqpacket', socket.SOCK_SEQPACKET))


def unix_socket(style=socket.SOCK_STREAM, name=None, backlog=0):
    sock = socket.socket(socket.AF_UNIX, style)
    if name is not None:
        if name[:1] == b'/' and os.path.exists(name):
            os.unlink(name)
        sock.bind(name)
    if backlog:
        sock.listen(backlog)
    return sock


def path(name):
    return os.fsencode('%s/%s' % (FOLDER, name))


def client(name, style=socket.SOCK_STREAM):
    sock = unix_socket(style)
    sock.connect(name)
    return sock


@kind
def folder():
    """The folder of the paths below."""
    os.makedirs(FOLDER, exist_ok=True)
    return Leftover(shutil.rmtree, FOLDER)


@kind
def paths():
    """Listeners on paths with one connection accepted (two bytes unread) and one pending."""
    sockets = []
    for word, style in TYPES:
        server = unix_socket(style, path(word), 4)
        first = client(path(word), style)
        first.send(b'hi')
        sockets += [server, first, server.accept()[0], client(path(word), style)]
    return sockets


@kind
def abstract():
    """Listeners on abstract names with a pending connection each."""
    sockets = []
    for word, style in TYPES:
        name = b'\0kinds-' + word.encode()
        sockets += [unix_socket(style, name, 1), client(name, style)]
    return sockets


@kind
def datagrams():
    """A bound datagram socket with bytes waiting, a client, an autobound name (@00000)."""
    server = unix_socket(socket.SOCK_DGRAM, path('datagrams'))
    sender = client(path('datagrams'), socket.SOCK_DGRAM)
    sender.send(b'123')
    return [server, sender, unix_socket(socket.SOCK_DGRAM, b'')]


@kind
def pairs():
    """socketpair(2) of each type, and an unconnected socket."""
    styles = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)
    pairs = [sock for style in styles for sock in socket.socketpair(socket.AF_UNIX, style)]
    return pairs + [unix_socket()]


@kind
def shut():
    """Pairs closed for writing, for reading, for both: `-->`, `<--`, `---`."""
    sockets = []
    for how in (socket.SHUT_WR, socket.SHUT_RD, socket.SHUT_RDWR):
        sockets += socket.socketpair()
        sockets[-1].shutdown(how)
    return sockets


@kind
def odd_names():
    """Names with NUL bytes, blanks, a newline, an escape and bytes that are not UTF-8."""
    names = (b'\0with\0nul\n and blank', path('a blank ') + b'\xff', path('esc \x1b[31m'),
             path('tab\tnew\nline'), path('n' * 80))
    return [unix_socket(name=name, backlog=1) for name in names]


@kind
def removed():
    """A listener whose path is gone from the file system."""
    sock = unix_socket(name=path('removed'), backlog=1)
    os.unlink(path('removed'))
    return sock
