"""The addresses of internet sockets, a column at a time.

Addresses repeat in ways that a memo can use: one end is often the same in every row, IPv6 addresses
share their first words, and 100,000 different IPv4 addresses are made of 256 different octets.
"""

import sys
from operator import itemgetter

import _socket

from ..fields import ADDRESS, Fact
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, MAPPED
from ..render import Cells, Memos, varied

WORD = 4
REPEATED = 8            # a memo must save as many rows the cost of a new text, for byte by byte is quick too
NO_PREFIX = bytes(12)


def numeric(address):
    """The text of an address of 4 or 16 bytes, as inet_ntop(3) of glibc writes it."""
    if address.startswith(NO_PREFIX) and address[12:14] != NO_PREFIX[:2]:
        return '::' + numeric(address[12:])         # ::10.0.0.1, which is ::a00:1 to musl
    return _socket.inet_ntop(AF_INET if len(address) == WORD else AF_INET6, address)


def displayed(address, v6only):
    """The text as ss shows it: brackets around IPv6, a star for the address of every host (command-line.md 7.2)."""
    text = numeric(address)
    if len(address) == WORD:
        return text
    return '*' if not any(address) and not v6only else '[%s]' % text


def shown(manner):
    """The function from an address and its v6only to what is shown: with ``-r`` the host's name where it has one."""
    if not manner.style.resolve:
        return displayed

    def resolved(address, v6only):
        if len(address) != WORD and not any(address):
            return displayed(address, v6only)
        return named(address, manner) or displayed(address, v6only)
    return resolved


def named(address, manner):
    """The name of an address's host, fit for where it goes, or ''."""
    return manner.fit(manner.host.names.host(address[12:] if address.startswith(MAPPED) else address))


def bare(manner):
    """The function from an address, 4 or 16 bytes, to its name or number without brackets."""
    if not manner.style.resolve:
        return numeric
    return lambda address: named(address, manner) or numeric(address)


class AddressFact(Fact):
    """The address of one end: 4 or 16 bytes of a message, told as inet_ntop(3) writes it."""

    __slots__ = ()

    def __init__(self, name, address, v6only, help):
        super().__init__(name, (address, v6only), ADDRESS, help=help, certain=True)

    def addresses(self, text, before='', after=''):
        address, v6only = self.alternatives[0]
        return Addresses(address, v6only, text, before, after)

    def column(self, group, host=None):
        return self.addresses(plain).cells(group)

    def part(self, host, front, write, absent):
        return Cells(self.addresses(plain, front).cells)

    def raw(self, group):
        """The addresses of all messages of a group as bytes."""
        return raw(self.alternatives[0][0], group)

    def pair(self, host):
        from ..objects import Texts
        made = {}

        def cells(group, front):
            if front not in made:
                made[front] = self.addresses(plain, front + '"', '"')
            return made[front].cells(group)
        return Texts(self.name.rpartition('.')[2], cells)


def raw(address, group):
    """The column of an address: 4 bytes each in a group of IPv4 sockets, else 16."""
    return group.slices(group.place(address)[0], WORD if group.data[group.base] == AF_INET else 16)


def plain(address, v6only):
    return numeric(address)


class Addresses:
    """The texts of one end's addresses: ``before`` + ``text(address, v6only)`` + ``after``."""

    def __init__(self, address, v6only, text=displayed, before='', after=':'):
        self.address = address
        self.v6only = v6only
        self.text = text
        self.before = before
        self.after = after
        self._memos = Memos()
        self._octets = None

    def make(self, address, v6only):
        return self.before + self.text(address, v6only) + self.after

    def cells(self, group):
        """A text for each message of a group, whose messages are of one family."""
        place, size = group.place(self.address)
        if group.data[group.base] == AF_INET:
            if self.text in (displayed, plain) and varied(group.words(place, 1), REPEATED):
                return self._bytes(group, place)
            return self._words(group, place, 1, 0)
        flags = group.values(self.v6only)
        if flags.count(flags[0]) == group.count:
            return self._words(group, place, size // WORD, flags[0])
        return [self.make(address, flag) for address, flag in zip(group.slices(place, size), flags)]

    def _words(self, group, place, count, v6only):
        """By those words of the address that differ between rows: mostly one, or none."""
        columns = group.words(place, count)
        fixed = tuple([column[0] if column.count(column[0]) == group.count else None for column in columns])
        if None not in fixed:
            return [self.make(_joined(fixed, ()), v6only)] * group.count
        free = [column for column, word in zip(columns, fixed) if word is None]
        if len(free) == 1:
            memo = self._memo((fixed, v6only), lambda word: self.make(_joined(fixed, (word,)), v6only))
            return list(map(memo.__getitem__, free[0]))
        memo = self._memo((fixed, v6only), lambda some: self.make(_joined(fixed, some), v6only))
        return list(map(memo.__getitem__, zip(*free)))

    def _bytes(self, group, place):
        """IPv4 addresses that hardly repeat: byte by byte, for there are but 256 of each."""
        if self._octets is None:
            plain = list(map(str, range(256)))
            dotted = [octet + '.' for octet in plain]
            self._octets = ([self.before + octet for octet in dotted], dotted, dotted,
                            [octet + self.after for octet in plain])
        return list(map(''.join, zip(*[itemgetter(*column)(octets)
                                       for octets, column in zip(self._octets, group.bytes(place, WORD))])))

    def _memo(self, key, make):
        memo = self._memos.of(key)
        return self._memos.add(key, make) if memo is None else memo


def _joined(fixed, some):
    """The bytes of an address from the words that are the same in all rows and those that are not."""
    some = iter(some)
    return b''.join([(next(some) if word is None else word).to_bytes(WORD, sys.byteorder) for word in fixed])
