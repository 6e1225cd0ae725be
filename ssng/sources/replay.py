"""A record, read again: its datagrams answer any question about the sockets that they tell of.

A file is read twice: once for the places of its datagrams and for what it knows of the host, and what is asked for once
more.  Which dump answers is decided by namespace, family and protocol; states and conditions are judged by who asks.
"""

import os
import sys
from struct import unpack_from

from ..errors import Failure, quoted, reason
from ..host.words import decimal
from ..kernel.abi import sizeof
from ..kernel.abi.inet_diag import (
    DCCPDIAG_GETSOCK, INET_DIAG_PROTOCOL, INET_DIAG_REQ_PROTOCOL, TCPDIAG_GETSOCK, inet_diag_msg, inet_diag_req_v2)
from ..kernel.abi.netlink import NETLINK_SOCK_DIAG, NLMSG_DONE, NLMSG_ERROR, nlmsghdr
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, IPPROTO_DCCP, IPPROTO_TCP
from ..kernel.exchange import Refused, Reply
from ..kernel.messages import HEADER, Answer, align, attributes, message
from . import pcapng
from .recorder import PEERS

NATIVE = '<' if sys.byteorder == 'little' else '>'
LEGACY = {TCPDIAG_GETSOCK: IPPROTO_TCP, DCCPDIAG_GETSOCK: IPPROTO_DCCP}
FIXED = HEADER + inet_diag_req_v2.idiag_ext.offset + 2      # bytes of a request that tell family and protocol
AT_ONCE = 1 << 20
PREFIX, TOTAL = 'SSNG_', 'SSNG_END'
ENOENT = 2


class Namespace:
    """What a record holds of one network namespace.

    ``dumps``: {(family, protocol): Exchanges}, ``events``: places of what came unasked, ``facts``: lines of the host.
    """

    def __init__(self, name='', description=''):
        self.name = name
        self.description = description
        self.dumps = {}
        self.events = []
        self.last = None
        self.facts = []

    @property
    def inode(self):
        """Its number, None where the description does not say."""
        number = self.description.split()[1:2]
        return decimal(number[0]) or None if number else None


class Exchange:
    """A request, the comment on it, and where its replies lie: (place, bytes) of each datagram."""

    def __init__(self, comment):
        self.comment = comment
        self.places = []
        self.failed = False


class Record:
    """A record of this path, ``-`` for stdin, that ``option`` names; or of a ``stream`` in which one can go back.
    Failure, status 1, for what is none.

    ``called``: both, for messages.  ``namespaces``; ``question``, ``system`` and ``application`` of its first block;
    ``damage`` says what is wrong with it, '' while nothing is.
    """

    def __init__(self, path, option='--replay', stream=None):
        self.called = '%s %s' % (option, quoted(path)) if stream is None else 'its answer'
        self.namespaces = []
        self.question = self.system = self.application = ''
        self.damage = ''
        self.order = NATIVE
        self.totals = None
        self.datagrams = 0
        self.first = 0                  # number of a section's first namespace
        try:
            self.stream = stream or opened(path)
            self.index()
        except OSError as error:
            raise Failure('%s: %s' % (self.called, reason(error)), 1)
        except pcapng.Damaged as damaged:
            if not self.namespaces:
                raise Failure('%s: %s' % (self.called, damaged), 1)
            self.damage = str(damaged)
        if not self.damage and self.totals != self.datagrams:
            self.damage = 'it is cut short: its end is not there' if self.totals is None else (
                'it holds %d datagrams and should have %d' % (self.datagrams, self.totals))

    def index(self):
        for kind, place, body, order in pcapng.blocks(self.stream.read):
            self.order = order
            if kind == pcapng.SECTION:
                self.first = len(self.namespaces)
                found = pcapng.read_options(body, 16, order)
                self.question, self.system, self.application = [
                    found.get(number, b'').decode('latin-1') for number in (pcapng.COMMENT, pcapng.OS, pcapng.APPLICATION)]
            elif kind == pcapng.INTERFACE:
                found = pcapng.read_options(body, 8, order)
                self.namespaces.append(Namespace(*[
                    found.get(number, b'').decode('latin-1') for number in (pcapng.IF_NAME, pcapng.IF_DESCRIPTION)]))
            elif kind == pcapng.PACKET:
                self.packet(place, body, order)
            elif kind == pcapng.JOURNAL:
                self.journal(body)

    def packet(self, place, body, order):
        if len(body) < 20 + pcapng.COOKED + HEADER:
            return
        number, _, _, size = unpack_from(order + 'IIII', body)
        protocol = int.from_bytes(body[20 + 14:20 + 16], 'big')
        if size > len(body) - 20 or size < pcapng.COOKED + HEADER or protocol != NETLINK_SOCK_DIAG:
            return
        if self.first + number >= len(self.namespaces):
            return
        self.datagrams += 1
        place, end, head = place + 20 + pcapng.COOKED, 20 + size, 20 + pcapng.COOKED
        self.message(self.namespaces[self.first + number], place, body[head:end], order, body[end + -end % 4:])

    def message(self, namespace, place, data, order, options):
        _, kind, _, seq, pid = unpack_from(order + 'IHHII', data)
        if not pid:
            namespace.last = Exchange(pcapng.read_options(options, 0, order).get(pcapng.COMMENT))
            key = key_of(data, order)
            if key:
                namespace.dumps.setdefault(key, []).append(namespace.last)
        elif not seq and namespace.last is None:
            namespace.events.append((place, len(data)))
        elif namespace.last is not None:
            namespace.last.places.append((place, len(data)))
            namespace.last.failed |= kind == NLMSG_ERROR

    def journal(self, body):
        namespace, lines = None, body.rstrip(b'\0').split(b'\n')
        for line in lines:
            key, _, value = line.decode('latin-1').partition('=')
            if key == TOTAL and value.split()[:1] and value.split()[0].isdigit():
                self.totals = int(value.split()[0][:18])
            elif key == 'SSNG_INTERFACE' and value.isdigit() and len(value) < 9 and (
                    self.first + int(value) < len(self.namespaces)):
                namespace = self.namespaces[self.first + int(value)]
            elif namespace and key.startswith(PREFIX):
                namespace.facts.append((key[len(PREFIX):].lower(), value))

    def datagrams_at(self, places, turned=None):
        """(bytes, ends) of the datagrams at these places, many at a time; ``turned`` if that is a function of both."""
        some, size = [], 0
        for number, place in enumerate(places, 1):
            some.append(place)
            size += place[1]
            if size >= AT_ONCE or number == len(places):
                data, ends = self.read(some)
                yield turned(data, ends) if turned else data, ends
                some, size = [], 0

    def read(self, places):
        start, last = places[0][0], places[-1]
        parts, ends, end = [], [], 0
        if last[0] + last[1] - start <= 2 * AT_ONCE:
            self.stream.seek(start)
            data = self.stream.read(last[0] + last[1] - start)
            parts = [data[place - start:place - start + size] for place, size in places]
        else:
            for place, size in places:
                self.stream.seek(place)
                parts.append(self.stream.read(size))
        for part in parts:
            end += len(part)
            ends.append(end)
        return b''.join(parts), ends


def opened(path):
    """The file, in which one can go back."""
    if path == '-':
        stream = sys.stdin.buffer
    else:
        stream = open(path.encode('latin-1'), 'rb', buffering=0)
    if path != '-' and os.path.isfile(path.encode('latin-1')):
        return stream
    from io import BytesIO
    return BytesIO(stream.read() if path == '-' else b''.join(iter(lambda: stream.read(pcapng.CHUNK), b'')))


def key_of(data, order):
    """(family, protocol) of what a request asks for, family None for both of IP; None if it asks for no sockets."""
    if len(data) < FIXED:
        return None
    kind, = unpack_from(order + 'H', data, nlmsghdr.nlmsg_type.offset)
    if kind in LEGACY:
        return None, LEGACY[kind]
    family, protocol = data[HEADER], data[HEADER + 1]
    if family not in (AF_INET, AF_INET6):
        return family, None
    start = HEADER + sizeof(inet_diag_req_v2)
    while start + 8 <= len(data):
        length, number = unpack_from(order + 'HH', data, start)
        if number == INET_DIAG_REQ_PROTOCOL and length == 8:
            protocol, = unpack_from(order + 'I', data, start + 4)
        start += max(align(length), 4)
    return family, protocol


class Replay:
    """The source that answers from one namespace of a Record."""

    alone = True
    peers = False                   # whether the other ends are looked for, of which there may be a dump of its own
    # ``turned(family, protocol)``: of a record of the other byte order the function that makes datagrams those of this.

    def __init__(self, record, namespace, turned=None):
        self.record = record
        self.namespace = namespace
        self.turned = turned

    @property
    def for_peers(self):
        other = Replay(self.record, self.namespace, self.turned)
        other.peers = True
        return other

    def ask(self, request):
        data = message(request.kind, request.flags, request.seq, request.payload, request.attributes)
        key = key_of(data, NATIVE)
        found = self.namespace.dumps.get(key, []) + self.namespace.dumps.get((None, key and key[1]), [])
        found = [each for each in found if each.places]
        apart = [each for each in found if each.comment == PEERS]
        found = self.peers and apart or [each for each in found if each not in apart]
        if not found and self.namespace.events and key[0] in (AF_INET, AF_INET6):
            return Reply(Answer(), self.ended(*key))
        if not found:
            return Reply(Answer(), absent())
        whole = [each for each in found if not each.failed]
        return Told(self.record, (whole or found)[-1], self.turned and self.turned(*key))

    def ended(self, family, protocol):
        """The sockets of a family and protocol that ended while it was recorded (-E), as a dump."""
        for data, _ in self.record.datagrams_at(self.namespace.events, self.turned and self.turned(family, protocol)):
            for start, end in messages(data):
                if data[start + HEADER:start + HEADER + 1] == bytes([family]) and spoken(data, start, end) == protocol:
                    yield data[start:end], (end - start,)
        data = message(NLMSG_DONE, 0, 0, bytes(4))
        yield data, (len(data),)

    def inside(self, namespace):
        """The same source, for another network namespace of the record."""
        return Replay(self.record, next(each for each in self.record.namespaces if each.inode == namespace.inode), self.turned)

    def kept(self):
        return self

    def close(self):
        pass


def messages(data):
    """(start, end) of each whole message."""
    start = 0
    while len(data) - start >= HEADER:
        length = nlmsghdr.from_buffer_copy(data, start).nlmsg_len
        end = start + align(length)
        if length < HEADER or end > len(data):
            return
        yield start, end
        start = end


def spoken(data, start, end):
    """The protocol that an ended socket says it is of."""
    for number, first, _ in attributes(data, start + HEADER + sizeof(inet_diag_msg), end):
        if number == INET_DIAG_PROTOCOL:
            return data[first]
    return IPPROTO_TCP


def absent():
    raise Refused(ENOENT)
    yield


class Told(Reply):
    """The replies to a recorded request.  Where they end too early so does the dump: the record's damage is told once."""

    def __init__(self, record, exchange, turned=None):
        super().__init__(Answer(), record.datagrams_at(exchange.places, turned))
        self.record = record

    def __iter__(self):
        for data, ends in self.datagrams:
            yield data, ends
        if not self.answer.done:
            self.record.damage = self.record.damage or 'a dump in it has no end'
