"""Closing sockets: SOCK_DESTROY (fixtures/behaviour/command-line.md, 5.6)."""

import errno
import os

from ..host import warn
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.netlink import NLM_F_ACK, NLM_F_REQUEST
from ..kernel.abi.procnet import PROC_DATAGRAM, PROC_TCP
from ..kernel.abi.sock_diag import SOCK_DESTROY
from ..kernel.columns import member
from ..kernel.messages import Answer, message
from ..kernel.netlink import Socket
from ..tables.inet import FAMILY, PROTOCOL
from .inet import BYTE

SKIPPED = (errno.EOPNOTSUPP, errno.ENOENT)      # cannot be closed; is closed already
IDENTITY = member(abi.inet_diag_msg, 'id')


class Destroyer:
    """Closes the sockets of batches.  A refusal is told, and the rest goes on."""

    def __init__(self):
        self.socket = None
        self.seq = 0

    def closed(self, table, batch):
        """The Batch of those sockets that could be closed, as they were before; None if there are none.

        What /proc told of is not closed, and all of it is shown: so does ss.
        """
        if all([PROC_TCP in group.attributes or PROC_DATAGRAM in group.attributes for group in batch.groups]):
            return batch
        self.socket = self.socket or Socket()
        flags = [self.close(table.protocol, *row) for row in zip(
            batch.values(FAMILY), batch.values(PROTOCOL, 0), batch.values(IDENTITY))]
        return batch.kept(flags) if any(flags) else None

    def close(self, protocol, family, raw_protocol, identity):
        """Whether the kernel closed the socket.  ``raw_protocol`` is what a raw socket speaks, else 0."""
        self.seq += 1
        request = abi.inet_diag_req_raw(
            family, protocol & BYTE, 0, raw_protocol, 0, abi.inet_diag_sockid.from_buffer_copy(identity))
        self.socket.send(message(SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK, self.seq, request))
        answer = Answer(self.seq, self.socket.pid)
        while not answer.done:
            data = self.socket.receive()
            answer.feed(data, (len(data),))
        if answer.error and answer.error not in SKIPPED:
            warn('--kill: the kernel refuses: %s' % (answer.text or os.strerror(answer.error)))
        return not answer.error
