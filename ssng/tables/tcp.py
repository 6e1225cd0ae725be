"""TCP, and what speaks like it (sockets.md 4.1)."""

from ..kernel.abi.inet_diag import TCPDIAG_GETSOCK
from ..kernel.abi.sock_diag import IPPROTO_TCP, TCP_BOUND_INACTIVE, TCP_CLOSE
from .inet import UNTOLD, Inet

ASKED = 'info asked for'        # a word beside those of Detail, for texts


class Tcp(Inet):
    legacy = TCPDIAG_GETSOCK
    modules = ('tcp_info', ('info',)), ('tcp_options', ('memory', 'info')), ('tcp_peer', ('peers',)), ('tcp_rates', ('rates',))

    def told_states(self, states):
        """A closed socket is there only for who asks for those that are bound and inactive."""
        closed = states >> TCP_BOUND_INACTIVE & 1
        return states & ~(1 << TCP_CLOSE) | closed << TCP_CLOSE

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
