"""The netlink envelope: ``linux/netlink.h``.

Integers are in host byte order; messages and attributes start on 4-byte boundaries.
"""

from . import Structure, c_int, c_uint16, c_uint32

NETLINK_ROUTE = 0
NETLINK_SOCK_DIAG = 4

# Types of the envelope itself; the others belong to the protocol spoken inside.
NLMSG_NOOP = 1
NLMSG_ERROR = 2
NLMSG_DONE = 3
NLMSG_OVERRUN = 4
NLMSG_MIN_TYPE = 0x10

NLM_F_REQUEST = 0x01
NLM_F_MULTI = 0x02
NLM_F_ACK = 0x04
NLM_F_ECHO = 0x08
NLM_F_DUMP_INTR = 0x10
NLM_F_DUMP_FILTERED = 0x20
NLM_F_ROOT = 0x100
NLM_F_MATCH = 0x200
NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH

# The same bits mean something else on an acknowledgement.
NLM_F_CAPPED = 0x100
NLM_F_ACK_TLVS = 0x200

NLMSG_ALIGNTO = 4
NLA_ALIGNTO = 4

# nla_type: two flags above a 14-bit number.
NLA_F_NESTED = 0x8000
NLA_F_NET_BYTEORDER = 0x4000
NLA_TYPE_MASK = 0x3fff

# Attributes after an nlmsgerr or after the status of NLMSG_DONE.
NLMSGERR_ATTR_MSG = 1           # NUL-terminated text
NLMSGERR_ATTR_OFFS = 2          # u32, from the start of the request's header
NLMSGERR_ATTR_COOKIE = 3
NLMSGERR_ATTR_POLICY = 4
NLMSGERR_ATTR_MISS_TYPE = 5
NLMSGERR_ATTR_MISS_NEST = 6

# setsockopt(SOL_NETLINK, ...)
NETLINK_ADD_MEMBERSHIP = 1
NETLINK_DROP_MEMBERSHIP = 2
NETLINK_NO_ENOBUFS = 5
NETLINK_CAP_ACK = 10
NETLINK_EXT_ACK = 11
NETLINK_GET_STRICT_CHK = 12


class sockaddr_nl(Structure):
    _fields_ = [
        ('nl_family', c_uint16),        # AF_NETLINK
        ('nl_pad', c_uint16),
        ('nl_pid', c_uint32),           # port id, 0 is the kernel
        ('nl_groups', c_uint32),        # bit N - 1 is multicast group N
    ]


class nlmsghdr(Structure):
    _fields_ = [
        ('nlmsg_len', c_uint32),        # header included, padding excluded
        ('nlmsg_type', c_uint16),
        ('nlmsg_flags', c_uint16),
        ('nlmsg_seq', c_uint32),
        ('nlmsg_pid', c_uint32),        # in a reply: the port id of the receiver
    ]


class nlmsgerr(Structure):
    _fields_ = [
        ('error', c_int),               # negative errno, 0 is an acknowledgement
        ('msg', nlmsghdr),              # of the request
    ]


class nlattr(Structure):
    _fields_ = [
        ('nla_len', c_uint16),          # header included, padding excluded
        ('nla_type', c_uint16),
    ]
