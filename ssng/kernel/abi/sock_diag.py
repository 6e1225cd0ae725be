"""What all socket tables share: ``linux/sock_diag.h``, and numbers that no uapi header owns alone.

Families and socket types are from ``sys/socket.h``, protocols from ``linux/in.h`` and
``linux/in6.h``; the socket module of an old or musl build of Python lacks many of them.  uapi knows
the states only as ``BPF_TCP_*`` of ``linux/bpf.h``.
"""

from . import Structure, c_uint8

AF_UNSPEC = 0
AF_UNIX = 1
AF_INET = 2
AF_INET6 = 10
AF_NETLINK = 16
AF_PACKET = 17
AF_TIPC = 30
AF_VSOCK = 40
AF_XDP = 44

MAPPED = bytes(10) + b'\xff\xff'        # in front of an IPv4 address that is written as one of IPv6 (RFC 4291, 2.5.5.2)

IPPROTO_IP = 0
IPPROTO_ICMP = 1
IPPROTO_TCP = 6
IPPROTO_UDP = 17
IPPROTO_DCCP = 33
IPPROTO_IPV6 = 41
IPPROTO_ICMPV6 = 58
IPPROTO_SCTP = 132
IPPROTO_UDPLITE = 136
IPPROTO_RAW = 255
IPPROTO_MPTCP = 262

SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
SOCK_RDM = 4
SOCK_SEQPACKET = 5
SOCK_PACKET = 10

SOL_SOCKET = 1
SOL_NETLINK = 270

# States of every family's sockets, not of TCP alone.  Bit N of a request's mask is state N.
TCP_ESTABLISHED = 1
TCP_SYN_SENT = 2
TCP_SYN_RECV = 3
TCP_FIN_WAIT1 = 4
TCP_FIN_WAIT2 = 5
TCP_TIME_WAIT = 6
TCP_CLOSE = 7
TCP_CLOSE_WAIT = 8
TCP_LAST_ACK = 9
TCP_LISTEN = 10
TCP_CLOSING = 11
TCP_NEW_SYN_RECV = 12
TCP_BOUND_INACTIVE = 13         # only in a mask: such a socket is reported as TCP_CLOSE (6.8)

# Types of netlink messages.
SOCK_DIAG_BY_FAMILY = 20
SOCK_DESTROY = 21

# Words of every *_MEMINFO attribute but INET_DIAG_MEMINFO: an array of u32, in bytes.  Kernels before
# 4.7 send 7 or 8 of them.
SK_MEMINFO_RMEM_ALLOC = 0
SK_MEMINFO_RCVBUF = 1
SK_MEMINFO_WMEM_ALLOC = 2
SK_MEMINFO_SNDBUF = 3
SK_MEMINFO_FWD_ALLOC = 4
SK_MEMINFO_WMEM_QUEUED = 5
SK_MEMINFO_OPTMEM = 6
SK_MEMINFO_BACKLOG = 7
SK_MEMINFO_DROPS = 8
SK_MEMINFO_VARS = 9

# Multicast groups that tell of destroyed sockets.
SKNLGRP_INET_TCP_DESTROY = 1
SKNLGRP_INET_UDP_DESTROY = 2
SKNLGRP_INET6_TCP_DESTROY = 3
SKNLGRP_INET6_UDP_DESTROY = 4

# Attributes inside INET_DIAG_REQ_SK_BPF_STORAGES ...
SK_DIAG_BPF_STORAGE_REQ_MAP_FD = 1      # u32

# ... inside INET_DIAG_SK_BPF_STORAGES ...
SK_DIAG_BPF_STORAGE = 1                 # nested, one for each map

# ... and inside that.
SK_DIAG_BPF_STORAGE_PAD = 1
SK_DIAG_BPF_STORAGE_MAP_ID = 2          # u32
SK_DIAG_BPF_STORAGE_MAP_VALUE = 3       # as long as the map's values


class sock_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
    ]
