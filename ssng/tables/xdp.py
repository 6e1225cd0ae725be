"""XDP sockets (fixtures/behaviour/sockets.md, 1.11 and 4.10)."""

from ctypes import sizeof

from ..fields import Fact, Object, Section
from ..host import links
from ..kernel.abi import xdp_diag as abi
from ..kernel.abi.sock_diag import AF_XDP, SK_MEMINFO_RMEM_ALLOC
from ..kernel.columns import member, scalar, words
from . import common
from ..sources.family import Family

INODE = member(abi.xdp_diag_msg, 'xdiag_ino')
INTERFACE = member(abi.xdp_diag_info, 'ifindex', abi.XDP_DIAG_INFO, missing=0)
QUEUE = member(abi.xdp_diag_info, 'queue_id', abi.XDP_DIAG_INFO, missing=0)
DETAILS = common.details(scalar(abi.XDP_DIAG_UID, 'uid', 4), INODE, words(abi.xdp_diag_msg, 'xdiag_cookie'))
RECV_Q = common.queue('recv_q', common.skmem_word(abi.XDP_DIAG_MEMINFO, SK_MEMINFO_RMEM_ALLOC))
MEMORY = common.skmem(abi.XDP_DIAG_MEMINFO)

RINGS = ((abi.XDP_DIAG_RX_RING, 'rx', 'rx_ring'), (abi.XDP_DIAG_TX_RING, 'tx', 'tx_ring'),
         (abi.XDP_DIAG_UMEM_FILL_RING, 'fr', 'umem_fill_ring'),
         (abi.XDP_DIAG_UMEM_COMPLETION_RING, 'cr', 'umem_completion_ring'))
UMEM_MEMBERS = tuple([member(abi.xdp_diag_umem, name, abi.XDP_DIAG_UMEM) for name in (
    'id', 'size', 'num_pages', 'chunk_size', 'headroom', 'ifindex', 'queue_id', 'flags', 'refs')])
STATS_MEMBERS = tuple([member(abi.xdp_diag_stats, name, abi.XDP_DIAG_STATS) for name, _ in abi.xdp_diag_stats._fields_])
UMEM = 'umem(id:%d,size:%d,num_pages:%d,chunk_size:%d,headroom:%d,ifindex:%d,qid:%d,zc:%d,refs:%d)'
STATS = ('stats(rx dropped:%d,rx invalid:%d,rx queue full:%d,rx fill ring empty:%d,tx invalid:%d,'
         'tx ring empty:%d)')


def interface_text(index):
    return links.name(index) + ':' if index else '*'


def queue_text(index, queue):
    return 'q%d' % queue if index else ''


def umem_text(*values):
    values = list(values)
    values[-2] &= abi.XDP_DU_F_ZEROCOPY
    return UMEM % tuple(values)


def lines(oneline):
    """The Facts of --extended behind the usual ones, each on a line of its own."""
    start = ' ' if oneline else '\n\t'
    rx, tx, fill, completion = [
        Fact(None, member(abi.xdp_diag_ring, 'entries', attribute), '%s%s(entries:%%d)' % (start, word), hide=())
        for attribute, word, _ in RINGS]
    umem = Section(abi.XDP_DIAG_UMEM, [
        ' t' if oneline else start,     # in one line ss calls it tumem: the t of a tab
        Fact(None, UMEM_MEMBERS, umem_text), fill, completion])
    return [rx, tx, umem, Fact(None, STATS_MEMBERS, start + STATS, hide=())]


RING_PAIRS = [Section(attribute, [Object(key, [Fact('entries', member(abi.xdp_diag_ring, 'entries', attribute))])])
              for attribute, _, key in RINGS]
UMEM_PAIRS = Section(abi.XDP_DIAG_UMEM, [Object('umem', common.structure(abi.xdp_diag_umem, '', abi.XDP_DIAG_UMEM))])
STATS_PAIRS = Section(abi.XDP_DIAG_STATS, [
    Object('stats', common.structure(abi.xdp_diag_stats, 'n_', abi.XDP_DIAG_STATS))])
LOCAL_PAIRS = Section(abi.XDP_DIAG_INFO, [Object('local', [
    Fact('queue', QUEUE), Fact('interface', INTERFACE, json=common.interface_json),
])])


class Xdp(Family):
    name = 'xdp'
    family = AF_XDP
    names = ('xdp',)
    fixed = sizeof(abi.xdp_diag_msg)
    inode = INODE
    filtered = {'sport': QUEUE, 'ifindex': INTERFACE}

    def request(self, query):
        return abi.xdp_diag_req(AF_XDP, xdiag_show=(
            abi.XDP_SHOW_INFO | abi.XDP_SHOW_RING_CFG | abi.XDP_SHOW_UMEM
            | abi.XDP_SHOW_MEMINFO | abi.XDP_SHOW_STATS))

    def columns(self, show):
        return (
            ['xdp'], ['UNCONN'], [RECV_Q], [common.NO_QUEUE],
            [Fact(None, INTERFACE, interface_text)], [Fact(None, (INTERFACE, QUEUE), queue_text)], ['*'], [],
        )

    def detail(self, show):
        facts = DETAILS + lines(show.oneline) if show.extended else []
        return facts + ([MEMORY] if show.memory else [])

    def pairs(self, show):
        facts = ['"netid":"xdp","family":"xdp","state":"UNCONN"', RECV_Q, ',"send_q":0', LOCAL_PAIRS]
        if show.extended:
            facts += DETAILS + RING_PAIRS + [UMEM_PAIRS, STATS_PAIRS]
        return facts + ([MEMORY] if show.memory else [])


TABLE = Xdp()
