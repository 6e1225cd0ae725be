"""A value as text in C's manner: ``(struct pt){.x = (int)2,.y = (int)3,}``.

The text is that of the library ss uses (fixtures/behaviour/sockets.md, 5.3), but for some slips, where ssng says
what is there:

* The value of a signed enum that has no name is followed by a comma like every other value.
* A single char or bool is a number wherever it stands.  Characters are the elements of an array of
  one-byte integers, up to and with its own first zero; no array decides how anything beside it looks.
* A null pointer is ``(nil)``, and an enum has its value, wherever they lie.  At an address in its buffer
  that is no multiple of their size the library prints ``0x0`` for the one and reads the other as zero,
  as it reads an enum's bit field on a big-endian machine.
"""

import errno

from . import btf as types
from .btf import DEEPEST, MOST, BtfError, is_signed, member_bits
from .btf_float import fixed
from .btf_names import Names

INDENT = 2                      # tabs in front of the outermost value
UNBOUNDED = (errno.ELOOP, errno.EOVERFLOW)      # errors that end all, not only the array they happen in
PLAIN, WIDE = (1, 2, 4, 8), 16  # bytes of an int: those that are printed as a number, and in hex
WORD, LONG = 1 << 32, 1 << 64
STATIC = 0                      # linkage of a variable


class Printer:
    """Prints values of one type of a Btf: on one line (``compact``), or with a line for each member."""

    def __init__(self, btf, number, compact):
        self.btf = btf
        self.number = number
        self.compact = compact
        self.names = Names(btf)

    def text(self, data):
        """The text of a value, ``data`` in the kernel's bytes.  An error is told in it, behind what came before."""
        self.data, self.out = data, []
        self.depth, self.elements, self.left = 0, 0, MOST
        try:
            self.value(self.number, 0)
        except BtfError as failed:
            if not self.compact:
                self.out.append('\t' * INDENT)
            self.out.append('failed to dump data: %d' % -failed.errno)
        return ''.join(self.out)

    def value(self, number, at, name='', width=0):
        """The value at bit ``at`` with all that is in it, as a member called ``name`` if that is not empty."""
        self.count()
        kind = self.btf.real(number)
        if kind.kind == types.VAR:
            self.variable(kind, at)
            return
        if kind.kind == types.DATASEC:
            self.section(kind, at)
            return
        scalar = SCALARS.get(kind.kind)
        if scalar and not width and at // 8 + self.btf.size(number) > len(self.data):
            raise BtfError(errno.E2BIG)
        self.indent()
        if name:
            self.out.append('.%s = ' % name)
        if not self.elements:
            self.out.append('(%s)' % self.names.cast(number))
        if width:
            self.out.append(bit_field(self.btf, kind, self.data, at, width))
        elif scalar:
            self.out.append(scalar(self.btf, kind, self.data, at // 8))
        elif kind.kind == types.ARRAY:
            self.array(kind, at)
        else:
            self.struct(kind, at)
        self.end()

    def struct(self, kind, at):
        if kind.kind not in (types.STRUCT, types.UNION):
            raise BtfError(errno.EINVAL)
        self.open('{')
        for name, number, offset in kind.entries:
            place, width = member_bits(kind, offset)
            self.value(number, at + place, self.btf.name(name), width)
        self.close('}')

    def array(self, kind, at):
        """The elements, without casts.  One that cannot be told is left where it failed; the next one follows."""
        number, _, count = kind.entries[0]
        step, element = self.btf.size(number) * 8, self.btf.real(number)
        if not step:
            raise BtfError(errno.EINVAL)
        self.open('[')
        self.elements += 1
        if element.kind == types.INT and element.size == 1:
            self.characters(element, at // 8, count)
        else:
            for place in range(at, min(at + count * step, len(self.data) * 8), step):
                try:
                    self.value(number, place)
                except BtfError as failed:
                    if failed.errno in UNBOUNDED:
                        raise
        self.elements -= 1
        self.close(']')

    def characters(self, element, at, count):
        for byte in self.data[at:at + count]:
            self.count()
            if byte > 0x7f and is_signed(element):
                byte -= 0x100
            self.indent()
            self.out.append("'%c'" % byte if 0x20 <= byte < 0x7f else '%d' % byte if byte else "'\\0'")
            self.end()
            if not byte:
                return

    def variable(self, kind, at):
        if self.btf.real(kind.type).kind in (types.VAR, types.DATASEC):
            raise BtfError(errno.EINVAL)
        static = 'static ' if kind.entries[0][0] == STATIC else ''
        self.indent()
        self.out.append('%s%s %s = ' % (static, self.names.cast(kind.type), kind.name))
        self.value(kind.type, at)

    def section(self, kind, at):
        self.indent()
        self.out.append('SEC("%s") ' % kind.name)
        for number, offset, _ in kind.entries:
            self.value(number, at + offset * 8)
            self.out.append(';')

    # What stands around values.  An error leaves the depth as it is, and so do ss's lines behind it.

    def count(self):
        self.left -= 1
        if self.left < 0:
            raise BtfError(errno.EOVERFLOW)
        if self.depth > DEEPEST:
            raise BtfError(errno.ELOOP)

    def indent(self):
        if not self.compact:
            self.out.append('\t' * (INDENT + self.depth))

    def open(self, bracket):
        self.out.append(bracket if self.compact else bracket + '\n')
        self.depth += 1

    def close(self, bracket):
        self.depth -= 1
        self.indent()
        self.out.append(bracket)

    def end(self):
        if self.depth:
            self.out.append(',' if self.compact else ',\n')


# Values that have no others in them, as text.

def int_text(btf, kind, data, at):
    if kind.size in PLAIN:
        return '%d' % btf.number(data, at, kind.size, is_signed(kind))
    if kind.size == WIDE:
        return '0x%x' % btf.number(data, at, WIDE, False)
    raise BtfError(errno.EINVAL)


def float_text(btf, kind, data, at):
    return fixed(btf.bytes(data, at, kind.size), btf.mark)


def pointer_text(btf, kind, data, at):
    address = btf.number(data, at, btf.pointer, False)
    return '0x%x' % address if address else '(nil)'


def enum_text(btf, kind, data, at):
    return constant(btf, kind, btf.number(data, at, kind.size, is_signed(kind)))


def constant(btf, kind, value):
    """The name of an enum's value, else its number.

    As ss has it: an unsigned enum's value is looked for among constants that are signed, so that none
    of 2 ** 31 or more is found.
    """
    wide = kind.kind == types.ENUM64
    value %= LONG
    wanted = value - LONG if value >= LONG // 2 and not wide else value
    name = btf.constants(kind).get(wanted)
    if name is not None:
        return name
    range_, suffix = (LONG, 'LL') if wide else (WORD, '')
    value %= range_
    if not is_signed(kind):
        return '%d%s' % (value, 'U' + suffix if wide else '')
    return '%d%s' % (value - range_ if value >= range_ // 2 else value, suffix)


def bit_field(btf, kind, data, at, width):
    """Bits are shown as bits: in hex, never negative."""
    if kind.size not in PLAIN:
        raise BtfError(errno.EINVAL)
    bits = btf.bits(data, at, width)
    there = kind.size * 8 - at % 8
    if there < width <= 64 - at % 8:    # a packed field that leaves its int: ss reads as many bytes as the int has
        bits = bits & (1 << there) - 1 if btf.order == 'little' else bits >> width - there << width - there
    if kind.kind in (types.ENUM, types.ENUM64):
        return constant(btf, kind, bits)
    if kind.kind != types.INT:
        raise BtfError(errno.EINVAL)
    return '0x%x' % bits


SCALARS = {types.INT: int_text, types.FLOAT: float_text, types.PTR: pointer_text, types.ENUM: enum_text,
           types.ENUM64: enum_text}
