"""Netlink sockets, as shown and not as used: ``linux/netlink_diag.h``."""

from . import Structure, c_uint8, c_uint16, c_uint32

NDIAG_PROTO_ALL = 255

# ndiag_show
NDIAG_SHOW_MEMINFO = 0x01
NDIAG_SHOW_GROUPS = 0x02
NDIAG_SHOW_RING_CFG = 0x04
NDIAG_SHOW_FLAGS = 0x08

# Attributes of a reply, the first of them number 0.
NETLINK_DIAG_MEMINFO = 0        # u32 words, sock_diag.SK_MEMINFO_*
NETLINK_DIAG_GROUPS = 1         # array of unsigned long; bit N - 1 is group N
NETLINK_DIAG_RX_RING = 2        # netlink_diag_ring, obsolete since 4.6
NETLINK_DIAG_TX_RING = 3
NETLINK_DIAG_FLAGS = 4          # u32 NDIAG_FLAG_*

NDIAG_FLAG_CB_RUNNING = 0x01
NDIAG_FLAG_PKTINFO = 0x02
NDIAG_FLAG_BROADCAST_ERROR = 0x04
NDIAG_FLAG_NO_ENOBUFS = 0x08
NDIAG_FLAG_LISTEN_ALL_NSID = 0x10
NDIAG_FLAG_CAP_ACK = 0x20


class netlink_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('pad', c_uint16),
        ('ndiag_ino', c_uint32),
        ('ndiag_show', c_uint32),
        ('ndiag_cookie', c_uint32 * 2),
    ]


class netlink_diag_msg(Structure):
    _fields_ = [
        ('ndiag_family', c_uint8),
        ('ndiag_type', c_uint8),        # SOCK_*
        ('ndiag_protocol', c_uint8),    # NETLINK_*
        ('ndiag_state', c_uint8),       # 1 is connected, anything else is not
        ('ndiag_portid', c_uint32),
        ('ndiag_dst_portid', c_uint32),
        ('ndiag_dst_group', c_uint32),
        ('ndiag_ino', c_uint32),
        ('ndiag_cookie', c_uint32 * 2),
    ]


class netlink_diag_ring(Structure):
    _fields_ = [
        ('ndr_block_size', c_uint32),
        ('ndr_block_nr', c_uint32),
        ('ndr_frame_size', c_uint32),
        ('ndr_frame_nr', c_uint32),
    ]
