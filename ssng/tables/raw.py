"""Raw IP sockets: the number of their protocol stands where others have a port (fixtures/behaviour/sockets.md, 4.5)."""

from ..kernel.abi.sock_diag import IPPROTO_RAW
from .inet import Inet


class Raw(Inet):
    listens = False
    state = None                # raw_diag sends those of every state


TABLE = Raw('raw', IPPROTO_RAW, 'raw')
