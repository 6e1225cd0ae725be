"""Files as `ss -D` writes them: netlink messages one after the other, each dump with a NLMSG_DONE at its end."""
import collections
import struct

from tests.support.wire import DONE, done, padded

Message = collections.namedtuple('Message', 'kind flags seq pid payload')

INET_DIAG_MSG = 72
# In struct inet_diag_msg: timer, retrans; expires.  They pass with the time.
VOLATILE = ((2, 4), (52, 56))


def messages(data):
    found = []
    while data:
        length, kind, flags, seq, pid = struct.unpack_from('=IHHII', data)
        assert 16 <= length <= len(data), 'a message of %d bytes, %d are left' % (length, len(data))
        found.append(Message(kind, flags, seq, pid, data[16:length]))
        data = data[length + -length % 4:]
    return found


def attributes(payload):
    """[(type, value)] of a socket's message."""
    found, rest = [], payload[INET_DIAG_MSG:]
    while rest:
        length, kind = struct.unpack_from('=HH', rest)
        found.append((kind, rest[4:length]))
        rest = rest[length + -length % 4:]
    return found


def stable(payload):
    """The part of a socket's message that stays the same while the socket rests."""
    head = bytearray(payload[:INET_DIAG_MSG])
    for start, end in VOLATILE:
        head[start:end] = bytes(end - start)
    return bytes(head)


def joined(data):
    """One dump of several: without each NLMSG_DONE but a last one, because a replay ends at the first."""
    kept, rest = [], data
    while rest:
        length, kind = struct.unpack_from('=IH', rest)
        if kind != DONE:
            kept.append(padded(rest[:length]))
        rest = rest[length + -length % 4:]
    return b''.join(kept) + done()
