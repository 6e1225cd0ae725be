"""Messages of a machine of the other byte order, made those of this one.

What is an integer, and how long, the members say from which a table's facts are made: each knows the structure it lies in.
A structure is turned whole.  Bit fields of one integer change places: on a big-endian machine the first is the highest.

    16 bytes of header    I H H I I
    the fixed part        inet_diag_msg: B B B B, >H >H (big everywhere: they stay), ... I I I I I
    an attribute          H H, then tcp_info, or a number as long as the payload, or attributes again

Messages of one length and type that have the same attributes are turned together.  Through the first one walks, from header
to header, and keeps in mind where each byte came from; by this plan a byte of all of them is moved at once:

    two rows of an I and two H             the plan: 0 from 3, 1 from 2 ... 4 from 5, 5 from 4 ...
    0000000a 0001 0002 0000000b 0003 0004  turned[0::8] = rows[3::8], and so on
"""

import sys

from ..kernel.abi import sizeof
from ..kernel.abi.netlink import NLA_F_NESTED, NLMSG_DONE, NLMSG_ERROR, nlattr, nlmsghdr
from ..kernel.messages import ATTRIBUTE, HEADER, align
from ..memo import Memo

OTHER = 'big' if sys.byteorder == 'little' else 'little'
NUMBER = 'number'               # a form: one integer as long as it is there
LENGTH = slice(nlmsghdr.nlmsg_len.offset, nlmsghdr.nlmsg_len.offset + nlmsghdr.nlmsg_len.size)
ALIKE = slice(nlmsghdr.nlmsg_type.offset + nlmsghdr.nlmsg_type.size)       # bytes that tell a message's length and type


class Swap:
    """The function from datagrams of the other byte order to those of this, for the messages of one table."""

    def __init__(self, table):
        self.fixed = table.fixed
        self.forms = {}
        self.steps = Memo(lambda kind: made(kind, 0))
        if table.forms is not None:
            self.forms = table.forms
            return
        for fact in table.facts():
            for choice in fact.alternatives:
                for member in choice:
                    self.learn(member)
        for member in list(getattr(table, 'filtered', {}).values()) + [table.kind, table.inode, table.state]:
            if member is not None:
                self.learn(member)

    def learn(self, member):
        form = member.form
        if form is None and member.size and member.code:
            form = NUMBER
        if form is not None:
            self.forms.setdefault(member.attribute, form)

    def __call__(self, data, ends=None):
        """The bytes of datagrams that end there, of one without ``ends``; behind a length that makes no sense they stay."""
        turned, alike, start = bytearray(data), {}, 0
        for end in ends or (len(data),):
            while end - start >= HEADER:
                head = data[start:start + HEADER]
                length = int.from_bytes(head[LENGTH], OTHER)
                if not HEADER <= length <= end - start:
                    turned[start:start + HEADER] = Plan(self, head).data
                    break
                alike.setdefault(head[ALIKE], []).append(start)
                start += align(length)
            start = end
        for starts in alike.values():
            self.turn(data, turned, starts, int.from_bytes(data[starts[0]:][LENGTH], OTHER), 0)
        return bytes(turned)

    def turn(self, data, turned, starts, length, checked):
        """Messages of one length and type; so many headers of their attributes, from the first on, are known to be the same."""
        plan = Plan(self, data[starts[0]:starts[0] + length])
        rows = b''.join([data[start:start + length] for start in starts])
        for count, place in enumerate(plan.headers[checked:], checked + 1):
            if any([rows[at::length] != rows[at:at + 1] * len(starts) for at in range(place, place + ATTRIBUTE)]):
                parts = {}
                for start in starts:
                    parts.setdefault(data[start + place:start + place + ATTRIBUTE], []).append(start)
                for part in parts.values():
                    self.turn(data, turned, part, length, count)
                return
        done = bytes(plan.data) if len(starts) == 1 else plan.turned(rows, length)
        for number, start in enumerate(starts):
            turned[start:start + length] = done[number * length:(number + 1) * length]


class Plan:
    """How messages like this one are turned.

    ``data``: the message, turned.  ``origins``: for each byte of it the place where it was.  ``units``: (offset, size, fields)
    of integers with bit fields.  ``headers``: places of the headers of its attributes, in the order of the walk.
    """

    def __init__(self, swap, message):
        self.steps, self.forms = swap.steps, swap.forms
        self.data, self.origins, self.units, self.headers = bytearray(message), list(range(len(message))), [], []
        at, end = HEADER, len(message)
        self.structure(0, nlmsghdr, end)
        head = nlmsghdr.from_buffer_copy(self.data)
        if head.nlmsg_type in (NLMSG_DONE, NLMSG_ERROR):
            self.number(at, min(at + 4, end))
            if head.nlmsg_type == NLMSG_ERROR:
                self.structure(at + 4, nlmsghdr, end)
            else:
                self.attributes(at + 4, end, {})
            return
        if None in self.forms:
            self.structure(at, self.forms[None], min(end, at + swap.fixed))
        self.attributes(at + swap.fixed, end, self.forms)

    # The walk

    def attributes(self, start, end, forms, otherwise=None):
        while end - start >= ATTRIBUTE:
            self.headers.append(start)
            self.structure(start, nlattr, end)
            head = nlattr.from_buffer_copy(self.data, start)
            if not ATTRIBUTE <= head.nla_len <= end - start:
                return
            self.payload(start + ATTRIBUTE, start + head.nla_len, forms.get(head.nla_type & ~NLA_F_NESTED, otherwise))
            start += align(head.nla_len)

    def payload(self, start, end, form):
        if form.__class__ is dict:
            self.attributes(start, end, form, NUMBER)
        elif form.__class__ is tuple:                   # one after the other, in so many bytes each
            kind, stride = form
            for at in range(start, end - stride + 1, stride):
                self.structure(at, kind, end)
        elif form == NUMBER:
            self.number(start, end)
        elif form is not None:
            self.structure(start, form, end)

    def structure(self, start, kind, end):
        """Turn what is there, up to ``end``, of the ctypes structure or integer at ``start``."""
        for offset, size, fields in self.steps[kind]:
            at = start + offset
            if at + size > end:
                continue
            if fields:
                self.units.append((at, size, fields))
                self.data[at:at + size] = rearranged(fields)(bytes(self.data[at:at + size]))
            else:
                self.number(at, at + size)

    def number(self, start, end):
        for bytes_of in self.data, self.origins:
            bytes_of[start:end] = bytes_of[start:end][::-1]

    # The same for others

    def turned(self, rows, length):
        """The bytes of rows of this length, turned."""
        done = bytearray(rows)
        for to, origin in enumerate(self.origins):
            if to != origin:
                done[to::length] = rows[origin::length]
        for at, size, fields in self.units:
            turn = Memo(rearranged(fields))
            cells = b''.join([turn[rows[place:place + size]] for place in range(at, len(rows), length)])
            for byte in range(size):
                done[at + byte::length] = cells[byte::size]
        return bytes(done)


def rearranged(fields):
    """The function from the bytes of an integer with these bit fields, (shift, width), to those in this machine's order."""
    def turn(cell):
        value, turned, bits = int.from_bytes(cell, OTHER), 0, 8 * len(cell)
        for shift, width in fields:
            turned |= (value >> bits - shift - width & (1 << width) - 1) << shift
        return turned.to_bytes(len(cell), sys.byteorder)
    return turn


def made(kind, offset):
    """[(offset, size, fields)] of the integers to be turned; ``fields``: (shift, width) of bits, () for a plain one."""
    if hasattr(kind, '_fields_'):
        found, units = [], {}
        for name, each, *bits in kind._fields_:
            field = getattr(kind, name)
            if bits:
                units.setdefault((offset + field.offset, sizeof(each)), []).append((field.size & 0xffff, bits[0]))
            else:
                found += made(each, offset + field.offset)
        return found + [(at, size, tuple(fields)) for (at, size), fields in units.items()]
    if hasattr(kind, '_length_'):
        return [step for at in range(kind._length_) for step in made(kind._type_, offset + at * sizeof(kind._type_))]
    size = sizeof(kind)
    if size == 1 or kind.__ctype_be__ is kind and sys.byteorder == 'little':
        return []
    return [(offset, size, ())]
