"""UDP: bound and connected, queues, multicast, socket options."""
import os
import socket
import struct

from tests.parity.kinds import (
    DUAL_STACK, IP_BIND_ADDRESS_NO_PORT, IP_FREEBIND, IP_MULTICAST_ALL, IP_RECVERR, IP_RECVERR_RFC4884,
    IP_TRANSPARENT, IPV6_RECVERR, IPV6_TCLASS, LOOPBACK, SO_MARK, SO_PRIORITY, UDP_CORK, kind, on_device,
    open_socket)

AF_INET, AF_INET6 = socket.AF_INET, socket.AF_INET6
SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 = socket.SOL_SOCKET, socket.IPPROTO_IP, socket.IPPROTO_IPV6


def udp(family, address, port, options=(), peer=None):
    made = open_socket(family, socket.SOCK_DGRAM, address, port, options)
    if peer:
        made.connect(peer)
    return made


@kind
def udp_unconnected():
    for port in (53, 123, 5353, 61000):
        udp(AF_INET, '0.0.0.0', port)
    udp(AF_INET, '127.0.0.1', 2001)
    udp(AF_INET6, '::1', 2001)
    udp(AF_INET6, '::', 2002)
    udp(AF_INET6, '::', 2003, [DUAL_STACK])
    udp(AF_INET6, '::ffff:127.0.0.1', 2004, [DUAL_STACK])
    udp(AF_INET, '127.0.0.1', 2005, [on_device('lo'), (SOL_SOCKET, SO_MARK, 7)])
    udp(AF_INET6, '::', 2006, [DUAL_STACK, on_device('dummy0')])


@kind
def udp_connected():
    udp(AF_INET, '127.0.0.1', 2010, peer=('127.0.0.1', 53))
    udp(AF_INET6, '::1', 2010, peer=('::1', 2001))
    udp(AF_INET6, '::', 2011, [DUAL_STACK], ('::ffff:127.0.0.1', 123))
    udp(AF_INET, '192.0.2.1', 2012, peer=('192.0.2.9', 443))
    udp(AF_INET6, 'fd00::3', 2013, peer=('fd00::1:2', 8443))


@kind
def udp_link_local():
    made = open_socket(AF_INET6, socket.SOCK_DGRAM)
    made.bind(('fe80::1', 2014, 0, socket.if_nametoindex('dummy0')))
    made.connect(('fe80::2', 53, 0, socket.if_nametoindex('dummy0')))


@kind
def udp_queues():
    for family in (AF_INET, AF_INET6):
        udp(family, LOOPBACK[family], 2020)
        sender = udp(family, LOOPBACK[family], 2021, peer=(LOOPBACK[family], 2020))
        for size in (1, 100, 1400):
            sender.send(b'd' * size)
    udp(AF_INET, '127.0.0.1', 2022, [(SOL_SOCKET, socket.SO_RCVBUF, 3000)])
    sender = udp(AF_INET, '127.0.0.1', 2023, peer=('127.0.0.1', 2022))
    for _ in range(20):     # more than fits: drops
        sender.send(b'd' * 500)
    corked = udp(AF_INET, '127.0.0.1', 2024, [(socket.IPPROTO_UDP, UDP_CORK, 1)], ('127.0.0.1', 2020))
    corked.send(b'not yet')


@kind
def udp_multicast():
    udp(AF_INET, '224.0.0.251', 5353)
    member = udp(AF_INET, '0.0.0.0', 2030, [(IPPROTO_IP, IP_MULTICAST_ALL, 0), (IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)])
    member.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                      socket.inet_aton('239.1.2.3') + socket.inet_aton('192.0.2.1'))
    member = udp(AF_INET6, 'ff02::fb', 5353, [on_device('dummy0')])
    member.setsockopt(IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(AF_INET6, 'ff02::fb')
                      + struct.pack('i', socket.if_nametoindex('dummy0')))


@kind
def udp_options():
    udp(AF_INET, '127.0.0.1', 2040, [(IPPROTO_IP, socket.IP_TOS, 0xb8), (SOL_SOCKET, SO_PRIORITY, 4)])
    udp(AF_INET6, '::1', 2040, [(IPPROTO_IPV6, IPV6_TCLASS, 0x28), (IPPROTO_IPV6, IPV6_RECVERR, 1)])
    udp(AF_INET, '203.0.113.9', 2041, [(IPPROTO_IP, IP_FREEBIND, 1), (IPPROTO_IP, IP_RECVERR, 1)])
    udp(AF_INET, '203.0.113.9', 2042, [(IPPROTO_IP, IP_TRANSPARENT, 1), (IPPROTO_IP, IP_RECVERR_RFC4884, 1)])
    udp(AF_INET, '127.0.0.1', 2043, [(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1), (SOL_SOCKET, socket.SO_BROADCAST, 1)])
    for _ in range(3):
        udp(AF_INET, '127.0.0.1', 2044, [(SOL_SOCKET, socket.SO_REUSEPORT, 1)])


@kind
def udp_shut_down():
    udp(AF_INET, '127.0.0.1', 2050, peer=('127.0.0.1', 53)).shutdown(socket.SHUT_WR)
    udp(AF_INET6, '::1', 2050, peer=('::1', 2001)).shutdown(socket.SHUT_RDWR)


@kind
def udp_of_another_user():
    os.seteuid(1234)
    try:
        udp(AF_INET, '127.0.0.1', 2060)
    finally:
        os.seteuid(0)


@kind
def udp_lite():
    """A protocol of its own, which no udp listing shows."""
    open_socket(AF_INET, socket.SOCK_DGRAM, '127.0.0.1', 2070, protocol=136)
