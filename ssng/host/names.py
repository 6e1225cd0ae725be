"""Names for numbers: services, protocols, hosts; and numbers for names.

All text is latin-1 (a character is a byte).  Look-ups go through the C library, as those of ss do, so
that the host's configuration decides; each answer is kept, within bounds.  Of a host below a root folder
only its files in /etc are asked: this one's library would speak for this one.  Where the library is not glibc, the
files are read as glibc reads them.

Whose database names what: ports have names from the services of their protocol, raw sockets' from the protocols; a port
in the ephemeral range is named by rpcbind alone.  fixtures/behaviour/command-line.md has it, 7.2 to 7.7, and in 4.6 the
ephemeral range.
"""

from os import confstr

import _socket

from ..escape import one_line
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, AF_UNSPEC, MAPPED, SOCK_STREAM
from ..memo import Memo
from .words import LONGEST, decimal, entries, latin, native, scanned

USUAL_PORT_RANGE = (1024, 4999)         # where the kernel's cannot be read

SERVICES, PROTOCOLS, HOSTS = '/etc/services', '/etc/protocols', '/etc/hosts'
NSSWITCH = '/etc/nsswitch.conf'
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

SHOWN = 60              # bytes of a line in a message

NETLINK_PROTOCOLS = {
    0: 'rtnl', 1: 'unused', 2: 'usersock', 3: 'fw', 4: 'tcpdiag', 5: 'nflog', 6: 'xfrm', 7: 'selinux',
    8: 'iscsi', 9: 'audit', 10: 'fiblookup', 11: 'connector', 12: 'nft', 13: 'ip6fw', 14: 'dec-rt',
    15: 'uevent', 16: 'genl', 18: 'scsi-trans', 19: 'ecryptfs', 20: 'rdma', 21: 'crypto',
}


class Names:
    """The names of one host.  ``report`` hears of a database that cannot be read to its end.

    ``run(function, ...)`` calls where the range of ephemeral ports is to be had, if that is another namespace.
    """

    def __init__(self, paths, report, run=None):
        self._paths = paths
        self._run = run
        self._report = report
        self._waiting = None                            # a Patience, once a host's name has been asked for
        self._services = Memo(self._port_name)          # (port, protocol): name or ''
        self._rpc = {}                                  # (port, protocol): 'rpc.NAME'
        self._hosts = Memo(self._host)                  # packed address: name or ''
        self._protocols = Memo(self._ip_protocol)       # number: name or ''
        self._netlink = {}                              # number: name
        self._range = ()
        self._files = None

    def _by_files(self, path):
        """Whether a file of /etc decides alone: below a root folder, or in place of another one, and where libc is not
        glibc, whose answers ss prints."""
        if self._files is None:
            self._files = not self._paths.root and not glibc()
        return self._files or self._paths.replaced(path)

    # Ports

    def ephemeral_ports(self):
        """The first and the last ephemeral port."""
        if not self._range:
            self._range = self._run(self._port_range) if self._run else self._port_range()
        return self._range

    def _port_range(self):
        try:
            with open(self._paths.port_range(), 'rb') as file:
                low, high = file.read(100).decode('latin-1').split()[:2]
        except (OSError, ValueError):
            return USUAL_PORT_RANGE
        first, last = scanned(low)[0], scanned(high)[0]
        return USUAL_PORT_RANGE if first is None or last is None else (first, last)

    def nameable(self, ports, protocol):
        """Those of the ports that may have a name: most of a busy host's are ephemeral."""
        if protocol == 'raw':
            return ports
        low, high = self.ephemeral_ports()
        return [port for port in ports if not low <= port <= high or (port, protocol) in self._rpc]

    def port_name(self, port, protocol=None):
        """The name of a port, or ''.

        ``protocol``: ``'tcp'``, ``'udp'``, None for the first that has a name; with ``'raw'`` the port is
        the number of an IP protocol.  Ephemeral ports have no names but those that rpcbind told.
        """
        return self._services[port, protocol]

    def _port_name(self, key):
        port, protocol = key
        if protocol == 'raw':
            return self.ip_protocol(port) or 'ipproto-%d' % port
        if key in self._rpc:
            return self._rpc[key]
        low, high = self.ephemeral_ports()
        if low <= port <= high or not 0 < port < 65536:
            return ''
        if self._by_files(SERVICES):
            return next((name for name, number, spoken in self._listed_services()
                         if number == port and protocol in (None, spoken)), '')
        try:
            return latin(_socket.getservbyport(port, protocol) if protocol else _socket.getservbyport(port))
        except OSError:
            return ''

    def service_port(self, name, protocol):
        """The number of a service of ``'tcp'`` or ``'udp'``; None if the host knows none of this name."""
        if self._by_files(SERVICES):
            return next((number for known, number, spoken in self._listed_services()
                         if (known, spoken) == (name, protocol)), None)
        try:
            return _socket.getservbyname(native(name), protocol)
        except (OSError, ValueError):
            return None

    def _listed_services(self):
        """(name, port, protocol) of each entry of /etc/services; aliases have entries of their own, behind the name's."""
        for name, place, *aliases in entries(self._paths.at(SERVICES)):
            port, _, protocol = place.partition('/')
            number = decimal(port)
            if number is not None:
                for known in [name] + aliases:
                    yield known, number, protocol

    def rpc_port(self, name, protocol):
        """The number of a service that rpcbind told of (``rpc.nfs``), or None."""
        for (port, spoken), known in self._rpc.items():
            if known == name and spoken == protocol:
                return port
        return None

    def rpc_ports(self):
        """{(port, protocol): name} of what rpcbind told."""
        return dict(self._rpc)

    def ask_rpcbind(self):
        """Learn from the host's rpcbind, if there is one, which RPC programs listen where."""
        from . import rpcbind
        self._rpc.update(rpcbind.services(self._paths.at(rpcbind.ADDRESS), self._paths.at(rpcbind.DATABASE)))
        self._services.clear()

    # Protocols

    def ip_protocol(self, number):
        """The name of an IP protocol (``icmp``), or ''."""
        return self._protocols[number]

    def _ip_protocol(self, number):
        if not self._by_files(PROTOCOLS):
            try:
                return _library_protocol(number)
            except ImportError:                 # an interpreter without ctypes
                pass
        return next((fields[0] for fields in entries(self._paths.at(PROTOCOLS)) if decimal(fields[1]) == number), '')

    def netlink_protocol(self, number):
        """The name of a netlink protocol (``rtnl``), or ''."""
        return self._netlink_protocols().get(number, '')

    def netlink_protocol_number(self, name):
        """The number of a netlink protocol, or None."""
        for number, known in self._netlink_protocols().items():
            if known == name:
                return number
        return None

    def _netlink_protocols(self):
        if not self._netlink:
            self._netlink.update(NETLINK_PROTOCOLS)
            for path in map(self._paths.at, NL_PROTOS):
                try:
                    with open(path, 'rb') as file:
                        self._netlink.update(self._numbered(file, path))
                    break
                except OSError:
                    continue
        return self._netlink

    def _numbered(self, file, path):
        """{number: name} from lines ``NUMBER NAME`` of a database of iproute2, as far as they make sense."""
        found = {}
        for line in file:
            words = line.decode('latin-1').split()
            if not words or words[0].startswith('#'):
                continue
            try:
                if len(words[0]) > LONGEST:         # more digits than every Python reads
                    raise ValueError
                number = int(words[0], 16 if words[0].startswith('0x') else 10)
                name = words[1]
            except (IndexError, ValueError):
                shown = line[:SHOWN].decode('latin-1').rstrip('\n')
                self._report.warn('%s: cannot read the line "%s"' % (path, one_line(shown)))
                break
            if 0 <= number <= 255:
                found[number] = name
        return found

    # Hosts

    def host(self, address):
        """The name of a host, or '': ``address`` is packed, 4 or 16 bytes; a v4-mapped one counts as IPv4."""
        return self._hosts[address]

    def _patience(self):
        if self._waiting is None:
            from .patience import Patience
            self._waiting = Patience(self._report)
        return self._waiting

    def _host(self, address):
        plain = address[12:] if len(address) == 16 and address.startswith(MAPPED) else address
        if self._by_files(HOSTS):
            found = next((name for known, name, *_ in entries(self._paths.at(HOSTS)) if _packed(known) == plain), '')
            if found or self._listed_alone():
                return found
        try:
            with self._patience():
                return latin(_socket.gethostbyaddr(_socket.inet_ntop(_family(plain), plain))[0])
        except (OSError, UnicodeError):
            return ''

    def host_addresses(self, name, family=AF_UNSPEC):
        """The addresses of a host, packed, in the order of arrival, IPv4 first; [] if it is unknown."""
        found = []
        for wanted in (AF_INET, AF_INET6) if family == AF_UNSPEC else (family,):
            listed = self._listed_host(name, wanted) if self._by_files(HOSTS) else []
            for packed in listed if listed or self._listed_alone() else self._resolved(name, wanted):
                if packed not in found:
                    found.append(packed)
        return found

    def _resolved(self, name, family):
        with self._patience():
            return _resolved(name, family)

    def _listed_alone(self):
        """Whether no name server is asked: below a root folder, and where nsswitch.conf names none, which only glibc reads."""
        if self._paths.root or not self._files:
            return bool(self._paths.root)
        hosts = next((services for database, *services in entries(self._paths.at(NSSWITCH)) if database == 'hosts:'), ['dns'])
        return not {'dns', 'resolve'}.intersection(hosts)

    def _listed_host(self, name, family):
        listed = [_packed(address) for address, *known in entries(self._paths.at(HOSTS)) if name in known]
        return [packed for packed in listed if packed and _family(packed) == family]


def glibc():
    """Whether this Python's C library is glibc; musl has lists of its own, and other words in them."""
    try:
        return bool(confstr('CS_GNU_LIBC_VERSION'))
    except (OSError, ValueError):
        return False


def link_protocol_number(name):
    """The number of a link protocol (``ip``, in any case of letters), or None."""
    return LINK_PROTOCOL_WORDS.get(name.lower())


def _library_protocol(number):
    from ctypes import POINTER, Structure, c_char_p, c_int, c_void_p

    from . import libc

    class protoent(Structure):
        _fields_ = [('p_name', c_char_p), ('p_aliases', c_void_p), ('p_proto', c_int)]

    ask = libc.function('getprotobynumber', POINTER(protoent), c_int)
    entry = ask and ask(number)
    return entry.contents.p_name.decode('latin-1') if entry else ''


def _resolved(name, family):
    try:
        answers = _socket.getaddrinfo(name.encode('latin-1'), None, family, SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [_socket.inet_pton(family, place[0].partition('%')[0]) for _, _, _, _, place in answers]


def _packed(text):
    """An address as bytes, or None if ``text`` is none."""
    try:
        return _socket.inet_pton(AF_INET6 if ':' in text else AF_INET, text.partition('%')[0])
    except OSError:
        return None


def _family(packed):
    return AF_INET if len(packed) == 4 else AF_INET6
