"""What the tables of internet sockets share: requests, addresses, and the facts of every socket.

fixtures/behaviour/command-line.md, 5.2, 5.3, 7.2, 7.3; sockets.md 1.3, 3.2 to 3.9.
"""

from ctypes import sizeof

from ..fields import ByShow, Fact, Object, Section
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.procnet import PROC_DATAGRAM, PROC_OPTIONS, PROC_TCP
from ..kernel.abi.sock_diag import (
    AF_INET, AF_INET6, IPPROTO_DCCP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP,
    IPPROTO_UDP)
from ..kernel.columns import member, payload, scalar, words
from ..render import Cells
from . import common
from .addresses import Addresses, displayed, numeric, resolved
from .table import Table

FAMILY_NAMES = {AF_INET: 'inet', AF_INET6: 'inet6'}
NETIDS = {IPPROTO_IP: 'raw', IPPROTO_TCP: 'tcp', IPPROTO_UDP: 'udp', IPPROTO_ICMPV6: 'icmp6',
          IPPROTO_DCCP: 'dccp', IPPROTO_SCTP: 'sctp', IPPROTO_MPTCP: 'mptcp'}
TIMERS = ('off', 'on', 'keepalive', 'timewait', 'persist', 'delack')


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


def family_of(group):
    """The family of a group's messages: they are all of one."""
    return group.data[group.base]


def cgroup_path(number):
    from ..host import cgroups
    return cgroups.path(number)


def cgroup_text(show):
    """The path for a terminal or a pipe; ``unreachable`` stands for one that nobody finds (command-line.md 9.6)."""
    escaped = common.escaped if show.escape else str
    return lambda number: ' cgroup:' + escaped(cgroup_path(number))


def known_cgroup_text(show):
    text = cgroup_text(show)
    return lambda number: text(number) if number else ''


def cgroup_json(number):
    return common.quoted(cgroup_path(number)) if number else None


def timer_text(protocol):
    """The text of a running timer; SCTP has but one (sockets.md 3.5)."""
    def text(timer, expires, retrans):
        if not timer:
            return ''
        return ' timer:(%s,%s,%d)' % (timer_name(timer), common.duration(expires), retrans)

    def timer_name(timer):
        if protocol == IPPROTO_SCTP:
            return 'T3_RTX'
        return TIMERS[timer] if timer < len(TIMERS) else 'unknown'
    return text


def timer_json(timer, expires, retrans):
    if not timer:
        return None
    name = '"%s"' % TIMERS[timer] if timer < len(TIMERS) else '"unknown","number":%d' % timer
    return '{"name":%s,"expires_ms":%d,"retrans":%d}' % (name, expires, retrans)


def timer(protocol):
    members = message('idiag_timer'), message('idiag_expires'), message('idiag_retrans')
    return Fact('timer', members, timer_text(protocol), json=timer_json)


EXTENDED = [
    Fact('uid', message('idiag_uid'), ' uid:%d'),
    Fact('inode', INODE, ' ino:%d', hide=()),
    Fact('cookie', words(abi.inet_diag_msg, 'id.idiag_cookie'), ' sk:%x', hide=(), json='"%x"'),
    Fact('mark', MARK, ' fwmark:0x%x'),
    Fact('cgroup', CGROUP, ByShow(known_cgroup_text), json=cgroup_json),
    Fact('v6only', (scalar(abi.INET_DIAG_SKV6ONLY, 'v6only', 1), FAMILY),
         lambda v6only, family: ' v6only:%d' % v6only if family == AF_INET6 else '',
         json=lambda v6only, family: 'true' if v6only else 'false'),
    Fact('shutdown', scalar(abi.INET_DIAG_SHUTDOWN, 'shutdown', 1), common.arrow, json=common.shutdown_json),
    Fact('options', payload(PROC_OPTIONS, 'options'), lambda text: ' opt:"%s"' % text.decode('latin-1'),
         json=lambda text: common.quoted(text.decode('latin-1'))),
]


def hexadecimal(form):
    """As C's %#x: zero has no 0x (sockets.md 3.8)."""
    return lambda value: form % ('%#x' % value if value else '0')


TOS = [
    Fact('tos', scalar(abi.INET_DIAG_TOS, 'tos', 1), hexadecimal(' tos:%s')),
    Fact('tclass', scalar(abi.INET_DIAG_TCLASS, 'tclass', 1), hexadecimal(' tclass:%s')),
    Fact('class_id', scalar(abi.INET_DIAG_CLASS_ID, 'class_id', 4), hexadecimal(' class_id:%s')),
]
CGROUP_PATH = Fact('cgroup', CGROUP, ByShow(cgroup_text), json=cgroup_json)



SOCKOPT_WORDS = {'bind_address_no_port': 'bind_addr_no_port'}


def sockopts(flags):
    """The names of the bits that are set; None for an attribute too short to tell (sockets.md 3.9)."""
    if len(flags) < sizeof(abi.inet_diag_sockopt):
        return None
    options = abi.inet_diag_sockopt.from_buffer_copy(flags)
    return [name for name, *_ in options._fields_ if name != 'unused' and getattr(options, name)]


def sockopt_text(show):
    start = ' ' if show.oneline else '\n\t'

    def text(flags):
        names = sockopts(flags)
        if names is None:
            return ''
        return '%sinet-sockopt: (%s)' % (start, ''.join([' ' + SOCKOPT_WORDS.get(name, name) for name in names]))
    return text


def sockopt_json(flags):
    names = sockopts(flags)
    return None if names is None else '[%s]' % ','.join(['"%s"' % name for name in names])



def meminfo(data):
    """The members of inet_diag_meminfo, for kernels before 3.4: {name without prefix: bytes}."""
    size = sizeof(abi.inet_diag_meminfo)
    info = abi.inet_diag_meminfo.from_buffer_copy(data[:size].ljust(size, b'\0'))
    return [(name[6:], getattr(info, name)) for name, _ in info._fields_]


def meminfo_text(data):
    sizes = dict(meminfo(data))
    return ' mem:(r%d,w%d,f%d,t%d)' % (sizes['rmem'], sizes['wmem'], sizes['fmem'], sizes['tmem'])


def meminfo_json(data):
    return '{%s}' % ','.join(['"%s":%d' % pair for pair in meminfo(data)])


SOCKOPT = Fact('sockopt', payload(abi.INET_DIAG_SOCKOPT, 'inet_diag_sockopt'), ByShow(sockopt_text),
               json=sockopt_json)
MEMINFO = Fact('memory', payload(abi.INET_DIAG_MEMINFO, 'inet_diag_meminfo'), meminfo_text, json=meminfo_json)
MEMORY = [common.skmem(abi.INET_DIAG_SKMEMINFO), Section(abi.INET_DIAG_SKMEMINFO, [MEMINFO], unless=True)]

STATE_FACT = Fact('state', STATE, common.state_text, json=common.state_json)
FAMILY_FACT = Fact('family', FAMILY, json=lambda family: '"%s"' % FAMILY_NAMES.get(family, 'unknown'))
RECV_Q = common.queue('recv_q', message('idiag_rqueue'))
SEND_Q = common.queue('send_q', message('idiag_wqueue'))


def storages(show):
    """The function from a group to the texts of what BPF programs keep at its sockets; hardly any has such."""
    def cells(group):
        from .storage import texts
        return texts(group, show)
    return cells


class Inet(Table):
    """A table of internet sockets."""

    fixed = sizeof(abi.inet_diag_msg)
    inode = INODE
    destroyable = True
    informs = True          # --info gives a line of its own
    legacy = None           # the message type of the request that old kernels know
    filters = True          # the kernel runs the filter program

    def __init__(self, name, protocol, services):
        """``services``: the protocol whose service names its ports have, None for whichever comes first."""
        self.names = (name,)
        self.protocol = protocol
        self.services = services

    def batches(self, query):
        from ..sources.inet import Dump
        return Dump(self, query).batches()

    def column(self, batch, name):
        """A column for the filter: ``family``, ``src``, ``dport`` and so on, in the kernel's order."""
        if name in ('src', 'dst'):
            address = SOURCE if name == 'src' else DESTINATION
            return batch.ordered([group.slices(group.place(address)[0], 4 if family_of(group) == AF_INET else 16)
                                  for group in batch.groups])
        return batch.values(FILTERED[name], 0)

    def columns(self, show):
        return (
            [self.netid()], [STATE_FACT], [RECV_Q], [SEND_Q],
            [Cells(local_addresses(show))], [Cells(self.ports(SPORT, show))],
            [Cells(peer_addresses(show))], [Cells(self.ports(DPORT, show))],
        )

    def netid(self):
        """By the protocol attribute where there is one, else by the table (sockets.md 3.2)."""
        return Fact('netid', scalar(abi.INET_DIAG_PROTOCOL, 'protocol', 1, missing=self.protocol),
                    lambda number: NETIDS.get(number, '???'), json=lambda number: '"%s"' % NETIDS.get(number, '???'))

    def ports(self, member, show):
        """The function from a group to its port cells (command-line.md 7.3)."""
        texts, seen = {0: '*'}, {0}         # of ports that are not shown as their number; all that have been looked up

        def numbers(group):
            ports = group.values(member)
            return [port or '*' for port in ports] if 0 in ports else ports

        def named(group):
            from ..host import names
            ports = group.values(member)
            new = set(ports).difference(seen)
            seen.update(new)
            for port in names.nameable(new, self.services):
                name = names.port_name(port, self.services)
                if name:
                    texts[port] = name
            return list(map(texts.get, ports, ports))

        return numbers if show.numeric else named

    def detail(self, show):
        facts = [timer(self.protocol)] if show.options else []
        if show.extended:
            facts += EXTENDED
        if show.tos:
            facts += TOS
        if show.cgroup:
            facts.append(CGROUP_PATH)
        if show.sockopt:
            facts.append(SOCKOPT)
        if show.memory or show.info and self.informs:
            if not show.oneline:
                facts.append(Section(PROC_TCP, ['\n\t'], unless=True))
            facts += self.info(show)
        facts.append(Section(abi.INET_DIAG_SK_BPF_STORAGES, [Cells(storages(show))]))
        return [Section(PROC_DATAGRAM, facts, unless=True)]

    def info(self, show):
        """Facts of the memory and of the protocol's own state, in ss's order."""
        return MEMORY

    def pairs(self, show):
        facts = [FAMILY_FACT, self.netid(), STATE_FACT, RECV_Q, SEND_Q,        # the family is always there
                 self.end('local', SOURCE, SPORT, show), self.end('peer', DESTINATION, DPORT, show)]
        if show.options:
            facts.append(timer(self.protocol))
        if show.extended:
            facts += EXTENDED
        if show.tos:
            facts += TOS
        if show.cgroup and not show.extended:
            facts.append(CGROUP_PATH)
        if show.sockopt:
            facts.append(SOCKOPT)
        if show.memory:
            facts += MEMORY
        if show.info:
            facts += self.info_pairs(show)
        if show.bpf_maps:
            from .storage import STORAGES
            facts.append(STORAGES)
        return facts

    def info_pairs(self, show):
        return []

    def end(self, key, address, port, show):
        """The JSON object of one end."""
        plain = Addresses(address, V6ONLY, lambda raw, v6only: numeric(raw), '"address":"', '"')
        facts = [Cells(plain.cells), Fact('port', port)]
        if address is SOURCE:
            facts.append(Fact('interface', INTERFACE, json=common.interface_json))
        if not show.numeric:
            facts.append(Fact('service', port, json=self.service_json))
        if show.resolve:
            facts.append(Fact('host', (FAMILY, address), json=host_json))
        return Object(key, facts)


    def service_json(self, number):
        from ..host import names
        return json_name(number and names.port_name(number, self.services))


def json_name(name):
    return common.quoted(name) if name else None


def host_json(family, address):
    from ..host import names
    return json_name(names.host(address[:4] if family == AF_INET else address))


def local_addresses(show):
    """The function from a group to its local address cells: the bound interface belongs to them."""
    plain = Addresses(SOURCE, V6ONLY, displayed_by(show))

    def cells(group):
        texts, indexes = plain.cells(group), group.values(INTERFACE)
        if indexes.count(0) == group.count:
            return texts
        from ..host import links
        return [text[:-1] + '%' + links.name(index) + ':' if index else text for text, index in zip(texts, indexes)]
    return cells


def peer_addresses(show):
    return Addresses(DESTINATION, V6ONLY, displayed_by(show)).cells


def displayed_by(show):
    return resolved if show.resolve else displayed
