"""A value as Python objects, for JSON and for programs.

==================  ===================================================================================
struct, union       dict: every member of a union; what a nameless member holds belongs to its parent
array               list; of ``char``: str, up to its first zero, U+FFFD where it is no UTF-8
int, bit field      int, with its sign; bool where the type says so
enum                str: the name of the value, or its decimal digits where it has none
float               float, None where JSON has no number for it: infinite, not a number
pointer             str of hex digits, ``'0xffff888012345678'``: many readers of JSON round such numbers
==================  ===================================================================================
"""

import errno

from ..kernel.abi.bpf import BTF_INT_BOOL, BTF_INT_CHAR
from . import btf as types
from .btf import DEEPEST, MOST, BtfError, encoding, is_signed, member_bits
from .btf_float import number as float_number

WHOLE = frozenset((types.INT, types.ENUM, types.ENUM64))


def value(btf, number, data):
    """The value ``data`` of the type ``number``.  Raises BtfError."""
    return Reader(btf, data).value(number, 0, 0)


class Reader:
    """Reads one value, and counts what it has read: no type can keep it for ever."""

    def __init__(self, btf, data):
        self.btf = btf
        self.data = data
        self.left = MOST

    def value(self, number, at, depth):
        """The value at bit ``at``, within ``depth`` others."""
        if depth > DEEPEST:
            raise BtfError(errno.ELOOP)
        btf, kind = self.btf, self.btf.real(number)
        if kind.kind in (types.STRUCT, types.UNION):
            return self.struct(kind, at, depth + 1)
        if kind.kind == types.ARRAY:
            return self.array(kind, at, depth + 1)
        if kind.kind == types.VAR:
            return self.value(kind.type, at, depth + 1)
        if kind.kind == types.DATASEC:
            return {btf.type(variable).name: self.value(variable, at + offset * 8, depth + 1)
                    for variable, offset, _ in kind.entries}
        if kind.kind == types.PTR:
            return '0x%x' % btf.number(self.data, at // 8, btf.pointer, False)
        if kind.kind == types.FLOAT:
            return float_number(btf.bytes(self.data, at // 8, kind.size), btf.mark)
        if kind.kind in WHOLE:
            return self.whole(kind, btf.number(self.data, at // 8, kind.size, is_signed(kind)))
        raise BtfError(errno.EINVAL)

    def spend(self, count):
        self.left -= count
        if self.left < 0:
            raise BtfError(errno.EOVERFLOW)

    def whole(self, kind, number):
        """An int's or enum's number as what it stands for."""
        if kind.kind == types.INT:
            return bool(number) if encoding(kind) & BTF_INT_BOOL else number
        constants = self.btf.constants(kind)
        name = constants.get(number)
        if name is None:        # constants of 32 bits are written down as signed, those of 64 as unsigned
            other = number + (1 << 64) if kind.kind == types.ENUM64 else number - (1 << 32)
            name = constants.get(other, '%d' % number)
        return name

    def struct(self, kind, at, depth):
        self.spend(len(kind.entries))
        members = {}
        for name, number, offset in kind.entries:
            place, width = member_bits(kind, offset)
            if width:
                own = self.btf.real(number)
                if own.kind not in WHOLE:
                    raise BtfError(errno.EINVAL)
                told = self.whole(own, self.btf.bits(self.data, at + place, width, is_signed(own)))
            else:
                told = self.value(number, at + place, depth)
            if name:
                members[self.btf.name(name)] = told
            elif told.__class__ is dict:        # anything else without a name is but a gap
                members.update(told)
        return members

    def array(self, kind, at, depth):
        number, _, count = kind.entries[0]
        element, size = self.btf.real(number), self.btf.size(number)
        if not size:
            return []
        self.spend(count)
        if element.kind == types.INT and size == 1 and (element.name == 'char' or encoding(element) & BTF_INT_CHAR):
            return self.btf.bytes(self.data, at // 8, count).split(b'\0')[0].decode('utf-8', 'replace')
        return [self.value(number, place, depth) for place in range(at, at + count * size * 8, size * 8)]
