"""Packet sockets: ``linux/packet_diag.h``, and the instructions of their filters: ``linux/filter.h``."""

from . import Structure, c_uint8, c_uint16, c_uint32

# pdiag_show
PACKET_SHOW_INFO = 0x01
PACKET_SHOW_MCLIST = 0x02
PACKET_SHOW_RING_CFG = 0x04
PACKET_SHOW_FANOUT = 0x08
PACKET_SHOW_MEMINFO = 0x10
PACKET_SHOW_FILTER = 0x20

# Attributes of a reply, the first of them number 0.
PACKET_DIAG_INFO = 0            # packet_diag_info
PACKET_DIAG_MCLIST = 1          # packet_diag_mclist, several
PACKET_DIAG_RX_RING = 2         # packet_diag_ring
PACKET_DIAG_TX_RING = 3         # packet_diag_ring
PACKET_DIAG_FANOUT = 4          # u32: id in the low half, type and flags in the high half
PACKET_DIAG_UID = 5             # u32
PACKET_DIAG_MEMINFO = 6         # u32 words, sock_diag.SK_MEMINFO_*
PACKET_DIAG_FILTER = 7          # sock_filter, several; empty to the unprivileged

# pdi_flags
PDI_RUNNING = 0x01
PDI_AUXDATA = 0x02
PDI_ORIGDEV = 0x04
PDI_VNETHDR = 0x08
PDI_LOSS = 0x10


class packet_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('pad', c_uint16),
        ('pdiag_ino', c_uint32),
        ('pdiag_show', c_uint32),
        ('pdiag_cookie', c_uint32 * 2),
    ]


class packet_diag_msg(Structure):
    _fields_ = [
        ('pdiag_family', c_uint8),
        ('pdiag_type', c_uint8),        # SOCK_*
        ('pdiag_num', c_uint16),        # ETH_P_*, in host byte order
        ('pdiag_ino', c_uint32),
        ('pdiag_cookie', c_uint32 * 2),
    ]


class packet_diag_info(Structure):
    _fields_ = [
        ('pdi_index', c_uint32),
        ('pdi_version', c_uint32),
        ('pdi_reserve', c_uint32),
        ('pdi_copy_thresh', c_uint32),
        ('pdi_tstamp', c_uint32),
        ('pdi_flags', c_uint32),
    ]


class packet_diag_mclist(Structure):
    _fields_ = [
        ('pdmc_index', c_uint32),
        ('pdmc_count', c_uint32),
        ('pdmc_type', c_uint16),
        ('pdmc_alen', c_uint16),
        ('pdmc_addr', c_uint8 * 32),
    ]


class packet_diag_ring(Structure):
    _fields_ = [
        ('pdr_block_size', c_uint32),
        ('pdr_block_nr', c_uint32),
        ('pdr_frame_size', c_uint32),
        ('pdr_frame_nr', c_uint32),
        ('pdr_retire_tmo', c_uint32),   # ms
        ('pdr_sizeof_priv', c_uint32),
        ('pdr_features', c_uint32),
    ]


class sock_filter(Structure):
    _fields_ = [
        ('code', c_uint16),
        ('jt', c_uint8),
        ('jf', c_uint8),
        ('k', c_uint32),
    ]
