"""XDP sockets (fixtures/behaviour/sockets.md, 1.11 and 4.10)."""

from ..fields import NUMBER, SIZE, WORD, Break, Fact, Section, Text, constant, members, naming
from ..kernel.abi import sizeof
from ..kernel.abi import xdp_diag as abi
from ..kernel.abi.sock_diag import AF_XDP, SK_MEMINFO_RMEM_ALLOC
from ..kernel.columns import member, scalar, words
from . import common
from .family import Family

EXTENDED = ('extended',)
INODE = member(abi.xdp_diag_msg, 'xdiag_ino')
INTERFACE = member(abi.xdp_diag_info, 'ifindex', abi.XDP_DIAG_INFO)
QUEUE = member(abi.xdp_diag_info, 'queue_id', abi.XDP_DIAG_INFO)

NETID, STATE = constant('netid', 'xdp', help='what kind of socket it is, as ss abbreviates it'), common.no_state()
RECV_Q = common.queue('recv_q', common.skmem_word(abi.XDP_DIAG_MEMINFO, SK_MEMINFO_RMEM_ALLOC, 0))
SEND_Q = common.no_queue('send_q')
LOCAL = [
    Fact('local.queue', QUEUE, NUMBER, help='number of the interface\'s queue'),
    Fact('local.interface', INTERFACE, WORD, lambda interface, index: interface(index) if index else None, 'links.name',
         help='interface that the socket is bound to'),
]
IDENTITY = common.identity(scalar(abi.XDP_DIAG_UID, 'uid', 4), INODE, words(abi.xdp_diag_msg, 'xdiag_cookie'))


def ring(name, attribute, help):
    """The Fact of a ring's size."""
    return Fact(name + '.entries', member(abi.xdp_diag_ring, 'entries', attribute), NUMBER, reveal=EXTENDED,
                help='descriptors that fit into the ring of ' + help, word=name)


RINGS = [
    ring('rx_ring', abi.XDP_DIAG_RX_RING, 'packets received'),
    ring('tx_ring', abi.XDP_DIAG_TX_RING, 'packets to be sent'),
    ring('umem_fill_ring', abi.XDP_DIAG_UMEM_FILL_RING, 'frames for packets to be received'),
    ring('umem_completion_ring', abi.XDP_DIAG_UMEM_COMPLETION_RING, 'frames whose packets have been sent'),
]
UMEM = members(abi.xdp_diag_umem, '', abi.XDP_DIAG_UMEM, 'umem', EXTENDED, [
    ('size', SIZE, 'size of the memory for frames'),
    ('id', NUMBER, 'number of the memory for frames; sockets may share it'),
    ('num_pages', NUMBER, 'pages of the memory for frames'),
    ('chunk_size', SIZE, 'size of one frame'),
    ('headroom', SIZE, 'bytes that are left free in front of a packet'),
    ('ifindex', NUMBER, 'number of the interface that the memory for frames is bound to'),
    ('queue_id', NUMBER, 'number of that interface\'s queue, of which it holds the frames'),
    ('flags', NUMBER, 'flags of the memory for frames, as a mask: 1 for zero copy'),
    ('refs', NUMBER, 'how many sockets use the memory for frames'),
])
STATS = members(abi.xdp_diag_stats, 'n_', abi.XDP_DIAG_STATS, 'stats', EXTENDED, [
    ('rx_dropped', NUMBER, 'packets received and thrown away'),
    ('rx_invalid', NUMBER, 'bad descriptors in the fill ring'),
    ('rx_full', NUMBER, 'packets thrown away as the receive ring was full'),
    ('fill_ring_empty', NUMBER, 'how often the fill ring was found empty'),
    ('tx_invalid', NUMBER, 'bad descriptors in the transmit ring'),
    ('tx_ring_empty', NUMBER, 'how often the transmit ring was found empty'),
])
MEMORY = common.skmem(abi.XDP_DIAG_MEMINFO)
FACTS = [NETID, common.family('xdp'), STATE, RECV_Q, SEND_Q] + LOCAL + IDENTITY + RINGS + UMEM + STATS + MEMORY


# Text

text = naming(*LOCAL + RINGS)
of_umem, of_stats = naming(*UMEM), naming(*STATS)


def interface_text(name):
    return '*' if name is None else name + ':'


def port_text(queue, interface):
    return '' if interface is None else 'q%d' % queue


def umem_text(*values):
    *others, flags, refs = values
    return ('umem(id:%d,size:%d,num_pages:%d,chunk_size:%d,headroom:%d,ifindex:%d,qid:%d,zc:%d,refs:%d)'
            % (*others, flags & abi.XDP_DU_F_ZEROCOPY, refs))


def ring_text(word, name):
    return text(word + '(entries:%d)', name, hide=(), start=Break())


LINE = common.identity_line(*IDENTITY) + [
    ring_text('rx', 'rx_ring'),
    ring_text('tx', 'tx_ring'),
    Section(abi.XDP_DIAG_UMEM, [
        of_umem(umem_text, 'id', 'size', 'num_pages', 'chunk_size', 'headroom', 'ifindex', 'queue_id', 'flags', 'refs',
                start=Break(oneline=' t')),         # in one line ss calls it tumem: the t of a tab
        ring_text('fr', 'umem_fill_ring'),
        ring_text('cr', 'umem_completion_ring'),
    ]),
    of_stats('stats(rx dropped:%d,rx invalid:%d,rx queue full:%d,rx fill ring empty:%d,tx invalid:%d,tx ring empty:%d)',
             'rx_dropped', 'rx_invalid', 'rx_full', 'fill_ring_empty', 'tx_invalid', 'tx_ring_empty', hide=(), start=Break()),
] + common.skmem_line(abi.XDP_DIAG_MEMINFO, MEMORY)


class Xdp(Family):
    name = 'xdp'
    family = AF_XDP
    names = ('xdp',)
    fixed = sizeof(abi.xdp_diag_msg)
    inode = INODE
    filtered = {'sport': QUEUE, 'ifindex': INTERFACE}

    def request(self, query, family):
        return abi.xdp_diag_req(AF_XDP, xdiag_show=(
            abi.XDP_SHOW_INFO | abi.XDP_SHOW_RING_CFG | abi.XDP_SHOW_UMEM
            | abi.XDP_SHOW_MEMINFO | abi.XDP_SHOW_STATS))

    def facts(self, words=None):
        return FACTS

    def columns(self):
        return [
            [Text('%s', NETID)], [Text('%s', STATE)], [common.queue_text(RECV_Q)], [common.queue_text(SEND_Q)],
            [text(interface_text, 'interface'), Section(abi.XDP_DIAG_INFO, ['*'], unless=True)],
            [text(port_text, 'queue', 'interface')],
            ['*'], [],
        ]

    def line(self, words):
        return LINE


TABLE = Xdp()
