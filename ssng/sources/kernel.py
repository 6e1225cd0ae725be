"""From a request to batches: the way of every table through netlink, and what may go wrong on it."""

import errno
import os

from ..errors import Failure
from ..host import warn
from ..kernel.abi.sock_diag import SOCK_DIAG_BY_FAMILY
from ..kernel.columns import batch as batch_of
from ..kernel.messages import Malformed
from ..kernel.netlink import Socket

# The kernel has no such table, or it (a sandbox, perhaps) has no netlink: nothing to tell the user.
ABSENT = (errno.ENOENT, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT, errno.EAFNOSUPPORT)


class Refused(Exception):
    """The kernel did not answer a dump to its end: ``errno``, and ``said`` if it ended with a status."""

    def __init__(self, error, text='', said=False):
        super().__init__(error)
        self.errno = error
        self.text = text
        self.said = said


def dump(name, fixed, payload, attributes=(), kind=SOCK_DIAG_BY_FAMILY, make=batch_of, **how):
    """Send a request; the Batches that it is answered with.  They raise Refused at the end of a failed dump.

    ``make(block, fixed)`` makes a Batch of a Block.  ``how`` it is to be read: see Socket.dump.
    """
    try:
        answer, datagrams = Socket().dump(kind, payload, attributes, **how)
    except OSError as error:
        return failing(Refused(error.errno))
    return answered(name, fixed, answer, datagrams, make)


def failing(error):
    """No Batches but an error, to be met where they are looked at."""
    raise error
    yield


def answered(name, fixed, answer, datagrams, make):
    """The Batches of a dump that has been asked for."""
    try:
        for data, ends in datagrams:
            block = answer.feed(data, ends)
            if block is not None:
                yield whole(name, make(block, fixed))
    except Malformed as malformed:
        raise Failure('%s: the kernel sent %s' % (name, malformed), 1)
    except OSError as error:
        warn('%s: netlink receive error: %s' % (name, os.strerror(error.errno)))
        raise Refused(error.errno)
    if answer.interrupted:
        warn('%s: the dump was interrupted and may be inconsistent' % name)
    if answer.error:
        raise Refused(answer.error, answer.text, answer.by_done)
    if answer.text:
        warn('%s: %s' % (name, answer.text))


def whole(name, batch):
    """The batch; a list of attributes that does not end where the message does is told, not hidden."""
    if any(group.ragged for group in batch.groups):
        warn('%s: a message ends in bytes that are no attribute' % name)
    return batch


def report(name, refused):
    """What the user should hear of a failed dump that nothing replaces."""
    if refused.errno not in ABSENT:
        warn('%s: %s' % (name, refused.text or 'the kernel answers: ' + os.strerror(refused.errno)))


def judge_of(query):
    """The predicate of a query's condition; None if it has none."""
    if query.condition is None:
        return None
    from ..filter.predicate import predicate
    return predicate(query.condition)


def judged(table, batch, judge):
    """Those sockets of the batch that a predicate accepts; None if there are none."""
    flags = judge(lambda name: table.column(batch, name), batch.count)
    if all(flags):
        return batch
    return batch.kept(flags) if any(flags) else None


def of_families(batch, families):
    """Those sockets of the batch that are of one of these families; None if there are none."""
    if all(group.data[group.base] in families for group in batch.groups):
        return batch
    flags = batch.ordered([[group.data[group.base] in families] * group.count for group in batch.groups])
    return batch.kept(flags) if any(flags) else None
