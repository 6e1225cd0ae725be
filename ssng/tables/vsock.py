"""Sockets between virtual machines (fixtures/behaviour/sockets.md, 1.10 and 4.9)."""

from ctypes import sizeof

from ..fields import Fact, Object
from ..kernel.abi import vm_sockets_diag as abi
from ..kernel.abi.sock_diag import AF_VSOCK, SOCK_DGRAM, SOCK_STREAM
from ..kernel.columns import member, words
from . import common
from ..sources.family import Family

NETIDS = {SOCK_STREAM: 'v_str', SOCK_DGRAM: 'v_dgr'}


def message(name):
    return member(abi.vsock_diag_msg, 'vdiag_' + name)


TYPE, INODE = message('type'), message('ino')
CID, PORT, PEER_CID, PEER_PORT = message('src_cid'), message('src_port'), message('dst_cid'), message('dst_port')


def netid(kind):
    return NETIDS.get(kind, '???')


def cid_text(cid):
    return '*:' if cid == abi.VMADDR_CID_ANY else '%d:' % cid


def port_text(port):
    return '*' if port == abi.VMADDR_PORT_ANY else '%d' % port


STATE = Fact('state', message('state'), common.state_text, json=common.state_json)
EXTENDED_PAIRS = [
    Fact('inode', INODE),
    Fact('cookie', words(abi.vsock_diag_msg, 'vdiag_cookie'), json='"%x"'),
    Fact('shutdown', message('shutdown'), json=common.shutdown_json),
]


class Vsock(Family):
    name = 'vsock'
    family = AF_VSOCK
    names = ('vsock_stream', 'vsock_dgram')
    kind = TYPE
    kinds = {SOCK_STREAM: 'vsock_stream', SOCK_DGRAM: 'vsock_dgram'}
    fixed = sizeof(abi.vsock_diag_msg)
    inode = INODE
    filtered = {'src': CID, 'dst': PEER_CID, 'sport': PORT, 'dport': PEER_PORT}

    def request(self, query):
        return abi.vsock_diag_req(AF_VSOCK, vdiag_states=query.states)

    def columns(self, show):
        return (
            [Fact(None, TYPE, netid)], [STATE], [common.NO_QUEUE], [common.NO_QUEUE],
            [Fact(None, CID, cid_text)], [Fact(None, PORT, port_text)],
            [Fact(None, PEER_CID, cid_text)], [Fact(None, PEER_PORT, port_text)],
        )

    def pairs(self, show):
        facts = [Fact('netid', TYPE, json=lambda kind: '"%s"' % netid(kind)), ',"family":"vsock"',
                 Fact('type', TYPE, json=common.type_json), STATE, ',"recv_q":0,"send_q":0',
                 Object('local', [Fact('cid', CID), Fact('port', PORT)]),
                 Object('peer', [Fact('cid', PEER_CID), Fact('port', PEER_PORT)])]
        return facts + (EXTENDED_PAIRS if show.extended else [])


TABLE = Vsock()
