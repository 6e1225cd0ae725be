"""The types of a BTF blob, and the numbers in a value that has such a type.

A blob is a header, a run of types numbered from 1 (0 is ``void``), and their names.  The formats are
those of ``linux/btf.h``; the byte order is told by the magic number, so that a blob can be read on any
machine.  The kernel has checked a blob before it hands it out; here every number is checked again
where it is used, and what makes no sense is a :class:`BtfError`.
"""

import errno
from struct import Struct, calcsize, error, unpack_from

from ..kernel.abi import bpf as abi

DEPTH = 100             # types that refer to each other in a row; the kernel allows 32
DEEPEST = 64            # values within values; the kernel allows 32
MOST = 1 << 17          # values within one value, types in all casts: a kilobyte of types can name billions of both

VLEN = 0xffffff         # of btf_type.info; 16 bits until the 24 of Linux 7
KIND_SHIFT, KIND_MASK, FLAG_SHIFT = 24, 0x1f, 31

INT, PTR, ARRAY, STRUCT, UNION, ENUM, ENUM64 = (
    abi.BTF_KIND_INT, abi.BTF_KIND_PTR, abi.BTF_KIND_ARRAY, abi.BTF_KIND_STRUCT, abi.BTF_KIND_UNION,
    abi.BTF_KIND_ENUM, abi.BTF_KIND_ENUM64)
FLOAT, TYPEDEF, FWD, FUNC_PROTO, VAR, DATASEC = (
    abi.BTF_KIND_FLOAT, abi.BTF_KIND_TYPEDEF, abi.BTF_KIND_FWD, abi.BTF_KIND_FUNC_PROTO, abi.BTF_KIND_VAR,
    abi.BTF_KIND_DATASEC)
MODIFIERS = frozenset((abi.BTF_KIND_CONST, abi.BTF_KIND_VOLATILE, abi.BTF_KIND_RESTRICT, abi.BTF_KIND_TYPE_TAG))
SIZED = frozenset((INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATASEC))


def layout(struct):
    """The members of a ctypes structure as the words of a struct format."""
    return ''.join([kind._type_ for _, kind in struct._fields_])


# What follows a type: one entry, or as many as its info says.
SINGLE = {INT: 'I', ARRAY: layout(abi.btf_array), VAR: layout(abi.btf_var),
          abi.BTF_KIND_DECL_TAG: layout(abi.btf_decl_tag)}
SEVERAL = {STRUCT: layout(abi.btf_member), UNION: layout(abi.btf_member), ENUM: layout(abi.btf_enum),
           ENUM64: layout(abi.btf_enum64), FUNC_PROTO: layout(abi.btf_param), DATASEC: layout(abi.btf_var_secinfo)}
NOTHING = MODIFIERS | {PTR, FWD, TYPEDEF, FLOAT, abi.BTF_KIND_FUNC}


class BtfError(Exception):
    """A type or a value makes no sense; ``errno`` says how."""

    def __init__(self, number):
        super().__init__(number)
        self.errno = number


class Type:
    """One type.  ``size`` and ``type`` share a word, as in C; ``entries`` are tuples of the words that follow."""

    __slots__ = ('kind', 'name', 'size', 'type', 'flag', 'entries', 'constants')

    def __init__(self, kind=0, name='void', size=0, flag=0, entries=()):
        self.kind = kind
        self.name = name
        self.size = self.type = size
        self.flag = flag
        self.entries = entries
        self.constants = None


class Btf:
    """The types of a ``blob``; ``pointer`` is the size of a pointer in the values they describe."""

    def __init__(self, blob, pointer=8):
        if len(blob) < abi.btf_header.layout_off.offset:
            raise BtfError(errno.EINVAL)
        little = blob[:2] == abi.BTF_MAGIC.to_bytes(2, 'little')
        self.order = 'little' if little else 'big'
        self.mark = '<' if little else '>'
        self.pointer = pointer
        self.blob = blob
        first = layout(abi.btf_header)[:-2]             # without what only the newest blobs have
        magic, version, _, length, *rest = unpack_from(self.mark + first, blob)
        if magic != abi.BTF_MAGIC or version != abi.BTF_VERSION:
            raise BtfError(errno.EINVAL)
        parts = [blob[length + start:length + start + size] for start, size in (rest[:2], rest[2:])]
        if [len(part) for part in parts] != rest[1::2] or not parts[1].endswith(b'\0'):
            raise BtfError(errno.EINVAL)
        self.types, self.strings = parts
        self.places = self._places()
        self.seen = {0: Type()}

    def _places(self):
        """Where each type begins, the end behind the last."""
        head, data = Struct(self.mark + 'III'), self.types
        single = {kind: calcsize(form) for kind, form in SINGLE.items()}
        several = {kind: calcsize(form) for kind, form in SEVERAL.items()}
        places, at = [0], 0
        try:
            while at < len(data):
                places.append(at)
                info = head.unpack_from(data, at)[1]
                kind = info >> KIND_SHIFT & KIND_MASK
                at += head.size + (single.get(kind) or several.get(kind, 0) * (info & VLEN))
                if kind not in single and kind not in several and kind not in NOTHING:
                    raise BtfError(errno.EINVAL)
        except error:
            raise BtfError(errno.EINVAL)
        if at != len(data):
            raise BtfError(errno.EINVAL)
        places.append(at)
        return places

    def type(self, number):
        """The Type of this number."""
        found = self.seen.get(number)
        if found is None:
            found = self.seen[number] = self._type(number)
        return found

    def _type(self, number):
        if not 0 < number < len(self.places) - 1:
            raise BtfError(errno.EINVAL)
        at = self.places[number]
        name, info, size = unpack_from(self.mark + 'III', self.types, at)
        kind = info >> KIND_SHIFT & KIND_MASK
        form = SINGLE.get(kind) or SEVERAL.get(kind)
        entries = ()
        if form:
            body = self.types[at + 12:self.places[number + 1]]
            entries = list(Struct(self.mark + form).iter_unpack(body))
        return Type(kind, self.name(name), size, info >> FLAG_SHIFT, entries)

    def name(self, offset):
        """The name at ``offset`` of the names, as latin-1."""
        return self.strings[offset:self.strings.find(b'\0', offset)].decode('latin-1')

    def bare(self, number):
        """The number of the type without const, volatile, restrict and tags."""
        for _ in range(DEPTH):
            kind = self.type(number)
            if kind.kind not in MODIFIERS:
                return number
            number = kind.type
        raise BtfError(errno.ELOOP)

    def real(self, number):
        """The Type without const and the like, and without typedefs."""
        for _ in range(DEPTH):
            kind = self.type(number)
            if kind.kind not in MODIFIERS and kind.kind != TYPEDEF:
                return kind
            number = kind.type
        raise BtfError(errno.ELOOP)

    def size(self, number):
        """Bytes of a value of this type."""
        count = 1
        for _ in range(DEPTH):
            kind = self.real(number)
            if kind.kind in SIZED:
                return count * kind.size
            if kind.kind == PTR:
                return count * self.pointer
            if kind.kind == VAR:
                number = kind.type
            elif kind.kind == ARRAY:
                number, _, elements = kind.entries[0]
                count *= elements
            else:
                raise BtfError(errno.EINVAL)
        raise BtfError(errno.ELOOP)

    def constants(self, enum):
        """{value: name} of an enum, the first name of each value; 32 bits are signed, 64 bits are not."""
        if enum.constants is None:
            enum.constants = {}
            for name, low, *high in enum.entries:
                value = low | high[0] << 32 if high else low
                enum.constants.setdefault(value, self.name(name))
        return enum.constants

    # Values

    def bytes(self, data, at, size):
        """``size`` bytes at ``at`` of a value."""
        if at + size > len(data):
            raise BtfError(errno.E2BIG)
        return data[at:at + size]

    def number(self, data, at, size, signed):
        """The integer of ``size`` bytes at ``at`` of a value."""
        return int.from_bytes(self.bytes(data, at, size), self.order, signed=signed)

    def bits(self, data, at, width, signed=False):
        """The bit field of ``width`` bits that begins with bit ``at`` of a value.

        Bits are counted from the low end of the first byte, on a big-endian machine from its high end.
        """
        first, last = at // 8, (at + width + 7) // 8
        found = self.number(data, first, last - first, False)
        found >>= at % 8 if self.order == 'little' else (last - first) * 8 - at % 8 - width
        found &= (1 << width) - 1
        return found - (1 << width) if signed and found >> width - 1 else found


def member_bits(struct, offset):
    """(bit offset, width or 0) of a member of ``struct`` whose offset word is this."""
    return (offset & 0xffffff, offset >> 24) if struct.flag else (offset, 0)


def encoding(kind):
    """BTF_INT_SIGNED and so on, of an int."""
    return kind.entries[0][0] >> 24 & 0xf


def is_signed(kind):
    """Whether an int or an enum is signed."""
    return bool(encoding(kind) & abi.BTF_INT_SIGNED if kind.kind == INT else kind.flag)
