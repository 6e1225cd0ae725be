"""What the tables of internet sockets share: addresses and ports, and the facts of every such socket.

All of them are ``inet_diag_msg`` with attributes, asked for once for IPv4 and once for IPv6
(fixtures/behaviour/sockets.md, 1.3 and 3.1 to 3.10; command-line.md, 7.2 and 7.3).
"""

import sys

from ..fields import PORT, WORD, Fact, Section, Text
from ..kernel.abi import sizeof
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.sock_diag import (
    AF_INET, AF_INET6, IPPROTO_DCCP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP,
    IPPROTO_UDP)
from ..kernel.columns import member, scalar
from ..render import Cells
from . import common
from .addresses import AddressFact, Addresses, raw, shown
from .table import Table

FAMILY_NAMES = {AF_INET: 'inet', AF_INET6: 'inet6'}
NETIDS = {IPPROTO_IP: 'raw', IPPROTO_TCP: 'tcp', IPPROTO_UDP: 'udp', IPPROTO_ICMPV6: 'icmp6',
          IPPROTO_DCCP: 'dccp', IPPROTO_SCTP: 'sctp', IPPROTO_MPTCP: 'mptcp'}
BYTE = 0xff
# What the kernel adds if bit N - 1 of idiag_ext asks for attribute N.  Other attributes come unasked, or with one of these.
EXTENSIONS = {
    'memory': (abi.INET_DIAG_MEMINFO, abi.INET_DIAG_SKMEMINFO),
    'info': (abi.INET_DIAG_INFO, abi.INET_DIAG_VEGASINFO, abi.INET_DIAG_CONG),
    'tos': (abi.INET_DIAG_TOS, abi.INET_DIAG_TCLASS),
    'rates': (abi.INET_DIAG_INFO,),
}

# Modules of facts, and what ss prints of them, behind those of every socket: (module, the words of Detail that it knows).
DETAILS = 'inet_details', ('options', 'extended', 'memory', 'info', 'tos', 'cgroup', 'sockopt')
STORAGES = 'storage', ('bpf_maps',)

UNTOLD = -1             # the protocol of a table of any: each socket must say its own, else it is shown as ???


def message(path):
    return member(abi.inet_diag_msg, path)


FAMILY = message('idiag_family')
STATE = message('idiag_state')
SOURCE, DESTINATION = message('id.idiag_src'), message('id.idiag_dst')
SPORT, DPORT = message('id.idiag_sport'), message('id.idiag_dport')
INTERFACE = message('id.idiag_if')
INODE = message('idiag_inode')
PROTOCOL = scalar(abi.INET_DIAG_PROTOCOL, 'protocol', 1)
V6ONLY = scalar(abi.INET_DIAG_SKV6ONLY, 'v6only', 1, missing=0)
MARK = scalar(abi.INET_DIAG_MARK, 'mark', 4)
CGROUP = scalar(abi.INET_DIAG_CGROUP_ID, 'cgroup', 8)
FILTERED = {'family': FAMILY, 'sport': SPORT, 'dport': DPORT, 'ifindex': INTERFACE, 'mark': MARK, 'cgroup': CGROUP}


# Facts, in the order of their JSON keys

def netid(protocol):
    """By the protocol attribute where there is one, else by the table's (sockets.md 3.2)."""
    return common.netid(scalar(abi.INET_DIAG_PROTOCOL, 'protocol', 1, missing=protocol), NETIDS)


FAMILY_FACT = Fact('family', FAMILY, WORD, lambda family: FAMILY_NAMES.get(family, common.UNKNOWN), certain=True,
                   help='address family')
STATE_FACTS = common.state(STATE)
RECV_Q = common.queue('recv_q', message('idiag_rqueue'))
SEND_Q = common.queue('send_q', message('idiag_wqueue'))
ACCEPTING = common.accepting(STATE, message('idiag_rqueue'), message('idiag_wqueue'))


def end(name, address, port, services):
    """The Facts of one end; ``services``: the protocol whose service names its ports have."""
    which = 'the socket' if name == 'local' else 'its peer'
    facts = [AddressFact(name + '.address', address, V6ONLY, 'address of %s' % which),
             Fact(name + '.port', port, PORT, help='port of %s' % which)]
    if name == 'local':
        facts.append(Fact('local.interface', INTERFACE, WORD, lambda interface, index: interface(index) if index else None,
                          'links.name', help='interface that the socket is bound to'))
    return facts + [
        Fact(name + '.service', port, WORD, lambda service, number: number and service(number, services) or None,
             'names.port_name', ('services',), 'name of that port'),
        Fact(name + '.host', (FAMILY, address), WORD,
             lambda host, family, raw: host(raw[:4] if family == AF_INET else raw) or None,
             'names.host', ('hosts',), 'name of that address'),
    ]


def extensions(words):
    """The bits of idiag_ext for what these words of Detail reveal (command-line.md 5.2)."""
    return sum({1 << attribute - 1 for word in EXTENSIONS if word in words for attribute in EXTENSIONS[word]})


class Inet(Table):
    """A table of internet sockets.

    ``modules``: where its own facts and texts stand, between DETAILS and STORAGES.
    """

    fixed = sizeof(abi.inet_diag_msg)
    inode = INODE
    state = STATE
    destroyable = True
    listens = True                  # some of its sockets are listeners
    lines = ('memory', 'info')      # words of Detail of which each begins a further line
    timer = None                    # what its timer is called, whichever it is
    modules = ()
    families = AF_INET, AF_INET6
    compiles = True

    def __init__(self, name, protocol, services):
        """``services``: the protocol whose service names its ports have, None for whichever comes first."""
        self.name = name
        self.names = (name,)
        self.protocol = protocol
        self.services = services

    def column(self, batch, name):
        """A column for the filter: ``family``, ``src``, ``dport`` and so on, in the kernel's order; 0 for what is not there.

        The family is the message's own: one that lies may be judged by a condition on, say, unix sockets.
        """
        if name in ('src', 'dst'):
            address = SOURCE if name == 'src' else DESTINATION
            return batch.ordered([raw(address, group) for group in batch.groups])
        return batch.values(FILTERED[name], 0) if name in FILTERED else [0] * batch.count

    def request(self, query, family):
        return abi.inet_diag_req_v2(
            family, self.protocol & BYTE, extensions(query.detail.wanted), 0, query.selection.states)

    def legacy_request(self, query):
        """The payload of the request of type ``legacy``, which kernels before 3.3 know; its answer holds both families."""
        return abi.inet_diag_req(
            idiag_family=AF_INET, idiag_ext=extensions(query.detail.wanted), idiag_states=query.selection.states)

    def attributes(self, query, program, host):
        """The filter program, and the protocol where a byte does not hold it."""
        found = [(abi.INET_DIAG_REQ_BYTECODE, program)] if program else []
        if self.protocol > BYTE:
            found.append((abi.INET_DIAG_REQ_PROTOCOL, self.protocol.to_bytes(4, sys.byteorder)))
        if query.detail.bpf_maps:
            from .storage import request
            found.append(request(query.detail.bpf_maps, host.maps))
        return found

    def large(self, query):
        return bool(query.detail.bpf_maps)      # what BPF programs keep at a socket may be long

    def more(self, words):
        """The modules of further facts that ``words`` reveal, all for None."""
        return [__import__(module, globals(), level=1, fromlist=['FACTS'])
                for module, reveal in (DETAILS,) + self.modules + (STORAGES,) if words is None or not words.isdisjoint(reveal)]

    def facts(self, words=None):
        facts = [FAMILY_FACT, netid(self.protocol)] + self.state_facts() + [RECV_Q, SEND_Q]     # the family is always there
        facts += ACCEPTING if self.listens else []
        facts += end('local', SOURCE, SPORT, self.services) + end('peer', DESTINATION, DPORT, self.services)
        for module in self.more(words):
            facts += module.FACTS
        return facts

    def state_facts(self):
        return STATE_FACTS

    def columns(self):
        return [
            [Text('%s', netid(self.protocol))], [Text(common.state_text, STATE_FACTS[0])],
            [common.queue_text(RECV_Q)], [common.queue_text(SEND_Q)],
            [AddressColumn(SOURCE, True)], [PortColumn(SPORT, self.services)],
            [AddressColumn(DESTINATION, False)], [PortColumn(DPORT, self.services)],
        ]

    def line(self, words):
        texts = []
        for module in self.more(words):
            texts += module.line(self)
        if texts:
            from ..kernel.abi.procnet import PROC_DATAGRAM
            texts = [Section(PROC_DATAGRAM, texts, unless=True)]
        return texts


class AddressColumn:
    """The cells of an end's address; the interface that it is bound to belongs to it."""

    def __init__(self, address, bound):
        self.address = address
        self.bound = bound

    def part(self, manner):
        plain = Addresses(self.address, V6ONLY, shown(manner))
        if not self.bound:
            return Cells(plain.cells)
        fit = manner.fit

        def cells(group):
            texts, indexes = plain.cells(group), group.values(INTERFACE)
            if indexes.count(0) == group.count:
                return texts
            name = manner.host.links.name
            return [text[:-1] + '%' + fit(name(index)) + ':' if index else text for text, index in zip(texts, indexes)]
        return Cells(cells)


class PortColumn:
    """The cells of an end's port, its name where it has one (command-line.md 7.3)."""

    def __init__(self, port, services):
        self.port = port
        self.services = services

    def part(self, manner):
        return Cells(self.numbers if manner.style.numeric else self.named(manner))

    def numbers(self, group):
        ports = group.values(self.port)
        return [port or '*' for port in ports] if 0 in ports else ports

    def named(self, manner):
        texts, seen = {0: '*'}, {0}         # of ports that are not shown as their number; all that have been looked up
        fit = manner.fit

        def cells(group):
            names = manner.host.names
            ports = group.values(self.port)
            new = set(ports).difference(seen)
            seen.update(new)
            for port in names.nameable(new, self.services):
                name = names.port_name(port, self.services)
                if name:
                    texts[port] = fit(name)
            return list(map(texts.get, ports, ports))
        return cells
