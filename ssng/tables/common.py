"""Facts that sockets of several families share, and the texts they are made of.

fixtures/behaviour/sockets.md, 3.  All functions take real values and return latin-1 text.
"""

from ..fields import Fact
from ..kernel.abi.sock_diag import SOCK_DGRAM, SOCK_PACKET, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM
from ..kernel.columns import Member, member, payload

STATES = ('UNKNOWN', 'ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN',
          'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING', 'UNDEF', 'UNDEF')
UNKNOWN = STATES[0]

SHUT_RECEIVE, SHUT_SEND = 1, 2
MEMORY = (('r', 'rmem_alloc'), ('rb', 'rcvbuf'), ('t', 'wmem_alloc'), ('tb', 'sndbuf'), ('f', 'fwd_alloc'),
          ('w', 'wmem_queued'), ('o', 'optmem'), ('bl', 'backlog'), ('d', 'drops'))
NO_QUEUE = '%-6d' % 0           # its text, where a socket has none
TYPES = {SOCK_STREAM: 'stream', SOCK_DGRAM: 'dgram', SOCK_RAW: 'raw', SOCK_RDM: 'rdm', SOCK_SEQPACKET: 'seqpacket',
         SOCK_PACKET: 'packet'}


def state_text(state):
    return STATES[state] if state < len(STATES) else UNKNOWN


def quoted(text):
    """A latin-1 text as a JSON string: its bytes are UTF-8, what is not becomes U+FFFD."""
    from _json import encode_basestring
    return encode_basestring(text.encode('latin-1').decode('utf-8', 'replace'))


def state_json(state):
    """The value of "state"; a number ss has no name for stands beside it."""
    text = state_text(state)
    return quoted(text) if state < len(STATES) else '"unknown","state_number":%d' % state


def signed(value):
    """An unsigned 32-bit value as ss prints a queue length: signed."""
    return value - (1 << 32) if value >= 1 << 31 else value


def string(payload):
    """A NUL-terminated payload as latin-1 text."""
    return payload.split(b'\0')[0].decode('latin-1')


def escaped(text):
    """A latin-1 text fit for a terminal: what steers one, and bytes that are no UTF-8, as ``\\xNN``."""
    chars = text.encode('latin-1').decode('utf-8', 'backslashreplace')
    return ''.join([_escaped(char) for char in chars])


def _escaped(char):
    raw = char.encode('utf-8')
    if char < ' ' or '\x7f' <= char < '\xa0':       # C0, DEL, C1
        return ''.join(['\\x%02x' % byte for byte in raw])
    return raw.decode('latin-1')


def exact_json(text):
    """The bytes of a latin-1 text as hex, for a key beside one that :func:`quoted` cannot tell exactly."""
    raw = text.encode('latin-1')
    try:
        raw.decode('utf-8')
    except UnicodeDecodeError:
        return '"%s"' % raw.hex()
    return None


def flag(bit):
    """The JSON of a flag: true, or no key."""
    return 'true' if bit else None


def queue_text(length):
    return '%-6d' % signed(length)


def queue_json(length):
    return '%d' % signed(length)


def queue(key, length):
    """The Fact of a queue's length (sockets.md 3.1)."""
    return Fact(key, length, '%-6d', hide=(), signed=True, json=queue_json)


def interface_json(index):
    """The name of an interface; None for index 0."""
    from ..host import links
    return quoted(links.name(index)) if index else None


def type_json(kind):
    """The value of "type", a SOCK_*; a number without a name stands beside it."""
    return '"%s"' % TYPES[kind] if kind in TYPES else '"unknown","type_number":%d' % kind


def details(uid, inode, cookie):
    """The Facts of --extended that ss tells of most sockets (sockets.md 3.6)."""
    return [Fact('uid', uid, ' uid:%d'), Fact('inode', inode, ' ino:%d', hide=()),
            Fact('cookie', cookie, ' sk:%x', hide=(), json='"%x"')]


def arrow(mask):
    """Which directions are still open (sockets.md 3.6)."""
    return ' %s-%s' % ('-' if mask & SHUT_RECEIVE else '<', '-' if mask & SHUT_SEND else '>')


def shutdown_json(mask):
    names = [name for bit, name in ((SHUT_RECEIVE, '"receive"'), (SHUT_SEND, '"send"')) if mask & bit]
    return '[%s]' % ','.join(names)


def words_of(payload):
    """The u32 words of a payload."""
    return memoryview(payload[:len(payload) & ~3]).cast('I').tolist()


def skmem_text(payload):
    """The words of an sk_meminfo: 7 of them at least, backlog and drops from later kernels (sockets.md 3.10)."""
    words = words_of(payload)
    words += [0] * (7 - len(words))
    return ' skmem:(%s)' % ','.join([label + '%d' % word for (label, _), word in zip(MEMORY, words)])


def skmem_json(payload):
    return '{%s}' % ','.join(['"%s":%d' % (name, word) for (_, name), word in zip(MEMORY, words_of(payload))])


def skmem(attribute):
    """The Fact "memory" for the attribute that carries an sk_meminfo."""
    return Fact('memory', payload(attribute, 'sk_meminfo'), skmem_text, json=skmem_json)


def skmem_word(attribute, index):
    """The Member that is one word of an sk_meminfo: SK_MEMINFO_*; 0 where there is none."""
    return Member(attribute, MEMORY[index][1], 4 * index, 4, 'I', missing=0)


def structure(struct, prefix, attribute):
    """A Fact for JSON alone for each member of a kernel structure, named without its prefix."""
    return [Fact(name[len(prefix):], member(struct, name, attribute)) for name, _ in struct._fields_]


def bandwidth(bits, numeric=False):
    """Bits per second, a float, with ss's unit letter (sockets.md 3.11)."""
    if numeric:
        return '%.0f' % bits
    for least, letter in ((1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if bits >= least:
            return '%.3g%s' % (bits / least, letter)
    return '%g' % bits


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
