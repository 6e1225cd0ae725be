"""Messages to columns.

A dump is a matrix.  Messages of one *shape* (the same length, the same attributes in the same places,
the same family) form a :class:`Group`, and one member of all of them is a strided memoryview, decoded
by one ``tolist``: some 5 ns a cell, where ctypes member access takes 230 ns a row.  The ctypes
structures stay the one source of layout: a :class:`Member` asks them where it lies.

A shape is checked over the whole group, header by header, never believed from the first message.
"""

import sys
from operator import itemgetter

try:
    from _struct import unpack          # spares the start a module
except ImportError:                     # another Python than CPython may have no such part
    from struct import unpack

from .abi import sizeof
from .abi.netlink import NLA_F_NESTED
from .messages import ATTRIBUTE, HEADER, Malformed, attributes

LITTLE = sys.byteorder == 'little'
CODES = {(1, False): 'B', (2, False): 'H', (4, False): 'I', (8, False): 'Q',
         (1, True): 'b', (2, True): 'h', (4, True): 'i', (8, True): 'q'}


class Member:
    """Where one member of a kernel structure lies, and how its column is read.

    ``attribute`` is the number of the attribute whose payload is the structure, None for the message
    itself.  ``size`` is in bytes, None for all of a payload.  ``code`` is the struct character of an
    integer, None for bytes.  ``big``: big-endian.  ``bits``: (shift, mask) of a bit field.
    ``low_first``: of two 32-bit words, the low one comes first.  ``missing`` is the value where a
    message lacks the attribute (None: such a message tells nothing).  ``form``: the structure that it is a member of, or
    what else the payload is made of (:mod:`ssng.tables.byteorder`).
    """

    __slots__ = ('attribute', 'name', 'offset', 'size', 'code', 'big', 'bits', 'low_first', 'missing', 'form')

    def __init__(self, attribute, name, offset, size, code=None, missing=None):
        self.attribute = attribute
        self.name = name
        self.offset = offset
        self.size = size
        self.code = code
        self.missing = missing
        self.big = False
        self.bits = None
        self.low_first = LITTLE
        self.form = None

    def copy(self):
        other = Member(self.attribute, self.name, self.offset, self.size, self.code, self.missing)
        other.big, other.bits, other.low_first, other.form = self.big, self.bits, self.low_first, self.form
        return other

    def as_signed(self):
        """The same member, read as a signed integer; a bit field has no sign, as in C where it is made an int."""
        other = self.copy()
        other.code = self.code.lower()
        return other

    def decoded(self, cell):
        """The value of the member from as many of its bytes as there are."""
        if self.code is None:
            return cell if self.size is None else cell.ljust(self.size, b'\0')
        cell = cell.ljust(self.size, b'\0')
        if self.low_first != LITTLE:
            cell = cell[4:] + cell[:4]
        value = int.from_bytes(cell, 'big' if self.big else sys.byteorder, signed=self.code.islower())
        if self.bits is None:
            return value
        shift, mask = self.bits
        return value >> shift & mask

    def __repr__(self):
        return '<Member %s at %d of %s>' % (self.name, self.offset, self.attribute or 'the message')


def member(struct, path, attribute=None, missing=None):
    """The Member at ``path`` of ``struct``: ``'idiag_state'``, ``'id.idiag_sport'``, ``'id.idiag_cookie'``."""
    offset, kind = 0, struct
    for name in path.split('.'):
        field = getattr(kind, name)
        declared = next(entry for entry in kind._fields_ if entry[0] == name)
        offset, kind = offset + field.offset, declared[1]
    size = sizeof(kind)
    if not hasattr(kind, '_type_') or hasattr(kind, '_length_'):        # a structure, an array
        found = Member(attribute, path, offset, size, missing=missing)
        found.form = struct
        return found
    found = Member(attribute, path, offset, size, CODES[size, kind._type_ in 'bhilq'], missing)
    found.form = struct
    found.big = LITTLE and size > 1 and kind.__ctype_be__ is kind
    if len(declared) > 2:
        found.bits = field.size & 0xffff, (1 << declared[2]) - 1
    return found


def words(struct, path, attribute=None):
    """The array of two 32-bit words at ``path``, the low word first, as one integer: a cookie."""
    found = member(struct, path, attribute)
    found.code, found.low_first = 'Q', True
    return found


def pair(struct, low, high, attribute=None):
    """Two 32-bit members side by side, the low word first, as one integer."""
    found = member(struct, low, attribute)
    assert member(struct, high, attribute).offset == found.offset + found.size
    found.size, found.code, found.low_first = 8, 'Q', True
    return found


def scalar(attribute, name, size, missing=None):
    """An attribute that is one unsigned integer of ``size`` bytes."""
    return Member(attribute, name, 0, size, CODES[size, False], missing)


def bits(whole, shift, mask):
    """Some bits of a Member, as a Member of their own."""
    part = whole.copy()
    part.bits = shift, mask
    return part


def payload(attribute, name, missing=None, form=None):
    """The whole payload of an attribute, as bytes of whatever length; ``form``: what it is made of, None for text."""
    found = Member(attribute, name, 0, None, missing=missing)
    found.form = form
    return found


def presence(attribute, name, missing=None):
    """An attribute of which only counts that it is there: b'' then, whatever it holds."""
    return Member(attribute, name, 0, 0, missing=missing)


class Group:
    """Messages of one shape.

    ``data`` holds ``count`` messages of ``stride`` bytes, each with its payload at ``base``, behind the header.
    ``attributes`` maps an attribute's number to where its value starts in a message and its length.
    """

    __slots__ = ('data', 'stride', 'count', 'attributes', 'ragged', '_views')

    base = HEADER

    def __init__(self, data, stride, count, found):
        self.data = data
        self.stride = stride
        self.count = count
        self.ragged = bool(found) and found[-1][0] is None
        self.attributes = {}
        for number, start, end in found:
            if number is not None:
                self.attributes.setdefault(number & ~NLA_F_NESTED, (start, end - start))
        words = memoryview(data)
        self._views = {1: words, 2: words.cast('H'), 4: words.cast('I')}

    def place(self, member):
        """Where the member lies in each message, and how many bytes of it are there; None: nowhere."""
        if member.attribute is None:
            start, length = self.base, self.stride - self.base
        elif member.attribute in self.attributes:
            start, length = self.attributes[member.attribute]
        else:
            return None
        size = length if member.size is None else member.size
        return start + member.offset, min(size, max(length - member.offset, 0))

    def has(self, member, whole=False):
        """Whether the messages have the member, or something in its place; if ``whole``, all its bytes."""
        place = self.place(member)
        if place is None:
            return member.missing is not None
        return not whole or member.size is None or place[1] == member.size

    def same(self, member):
        """The one value that all messages have; None where they differ, or lack the member."""
        place = self.place(member)
        if place is None:
            return member.missing
        offset, there = place
        step = 4 if not offset % 4 and there > 2 else 2 if not offset % 2 and there == 2 else 1
        for at in range(offset, offset + there, step):
            column = self._views[step][at // step::self.stride // step]
            if column[0] != column[-1] or column[0] != column[self.count // 2]:
                return None
            if column.tobytes() != self.data[at:at + step] * self.count:
                return None
        return member.decoded(self.data[offset:offset + there])

    def values(self, member):
        """The member's column: a list of ``count`` integers or bytes; None where the messages lack it.

        A payload that ends before the member does is continued with zeros: an older kernel sent a
        shorter structure (fixtures/behaviour/sockets.md, 1.4).
        """
        place = self.place(member)
        if place is None:
            return None if member.missing is None else [member.missing] * self.count
        offset, there = place
        if member.code is None and member.size is None:
            return self.slices(offset, there)
        if member.code is None or there < member.size:
            return list(map(member.decoded, self.slices(offset, there)))
        if member.size == 8:
            return self._wide(offset, member.low_first)
        column = self._views[member.size][offset // member.size::self.stride // member.size]
        if member.bits:
            return self._bits(column, *member.bits)
        if member.big or member.code.islower():
            order = '>' if member.big else '='
            return list(unpack('%s%d%s' % (order, self.count, member.code), column.tobytes()))
        return column.tolist()

    def _bits(self, column, shift, mask):
        if column.itemsize == 1:
            return list(column.tobytes().translate(bytes([value >> shift & mask for value in range(256)])))
        return [value >> shift & mask for value in column.tolist()]

    def picked(self, rows):
        """The Group of the messages with these numbers."""
        data, stride = self.data, self.stride
        group = Group(b''.join([data[row * stride:(row + 1) * stride] for row in rows]),
                      stride, len(rows), ())
        group.attributes, group.ragged = self.attributes, self.ragged
        return group

    def slices(self, offset, size):
        data, stride = self.data, self.stride
        return [data[place:place + size] for place in range(offset, offset + self.count * stride, stride)]

    def words(self, offset, count):
        """``count`` columns of 32-bit words from ``offset`` on."""
        view, step = self._views[4], self.stride // 4
        return [view[place::step].tolist() for place in range(offset // 4, offset // 4 + count)]

    def bytes(self, offset, count):
        """``count`` columns of bytes from ``offset`` on."""
        view, step = self._views[1], self.stride
        return [view[place::step].tolist() for place in range(offset, offset + count)]

    def _wide(self, offset, low_first):
        """64-bit members lie on 4-byte boundaries; of some the low word comes first on every machine."""
        if low_first != LITTLE:
            return [low | high << 32 for low, high in zip(*self.words(offset, 2))]
        stride = self.stride
        if not stride % 8:
            return self._long(offset, stride)
        column = [0] * self.count       # every other message lies as the first does
        column[::2], column[1::2] = self._long(offset, 2 * stride), self._long(offset + stride, 2 * stride)
        return column

    def _long(self, offset, stride):
        """The 64-bit words at each ``stride``, a multiple of 8."""
        begin = offset % 8
        view = self._views.get(8 + begin)
        if view is None:
            view = self._views[8 + begin] = self._views[1][begin:begin + (len(self.data) - begin) // 8 * 8].cast('Q')
        return view[offset // 8::stride // 8].tolist()


class Batch:
    """The groups of one block, and the order in which the kernel sent their messages."""

    __slots__ = ('groups', 'count', '_parts', '_order')

    def __init__(self, parts):
        """``parts``: (Group, indexes of its messages in the block); None are the indexes of the only group, in order."""
        self._parts = parts
        self.groups = [group for group, _ in parts]
        self.count = sum(group.count for group in self.groups)
        self._order = None
        if len(parts) > 1 or parts and disordered(parts[0][1]):
            place = [0] * self.count
            at = 0
            for _, indexes in parts:
                for index in indexes:
                    place[index] = at
                    at += 1
            self._order = itemgetter(*place)

    def ordered(self, columns):
        """One column for the whole batch from one for each group, in the kernel's order."""
        if self._order is None:
            return columns[0]
        whole = []
        for column in columns:
            whole += column
        return self._order(whole)

    def values(self, member, missing=None):
        """The member's values for the whole batch; ``missing`` where a message lacks it."""
        columns = [group.values(member) for group in self.groups]
        return self.ordered([[missing] * group.count if column is None else column
                             for group, column in zip(self.groups, columns)])

    def kept(self, flags):
        """The Batch of those messages whose flag, in the kernel's order, is true."""
        rank, at = [], 0
        for flag in flags:
            rank.append(at)
            at += bool(flag)
        parts = []
        for group, indexes in self._parts:
            indexes = range(group.count) if indexes is None else indexes
            mine = [row for row, index in enumerate(indexes) if flags[index]]
            if mine:
                parts.append((group.picked(mine), [rank[indexes[row]] for row in mine]))
        return Batch(parts)

    def marked(self, attribute, flags):
        """The same messages; those whose flag, in the kernel's order, is true have ``attribute``, of no bytes."""
        parts = []
        for group, indexes in self._parts:
            indexes = range(group.count) if indexes is None else indexes
            for mark in (False, True):
                rows = [row for row, index in enumerate(indexes) if flags[index] == mark]
                if rows:
                    part = group.picked(rows)
                    if mark:
                        part.attributes = dict(part.attributes)
                        part.attributes[attribute] = (part.base, 0)
                    parts.append((part, [indexes[row] for row in rows]))
        return Batch(parts)


def packed(batch):
    """A Batch for another process: what marshal takes, and the bytes of its groups."""
    return [(group.stride, group.count, group.attributes, group.ragged, None if indexes is None else list(indexes))
            for group, indexes in batch._parts], [group.data for group in batch.groups]


def unpacked(shapes, data):
    """The Batch that was packed."""
    parts = []
    for (stride, count, places, ragged, indexes), messages in zip(shapes, data):
        group = Group(messages, stride, count, ())
        group.attributes, group.ragged = places, ragged
        parts.append((group, indexes))
    return Batch(parts)


def disordered(indexes):
    """Whether these are not 0, 1, 2..."""
    return indexes is not None and list(indexes) != list(range(len(indexes)))


def batch(block, fixed):
    """The Batch of a Block whose messages begin with ``fixed`` bytes that are no attributes."""
    parts = []
    for data, stride, indexes in block.parts:
        parts += _shapes(data, stride, fixed, indexes)
    return Batch(parts)


def _shapes(data, stride, fixed, indexes):
    """Messages of one length to (Group, indexes): parted where family or attribute headers differ."""
    if HEADER + fixed > stride:
        raise Malformed('a socket of %d bytes, where %d are the least' % (stride - HEADER, fixed))
    count = len(data) // stride
    found = attributes(data, HEADER + fixed, stride)
    view = memoryview(data)
    words, step = view.cast('I'), stride // 4
    checks = [place - ATTRIBUTE for number, place, _ in found if number is not None]
    if found and found[-1][0] is None and found[-1][2] - found[-1][1] >= ATTRIBUTE:
        checks.append(found[-1][1])         # the header that makes no sense in the first message
    for place in checks:
        if words[place // 4::step].tobytes() != data[place:place + 4] * count:
            return _parted(words[place // 4::step].tolist(), data, stride, fixed, indexes)
    if stride > HEADER and view[HEADER::stride].tobytes() != data[HEADER:HEADER + 1] * count:
        return _parted(view[HEADER::stride].tolist(), data, stride, fixed, indexes)
    return [(Group(data, stride, count, found), indexes)]


def _parted(keys, data, stride, fixed, indexes):
    """The messages whose key is the same, together."""
    parts = []
    for key in sorted(set(keys)):
        mine = [index for index, this in enumerate(keys) if this == key]
        rows = b''.join([data[index * stride:(index + 1) * stride] for index in mine])
        where = mine if indexes is None else [indexes[index] for index in mine]
        parts += _shapes(rows, stride, fixed, where)
    return parts
