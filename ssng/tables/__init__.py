"""The socket tables, in the order in which ss shows them (fixtures/behaviour/command-line.md, 5.1).

A table's module is imported when the table is asked for; it declares the table as ``TABLE``.
"""

from ..kernel.abi.sock_diag import TCP_CLOSE

MODULES = (
    ('netlink', ('netlink',)),
    ('packet', ('packet_raw', 'packet_dgram')),
    ('unix', ('unix_stream', 'unix_dgram', 'unix_seqpacket')),
    ('raw', ('raw',)),
    ('udp', ('udp',)),
    ('tcp', ('tcp',)),
    ('dccp', ('dccp',)),
    ('sctp', ('sctp',)),
    ('vsock', ('vsock_stream', 'vsock_dgram')),
    ('tipc', ('tipc',)),
    ('xdp', ('xdp',)),
    ('mptcp', ('mptcp',)),
)

STATELESS = ('netlink', 'packet', 'xdp')        # all their sockets count as closed (command-line.md 2.5)


def tables(query):
    """The Tables that ``query`` asks for, in order."""
    for module, names in MODULES:
        if module in STATELESS and not query.states >> TCP_CLOSE & 1:
            continue
        if not query.tables.isdisjoint(names):
            yield __import__(module, globals(), fromlist=['TABLE'], level=1).TABLE
