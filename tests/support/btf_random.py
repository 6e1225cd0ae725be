"""Random types with a value for each, none of which shows where ssng's text differs from that of ss.

Those places (see ssng/host/btf_dump.py): the value of a signed enum without a name, single bytes beside
an array of bytes, enums that are not aligned in the memory of ss or, on a big-endian machine, are bit
fields.  So a signed enum has a constant for its value, one type has either arrays of bytes or single
bytes, and enums lie at multiples of four.
"""
import random
import sys

from tests.support.btf import BOOL, CHAR, SIGNED, Types

INTS = (('int', 4, SIGNED), ('unsigned int', 4, 0), ('short', 2, SIGNED), ('__u16', 2, 0), ('long', 8, SIGNED),
        ('unsigned long', 8, 0), ('bool32', 4, BOOL), ('__int128', 16, SIGNED), ('unsigned __int128', 16, 0))
BYTES = (('char', 1, SIGNED), ('unsigned char', 1, 0), ('_Bool', 1, BOOL), ('char8_t', 1, CHAR))
NAMES = ('alpha', 'beta', 'gamma', '')


class Random:
    """One random type: ``types`` (a Types), its number ``top``, ``value`` (bytes)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.types = Types()
        self.types.int()
        self.byte_arrays = self.chance(0.6)
        self.in_union = 0
        self.targets = [0, 1]
        self.top, self.value = self.section() if self.chance(0.05) else self.type(4)
        if not self.value:              # the kernel keeps no values of no bytes
            self.top, self.value = self.int(0)

    def chance(self, probability):
        return self.random.random() < probability

    def bytes(self, size):
        """Random, but zeros, text and extremes more often than chance would have them."""
        style = self.random.choice(('zero', 'any', 'any', 'text', 'small', 'ones'))
        if style == 'zero':
            return bytes(size)
        if style == 'ones':
            return b'\xff' * size
        if style == 'small':
            return self.random.randrange(-5, 5).to_bytes(max(size, 1), sys.byteorder, signed=True)[:size]
        pool = b"hello, 'world'\\\n\0" if style == 'text' else bytes(range(256))
        return bytes(self.random.choice(pool) for _ in range(size))

    # Each returns (number of the type, bytes of its value).

    def type(self, depth):
        kinds = [self.int, self.int, self.float, self.enum, self.enum64, self.pointer]
        if depth:
            kinds += [self.struct, self.struct, self.struct, self.union, self.array, self.array, self.typedef,
                      self.modified]
        if depth and self.byte_arrays:
            kinds += [self.text, self.text]
        kind, value = self.random.choice(kinds)(depth)
        self.targets.append(kind)
        return kind, value

    def int(self, _):
        name, size, encoding = self.random.choice(INTS if self.byte_arrays else INTS + BYTES)
        return self.types.int(name, size, encoding), self.bytes(size)

    def float(self, _):
        name, size = self.random.choice((('float', 4), ('double', 8), ('long double', 16)))
        return self.types.float(name, size), self.bytes(size)

    def constants(self, bits):
        count = self.random.randrange(1, 6)
        return [('C%d' % at, self.random.choice((at, -at, 1 << bits - 1, (1 << bits) - 1, 77)))
                for at in range(count)]

    def enum(self, _, bit_field=False):
        signed = self.chance(0.5) and not self.in_union and not bit_field
        size = self.random.choice((1, 2, 4))
        constants = self.constants(size * 8 - signed)
        name = self.random.choice(NAMES)
        value = self.bytes(size)
        if signed:
            constants.append(('LAST', int.from_bytes(value, sys.byteorder, signed=True)))
        return self.types.enum(name, constants, size, signed), value

    def enum64(self, _):
        """Of four bytes: eight would be aligned or not as the message falls."""
        signed = self.chance(0.5) and not self.in_union
        constants = self.constants(64)
        value = self.bytes(4)
        if signed:
            constants.append(('LAST', int.from_bytes(value, sys.byteorder, signed=True)))
        return self.types.enum64(self.random.choice(NAMES), constants, signed, 4), value

    def modified(self, depth):
        kind, value = self.type(depth - 1)
        return self.random.choice((self.types.const, self.types.volatile))(kind), value

    def typedef(self, depth):
        kind, value = self.type(depth - 1)
        return self.types.typedef(self.random.choice(NAMES[:3]), kind), value

    def pointer(self, depth):
        target = self.target(depth)
        if self.chance(0.2):
            target = self.types.tag('mark', target)
        pointer = self.types.ptr(target)
        return (self.types.restrict(pointer) if self.chance(0.1) else pointer), self.bytes(8)

    def target(self, depth):
        """What a pointer points to: values are of no interest."""
        choice = self.random.randrange(7 if depth else 5)
        if choice == 5:
            return self.types.array(self.random.choice(self.targets[1:]), self.random.randrange(4))
        if choice == 6:
            return self.function(depth)
        if choice == 4:
            return self.types.forward(self.random.choice(NAMES[:3]), self.chance(0.3))
        if choice == 3:
            return self.types.ptr(self.target(max(depth - 1, 0)))
        return self.random.choice(self.targets)

    def function(self, depth):
        parameters = []
        for at in range(self.random.randrange(4)):
            kind = self.types.ptr(self.target(depth - 1)) if self.chance(0.5) else self.random.choice(self.targets[1:])
            parameters.append(('p%d' % at if self.chance(0.6) else '', kind))
        if self.chance(0.2):
            parameters.append(('', 0))
        returned = self.types.ptr(self.target(depth - 1)) if self.chance(0.4) else self.random.choice(self.targets)
        return self.types.proto(returned, parameters)

    def array(self, depth):
        count = self.random.choice((0, 1, 2, 3))
        if not self.byte_arrays and depth:
            kind, value = self.random.choice((self.float, self.enum, self.pointer, self.struct))(depth - 1)
        else:
            kind, value = self.type(depth - 1)
        return self.types.array(kind, count), value * count

    def text(self, _):
        name, size, encoding = self.random.choice(BYTES)
        kind = self.types.int(name, size, encoding)
        if self.chance(0.3):
            kind = self.types.typedef(self.random.choice(NAMES[:3]), kind)
        if self.chance(0.3):
            kind = self.types.const(kind)
        count = self.random.randrange(9)
        return self.types.array(kind, count), self.bytes(count)

    def struct(self, depth):
        members, value, packed = [], b'', self.chance(0.2)
        for at in range(self.random.randrange(6)):
            name = 'm%d' % at
            if self.chance(0.2):
                entries, more = self.bit_fields(name, len(value) * 8)
                members += entries
                value += more
                continue
            kind, more = self.int(0) if packed else self.type(depth - 1)
            unit = 16 if len(more) >= 16 else 8 if len(more) >= 8 else 4
            value += bytes(self.random.randrange(4) if packed else -len(value) % unit)
            members.append((name if self.chance(0.85) else '', kind, len(value) * 8))
            value += more
        value += bytes(0 if packed else -len(value) % 4)
        return self.types.struct(self.random.choice(NAMES), len(value), members), value

    def bit_fields(self, name, start):
        """Some bit fields of one storage unit, and its bytes."""
        size = self.random.choice((4, 8) if self.byte_arrays else (1, 2, 4, 8))
        at, entries = 0, []
        while True:
            width = self.random.randrange(1, min(size * 8, 33))
            if at + width > size * 8:
                return entries, self.bytes(size)
            kind = self.types.int('bits', size, self.random.choice((SIGNED, 0)))
            if self.chance(0.2) and size == 4 and width <= 8 and sys.byteorder == 'little':
                kind = self.enum(0, True)[0]
            if self.chance(0.2):
                kind = self.types.typedef(self.random.choice(NAMES[:3]), kind)
            entries.append(('%s_%d' % (name, at) if self.chance(0.9) else '', kind, start + at, width))
            at += width

    def union(self, depth):
        self.in_union += 1
        made = [self.type(depth - 1) for _ in range(self.random.randrange(1, 4))]
        self.in_union -= 1
        value = max((value for _, value in made), key=len)
        value += bytes(-len(value) % 4)
        members = [('u%d' % at if self.chance(0.85) else '', kind, 0) for at, (kind, _) in enumerate(made)]
        return self.types.union(self.random.choice(NAMES), len(value), members), value

    def section(self):
        entries, value = [], b''
        for at in range(self.random.randrange(1, 4)):
            kind, more = self.type(3)
            if not more:
                continue
            value += bytes(-len(value) % 16)
            entries.append((self.types.var('v%d' % at, kind, self.random.randrange(2)), len(value), len(more)))
            value += more
        if not entries:
            return self.int(0)
        return self.types.section('.data', len(value), entries), value
