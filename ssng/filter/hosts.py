"""Hosts and ports: the operands of `src`, `dst`, `sport` and `dport` (command-line.md 3.5).

Every reader takes (text, side, families, only_port, family, scope) and returns the condition "this end
is TEXT".  A prefix (`inet6:`) names the family of its own host alone, and only sockets of that family
are meant then.  The preferred family of the scope is how a host without prefix is to be read; inet and
inet6 are not told apart by it, since the dump is already of the family that was asked for.
"""

from ..errors import Failure, quoted
from ..kernel.abi.sock_diag import (
    AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_UNSPEC, AF_VSOCK)
from .tree import ANY_PORT, Glob, Host, Numbered
from .values import c_integer, c_unsigned, interface

PREFIXES = {
    'unix': AF_UNIX, 'link': AF_PACKET, 'netlink': AF_NETLINK, 'vsock': AF_VSOCK,
    'inet': AF_INET, 'inet6': AF_INET6,
}
INET = (AF_INET, AF_INET6)
LAST_PORT = 0xffff
WIDTHS = {AF_INET: 32, AF_INET6: 128}       # of an address, in bits


def host(text, side, scope, only_port=False):
    """The condition that the end ``side`` ('src' or 'dst') is ``text``.  Raises Failure, status 1."""
    family = scope.family
    families = None if family == AF_UNSPEC else INET if family in INET else (family,)
    word, colon, rest = text.partition(':')
    if colon and word in PREFIXES:
        family, text = PREFIXES[word], rest
        families = (family,)
    read = READERS.get(family, inet)
    return read(text, side, families, only_port, family, scope)


def port(text, side, scope):
    return host(text, side, scope, True)


def unix(text, side, families, only_port, family, scope):
    return Glob(side, families, text)


# Families whose ends are numbers

def link(text, side, families, only_port, family, scope):
    protocol, _, device = halves(text, only_port)
    return Numbered(side, families, link_protocol(protocol, scope), link_device(device, scope))


def link_protocol(text, scope):
    if text in ('', '*'):
        return None
    number = scope.link_protocol(text)
    return known(c_unsigned(text, 0xffff) if number is None else number, 'link protocol')


def link_device(text, scope):
    if text in ('', '*'):
        return ANY_PORT
    index = c_integer(text)
    return known((interface(text, scope) or None) if index is None else index, 'network interface')


def netlink(text, side, families, only_port, family, scope):
    protocol, _, port_id = halves(text, only_port)
    return Numbered(side, families, netlink_protocol(protocol, scope), netlink_port(port_id))


def netlink_protocol(text, scope):
    if text in ('', '*'):
        return None
    number = scope.netlink_protocol(text)
    return known(c_unsigned(text, 0xff) if number is None else number, 'netlink protocol')


def netlink_port(text):
    if text in ('', '*'):
        return ANY_PORT
    return 0 if text == 'kernel' else known(c_integer(text), 'netlink port id')


def vsock(text, side, families, only_port, family, scope):
    cid, colon, number = halves(text, only_port)
    return Numbered(
        side, families,
        None if cid in ('', '*') else known(c_unsigned(cid), 'CID'),
        ANY_PORT if number == '*' or not colon else known(c_unsigned(number), 'vsock port'))


def halves(text, only_port):
    """(address, colon, port); without the address the colon may be missing."""
    return ('', ':', without_colon(text)) if only_port else text.partition(':')


def known(number, kind):
    if number is None:
        raise Failure('this is no %s' % kind, 1)
    return number


# inet and inet6

def inet(text, side, families, only_port, family, scope):
    if only_port:
        address, service = '', without_colon(split(text)[0] if text.startswith('[') else text)
    else:
        address, service = split(text)
    number = inet_port(service, scope)
    return Host(side, families, inet_addresses(address, family, scope), number)


def split(text):
    """Address and port: the last colon parts them, unless there are brackets or only a `/` knows better."""
    if text.startswith('['):
        address, bracket, service = text[1:].partition(']')
        if not bracket:
            raise Failure('"[" without "]"', 1)
    elif text.startswith('*'):
        address, service = '*', text[1:]
    else:
        colon = text.rfind(':', max(text.find('/'), 0))
        address, service = (text[:colon], text[colon:]) if colon >= 0 else (text, '')
    return address, without_colon(service)


def without_colon(text):
    return text[text.startswith(':'):]


def inet_port(text, scope):
    if not text or text.startswith('*'):
        return ANY_PORT
    number = c_integer(text)
    if number is not None:
        if number > LAST_PORT:
            scope.warn('%s is no port: the last one is %d' % (quoted(text)[1:-1], LAST_PORT))
        return number
    first, second = scope.protocols()
    for look_up, protocols in ((scope.service, first), (scope.service, second), (scope.rpc_service, first + second)):
        found = {name: look_up(text, name) for name in protocols}
        ports = set(found.values()) - {None}
        if len(ports) > 1:
            raise Failure('this service has several ports: %s' % ', '.join(
                '%d/%s' % (found[name], name) for name in protocols if found[name] is not None), 1)
        if ports:
            return ports.pop()
    names = ' or '.join(first + second)
    raise Failure('this is no port number' + (', nor the name of a %s service' % names if names else ''), 1)


def inet_addresses(text, family, scope):
    """The alternatives, (family, bytes, prefix length) each; none if any address will do."""
    if not text or text.startswith('*'):
        return ()
    if text in ('any', 'all', 'default'):
        return ((family, bytes(WIDTHS[family] // 8), 0),) if family in INET else ()
    literal = prefix(text, family)
    if literal:
        return (literal,)
    asked = INET if family == AF_UNSPEC else (family,) if family in INET else ()
    if not {':', ',', ')', '/'}.isdisjoint(text):
        asked = ()                      # in no name
    found = tuple((each, address, WIDTHS[each]) for each in asked for address in scope.addresses(text, each))
    if not found:
        raise Failure(no_address(text, family, scope), 1)
    return found


def no_address(text, family, scope):
    """What is wrong with ``text``, which is neither an address of ``family`` nor a name of one."""
    if family in INET and prefix(text, AF_UNSPEC):
        meant, other = ('4', '6') if family == AF_INET else ('6', '4')
        why = 'with -%s no IPv%s socket is shown' % (meant, other) if scope.family == family else 'its prefix says IPv' + meant
        return 'this is an IPv%s address, and %s' % (other, why)
    if ':' in text:
        return 'this is no address; IPv6 is best written in brackets, [::1] or [::1]:22'
    if text.startswith('/'):
        return 'this is neither an address nor the name of a host; of unix sockets, shown with -x, it may be a path'
    return 'this is neither an address nor the name of a host'


def prefix(text, family):
    """(family, bytes, prefix length) of a literal address; None if ``text`` is none of ``family``."""
    address, slash, length = text.partition('/')
    if ':' in address:
        found = ipv6(address) if family in (AF_UNSPEC, AF_INET6) else None
        family = AF_INET6
    else:
        found = ipv4(address) if family != AF_INET6 else None
        family = AF_INET
    width = WIDTHS[family]
    bits = prefix_length(length, width) if slash else width
    return (family, found, bits) if found is not None and bits is not None else None


def ipv6(text):
    from _socket import inet_pton
    try:
        return inet_pton(AF_INET6, text)
    except OSError:
        return None


def ipv4(text):
    """One to four parts in C's notation; the missing ones, on the right, are 0."""
    parts = [c_unsigned(part, 255) for part in text.split('.')]
    return bytes(parts + [0] * (4 - len(parts))) if len(parts) <= 4 and None not in parts else None


def prefix_length(text, width):
    """Bits of a prefix: a number, or an IPv4 netmask without holes; None if it is neither."""
    bits = c_integer(text)
    if bits is not None:
        return bits if 0 <= bits <= width else None
    mask = ipv4(text)
    if mask is None:
        return None
    ones = format(int.from_bytes(mask, 'big'), '032b').rstrip('0')
    return None if '0' in ones else len(ones)


READERS = {AF_UNIX: unix, AF_PACKET: link, AF_NETLINK: netlink, AF_VSOCK: vsock}
