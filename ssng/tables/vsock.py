"""Sockets between virtual machines (fixtures/behaviour/sockets.md, 1.10 and 4.9)."""

from ..fields import NUMBER, PORT, Fact, Text
from ..kernel.abi import sizeof
from ..kernel.abi import vm_sockets_diag as abi
from ..kernel.abi.sock_diag import AF_VSOCK, SOCK_DGRAM, SOCK_STREAM
from ..kernel.columns import member, words
from . import common
from .family import Family

NETIDS = {SOCK_STREAM: 'v_str', SOCK_DGRAM: 'v_dgr'}


def message(name):
    return member(abi.vsock_diag_msg, 'vdiag_' + name)


TYPE, INODE = message('type'), message('ino')
CID, LOCAL_PORT, PEER_CID, PEER_PORT = message('src_cid'), message('src_port'), message('dst_cid'), message('dst_port')

NETID = common.netid(TYPE, NETIDS)
VSOCK_STATE = message('state')
STATE = common.state(VSOCK_STATE)
RECV_Q, SEND_Q = common.no_queue('recv_q'), common.no_queue('send_q')
ENDS = [
    Fact('local.cid', CID, NUMBER, help='number of the virtual machine, 4294967295 for any'),
    Fact('local.port', LOCAL_PORT, PORT, help='port of the socket, 4294967295 for any'),
    Fact('peer.cid', PEER_CID, NUMBER, help='number of the peer\'s virtual machine, 4294967295 for any'),
    Fact('peer.port', PEER_PORT, PORT, help='port of the peer, 4294967295 for any'),
]
FACTS = [NETID, common.family('vsock')] + common.kind(TYPE) + STATE + [RECV_Q, SEND_Q] + ENDS
FACTS += common.identity(None, INODE, words(abi.vsock_diag_msg, 'vdiag_cookie')) + [common.shutdown(message('shutdown'))]


def cid_text(cid):
    return '*:' if cid == abi.VMADDR_CID_ANY else '%d:' % cid


def port_text(port):
    return '*' if port == abi.VMADDR_PORT_ANY else '%d' % port


class Vsock(Family):
    name = 'vsock'
    family = AF_VSOCK
    names = ('vsock_stream', 'vsock_dgram')
    kind = TYPE
    kinds = {SOCK_STREAM: 'vsock_stream', SOCK_DGRAM: 'vsock_dgram'}
    fixed = sizeof(abi.vsock_diag_msg)
    inode = INODE
    state = VSOCK_STATE
    filtered = {'src': CID, 'dst': PEER_CID, 'sport': LOCAL_PORT, 'dport': PEER_PORT}

    def request(self, query, family):
        return abi.vsock_diag_req(AF_VSOCK, vdiag_states=query.selection.states)

    def facts(self, words=None):
        return FACTS

    def columns(self):
        ends = [[Text(form, fact)] for form, fact in zip((cid_text, port_text) * 2, ENDS)]
        return [[Text('%s', NETID)], [Text(common.state_text, STATE[0])], [common.queue_text(RECV_Q)],
                [common.queue_text(SEND_Q)]] + ends


TABLE = Vsock()
