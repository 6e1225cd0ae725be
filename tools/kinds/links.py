"""Network devices for the other kinds, made over rtnetlink: no `ip` is needed."""
import contextlib
import os
import socket
import struct

from . import kind
from .calls import AF_INET, AF_INET6, AF_NETLINK, load

RTM_NEWLINK, RTM_NEWADDR = 16, 20
NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE = 1, 4, 0x200, 0x400
IFLA_IFNAME, IFLA_LINKINFO = 3, 18
IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 1, 2, 1
IFA_ADDRESS, IFA_LOCAL, IFA_F_NODAD, IFF_UP = 1, 2, 2, 1
NO_LINK = bytes(16)                         # struct ifinfomsg


def attribute(number, payload):
    data = struct.pack('=HH', 4 + len(payload), number) + payload
    return data + bytes(-len(data) % 4)


def request(message_type, flags, body):
    with socket.socket(AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        flags |= NLM_F_REQUEST | NLM_F_ACK
        sock.send(struct.pack('=IHHII', 16 + len(body), message_type, flags, 1, 0) + body)
        error = struct.unpack_from('=i', sock.recv(65536), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error))


def new_link(name, link_kind, data=b''):
    info = attribute(IFLA_INFO_KIND, link_kind) + (attribute(IFLA_INFO_DATA, data) if data else b'')
    body = NO_LINK + attribute(IFLA_IFNAME, name + b'\0') + attribute(IFLA_LINKINFO, info)
    request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, body)


def up(name):
    index = socket.if_nametoindex(name)
    request(RTM_NEWLINK, 0, struct.pack('=BxHiII', 0, 0, index, IFF_UP, IFF_UP))


def add_address(name, address, prefix):
    family = AF_INET6 if ':' in address else AF_INET
    data = socket.inet_pton(family, address)
    body = struct.pack('=BBBBI', family, prefix, IFA_F_NODAD, 0, socket.if_nametoindex(name))
    body += attribute(IFA_LOCAL, data) + attribute(IFA_ADDRESS, data)
    request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body)


@kind
def loopback():
    """The loopback device, up; IPv6 loaded where it is a module."""
    load('ipv6')
    up('lo')
    return []


@kind
def dummy():
    """dummy0: 192.0.2.1/24, 2001:db8::1/64 and fe80::1/64; what is sent there vanishes."""
    load('dummy')
    with contextlib.suppress(FileExistsError):      # loading the module may have made it
        new_link(b'dummy0', b'dummy')
    up('dummy0')
    add_address('dummy0', '192.0.2.1', 24)
    add_address('dummy0', '2001:db8::1', 64)
    add_address('dummy0', 'fe80::1', 64)
    return []


@kind
def veth():
    """A pair of devices, v0 (198.51.100.1/24) and v1."""
    load('veth')
    peer = NO_LINK + attribute(IFLA_IFNAME, b'v1\0')
    new_link(b'v0', b'veth', attribute(VETH_INFO_PEER, peer))
    add_address('v0', '198.51.100.1', 24)
    up('v0')
    up('v1')
    return []
