"""Packet sockets: a link protocol where others have an address, an interface for a port (fixtures/behaviour/sockets.md, 4.7)."""

import errno

from ..fields import LIST, MS, NUMBER, SIZE, WORD, WORDS, Break, Fact, Text, members, named, naming, set_of
from ..host.names import LINK_PROTOCOLS
from ..kernel.abi import sizeof
from ..kernel.abi import packet_diag as abi
from ..kernel.abi.procnet import PROC_PACKET, proc_packet
from ..kernel.abi.sock_diag import AF_PACKET, SK_MEMINFO_RMEM_ALLOC, SOCK_DGRAM, SOCK_PACKET, SOCK_RAW
from ..kernel.columns import batch as batch_of
from ..kernel.columns import bits, member, payload, scalar, words
from ..kernel.exchange import Refused
from . import common
from .family import Family

ETH_P_ALL = 3
EXTENDED, BPF = ('extended',), ('bpf',)

FLAGS = ((abi.PDI_RUNNING, 'running'), (abi.PDI_AUXDATA, 'auxdata'), (abi.PDI_ORIGDEV, 'origdev'),
         (abi.PDI_VNETHDR, 'vnethdr'), (abi.PDI_LOSS, 'loss'))
FLAG_TEXTS = {'running': 'running'}                     # ss puts a blank in front of the others
FANOUT_TYPES = ('hash', 'lb', 'cpu', 'roll', 'random', 'qm')
FANOUT_UNSHOWN_TYPES = ('cbpf', 'ebpf')                 # ss prints a number for these
FANOUT_FLAGS = ((0x1000, 'rollover'), (0x2000, 'uniqueid'), (0x4000, 'ignore_outgoing'), (0x8000, 'defrag'))

TYPE = member(abi.packet_diag_msg, 'pdiag_type')
PROTOCOL = member(abi.packet_diag_msg, 'pdiag_num')
INODE = member(abi.packet_diag_msg, 'pdiag_ino')
SHARED = scalar(abi.PACKET_DIAG_FANOUT, 'fanout', 4)    # id in the low half, then type, then flags

# What the kernel tells by netlink, or /proc.
INTERFACES = [member(abi.packet_diag_info, 'pdi_index', abi.PACKET_DIAG_INFO),
              member(proc_packet, 'ifindex', PROC_PACKET, missing=0)]
WAITING = [common.skmem_word(abi.PACKET_DIAG_MEMINFO, SK_MEMINFO_RMEM_ALLOC),
           member(proc_packet, 'rqueue', PROC_PACKET, missing=0)]


def instructions(data):
    """A classic BPF program."""
    count = len(data) // sizeof(abi.sock_filter)
    return [{'code': one.code, 'jt': one.jt, 'jf': one.jf, 'k': one.k}
            for one in (abi.sock_filter * count).from_buffer_copy(data)]


# Facts, in the order of their JSON keys

NETID = common.netid(TYPE, {SOCK_RAW: 'p_raw'}, 'p_dgr')
STATE = common.no_state()
RECV_Q, SEND_Q = common.queue('recv_q', *WAITING), common.no_queue('send_q')
PROTOCOL_FACT = Fact('local.protocol', PROTOCOL, NUMBER, help='protocol of the frames it receives, ETH_P_*; 3 for all')
INTERFACE = Fact('local.interface', INTERFACES, WORD, lambda name, index: name(index) if index else None, 'links.name',
                 help='interface that it is bound to')

IDENTITY = common.identity(
    scalar(abi.PACKET_DIAG_UID, 'uid', 4), INODE, words(abi.packet_diag_msg, 'pdiag_cookie'))
INFO = members(abi.packet_diag_info, 'pdi_', abi.PACKET_DIAG_INFO, 'info', EXTENDED, [
    ('index', NUMBER, 'index of the interface that it is bound to, 0 for all'),
    ('version', NUMBER, 'layout of the rings: 0 is TPACKET_V1'),
    ('reserve', SIZE, 'space left in front of each packet in the ring'),
    ('copy_thresh', NUMBER, 'whether packets that are too long for the ring are also queued whole: 0 if not'),
    ('tstamp', NUMBER, 'where time stamps come from, SOF_TIMESTAMPING_*'),
    ('flags', WORDS, 'options that are set, PDI_*', set_of(FLAGS)),
])


def ring(name, attribute):
    which = 'ring of received packets' if name == 'rx_ring' else 'ring of packets to be sent'
    return members(abi.packet_diag_ring, 'pdr_', attribute, name, EXTENDED, [
        (key, kind, help % which) for key, kind, help in (
            ('block_size', SIZE, 'size of a block of the %s'), ('block_nr', NUMBER, 'blocks of the %s'),
            ('frame_size', SIZE, 'size of a frame of the %s'), ('frame_nr', NUMBER, 'frames of the %s'),
            ('retire_tmo', MS, 'time after which a block of the %s is handed over though it is not full'),
            ('sizeof_priv', SIZE, 'space for the program in each block of the %s'),
            ('features', NUMBER, 'features of the %s, TP_FT_REQ_*'))])


RX_RING, TX_RING = ring('rx_ring', abi.PACKET_DIAG_RX_RING), ring('tx_ring', abi.PACKET_DIAG_TX_RING)
FANOUT = [Fact('fanout.id', bits(SHARED, 0, 0xffff), NUMBER, reveal=EXTENDED,
               help='number of the fanout group that it shares packets with')]
FANOUT += named('fanout.type', bits(SHARED, 16, 0xff), FANOUT_TYPES + FANOUT_UNSHOWN_TYPES, reveal=EXTENDED,
                help='how packets are shared out, PACKET_FANOUT_*')
FANOUT += [Fact('fanout.flags', bits(SHARED, 16, 0xff00), WORDS, set_of(FANOUT_FLAGS), reveal=EXTENDED, certain=True,
                help='options of the fanout group, PACKET_FANOUT_FLAG_*')]
FILTER = Fact('filter', payload(abi.PACKET_DIAG_FILTER, 'sock_filter', form=(abi.sock_filter, sizeof(abi.sock_filter))),
              LIST, instructions, reveal=BPF, certain=True,
              help='its filter, a classic BPF program; empty to the unprivileged')
MEMORY = common.skmem(abi.PACKET_DIAG_MEMINFO)

FACTS = [NETID, common.family('packet')] + common.kind(TYPE) + [STATE, RECV_Q, SEND_Q, PROTOCOL_FACT, INTERFACE] + [
    Fact('local.protocol_name', PROTOCOL, WORD, LINK_PROTOCOLS.get, reveal=('services',), help='name of that protocol'),
] + IDENTITY + INFO + RX_RING + TX_RING + FANOUT + [FILTER] + MEMORY


# Text.  Of flags and of the fanout, ss tells numbers that the facts have put into words.

info = naming(Fact('flags', member(abi.packet_diag_info, 'pdi_flags', abi.PACKET_DIAG_INFO), NUMBER, reveal=EXTENDED), *INFO)
RAW_FANOUT = Fact('fanout', SHARED, NUMBER, reveal=EXTENDED)


def protocol_number(number):
    return '*:' if number == ETH_P_ALL else '[%d]:' % number


def protocol_text(number):
    known = number != ETH_P_ALL and LINK_PROTOCOLS.get(number)
    return known + ':' if known else protocol_number(number)


def info_text(version, copy_threshold, flags):
    words = ''.join([FLAG_TEXTS.get(word, ' ' + word) for bit, word in FLAGS if flags & bit]) if flags else '0'
    return 'ver:%d cpy_thresh:%d flags( %s )' % (version, copy_threshold, words)


def ring_text(name, ring):
    """The Text of a ring; ss shows its sizes signed."""
    def form(*values):
        return name + '(blk_size:%d,blk_nr:%d,frm_size:%d,frm_nr:%d,tmo:%d,features:0x%x)' % (
            values[:-1] + (values[-1] & 0xffffffff,))
    return Text(form, *[fact for fact in ring if fact.word != 'sizeof_priv'], signed=True, start=Break())


def fanout_text(value):
    kind = value >> 16
    name = FANOUT_TYPES[kind] if kind < len(FANOUT_TYPES) else '0x%x' % kind
    return 'fanout(id:%d,type:%s)' % (value & 0xffff, name)


def filter_text(program):
    return 'bpf filter (%d): %s' % (
        len(program), ''.join([' 0x%(code)02x %(jt)d %(jf)d %(k)d,' % one for one in program]))


COLUMNS = [
    [Text('%s', NETID)], [Text('%s', STATE)], [common.queue_text(RECV_Q)], [common.queue_text(SEND_Q)],
    [Text(protocol_text, PROTOCOL_FACT, numeric=protocol_number)], [Text(lambda name: name or '*', INTERFACE)],
    ['*'], [],
]
LINE = common.identity_line(*IDENTITY) + [
    info(info_text, 'version', 'copy_thresh', 'flags', signed=True, start=Break()),
    ring_text('ring_rx', RX_RING),
    ring_text('ring_tx', TX_RING),
    Text(fanout_text, RAW_FANOUT, start=Break()),
    Text(filter_text, FILTER, start=Break()),
] + common.skmem_line(abi.PACKET_DIAG_MEMINFO, MEMORY)


class Packet(Family):
    name = 'packet'
    family = AF_PACKET
    names = ('packet_raw', 'packet_dgram')
    kind = TYPE
    kinds = {SOCK_RAW: 'packet_raw', SOCK_DGRAM: 'packet_dgram', SOCK_PACKET: 'packet_dgram'}
    fixed = sizeof(abi.packet_diag_msg)
    inode = INODE

    def request(self, query, family):
        return abi.packet_diag_req(AF_PACKET, pdiag_show=(
            abi.PACKET_SHOW_INFO | abi.PACKET_SHOW_RING_CFG | abi.PACKET_SHOW_FANOUT
            | abi.PACKET_SHOW_MEMINFO | abi.PACKET_SHOW_FILTER))

    @staticmethod
    def make(block, fixed):
        """A kernel so old that it tells no memory is as good as none."""
        batch = batch_of(block, fixed)
        for group in batch.groups:
            if abi.PACKET_DIAG_MEMINFO not in group.attributes and PROC_PACKET not in group.attributes:
                raise Refused(errno.EOPNOTSUPP)
        return batch

    def column(self, batch, name):
        if name in ('sport', 'ifindex'):
            return [one or other for one, other in zip(*[batch.values(index, 0) for index in INTERFACES])]
        return batch.values(PROTOCOL) if name == 'src' else super().column(batch, name)

    def facts(self, words=None):
        return FACTS

    def columns(self):
        return COLUMNS

    def line(self, words):
        return LINE


TABLE = Packet()
