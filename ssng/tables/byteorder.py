"""Messages of a machine of the other byte order, made those of this one.

What is an integer, and how long, the members say from which a table's facts are made: each knows the structure it lies in.
A structure is turned whole.  Bit fields of one integer change places: on a big-endian machine the first is the highest.

    16 bytes of header    I H H I I
    the fixed part        inet_diag_msg: B B B B, >H >H (big everywhere: they stay), ... I I I I I
    an attribute          H H, then tcp_info, or a number as long as the payload, or attributes again
"""

import sys
from ..kernel.abi import sizeof
from ..kernel.abi.netlink import NLA_F_NESTED, NLMSG_DONE, NLMSG_ERROR, nlattr, nlmsghdr
from ..kernel.messages import ATTRIBUTE, HEADER, align
from ..memo import Memo

OTHER = 'big' if sys.byteorder == 'little' else 'little'
NUMBER = 'number'               # a form: one integer as long as it is there


class Swap:
    """The function from a datagram of the other byte order to one of this, for the messages of one table."""

    def __init__(self, table):
        self.fixed = table.fixed
        self.forms = {}
        self.plans = Memo(lambda kind: made(kind, 0))
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

    def __call__(self, data):
        """The datagram's bytes; where a length makes no sense they stay from there on."""
        turned, start = bytearray(data), 0
        while len(data) - start >= HEADER:
            self.structure(turned, start, nlmsghdr, len(data))
            head = nlmsghdr.from_buffer_copy(turned, start)
            end = start + head.nlmsg_len
            if not HEADER <= head.nlmsg_len <= len(data) - start:
                break
            at = start + HEADER
            if head.nlmsg_type in (NLMSG_DONE, NLMSG_ERROR):
                number(turned, at, min(at + 4, end))
                if head.nlmsg_type == NLMSG_ERROR:
                    self.structure(turned, at + 4, nlmsghdr, end)
                else:
                    self.attributes(turned, at + 4, end, {})
            else:
                if None in self.forms:
                    self.structure(turned, at, self.forms[None], min(end, at + self.fixed))
                self.attributes(turned, at + self.fixed, end, self.forms)
            start += align(head.nlmsg_len)
        return bytes(turned)

    def attributes(self, data, start, end, forms, otherwise=None):
        while end - start >= ATTRIBUTE:
            self.structure(data, start, nlattr, end)
            head = nlattr.from_buffer_copy(data, start)
            if not ATTRIBUTE <= head.nla_len <= end - start:
                return
            self.payload(data, start + ATTRIBUTE, start + head.nla_len, forms.get(head.nla_type & ~NLA_F_NESTED, otherwise))
            start += align(head.nla_len)

    def payload(self, data, start, end, form):
        if form.__class__ is dict:
            self.attributes(data, start, end, form, NUMBER)
        elif form.__class__ is tuple:                   # one after the other, in so many bytes each
            kind, stride = form
            for at in range(start, end - stride + 1, stride):
                self.structure(data, at, kind, end)
        elif form == NUMBER:
            number(data, start, end)
        elif form is not None:
            self.structure(data, start, form, end)

    def structure(self, data, start, kind, end):
        """Turn what is there, up to ``end``, of the ctypes structure or integer at ``start``."""
        for offset, size, fields in self.plans[kind]:
            at = start + offset
            if at + size > end:
                continue
            if fields:
                value, turned = int.from_bytes(data[at:at + size], OTHER), 0
                for shift, width in fields:
                    turned |= (value >> 8 * size - shift - width & (1 << width) - 1) << shift
                data[at:at + size] = turned.to_bytes(size, sys.byteorder)
            else:
                number(data, at, at + size)


def number(data, start, end):
    data[start:end] = data[start:end][::-1]


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
