"""UDP: no protocol information of its own (sockets.md 4.4)."""

from ..kernel.abi.sock_diag import IPPROTO_UDP
from .inet import UNTOLD, Inet


class Udp(Inet):
    lines = ('memory',)
    listens = False


TABLE = Udp('udp', IPPROTO_UDP, 'udp')
ENDED = Udp('udp', UNTOLD, None)
