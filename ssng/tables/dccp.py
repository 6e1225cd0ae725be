"""DCCP, shown as TCP is (sockets.md 4.12)."""

from ..kernel.abi import inet_diag as abi
from ..kernel.abi.sock_diag import IPPROTO_DCCP
from .tcp import Tcp


class Dccp(Tcp):
    legacy = abi.DCCPDIAG_GETSOCK


TABLE = Dccp('dccp', IPPROTO_DCCP, None)
