"""What Python's socket module does not offer, and the shapes that several kinds share."""
import contextlib
import ctypes
import os
import socket
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)

AF_INET, AF_INET6, AF_VSOCK, AF_XDP, AF_TIPC, AF_PACKET, AF_NETLINK = 2, 10, 40, 44, 30, 17, 16

SOL_SOCKET, SOL_IP, SOL_TCP, SOL_IPV6, SOL_RAW, SOL_UDP = 1, 0, 6, 41, 255, 17
SO_RCVBUF, SO_PRIORITY, SO_BINDTODEVICE, SO_ATTACH_FILTER, SO_MARK, SO_MAX_PACING_RATE = (
    8, 12, 25, 26, 36, 47)


def checked(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def bind(sock, address):
    """bind(2) to an address given as the bytes of its sockaddr."""
    checked(LIBC.bind(sock.fileno(), bytes(address), len(address)))
    return sock


def connect(sock, address):
    checked(LIBC.connect(sock.fileno(), bytes(address), len(address)))
    return sock


def load(*modules):
    """Load kernel modules, where they are modules; a missing one shows in what fails after it."""
    for name in modules:
        with contextlib.suppress(OSError):      # a machine may do without modprobe
            subprocess.call(['modprobe', '-q', name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write(path, text):
    with open(path, 'w') as stream:
        stream.write(text)


def listener(address, family=AF_INET, backlog=16, prepare=None, protocol=0):
    sock = socket.socket(family, socket.SOCK_STREAM, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if prepare:
        prepare(sock)
    sock.bind(address)
    sock.listen(backlog)
    return sock


def connected(address, family=AF_INET, prepare=None, protocol=0):
    """(listener, client, server) over loopback; `prepare` is called with the first two before use."""
    listening = listener(address, family, prepare=prepare, protocol=protocol)
    client = socket.socket(family, socket.SOCK_STREAM, protocol)
    if prepare:
        prepare(client)
    client.connect(listening.getsockname())
    return listening, client, listening.accept()[0]


class Leftover:
    """Something that outlives its maker: what removes it is called when it is closed."""

    def __init__(self, remove, *arguments):
        self.remove, self.arguments = remove, arguments

    def close(self):
        with contextlib.suppress(OSError):
            self.remove(*self.arguments)
