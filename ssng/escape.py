"""Names from outside, made fit for where they go: a terminal, JSON, a message.

Whoever names a process, a file, an interface or a host decides what an administrator reads.  So every
such name passes through here before it leaves the program: what steers a terminal, what reorders the
text around it and bytes that are no UTF-8 are spelled out.

All text is latin-1: a character is a byte.  Nothing is imported but what the interpreter has loaded.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from typing import Callable

# C0, DEL and C1, which steer a terminal; marks and embeddings that turn text around (Unicode's "Trojan
# Source"), and the separators that end a line or a paragraph.
STEERING = frozenset([
    chr(code) for start, end in ((0, 0x20), (0x7f, 0xa0), (0x61c, 0x61d), (0x200e, 0x2010), (0x2028, 0x202f), (0x2066, 0x2070))
    for code in range(start, end)])

# Of a JSON string: all that is escaped, as the json module words it, and the part of it that need not be.
ALL = {ord(char): '\\u%04x' % ord(char) for char in STEERING}
MAY = {code: text for code, text in ALL.items() if code >= 0x20}
ALL.update({ord(char): '\\' + word for char, word in zip('"\\\b\f\n\r\t', '"\\bfnrt')})


def terminal(text: str) -> str:
    """``text`` for a terminal: what steers one or is no UTF-8 as ``\\xNN``, byte by byte."""
    return _escaped(text, STEERING.__contains__)


def one_line(text: str) -> str:
    """``text``, somebody's word, within a message: one line of printable characters, whatever is in it."""
    return _escaped(text, _odd)


def lines(text: str) -> str:
    """A message of our own for a terminal: as it is but for what steers one; its lines stay lines."""
    return '\n'.join(map(terminal, text.split('\n')))


def _odd(char: str) -> bool:
    return not char.isprintable() or char in STEERING


def _escaped(text: str, odd: 'Callable[[str], bool]') -> str:
    if text.isprintable() and len(text.encode('utf-8')) == len(text):       # the usual case: ASCII
        return text
    return ''.join([_bytes(char, odd) for char in text.encode('latin-1').decode('utf-8', 'backslashreplace')])


def _bytes(char: str, odd: 'Callable[[str], bool]') -> str:
    raw = char.encode('utf-8')
    return ''.join(['\\x%02x' % byte for byte in raw]) if odd(char) else raw.decode('latin-1')


def json_strings() -> 'Callable[[str], str]':
    """The function from a text to its JSON string, quotes included: its bytes are UTF-8, what is not becomes U+FFFD.

    The string holds nothing that steers a terminal.
    """
    try:
        from _json import encode_basestring
    except ImportError:                     # an interpreter without the C half of json
        return lambda text: '"%s"' % text.encode('latin-1').decode('utf-8', 'replace').translate(ALL)

    def string(text: str) -> str:
        quoted = encode_basestring(text.encode('latin-1').decode('utf-8', 'replace'))
        return quoted if quoted.isprintable() else quoted.translate(MAY)
    return string


def json_string(text: str) -> str:
    """The JSON string of one text; see :func:`json_strings`, which is quicker for many."""
    return json_strings()(text)


def exact_hex(text: str) -> 'str | None':
    """The bytes of ``text`` in hex where :func:`json_string` cannot tell them; None where they are UTF-8."""
    raw = text.encode('latin-1')
    try:
        raw.decode('utf-8')
    except UnicodeDecodeError:
        return raw.hex()
    return None
