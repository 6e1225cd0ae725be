"""Internet sockets: ``linux/inet_diag.h``.

Ports and addresses are big-endian, everything else is in host byte order.  An IPv4 address is the
first 4 bytes of its 16.
"""

from . import Structure, c_int, c_uint8, c_uint16, c_uint32

be16 = c_uint16.__ctype_be__
be32 = c_uint32.__ctype_be__

# Types of the requests that only know IPv4 filters; sock_diag.SOCK_DIAG_BY_FAMILY replaced them.
TCPDIAG_GETSOCK = 18
DCCPDIAG_GETSOCK = 19

INET_DIAG_NOCOOKIE = 0xffffffff         # in both words of a request

# idiag_timer
IDIAG_TIMER_OFF = 0
IDIAG_TIMER_ON = 1                      # retransmission
IDIAG_TIMER_KEEPALIVE = 2
IDIAG_TIMER_TIMEWAIT = 3
IDIAG_TIMER_PROBE0 = 4
IDIAG_TIMER_DELACK = 5

# Attributes of a request.
INET_DIAG_REQ_BYTECODE = 1
INET_DIAG_REQ_SK_BPF_STORAGES = 2       # nested, empty for all maps (5.7)
INET_DIAG_REQ_PROTOCOL = 3              # u32, for protocols above 255 (5.9)

# Operations of the filter program.
INET_DIAG_BC_NOP = 0
INET_DIAG_BC_JMP = 1
INET_DIAG_BC_S_GE = 2
INET_DIAG_BC_S_LE = 3
INET_DIAG_BC_D_GE = 4
INET_DIAG_BC_D_LE = 5
INET_DIAG_BC_AUTO = 6
INET_DIAG_BC_S_COND = 7                 # inet_diag_hostcond follows
INET_DIAG_BC_D_COND = 8
INET_DIAG_BC_DEV_COND = 9               # u32 interface index follows
INET_DIAG_BC_MARK_COND = 10             # inet_diag_markcond follows
INET_DIAG_BC_S_EQ = 11
INET_DIAG_BC_D_EQ = 12
INET_DIAG_BC_CGROUP_COND = 13           # u64 cgroup v2 id follows

# Attributes of a reply.  The first eight are asked for by bit N - 1 of idiag_ext.
INET_DIAG_NONE = 0
INET_DIAG_MEMINFO = 1                   # inet_diag_meminfo
INET_DIAG_INFO = 2                      # tcp_info, mptcp_info or sctp_info
INET_DIAG_VEGASINFO = 3                 # tcpvegas_info
INET_DIAG_CONG = 4                      # NUL-terminated name
INET_DIAG_TOS = 5                       # u8
INET_DIAG_TCLASS = 6                    # u8
INET_DIAG_SKMEMINFO = 7                 # u32 words, sock_diag.SK_MEMINFO_*
INET_DIAG_SHUTDOWN = 8                  # u8: 1 receiving is shut, 2 sending is shut
INET_DIAG_DCTCPINFO = 9                 # tcp_dctcp_info, asked for as INET_DIAG_VEGASINFO
INET_DIAG_PROTOCOL = 10                 # u8, of raw sockets and destroy events
INET_DIAG_SKV6ONLY = 11                 # u8
INET_DIAG_LOCALS = 12                   # sockaddr_storage, several
INET_DIAG_PEERS = 13
INET_DIAG_PAD = 14
INET_DIAG_MARK = 15                     # u32, only to CAP_NET_ADMIN
INET_DIAG_BBRINFO = 16                  # tcp_bbr_info, asked for as INET_DIAG_VEGASINFO
INET_DIAG_CLASS_ID = 17                 # u32, asked for as INET_DIAG_TCLASS
INET_DIAG_MD5SIG = 18                   # tcp_diag_md5sig, several
INET_DIAG_ULP_INFO = 19                 # nested
INET_DIAG_SK_BPF_STORAGES = 20          # nested
INET_DIAG_CGROUP_ID = 21                # u64
INET_DIAG_SOCKOPT = 22                  # inet_diag_sockopt

# Attributes inside INET_DIAG_ULP_INFO.
INET_ULP_INFO_NAME = 1                  # NUL-terminated name
INET_ULP_INFO_TLS = 2                   # nested
INET_ULP_INFO_MPTCP = 3                 # nested


class inet_diag_sockid(Structure):
    _fields_ = [
        ('idiag_sport', be16),
        ('idiag_dport', be16),
        ('idiag_src', be32 * 4),
        ('idiag_dst', be32 * 4),
        ('idiag_if', c_uint32),
        ('idiag_cookie', c_uint32 * 2),         # low word, high word
    ]


class inet_diag_req(Structure):
    _fields_ = [
        ('idiag_family', c_uint8),
        ('idiag_src_len', c_uint8),
        ('idiag_dst_len', c_uint8),
        ('idiag_ext', c_uint8),
        ('id', inet_diag_sockid),
        ('idiag_states', c_uint32),
        ('idiag_dbs', c_uint32),
    ]


class inet_diag_req_v2(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('idiag_ext', c_uint8),
        ('pad', c_uint8),
        ('idiag_states', c_uint32),             # bit N is state N
        ('id', inet_diag_sockid),
    ]


class inet_diag_req_raw(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('idiag_ext', c_uint8),
        ('sdiag_raw_protocol', c_uint8),
        ('idiag_states', c_uint32),
        ('id', inet_diag_sockid),
    ]


class inet_diag_bc_op(Structure):
    _fields_ = [
        ('code', c_uint8),
        ('yes', c_uint8),                       # bytes from here to the next op if true ...
        ('no', c_uint16),                       # ... and if false; a port in the operand of S_GE and the like
    ]


class inet_diag_hostcond(Structure):
    _fields_ = [
        ('family', c_uint8),
        ('prefix_len', c_uint8),                # bits
        ('port', c_int),                        # -1 is any
        ('addr', be32 * 0),                     # 1 or 4 words follow
    ]


class inet_diag_markcond(Structure):
    _fields_ = [
        ('mark', c_uint32),
        ('mask', c_uint32),
    ]


class inet_diag_msg(Structure):
    _fields_ = [
        ('idiag_family', c_uint8),
        ('idiag_state', c_uint8),
        ('idiag_timer', c_uint8),
        ('idiag_retrans', c_uint8),
        ('id', inet_diag_sockid),
        ('idiag_expires', c_uint32),            # ms
        ('idiag_rqueue', c_uint32),
        ('idiag_wqueue', c_uint32),
        ('idiag_uid', c_uint32),
        ('idiag_inode', c_uint32),
    ]


class inet_diag_meminfo(Structure):
    _fields_ = [
        ('idiag_rmem', c_uint32),
        ('idiag_wmem', c_uint32),
        ('idiag_fmem', c_uint32),
        ('idiag_tmem', c_uint32),
    ]


class inet_diag_sockopt(Structure):
    _fields_ = [
        ('recverr', c_uint8, 1),
        ('is_icsk', c_uint8, 1),
        ('freebind', c_uint8, 1),
        ('hdrincl', c_uint8, 1),
        ('mc_loop', c_uint8, 1),
        ('transparent', c_uint8, 1),
        ('mc_all', c_uint8, 1),
        ('nodefrag', c_uint8, 1),
        ('bind_address_no_port', c_uint8, 1),
        ('recverr_rfc4884', c_uint8, 1),
        ('defer_connect', c_uint8, 1),
        ('unused', c_uint8, 5),
    ]


class tcpvegas_info(Structure):
    _fields_ = [
        ('tcpv_enabled', c_uint32),
        ('tcpv_rttcnt', c_uint32),
        ('tcpv_rtt', c_uint32),                 # us
        ('tcpv_minrtt', c_uint32),              # us
    ]


class tcp_dctcp_info(Structure):
    _fields_ = [
        ('dctcp_enabled', c_uint16),
        ('dctcp_ce_state', c_uint16),
        ('dctcp_alpha', c_uint32),
        ('dctcp_ab_ecn', c_uint32),
        ('dctcp_ab_tot', c_uint32),
    ]


class tcp_bbr_info(Structure):
    _fields_ = [
        ('bbr_bw_lo', c_uint32),                # bytes/s, low word
        ('bbr_bw_hi', c_uint32),
        ('bbr_min_rtt', c_uint32),              # us
        ('bbr_pacing_gain', c_uint32),          # 256 is 1.0
        ('bbr_cwnd_gain', c_uint32),            # 256 is 1.0
    ]
