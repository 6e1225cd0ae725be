"""Netlink sockets (fixtures/behaviour/sockets.md, 1.9 and 4.8)."""

import sys
from ctypes import c_ulong, sizeof

from ..fields import ByShow, Fact, Object
from ..host import names, paths, processes
from ..kernel.abi import netlink_diag as abi
from ..kernel.abi.procnet import PROC_NETLINK, proc_netlink
from ..kernel.abi.sock_diag import AF_NETLINK, SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_WMEM_ALLOC
from ..kernel.columns import member, payload, scalar, words
from . import common
from ..sources.family import Family

CONNECTED = 1                   # of ndiag_state: any other value is "not connected"
NO_PORT = -1
LONG = sizeof(c_ulong)

FLAGS = ((abi.NDIAG_FLAG_CB_RUNNING, 'cb_running'), (abi.NDIAG_FLAG_PKTINFO, 'pktinfo'),
         (abi.NDIAG_FLAG_BROADCAST_ERROR, 'broadcast_error'), (abi.NDIAG_FLAG_NO_ENOBUFS, 'no_enobufs'),
         (abi.NDIAG_FLAG_LISTEN_ALL_NSID, 'listen_all_nsid'), (abi.NDIAG_FLAG_CAP_ACK, 'cap_ack'))


def message(name):
    return member(abi.netlink_diag_msg, 'ndiag_' + name)


def told(name):
    """What only /proc tells: 0 elsewhere."""
    return member(proc_netlink, name, PROC_NETLINK, missing=0)


PROTOCOL, STATE, INODE = message('protocol'), message('state'), message('ino')
PORT, PEER_PORT, PEER_GROUP = message('portid'), message('dst_portid'), message('dst_group')
SIGNED_PORT, SIGNED_PEER_PORT, SIGNED_PEER_GROUP = PORT.as_signed(), PEER_PORT.as_signed(), PEER_GROUP.as_signed()
GROUPS = payload(abi.NETLINK_DIAG_GROUPS, 'groups')


def queue(key, word, name):
    """A queue's length: from the memory that netlink tells, or from /proc, the other is 0."""
    return Fact(key, (common.skmem_word(abi.NETLINK_DIAG_MEMINFO, word), told(name)),
                lambda memory, length: common.queue_text(memory or length),
                json=lambda memory, length: common.queue_json(memory or length))


def protocol_text(show):
    if show.numeric:
        return '%d:'
    return lambda number: (names.netlink_protocol(number) or '%d' % number) + ':'


def protocol_json(number):
    name = names.netlink_protocol(number)
    return common.quoted(name) if name else None


def process_name(pid):
    """What the process of this number calls itself, latin-1; '' if there is none."""
    try:
        with open('%s/%d/stat' % (paths.proc(), pid), 'rb') as file:
            text = file.read(256).decode('latin-1')
    except OSError:
        return ''
    name, ended, _ = text.partition('(')[2].partition(')')
    return name if ended else ''


def port_text(show):
    """The text of a signed port id: many a socket has its process's number."""
    def text(port):
        if port == NO_PORT:
            return '*'
        if show.numeric or port < 0:
            return '%d' % port
        if port == 0:
            return 'kernel'
        name = process_name(port)
        return '%s/%d' % (common.escaped(name) if show.escape else name, port) if name else '%d' % port
    return text


def process_json(port):
    name = port > 0 and process_name(port)
    return common.quoted(name) if name else None


def context(port):
    """The SELinux context of the process with the number of the port; of port 0, the kernel's."""
    return processes.task_context(paths.proc(), port) if port >= 0 else processes.UNAVAILABLE


def context_json(port):
    found = context(port)
    return None if found == processes.UNAVAILABLE else common.quoted(found)


def masks(data):
    """The groups as the kernel keeps them: an array of unsigned long (/proc: the first word, of 4 bytes)."""
    return [int.from_bytes(data[at:at + LONG], sys.byteorder) for at in range(0, len(data), LONG)]


def groups_text(sk, cb, groups):
    mask = masks(groups)[0] & 0xffffffff if groups else 0
    return ' sk=%x cb=%x groups=0x%08x' % (sk, cb, mask)


def groups_json(data):
    """Their numbers, from 1."""
    return '[%s]' % ','.join([str(8 * LONG * at + bit + 1) for at, mask in enumerate(masks(data))
                              for bit in range(mask.bit_length()) if mask >> bit & 1])


def flags_json(flags):
    return '[%s]' % ','.join(['"%s"' % name for bit, name in FLAGS if flags & bit])


def peer_json(state, group, port):
    return '{"group":%d,"port_id":%d}' % (group, port) if state == CONNECTED else None


RECV_Q = queue('recv_q', SK_MEMINFO_RMEM_ALLOC, 'rqueue')
SEND_Q = queue('send_q', SK_MEMINFO_WMEM_ALLOC, 'wqueue')
MEMORY = common.skmem(abi.NETLINK_DIAG_MEMINFO)
CONTEXT = Fact('context', SIGNED_PORT, lambda port: ' proc_ctx=' + context(port), json=context_json)
EXTENDED = Fact(None, (told('sk'), told('cb'), payload(abi.NETLINK_DIAG_GROUPS, 'groups', missing=b'')), groups_text)
EXTENDED_PAIRS = [
    Fact('inode', INODE),
    Fact('cookie', words(abi.netlink_diag_msg, 'ndiag_cookie'), json='"%x"'),
    Fact('groups', GROUPS, json=groups_json),
    Fact('flags', scalar(abi.NETLINK_DIAG_FLAGS, 'flags', 4), json=flags_json),
]


class Netlink(Family):
    name = 'netlink'
    family = AF_NETLINK
    names = ('netlink',)
    fixed = sizeof(abi.netlink_diag_msg)
    details = False
    filtered = {'src': PROTOCOL, 'sport': SIGNED_PORT}

    def request(self, query):
        wanted = abi.NDIAG_SHOW_MEMINFO | abi.NDIAG_SHOW_GROUPS
        if query.show.json and query.show.extended:
            wanted |= abi.NDIAG_SHOW_FLAGS
        return abi.netlink_diag_req(AF_NETLINK, abi.NDIAG_PROTO_ALL, ndiag_show=wanted)

    def proc(self, states, types):
        from ..sources import proc as procnet
        return procnet.netlink()

    def column(self, batch, name):
        return [NO_PORT] * batch.count if name == 'dport' else super().column(batch, name)

    def columns(self, show):
        peer = Fact(None, (STATE, SIGNED_PEER_GROUP),
                    lambda state, group: '%d:' % group if state == CONNECTED else '*')
        peer_port = Fact(None, (STATE, SIGNED_PEER_PORT),
                         lambda state, port: '%d' % port if state == CONNECTED else '')
        return (
            ['nl'], ['UNCONN'], [RECV_Q], [SEND_Q],
            [Fact(None, PROTOCOL, ByShow(protocol_text), hide=())], [Fact(None, SIGNED_PORT, ByShow(port_text))],
            [peer], [peer_port],
        )

    def aside(self, show):
        facts = [CONTEXT] if show.contexts else []
        if show.extended:
            facts.append(EXTENDED)
        if show.memory:
            facts += ['\t', MEMORY]
        return facts

    def pairs(self, show):
        local = [Fact('protocol', PROTOCOL), Fact('port_id', PORT)]
        if not show.numeric:
            local += [Fact('protocol_name', PROTOCOL, json=protocol_json),
                      Fact('process', SIGNED_PORT, json=process_json)]
        facts = ['"netid":"nl","family":"netlink","state":"UNCONN"', RECV_Q, SEND_Q, Object('local', local)]
        facts.append(Fact('peer', (STATE, PEER_GROUP, PEER_PORT), json=peer_json))
        if show.contexts:
            facts.append(CONTEXT)
        if show.extended:
            facts += EXTENDED_PAIRS
        if show.memory:
            facts.append(MEMORY)
        return facts


TABLE = Netlink()
