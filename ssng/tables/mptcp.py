"""Multipath TCP (fixtures/behaviour/sockets.md, 1.5 and 4.2)."""

from ..kernel.abi.sock_diag import IPPROTO_MPTCP
from .inet import Inet


class Mptcp(Inet):
    modules = ('mptcp_info', ('info',)),


TABLE = Mptcp('mptcp', IPPROTO_MPTCP, None)
