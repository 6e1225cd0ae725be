"""What rpcbind knows: which RPC programs listen on which ports (fixtures/behaviour/command-line.md, 7.4).

One call, RPCBPROC_DUMP of version 4 (RFC 1833) over ONC-RPC (RFC 5531) with record marking, on the
Unix socket that rpcbind keeps for its own host.  Everything is in 4-byte big-endian words; a string
is its length, then its bytes, padded to a word.
"""

from time import monotonic

import _socket

from ..kernel.abi.sock_diag import AF_UNIX, SOCK_STREAM
from .words import decimal, entries

ADDRESS = '/run/rpcbind.sock'
DATABASE = '/etc/rpc'
PATIENCE = 5                            # seconds, for all of the call

XID = 0x73736e67
CALL, REPLY = 0, 1
ACCEPTED, SUCCESS = 0, 0
RPC_VERSION = 2
PROGRAM, VERSION, DUMP = 100000, 4, 4   # rpcbind, its version, its procedure
LAST_FRAGMENT = 0x80000000
LONGEST = 1 << 24                       # bytes of a reply that is still believed
MOST = 1 << 16                          # of its entries, those that are

PROTOCOLS = {'tcp': 'tcp', 'tcp6': 'tcp', 'udp': 'udp', 'udp6': 'udp', 'sctp': 'sctp'}
ANY = ('0.0.0.0.', '::.')               # in front of the port in a universal address


def services(address=ADDRESS, database=DATABASE):
    """{(port, 'tcp' | 'udp' | 'sctp'): 'rpc.NAME'}; empty where rpcbind does not answer."""
    try:
        told = listing(ask(address, request(XID)), XID)
    except (OSError, ValueError):
        return {}
    names, found = programs(database), {}
    for program, netid, place in told[:MOST]:
        port = any_port(place)
        if port is None or netid not in PROTOCOLS:
            continue
        if program in names:
            found[port, PROTOCOLS[netid]] = 'rpc.' + names[program]
        else:
            found.pop((port, PROTOCOLS[netid]), None)       # the last entry of a port decides
    return found


def request(xid):
    """The call as one record: no credentials, no verifier, no arguments."""
    call = words(xid, CALL, RPC_VERSION, PROGRAM, VERSION, DUMP, 0, 0, 0, 0)
    return words(LAST_FRAGMENT | len(call)) + call


def words(*values):
    return b''.join([value.to_bytes(4, 'big') for value in values])


def ask(address, record):
    """Send a record, return the record that comes back."""
    sock, end = _socket.socket(AF_UNIX, SOCK_STREAM), monotonic() + PATIENCE
    try:
        sock.settimeout(PATIENCE)
        sock.connect(address)
        sock.sendall(record)
        reply, last = b'', False
        while not last:
            mark = int.from_bytes(exactly(sock, 4, end), 'big')
            last = mark & LAST_FRAGMENT
            length = mark & ~LAST_FRAGMENT
            if length + len(reply) > LONGEST:
                raise ValueError('a reply of %d bytes' % length)
            reply += exactly(sock, length, end)
        return reply
    finally:
        sock.close()


def exactly(sock, length, end):
    """So many bytes, before the clock says ``end``: a server that trickles them has no more time than a mute one."""
    data = b''
    while len(data) < length:
        left = end - monotonic()
        if left <= 0:
            raise ValueError('the reply takes too long')
        sock.settimeout(left)
        piece = sock.recv(min(length - len(data), 1 << 16))
        if not piece:
            raise ValueError('the reply ends early')
        data += piece
    return data


def listing(reply, xid):
    """(program, netid, universal address) of each entry of a reply; ValueError if it makes no sense."""
    reader = Reader(reply)
    if [reader.word(), reader.word(), reader.word()] != [xid, REPLY, ACCEPTED]:
        raise ValueError('no reply to our call')
    reader.word()                       # flavour of the verifier
    reader.string()
    if reader.word() != SUCCESS:
        raise ValueError('the call was refused')
    told = []
    while reader.word():
        program, _ = reader.word(), reader.word()
        netid, address, _ = reader.string(), reader.string(), reader.string()
        told.append((program, netid, address))
    return told


class Reader:
    """The values of a record, one after the other."""

    def __init__(self, data):
        self.data = data
        self.place = 0

    def take(self, length):
        start, end = self.place, self.place + length
        if end > len(self.data):
            raise ValueError('the reply ends early')
        self.place = end
        return self.data[start:end]

    def word(self):
        return int.from_bytes(self.take(4), 'big')

    def string(self):
        length = self.word()
        text = self.take(length).decode('latin-1')
        self.take(-length % 4)
        return text


def any_port(address):
    """The port of a universal address ``0.0.0.0.HIGH.LOW`` or ``::.HIGH.LOW``; None for any other."""
    for front in ANY:
        high, dot, low = address[len(front):].partition('.')
        if address.startswith(front) and dot and decimal(high) is not None and decimal(low) is not None:
            return decimal(high) * 256 + decimal(low)
    return None


def programs(path=DATABASE):
    """{number: name} of the RPC database; lines are ``NAME NUMBER ALIAS...``."""
    found = {}
    for name, number, *_ in entries(path):
        if decimal(number) is not None:
            found.setdefault(decimal(number), name)
    return found
