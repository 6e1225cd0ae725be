"""Tree to a judgement of columns, for what the kernel cannot judge or was not asked (command-line.md 4.6).

A judge is ``judge(column, count)``: the verdicts on ``count`` sockets, a list of bool.  ``column(name)``
gives the values of one fact for all of them:

    family              AF number
    src dst             inet, inet6: 4 or 16 bytes; packet, netlink: protocol; vsock: CID; elsewhere 0
    sport dport         port; unix: inode; packet: interface index; netlink: port id, signed, -1 the peer's;
                        xdp: queue
    ifindex mark cgroup numbers, 0 where the source does not say
    name peer_name      of unix sockets, latin-1 text, '' if unnamed, a NUL byte as `@`; elsewhere 0

Conditions on facts (:mod:`.compare`) ask ``column.values(name)``, which a Reader answers: see :class:`Columns`.

A judge asks for no more columns than it needs, and looks at each distinct address or name once.  A condition
on some families is false for the sockets of others, whose table is not asked for anything but ``family``:
it may have no such column.
"""

from _operator import and_, not_, or_

from ..kernel.abi.sock_diag import AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK
from .addresses import address_test
from .tree import ANY_PORT, And, Autobound, Cgroup, Compare, Device, Glob, Host, Mark, Not, Numbered, Or, Port

PORTS = {'src': 'sport', 'dst': 'dport'}
NAMES = {'src': 'name', 'dst': 'peer_name'}


class Columns:
    """The columns of a Batch: those of ss's words by a call, the values of facts by those of a Reader."""

    def __init__(self, table, batch, reader=None):
        self.table = table
        self.batch = batch
        self.reader = reader

    def __call__(self, name):
        return self.table.column(self.batch, name)

    def values(self, name):
        return self.reader.values(self.batch, name)

    def addresses(self, name):
        return self.reader.addresses(self.batch, name)


def predicate(node):
    """The judge of a tree."""
    if node.__class__ is Not:
        return negated(predicate(node.part))
    if node.__class__ is And:
        return joined(and_, [predicate(part) for part in node.parts])
    if node.__class__ is Or:
        return joined(or_, alternatives(node.parts))
    if node.__class__ is Compare:
        from .compare import judge
        return judge(node)
    return limited(getattr(node, 'families', None), JUDGES[node.__class__](node))


def negated(judge):
    return lambda column, count: list(map(not_, judge(column, count)))


def joined(join, judges):
    """One judge or more made one: ``join`` takes two verdicts on a socket."""
    if len(judges) == 1:
        return judges[0]

    def judge(column, count):
        verdicts = judges[0](column, count)
        for other in judges[1:]:
            verdicts = list(map(join, verdicts, other(column, count)))
        return verdicts
    return judge


def limited(families, judge):
    """``judge``, but no socket of another family passes; it is not asked about them where it would be in vain."""
    if not families:
        return judge

    def within(column, count):
        found = column('family')
        present = set(found)
        if present.isdisjoint(families):
            return [False] * count
        verdicts = judge(column, count)
        if present.issubset(families):
            return verdicts
        return [verdict and family in families for verdict, family in zip(verdicts, found)]
    return within


def alternatives(parts):
    """The judges of an `or`.  Hosts that ask the same of the same columns become one: a set is looked up once."""
    judges, addresses, ports = [], {}, {}
    for part in parts:
        if part.__class__ is Host and part.addresses:
            addresses.setdefault((part.side, part.families, part.port), []).extend(part.addresses)
        elif part.__class__ is Host and part.port != ANY_PORT:
            ports.setdefault((part.side, part.families), set()).add(part.port)
        else:
            judges.append(predicate(part))
    for (side, families, port), several in addresses.items():
        judges.append(predicate(Host(side, families, several, port)))
    for (side, families), several in ports.items():
        judges.append(limited(families, among(PORTS[side], several)))
    return judges


def among(name, values):
    """Is the fact one of ``values``?"""
    return lambda column, count: [value in values for value in column(name)]


def by_distinct(name, test):
    """``test(value)`` of the fact, once for each distinct value."""
    def judge(column, count):
        values = column(name)
        verdicts = {value: test(value) for value in set(values)}
        return list(map(verdicts.__getitem__, values))
    return judge


def equal(name, wanted):
    return lambda column, count: [value == wanted for value in column(name)]


def host(node):
    return end(node, [by_distinct(node.side, address_test(node.addresses))] if node.addresses else [])


def numbered(node):
    return end(node, [equal(node.side, node.address)] if node.address is not None else [])


def end(node, judges):
    """``judges`` of the address, and the port if one was given."""
    if node.port != ANY_PORT:
        judges.append(equal(PORTS[node.side], node.port))
    return joined(and_, judges) if judges else lambda column, count: [True] * count


def glob(node):
    from .globs import expression
    match = expression(node.pattern).match
    return by_distinct(NAMES[node.side], lambda name: name.__class__ is str and match(name) is not None)


def port(node):
    name, bound = PORTS[node.side], node.port
    if node.order == '<=':
        return lambda column, count: [value <= bound for value in column(name)]
    return lambda column, count: [value >= bound for value in column(name)]


def mark(node):
    value, mask = node.value, node.mask
    return lambda column, count: [number & mask == value for number in column('mark')]


def autobound(node):
    """Each family has its own sign of a port that nobody chose."""
    low, high = node.low, node.high

    def in_range(column, count):
        return [low <= port <= high for port in column('sport')]

    def judge(column, count):
        families = column('family')
        verdicts = {family: UNCHOSEN.get(family, in_range)(column, count) for family in set(families)}
        if len(verdicts) == 1:
            return verdicts.popitem()[1]
        return [verdicts[family][row] for row, family in enumerate(families)]
    return judge


def unchosen_name(name):
    """No name, or one that the kernel made up: `@` and five hexadecimal digits."""
    return not name or len(name) == 6 and name[0] == '@' and not name[1:].strip('0123456789abcdef')


UNCHOSEN = {
    AF_UNIX: by_distinct('name', unchosen_name),
    AF_PACKET: joined(and_, [equal('sport', 0), equal('src', 0)]),
    AF_NETLINK: lambda column, count: [port < 0 for port in column('sport')],
    AF_VSOCK: lambda column, count: [port > 1023 for port in column('sport')],
}

JUDGES = {
    Host: host,
    Numbered: numbered,
    Glob: glob,
    Port: port,
    Device: lambda node: equal('ifindex', node.index),
    Mark: mark,
    Cgroup: lambda node: equal('cgroup', node.id),
    Autobound: autobound,
}
