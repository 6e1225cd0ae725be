"""Closing sockets: the kernel is asked by SOCK_DESTROY for each that was found (fixtures/behaviour/command-line.md, 5.6)."""

import errno

from ..kernel.abi import inet_diag as abi
from ..kernel.abi.netlink import NLM_F_ACK, NLM_F_REQUEST
from ..kernel.abi.procnet import PROC_DATAGRAM, PROC_TCP
from ..kernel.abi.sock_diag import SOCK_DESTROY
from ..kernel.columns import member, scalar
from ..kernel.exchange import Refused, Request, read

SKIPPED = (errno.EOPNOTSUPP, errno.ENOENT)      # cannot be closed; is closed already
BYTE = 0xff
FAMILY = member(abi.inet_diag_msg, 'idiag_family')
IDENTITY = member(abi.inet_diag_msg, 'id')
PROTOCOL = scalar(abi.INET_DIAG_PROTOCOL, 'protocol', 1)        # what a raw socket speaks


class Destroyer:
    """Closes the sockets of batches.  A refusal is told, and the rest goes on."""

    def __init__(self, kernel, report):
        """``kernel`` is the source to ask: one that is kept, see Kernel.kept."""
        self.kernel = kernel
        self.report = report
        self.seq = 0

    def closed(self, table, batch):
        """The Batch of those sockets that could be closed, as they were before; None if there are none.

        What /proc told of is not closed, and all of it is shown: so does ss.
        """
        if of_proc(batch):
            return batch
        flags = [self.close(table.protocol, *row) for row in rows_of(batch)]
        return batch.kept(flags) if any(flags) else None

    def close(self, *socket):
        """Whether the kernel closed the socket; a refusal is told."""
        try:
            return self.ask(*socket)
        except Refused as refused:
            if refused.errno not in SKIPPED or not refused.asked:
                self.warn(refused)
            return False

    def ask(self, protocol, family, raw_protocol, identity):
        """Whether the kernel closed the socket; Refused if it would not.

        ``raw_protocol`` is what a raw socket speaks, else 0.
        """
        self.seq += 1
        reply = self.kernel.ask(Request(
            abi.inet_diag_req_raw(
                family, protocol & BYTE, 0, raw_protocol, 0, abi.inet_diag_sockid.from_buffer_copy(identity)),
            kind=SOCK_DESTROY, flags=NLM_F_REQUEST | NLM_F_ACK, seq=self.seq))
        for _ in read(reply, lambda block: None, self.warn):
            pass
        return reply.answer.done

    def warn(self, text):
        self.report.warn('--kill: %s' % text)

    def end(self):
        self.kernel.close()


class Rehearsal:
    """Closes nothing, and lets through what a Destroyer would try to close: of tables that know no closing nothing."""

    def closed(self, table, batch):
        return batch if table.destroyable and not of_proc(batch) else None

    def end(self):
        pass


def rows_of(batch):
    """(family, protocol of a raw socket, identity) of each socket."""
    return zip(batch.values(FAMILY), batch.values(PROTOCOL, 0), batch.values(IDENTITY))


def of_proc(batch):
    """Whether /proc told of the sockets: the kernel then knows no closing."""
    return all([PROC_TCP in group.attributes or PROC_DATAGRAM in group.attributes for group in batch.groups])
