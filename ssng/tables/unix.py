"""Unix sockets (fixtures/behaviour/sockets.md, 1.7 and 4.6).

Names are of many lengths, and each length would make messages of another shape.  So names are made
of one length before messages are parted by shape, see :func:`levelled`.
"""

from ctypes import sizeof

from ..fields import ByShow, Fact, Object, Section
from ..kernel.abi import unix_diag as abi
from ..kernel.abi.netlink import nlattr
from ..kernel.abi.procnet import PROC_PEER_NAME
from ..kernel.abi.sock_diag import AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM
from ..kernel.columns import batch as batch_of
from ..kernel.columns import member, payload, scalar, words
from ..kernel.messages import ATTRIBUTE, HEADER, Block, align
from . import common
from ..sources.family import Family

NETIDS = {SOCK_STREAM: 'u_str', SOCK_SEQPACKET: 'u_seq'}        # any other is u_dgr
MINOR_BITS = 20                 # of a device number inside the kernel
END = b'\1'

TYPE = member(abi.unix_diag_msg, 'udiag_type')
INODE = member(abi.unix_diag_msg, 'udiag_ino')
NAME = payload(abi.UNIX_DIAG_NAME, 'name')
PEER_NAME = payload(PROC_PEER_NAME, 'peer_name')
PEER = scalar(abi.UNIX_DIAG_PEER, 'peer', 4)
PEER_OR_NONE = scalar(abi.UNIX_DIAG_PEER, 'peer', 4, missing=0)
FILE_INODE = member(abi.unix_diag_vfs, 'udiag_vfs_ino', abi.UNIX_DIAG_VFS)
FILE_DEVICE = member(abi.unix_diag_vfs, 'udiag_vfs_dev', abi.UNIX_DIAG_VFS)
PENDING = payload(abi.UNIX_DIAG_ICONS, 'inodes')


def netid(kind):
    return NETIDS.get(kind, 'u_dgr')


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


def name_text(show):
    if show.escape:
        return lambda data: common.escaped(name(data)) + ' '
    return lambda data: name(data) + ' '


def peer_name_text(show):
    if show.escape:
        return lambda data: common.escaped(data.decode('latin-1')) + ' '
    return lambda data: data.decode('latin-1') + ' '


def path(data):
    return None if data[:1] == b'\0' else name(data)


def abstract(data):
    return sent(data)[1:].decode('latin-1') if data[:1] == b'\0' else None


def name_json(kind, form):
    """A function from a NAME to ``form`` of it, if the name is of this kind: ``path`` or ``abstract``."""
    def json(data):
        text = kind(data)
        return None if text is None else form(text)
    return json


def major(device):
    return device >> MINOR_BITS


def minor(device):
    return device & (1 << MINOR_BITS) - 1


def pending_text(inodes):
    return ' peers:' + ''.join([' %d' % inode for inode in common.words_of(inodes)])


def pending_json(inodes):
    return '[%s]' % ','.join(map(str, common.words_of(inodes)))


NETID = Fact('netid', TYPE, netid, json=lambda kind: '"%s"' % netid(kind))
STATE = Fact('state', member(abi.unix_diag_msg, 'udiag_state'), common.state_text, json=common.state_json)
RECV_Q = common.queue('recv_q', member(abi.unix_diag_rqlen, 'udiag_rqueue', abi.UNIX_DIAG_RQLEN, missing=0))
SEND_Q = common.queue('send_q', member(abi.unix_diag_rqlen, 'udiag_wqueue', abi.UNIX_DIAG_RQLEN, missing=0))

MEMORY = common.skmem(abi.UNIX_DIAG_MEMINFO)
SHUTDOWN = Fact('shutdown', scalar(abi.UNIX_DIAG_SHUTDOWN, 'shutdown', 1), common.arrow, json=common.shutdown_json)
FILE = Fact(None, (FILE_INODE, FILE_DEVICE),
            lambda inode, device: ' ino:%d dev:%d/%d' % (inode, major(device), minor(device)))
ICONS = Fact('pending', PENDING, pending_text, json=pending_json)

LOCAL_PAIRS = Object('local', [
    Fact('inode', INODE),
    Fact('path', NAME, json=name_json(path, common.quoted)),
    Fact('path_hex', NAME, json=name_json(path, common.exact_json)),
    Fact('abstract', NAME, json=name_json(abstract, common.quoted)),
    Fact('abstract_hex', NAME, json=name_json(abstract, common.exact_json)),
])
PEER_PAIRS = Section(abi.UNIX_DIAG_PEER, [Object('peer', [
    Fact('inode', PEER), Fact('path', PEER_NAME, json=lambda data: common.quoted(data.decode('latin-1'))),
])])
FILE_PAIRS = Section(abi.UNIX_DIAG_VFS, [Object('file', [
    Fact('inode', FILE_INODE),
    Fact('major', FILE_DEVICE, json=lambda device: '%d' % major(device)),
    Fact('minor', FILE_DEVICE, json=lambda device: '%d' % minor(device)),
])])
EXTENDED_PAIRS = [
    Fact('uid', scalar(abi.UNIX_DIAG_UID, 'uid', 4)),
    Fact('cookie', words(abi.unix_diag_msg, 'udiag_cookie'), json='"%x"'),
    SHUTDOWN, FILE_PAIRS, ICONS,
]


class Unix(Family):
    name = 'unix'
    family = AF_UNIX
    names = ('unix_stream', 'unix_dgram', 'unix_seqpacket')
    kind = TYPE
    kinds = {SOCK_STREAM: 'unix_stream', SOCK_DGRAM: 'unix_dgram', SOCK_SEQPACKET: 'unix_seqpacket'}
    fixed = sizeof(abi.unix_diag_msg)
    inode = INODE
    crowded = True
    make = staticmethod(levelled)
    filtered = {'sport': INODE, 'dport': PEER}

    def request(self, query):
        wanted = abi.UDIAG_SHOW_NAME | abi.UDIAG_SHOW_PEER | abi.UDIAG_SHOW_RQLEN
        if query.show.memory:
            wanted |= abi.UDIAG_SHOW_MEMINFO
        if query.show.extended:
            wanted |= abi.UDIAG_SHOW_VFS | abi.UDIAG_SHOW_ICONS
            if query.show.json:
                wanted |= abi.UDIAG_SHOW_UID
        return abi.unix_diag_req(AF_UNIX, udiag_states=query.states, udiag_show=wanted)

    def proc(self, states, types):
        from ..sources import proc as procnet
        return procnet.unix(states, types)

    def column(self, batch, fact):
        if fact == 'name':
            return list(map(name, batch.values(NAME, END)))
        if fact == 'peer_name':
            return [text.decode('latin-1') for text in batch.values(PEER_NAME, b'')]
        return super().column(batch, fact)

    def columns(self, show):
        return (
            [NETID], [STATE], [RECV_Q], [SEND_Q],
            named(NAME, name_text), [Fact(None, INODE, '%d', hide=())],
            named(PEER_NAME, peer_name_text), [Fact(None, PEER_OR_NONE, '%d', hide=())],
        )

    def detail(self, show):
        facts = [MEMORY] if show.memory else []
        if show.extended:
            facts += [SHUTDOWN, FILE, ICONS]
        return facts

    def pairs(self, show):
        facts = [NETID, ',"family":"unix"', Fact('type', TYPE, json=common.type_json), STATE, RECV_Q, SEND_Q,
                 LOCAL_PAIRS, PEER_PAIRS]
        if show.extended:
            facts += EXTENDED_PAIRS
        if show.memory:
            facts.append(MEMORY)
        return facts


def named(member, text):
    """The parts of an end's name; a star where the kernel tells none."""
    return [Fact(None, member, ByShow(text)), Section(member.attribute, ['* '], unless=True)]


TABLE = Unix()
