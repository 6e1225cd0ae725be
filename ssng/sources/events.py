"""Sockets as the kernel tells of their end: multicast groups of sock_diag (fixtures/behaviour/command-line.md, 5.8, sockets.md 4.13)."""

import os

from ..errors import Failure
from ..kernel.abi.sock_diag import (
    AF_INET, AF_INET6, IPPROTO_UDP, SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY,
    SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY)
from ..kernel.columns import batch as batch_of
from ..kernel.messages import Answer, Malformed
from ..kernel.netlink import Socket
from .kernel import judge_of, judged, of_families
from ..tables.inet import PROTOCOL
from ..tables.tcp import Tcp
from ..tables.udp import Udp

GROUPS = (
    (AF_INET, 'tcp', SKNLGRP_INET_TCP_DESTROY), (AF_INET, 'udp', SKNLGRP_INET_UDP_DESTROY),
    (AF_INET6, 'tcp', SKNLGRP_INET6_TCP_DESTROY), (AF_INET6, 'udp', SKNLGRP_INET6_UDP_DESTROY),
)
NO_PROTOCOL = -1        # shown as ???

# An event says itself what protocol it is of; its ports have the names of any.
STREAM, DATAGRAM = Tcp('tcp', NO_PROTOCOL, None), Udp('udp', NO_PROTOCOL, None)
TABLES = STREAM, DATAGRAM


def events(query):
    """(table, Batch of one socket) for each that ends, for ever."""
    mask = sum(1 << group - 1 for family, table, group in GROUPS
               if family in query.families and table in query.tables)
    if not mask:
        raise Failure('--events tells of tcp and udp sockets: neither is asked for')
    judge = judge_of(query)
    try:
        socket, answer = Socket(groups=mask), Answer(0, 0)
    except OSError as error:
        raise Failure('--events: no netlink: %s' % error.strerror)
    while True:
        try:
            data = socket.receive()
            block = answer.feed(data, (len(data),))
            batch = block and of_families(batch_of(block, STREAM.fixed), query.families)
        except Malformed as malformed:
            raise Failure('--events: the kernel sent %s' % malformed, 1)
        except OSError as error:
            raise Failure('--events: netlink receive error: %s' % os.strerror(error.errno))
        if batch and judge:
            batch = judged(STREAM, batch, judge)
        for one in singles(batch) if batch else ():
            table = DATAGRAM if one.values(PROTOCOL) == [IPPROTO_UDP] else STREAM
            yield table, one


def singles(batch):
    """Each message of a batch as a Batch of its own."""
    if batch.count == 1:
        return [batch]
    return [batch.kept([at == this for at in range(batch.count)]) for this in range(batch.count)]
