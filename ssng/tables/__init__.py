"""The socket tables, in the order in which ss shows them (fixtures/behaviour/command-line.md, 5.1).

A table is one module and one row here.  The row says what must be known before anything is asked: the
names by which the command line chooses it, its families, the states it shows unless told.  The module is
imported when the table is asked for, and declares the rest as ``TABLE``.
"""

from ..kernel.abi.sock_diag import (
    AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_TIPC, AF_UNIX, AF_VSOCK, AF_XDP, IPPROTO_UDP,
    TCP_CLOSE)
from ..states import CLOSED, ESTABLISHED, LISTENING, USUAL

INET = (AF_INET, AF_INET6)


class Row:
    """What is known of a table before its module is.

    ``names``     {name of a table: the states it shows unless told}; a module may hold several tables
    ``families``  address families of its sockets
    ``word``      of ``-f``, where it has a family of its own; the sockets of such are also ``group``ed under a word of ``-A``
    ``short``     {another word of ``-A``: name}
    ``stateless`` all its sockets count as closed, whatever is asked for (2.5)
    ``everyday``  ``-A all`` stands for it too
    ``known``     a family brings it along; not so for dccp, which ss 7.3.0 has forgotten (10: 35)
    """

    __slots__ = ('module', 'names', 'families', 'word', 'group', 'short', 'stateless', 'everyday', 'known')

    def __init__(self, module, names, families=INET, word=None, group=None, short=(), stateless=False,
                 everyday=True, known=True):
        self.module = module
        self.names = names
        self.families = families
        self.word = word
        self.group = group
        self.short = dict(short)
        self.stateless = stateless
        self.everyday = everyday
        self.known = known


ROWS = (
    Row('netlink', {'netlink': CLOSED}, (AF_NETLINK,), 'netlink', stateless=True),
    Row('packet', {'packet_raw': CLOSED, 'packet_dgram': CLOSED}, (AF_PACKET,), 'link', 'packet',
        {'p_raw': 'packet_raw', 'p_dgr': 'packet_dgram'}, stateless=True),
    Row('unix', {'unix_stream': USUAL, 'unix_dgram': CLOSED, 'unix_seqpacket': USUAL}, (AF_UNIX,), 'unix', 'unix',
        {'u_str': 'unix_stream', 'u_dgr': 'unix_dgram', 'u_seq': 'unix_seqpacket'}),
    Row('raw', {'raw': ESTABLISHED}),
    Row('udp', {'udp': ESTABLISHED}),
    Row('tcp', {'tcp': USUAL}),
    Row('dccp', {'dccp': USUAL}, everyday=False, known=False),
    Row('sctp', {'sctp': USUAL}),
    Row('vsock', {'vsock_stream': USUAL, 'vsock_dgram': USUAL}, (AF_VSOCK,), 'vsock', 'vsock',
        {'v_str': 'vsock_stream', 'v_dgr': 'vsock_dgram'}),
    Row('tipc', {'tipc': LISTENING | ESTABLISHED}, (AF_TIPC,), 'tipc', everyday=False),
    Row('xdp', {'xdp': CLOSED}, (AF_XDP,), 'xdp', stateless=True),
    Row('mptcp', {'mptcp': USUAL}),
)


def rows_of(selection):
    """The rows whose tables, in one of their states, are asked for."""
    for row in ROWS:
        if not selection.tables.isdisjoint(row.names) and (not row.stateless or selection.states >> TCP_CLOSE & 1):
            yield row


def declared(module):
    """The Table that a module declares."""
    return __import__(module, globals(), fromlist=['TABLE'], level=1).TABLE


def tables(selection):
    """The Tables that are asked for, in order."""
    return map(declared, [row.module for row in rows_of(selection)])


def ended():
    """{protocol: the Table of its sockets that end}; None is the protocol of all others."""
    from . import tcp, udp
    return {IPPROTO_UDP: udp.ENDED, None: tcp.ENDED}
