"""Unix sockets (fixtures/behaviour/sockets.md, 1.7 and 4.6).

Names are of many lengths, and each length would make messages of another shape.  So names are made
of one length before messages are parted by shape, see :func:`levelled`.
"""

from ..fields import NUMBER, NUMBERS, WORD, Fact, Section, Text, exact
from ..kernel.abi import c_uint32, sizeof
from ..kernel.abi import unix_diag as abi
from ..kernel.abi.netlink import nlattr
from ..kernel.abi.procnet import PROC_PEER_NAME
from ..kernel.abi.sock_diag import AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM
from ..kernel.columns import batch as batch_of
from ..kernel.columns import bits, member, payload, scalar, words
from ..kernel.messages import ATTRIBUTE, HEADER, Block, align
from . import common
from .family import Family

NETIDS = {SOCK_STREAM: 'u_str', SOCK_SEQPACKET: 'u_seq'}        # any other is u_dgr
MINOR_BITS = 20                 # of a device number inside the kernel
END = b'\1'
EXTENDED = ('extended',)

TYPE = member(abi.unix_diag_msg, 'udiag_type')
TCP_STATE = member(abi.unix_diag_msg, 'udiag_state')
INODE = member(abi.unix_diag_msg, 'udiag_ino')
NAME = payload(abi.UNIX_DIAG_NAME, 'name')
PEER_NAME = payload(PROC_PEER_NAME, 'peer_name')
PEER = scalar(abi.UNIX_DIAG_PEER, 'peer', 4)
FILE_INODE = member(abi.unix_diag_vfs, 'udiag_vfs_ino', abi.UNIX_DIAG_VFS)
FILE_DEVICE = member(abi.unix_diag_vfs, 'udiag_vfs_dev', abi.UNIX_DIAG_VFS)


# Names of one length
#
#     three messages as the kernel sent them; lengths are those of the attribute, its header of 4 bytes included
#         0   unix_diag_msg   NAME 11 '/run/x\0' + 1 of padding            PEER
#         1   unix_diag_msg   NAME 7  '\0ab' + 1 of padding                PEER
#         2   unix_diag_msg                                               PEER
#
#     by_name, of the parts of the block together: 11: message 0, 7: message 1, 0: message 2
#     width: 12, for '/run/x\0' and END are 8 bytes, and 4 of header
#
#         0   unix_diag_msg   NAME 12 '/run/x\0\1'                         PEER
#         1   unix_diag_msg   NAME 12 '\0ab\1\0\0\0\0'                    PEER      the same shape as 0
#         2   unix_diag_msg                                               PEER      as it was
#
#     sent('\0ab\1\0\0\0\0') is '\0ab' again: END tells zeros of the name from those behind it

def levelled(block, fixed):
    """The Batch of a Block, in which each NAME is followed by END, and by zeros to one length for all.

    NAME comes first of the attributes, if there is one.
    """
    begin, parts, mixed = HEADER + fixed, [], []
    for part in block.parts:
        lengths = by_name(part, begin)
        if list(lengths) == [0]:
            parts.append(part)
        else:
            mixed += [(length, rows, part) for length, rows in lengths.items()]
    width = align(max([length for length, _, _ in mixed], default=0) + len(END))
    made = {}           # length of a message: (all messages of this length, which of the block they are)
    for length, rows, (data, stride, indexes) in mixed:
        more = width - align(length) if length else 0
        messages, numbers = made.setdefault(stride + more, ([], []))
        starts = [row * stride for row in rows]
        messages += (widened(data, stride, starts, begin, length, width) if length else
                     [data[start:start + stride] for start in starts])
        numbers += rows if indexes is None else [indexes[row] for row in rows]
    parts += [(b''.join(messages), stride, numbers) for stride, (messages, numbers) in made.items()]
    return batch_of(Block(parts), fixed)


def by_name(part, begin):
    """{length of the NAME attribute at ``begin``: the messages of the part that have it}; length 0 is none."""
    data, stride, _ = part
    if stride < begin + ATTRIBUTE:
        return {0: range(len(data) // stride)}
    heads, rows = memoryview(data).cast('I')[begin // 4::stride // 4].tolist(), {}
    if heads.count(heads[0]) == len(heads):
        rows[heads[0]] = range(len(heads))
    else:
        for row, head in enumerate(heads):
            rows.setdefault(head, []).append(row)
    found = {}
    for some in rows.values():
        head = nlattr.from_buffer_copy(data, some[0] * stride + begin)
        there = head.nla_type == abi.UNIX_DIAG_NAME and ATTRIBUTE <= head.nla_len <= stride - begin
        found.setdefault(head.nla_len if there else 0, []).extend(some)
    return found


def widened(data, stride, starts, begin, length, width):
    """The messages at ``starts``, with a NAME attribute of ``width`` bytes instead of ``length``."""
    header = bytes(nlattr(width, abi.UNIX_DIAG_NAME))
    name, end, rest, tail = begin + ATTRIBUTE, begin + length, begin + align(length), END.ljust(width - length, b'\0')
    return [data[start:start + begin] + header + data[start + name:start + end] + tail + data[start + rest:start + stride]
            for start in starts]


def sent(data):
    """The name as the kernel sent it: without END and what follows."""
    return data.rstrip(b'\0')[:-len(END)]


def name(data):
    """The name as ss shows it, latin-1: a path ends at its first NUL, in an abstract name each is a @."""
    if data[:1] == b'\0':
        return sent(data).replace(b'\0', b'@').decode('latin-1')
    return sent(data).partition(b'\0')[0].decode('latin-1')


def peer_name(data):
    return data.decode('latin-1')


def path(data):
    return None if data[:1] == b'\0' else name(data)


def abstract(data):
    return sent(data)[1:].decode('latin-1') if data[:1] == b'\0' else None


# Facts, in the order of their JSON keys

NETID = common.netid(TYPE, NETIDS, 'u_dgr')
STATE = common.state(TCP_STATE)
RECV_Q = common.queue('recv_q', member(abi.unix_diag_rqlen, 'udiag_rqueue', abi.UNIX_DIAG_RQLEN, missing=0))
SEND_Q = common.queue('send_q', member(abi.unix_diag_rqlen, 'udiag_wqueue', abi.UNIX_DIAG_RQLEN, missing=0))
ACCEPTING = common.accepting(TCP_STATE, *[
    member(abi.unix_diag_rqlen, name, abi.UNIX_DIAG_RQLEN) for name in ('udiag_rqueue', 'udiag_wqueue')])

LOCAL_INODE = Fact('local.inode', INODE, NUMBER, help='inode number of the socket')
PATH = Fact('local.path', NAME, WORD, path, help='path that the socket is bound to; none if it was never bound')
ABSTRACT = Fact('local.abstract', NAME, WORD, abstract, help='abstract name that the socket is bound to, without its first NUL')
PEER_PATH = Fact('peer.path', PEER_NAME, WORD, peer_name, certain=True, source='proc',
                 help='name of the peer, which only /proc of old kernels leads to')

SHUTDOWN = common.shutdown(scalar(abi.UNIX_DIAG_SHUTDOWN, 'shutdown', 1))
FILE = [
    Fact('file.inode', FILE_INODE, NUMBER, reveal=EXTENDED, help='inode number of the file that its path names'),
    Fact('file.major', bits(FILE_DEVICE, MINOR_BITS, (1 << 32 - MINOR_BITS) - 1), NUMBER, reveal=EXTENDED,
         help='major number of the device that holds the file'),
    Fact('file.minor', bits(FILE_DEVICE, 0, (1 << MINOR_BITS) - 1), NUMBER, reveal=EXTENDED, help='minor number of that device'),
]
PENDING = Fact('pending', payload(abi.UNIX_DIAG_ICONS, 'inodes', form=(c_uint32, 4)),
               NUMBERS, common.words_of, reveal=EXTENDED, certain=True,
               help='inode numbers of the sockets that wait to be accepted; 0 of one that has gone')
MEMORY = common.skmem(abi.UNIX_DIAG_MEMINFO)

FACTS = [NETID, common.family('unix')] + common.kind(TYPE) + STATE + [
    RECV_Q, SEND_Q, *ACCEPTING, LOCAL_INODE, PATH, exact(PATH), ABSTRACT, exact(ABSTRACT),
    Fact('peer.inode', PEER, NUMBER, help='inode number of the socket it is connected to'), PEER_PATH,
] + common.identity(scalar(abi.UNIX_DIAG_UID, 'uid', 4), None, words(abi.unix_diag_msg, 'udiag_cookie')) + [
    SHUTDOWN] + FILE + [PENDING] + MEMORY


# Text

SHOWN_NAME = Fact('name', NAME, WORD, name)
SHOWN_PEER = Fact('peer', scalar(abi.UNIX_DIAG_PEER, 'peer', 4, missing=0), NUMBER)     # 0 where there is none


def end(name, inode):
    """The texts of an end, in its two columns: a star where the kernel tells no name."""
    return [Text(lambda name: name + ' ', name), Section(name.alternatives[0][0].attribute, ['* '], unless=True)], [
        Text('%d', inode, hide=())]


def pending_text(inodes):
    return ' peers:' + ''.join([' %d' % inode for inode in inodes])


COLUMNS = [[Text('%s', NETID)], [Text(common.state_text, STATE[0])], [common.queue_text(RECV_Q)], [common.queue_text(SEND_Q)],
           *end(SHOWN_NAME, LOCAL_INODE), *end(PEER_PATH, SHOWN_PEER)]
LINE = common.skmem_line(abi.UNIX_DIAG_MEMINFO, MEMORY) + [
    Text(common.arrow, SHUTDOWN), Text(' ino:%d dev:%d/%d', *FILE, hide=()), Text(pending_text, PENDING)]


class Unix(Family):
    name = 'unix'
    family = AF_UNIX
    names = ('unix_stream', 'unix_dgram', 'unix_seqpacket')
    kind = TYPE
    kinds = {SOCK_STREAM: 'unix_stream', SOCK_DGRAM: 'unix_dgram', SOCK_SEQPACKET: 'unix_seqpacket'}
    fixed = sizeof(abi.unix_diag_msg)
    inode = INODE
    state = TCP_STATE
    crowded = True
    make = staticmethod(levelled)
    filtered = {'sport': INODE, 'dport': PEER}

    def request(self, query, family):
        detail, show = query.detail, abi.UDIAG_SHOW_NAME | abi.UDIAG_SHOW_PEER | abi.UDIAG_SHOW_RQLEN
        if 'memory' in detail.wanted:
            show |= abi.UDIAG_SHOW_MEMINFO
        if 'extended' in detail.wanted:
            show |= abi.UDIAG_SHOW_VFS | abi.UDIAG_SHOW_ICONS
            # ss neither shows the owner nor asks for it; so its text needs none, unless a condition or an order does.
            if query.style.json or 'extended' in detail.needed:
                show |= abi.UDIAG_SHOW_UID
        return abi.unix_diag_req(AF_UNIX, udiag_states=query.selection.states, udiag_show=show)

    def column(self, batch, fact):
        if fact == 'name':
            return list(map(name, batch.values(NAME, END)))
        if fact == 'peer_name':
            return list(map(peer_name, batch.values(PEER_NAME, b'')))
        return super().column(batch, fact)

    def facts(self, words=None):
        return FACTS

    def columns(self):
        return COLUMNS

    def line(self, words):
        return LINE


TABLE = Unix()
