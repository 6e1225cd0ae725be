"""XDP sockets: ``linux/xdp_diag.h``."""

from . import Structure, c_uint8, c_uint16, c_uint32, c_uint64

# xdiag_show
XDP_SHOW_INFO = 0x01
XDP_SHOW_RING_CFG = 0x02
XDP_SHOW_UMEM = 0x04
XDP_SHOW_MEMINFO = 0x08
XDP_SHOW_STATS = 0x10

# Attributes of a reply.
XDP_DIAG_INFO = 1                       # xdp_diag_info
XDP_DIAG_UID = 2                        # u32
XDP_DIAG_RX_RING = 3                    # xdp_diag_ring
XDP_DIAG_TX_RING = 4                    # xdp_diag_ring
XDP_DIAG_UMEM = 5                       # xdp_diag_umem
XDP_DIAG_UMEM_FILL_RING = 6             # xdp_diag_ring
XDP_DIAG_UMEM_COMPLETION_RING = 7       # xdp_diag_ring
XDP_DIAG_MEMINFO = 8                    # u32 words, sock_diag.SK_MEMINFO_*
XDP_DIAG_STATS = 9                      # xdp_diag_stats (5.9)

# xdp_diag_umem.flags
XDP_DU_F_ZEROCOPY = 1


class xdp_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('pad', c_uint16),
        ('xdiag_ino', c_uint32),
        ('xdiag_show', c_uint32),
        ('xdiag_cookie', c_uint32 * 2),
    ]


class xdp_diag_msg(Structure):
    _fields_ = [
        ('xdiag_family', c_uint8),
        ('xdiag_type', c_uint8),        # SOCK_*
        ('pad', c_uint16),
        ('xdiag_ino', c_uint32),
        ('xdiag_cookie', c_uint32 * 2),
    ]


class xdp_diag_info(Structure):
    _fields_ = [
        ('ifindex', c_uint32),
        ('queue_id', c_uint32),
    ]


class xdp_diag_ring(Structure):
    _fields_ = [
        ('entries', c_uint32),
    ]


class xdp_diag_umem(Structure):
    _fields_ = [
        ('size', c_uint64),             # bytes
        ('id', c_uint32),
        ('num_pages', c_uint32),
        ('chunk_size', c_uint32),
        ('headroom', c_uint32),
        ('ifindex', c_uint32),
        ('queue_id', c_uint32),
        ('flags', c_uint32),
        ('refs', c_uint32),
    ]


class xdp_diag_stats(Structure):
    _fields_ = [
        ('n_rx_dropped', c_uint64),
        ('n_rx_invalid', c_uint64),
        ('n_rx_full', c_uint64),
        ('n_fill_ring_empty', c_uint64),
        ('n_tx_invalid', c_uint64),
        ('n_tx_ring_empty', c_uint64),
    ]
