"""Packet sockets (fixtures/behaviour/sockets.md, 1.8 and 4.7)."""

import errno
from ctypes import sizeof

from ..fields import ByShow, Fact, Object, Section
from ..host import links
from ..host.names import LINK_PROTOCOLS
from ..kernel.abi import packet_diag as abi
from ..kernel.abi.procnet import PROC_PACKET, proc_packet
from ..kernel.abi.sock_diag import AF_PACKET, SK_MEMINFO_RMEM_ALLOC, SOCK_DGRAM, SOCK_PACKET, SOCK_RAW
from ..kernel.columns import member, payload, scalar, words
from . import common
from ..sources.kernel import Refused
from ..sources.family import Family

ETH_P_ALL = 3

FLAGS = ((abi.PDI_RUNNING, 'running', 'running'), (abi.PDI_AUXDATA, ' auxdata', 'auxdata'),
         (abi.PDI_ORIGDEV, ' origdev', 'origdev'), (abi.PDI_VNETHDR, ' vnethdr', 'vnethdr'),
         (abi.PDI_LOSS, ' loss', 'loss'))
FANOUT_TYPES = ('hash', 'lb', 'cpu', 'roll', 'random', 'qm')
FANOUT_UNSHOWN_TYPES = ('cbpf', 'ebpf')                 # ss prints a number for these
FANOUT_FLAGS = ((0x1000, 'rollover'), (0x2000, 'uniqueid'), (0x4000, 'ignore_outgoing'), (0x8000, 'defrag'))

TYPE = member(abi.packet_diag_msg, 'pdiag_type')
PROTOCOL = member(abi.packet_diag_msg, 'pdiag_num')
INODE = member(abi.packet_diag_msg, 'pdiag_ino')
UID = scalar(abi.PACKET_DIAG_UID, 'uid', 4)
COOKIE = words(abi.packet_diag_msg, 'pdiag_cookie')
FANOUT = scalar(abi.PACKET_DIAG_FANOUT, 'fanout', 4)
FILTER = payload(abi.PACKET_DIAG_FILTER, 'sock_filter')

# What the kernel tells by netlink, and by /proc: one of the two is 0.
INTERFACES = (member(abi.packet_diag_info, 'pdi_index', abi.PACKET_DIAG_INFO, missing=0),
              member(proc_packet, 'ifindex', PROC_PACKET, missing=0))
WAITING = (common.skmem_word(abi.PACKET_DIAG_MEMINFO, SK_MEMINFO_RMEM_ALLOC),
           member(proc_packet, 'rqueue', PROC_PACKET, missing=0))


def either(form):
    """A function of the values of two members, one of which is 0."""
    return lambda one, other: form(one or other)


def netid(kind):
    return 'p_raw' if kind == SOCK_RAW else 'p_dgr'


def protocol_text(show):
    known = {} if show.numeric else LINK_PROTOCOLS
    return lambda number: '*:' if number == ETH_P_ALL else (known.get(number) or '[%d]' % number) + ':'


def protocol_json(number):
    return '"%s"' % LINK_PROTOCOLS[number] if number in LINK_PROTOCOLS else None


def interface_text(index):
    return links.name(index) if index else '*'


def info_text(version, copy_threshold, flags):
    words = ''.join([word for bit, word, _ in FLAGS if flags & bit]) if flags else '0'
    return 'ver:%d cpy_thresh:%d flags( %s )' % (common.signed(version), common.signed(copy_threshold), words)


def flags_json(flags):
    return '[%s]' % ','.join(['"%s"' % name for bit, _, name in FLAGS if flags & bit])


def fanout_text(value):
    kind = value >> 16
    name = FANOUT_TYPES[kind] if kind < len(FANOUT_TYPES) else '0x%x' % kind
    return 'fanout(id:%d,type:%s)' % (value & 0xffff, name)


def fanout_json(value):
    kinds, kind = FANOUT_TYPES + FANOUT_UNSHOWN_TYPES, value >> 16 & 0xff
    name = '"%s"' % kinds[kind] if kind < len(kinds) else '"unknown","type_number":%d' % kind
    flags = ','.join(['"%s"' % word for bit, word in FANOUT_FLAGS if value >> 16 & bit])
    return '{"id":%d,"type":%s,"flags":[%s]}' % (value & 0xffff, name, flags)


def instructions(data):
    """The (code, jt, jf, k) of a classic BPF program."""
    count = len(data) // sizeof(abi.sock_filter)
    return [(one.code, one.jt, one.jf, one.k) for one in (abi.sock_filter * count).from_buffer_copy(data)]


def filter_text(data):
    program = instructions(data)
    return 'bpf filter (%d): %s' % (len(program), ''.join([' 0x%02x %d %d %d,' % one for one in program]))


def filter_json(data):
    return '[%s]' % ','.join(['{"code":%d,"jt":%d,"jf":%d,"k":%d}' % one for one in instructions(data)])


def info(name):
    return member(abi.packet_diag_info, 'pdi_' + name, abi.PACKET_DIAG_INFO)


def ring(word, attribute):
    """The Fact of a ring; ss shows its sizes signed."""
    sizes = [member(abi.packet_diag_ring, 'pdr_' + name, attribute).as_signed()
             for name in ('block_size', 'block_nr', 'frame_size', 'frame_nr', 'retire_tmo')]
    features = member(abi.packet_diag_ring, 'pdr_features', attribute)
    form = word + '(blk_size:%d,blk_nr:%d,frm_size:%d,frm_nr:%d,tmo:%d,features:0x%x)'
    return Fact(None, tuple(sizes) + (features,), form, hide=())


def ring_pairs(key, attribute):
    return Section(attribute, [Object(key, common.structure(abi.packet_diag_ring, 'pdr_', attribute))])


RECV_Q = Fact('recv_q', WAITING, either(common.queue_text), json=either(common.queue_json))
MEMORY = common.skmem(abi.PACKET_DIAG_MEMINFO)
BPF = Fact('filter', FILTER, filter_text, json=filter_json)
EXTENDED = [                    # each on a line of its own
    Fact(None, (info('version'), info('copy_thresh'), info('flags')), info_text),
    ring('ring_rx', abi.PACKET_DIAG_RX_RING),
    ring('ring_tx', abi.PACKET_DIAG_TX_RING),
    Fact('fanout', FANOUT, fanout_text, json=fanout_json),
]
INFO_PAIRS = Section(abi.PACKET_DIAG_INFO, [Object('info', [
    fact if fact.key != 'flags' else Fact('flags', info('flags'), json=flags_json)
    for fact in common.structure(abi.packet_diag_info, 'pdi_', abi.PACKET_DIAG_INFO)])])


class Packet(Family):
    name = 'packet'
    family = AF_PACKET
    names = ('packet_raw', 'packet_dgram')
    kind = TYPE
    kinds = {SOCK_RAW: 'packet_raw', SOCK_DGRAM: 'packet_dgram', SOCK_PACKET: 'packet_dgram'}
    fixed = sizeof(abi.packet_diag_msg)
    inode = INODE

    def request(self, query):
        return abi.packet_diag_req(AF_PACKET, pdiag_show=(
            abi.PACKET_SHOW_INFO | abi.PACKET_SHOW_RING_CFG | abi.PACKET_SHOW_FANOUT
            | abi.PACKET_SHOW_MEMINFO | abi.PACKET_SHOW_FILTER))

    def dump(self, query):
        """As of any family; a kernel so old that it tells no memory is as good as none."""
        for batch in super().dump(query):
            if not all(abi.PACKET_DIAG_MEMINFO in group.attributes for group in batch.groups):
                raise Refused(errno.EOPNOTSUPP)
            yield batch

    def proc(self, states, types):
        from ..sources import proc as procnet
        return procnet.packet(types)

    def column(self, batch, name):
        if name in ('sport', 'ifindex'):
            return [one or other for one, other in zip(*map(batch.values, INTERFACES))]
        return batch.values(PROTOCOL) if name == 'src' else super().column(batch, name)

    def columns(self, show):
        return (
            [Fact(None, TYPE, netid)], ['UNCONN'], [RECV_Q], [common.NO_QUEUE],
            [Fact(None, PROTOCOL, ByShow(protocol_text))], [Fact(None, INTERFACES, either(interface_text))],
            ['*'], [],
        )

    def detail(self, show):
        start, facts = ' ' if show.oneline else '\n\t', []
        if show.extended:
            facts += common.details(UID, INODE, COOKIE)
            facts += [Section(fact.members[0].attribute, [start, fact]) for fact in EXTENDED]
        if show.bpf:
            facts.append(Section(abi.PACKET_DIAG_FILTER, [start, BPF]))
        if show.memory:
            facts.append(MEMORY)
        return facts

    def pairs(self, show):
        local = [Fact('protocol', PROTOCOL), Fact('interface', INTERFACES, json=either(common.interface_json))]
        if not show.numeric:
            local.append(Fact('protocol_name', PROTOCOL, json=protocol_json))
        facts = [Fact('netid', TYPE, json=lambda kind: '"%s"' % netid(kind)), ',"family":"packet"',
                 Fact('type', TYPE, json=common.type_json), ',"state":"UNCONN"', RECV_Q, ',"send_q":0',
                 Object('local', local)]
        if show.extended:
            facts += common.details(UID, INODE, COOKIE) + [
                INFO_PAIRS, ring_pairs('rx_ring', abi.PACKET_DIAG_RX_RING),
                ring_pairs('tx_ring', abi.PACKET_DIAG_TX_RING), EXTENDED[-1]]
        if show.bpf:
            facts.append(BPF)
        if show.memory:
            facts.append(MEMORY)
        return facts


TABLE = Packet()
