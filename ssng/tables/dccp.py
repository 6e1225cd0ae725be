"""DCCP, shown as TCP is (fixtures/behaviour/sockets.md, 4.12)."""

from ..kernel.abi import inet_diag as abi
from ..kernel.abi.sock_diag import IPPROTO_DCCP
from .inet import Inet
from .tcp import Tcp


class Dccp(Tcp):
    legacy = abi.DCCPDIAG_GETSOCK

    def batches(self, query):
        return Inet.batches(self, query)        # TCPDIAG_FILE holds TCP alone


TABLE = Dccp('dccp', IPPROTO_DCCP, None)
