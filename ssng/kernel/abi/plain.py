"""The layout of C structures without ctypes, which a small Python has not (Debian's python3-minimal).

A stand-in for the part of ctypes that describes memory, chosen where ctypes cannot be imported: the same declarations
have the same offsets, sizes, bit fields and bytes.  Nothing here can call a C library.

    class head(Structure):                              head.size.offset is 2: a C compiler leaves a byte free
        _fields_ = [('kind', c_uint8),                  head.low.size is 4 << 16 | 0: so many bits, and behind which
                    ('size', c_uint16),                 head(1, 2, low=3) has the bytes 01 00 02 00 03 00 on a PC
                    ('low', c_uint8, 4)]

Whatever has a size is a class of :class:`Kind`.  Things that are made of others hold a memoryview, and what is taken out of
them a part of it, so that a change in one is a change in the other.
"""

import sys
from struct import calcsize


class Kind(type):
    """What has a ``_size`` and an ``_align`` in bytes; ``kind * 4`` is an array of four."""

    def __mul__(kind, count):
        return Kind('%s_Array_%d' % (kind.__name__, count), (Array,), {
            '_type_': kind, '_length_': count, '_size': kind._size * count, '_align': kind._align})


def sizeof(thing):
    """The bytes of a kind, or of a thing of this kind."""
    return thing._size


# Numbers

class Simple(metaclass=Kind):
    """An integer; ``_type_`` is its character in the struct module."""

    @classmethod
    def _get(kind, view):
        return int.from_bytes(view, kind._order, signed=kind._type_.islower())

    @classmethod
    def _set(kind, view, value):
        view[:] = (value & (1 << 8 * kind._size) - 1).to_bytes(kind._size, kind._order)


def simple(name, code):
    """The kind of one integer of C, and the same in both byte orders."""
    size = calcsize(code)
    whole = {'_type_': code, '_size': size, '_align': calcsize('b' + code) - size}
    orders = [Kind(name, (Simple,), dict(whole, _order=order)) for order in ('little', 'big')]
    for kind in orders:
        kind.__ctype_le__, kind.__ctype_be__ = orders
    return orders[sys.byteorder == 'big']


c_int8, c_int16, c_int32 = simple('c_int8', 'b'), simple('c_int16', 'h'), simple('c_int32', 'i')
c_uint8, c_uint16, c_uint32 = simple('c_uint8', 'B'), simple('c_uint16', 'H'), simple('c_uint32', 'I')
c_long, c_ulong = simple('c_long', 'l'), simple('c_ulong', 'L')
c_uint64 = c_ulong if calcsize('L') == 8 else simple('c_uint64', 'Q')
c_int, c_uint = c_int32, c_uint32


class c_char(metaclass=Kind):
    """A byte of a text; an array of them is a text that ends at a zero."""

    _type_, _size, _align = 'c', 1, 1

    @staticmethod
    def _get(view):
        return view.tobytes()

    @staticmethod
    def _set(view, value):
        view[:] = value


# What is made of others

class Memory:
    """What Array, Structure and Union share."""

    @classmethod
    def from_buffer_copy(kind, data, offset=0):
        part = bytearray(memoryview(data)[offset:offset + kind._size])
        if len(part) < kind._size:
            raise ValueError('%d bytes, where %d are the least' % (len(part), kind._size))
        return kind._at(memoryview(part))

    @classmethod
    def _at(kind, view):
        made = kind.__new__(kind)
        made._view = view
        return made

    _get = _at

    @classmethod
    def _set(kind, view, value):
        view[:] = (value if isinstance(value, kind) else kind(*value))._view

    def __bytes__(self):
        return self._view.tobytes()


class Array(Memory, metaclass=Kind):

    def __init__(self, *values):
        self._view = memoryview(bytearray(self._size))
        for index, value in enumerate(values):
            self[index] = value

    @classmethod
    def _get(kind, view):
        return view.tobytes().partition(b'\0')[0] if kind._type_ is c_char else kind._at(view)

    @classmethod
    def _set(kind, view, value):
        if kind._type_ is c_char:
            view[:len(value) + 1] = (value + b'\0')[:kind._size]
        else:
            super()._set(view, value)

    def __len__(self):
        return self._length_

    def _place(self, index):
        size = self._type_._size
        at = range(self._length_)[index] * size         # IndexError beyond the end, which ends an iteration
        return self._view[at:at + size]

    def __getitem__(self, index):
        return self._type_._get(self._place(index))

    def __setitem__(self, index, value):
        self._type_._set(self._place(index), value)


class Field:
    """Where a member lies: ``offset`` and ``size`` in bytes; a bit field's size is its width << 16 | the bits below it."""

    def __init__(self, kind, offset, width=None, below=0):
        self.kind = kind
        self.offset = offset
        self.size = kind._size if width is None else width << 16 | below
        self.below = below
        self.mask = width and (1 << width) - 1

    def view(self, thing):
        return thing._view[self.offset:self.offset + self.kind._size]

    def __get__(self, thing, owner=None):
        if thing is None:
            return self
        value = self.kind._get(self.view(thing))
        return value if self.mask is None else value >> self.below & self.mask

    def __set__(self, thing, value):
        view = self.view(thing)
        if self.mask is not None:
            value = self.kind._get(view) & ~(self.mask << self.below) | (value & self.mask) << self.below
        self.kind._set(view, value)


class Record(Kind):
    """A structure or union: its ``_fields_`` are laid out as a C compiler does it, counted in bits."""

    def __init__(kind, name, bases, names):
        super().__init__(name, bases, names)
        at = end = 0
        kind._align = 1
        for member, its, *width in kind._fields_:
            at = 0 if kind._overlaid else at
            whole = 8 * its._size
            if width and at % whole + width[0] <= whole:        # behind other bits, in one number of its kind with them
                offset, below = at // whole * its._size, at % whole
            else:
                offset, below = up(at, 8 * its._align) // 8, 0
            at = 8 * offset + (below + width[0] if width else whole)
            if width and sys.byteorder == 'big':
                below = whole - below - width[0]
            setattr(kind, member, Field(its, offset, *width, **{'below': below}))
            if member in kind._anonymous_:
                for inner, field in [pair for pair in vars(its).items() if isinstance(pair[1], Field)]:
                    setattr(kind, inner, moved(field, offset))
            end, kind._align = max(end, at), max(kind._align, its._align)
        kind._size = up(end, 8 * kind._align) // 8


def up(number, unit):
    """The next multiple of the unit."""
    return -(-number // unit) * unit


def moved(field, offset):
    """A member of an anonymous member, as the outer one's own."""
    if field.mask is None:
        return Field(field.kind, offset + field.offset)
    return Field(field.kind, offset + field.offset, field.size >> 16, field.below)


class Structure(Memory, metaclass=Record):

    _fields_ = _anonymous_ = ()
    _overlaid = False

    def __init__(self, *values, **named):
        self._view = memoryview(bytearray(self._size))
        for (name, *_), value in zip(self._fields_, values):
            setattr(self, name, value)
        for name, value in named.items():
            setattr(self, name, value)


class Union(Structure):

    _overlaid = True
