"""Types in C's words, as casts show them: ``struct pt``, ``int *[2]``, ``void (*)(char *, ...)``.

Qualifiers and tags are dropped.  A second type of the same name becomes ``name___2``: structs, unions
and enums share their names, typedefs have others (fixtures/behaviour/sockets.md, 5.3).
"""

import errno

from . import btf as types
from .btf import DEPTH, MOST, BtfError

TAGS = {types.STRUCT: 'struct', types.UNION: 'union', types.ENUM: 'enum', types.ENUM64: 'enum'}
VARIADIC = 0, 0             # the last parameter, for the dots


class Names:
    """The words for the types of one blob; numbers behind names are given in the order of their first use."""

    def __init__(self, btf):
        self.btf = btf
        self.given = {}         # number of a type: its name
        self.used = {}          # (typedef or not, name): how many types have it
        self.casts = {}
        self.left = MOST

    def cast(self, number):
        """The words for a type of a value."""
        text = self.casts.get(number)
        if text is None:
            text = self.casts[number] = self.declaration(number)
        return text

    def declaration(self, number, name='', depth=0):
        """The words that declare ``name`` to be of this type."""
        chain, number = [], self.btf.bare(number)
        while self.btf.type(number).kind in (types.PTR, types.ARRAY, types.FUNC_PROTO):
            if len(chain) + depth > DEPTH:
                raise BtfError(errno.ELOOP)
            part = self.btf.type(number)
            chain.append(part)
            number = self.btf.bare(part.entries[0][0] if part.kind == types.ARRAY else part.type)
        depth += len(chain)
        self.left -= 1 + len(chain)
        if self.left < 0:
            raise BtfError(errno.EOVERFLOW)
        return self.base(number) + self.declarator(chain, name, False, depth)

    def base(self, number):
        """The words for a type that is none of pointer, array and function."""
        kind = self.btf.type(number)
        if kind.kind == types.FWD:
            return '%s %s' % ('union' if kind.flag else 'struct', kind.name)
        if kind.kind == types.TYPEDEF:
            return self.unique(number, True, kind.name)
        if kind.kind not in TAGS:
            return kind.name
        if not kind.name:
            return 'enum ' if TAGS[kind.kind] == 'enum' else TAGS[kind.kind]
        return '%s %s' % (TAGS[kind.kind], self.unique(number, False, kind.name))

    def unique(self, number, typedef, name):
        if number not in self.given:
            count = self.used[typedef, name] = self.used.get((typedef, name), 0) + 1
            self.given[number] = name if count == 1 else '%s___%d' % (name, count)
        return self.given[number]

    def declarator(self, chain, name, starred, depth):
        """What stands behind the base: ``chain`` holds the pointers, arrays and functions, the outermost first.

        ``starred``: what comes next follows a star, or opens a parenthesis, and needs no blank.
        """
        text = ''
        while chain:
            part = chain.pop()
            if part.kind == types.PTR:
                text += '*' if starred else ' *'
                starred = True
            elif part.kind == types.FUNC_PROTO:
                text += ' (' + self.declarator(chain, name, True, depth) + ')'
                return text + self.parameters(part, depth)
            else:
                if name and not starred:
                    text, starred = text + ' ', True
                count = '[%d]' % part.entries[0][2]
                if not chain or chain[-1].kind == types.ARRAY:
                    return text + self.declarator(chain, name, starred, depth) + count
                return text + '(' + self.declarator(chain, name, True, depth) + ')' + count
        return text + (name if starred or not name else ' ' + name)

    def parameters(self, function, depth):
        if not function.entries or function.entries == [VARIADIC]:
            return '(void)'
        words = [self.declaration(kind, self.btf.name(name), depth + 1) if kind else '...'
                 for name, kind in function.entries]
        return '(%s)' % ', '.join(words)
