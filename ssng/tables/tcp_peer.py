"""The other end of a TCP connection, where it is on this host: not of the kernel's message, sources/peers.py finds it."""

from ..fields import NUMBER, Fact
from ..kernel.abi.inet_diag import inet_diag_msg
from ..kernel.columns import member

FACTS = [Fact('peer.inode', member(inet_diag_msg, 'id'), NUMBER, lambda inode, identity: inode(identity), 'peers.inode',
              ('peers',), 'inode number of the other end, where it is on this host', source='peer', named=True)]


def line(table):
    return []
