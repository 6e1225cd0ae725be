"""Whatever a name holds: what comes out steers no terminal, is valid where it must be, and says the same."""
import json
import sys
import unicodedata

import pytest

from ssng import escape

LATIN = ''.join(map(chr, range(256)))

# As Unicode's own table has them: controls, and what it calls formats that turn text or break lines.
CONTROLS = [chr(code) for code in range(0x3000) if unicodedata.category(chr(code)) in ('Cc', 'Zl', 'Zp')]
TURNING = [chr(code) for code in range(0x3000)
           if unicodedata.bidirectional(chr(code)) in ('LRE', 'RLE', 'PDF', 'LRO', 'RLO', 'LRI', 'RLI', 'FSI', 'PDI')]
MARKS = ['\u200e', '\u200f', '\u061c']
SAMPLES = ['', 'plain', 'a "b" \\c', 'caf\u00e9', '\u20ac\u65e5\u672c', '\U0001f600', '\u00a0', '\ud7ff', '\ufffd']


def latin(text):
    return text.encode('utf-8').decode('latin-1')


@pytest.mark.parametrize('raw, text', [
    (b'plain \\ "x"', b'plain \\ "x"'), (b'\x1b[2J', b'\\x1b[2J'), (b'a\nb\tc\0', b'a\\x0ab\\x09c\\x00'), (b'\x7f', b'\\x7f'),
    (b'\xc3\xa9\xe2\x82\xac', b'\xc3\xa9\xe2\x82\xac'), (b'\xc2\x9b2J', b'\\xc2\\x9b2J'), (b'\x9b\xff', b'\\x9b\\xff'),
    (b'\xe2\x80\xaeevil', b'\\xe2\\x80\\xaeevil'), (b'\xed\xa0\x80', b'\\xed\\xa0\\x80'),
    (b'\xffabc\xe2\x82\xac', b'\\xffabc\xe2\x82\xac')])
def test_terminal(raw, text):
    assert escape.terminal(raw.decode('latin-1')) == text.decode('latin-1')


@pytest.mark.parametrize('make', [escape.terminal, escape.one_line, escape.json_string, escape.lines])
def test_nothing_steers(make):
    for char in CONTROLS + TURNING + MARKS:
        made = make(latin('a' + char + 'b'))
        if make is not escape.json_string:
            made = made.encode('latin-1').decode('utf-8')
        assert char not in made or (make is escape.lines and char == '\n'), hex(ord(char))
    for text in (LATIN, LATIN * 2, LATIN[::-1]):
        made = make(text)
        if make is not escape.json_string:
            made = made.encode('latin-1').decode('utf-8')       # valid, so nothing raw is left
        assert not set(made).intersection(CONTROLS).difference('\n' if make is escape.lines else '')


def test_one_line_is_printable():
    for code in list(range(0xd800)) + list(range(0xe000, sys.maxunicode + 1, 7)):
        made = escape.one_line(latin(chr(code)))
        assert made.encode('latin-1').decode('utf-8').isprintable()
        assert (made == latin(chr(code))) == (chr(code).isprintable() and chr(code) not in TURNING + MARKS)


@pytest.mark.parametrize('text', SAMPLES[:6])
def test_what_steers_nothing_stays(text):
    assert escape.terminal(latin(text)) == escape.one_line(latin(text)) == escape.lines(latin(text)) == latin(text)


@pytest.fixture(params=['with _json', 'without _json'])
def string(request, monkeypatch):
    if request.param == 'without _json':
        monkeypatch.setitem(sys.modules, '_json', None)
    return escape.json_string


def test_json_says_the_same(string):
    for text in SAMPLES + CONTROLS + TURNING + MARKS + [LATIN, '\x7f\x80\x9f"\\/']:
        made = string(latin(text))
        assert json.loads(made) == text
        made.encode('utf-8')
        plain = json.dumps(text, ensure_ascii=False)
        if not set(text).intersection(CONTROLS[32:] + TURNING + MARKS):
            assert made == plain


def test_json_of_any_bytes(string):
    for text in (LATIN, LATIN[::-1], '\xff', 'a\xc3', '\xed\xa0\x80'):
        assert json.loads(string(text)) == text.encode('latin-1').decode('utf-8', 'replace')


def test_c0_del_and_c1_are_numbers_in_json(string):
    for code in [0, 1, 0x1b] + list(range(0x7f, 0xa0)):
        assert string(latin(chr(code))) == '"\\u%04x"' % code


@pytest.mark.parametrize('raw, exact', [(b'abc', None), (b'\xc3\xa9', None), (b'\xc3', 'c3'), (b'a\xff', '61ff'), (b'', None)])
def test_exact_hex(raw, exact):
    assert escape.exact_hex(raw.decode('latin-1')) == exact
