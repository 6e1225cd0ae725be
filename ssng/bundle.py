"""The whole package as one text: a program that any Python from 3.6 on runs from a file or from stdin.

    text()                  ssh web python3 - -tan < ssng.py
    text(['-tan'])          the same with its question inside, for a bare `python3 -`

It is made of the package that runs, wherever that lies: in a folder, in a zip file, or in such a text itself.  The modules
are imported from memory, so that nothing is written where it runs.
"""

import os

DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'     # of base 85
EDGE = '\0'             # between the names and sources of modules

PROGRAM = r'''#!/usr/bin/env python3
# ssng %(version)s: what ss of iproute2 tells about the sockets of a Linux host.  The source is packed below (tools/onefile).
import sys
sys.dont_write_bytecode = True
if not sys.flags.isolated and not getattr(sys.flags, 'safe_path', False):
    del sys.path[0]                     # the folder that somebody happens to be in holds no modules of ours
if sys.version_info < (3, 6):
    sys.exit('ssng: Python 3.6 or a later one is needed; this is %%d.%%d' %% sys.version_info[:2])
try:
    from zlib import decompressobj
except ImportError:
    sys.exit('ssng: this Python has no module zlib, by which the program is packed')
from struct import pack
from _frozen_importlib import ModuleSpec


class Memory:
    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        place = name.replace('.', '/')
        for file in (place + '.py', place + '/__init__.py'):
            if file in self.sources:
                spec = ModuleSpec(name, self, origin='<%%s>' %% file, is_package=file != place + '.py')
                spec.loader_state = file
                return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        file = module.__spec__.loader_state
        module.__file__ = '<%%s>' %% file
        exec(compile(self.sources[file], '<%%s>' %% file, 'exec', 0, True), module.__dict__)


def unpacked():
    digits = PACKED.replace(b'\n', b'').translate(bytes.maketrans(DIGITS, bytes(range(85))))
    words = [(((a * 85 + b) * 85 + c) * 85 + d) * 85 + e for a, b, c, d, e in zip(*[digits[at::5] for at in range(5)])]
    parts = decompressobj().decompress(pack('>%%dI' %% len(words), *words)).decode('utf-8').split('\0')
    return dict(zip(parts[::2], parts[1::2]))


WORDS, SECONDS = %(words)s, %(seconds)d
DIGITS = b'%(digits)s'
PACKED = b"""
%(packed)s"""
if WORDS is not None:
    import os
    sys.argv[1:] = [os.fsdecode(word.encode('latin-1')) for word in WORDS]
if SECONDS:
    from _signal import alarm
    alarm(SECONDS)
sys.meta_path.insert(0, Memory(unpacked()))
del PACKED
from ssng.__main__ import console
console()
'''


def text(words: 'list[str] | None' = None, small: bool = False, seconds: int = 0) -> bytes:
    """The program, ASCII.

    ``words``: the command line that it answers, latin-1; None for that of its own.  ``small``: without comments and
    docstrings, which takes a second to make; lines keep their numbers.  ``seconds``: after which it ends itself; 0: never.
    """
    from base64 import b85encode
    from zlib import compress

    from . import __version__
    found = sources()
    if small:
        found = {path: stripped(source) for path, source in found.items()}
    shallow = sorted(found.items(), key=lambda pair: (pair[0].count('/'), pair[0]))      # it packs better than by path
    packed = compress(EDGE.join([EDGE.join(pair) for pair in shallow]).encode('utf-8'), 9)
    lines = b85encode(packed + bytes(-len(packed) % 4)).decode('ascii')
    return (PROGRAM % {'version': __version__, 'words': ascii(words if words is None else list(words)), 'seconds': seconds,
                       'digits': DIGITS,
                       'packed': ''.join([lines[at:at + 120] + '\n' for at in range(0, len(lines), 120)])}).encode('ascii')


def sources() -> 'dict[str, str]':
    """{path, as `ssng/errors.py`: source} of the package that runs."""
    loader, package = __spec__.loader, __name__.rpartition('.')[0]
    if hasattr(loader, 'sources'):          # of such a text
        return dict(loader.sources)
    if hasattr(loader, 'archive'):          # of a zip file
        return renamed(zipped(loader.archive), package.replace('.', '/'))
    folder, found = os.path.dirname(os.path.abspath(__file__)), {}
    for here, _, names in os.walk(folder):
        for name in names:
            if name.endswith('.py'):
                path = os.path.join(here, name)
                with open(path, encoding='utf-8') as stream:
                    found['ssng/' + os.path.relpath(path, folder)] = stream.read()
    return found


def zipped(path: str) -> 'dict[str, str]':
    from zipfile import ZipFile
    with ZipFile(path) as archive:
        return {name: archive.read(name).decode('utf-8') for name in archive.namelist() if name.endswith('.py')}


def renamed(found: 'dict[str, str]', place: str) -> 'dict[str, str]':
    """Those below one folder, as if that were called ssng."""
    return {'ssng/' + name[len(place) + 1:]: source for name, source in found.items() if name.startswith(place + '/')}


def stripped(source: str) -> str:
    """The source without comments, docstrings and blanks that nobody needs; each line keeps its number."""
    from io import StringIO
    from tokenize import COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL, OP, STRING, generate_tokens
    lines, before, cuts, depth, seen, last = source.splitlines(True), NEWLINE, [], 0, 0, None
    tokens = list(generate_tokens(StringIO(source).readline))
    for token, behind in zip(tokens, tokens[1:] + tokens[-1:]):
        depth += (token.type == INDENT) - (token.type == DEDENT)
        if token.start[0] > seen and token.type not in (INDENT, DEDENT, NL, COMMENT, ENDMARKER):
            begins = before in (NEWLINE, INDENT, DEDENT)        # else it goes on within brackets, and needs no indentation
            cuts.append(((token.start[0], 0), token.start, ' ' * depth if begins else ''))
        elif token.type != COMMENT and last and last.end[0] == token.start[0] and last.end[1] < token.start[1] and (
                OP in (last.type, token.type) and token.string != '.'):
            cuts.append((last.end, token.start, ''))
        last = token
        if token.type not in (INDENT, DEDENT):
            seen = max(seen, token.end[0])
        if token.type == COMMENT:
            cuts.append((token.start, token.end, ''))
        elif token.type == STRING and before in (NEWLINE, INDENT, DEDENT) and behind.type == NEWLINE:
            cuts.append((token.start, token.end, "''"))
        if token.type not in (COMMENT, NL):
            before = token.type
    for (row, column), (end_row, end), instead in reversed(cuts):
        rest = lines[end_row - 1][end:]
        lines[row - 1] = lines[row - 1][:column] + instead
        for each in range(row, end_row):
            lines[each] = '\n'
        if row == end_row:
            lines[row - 1] = (lines[row - 1].rstrip(' ') if not instead else lines[row - 1]) + rest
        else:
            lines[row - 1] += '\n'
            lines[end_row - 1] = rest if rest.strip() else '\n'
    return ''.join(lines)
