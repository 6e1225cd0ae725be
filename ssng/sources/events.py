"""Sockets as the kernel tells of their end, to the multicast groups of sock_diag: what ``ss -E`` shows.

There are four such groups, of tcp and udp over IPv4 and IPv6.  A message is a socket's last, in the form of a dump's
(fixtures/behaviour/command-line.md, 5.8; sockets.md 4.13).
"""

from ..errors import Failure
from ..kernel.abi.inet_diag import INET_DIAG_PROTOCOL
from ..kernel.abi.sock_diag import (
    AF_INET, AF_INET6, SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY,
    SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY)
from ..kernel.columns import scalar
from ..kernel.exchange import Refused, batches
from .dump import Judge, of_families

GROUPS = (
    (AF_INET, 'tcp', SKNLGRP_INET_TCP_DESTROY), (AF_INET, 'udp', SKNLGRP_INET_UDP_DESTROY),
    (AF_INET6, 'tcp', SKNLGRP_INET6_TCP_DESTROY), (AF_INET6, 'udp', SKNLGRP_INET6_UDP_DESTROY),
)
PROTOCOL = scalar(INET_DIAG_PROTOCOL, 'protocol', 1)


def listened(query, kernel, report, option='--events'):
    """The Reply of what ``kernel``, the source to listen to, tells of the sockets that end from now on.

    ``option``: who wants to know, for messages.
    """
    mask = sum([1 << group - 1 for family, table, group in GROUPS
                if family in query.selection.families and table in query.selection.tables])
    if not mask:
        raise Failure(option + ' tells of tcp and udp sockets: neither is asked for')

    return kernel.listen(mask, lambda: report.warn(
        option + ': some events were lost: there were more than could be read in time'))


def events(query, tables, reply, host, owners=None):
    """(table, Batch) of the sockets that end, in their order, for ever.

    ``tables``: {protocol: table}, and under None the one of all others.  ``reply``: see :func:`listened`; ``host`` and
    ``owners`` know what the filter may want to know beyond its messages.  Failure where it can tell no more.
    """
    def warn(text):
        host.report.warn('--events: %s' % text)
    judge = Judge(tables[None], query, host, owners)
    try:
        for batch in batches(reply, judge.table, warn):
            batch = of_families(batch, query.selection.families)
            batch = batch and judge.judged(batch)
            for table, some in alike(batch, tables) if batch else ():
                yield table, some
    except Refused as refused:
        raise Failure('--events: %s' % refused, 1 if refused.nonsense else 255)
    finally:
        reply.close()
    raise Failure('--events: the kernel ends it', 1)


def alike(batch, tables):
    """(table, Batch) of the sockets in a row that are of one table."""
    protocols = batch.values(PROTOCOL)
    kinds = [protocol if protocol in tables else None for protocol in protocols]
    start = 0
    while start < len(kinds):
        end = start + 1
        while end < len(kinds) and kinds[end] == kinds[start]:
            end += 1
        whole = end - start == len(kinds)
        yield tables[kinds[start]], batch if whole else batch.kept([start <= at < end for at in range(len(kinds))])
        start = end
