"""UDP: no protocol information of its own (fixtures/behaviour/sockets.md, 4.4)."""

from ..kernel.abi.sock_diag import IPPROTO_UDP
from .inet import Inet


class Udp(Inet):
    informs = False


TABLE = Udp('udp', IPPROTO_UDP, 'udp')
