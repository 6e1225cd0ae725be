"""TCP, and what speaks like it (sockets.md 4.1)."""

from ..kernel.abi.inet_diag import INET_DIAG_SHUTDOWN, TCPDIAG_GETSOCK
from ..kernel.abi.procnet import PROC_TCP
from ..kernel.abi.sock_diag import IPPROTO_TCP, TCP_BOUND_INACTIVE, TCP_CLOSE, TCP_NEW_SYN_RECV, TCP_SYN_RECV
from ..kernel.columns import presence
from .inet import UNTOLD, Inet

SHUTDOWN = presence(INET_DIAG_SHUTDOWN, 'shutdown')
ASKED = 'info asked for'        # a word beside those of Detail, for texts


class Tcp(Inet):
    legacy = TCPDIAG_GETSOCK
    modules = ('tcp_info', ('info',)), ('tcp_options', ('info',)), ('tcp_peer', ('peers',)), ('tcp_rates', ('rates',))

    def asked_states(self, batch):
        """A closed socket is there only for who asks for those that are bound and inactive.

        What is told to be SYN-RECV is a connection to be, which has no direction to shut down and is sent for a bit of its own,
        too; or, rarely, a socket whose first data came with the SYN.  In /proc/net they are what they are told to be.
        """
        told = super().asked_states(batch)
        if PROC_TCP in batch.groups[0].attributes:
            return told
        if TCP_CLOSE in told:
            told = [TCP_BOUND_INACTIVE if state == TCP_CLOSE else state for state in told]
        if TCP_SYN_RECV in told:
            told = [TCP_NEW_SYN_RECV if state == TCP_SYN_RECV and shut is None else state
                    for state, shut in zip(told, batch.values(SHUTDOWN))]
        return told

    def parted(self, batches, states):
        return super().parted(batches, states | (states >> TCP_SYN_RECV & 1) << TCP_NEW_SYN_RECV)

    def printed(self, detail):
        """Of memory and information ss prints what there is of both as soon as one begins a line.

        The kernel sends what was asked for, but a recording (TCPDIAG_FILE) may hold both; of a line of /proc/net
        no more is printed than asked for.  What was fetched for a filter or an order alone is not shown.
        """
        words = detail.shown
        if words.isdisjoint(self.lines):
            return words
        asked = (ASKED,) if 'info' in words else ()
        unseen = detail.needed.union(('info',) if 'rates' in detail.needed else ())
        return words.union(frozenset(self.lines).difference(unseen), asked)


TABLE = Tcp('tcp', IPPROTO_TCP, 'tcp')
ENDED = Tcp('tcp', UNTOLD, None)        # an event says itself what protocol it is of; its ports have the names of any
