"""Facts that sockets of several families share, and the texts they are made of (fixtures/behaviour/sockets.md, 3).

All text is latin-1: a character is a byte.
"""

from ..fields import (
    HEX, NUMBER, SIZE, WORD, WORDS, Fact, Section, Text, constant, literal, members, named, set_of)
from ..kernel.abi import c_uint32
from ..kernel.abi.sock_diag import (
    SOCK_DGRAM, SOCK_PACKET, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM, TCP_LISTEN)
from ..kernel.columns import Member
from ..render import Texts

STATES = ('UNKNOWN', 'ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN',
          'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING', 'UNDEF', 'UNDEF')
UNKNOWN = 'unknown'             # in JSON, of a number without a name; it stands beside

SHUT_RECEIVE, SHUT_SEND = 1, 2
MEMORY = (('r', 'rmem_alloc', 'memory of received data that nobody has read'), ('rb', 'rcvbuf', 'limit of rmem_alloc'),
          ('t', 'wmem_alloc', 'memory of sent data in queues below the socket'), ('tb', 'sndbuf', 'limit of what is to be sent'),
          ('f', 'fwd_alloc', 'memory set aside for later use'), ('w', 'wmem_queued', 'memory of data to be sent'),
          ('o', 'optmem', 'memory of options and filters'), ('bl', 'backlog', 'memory of packets that wait for the socket'),
          ('d', 'drops', 'packets that were thrown away'))
SURE = 7                        # words of an sk_meminfo that every kernel sends
TYPES = {SOCK_STREAM: 'stream', SOCK_DGRAM: 'dgram', SOCK_RAW: 'raw', SOCK_RDM: 'rdm', SOCK_SEQPACKET: 'seqpacket',
         SOCK_PACKET: 'packet'}


def string(payload):
    """A NUL-terminated payload as latin-1 text."""
    return payload.split(b'\0')[0].decode('latin-1')


def family(name):
    return constant('family', name, help='address family')


def state(member):
    """The Facts of a TCP_* state: its name, or its number where it has none."""
    names = dict(enumerate(STATES))
    return named('state', member, names, help='state of the connection, as ss calls it')


def state_text(state):
    """ss's text for the first of these facts, whose value is ``state``."""
    return STATES[0] if state == UNKNOWN else state


def kind(member):
    """The Facts of a SOCK_*."""
    return named('type', member, TYPES, help='type of the socket, SOCK_*')


def netid(member, names, otherwise='???'):
    """The Fact of what ss shows first: {SOCK_*: name}."""
    return Fact('netid', member, WORD, lambda number: names.get(number, otherwise), certain=True,
                help='what kind of socket it is, as ss abbreviates it')


def no_state():
    """The Fact of a table whose sockets have no states."""
    return constant('state', 'UNCONN', help='sockets of this table have no other state')


QUEUES = {'recv_q': 'bytes received that nobody has read; of a listener, connections to be accepted',
          'send_q': 'bytes sent that are not acknowledged; of a listener, how many may wait'}


def queue(name, *lengths):
    """The Fact of a queue's length, signed as ss shows it (sockets.md 3.1); ``lengths``: alternative members."""
    return Fact(name, [length.as_signed() for length in lengths], SIZE, help=QUEUES[name])


def no_queue(name):
    """The Fact of a queue that such sockets do not have."""
    return constant(name, 0, SIZE, help=QUEUES[name])


def accepting(state, waiting, most):
    """The Facts of a listener that say what its queues hold; ``state``: the Member of a TCP_* state, the others of the queues."""
    def of_listener(state, length):
        return length if state == TCP_LISTEN else None
    return [Fact(name, (state, length.as_signed()), NUMBER, of_listener, help=help,
                 only=(state, lambda states: TCP_LISTEN in states)) for name, length, help in (
        ('accept_queue', waiting, 'connections that wait to be accepted, of a listener'),
        ('accept_backlog', most, 'how many connections may wait to be accepted, of a listener'))]


def queue_text(fact):
    return Text('%-6d', fact, hide=())


def identity(uid, inode, cookie, reveal='extended'):
    """The Facts of --extended that the kernel tells of most sockets; ``cookie`` is one number."""
    found = [] if uid is None else [Fact('uid', uid, NUMBER, reveal=(reveal,), help='user id of its owner')]
    if inode is not None:
        found.append(Fact('inode', inode, NUMBER, reveal=(reveal,), help='inode number; the same socket has the same everywhere'))
    return found + [Fact('cookie', cookie, HEX, reveal=(reveal,), help='number of the socket, unique until the next boot')]


def identity_line(uid, inode, cookie):
    """ss's text of these three facts (sockets.md 3.6)."""
    return [Text(' uid:%d', uid), Text(' ino:%d', inode, hide=()), Text(' sk:%x', cookie, hide=())]


def shutdown(member):
    return Fact('shutdown', member, WORDS, set_of(((SHUT_RECEIVE, 'receive'), (SHUT_SEND, 'send'))), reveal=('extended',),
                help='directions that are shut')


def arrow(shut):
    """Which directions are still open (sockets.md 3.6)."""
    return ' %s-%s' % ('-' if 'receive' in shut else '<', '-' if 'send' in shut else '>')


def words_of(payload):
    """The u32 words of a payload."""
    return memoryview(payload[:len(payload) & ~3]).cast('I').tolist()


def skmem_word(attribute, index, missing=None):
    """The Member that is one word of an sk_meminfo: SK_MEMINFO_*."""
    found = Member(attribute, MEMORY[index][1], 4 * index, 4, 'I', missing=missing)
    found.form = c_uint32, 4
    return found


def skmem(attribute, also=()):
    """The Facts of the attribute that carries an sk_meminfo: an array of words, of which older kernels send fewer.

    ``also``: {name of a fact: another Member that tells it}.
    """
    also = dict(also)
    return [Fact('memory.' + name, [skmem_word(attribute, index)] + ([also[name]] if name in also else []),
                 NUMBER if name == 'drops' else SIZE, reveal=('memory',), help=help)
            for index, (_, name, help) in enumerate(MEMORY)]


def skmem_line(attribute, facts):
    """ss's text of these facts: 7 of them at least, backlog and drops from later kernels (sockets.md 3.10)."""
    labels = [label for label, _, _ in MEMORY]
    sure = ' skmem:(' + ','.join([label + '%d' for label in labels[:SURE]])
    more = [Text(',%s%%d' % label, fact, hide=(), whole=True) for label, fact in zip(labels[SURE:], facts[SURE:])]
    return [Section(attribute, [Text(sure, *facts[:SURE], hide=())] + more + [literal(')', 'memory')])]


def structure(struct, prefix, attribute, under, reveal, help='%s'):
    """A Fact for each member of a kernel structure that has names but no more to say."""
    return members(struct, prefix, attribute, under, reveal,
                   [(name[len(prefix):], NUMBER, help % name[len(prefix):].replace('_', ' ')) for name, *_ in struct._fields_])


def bandwidth(bits):
    """Bits per second, a float, with ss's unit letter (sockets.md 3.11)."""
    for least, letter in ((1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if bits >= least:
            return '%.3g%s' % (bits / least, letter)
    return '%g' % bits


class Bits:
    """Rates in bits/s as whole numbers, as ``%.0f`` has them, for a Text; ``scale`` multiplies them first."""

    __slots__ = ('scale',)
    EXACT = 1 << 50         # a float holds eight times as much

    def __init__(self, scale):
        self.scale = scale

    def of(self, rates):
        if self.scale == 8 and max(rates) < self.EXACT:
            return [rate << 3 for rate in rates]
        return [round(rate * float(self.scale)) for rate in rates]


def bits(manner):
    """The texts of some rates in bits/s, for a Text."""
    return Bits(1) if manner.style.numeric else Texts(lambda rates: map(bandwidth, rates))


def rates(manner):
    """The same of bytes/s."""
    return Bits(8) if manner.style.numeric else Texts(lambda rates: [bandwidth(rate * 8.0) for rate in rates])


def duration(ms):
    """A timer's time as ss words it (sockets.md 3.5)."""
    seconds, rest = divmod(ms, 1000)
    minutes = seconds // 60
    if minutes:
        odd = seconds % 60 if minutes < 10 else 0
        return '%dmin%s' % (minutes, '%dsec' % odd if odd else '')
    if seconds >= 10:
        return '%dsec' % seconds
    if seconds:
        return '%d.%03dsec' % (seconds, rest) if rest else '%dsec' % seconds
    return '%03dms' % ms if ms else ''
