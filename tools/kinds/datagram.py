"""UDP, UDP-Lite, raw and ping sockets."""
import socket
import struct

from . import kind
from .calls import (AF_INET, AF_INET6, SO_BINDTODEVICE, SO_MARK, SOL_IPV6, SOL_RAW, SOL_SOCKET, write)

IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_OSPF, IPPROTO_PIM = 1, 58, 89, 103
IPPROTO_UDPLITE, IPPROTO_RAW = 136, 255
ICMP_FILTER, IPV6_TCLASS = 1, 67


def udp_socket(family, address=None, protocol=0):
    sock = socket.socket(family, socket.SOCK_DGRAM, protocol)
    if address:
        sock.bind(address)
    return sock


@kind
def udp():
    """UNCONN with three bytes waiting and a mark; ESTAB with them on the way."""
    server = udp_socket(AF_INET, ('127.0.0.1', 1001))
    server.setsockopt(SOL_SOCKET, SO_MARK, 7)
    client = udp_socket(AF_INET)
    client.connect(('127.0.0.1', 1001))
    client.send(b'123')
    return [server, client]


@kind
def udp6():
    """UNCONN on [::], ESTAB with a traffic class."""
    server = udp_socket(AF_INET6, ('::', 1002))
    client = udp_socket(AF_INET6)
    client.connect(('::1', 1002))
    client.setsockopt(SOL_IPV6, IPV6_TCLASS, 0xb8)
    return [server, client]


@kind
def udp_on_device():
    """A multicast address on a device: 224.0.0.251%dummy0:5353."""
    sock = udp_socket(AF_INET)
    sock.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, b'dummy0\0')
    sock.bind(('224.0.0.251', 5353))
    return sock


@kind
def udplite():
    """UDP-Lite (until 7.0), which ss never lists: it must not appear among the others."""
    client = udp_socket(AF_INET6, ('::1', 1004), IPPROTO_UDPLITE)
    client.connect(('::1', 1004))
    return [udp_socket(AF_INET, ('127.0.0.1', 1003), IPPROTO_UDPLITE), client]


def raw_socket(family, protocol):
    return socket.socket(family, socket.SOCK_RAW, protocol)


@kind
def raw():
    """Raw IPv4: ICMP with a filter, header included (255), and a connected one (OSPF)."""
    icmp = raw_socket(AF_INET, IPPROTO_ICMP)
    icmp.setsockopt(SOL_RAW, ICMP_FILTER, struct.pack('=I', 0xfffffffe))
    ospf = raw_socket(AF_INET, IPPROTO_OSPF)
    ospf.connect(('127.0.0.1', 0))
    return [icmp, ospf, raw_socket(AF_INET, IPPROTO_RAW)]


@kind
def raw6():
    """Raw IPv6: ICMPv6 and a bound one (PIM)."""
    pim = raw_socket(AF_INET6, IPPROTO_PIM)
    pim.bind(('::1', 0))
    return [raw_socket(AF_INET6, IPPROTO_ICMPV6), pim]


@kind
def ping():
    """An ICMP echo socket, which no dump lists."""
    write('/proc/sys/net/ipv4/ping_group_range', '0 2147483647')
    return udp_socket(AF_INET, ('127.0.0.1', 77), IPPROTO_ICMP)
