"""Netlink sockets: a protocol where others have an address, a port id, and no states (fixtures/behaviour/sockets.md, 4.8)."""

import sys

from ..fields import LIST, NUMBER, NUMBERS, WORD, WORDS, Fact, Text, constant, literal, set_of
from ..host.tasks import UNAVAILABLE
from ..kernel.abi import c_ulong, sizeof
from ..kernel.abi import netlink_diag as abi
from ..kernel.abi.procnet import PROC_NETLINK, proc_netlink
from ..kernel.abi.sock_diag import AF_NETLINK, SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_WMEM_ALLOC
from ..kernel.columns import member, payload, scalar, words
from . import common
from .family import Family

CONNECTED = 1                   # of ndiag_state: any other value is "not connected"
NO_PORT = -1
LONG = sizeof(c_ulong)
EXTENDED = ('extended',)

FLAGS = ((abi.NDIAG_FLAG_CB_RUNNING, 'cb_running'), (abi.NDIAG_FLAG_PKTINFO, 'pktinfo'),
         (abi.NDIAG_FLAG_BROADCAST_ERROR, 'broadcast_error'), (abi.NDIAG_FLAG_NO_ENOBUFS, 'no_enobufs'),
         (abi.NDIAG_FLAG_LISTEN_ALL_NSID, 'listen_all_nsid'), (abi.NDIAG_FLAG_CAP_ACK, 'cap_ack'))


def message(name):
    return member(abi.netlink_diag_msg, 'ndiag_' + name)


def told(name):
    """What only /proc tells: 0 elsewhere."""
    return member(proc_netlink, name, PROC_NETLINK, missing=0)


PROTOCOL, STATE, INODE = message('protocol'), message('state'), message('ino')
PORT = message('portid')
SIGNED_PORT = PORT.as_signed()
GROUPS = payload(abi.NETLINK_DIAG_GROUPS, 'groups', form=(c_ulong, LONG))


def masks(data):
    """The groups as the kernel keeps them: an array of unsigned long (/proc: the first word, of 4 bytes)."""
    return [int.from_bytes(data[at:at + LONG], sys.byteorder) for at in range(0, len(data), LONG)]


def groups(data):
    """Their numbers, from 1."""
    return [8 * LONG * at + bit + 1 for at, mask in enumerate(masks(data)) for bit in range(mask.bit_length()) if mask >> bit & 1]


def process(name, port):
    """The name of the process that has the number of a signed port: many a socket has its process's."""
    return port > 0 and name(port) or None


def context(context, port):
    """The SELinux context of the process with the number of the port; of port 0, the kernel's."""
    found = context(port) if port >= 0 else UNAVAILABLE
    return None if found == UNAVAILABLE else found


def of_peer(name, member, help):
    """A Fact of the peer: only a connected socket has one."""
    return Fact('peer.' + name, (STATE, member), NUMBER, lambda state, number: number if state == CONNECTED else None, help=help)


# Facts, in the order of their JSON keys

NETID = constant('netid', 'nl', help='what kind of socket it is, as ss abbreviates it')
NO_STATE = common.no_state()
RECV_Q = common.queue('recv_q', common.skmem_word(abi.NETLINK_DIAG_MEMINFO, SK_MEMINFO_RMEM_ALLOC), told('rqueue'))
SEND_Q = common.queue('send_q', common.skmem_word(abi.NETLINK_DIAG_MEMINFO, SK_MEMINFO_WMEM_ALLOC), told('wqueue'))
PROTOCOL_FACT = Fact('local.protocol', PROTOCOL, NUMBER, help='number of the netlink protocol')
PEER = [of_peer('group', message('dst_group'), 'multicast group that it sends to, 0 for none'),
        of_peer('port_id', message('dst_portid'), 'port id of the socket that it sends to, 0 for the kernel')]
CONTEXT = Fact('context', SIGNED_PORT, WORD, context, 'task_context', ('contexts',),
               'SELinux context of the process that has the number of the port')
MEMORY = common.skmem(abi.NETLINK_DIAG_MEMINFO)

FACTS = [
    NETID, common.family('netlink'), NO_STATE, RECV_Q, SEND_Q, PROTOCOL_FACT,
    Fact('local.port_id', PORT, NUMBER,
         help='port id: 0 of the kernel, often the number of a process, large where it was made up'),
    Fact('local.protocol_name', PROTOCOL, WORD, lambda name, number: name(number) or None, 'names.netlink_protocol',
         ('services',), 'name of that protocol'),
    Fact('local.process', SIGNED_PORT, WORD, process, 'whole_process_name', ('services',),
         'name of the process that has the number of the port'),
] + PEER + [CONTEXT] + common.identity(None, INODE, words(abi.netlink_diag_msg, 'ndiag_cookie')) + [
    Fact('groups', GROUPS, NUMBERS, groups, reveal=EXTENDED, certain=True, help='multicast groups that it listens to'),
    Fact('flags', scalar(abi.NETLINK_DIAG_FLAGS, 'flags', 4), WORDS, set_of(FLAGS), reveal=EXTENDED, certain=True,
         help='options that are set, NDIAG_FLAG_*'),
] + MEMORY


# Text.  What ss tells of a running dump is an address of the kernel's, nothing that a fact could be.

SIGNED_PORT_FACT = Fact('port_id', SIGNED_PORT, NUMBER)
RAW = [Fact('sk', told('sk'), NUMBER, reveal=EXTENDED), Fact('cb', told('cb'), NUMBER, reveal=EXTENDED),
       Fact('groups', payload(abi.NETLINK_DIAG_GROUPS, 'groups', missing=b''), LIST, bytes, reveal=EXTENDED)]


def protocols(manner):
    """The function from a protocol to what is shown of it."""
    name, fit = manner.host.names.netlink_protocol, manner.fit
    return lambda number: fit(name(number)) or '%d' % number


def processes(manner):
    """The function from a port above 0 to what is shown of it."""
    name, fit = manner.host.process_name, manner.fit

    def text(port):
        known = name(port)
        return '%s/%d' % (fit(known), port) if known else '%d' % port
    return text


def port_text(processes, port):
    if port == 0:
        return 'kernel'
    return processes(port) if port > 0 else port_number(port)


def port_number(port):
    return '*' if port == NO_PORT else '%d' % port


def raw_text(sk, cb, groups):
    mask = masks(groups)[0] & 0xffffffff if groups else 0
    return ' sk=%x cb=%x groups=0x%08x' % (sk, cb, mask)


COLUMNS = [
    [Text('%s', NETID)], [Text('%s', NO_STATE)], [common.queue_text(RECV_Q)], [common.queue_text(SEND_Q)],
    [Text(lambda protocol, number: protocol(number) + ':', PROTOCOL_FACT, hide=(), using=protocols, numeric='%d:')],
    [Text(port_text, SIGNED_PORT_FACT, using=processes, numeric=port_number)],
    [Text(lambda group: '*' if group is None else '%d:' % group, PEER[0], signed=True)],
    [Text('%d', PEER[1], signed=True)],
]
ASIDE = [
    Text(lambda context: ' proc_ctx=' + (context or UNAVAILABLE), CONTEXT),
    Text(raw_text, *RAW), literal('\t', 'memory'),
] + common.skmem_line(abi.NETLINK_DIAG_MEMINFO, MEMORY)


class Netlink(Family):
    name = 'netlink'
    family = AF_NETLINK
    names = ('netlink',)
    fixed = sizeof(abi.netlink_diag_msg)
    details = False
    filtered = {'src': PROTOCOL, 'sport': SIGNED_PORT}

    def request(self, query, family):
        detail, show = query.detail, abi.NDIAG_SHOW_MEMINFO | abi.NDIAG_SHOW_GROUPS
        # ss neither shows the flags nor asks for them; so its text needs none, unless a condition or an order does.
        if 'extended' in detail.wanted and (query.style.json or 'extended' in detail.needed):
            show |= abi.NDIAG_SHOW_FLAGS
        return abi.netlink_diag_req(AF_NETLINK, abi.NDIAG_PROTO_ALL, ndiag_show=show)

    def column(self, batch, name):
        return [NO_PORT] * batch.count if name == 'dport' else super().column(batch, name)

    def facts(self, words=None):
        return FACTS

    def columns(self):
        return COLUMNS

    def aside(self):
        return ASIDE


TABLE = Netlink()
