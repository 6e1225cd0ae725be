"""The tree of a filter: what must hold of a socket.

`And`, `Or` and `Not` join conditions.  A condition is about one end of the socket (`Host`, `Numbered`,
`Glob`, `Port`) or about the socket itself (`Device`, `Mark`, `Cgroup`, `Autobound`).

`Compare` asks for a fact by its name (:mod:`ssng.catalogue`); it is true of what has it, and is never asked of
the kernel as it stands.

The conditions on an end share three attributes.  ``side``: 'src' or 'dst'.  ``families``: the AF
numbers it can be true for, None for all; sockets of other families fail it.  ``port``: a number, or
ANY_PORT.
"""

ANY_PORT = -1           # what the kernel's inet_diag_hostcond says for "no port given"


class Node:
    """Equal to a node of the same class with equal members."""

    __slots__ = ()
    depth = 1           # levels of the tree from here down

    def __init__(self, *members):
        for name, member in zip(self.__slots__, members):
            setattr(self, name, member)

    def members(self):
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other):
        return self.__class__ is other.__class__ and self.members() == other.members()

    def __repr__(self):
        return '%s(%s)' % (self.__class__.__name__, ', '.join(map(repr, self.members())))


class Join(Node):
    __slots__ = ('parts', 'depth')

    def __init__(self, parts):
        self.parts = parts              # two or more, from left to right
        self.depth = 1 + max(part.depth for part in parts)

    def members(self):
        return (self.parts,)


class And(Join):
    __slots__ = ()


class Or(Join):
    __slots__ = ()


class Not(Node):
    __slots__ = ('part', 'depth')

    def __init__(self, part):
        self.part = part
        self.depth = 1 + part.depth

    def members(self):
        return (self.part,)


class Host(Node):
    """An end by address and port: ``addresses`` are (family, bytes, prefix length), one must match; none: any."""

    __slots__ = ('side', 'families', 'addresses', 'port')


class Numbered(Node):
    """An end whose address is a number (packet: protocol; netlink: protocol; vsock: CID), None for any."""

    __slots__ = ('side', 'families', 'address', 'port')


class Glob(Node):
    """An end of a unix socket by its name: ``pattern`` as fnmatch(3) reads it, case folded."""

    __slots__ = ('side', 'families', 'pattern')
    port = ANY_PORT


class Port(Node):
    """A comparison of ports, ``order`` is '<=' or '>='.  ANY_PORT compares as the number it is."""

    __slots__ = ('side', 'families', 'order', 'port')


class Device(Node):
    __slots__ = ('index',)


class Mark(Node):
    """(mark & ``mask``) == ``value``."""

    __slots__ = ('value', 'mask')


class Cgroup(Node):
    __slots__ = ('id',)


class Autobound(Node):
    """The local port is in the ephemeral range ``low``..``high``, or what that means elsewhere (command-line.md 4.6)."""

    __slots__ = ('low', 'high')


class Compare(Node):
    """A fact has a value.

    ``name``      what a Reader is asked for
    ``operator``  'has' (it is there, and neither zero nor false nor empty), '=', '~', '<', '<=', '>' or '>='
    ``values``    for '=' alternatives: numbers, texts, Patterns, (family, bytes, prefix length) of addresses, booleans;
                  for '~' an expression; for the others a number; in the unit of the fact
    ``entry``     its Entry
    ``mask``      the states it can be true for, of a condition on the state; None of any other
    ``kernel``    a tree that says the same of internet sockets in terms that the kernel knows; None where there is none
    """

    __slots__ = ('name', 'operator', 'values', 'entry', 'mask', 'kernel')

    def __init__(self, name, operator, values, entry, mask=None, kernel=None):
        super().__init__(name, operator, values, entry, mask, kernel)


class Pattern(Node):
    """A shell pattern for the whole of a text, a backslash makes any character ordinary."""

    __slots__ = ('text',)


def conditions(node):
    """All conditions of a tree, from left to right; of None none."""
    if node is None:
        return []
    if node.__class__ is Not:
        return conditions(node.part)
    if node.__class__ in (And, Or):
        return [each for part in node.parts for each in conditions(part)]
    return [node]


def facts(node):
    """The names of the facts that a tree asks for."""
    return {each.name for each in conditions(node) if each.__class__ is Compare}
