"""Texts that several tables share, against the tables of fixtures/behaviour/sockets.md, 3."""
import json
import struct

import pytest

from ssng.tables import common

# sockets.md 3.5: milliseconds, text.
DURATIONS = [
    (0, ''), (1, '001ms'), (59, '059ms'), (200, '200ms'), (999, '999ms'), (1000, '1sec'), (9000, '9sec'),
    (1001, '1.001sec'), (5009, '5.009sec'), (9999, '9.999sec'), (10000, '10sec'), (10999, '10sec'), (59999, '59sec'),
    (60000, '1min'), (60500, '1min'), (540000, '9min'), (61000, '1min1sec'), (69001, '1min9sec'), (125000, '2min5sec'),
    (599999, '9min59sec'), (600000, '10min'), (659999, '10min'), (7200000, '120min'), (4294967295, '71582min'),
]


@pytest.mark.parametrize('ms, text', DURATIONS)
def test_duration(ms, text):
    assert common.duration(ms) == text


# sockets.md 3.11: bytes per second, text.
BANDWIDTHS = [
    (0, '0'), (1, '8'), (124, '992'), (125, '1k'), (126, '1.01k'), (12345, '98.8k'), (124999, '1e+03k'), (125000, '1M'),
    (1249999, '10M'), (124937500, '1e+03M'), (125000000, '1G'), (10 ** 11, '800G'), (125 * 10 ** 9 - 1, '1e+03G'),
    (125 * 10 ** 9, '1T'), (10 ** 15, '8e+03T'), (2 ** 63, '7.38e+07T'),
]


@pytest.mark.parametrize('rate, text', BANDWIDTHS)
def test_bandwidth(rate, text):
    assert common.bandwidth(rate * 8.0) == text
    assert common.bandwidth(rate * 8.0, numeric=True) == str(rate * 8)


def test_numeric_bandwidth_has_all_digits():
    assert common.bandwidth(147573952520956936192000.0, numeric=True) == '147573952520956936192000'


# sockets.md 3.10: bytes of the payload, text; the words count from 1.
SKMEM = [
    (28, 'r1,rb2,t3,tb4,f5,w6,o7'), (32, 'r1,rb2,t3,tb4,f5,w6,o7,bl8'), (36, 'r1,rb2,t3,tb4,f5,w6,o7,bl8,d9'),
    (30, 'r1,rb2,t3,tb4,f5,w6,o7'), (35, 'r1,rb2,t3,tb4,f5,w6,o7,bl8'), (44, 'r1,rb2,t3,tb4,f5,w6,o7,bl8,d9'),
    (8, 'r1,rb2,t0,tb0,f0,w0,o0'), (0, 'r0,rb0,t0,tb0,f0,w0,o0'),
]
KEYS = ['rmem_alloc', 'rcvbuf', 'wmem_alloc', 'sndbuf', 'fwd_alloc', 'wmem_queued', 'optmem', 'backlog', 'drops']


@pytest.mark.parametrize('size, text', SKMEM)
def test_skmem(size, text):
    payload = struct.pack('=11I', *range(1, 12))[:size]
    assert common.skmem_text(payload) == ' skmem:(%s)' % text
    assert json.loads(common.skmem_json(payload)) == dict(zip(KEYS[:size // 4], range(1, 12)))


def test_skmem_is_unsigned():
    assert 'f4294967295' in common.skmem_text(b'\xff' * 36)


@pytest.mark.parametrize('mask, text, names', [
    (0, ' <->', []), (1, ' -->', ['receive']), (2, ' <--', ['send']), (3, ' ---', ['receive', 'send']),
    (0xfc, ' <->', []), (0xff, ' ---', ['receive', 'send'])])
def test_arrow(mask, text, names):
    """sockets.md 3.6."""
    assert common.arrow(mask) == text
    assert json.loads(common.shutdown_json(mask)) == names


# sockets.md 1.2.
STATES = ['UNKNOWN', 'ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN', 'CLOSE-WAIT',
          'LAST-ACK', 'LISTEN', 'CLOSING', 'UNDEF', 'UNDEF']


def test_states():
    assert [common.state_text(number) for number in range(14)] == STATES
    for number in range(256):
        assert common.state_text(number)                        # 14 and above: whatever, but a word
        told = json.loads('{"state":%s}' % common.state_json(number))
        if number < 14:
            assert told == {'state': STATES[number]}
        else:
            assert told == {'state': 'unknown', 'state_number': number}


@pytest.mark.parametrize('value, text', [
    (0, '0     '), (1, '1     '), (123456, '123456'), (1234567, '1234567'), (0x7fffffff, '2147483647'),
    (0x80000000, '-2147483648'), (0xffffffff, '-1    ')])
def test_queues(value, text):
    """Signed, padded to six (sockets.md 3.1)."""
    assert common.queue_text(value) == text
    assert json.loads(common.queue_json(value)) == int(text)


@pytest.mark.parametrize('raw, text', [
    (b'plain', 'plain'), (b'\xc3\xa9', '\u00e9'), (b'\xff', '\ufffd'), (b'a\xc3', 'a\ufffd'), (b'"\\/', '"\\/'),
    (b'\0\n\t\x1b\x7f', '\0\n\t\x1b\x7f'), (b'', ''), ('\U0001f600\u2028'.encode(), '\U0001f600\u2028')])
def test_quoted(raw, text):
    """Always valid JSON and UTF-8; what is no UTF-8 becomes U+FFFD (design, "JSON")."""
    quoted = common.quoted(raw.decode('latin-1'))
    assert json.loads(quoted) == text
    assert json.loads(quoted.encode('utf-8').decode('utf-8')) == text
    assert '\n' not in quoted
    exact = common.exact_json(raw.decode('latin-1'))
    assert (exact is None) == ('\ufffd' not in text)
    assert exact in (None, '"%s"' % raw.hex())


def test_quoted_every_byte():
    for byte in range(256):
        raw = bytes([byte])
        assert json.loads(common.quoted(raw.decode('latin-1'))) == raw.decode('utf-8', 'replace')


@pytest.mark.parametrize('raw, text', [
    (b'plain \\ "x"', b'plain \\ "x"'), (b'\x1b[2J', b'\\x1b[2J'), (b'a\nb\tc\0', b'a\\x0ab\\x09c\\x00'), (b'\x7f', b'\\x7f'),
    (b'\xc3\xa9\xe2\x82\xac', b'\xc3\xa9\xe2\x82\xac'), (b'\xc2\x9b2J', b'\\xc2\\x9b2J'), (b'\x9b\xff', b'\\x9b\\xff')])
def test_escaped(raw, text):
    """What steers a terminal, or is no text at all, cannot reach one (design, section 5)."""
    assert common.escaped(raw.decode('latin-1')).encode('latin-1') == text


@pytest.mark.parametrize('raw, text', [(b'cubic\0\0', 'cubic'), (b'cubic', 'cubic'), (b'', ''), (b'\0x', ''), (b'\xff\0', '\xff')])
def test_string(raw, text):
    assert common.string(raw) == text
