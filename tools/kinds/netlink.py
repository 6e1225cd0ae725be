"""Netlink sockets: protocols, port ids, groups, a filter."""
import socket
import struct

from . import kind
from .calls import AF_NETLINK
from .packet import attach_filter

SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
NETLINK_ROUTE, NETLINK_KOBJECT_UEVENT = 0, 15
OTHER_PROTOCOLS = (2, 4, 6, 9, 12, 15, 16)


def netlink_socket(protocol, port=0, groups=0, style=socket.SOCK_RAW):
    sock = socket.socket(AF_NETLINK, style, protocol)
    sock.bind((port, groups))
    return sock


@kind
def groups():
    """Members of groups given by mask, and of group 33, which has no place in a mask."""
    beyond = netlink_socket(NETLINK_ROUTE)
    beyond.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, struct.pack('=I', 33))
    return [netlink_socket(NETLINK_ROUTE, 0, 0x8451), beyond]


@kind
def protocols():
    """One socket for each protocol that this kernel knows."""
    sockets = []
    for protocol in OTHER_PROTOCOLS:
        try:
            sockets.append(netlink_socket(protocol))
        except OSError:
            pass
    return sockets


@kind
def filtered():
    """A port id that is no process, with a classic BPF filter."""
    return attach_filter(netlink_socket(NETLINK_KOBJECT_UEVENT, 987654, 1))


@kind
def connected():
    """A socket connected to a group."""
    sock = netlink_socket(NETLINK_ROUTE, style=socket.SOCK_DGRAM)
    sock.connect((0, 4))
    return sock
