"""TIPC sockets (fixtures/behaviour/sockets.md, 1.12 and 4.11).

A message has no fixed part.  It is one attribute, TIPC_NLA_SOCK, and all there is to know is inside; or
it is nothing at all, for a socket in a state that was not asked for.  Before anything is read, what lies in one
another is laid side by side, so that each of it is a member like any other:

    as it came      SOCK(REF 8, CON(NODE 6, SOCK 5), STAT(RCVQ 3, SENDQ 4), TYPE 1 ...)
    as it is read   CON+NODE 6, CON+SOCK 5, STAT+RCVQ 3, STAT+SENDQ 4, REF 8, CON(...), STAT(...), TYPE 1 ...
"""

from ..fields import FLAG, NUMBER, WORD, Break, Fact, Section, Text
from ..kernel.abi import tipc as abi
from ..kernel.abi.sock_diag import AF_TIPC, SOCK_DGRAM, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM
from ..kernel.columns import batch as batch_of
from ..kernel.columns import payload, presence, scalar
from ..kernel.messages import HEADER, align, attribute, block_of, nested
from . import common
from .family import Family

NETIDS = {SOCK_STREAM: 'ti_st', SOCK_DGRAM: 'ti_dg', SOCK_RDM: 'ti_rd', SOCK_SEQPACKET: 'ti_sq'}
TYPES = ('stream', 'dgram', 'rdm', 'seqpacket')     # that ss has a name for

# No attributes of the kernel's: those inside CON and STAT, behind these numbers.
CON, STAT = 0x3f20, 0x3f30
INSIDE = ((abi.TIPC_NLA_SOCK_CON, CON), (abi.TIPC_NLA_SOCK_STAT, STAT))
MOST = 16                       # numbers of each

SOCKET = payload(abi.TIPC_NLA_SOCK, 'sock')
NODE = scalar(abi.TIPC_NLA_SOCK_ADDR, 'addr', 4)
REFERENCE = scalar(abi.TIPC_NLA_SOCK_REF, 'ref', 4)
TYPE = scalar(abi.TIPC_NLA_SOCK_TYPE, 'type', 4)
INODE = scalar(abi.TIPC_NLA_SOCK_INO, 'ino', 4)
CONNECTION = presence(abi.TIPC_NLA_SOCK_CON, 'con')
SERVICE = presence(CON + abi.TIPC_NLA_CON_FLAG, 'flag')
LINK_CONGESTED = presence(STAT + abi.TIPC_NLA_SOCK_STAT_LINK_CONG, 'link_cong', missing=0)
CONN_CONGESTED = presence(STAT + abi.TIPC_NLA_SOCK_STAT_CONN_CONG, 'conn_cong', missing=0)
INFO = ('tipcinfo',)


def flat(data):
    """The attributes of a socket, in front of them those inside its connection and its statistics."""
    found, inner = nested(data), b''
    for outer, behind in INSIDE:
        inner += b''.join([attribute(behind + each, value)
                           for each, value in nested(found.get(outer, b'')).items() if each < MOST])
    return inner + data


def number(behind, each, name):
    """A number inside: 0 where it is missing."""
    return scalar(behind + each, name, 4, missing=0)


def of_connection(name, there, each, help, reveal=()):
    """The Fact of a number of the connection; ``there``: the Member without which there is none."""
    return Fact(name, (there, number(CON, each, name)), NUMBER, lambda _, value: value, reveal=reveal, certain=True, help=help)


def congestion(link, connection):
    return 'link' if link == b'' else 'conn' if connection == b'' else None


NETID = common.netid(TYPE, NETIDS)
KIND = common.kind(TYPE)
TIPC_STATE = scalar(abi.TIPC_NLA_SOCK_TIPC_STATE, 'tipc_state', 4, missing=0)
STATE = common.state(TIPC_STATE)
RECV_Q = common.queue('recv_q', number(STAT, abi.TIPC_NLA_SOCK_STAT_RCVQ, 'recv_q'))
SEND_Q = common.queue('send_q', number(STAT, abi.TIPC_NLA_SOCK_STAT_SENDQ, 'send_q'))
ENDS = [
    Fact('local.node', NODE, NUMBER, help='node of the socket'),
    Fact('local.port', REFERENCE, NUMBER, help='port of the socket, a number of 32 bits'),
    of_connection('peer.node', CONNECTION, abi.TIPC_NLA_CON_NODE, 'node of the peer'),
    of_connection('peer.port', CONNECTION, abi.TIPC_NLA_CON_SOCK, 'port of the peer'),
]
IDENTITY = common.identity(scalar(abi.TIPC_NLA_SOCK_UID, 'uid', 4), INODE, scalar(abi.TIPC_NLA_SOCK_COOKIE, 'cookie', 8))
CONGESTION = Fact('congestion', (LINK_CONGESTED, CONN_CONGESTED), WORD, congestion, reveal=INFO,
                  help='what holds the sender up: its link or its connection')
DROP = Fact('drop', number(STAT, abi.TIPC_NLA_SOCK_STAT_DROP, 'drop'), NUMBER, reveal=INFO, help='messages that were thrown away')
PUBLISHED = Fact('published', presence(abi.TIPC_NLA_SOCK_HAS_PUBL, 'has_publ'), FLAG, lambda _: True, reveal=INFO, certain=True,
                 help='whether a service is published at it')
VIA = [
    of_connection('service.type', SERVICE, abi.TIPC_NLA_CON_TYPE, 'type of the service that the connection was opened to', INFO),
    of_connection('service.instance', SERVICE, abi.TIPC_NLA_CON_INST, 'instance of that service', INFO),
]
FACTS = [NETID, common.family('tipc')] + KIND + STATE + [RECV_Q, SEND_Q] + ENDS + IDENTITY + [CONGESTION, DROP, PUBLISHED] + VIA


# Text

def type_text(kind):
    return ' type:' + (kind.upper() if kind in TYPES else 'UNKNOWN')


LINE = [
    Break(oneline='', text='\n', when=INFO),
    Text(type_text, KIND[0], when=INFO),
    Text(lambda found: ' cong:%s ' % (found or 'none'), CONGESTION),
    Text(' drop:%d ', DROP, hide=(), signed=True),
    Text(lambda published: ' publ', PUBLISHED),
    Text(' via {%d,%d} ', *VIA),
]


class Tipc(Family):
    name = 'tipc'
    family = AF_TIPC
    names = ('tipc',)
    inode = INODE
    state = TIPC_STATE
    judges = False
    forms = {abi.TIPC_NLA_SOCK: {abi.TIPC_NLA_SOCK_CON: {}, abi.TIPC_NLA_SOCK_STAT: {}}}

    def request(self, query, family):
        return abi.tipc_sock_diag_req(AF_TIPC, tidiag_states=query.selection.states)

    @staticmethod
    def make(block, fixed):
        """What the messages hold, in their place: its attributes become the message's own."""
        batch = batch_of(block, fixed)
        sockets = [flat(data) for data in batch.values(SOCKET, b'') if data]
        rows = [bytes(HEADER) + data.ljust(align(len(data)), b'\0') for data in sockets]
        return batch_of(block_of(rows), 0) if rows else None

    def facts(self, words=None):
        return FACTS

    def columns(self):
        return [
            [Text('%s', NETID)], [Text(common.state_text, STATE[0])], [common.queue_text(RECV_Q)], [common.queue_text(SEND_Q)],
            [Text('%d:', ENDS[0], hide=())], [Text('%d', ENDS[1], hide=())],
            [Text('%d:', ENDS[2]), Section(abi.TIPC_NLA_SOCK_CON, ['-'], unless=True)], [Text('%d', ENDS[3])],
        ]

    def aside(self):
        return common.identity_line(*IDENTITY)

    def line(self, words):
        return LINE


TABLE = Tipc()
