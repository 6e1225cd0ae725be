"""BTF blobs by hand: a type after the other, each method returns the new type's number.

Numbers are those of ``linux/btf.h``, written out: these tests check the reader, so they share nothing with it.
"""
import struct

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, \
    DECL_TAG, TYPE_TAG, ENUM64 = range(1, 20)
SIGNED, CHAR, BOOL = 1, 2, 4


class Types:
    def __init__(self, order='='):
        self.order = order
        self.types, self.strings, self.count = [], b'\0', 0

    def name(self, text):
        word = b'\0' + text.encode() + b'\0'
        if word not in self.strings:
            self.strings += word[1:]
        return self.strings.index(word) + 1 if text else 0

    def words(self, *numbers):
        return struct.pack('%s%dI' % (self.order, len(numbers)), *[number & 0xffffffff for number in numbers])

    def add(self, kind, name='', size=0, entries=0, flag=0, extra=b''):
        """A type as it is written; ``size`` is the size or the type it refers to."""
        self.types.append(self.words(self.name(name), flag << 31 | kind << 24 | entries, size) + extra)
        self.count += 1
        return self.count

    def int(self, name='int', size=4, encoding=SIGNED, bits=None, offset=0):
        bits = size * 8 if bits is None else bits
        return self.add(INT, name, size, extra=self.words(encoding << 24 | offset << 16 | bits))

    def float(self, name, size):
        return self.add(FLOAT, name, size)

    def ptr(self, target=0):
        return self.add(PTR, '', target)

    def const(self, target=0):
        return self.add(CONST, '', target)

    def volatile(self, target=0):
        return self.add(VOLATILE, '', target)

    def restrict(self, target=0):
        return self.add(RESTRICT, '', target)

    def tag(self, name, target=0):
        return self.add(TYPE_TAG, name, target)

    def typedef(self, name, target):
        return self.add(TYPEDEF, name, target)

    def forward(self, name, union=0):
        return self.add(FWD, name, 0, flag=union)

    def array(self, element, count, index=1):
        return self.add(ARRAY, extra=self.words(element, index, count))

    def members(self, entries):
        """(name, type, bit offset) or, of a bit field, (name, type, bit offset, width)."""
        flag = any(len(entry) > 3 for entry in entries)
        words = []
        for entry in entries:
            width = entry[3] if len(entry) > 3 else 0
            words += [self.name(entry[0]), entry[1], width << 24 | entry[2]]
        return flag, self.words(*words)

    def struct(self, name, size, entries, kind=STRUCT):
        flag, extra = self.members(entries)
        return self.add(kind, name, size, len(entries), flag, extra)

    def union(self, name, size, entries):
        return self.struct(name, size, entries, UNION)

    def enum(self, name, values, size=4, signed=False):
        words = [word for name_, value in values for word in (self.name(name_), value)]
        return self.add(ENUM, name, size, len(values), signed, self.words(*words))

    def enum64(self, name, values, signed=False, size=8):
        words = [word for name_, value in values for word in (self.name(name_), value, value >> 32)]
        return self.add(ENUM64, name, size, len(values), signed, self.words(*words))

    def proto(self, returned, parameters=()):
        """(name, type) of each parameter; ('', 0) at the end is `...`."""
        words = [word for name, kind in parameters for word in (self.name(name), kind)]
        return self.add(FUNC_PROTO, '', returned, len(parameters), extra=self.words(*words))

    def var(self, name, kind, linkage=1):
        return self.add(VAR, name, kind, extra=self.words(linkage))

    def section(self, name, size, entries):
        """(variable, offset, size) of each entry."""
        return self.add(DATASEC, name, size, len(entries),
                        extra=self.words(*[word for entry in entries for word in entry]))

    def blob(self, header=24):
        """The whole; ``header`` may be longer than the members that everybody knows."""
        types = b''.join(self.types)
        head = struct.pack(self.order + 'HBBIIIII', 0xeb9f, 1, 0, header, 0, len(types), len(types), len(self.strings))
        return head.ljust(header, b'\0') + types + self.strings
