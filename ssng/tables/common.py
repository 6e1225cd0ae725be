"""Facts that sockets of several families share, and the texts they are made of.

Behaviour file B, section 3.  All functions take real values and return latin-1 text.
"""

from ..fields import Fact, Section
from ..kernel.abi.sock_diag import SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM

STATES = ('UNKNOWN', 'ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN',
          'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING', 'UNDEF', 'UNDEF')
UNKNOWN = STATES[0]

SHUT_RECEIVE, SHUT_SEND = 1, 2
MEMORY = (('r', 'rmem_alloc'), ('rb', 'rcvbuf'), ('t', 'wmem_alloc'), ('tb', 'sndbuf'), ('f', 'fwd_alloc'),
          ('w', 'wmem_queued'), ('o', 'optmem'), ('bl', 'backlog'), ('d', 'drops'))
TYPES = {SOCK_STREAM: 'stream', SOCK_DGRAM: 'dgram', SOCK_RAW: 'raw', SOCK_SEQPACKET: 'seqpacket'}


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


def flag(bit):
    """The JSON of a flag: true, or no key."""
    return 'true' if bit else None


def queue_text(length):
    return '%-6d' % signed(length)


def queue_json(length):
    return '%d' % signed(length)


def arrow(mask):
    """Which directions are still open (B 3.6)."""
    return ' %s-%s' % ('-' if mask & SHUT_RECEIVE else '<', '-' if mask & SHUT_SEND else '>')


def shutdown_json(mask):
    names = [name for bit, name in ((SHUT_RECEIVE, '"receive"'), (SHUT_SEND, '"send"')) if mask & bit]
    return '[%s]' % ','.join(names)


def words_of(payload):
    """The u32 words of a payload."""
    return memoryview(payload[:len(payload) & ~3]).cast('I').tolist()


def skmem_text(payload):
    """The words of an sk_meminfo: 7 of them at least, backlog and drops from later kernels (B 3.10)."""
    words = words_of(payload)
    words += [0] * (7 - len(words))
    return ' skmem:(%s)' % ','.join([label + '%d' % word for (label, _), word in zip(MEMORY, words)])


def skmem_json(payload):
    return '{%s}' % ','.join(['"%s":%d' % (name, word) for (_, name), word in zip(MEMORY, words_of(payload))])


def skmem(attribute):
    """The Fact "memory" for the attribute that carries an sk_meminfo."""
    from ..kernel.columns import payload
    return Fact('memory', payload(attribute, 'sk_meminfo'), skmem_text, json=skmem_json)


def bandwidth(bits, numeric=False):
    """Bits per second, a float, with ss's unit letter (B 3.11)."""
    if numeric:
        return '%.0f' % bits
    for least, letter in ((1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if bits >= least:
            return '%.3g%s' % (bits / least, letter)
    return '%g' % bits


def duration(ms):
    """A timer's time as ss words it (B 3.5)."""
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
