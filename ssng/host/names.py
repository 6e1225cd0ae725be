"""Names for numbers: services, protocols, hosts; and numbers for names.

All text is latin-1 (a character is a byte).  Look-ups go through the C library, as those of ss do, so
that the host's configuration decides; each answer is kept for the run.  fixtures/behaviour/command-line.md, 4.6
(ephemeral ports) and 7.2 to 7.7.
"""

from os import fsdecode, fsencode

import _socket

from ..kernel.abi.sock_diag import AF_INET, AF_INET6, AF_UNSPEC, SOCK_STREAM
from . import paths, warn

MAPPED = bytes(10) + b'\xff\xff'        # the front of an IPv4 address written as IPv6

USUAL_PORT_RANGE = (1024, 4999)         # where the kernel's cannot be read

NL_PROTOS = ('/etc/iproute2/nl_protos', '/usr/share/iproute2/nl_protos')

LINK_PROTOCOLS = {
    0x0001: '802_3', 0x0002: 'ax25', 0x0003: 'all', 0x0004: '802_2', 0x0005: 'snap', 0x0006: 'ddcmp',
    0x0007: 'wan_ppp', 0x0008: 'ppp_mp', 0x0009: 'localtalk', 0x000c: 'can', 0x0010: 'ppptalk',
    0x0011: 'tr_802_2', 0x0015: 'mobitex', 0x0016: 'control', 0x0017: 'irda', 0x0018: 'econet',
    0x0060: 'loop', 0x0200: 'pup', 0x0201: 'pupat', 0x0800: 'ip', 0x0805: 'x25', 0x0806: 'arp',
    0x08ff: 'bpq', 0x0a00: 'ieeepup', 0x0a01: 'ieeepupat', 0x6000: 'dec', 0x6001: 'dna_dl',
    0x6002: 'dna_rc', 0x6003: 'dna_rt', 0x6004: 'lat', 0x6005: 'diag', 0x6006: 'cust', 0x6007: 'sca',
    0x6558: 'teb', 0x8035: 'rarp', 0x809b: 'atalk', 0x80f3: 'aarp', 0x8100: '802.1Q', 0x8137: 'ipx',
    0x86dd: 'ipv6', 0x8847: 'mpls_uc', 0x8848: 'mpls_mc', 0x884c: 'atmmpoa', 0x8863: 'ppp_disc',
    0x8864: 'ppp_ses', 0x8884: 'atmfate', 0x8892: 'profinet', 0x88a2: 'aoe', 0x88a4: 'ethercat',
    0x88a8: '802.1ad', 0x88ca: 'tipc', 0x88cc: 'LLDP', 0x8902: 'cfm',
}
LINK_PROTOCOL_WORDS = {name.lower(): number for number, name in LINK_PROTOCOLS.items()}
LINK_PROTOCOL_WORDS['ipv4'] = 0x0800

NETLINK_PROTOCOLS = {
    0: 'rtnl', 1: 'unused', 2: 'usersock', 3: 'fw', 4: 'tcpdiag', 5: 'nflog', 6: 'xfrm', 7: 'selinux',
    8: 'iscsi', 9: 'audit', 10: 'fiblookup', 11: 'connector', 12: 'nft', 13: 'ip6fw', 14: 'dec-rt',
    15: 'uevent', 16: 'genl', 18: 'scsi-trans', 19: 'ecryptfs', 20: 'rdma', 21: 'crypto',
}

_services = {}          # (port, protocol): name or ''
_rpc = {}               # (port, protocol): 'rpc.NAME'
_hosts = {}             # packed address: name or ''
_protocols = {}         # number: name or ''
_netlink = {}           # number: name
_range = ()


def forget():
    """Answer anew from the host's databases: for tests, and for programs that live long."""
    global _range
    for memo in (_services, _rpc, _hosts, _protocols, _netlink):
        memo.clear()
    _range = ()


# Ports

def ephemeral_ports():
    """The first and the last ephemeral port."""
    global _range
    if not _range:
        try:
            with open(paths.port_range(), 'rb') as file:
                low, high = map(int, file.read(100).split()[:2])
            _range = low, high
        except (OSError, ValueError):
            _range = USUAL_PORT_RANGE
    return _range


def nameable(ports, protocol):
    """Those of the ports that may have a name: most of a busy host's are ephemeral."""
    if protocol == 'raw':
        return ports
    low, high = ephemeral_ports()
    return [port for port in ports if not low <= port <= high or (port, protocol) in _rpc]


def port_name(port, protocol=None):
    """The name of a port, or ''.

    ``protocol``: ``'tcp'``, ``'udp'``, None for the first that has a name; with ``'raw'`` the port is
    the number of an IP protocol.  Ephemeral ports have no names but those that rpcbind told.
    """
    key = port, protocol
    name = _services.get(key)
    if name is None:
        name = _services[key] = _port_name(port, protocol)
    return name


def _port_name(port, protocol):
    if protocol == 'raw':
        return ip_protocol(port) or 'ipproto-%d' % port
    if (port, protocol) in _rpc:
        return _rpc[port, protocol]
    low, high = ephemeral_ports()
    if low <= port <= high or not 0 < port < 65536:
        return ''
    try:
        return _latin(_socket.getservbyport(port, protocol) if protocol else _socket.getservbyport(port))
    except OSError:
        return ''


def service_port(name, protocol):
    """The number of a service of ``'tcp'`` or ``'udp'``; None if the host knows none of this name."""
    try:
        return _socket.getservbyname(_native(name), protocol)
    except (OSError, ValueError):
        return None


def rpc_port(name, protocol):
    """The number of a service that rpcbind told of (``rpc.nfs``), or None."""
    for (port, spoken), known in _rpc.items():
        if known == name and spoken == protocol:
            return port
    return None


def ask_rpcbind():
    """Learn from the host's rpcbind, if there is one, which RPC programs listen where."""
    from . import rpcbind
    _rpc.update(rpcbind.services())
    _services.clear()


# Protocols

def link_protocol_number(name):
    """The number of a link protocol (``ip``, in any case of letters), or None."""
    return LINK_PROTOCOL_WORDS.get(name.lower())


def ip_protocol(number):
    """The name of an IP protocol (``icmp``), or ''."""
    name = _protocols.get(number)
    if name is None:
        name = _protocols[number] = _ip_protocol(number)
    return name


def _ip_protocol(number):
    from ctypes import POINTER, Structure, c_char_p, c_int, c_void_p

    from . import libc

    class protoent(Structure):
        _fields_ = [('p_name', c_char_p), ('p_aliases', c_void_p), ('p_proto', c_int)]

    entry = libc.function('getprotobynumber', POINTER(protoent), c_int)(number)
    return entry.contents.p_name.decode('latin-1') if entry else ''


def netlink_protocol(number):
    """The name of a netlink protocol (``rtnl``), or ''."""
    return _netlink_protocols().get(number, '')


def netlink_protocol_number(name):
    """The number of a netlink protocol, or None."""
    for number, known in _netlink_protocols().items():
        if known == name:
            return number
    return None


def _netlink_protocols():
    if not _netlink:
        _netlink.update(NETLINK_PROTOCOLS)
        for path in NL_PROTOS:
            try:
                with open(path, 'rb') as file:
                    _netlink.update(_numbered(file, path))
                break
            except OSError:
                continue
    return _netlink


def _numbered(file, path):
    """{number: name} from lines ``NUMBER NAME`` of a database of iproute2, as far as they make sense."""
    found = {}
    for line in file:
        words = line.decode('latin-1').split()
        if not words or words[0].startswith('#'):
            continue
        try:
            number = int(words[0], 16 if words[0].startswith('0x') else 10)
            name = words[1]
        except (IndexError, ValueError):
            warn('%s: cannot read the line %r' % (path, line.decode('latin-1')))
            break
        if 0 <= number <= 255:
            found[number] = name
    return found


# Hosts

def host(address):
    """The name of a host, or '': ``address`` is packed, 4 or 16 bytes; a v4-mapped one counts as IPv4."""
    name = _hosts.get(address)
    if name is None:
        plain = address[12:] if len(address) == 16 and address.startswith(MAPPED) else address
        try:
            name = _latin(_socket.gethostbyaddr(_socket.inet_ntop(_family(plain), plain))[0])
        except (OSError, UnicodeError):
            name = ''
        _hosts[address] = name
    return name


def host_addresses(name, family=AF_UNSPEC):
    """The addresses of a host, packed, in the order of arrival, IPv4 first; [] if it is unknown."""
    found = []
    for wanted in (AF_INET, AF_INET6) if family == AF_UNSPEC else (family,):
        try:
            answers = _socket.getaddrinfo(name.encode('latin-1'), None, wanted, SOCK_STREAM)
        except (OSError, UnicodeError):
            continue
        for _, _, _, _, place in answers:
            packed = _socket.inet_pton(wanted, place[0].partition('%')[0])
            if packed not in found:
                found.append(packed)
    return found


def _family(packed):
    return AF_INET if len(packed) == 4 else AF_INET6


def _native(text):
    """Latin-1 text as Python's own calls want it."""
    return fsdecode(text.encode('latin-1'))


def _latin(text):
    """What Python's own calls return, as latin-1 text."""
    return fsencode(text).decode('latin-1')
