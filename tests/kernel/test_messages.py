"""Blocks of datagrams against a reader that goes message by message, as fixtures/behaviour/sockets.md, 2, tells it."""
import random
import struct

import pytest

from ssng.kernel import messages
from ssng.kernel.messages import Answer, Malformed
from tests.support.wire import DONE, ERROR, NESTED, PID, SEQ, attribute, done, joined, message, padded

WORDS = attribute(1, b'no such thing\0')


class Lie(Exception):
    pass


class Reference:
    """What a slow reader makes of datagrams."""

    def __init__(self, datagrams, seq=SEQ, pid=PID):
        self.rows, self.done, self.error, self.text, self.interrupted = [], False, 0, '', False
        for datagram in datagrams:
            self.read(datagram, seq, pid)

    def read(self, rest, seq, pid):
        while len(rest) >= 16 and not self.done:
            length, kind, flags, its_seq, its_pid = struct.unpack('=IHHII', rest[:16])
            if not 16 <= length <= len(rest):
                raise Lie
            body, rest = rest[16:length], rest[(length + 3) // 4 * 4:]
            if seq not in (None, its_seq) or pid not in (None, its_pid):
                continue
            self.interrupted |= bool(flags & 0x10)
            if kind == DONE:
                self.end(body, 4)
                self.error = max(-struct.unpack('=i', body[:4])[0], 0)
            elif kind == ERROR:
                if len(body) < 20:
                    raise Lie
                echoed = max(struct.unpack('=I', body[4:8])[0], 16)
                self.end(body, 4 + (16 if flags & 0x100 else (echoed + 3) // 4 * 4))
                self.error = -struct.unpack('=i', body[:4])[0]
            else:
                self.rows.append(padded(body))
        if rest and not self.done:
            raise Lie

    def end(self, body, start):
        if len(body) < 4:
            raise Lie
        self.done = True
        body = body[start:]
        while len(body) >= 4:
            length, number = struct.unpack('=HH', body[:4])
            if not 4 <= length <= len(body):
                break
            if number & 0x3fff == 1:
                self.text = body[4:length].split(b'\0')[0].decode('latin-1')
                break
            body = body[(length + 3) // 4 * 4:]

    def facts(self):
        return self.rows, self.done, self.error, self.text, self.interrupted


def rows(block):
    """The payloads of a Block, padded."""
    return [] if block is None else block.payloads()


def facts(datagrams, seq=SEQ, pid=PID, portions=1):
    """What an Answer makes of the datagrams, fed in some portions."""
    answer, found = Answer(seq, pid), []
    size = -(-len(datagrams) // portions)
    for start in range(0, len(datagrams), size):
        if not answer.done:
            found += rows(answer.feed(*joined(datagrams[start:start + size])))
    assert answer.messages == len(found)
    return found, answer.done, answer.error, answer.text, answer.interrupted


def paths(answer, data, ends):
    """The rows that each way through a block gives; None where a way is not for this block."""
    for name in ('_together',):
        block = getattr(answer, name)(data, ends)
        yield name, None if block is None else rows(block)


def socket(size=72, fill=0):
    return bytes([2]) + bytes([fill]) * (size - 1)


# The end of a dump: datagrams; the number of sockets, done, by NLMSG_DONE, errno, words.
TWO = message(socket()) + message(socket(fill=1))
ECHO = message(bytes(56), 20, 0x301)                # a request of 72 bytes


def failure(status, flags=0, echo=ECHO, more=b'', **header):
    return message(struct.pack('=i', status) + echo + more, ERROR, flags, **header)


ENDS = [
    ('alone', [TWO, done()], 2, True, True, 0, ''),
    ('appended', [TWO + done()], 2, True, True, 0, ''),
    ('appended to other lengths', [TWO + message(socket(80)) + done()], 3, True, True, 0, ''),
    ('without sockets', [done()], 0, True, True, 0, ''),
    ('not yet', [TWO, TWO], 4, False, False, 0, ''),
    ('without MULTI', [TWO + done(flags=0)], 2, True, True, 0, ''),
    ('a status', [TWO, done(-2)], 2, True, True, 2, ''),
    ('a status above zero', [done(7)], 0, True, True, 0, ''),
    ('a status and words', [done(-95, WORDS)], 0, True, True, 95, 'no such thing'),
    ('words of a warning', [TWO + done(0, WORDS)], 2, True, True, 0, 'no such thing'),
    ('words behind another attribute', [done(-22, attribute(2, bytes(4)) + WORDS)], 0, True, True, 22, 'no such thing'),
    ('words without their NUL', [done(-22, attribute(1, b'abc'))], 0, True, True, 22, 'abc'),
    ('what follows the end', [TWO + done() + TWO, TWO], 2, True, True, 0, ''),
    ('nonsense behind the end', [TWO + done() + b'\1'], 2, True, True, 0, ''),
    ('an error', [failure(-2)], 0, True, False, 2, ''),
    ('an error behind sockets', [TWO, failure(-2)], 2, True, False, 2, ''),
    ('an error appended to sockets', [TWO + failure(-2)], 2, True, False, 2, ''),
    ('an error and words', [failure(-22, 0x200, more=WORDS)], 0, True, False, 22, 'no such thing'),
    ('an error, capped', [failure(-22, 0x300, ECHO[:16], WORDS)], 0, True, False, 22, 'no such thing'),
    ('the echo of an unaligned request', [failure(-22, 0x200, padded(message(bytes(5))), WORDS)], 0, True, False, 22,
     'no such thing'),
    ('an echo that lies', [failure(-22, 0x200, message(bytes(56), length=0xffff), WORDS)], 0, True, False, 22, ''),
    ('an echo that says nothing', [failure(-22, 0x200, message(b'', length=0), WORDS)], 0, True, False, 22,
     'no such thing'),
    ('another program\'s error', [failure(-2, pid=PID + 1), TWO], 2, False, False, 0, ''),
    ('another dump\'s end', [TWO, done(seq=SEQ + 1)], 2, False, False, 0, ''),
    ('another dump\'s end before ours', [TWO, done(-5, seq=SEQ + 1) + TWO + done()], 4, True, True, 0, ''),
    ('another program\'s error before sockets, in the last datagram', [TWO, failure(-2, pid=1) + TWO], 4, False, False,
     0, ''),
]


@pytest.mark.parametrize('datagrams, count, is_done, by_done, error, text', [end[1:] for end in ENDS],
                         ids=[end[0] for end in ENDS])
def test_end(datagrams, count, is_done, by_done, error, text):
    answer = Answer(SEQ, PID)
    block = answer.feed(*joined(datagrams))
    assert len(rows(block)) == (block.count if block else 0) == count
    assert (answer.done, answer.by_done, answer.error, answer.text) == (is_done, by_done, error, text)
    assert not answer.interrupted
    for portions in range(1, len(datagrams) + 1):
        assert facts(datagrams, portions=portions) == Reference(datagrams).facts()


@pytest.mark.parametrize('place', range(5))
def test_interrupted(place):
    """Whichever message says it; one that is not ours says nothing."""
    def datagrams(**header):
        made = [message(socket(72 + 4 * i), flags=0x12 if i == place else 2, **(header if i == place else {}))
                for i in range(4)]
        return [made[0] + made[1], made[2], made[3], done(flags=0x12 if place == 4 else 2)]
    found, is_done, error, text, interrupted = facts(datagrams())
    assert (len(found), is_done, error, text, interrupted) == (4, True, 0, '', True)
    if place < 4:
        assert facts(datagrams(seq=1))[4] is False


@pytest.mark.parametrize('header', [{'seq': SEQ + 1}, {'pid': PID + 1}, {'pid': 0}], ids=str)
def test_strangers(header):
    """Messages of others are passed over, wherever they stand and however many there are."""
    ours, other = message(socket()), message(socket(fill=9), **header)
    for count, datagrams in ((2, [ours + other, ours]), (1, [other + ours]), (0, [other, other]), (0, [other * 3]),
                             (3, [ours * 3 + other]), (2, [other, ours, ours, other])):
        assert facts(datagrams + [done()]) == ([socket()] * count, True, 0, '', False)


def test_types():
    """Any type but two is a socket (sockets.md 2)."""
    datagrams = [b''.join(message(socket(fill=kind & 0xff), kind) for kind in (1, 4, 18, 20, 21, 0xffff)), done()]
    found = facts(datagrams)[0]
    assert [row[1] for row in found] == [1, 4, 18, 20, 21, 255]
    assert found == Reference(datagrams).rows


def test_anything_of_a_recording():
    datagrams = [message(socket(), seq=1, pid=2) + message(socket(), seq=3, pid=4), message(b'', DONE, seq=5)]
    assert len(facts(datagrams[:1], None, None)[0]) == 2
    answer = Answer()
    assert answer.feed(*joined(datagrams)).count == 2
    assert answer.done and not answer.error             # a bare header ends a recording ...
    with pytest.raises(Malformed):                      # ... but the kernel always says how it went
        Answer(SEQ, PID).feed(*joined([message(b'', DONE)]))
    with pytest.raises(Malformed):
        Answer(SEQ, PID).feed(*joined([message(bytes(19), ERROR)]))


SAID = [0, 1, 3, 15, 16, 17, 87, 88, 89, 92, 0xffff, 0xffffffff]


@pytest.mark.parametrize('said', SAID)
@pytest.mark.parametrize('place', range(6))
@pytest.mark.parametrize('sizes', [(72,) * 6, (72, 80, 76, 72, 72, 96)], ids=['one size', 'sizes'])
@pytest.mark.parametrize('apart', [1, 2, 6])
def test_lying_lengths(said, place, sizes, apart):
    made = [message(socket(size, i), length=said if i == place else None) for i, size in enumerate(sizes)]
    datagrams = [b''.join(made[start:start + 6 // apart]) for start in range(0, 6, 6 // apart)]
    try:
        expected = Reference(datagrams).facts()
    except Lie:
        with pytest.raises(Malformed):
            facts(datagrams)
        assert all(found is None for _, found in paths(Answer(SEQ, PID), *joined(datagrams)))
    else:
        assert facts(datagrams) == expected


@pytest.mark.parametrize('cut', range(1, 176))
def test_cut_short(cut):
    """A datagram that ends anywhere inside its two messages."""
    whole = TWO[:cut]
    try:
        expected = Reference([whole]).facts()
    except Lie:
        with pytest.raises(Malformed):
            facts([whole])
        with pytest.raises(Malformed):
            facts([TWO, whole])
    else:
        assert facts([whole]) == expected


@pytest.mark.parametrize('end', [done(0, WORDS), message(bytes(20), ERROR)], ids=['DONE', 'ERROR'])
def test_end_cut_short(end):
    for cut in range(1, len(end)):
        with pytest.raises(Malformed):
            facts([TWO, end[:cut]])
        with pytest.raises(Malformed):
            facts([TWO + end[:cut]])


def test_boundaries():
    """Messages that would be well were it not for the ends of the datagrams between them."""
    six = b''.join(message(socket(fill=i)) for i in range(6))
    for size in (1, 16, 44, 87, 89, 92, 132, 264 - 4):
        datagrams = [six[:size], six[size:]]
        with pytest.raises(Malformed):
            facts(datagrams)
    for size in (88, 264, 440):
        assert facts([six[:size], six[size:]])[0] == [socket(fill=i) for i in range(6)]


@pytest.mark.parametrize('count', range(1, 9))
def test_unaligned_datagrams(count):
    """Each datagram ends in a message without padding: no kernel sends that, no reader may stumble over it."""
    for length in (57, 58, 59):
        datagrams = [message(bytes([i]) * length) for i in range(count)]
        assert facts(datagrams)[0] == [padded(bytes([i]) * length) for i in range(count)]
        for portions in range(1, count + 1):
            assert facts(datagrams, portions=portions) == Reference(datagrams).facts()


def test_header_inside_a_payload():
    """What lies between two messages may lie in one as well."""
    marker = message(b'')[4:]
    for inside in (marker, struct.pack('=I', 88) + marker, message(socket(8)), marker * 3, marker[4:] + marker,
                   message(socket(8)) + message(socket(12)), marker[:8], marker[1:]):
        for sizes in ((72, 72), (72, 84, 72), (100,)):
            datagrams = [b''.join(message(padded(inside + bytes(size))) for size in sizes)]
            expected = Reference(datagrams)
            assert len(expected.rows) == len(sizes)
            assert facts(datagrams) == expected.facts()
            for where in range(0, 40, 4):
                payload = bytes(where) + inside
                assert facts([message(padded(payload)) * 3])[0] == [padded(payload)] * 3


def test_a_header_of_equal_words():
    """Length, type and flags, sequence number and port id all the same: nothing to split by."""
    word = struct.unpack('=I', struct.pack('=HH', 88, 0))[0]
    datagrams = [struct.pack('=IHHII', 88, 88, 0, word, word) + struct.pack('=I', word) * 18] * 3
    assert facts(datagrams, word, word) == Reference(datagrams, word, word).facts()


def random_datagrams(chance):
    """A block as a kernel, or an enemy, may send it."""
    kind = chance.randrange(8)
    sizes = [chance.randrange(0, 140, 4) for _ in range(chance.randint(1, 4))]
    datagrams = []
    for _ in range(chance.randint(1, 5)):
        datagram = b''
        for _ in range(chance.randint(1, 6)):
            size = sizes[0] if kind == 0 else chance.choice(sizes)
            payload = bytearray(chance.randrange(4) for _ in range(size))
            header = {}
            if kind >= 2 and chance.random() < .3:
                inside = message(b'', length=chance.choice((16, 16 + size, size, 88)))
                at = chance.randrange(0, size + 1)
                payload[at:at + 16] = inside[chance.randrange(8):]
            if kind >= 4 and chance.random() < .15:
                header = chance.choice(({'seq': 1}, {'pid': 1}, {'flags': 0x12}, {'flags': 0}, {'kind': 1}))
            if kind == 5 and chance.random() < .1:
                header['length'] = chance.choice(SAID)
            if kind == 6 and chance.random() < .2:
                payload = payload[:chance.randrange(len(payload) + 1)]
            made = message(bytes(payload), **header)
            datagram += made if chance.random() < .1 else padded(made)
            if kind == 7 and chance.random() < .1:
                datagram += chance.choice((done(), done(-2, WORDS), failure(-1), failure(-1, 0x100, ECHO[:16], WORDS)))
        if kind == 6 and chance.random() < .2:
            datagram = datagram[:chance.randrange(len(datagram) + 1)]
        datagrams.append(datagram)
    if chance.random() < .4:
        datagrams.append(chance.choice((done(), done(seq=7), failure(-3, pid=9), done(-3) + datagrams[0])))
    return datagrams


def test_random_blocks():
    """Every way through a block gives what the slow reader gives, or says that the block is not for it."""
    chance, taken = random.Random(20240801), {'_together': 0, 'lie': 0, 'end': 0}
    for _ in range(2500):
        datagrams = random_datagrams(chance)
        try:
            expected = Reference(datagrams)
        except Lie:
            expected = None
            taken['lie'] += 1
            with pytest.raises(Malformed):
                facts(datagrams)
        else:
            taken['end'] += expected.done
            assert facts(datagrams) == expected.facts()
            assert facts(datagrams, portions=chance.randint(1, len(datagrams))) == expected.facts()
        data, ends = joined(datagrams)
        if len(data) % 4 == 0:
            for name, found in paths(Answer(SEQ, PID), data, ends):
                if found is not None:
                    taken[name] += 1
                    assert expected is not None and not expected.done and not expected.interrupted
                    assert found == expected.rows
    assert min(taken.values()) > 120, taken


def walked(data):
    """The attributes of sockets.md 1.1: numbers with values, and how many bytes are left over."""
    found = []
    while len(data) >= 4:
        length, number = struct.unpack('=HH', data[:4])
        if not 4 <= length <= len(data):
            break
        found.append((number, data[4:length]))
        data = data[(length + 3) // 4 * 4:]
    return found, len(data)


def test_attributes():
    """Random lists, some with lies in them."""
    chance, left = random.Random(5), 0
    for _ in range(2000):
        data = b''.join(attribute(chance.choice((1, 2, 0x8003)), bytes(chance.randrange(9)),
                                  chance.choice((0, 1, 3, 5, 9, 0xffff)) if chance.random() < .1 else None)
                        for _ in range(chance.randrange(6)))
        data = data[:chance.randrange(len(data) + 1)] if chance.random() < .3 else data
        expected, over = walked(data)
        left += bool(over)
        start = chance.randrange(0, 9, 4)
        found = messages.attributes(bytes(start) + data + b'more', start, start + len(data))
        if over:
            number, begin, end = found.pop()
            assert (number, end - begin) == (None, over)
        assert [(number, (bytes(start) + data)[begin:end]) for number, begin, end in found] == expected
    assert left > 200


def test_nested():
    """The first of each number; the flag that says "nested" is no part of the number, the other one is."""
    data = attribute(1, b'a') + attribute(NESTED | 2, b'bc') + attribute(1, b'x') + attribute(0x4003, b'') + b'\1'
    assert messages.nested(data) == {1: b'a', 2: b'bc', 0x4003: b''}
    assert messages.nested(b'') == {}


def test_requests():
    """The dump of mptcp, as command-line.md 5.2 and sockets.md 2 give its bytes."""
    payload = struct.pack('=BBBBI', 2, 6, 0x41, 0, 0x3fff) + bytes(48)
    made = messages.message(20, 0x301, SEQ, payload, [(1, b'\x01\x04'), (3, struct.pack('=I', 262))])
    assert made == message(payload + struct.pack('=HH', 6, 1) + b'\x01\x04\0\0'
                           + struct.pack('=HHI', 8, 3, 262), 20, 0x301, SEQ, 0)
    assert len(messages.message(20, 0x301, SEQ, payload)) == 72
