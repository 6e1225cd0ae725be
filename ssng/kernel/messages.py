"""Messages out of datagrams: the rules of a netlink dump, without any input or output.

A reader hands over *blocks*, whole datagrams joined, and gets back the socket messages in them.  Two
questions are asked of a block, and both are answered for all its messages at once:

* How long are they?  Messages of one length in a row are found by strides, many at a time; those of
  one length make a matrix, message i at i * stride, and a member of them is a strided column.
* Have all of them the same type, flags, sequence number and port id?  Three columns tell.

A block of which that is not true (an error, a stranger's message, a lie about a length) is walked,
message by message, by the rules of fixtures/behaviour/sockets.md, 2.

Three datagrams that were read together, messages of 88 and 96 bytes, the last with the end of the dump alone:

    88 88 88 96 | 88 88 | DONE              ends (360, 536, 556)

    closed_by   the last begins with DONE: it is cut off, and walked in the end
    runs_of     (0, 22, 3) (66, 24, 1) (90, 22, 2)          first word, words of each, how many
    parts_of    88: messages 0 1 2 4 5, 440 bytes in a row  96: message 3
    _together   words 1, 2 and 3 of the header, in each part a strided column, are those of message 0 in all: a Block

Had message 4 the sequence number of somebody else's question, one of these columns would differ, and both datagrams would
be walked: 0 1 2 3 5 are kept.  Did it say that it has 92 bytes, a run would pass the end of its datagram, and the walk
would come to a header that cannot be: Malformed.
"""

import sys

from .abi import sizeof
from .abi.netlink import (
    NLM_F_CAPPED, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSGERR_ATTR_MSG,
    NLA_F_NESTED, NLA_TYPE_MASK, nlattr, nlmsgerr, nlmsghdr)

HEADER = sizeof(nlmsghdr)
LENGTH = nlmsghdr.nlmsg_len.size
ATTRIBUTE = sizeof(nlattr)
STRETCH = 16            # messages that are compared at a time
BYTEORDER = sys.byteorder


class Malformed(Exception):
    """The bytes contradict themselves: a length that cannot be, a message cut short."""


def align(length):
    """``length`` rounded up to where the next message or attribute starts."""
    return (length + 3) & ~3


def message(kind, flags, seq, payload, attributes=()):
    """The bytes of one request: header, payload, then (type, bytes) attributes."""
    body = bytes(payload) + b''.join(attribute(number, value) for number, value in attributes)
    return bytes(nlmsghdr(HEADER + len(body), kind, flags, seq, 0)) + body


def attribute(number, value):
    """One attribute, padded to 4 bytes."""
    return (bytes(nlattr(ATTRIBUTE + len(value), number)) + value).ljust(ATTRIBUTE + align(len(value)), b'\0')


def attributes(data, start=0, end=None):
    """The attributes between two places of ``data``: (type, start of value, end of value), in order.

    Stops where the list stops making sense; the last item is then ``(None, start, end)`` of what is
    left over.  The flags are part of the type.
    """
    end = len(data) if end is None else end
    found = []
    while end - start >= ATTRIBUTE:
        head = nlattr.from_buffer_copy(data, start)
        if not ATTRIBUTE <= head.nla_len <= end - start:
            break
        found.append((head.nla_type, start + ATTRIBUTE, start + head.nla_len))
        start += align(head.nla_len)
    if start < end:
        found.append((None, start, end))
    return found


def nested(data):
    """The attributes of a nested attribute's value: {number: bytes}, the first of each number."""
    found = {}
    for number, start, end in attributes(data):
        if number is not None:
            found.setdefault(number & ~NLA_F_NESTED, data[start:end])
    return found


class Block:
    """Socket messages, those of one length side by side.

    ``parts`` are (data, stride, indexes): messages of ``stride`` bytes, headers included, joined; and
    which messages of the block they are, None for a part that is all of it.
    """

    __slots__ = ('parts', 'count')

    def __init__(self, parts):
        self.parts = parts
        self.count = sum([len(data) // stride for data, stride, _ in parts])

    def payloads(self):
        """The payload of each message, padded, in the order in which they came."""
        found = [b''] * self.count
        for data, stride, indexes in self.parts:
            for index, start in zip(range(self.count) if indexes is None else indexes, range(0, len(data), stride)):
                found[index] = data[start + HEADER:start + stride]
        return found


def block_of(messages):
    """The Block of whole messages, padded, given one by one."""
    lengths = list(map(len, messages))
    parts = []
    for length in sorted(set(lengths)):
        indexes = [index for index, this in enumerate(lengths) if this == length]
        parts.append((b''.join([messages[index] for index in indexes]), length, indexes))
    return Block(parts)


def runs_of(words, ends):
    """Messages of one length in a row: (first word, words of each, how many); None if a length is odd or cannot be.

    ``words`` are the datagrams joined, ``ends`` where each ends.
    """
    runs, at, stretches = [], 0, {}
    for end in ends:
        while at < end:
            length = words[at]
            size = length >> 2
            if length not in stretches:
                if length < HEADER or length & 3:
                    return None
                stretches[length] = length.to_bytes(LENGTH, BYTEORDER) * STRETCH
            stop = at + size
            far = size * (STRETCH - 1)
            while stop + far < end and words[stop + far] == length \
                    and words[stop:stop + far + 1:size].tobytes() == stretches[length]:
                stop += far + size
            while stop < end and words[stop] == length:
                stop += size
            if stop > end:
                return None
            runs.append((at, size, (stop - at) // size))
            at = stop
    return runs


def parts_of(data, runs):
    """The parts of a Block from the runs of messages in ``data``."""
    sizes = {size for _, size, _ in runs}
    if len(sizes) == 1:
        return [(data, 4 * sizes.pop(), None)]
    joined = {size: ([], []) for size in sizes}
    index = 0
    for at, size, count in runs:
        pieces, indexes = joined[size]
        pieces.append(data[4 * at:4 * (at + size * count)])
        indexes += range(index, index + count)
        index += count
    return [(b''.join(joined[size][0]), 4 * size, joined[size][1]) for size in sorted(sizes)]


class Answer:
    """What the kernel says to one dump request, as far as it has been read.

    ``seq`` and ``pid`` are what its messages must carry (None: anything, as in a recorded dump).
    After each :meth:`feed`: ``done`` when the last message has been seen; ``error``, an errno, when
    the kernel could not go on; ``by_done`` when the terminating message said so; ``text``, what the
    kernel said in words (NLMSGERR_ATTR_MSG); ``interrupted`` when it changed its mind on the way.
    """

    def __init__(self, seq=None, pid=None):
        self.seq = seq
        self.pid = pid
        self.done = False
        self.by_done = False
        self.error = 0
        self.text = ''
        self.interrupted = False
        self.messages = 0

    def closed_by(self, data, ends):
        """Whether the last datagram begins with the message that ends the dump."""
        start = ends[-2] if len(ends) > 1 else 0
        if len(data) - start < HEADER:
            return False
        head = nlmsghdr.from_buffer_copy(data, start)
        return head.nlmsg_type in (NLMSG_DONE, NLMSG_ERROR) and self.tells(head)

    def feed(self, data, ends):
        """The socket messages of the datagrams that end at ``ends`` of ``data``, as a Block or None."""
        if len(data) % 4:
            data += bytes(-len(data) % 4)
        start = ends[-2] if len(ends) > 1 else 0
        rest, last = data, ()
        if self.closed_by(data, ends):
            rest, last, ends = data[:start], data[start:ends[-1]], ends[:-1]
        block = None
        if rest:
            block = self._together(rest, ends) or self._walk(rest, ends)
        if last and not self.done:
            self._walk(last, (len(last),))
        if block is None or not block.count:
            return None
        self.messages += block.count
        return block

    def _common(self, head):
        """Whether messages under this header are sockets of ours, with nothing more to be said."""
        return (head.nlmsg_type not in (NLMSG_DONE, NLMSG_ERROR)
                and not head.nlmsg_flags & NLM_F_DUMP_INTR
                and self.tells(head))

    def _together(self, data, ends):
        """The block if all its messages are sockets of ours; None if one must be looked at by itself."""
        if ends[-1] != len(data) or any([end % 4 for end in ends]):
            return None
        words = memoryview(data).cast('I')
        runs = runs_of(words, [end // 4 for end in ends])
        if not runs or not self._common(nlmsghdr.from_buffer_copy(data)):
            return None
        parts = parts_of(data, runs)
        for part, stride, _ in parts:
            words, count = memoryview(part).cast('I'), len(part) // stride
            for word in range(1, HEADER // 4):
                if words[word::stride // 4].tobytes() != data[4 * word:4 * word + 4] * count:
                    return None
        return Block(parts)

    def _walk(self, data, ends):
        """Message by message, datagram by datagram, with every rule."""
        messages, start = [], 0
        for end in ends:
            while end - start >= HEADER and not self.done:
                head = nlmsghdr.from_buffer_copy(data, start)
                if not HEADER <= head.nlmsg_len <= end - start:
                    raise Malformed('a message of %d bytes says it has %d' % (end - start, head.nlmsg_len))
                if self._accepts(head):
                    payload = data[start + HEADER:start + head.nlmsg_len]
                    if head.nlmsg_type == NLMSG_DONE:
                        self._end(payload)
                    elif head.nlmsg_type == NLMSG_ERROR:
                        self._fail(payload, head.nlmsg_flags)
                    else:
                        messages.append(bytes(head) + payload.ljust(align(len(payload)), b'\0'))
                start += align(head.nlmsg_len)
            if start < end and not self.done:
                raise Malformed('%d bytes are left at the end of a datagram' % (end - start))
            start = end
        return block_of(messages)

    def tells(self, head):
        """Whether a message under this header belongs to the answer."""
        return ((self.seq is None or head.nlmsg_seq == self.seq)
                and (self.pid is None or head.nlmsg_pid == self.pid))

    def _accepts(self, head):
        ours = self.tells(head)
        if ours and head.nlmsg_flags & NLM_F_DUMP_INTR:
            self.interrupted = True
        return ours

    def _end(self, payload):
        """NLMSG_DONE: an s32 status, then perhaps attributes."""
        self.done = self.by_done = True
        if len(payload) < 4:
            if self.seq is None:            # a recorded dump may end in a bare header
                return
            raise Malformed('the end of the dump is cut short')
        self.error = -min(int.from_bytes(payload[:4], BYTEORDER, signed=True), 0)
        self._words(payload, 4)

    def _fail(self, payload, flags):
        """NLMSG_ERROR: an errno, the request's header, perhaps the request, perhaps attributes."""
        if len(payload) < sizeof(nlmsgerr):
            raise Malformed('an error message is cut short')
        report = nlmsgerr.from_buffer_copy(payload)
        self.done = True
        self.error = -report.error
        echoed = HEADER if flags & NLM_F_CAPPED else max(align(report.msg.nlmsg_len), HEADER)
        self._words(payload, sizeof(report) - HEADER + echoed)

    def _words(self, payload, start):
        for number, begin, end in attributes(payload, start):
            if number is not None and number & NLA_TYPE_MASK == NLMSGERR_ATTR_MSG:
                self.text = payload[begin:end].split(b'\0')[0].decode('latin-1')
                return
