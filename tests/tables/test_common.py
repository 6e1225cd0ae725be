"""Texts that several tables share, against the tables of fixtures/behaviour/sockets.md, 3."""
import struct

import pytest

from ssng.fields import Manner
from ssng.query import Style
from ssng.tables import common
from tests.support.rendered import details, objects, text
from tests.support.wire import inet

SKMEMINFO, SHUTDOWN = 7, 8

# A timer's time, as sockets.md 3.5 words it: milliseconds, text.
DURATIONS = [
    (0, ''), (1, '001ms'), (59, '059ms'), (200, '200ms'), (999, '999ms'), (1000, '1sec'), (9000, '9sec'),
    (1001, '1.001sec'), (5009, '5.009sec'), (9999, '9.999sec'), (10000, '10sec'), (10999, '10sec'), (59999, '59sec'),
    (60000, '1min'), (60500, '1min'), (540000, '9min'), (61000, '1min1sec'), (69001, '1min9sec'), (125000, '2min5sec'),
    (599999, '9min59sec'), (600000, '10min'), (659999, '10min'), (7200000, '120min'), (4294967295, '71582min'),
]


@pytest.mark.parametrize('ms, text', DURATIONS)
def test_duration(ms, text):
    assert common.duration(ms) == text


# Bandwidths, as sockets.md 3.11 words them: bytes per second, text.
BANDWIDTHS = [
    (0, '0'), (1, '8'), (124, '992'), (125, '1k'), (126, '1.01k'), (12345, '98.8k'), (124999, '1e+03k'), (125000, '1M'),
    (1249999, '10M'), (124937500, '1e+03M'), (125000000, '1G'), (10 ** 11, '800G'), (125 * 10 ** 9 - 1, '1e+03G'),
    (125 * 10 ** 9, '1T'), (10 ** 15, '8e+03T'), (2 ** 63, '7.38e+07T'),
]


@pytest.mark.parametrize('rate, text', BANDWIDTHS)
def test_bandwidth(rate, text):
    for numeric, expected in (False, text), (True, str(rate * 8)):
        manner = Manner(frozenset(), Style(numeric=numeric), None)
        assert list(map(str, common.rates(manner).of([rate]) + common.bits(manner).of([rate * 8.0]))) == [expected] * 2


@pytest.mark.parametrize('scale', [1, 8])
def test_numeric_bandwidth_has_all_digits(scale):
    """As %.0f has them, beyond what a float holds exactly, too."""
    for rates in ([0, 1, 3], [1 << 50, (1 << 50) - 1], [(1 << 53) + 1, (1 << 64) - 1, 7], [.5, 1.5, 2.5, 1e17 / 3]):
        assert ['%s' % bits for bits in common.Bits(scale).of(rates)] == ['%.0f' % (rate * float(scale)) for rate in rates]


# Memory that older kernels tell less of (sockets.md 3.10): bytes of the payload, text; the words count from 1.
SKMEM = [
    (28, 'r1,rb2,t3,tb4,f5,w6,o7'), (32, 'r1,rb2,t3,tb4,f5,w6,o7,bl8'), (36, 'r1,rb2,t3,tb4,f5,w6,o7,bl8,d9'),
    (30, 'r1,rb2,t3,tb4,f5,w6,o7'), (35, 'r1,rb2,t3,tb4,f5,w6,o7,bl8'), (44, 'r1,rb2,t3,tb4,f5,w6,o7,bl8,d9'),
    (8, 'r1,rb2,t0,tb0,f0,w0,o0'), (0, 'r0,rb0,t0,tb0,f0,w0,o0'),
]
KEYS = ['rmem_alloc', 'rcvbuf', 'wmem_alloc', 'sndbuf', 'fwd_alloc', 'wmem_queued', 'optmem', 'backlog', 'drops']


@pytest.mark.parametrize('size, text', SKMEM)
def test_skmem(size, text):
    """The text continues what is short with zeros, JSON tells the words that are there."""
    payload = struct.pack('=11I', *range(1, 12))[:size]
    row = inet(attributes=[(SKMEMINFO, payload)])
    assert details([row], memory=True) == ['\n\t skmem:(%s)' % text]
    found, = objects([row], memory=True)
    assert found.get('memory', {}) == dict(zip(KEYS[:size // 4], range(1, 12)))
    assert 'memory' not in objects([row], info=True)[0] and details([row], options=True) == ['']


def test_skmem_is_unsigned():
    assert 'f4294967295' in details([inet(attributes=[(SKMEMINFO, b'\xff' * 36)])], memory=True)[0]


@pytest.mark.parametrize('mask, text, names', [
    (0, ' <->', []), (1, ' -->', ['receive']), (2, ' <--', ['send']), (3, ' ---', ['receive', 'send']),
    (0xfc, ' <->', []), (0xff, ' ---', ['receive', 'send'])])
def test_arrow(mask, text, names):
    """A direction that is shut has a dash in place of its point; bits that nobody knows say nothing (sockets.md 3.6)."""
    assert common.arrow(names) == text
    row = inet(attributes=[(SHUTDOWN, bytes([mask]))])
    assert objects([row], extended=True)[0]['shutdown'] == names
    assert details([row], extended=True)[0].endswith(text)


# The names of states by their number (sockets.md 1.2).
STATES = ['UNKNOWN', 'ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN', 'CLOSE-WAIT',
          'LAST-ACK', 'LISTEN', 'CLOSING', 'UNDEF', 'UNDEF']


def test_states():
    """Of 14 and above the text says a word, whatever it is; JSON says that it does not know, and the number."""
    rows = [inet(state=number) for number in range(256)]
    for number, shown, told in zip(range(256), text(rows).splitlines(), objects(rows)):
        assert shown.split()[0] == (STATES[number] if number < 14 else 'UNKNOWN')
        state = {key: value for key, value in told.items() if key.startswith('state')}
        assert state == ({'state': STATES[number]} if number < 14 else {'state': 'unknown', 'state_number': number})


@pytest.mark.parametrize('value, shown', [
    (0, '0     '), (1, '1     '), (123456, '123456'), (1234567, '1234567'), (0x7fffffff, '2147483647'),
    (0x80000000, '-2147483648'), (0xffffffff, '-1    ')])
def test_queues(value, shown):
    """Signed, padded to six (sockets.md 3.1)."""
    row = inet(rqueue=value, wqueue=value)
    assert text([row]).startswith('ESTAB %s %s ' % (shown, shown))
    found, = objects([row])
    assert found['recv_q'] == found['send_q'] == int(shown)


@pytest.mark.parametrize('raw, text', [
    (b'cubic\0\0', 'cubic'), (b'cubic', 'cubic'), (b'', ''), (b'\0x', ''), (b'\xff\0', '\xff')])
def test_string(raw, text):
    assert common.string(raw) == text
