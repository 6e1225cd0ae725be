"""Sockets between virtual machines: ``linux/vm_sockets_diag.h`` and ``linux/vm_sockets.h``."""

from . import Structure, c_uint8, c_uint16, c_uint32

VMADDR_CID_ANY = 0xffffffff
VMADDR_PORT_ANY = 0xffffffff


class vsock_diag_req(Structure):
    _fields_ = [
        ('sdiag_family', c_uint8),
        ('sdiag_protocol', c_uint8),
        ('pad', c_uint16),
        ('vdiag_states', c_uint32),
        ('vdiag_ino', c_uint32),
        ('vdiag_show', c_uint32),
        ('vdiag_cookie', c_uint32 * 2),
    ]


class vsock_diag_msg(Structure):
    """The whole reply: no attribute follows."""

    _fields_ = [
        ('vdiag_family', c_uint8),
        ('vdiag_type', c_uint8),        # SOCK_*
        ('vdiag_state', c_uint8),
        ('vdiag_shutdown', c_uint8),    # 1 receiving is shut, 2 sending is shut
        ('vdiag_src_cid', c_uint32),
        ('vdiag_src_port', c_uint32),
        ('vdiag_dst_cid', c_uint32),
        ('vdiag_dst_port', c_uint32),
        ('vdiag_ino', c_uint32),
        ('vdiag_cookie', c_uint32 * 2),
    ]
