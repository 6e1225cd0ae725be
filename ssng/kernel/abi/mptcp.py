"""Multipath TCP: ``linux/mptcp.h``."""

from . import Structure, c_uint8, c_uint32, c_uint64

# Attributes inside INET_ULP_INFO_MPTCP, that is of a TCP socket that is a subflow.
MPTCP_SUBFLOW_ATTR_TOKEN_REM = 1        # u32
MPTCP_SUBFLOW_ATTR_TOKEN_LOC = 2        # u32
MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ = 3     # u32
MPTCP_SUBFLOW_ATTR_MAP_SEQ = 4          # u64
MPTCP_SUBFLOW_ATTR_MAP_SFSEQ = 5        # u32
MPTCP_SUBFLOW_ATTR_SSN_OFFSET = 6       # u32
MPTCP_SUBFLOW_ATTR_MAP_DATALEN = 7      # u16
MPTCP_SUBFLOW_ATTR_FLAGS = 8            # u32
MPTCP_SUBFLOW_ATTR_ID_REM = 9           # u8
MPTCP_SUBFLOW_ATTR_ID_LOC = 10          # u8
MPTCP_SUBFLOW_ATTR_PAD = 11

MPTCP_SUBFLOW_FLAG_MCAP_REM = 1 << 0
MPTCP_SUBFLOW_FLAG_MCAP_LOC = 1 << 1
MPTCP_SUBFLOW_FLAG_JOIN_REM = 1 << 2
MPTCP_SUBFLOW_FLAG_JOIN_LOC = 1 << 3
MPTCP_SUBFLOW_FLAG_BKUP_REM = 1 << 4
MPTCP_SUBFLOW_FLAG_BKUP_LOC = 1 << 5
MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED = 1 << 6
MPTCP_SUBFLOW_FLAG_CONNECTED = 1 << 7
MPTCP_SUBFLOW_FLAG_MAPVALID = 1 << 8

# mptcpi_flags
MPTCP_INFO_FLAG_FALLBACK = 1 << 0
MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED = 1 << 1


class mptcp_info(Structure):
    """INET_DIAG_INFO of MPTCP.  6.1 sends the first 48 bytes."""

    _fields_ = [
        ('mptcpi_subflows', c_uint8),
        ('mptcpi_add_addr_signal', c_uint8),
        ('mptcpi_add_addr_accepted', c_uint8),
        ('mptcpi_subflows_max', c_uint8),
        ('mptcpi_add_addr_signal_max', c_uint8),
        ('mptcpi_add_addr_accepted_max', c_uint8),
        ('mptcpi_flags', c_uint32),
        ('mptcpi_token', c_uint32),
        ('mptcpi_write_seq', c_uint64),
        ('mptcpi_snd_una', c_uint64),
        ('mptcpi_rcv_nxt', c_uint64),
        ('mptcpi_local_addr_used', c_uint8),
        ('mptcpi_local_addr_max', c_uint8),
        ('mptcpi_csum_enabled', c_uint8),
        ('mptcpi_retransmits', c_uint32),
        ('mptcpi_bytes_retrans', c_uint64),
        ('mptcpi_bytes_sent', c_uint64),
        ('mptcpi_bytes_received', c_uint64),
        ('mptcpi_bytes_acked', c_uint64),
        ('mptcpi_subflows_total', c_uint8),
        ('mptcpi_endp_laminar_max', c_uint8),
        ('mptcpi_endp_fullmesh_max', c_uint8),
        ('reserved', c_uint8),
        ('mptcpi_last_data_sent', c_uint32),    # ms
        ('mptcpi_last_data_recv', c_uint32),    # ms
        ('mptcpi_last_ack_recv', c_uint32),     # ms
    ]
