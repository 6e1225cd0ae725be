"""SCTP: endpoints, and below each its associations (fixtures/behaviour/command-line.md, 2.1; sockets.md 1.6 and 4.3).

Which rows are associations, text and JSON tell in two ways.  ss goes by the row above, if that has the same inode;
the kernel sends the peers' addresses of an association alone, whatever else is shown:

    message                       text, in this order     text, the endpoint filtered away    JSON
    inode 7, state 10             LISTEN                                                      "state":"LISTEN"
    inode 7, state 3, PEERS       `- ESTAB                SYN-RECV                            "state":"ESTAB","association":true
"""

from ..fields import FLAG, NUMBER, WORD, Fact, Section, Text
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.sock_diag import IPPROTO_SCTP, TCP_LISTEN
from ..kernel.columns import presence
from ..kernel.exchange import Refused
from ..states import LISTENING
from . import common
from .inet import INODE, STATE, STATE_FACTS, Inet

ASSOCIATION = 0x3f10            # no attribute of the kernel's: the row belongs to the one above it
STATES = ('CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTAB', 'SHUTDOWN_PENDING', 'SHUTDOWN_SENT',
          'SHUTDOWN_RECEIVED', 'ACK_SENT')
NO_NAME = '(null)'      # an endpoint listed below its associations is taken for one, whatever its state is

PEERS = presence(abi.INET_DIAG_PEERS, 'peers')


def named(number):
    """The name of an association's state; None where it has none."""
    return STATES[number] if number < len(STATES) else None


def state(number, *peers):
    """Of an association where there are peers, else of an endpoint, whose states are those of TCP."""
    if peers:
        return named(number) or common.UNKNOWN
    return STATE_FACTS[0].value(number)


def state_number(number, *peers):
    if peers:
        return None if named(number) else number
    return STATE_FACTS[1].value(number)


EITHER = [(STATE, PEERS), STATE]
ROW_STATES = [
    Fact('state', EITHER, WORD, state, certain=True, help='state of the endpoint or of the association, as ss calls it'),
    Fact('state_number', EITHER, NUMBER, state_number, help='the number of the state, where it has no name'),
    Fact('association', PEERS, FLAG, lambda peers: True, certain=True, help='whether it is an association of an endpoint'),
]
ASSOCIATION_STATE = Fact('state', STATE, WORD, named)       # of a row that ss takes for one


def association_text(state):
    return '`- ' + (state or NO_NAME)


def with_next(batches):
    """(Batch, the one behind it) of each, None behind the last; also where what is behind that is refused."""
    before = None
    try:
        for batch in batches:
            if before:
                yield before, batch
            before = batch
    except Refused:
        if before:
            yield before, None
        raise
    if before:
        yield before, None


class Sctp(Inet):
    modules = ('sctp_info', ('memory', 'info')),
    filters = False             # sctp_diag runs no filter program
    timer = 'T3_RTX'            # whichever it is

    def parted(self, batches, states):
        """One bit is for endpoints without associations, all but two are for the others with theirs, whatever their states.

        Such an endpoint is the row above its first association, which may be in the batch behind.
        """
        alone, others = states >> TCP_LISTEN & 1, states & ~LISTENING
        if alone and others:
            yield from batches
            return
        for batch, behind in with_next(batches):
            inodes = list(batch.values(INODE)) + list(behind.values(INODE) if behind else [0])[:1]
            flags = [(peers is not None or inode == below != 0) == bool(others)
                     for peers, inode, below in zip(batch.values(PEERS), inodes, inodes[1:])]
            if (alone or others) and any(flags):
                yield batch if all(flags) else batch.kept(flags)

    def prepared(self, batches):
        """A row with the inode of the row above it is marked as an association.

        No socket of another table has the inode of one of ours, so the row above is always one of SCTP.
        """
        above = 0
        for batch in batches:
            inodes = list(batch.values(INODE))
            flags = [inode == before != 0 for inode, before in zip(inodes, [above] + inodes)]
            above = inodes[-1]
            yield batch.marked(ASSOCIATION, flags)

    def state_facts(self):
        return ROW_STATES

    def columns(self):
        netid, _, *others = super().columns()
        state = [Section(ASSOCIATION, [Text(association_text, ASSOCIATION_STATE)]),
                 Section(ASSOCIATION, [Text(common.state_text, STATE_FACTS[0])], unless=True)]
        return [[Section(ASSOCIATION, netid, unless=True)], state] + others


TABLE = Sctp('sctp', IPPROTO_SCTP, None)
