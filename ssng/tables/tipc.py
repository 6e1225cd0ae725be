"""TIPC sockets (fixtures/behaviour/sockets.md, 1.12 and 4.11).

A message has no fixed part.  It is one attribute, TIPC_NLA_SOCK, and all there is to know is inside; or
it is nothing at all, for a socket in a state that was not asked for.
"""

import sys

from ..fields import Fact, Object, Section
from ..kernel.abi import tipc as abi
from ..kernel.abi.sock_diag import AF_TIPC, SOCK_DGRAM, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM
from ..kernel.columns import batch as batch_of
from ..kernel.columns import payload, scalar
from ..kernel.messages import HEADER, align, block_of, nested
from ..render import Memo
from . import common
from ..sources.family import Family

NETIDS = {SOCK_STREAM: 'ti_st', SOCK_DGRAM: 'ti_dg', SOCK_RDM: 'ti_rd', SOCK_SEQPACKET: 'ti_sq'}
TYPES = {SOCK_STREAM: 'STREAM', SOCK_DGRAM: 'DGRAM', SOCK_RDM: 'RDM', SOCK_SEQPACKET: 'SEQPACKET'}

SOCKET = payload(abi.TIPC_NLA_SOCK, 'sock')
NODE = scalar(abi.TIPC_NLA_SOCK_ADDR, 'addr', 4)
REFERENCE = scalar(abi.TIPC_NLA_SOCK_REF, 'ref', 4)
TYPE = scalar(abi.TIPC_NLA_SOCK_TYPE, 'type', 4)
INODE = scalar(abi.TIPC_NLA_SOCK_INO, 'ino', 4)
CONNECTION = payload(abi.TIPC_NLA_SOCK_CON, 'con')
STATISTICS = payload(abi.TIPC_NLA_SOCK_STAT, 'stat', missing=b'')
DETAILS = common.details(
    scalar(abi.TIPC_NLA_SOCK_UID, 'uid', 4), INODE, scalar(abi.TIPC_NLA_SOCK_COOKIE, 'cookie', 8))

inside = Memo(nested).__getitem__       # {number: bytes} of what a nested attribute holds


def number(data, attribute):
    """An integer inside a nested attribute, 0 where it is missing."""
    return int.from_bytes(inside(data).get(attribute, b''), sys.byteorder)


def queue(key, attribute):
    return Fact(key, STATISTICS, lambda data: common.queue_text(number(data, attribute)),
                json=lambda data: common.queue_json(number(data, attribute)))


def netid(kind):
    return NETIDS.get(kind, '???')


def peer_node(data):
    return '%d:' % number(data, abi.TIPC_NLA_CON_NODE)


def peer_reference(data):
    return '%d' % number(data, abi.TIPC_NLA_CON_SOCK)


def peer_json(data):
    return '{"node":%d,"port":%d}' % (number(data, abi.TIPC_NLA_CON_NODE), number(data, abi.TIPC_NLA_CON_SOCK))


def congestion(data):
    """What holds the sender up: its link or its connection; None if nothing does."""
    found = inside(data)
    if abi.TIPC_NLA_SOCK_STAT_LINK_CONG in found:
        return 'link'
    return 'conn' if abi.TIPC_NLA_SOCK_STAT_CONN_CONG in found else None


def congestion_json(data):
    found = congestion(data)
    return found and '"%s"' % found


def statistics_text(data):
    dropped = common.signed(number(data, abi.TIPC_NLA_SOCK_STAT_DROP))
    return ' cong:%s  drop:%d ' % (congestion(data) or 'none', dropped)


def service(form):
    """A function from a connection to ``form`` of the service it was opened to, if there was one."""
    def told(data):
        if abi.TIPC_NLA_CON_FLAG not in inside(data):
            return None
        return form % (number(data, abi.TIPC_NLA_CON_TYPE), number(data, abi.TIPC_NLA_CON_INST))
    return told


STATE = Fact('state', scalar(abi.TIPC_NLA_SOCK_TIPC_STATE, 'tipc_state', 4, missing=0),
             common.state_text, json=common.state_json)
RECV_Q = queue('recv_q', abi.TIPC_NLA_SOCK_STAT_RCVQ)
SEND_Q = queue('send_q', abi.TIPC_NLA_SOCK_STAT_SENDQ)
VIA = service(' via {%d,%d} ')

INFO = [
    Fact(None, TYPE, lambda kind: ' type:' + TYPES.get(kind, 'UNKNOWN')),
    Fact(None, STATISTICS, statistics_text),
    Section(abi.TIPC_NLA_SOCK_HAS_PUBL, [' publ']),
    Fact(None, CONNECTION, lambda data: VIA(data) or ''),
]
INFO_PAIRS = [
    Fact('congestion', STATISTICS, json=congestion_json),
    Fact('drop', STATISTICS, json=lambda data: '%d' % number(data, abi.TIPC_NLA_SOCK_STAT_DROP)),
    Section(abi.TIPC_NLA_SOCK_HAS_PUBL, [',"published":true']),
    Fact('service', CONNECTION, json=service('{"type":%d,"instance":%d}')),
]


class Tipc(Family):
    name = 'tipc'
    family = AF_TIPC
    names = ('tipc',)
    inode = INODE
    judges = False

    def request(self, query):
        return abi.tipc_sock_diag_req(AF_TIPC, tidiag_states=query.states)

    def dump(self, query):
        """What the messages hold, in their place: its attributes become the message's own."""
        for batch in super().dump(query):
            rows = [bytes(HEADER) + row.ljust(align(len(row)), b'\0') for row in batch.values(SOCKET, b'') if row]
            if rows:
                yield batch_of(block_of(rows), 0)

    def columns(self, show):
        return (
            [Fact(None, TYPE, netid)], [STATE], [RECV_Q], [SEND_Q],
            [Fact(None, NODE, '%d:', hide=())], [Fact(None, REFERENCE, '%d', hide=())],
            [Fact(None, CONNECTION, peer_node), Section(abi.TIPC_NLA_SOCK_CON, ['-'], unless=True)],
            [Fact(None, CONNECTION, peer_reference)],
        )

    def aside(self, show):
        return DETAILS if show.extended else []

    def detail(self, show):
        return (['' if show.oneline else '\n'] + INFO) if show.tipcinfo else []

    def pairs(self, show):
        facts = [Fact('netid', TYPE, json=lambda kind: '"%s"' % netid(kind)), ',"family":"tipc"',
                 Fact('type', TYPE, json=common.type_json), STATE, RECV_Q, SEND_Q,
                 Object('local', [Fact('node', NODE), Fact('port', REFERENCE)]),
                 Fact('peer', CONNECTION, json=peer_json)]
        if show.extended:
            facts += DETAILS
        return facts + (INFO_PAIRS if show.tipcinfo else [])


TABLE = Tipc()
