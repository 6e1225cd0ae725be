"""Who is at the other end of a TCP connection that begins and ends on this host.

Its other end has the same four numbers the other way round, and may be in another network namespace:

    here     127.0.0.1:40000  127.0.0.1:22     inode 7        key of its peer: 22 40000, the addresses changed over
    there    127.0.0.1:22     127.0.0.1:40000  inode 9        found under that key: 9

All connections are dumped once more, before the first answer, into one table for each namespace; after that each socket
is one look-up.  What many namespaces have alike (every loopback is 127.0.0.1) is taken from the own one first.
"""

from ..kernel.abi.inet_diag import inet_diag_msg, inet_diag_sockid
from ..kernel.abi.sock_diag import MAPPED, TCP_CLOSE, TCP_LISTEN
from ..kernel.columns import member
from ..query import Detail, Query, Selection, Style
from ..states import ALL
from ..tables import INET, declared
from .dump import Dump

IDENTITY, INODE = member(inet_diag_msg, 'id'), member(inet_diag_msg, 'idiag_inode')
CONNECTED = ALL & ~(1 << TCP_LISTEN | 1 << TCP_CLOSE)
PORT, SOURCE, DESTINATION = (getattr(inet_diag_sockid, name) for name in ('idiag_sport', 'idiag_src', 'idiag_dst'))


def ends(identity):
    """(local port and address, those of the peer) of an inet_diag_sockid, each as bytes."""
    port, size, width = PORT.size, SOURCE.size, SOURCE.offset
    return (identity[:port] + plain(identity[width:width + size]),
            identity[port:2 * port] + plain(identity[DESTINATION.offset:DESTINATION.offset + size]))


def plain(address):
    """An address of 16 bytes; one of IPv4 that is written as IPv6 as the kernel writes the others."""
    return address[12:].ljust(len(address), b'\0') if address.startswith(MAPPED) else address


class Peers:
    """The connections of one namespace, and of the others that are looked at: {both ends: inode}."""

    def __init__(self, mine, others):
        self.mine = mine
        self.others = others

    def inode(self, identity):
        """The inode of the other end of a connection; None where it is not here, or held by nobody any more."""
        local, peer = ends(identity)
        return self.mine.get(peer + local) or self.others.get(peer + local)


def connections(host, source):
    """{both ends: inode} of the connections of one place.  A source may have another one for this, ``for_peers``."""
    query = Query(Selection(['tcp'], INET, CONNECTED), Detail(), Style())
    dump, found = Dump(declared('tcp'), query, host, getattr(source, 'for_peers', source)), {}
    try:
        for batch in dump:
            for identity, inode in zip(batch.values(IDENTITY), batch.values(INODE)):
                if inode:
                    found[b''.join(ends(identity))] = inode
    finally:
        dump.close()
    return found


def introduce(places):
    """Let each Host of some (Host, source) know the peers of its connections, in whichever of these places they are."""
    known, everywhere = [connections(host, source) for host, source in places], {}
    for mine in reversed(known):
        everywhere.update(mine)
    for (host, _), mine in zip(places, known):
        host.peers = Peers(mine, everywhere)
