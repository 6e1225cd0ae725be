"""The socket tables of /proc/net, as the messages that the kernel would have sent over netlink.

Where netlink is refused, or the environment names files (:class:`ssng.host.Paths`), the lines are read
and written anew as ``inet_diag_msg`` and its like, with attributes of our own for what has no place
there (:mod:`ssng.kernel.abi.procnet`).  So everything above sees one source.

Each table is a generator of blocks: bytes of whole messages, some 200 KiB of them; :class:`Proc` is the
source of them.  A file that cannot be read is :class:`Refused`, as a dump is.  The rules, odd ones too, are those of
fixtures/behaviour/command-line.md, 9.4.
"""

import os
import sys
from itertools import islice
from operator import itemgetter
from struct import Struct, error as StructError

from _socket import htons

from ..escape import one_line
from ..host.words import latin
from ..kernel.abi import Array, Structure, inet_diag, netlink_diag, packet_diag, sizeof, unix_diag
from ..kernel.abi.inet_diag import IDIAG_TIMER_ON
from ..kernel.abi.netlink import NLM_F_MULTI, nlattr, nlmsghdr
from ..kernel.abi.procnet import (
    PROC_DATAGRAM, PROC_NETLINK, PROC_OPTIONS, PROC_PACKET, PROC_PEER_NAME, PROC_TCP,
    proc_netlink, proc_packet, proc_tcp)
from ..kernel.abi.sock_diag import (
    AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, IPPROTO_IP, SOCK_DGRAM, SOCK_DIAG_BY_FAMILY, SOCK_RAW,
    SOCK_SEQPACKET, SOCK_STREAM, TCP_CLOSE, TCP_CLOSING, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_SENT)
from ..kernel.exchange import Refused, Reply
from ..kernel.messages import Answer, attribute, message

LINE = 255                      # ss reads a line in pieces of so many bytes
ROWS = 2000                     # messages of a block
UNIX_ROWS = 1660                # sorted by ss in one go
WORD = 0xffffffff

HERTZ = os.sysconf('SC_CLK_TCK')
UNKNOWN_CWND = 2                # of a line that ends before it says

# unix: SS_* of <linux/net.h> to the states of everyone else; a flag marks listeners.
UNIX_STATES = {1: TCP_CLOSE, 2: TCP_SYN_SENT, 3: TCP_ESTABLISHED, 4: TCP_CLOSING}
ACCEPTS = 1 << 16


class Proc:
    """The source of one table's sockets in these ``states``, of these ``types`` where it has such.

    There is nothing to be asked: whatever the request, the answer is the same.  Of a table without a file it is empty.
    """

    def __init__(self, paths, name, family, states, types=()):
        self.paths = paths
        self.name = name
        self.family = family
        self.states = states
        self.types = types

    def ask(self, request):
        return Reply(Answer(), ((block, (len(block),)) for block in self.blocks()))

    def blocks(self):
        if self.name in ('tcp', 'udp', 'raw'):
            return inet(self.paths, self.name, self.family, self.states)
        if self.name == 'unix':
            return unix(self.paths, self.states, self.types)
        if self.name == 'packet':
            return packet(self.paths, self.types)
        return netlink(self.paths) if self.name == 'netlink' else ()


def lines(paths, name):
    """The lines of a table, the header first, in pieces as ss reads them."""
    path = paths.net(name)
    try:
        with open(path, 'rb') as file:
            yield from iter(lambda: file.readline(LINE), b'')
    except OSError as error:
        raise Refused.by(error, 'cannot read %s' % one_line(latin(path)))


def readable(paths, name):
    """Whether there is a table to read."""
    return os.access(paths.net(name), os.R_OK)


def blocks(messages):
    """Messages joined to blocks; those that came before a trouble come before it here, too."""
    block, trouble = [], None
    try:
        for one in messages:
            block.append(one)
            if len(block) == ROWS:
                yield b''.join(block)
                block = []
    except Refused as refused:
        trouble = refused
    if block:
        yield b''.join(block)
    if trouble:
        raise trouble


def sock_message(payload, attributes):
    return message(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 0, payload, attributes)


def integers(words, bases, values):
    """``values``, the first of them replaced by ``words`` as far as these are numbers to their ``bases``."""
    read = []
    for word, base in zip(words, bases):
        try:
            read.append(int(word, base))
        except ValueError:
            break
    return read + values[len(read):]


def u32(number):
    return (number & WORD).to_bytes(4, sys.byteorder)


# tcp, udp, raw

def layout(*kinds):
    """The struct format of ctypes types one after the other, without gaps: made of members up to 32 bits."""
    codes = ''
    for kind in kinds:
        if issubclass(kind, Structure):
            codes += layout(*[member[1] for member in kind._fields_])
        elif issubclass(kind, Array):
            codes += layout(kind._type_) * kind._length_
        else:
            codes += kind._type_
    return codes


INET = Struct('=' + layout(nlmsghdr, inet_diag.inet_diag_msg))
TCP = Struct('=' + layout(nlmsghdr, inet_diag.inet_diag_msg, nlattr, proc_tcp))
ADDRESS6 = Struct('>4I')
PLAIN = attribute(PROC_DATAGRAM, b'')
PLAIN_RAW = PLAIN + attribute(inet_diag.INET_DIAG_PROTOCOL, bytes((IPPROTO_IP,)))      # ss says `raw`, whatever it speaks
PROC_TCP_SIZE = sizeof(nlattr) + sizeof(proc_tcp)

# What a line says that ends early.
FIELDS = (b'', b'', b'', b'00', b'0:0', b'0:0', b'0', b'0', b'0', b'0', b'0', b'0')


def inet(paths, name, family, states):
    """Blocks of ``inet_diag_msg`` for the table ``name`` (``tcp``, ``udp``, ``raw``) of one family.

    ``states``: mask of those that are wanted.
    """
    return blocks(_inet(paths, name, family, states))


def _inet(paths, name, family, states):
    encode = {'tcp': _tcp, 'raw': _raw}.get(name, _datagram)
    address = _address6 if family == AF_INET6 else _address4
    width = 32 if family == AF_INET6 else 8
    table = lines(paths, name + '6' if family == AF_INET6 else name)
    next(table, None)
    for line in table:
        fields = line.split(None, 17)
        if len(fields) < len(FIELDS):
            fields += FIELDS[len(fields):]
        local, remote, state = fields[1:4]
        if local[width:width + 1] != b':' or remote[width:width + 1] != b':' or line[-1:] != b'\n':
            return
        try:
            state = int(state, 16) & 15
            if not states >> state & 1:
                continue
            ends = (htons(int(local[width + 1:], 16)), htons(int(remote[width + 1:], 16))) + (
                address(local[:width]) + address(remote[:width]))
            yield encode(family, state, ends, fields)
        except (ValueError, OverflowError, StructError):
            return


def _address4(text):
    return int(text, 16), 0, 0, 0


def _address6(text):
    """Four words, each of which /proc prints as the integer that lies in memory."""
    return ADDRESS6.unpack(int(text, 16).to_bytes(16, 'big'))


def _datagram(family, state, ends, fields, marks=PLAIN):
    wqueue, _, rqueue = fields[4].partition(b':')
    return INET.pack(
        INET.size + len(marks), SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 0, 0, family, state, 0, 0, *ends, 0, 0, 0, 0,
        int(rqueue, 16), int(wqueue, 16), int(fields[7]) & WORD, int(fields[9]) & WORD) + marks


def _raw(family, state, ends, fields):
    return _datagram(family, state, ends, fields, PLAIN_RAW)


def _tcp(family, state, ends, fields):
    wqueue, _, rqueue = fields[4].partition(b':')
    timer, _, ticks = fields[5].partition(b':')
    timer, sk = int(timer, 16), int(fields[11], 16)
    retrans = int(fields[6], 16) if timer == IDIAG_TIMER_ON else int(fields[8])
    more = list(map(int, fields[12:17])) or [0, 0, 0, UNKNOWN_CWND]
    rto, ato, qack, cwnd, ssthresh = more if len(more) == 5 else more + [0] * (5 - len(more))
    tail = attribute(PROC_OPTIONS, fields[17].rstrip(b'\n')) if len(fields) > 17 else b''
    return TCP.pack(
        TCP.size + len(tail), SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 0, 0,
        family, state, timer & 0xff, retrans & 0xff, *ends, 0, sk & WORD, sk >> 32,
        (int(ticks, 16) * 1000 + HERTZ - 1 & WORD) // HERTZ,
        int(rqueue, 16), int(wqueue, 16), int(fields[7]) & WORD, int(fields[9]) & WORD,
        PROC_TCP_SIZE, PROC_TCP, rto, ato, qack & WORD, cwnd, ssthresh if ssthresh > 0 else 0) + tail


# unix

UNIX_BASES = (16, 16, 16, 16, 16, 16, 10)       # PEER: RQUEUE WQUEUE FLAGS TYPE STATE INODE [NAME]


def unix(paths, states, types=(SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET)):
    """Blocks of ``unix_diag_msg``, for sockets of these ``types`` and of types that nobody can ask for."""
    unwanted = set((SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET)).difference(types)
    table = lines(paths, 'unix')
    old = next(table, b'').startswith(b'Peer')
    yield from blocks(_sorted(_unix(table, old, states, unwanted)))


def _unix(table, old, states, unwanted):
    """(type, inode, state, peer, rqueue, wqueue, name) of the lines that are wanted.

    Only ``old`` kernels have a peer and queues; where ss takes them from, others have an address, a
    count and a protocol, and by the time it forgets them they have decided on the state.
    """
    flags = 0                                   # the one value that outlives a line that makes no sense
    for line in table:
        peer, _, rest = line.partition(b':')
        words = rest.split(None, 7)
        peer, rqueue, wqueue, flags, kind, state, inode = integers(
            [peer] + words, UNIX_BASES, [0, 0, 0, flags, 0, 0, 0])
        state = TCP_LISTEN if flags & ACCEPTS else UNIX_STATES.get(state, state)
        if kind == SOCK_DGRAM and state == TCP_CLOSE and peer:
            state = TCP_ESTABLISHED
        if states >> state & 1 and kind not in unwanted:
            name = words[6] if len(words) > 6 else b''
            yield (kind, inode, state) + ((peer, rqueue, wqueue) if old else (0, 0, 0)) + (name,)


def _sorted(rows):
    """Messages of the rows by type and inode, as many at a time as ss keeps."""
    while True:
        some = list(islice(rows, UNIX_ROWS))
        if not some:
            return
        names = {row[1]: row[6] or b'*' for row in some}
        for row in sorted(some, key=itemgetter(0, 1)):
            yield _unix_message(names, *row)


def _unix_message(names, kind, inode, state, peer, rqueue, wqueue, name):
    attributes = []
    if name:
        stored = b'\0' + name[1:] if name.startswith(b'@') else name + b'\0'
        attributes.append((unix_diag.UNIX_DIAG_NAME, stored))
    attributes.append((unix_diag.UNIX_DIAG_RQLEN, bytes(unix_diag.unix_diag_rqlen(rqueue & WORD, wqueue & WORD))))
    if peer:
        attributes += [(unix_diag.UNIX_DIAG_PEER, u32(peer)), (PROC_PEER_NAME, names.get(peer, b'?'))]
    return sock_message(
        unix_diag.unix_diag_msg(AF_UNIX, kind & 0xff, state & 0xff, 0, inode & WORD), attributes)


# packet, netlink

PACKET_BASES = (16, 10, 10, 16, 10, 10, 10, 10, 10)     # SK REFERENCES TYPE PROTOCOL INTERFACE RUNNING RMEM UID INODE
NETLINK_BASES = (16, 10, 10, 16, 10, 10, 16, 10)        # SK PROTOCOL PORT GROUPS RMEM WMEM DUMP REFERENCES


def _numbers(paths, name, bases):
    """The numbers of each line; where one makes no sense, it and the rest are those of the line before."""
    values = [0] * len(bases)
    table = lines(paths, name)
    next(table, None)
    for line in table:
        values = integers(line.split(), bases, values)
        yield values


def packet(paths, types=(SOCK_RAW, SOCK_DGRAM)):
    """Blocks of ``packet_diag_msg``, for sockets of these ``types`` and of types that nobody can ask for."""
    return blocks(_packet(paths, set((SOCK_RAW, SOCK_DGRAM)).difference(types)))


def _packet(paths, unwanted):
    for _, _, kind, protocol, ifindex, _, rqueue, uid, inode in _numbers(paths, 'packet', PACKET_BASES):
        if kind not in unwanted:
            yield sock_message(
                packet_diag.packet_diag_msg(AF_PACKET, kind & 0xff, protocol & 0xffff, inode & WORD),
                [(packet_diag.PACKET_DIAG_UID, u32(uid)), (PROC_PACKET, bytes(proc_packet(ifindex, rqueue)))])


def netlink(paths):
    """Blocks of ``netlink_diag_msg``."""
    return blocks(_netlink(paths))


def _netlink(paths):
    for sk, protocol, port, groups, rqueue, wqueue, cb, _ in _numbers(paths, 'netlink', NETLINK_BASES):
        yield sock_message(
            netlink_diag.netlink_diag_msg(AF_NETLINK, SOCK_RAW, protocol & 0xff, TCP_CLOSE, port & WORD),
            [(netlink_diag.NETLINK_DIAG_GROUPS, u32(groups)),
             (PROC_NETLINK, bytes(proc_netlink(sk, cb, rqueue & WORD, wqueue & WORD)))])
