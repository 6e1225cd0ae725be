"""Sockets of the other tables: raw, unix, packet, netlink, vsock, xdp, sctp, tipc."""
import os
import socket
import struct
import tempfile

from tests.parity.kinds import keep, kind

AF_UNIX, AF_PACKET, AF_NETLINK, AF_TIPC, AF_VSOCK, AF_XDP = 1, 17, 16, 30, 40, 44
STREAM, DGRAM, RAW, SEQPACKET = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET
ETH_P_ALL, ETH_P_IP, ETH_P_LLDP = 3, 0x800, 0x88cc


def opened(family, type_, protocol=0):
    return keep(socket.socket(family, type_, protocol))


@kind
def raw():
    for protocol in (1, 89, 255):
        opened(socket.AF_INET, RAW, protocol)
    opened(socket.AF_INET, RAW, 17).connect(('127.0.0.1', 0))
    opened(socket.AF_INET6, RAW, 58)
    opened(socket.AF_INET6, RAW, 103).bind(('::1', 0))


def unix_listener(type_, name):
    made = opened(AF_UNIX, type_)
    made.bind(name)
    made.listen(4)
    return made


@kind
def unix():
    folder = tempfile.mkdtemp(prefix='ssng-unix-')
    try:
        for type_, name in ((STREAM, 'stream'), (SEQPACKET, 'seqpacket'), (STREAM, 'with a blank'),
                            (STREAM, 'odd\n\x01\udcff')):
            unix_connections(type_, os.path.join(folder, name))
        unix_connections(STREAM, '\0abstract')
        unix_connections(SEQPACKET, '\0with\0nul ')
        bound = opened(AF_UNIX, DGRAM)
        bound.bind(os.path.join(folder, 'dgram'))
        caller = opened(AF_UNIX, DGRAM)
        caller.connect(os.path.join(folder, 'dgram'))
        caller.send(b'123')
    finally:
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def unix_connections(type_, name):
    waiting = unix_listener(type_, name)
    caller = opened(AF_UNIX, type_)
    caller.connect(name)
    keep(waiting.accept()[0])
    caller.send(b'hi')
    opened(AF_UNIX, type_).connect(name)        # not accepted


@kind
def unix_unnamed():
    for type_ in (STREAM, DGRAM, SEQPACKET):
        keep(*socket.socketpair(AF_UNIX, type_))
    one, other = keep(*socket.socketpair())
    other.shutdown(socket.SHUT_WR)
    opened(AF_UNIX, STREAM)
    opened(AF_UNIX, DGRAM).bind('')     # the kernel chooses a name
    return one


@kind
def packet():
    opened(AF_PACKET, RAW, socket.htons(ETH_P_ALL))
    opened(AF_PACKET, DGRAM, socket.htons(ETH_P_IP)).bind(('lo', ETH_P_IP))
    opened(AF_PACKET, RAW, 0)
    opened(AF_PACKET, RAW, socket.htons(0x1234)).bind(('lan0', ETH_P_LLDP))


@kind
def netlink():
    opened(AF_NETLINK, RAW, 0).bind((0x8451, 0))
    opened(AF_NETLINK, RAW, 0).bind((0, 1))
    opened(AF_NETLINK, RAW, 16).bind((0, 0))
    opened(AF_NETLINK, RAW, 15).bind((987654, 1))
    connected = opened(AF_NETLINK, DGRAM, 0)
    connected.bind((0, 0))
    connected.connect((0, 4))


@kind
def vsock():
    waiting = opened(AF_VSOCK, STREAM)
    waiting.bind((0xffffffff, 1234))
    waiting.listen(3)
    caller = opened(AF_VSOCK, STREAM)
    caller.settimeout(0.2)
    caller.connect((1, 1234))
    keep(waiting.accept()[0])


@kind
def sctp():
    waiting = opened(socket.AF_INET, STREAM, 132)
    waiting.bind(('127.0.0.1', 1400))
    waiting.listen(5)
    opened(socket.AF_INET, STREAM, 132).connect(('127.0.0.1', 1400))
    keep(waiting.accept()[0])


@kind
def tipc():
    bound = opened(AF_TIPC, socket.SOCK_RDM)
    bound.bind((socket.TIPC_ADDR_NAMESEQ, 18889, 0, 100, socket.TIPC_CLUSTER_SCOPE))
    opened(AF_TIPC, DGRAM)


@kind
def xdp():
    made = opened(AF_XDP, RAW)
    made.setsockopt(283, 2, struct.pack('i', 64))
