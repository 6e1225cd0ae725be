"""Unix sockets: ``linux/unix_diag.h``."""

from . import Structure, c_uint8, c_uint16, c_uint32

# udiag_show
UDIAG_SHOW_NAME = 0x01
UDIAG_SHOW_VFS = 0x02
UDIAG_SHOW_PEER = 0x04
UDIAG_SHOW_ICONS = 0x08
UDIAG_SHOW_RQLEN = 0x10
UDIAG_SHOW_MEMINFO = 0x20
UDIAG_SHOW_UID = 0x40

# Attributes of a reply, the first of them number 0.
UNIX_DIAG_NAME = 0              # a path ends with NUL, an abstract name begins with it
UNIX_DIAG_VFS = 1               # unix_diag_vfs
UNIX_DIAG_PEER = 2              # u32 inode
UNIX_DIAG_ICONS = 3             # u32 inodes of clients that wait to be accepted
UNIX_DIAG_RQLEN = 4             # unix_diag_rqlen
UNIX_DIAG_MEMINFO = 5           # u32 words, sock_diag.SK_MEMINFO_*
UNIX_DIAG_SHUTDOWN = 6          # u8: 1 receiving is shut, 2 sending is shut
UNIX_DIAG_UID = 7               # u32


class unix_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('pad', c_uint16),
        ('udiag_states', c_uint32),
        ('udiag_ino', c_uint32),
        ('udiag_show', c_uint32),
        ('udiag_cookie', c_uint32 * 2),
    ]


class unix_diag_msg(Structure):
    _fields_ = [
        ('udiag_family', c_uint8),
        ('udiag_type', c_uint8),        # SOCK_*
        ('udiag_state', c_uint8),
        ('pad', c_uint8),
        ('udiag_ino', c_uint32),
        ('udiag_cookie', c_uint32 * 2),
    ]


class unix_diag_vfs(Structure):
    _fields_ = [
        ('udiag_vfs_ino', c_uint32),
        ('udiag_vfs_dev', c_uint32),    # major << 20 | minor
    ]


class unix_diag_rqlen(Structure):
    _fields_ = [
        ('udiag_rqueue', c_uint32),
        ('udiag_wqueue', c_uint32),
    ]
