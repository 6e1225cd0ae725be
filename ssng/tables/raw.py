"""Raw IP sockets: the number of their protocol stands where others have a port (fixtures/behaviour/sockets.md, 4.5)."""

from ..kernel.abi.procnet import PROC_DATAGRAM
from ..kernel.abi.sock_diag import IPPROTO_RAW
from .inet import Inet


class Raw(Inet):
    listens = False

    def parted(self, batches, states):
        """raw_diag sends those of every state; of /proc/net those that were asked for are read."""
        for batch in batches:
            yield from super().parted([batch], states) if PROC_DATAGRAM in batch.groups[0].attributes else [batch]


TABLE = Raw('raw', IPPROTO_RAW, 'raw')
