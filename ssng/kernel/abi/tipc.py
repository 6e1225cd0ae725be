"""TIPC sockets: ``linux/tipc_sockets_diag.h`` and ``linux/tipc_netlink.h``.

A reply has no fixed part: its attributes follow the nlmsghdr.
"""

from . import Structure, c_uint8, c_uint16, c_uint32

# Attribute of a reply.
TIPC_NLA_SOCK = 2                       # nested

# Attributes inside TIPC_NLA_SOCK ...
TIPC_NLA_SOCK_ADDR = 1                  # u32 node
TIPC_NLA_SOCK_REF = 2                   # u32 port
TIPC_NLA_SOCK_CON = 3                   # nested
TIPC_NLA_SOCK_HAS_PUBL = 4              # flag
TIPC_NLA_SOCK_STAT = 5                  # nested
TIPC_NLA_SOCK_TYPE = 6                  # u32 SOCK_*
TIPC_NLA_SOCK_INO = 7                   # u32
TIPC_NLA_SOCK_UID = 8                   # u32
TIPC_NLA_SOCK_TIPC_STATE = 9            # u32
TIPC_NLA_SOCK_COOKIE = 10               # u64
TIPC_NLA_SOCK_PAD = 11
TIPC_NLA_SOCK_GROUP = 12                # nested

# ... inside TIPC_NLA_SOCK_CON ...
TIPC_NLA_CON_FLAG = 1                   # flag
TIPC_NLA_CON_NODE = 2                   # u32
TIPC_NLA_CON_SOCK = 3                   # u32
TIPC_NLA_CON_TYPE = 4                   # u32
TIPC_NLA_CON_INST = 5                   # u32

# ... and inside TIPC_NLA_SOCK_STAT, the first of them number 0.
TIPC_NLA_SOCK_STAT_RCVQ = 0             # u32
TIPC_NLA_SOCK_STAT_SENDQ = 1            # u32
TIPC_NLA_SOCK_STAT_LINK_CONG = 2        # flag
TIPC_NLA_SOCK_STAT_CONN_CONG = 3        # flag
TIPC_NLA_SOCK_STAT_DROP = 4             # u32


class tipc_sock_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('pad', c_uint16),
        ('tidiag_states', c_uint32),
    ]
