"""What the words of a filter mean: the preferred family, the tables asked for, the names of this host.

Every name is looked up through a :class:`Scope`.  Each look-up imports what it needs when it is
first called; a test gives its own answers by overriding them.  Names are latin-1 text.
"""


class Scope:
    """``family``: of a host that names none, AF_UNSPEC for inet or inet6 as its text tells.
    ``tables``: names in query.TABLES.  ``netns``: as a Selection has it: in which network namespaces a name may be known.
    ``listeners``: whether the filter means them, too, once it has been read.
    """

    listeners = False

    def __init__(self, host=None, family=0, tables=(), netns=None):
        self.host = host
        self.family = family
        self.tables = tables
        self.netns = netns

    def warn(self, message):
        """Something odd that stops nothing."""
        if self.host:
            self.host.report.warn(message)

    def protocols(self):
        """Where a service name is looked up: protocols whose answers must agree, then a second choice.

        ss asks for udp and tcp alone; the names of mptcp and sctp come after them, so that a name that ss
        knows keeps its number (README, Differences from ss).
        """
        first = [name for name in ('udp', 'tcp') if name in self.tables]
        second = [name for table, name in (('mptcp', 'tcp'), ('sctp', 'sctp'), ('dccp', 'dccp'))
                  if table in self.tables and name not in first]
        return first, second

    def service(self, name, protocol):
        """Port of a service, None if there is none."""
        return self.host.names.service_port(name, protocol)

    def rpc_service(self, name, protocol):
        """Port of a program that rpcbind told of (`rpc.nfs`), None if it did not or was not asked."""
        return self.host.names.rpc_port(name, protocol)

    def addresses(self, name, family):
        """Addresses of a host, a list of 4 or 16 bytes each."""
        return self.host.names.host_addresses(name, family)

    def link_protocol(self, name):
        """Ethernet protocol number, None if there is none of this name."""
        from ..host.names import link_protocol_number
        return link_protocol_number(name)

    def netlink_protocol(self, name):
        return self.host.names.netlink_protocol_number(name)

    def interface(self, name):
        """Index of a network interface, 0 if there is none of this name in any namespace that is asked for."""
        return self.host.links.index(name) or (self.netns is not None and known_inside(self.host, self.netns, name))

    def cgroup(self, path):
        """Id of a cgroup v2.  Raises Failure."""
        return self.host.cgroups.id(path)

    def ephemeral_ports(self):
        """(low, high), both included."""
        return self.host.names.ephemeral_ports()


NOWHERE = 0x7fffffff    # the index of no interface


def known_inside(host, specs, name):
    """NOWHERE if one of some namespaces has an interface of this name, else 0."""
    for namespace in host.namespaces(specs):
        try:
            inside = host.inside(namespace)
        except OSError:
            continue
        try:
            if inside.links.index(name):
                return NOWHERE
        finally:
            inside.close()
    return 0


class Elsewhere(Scope):
    """The Scope of a namespace where a name that another one knows may be unknown: no socket is bound to it then."""

    def interface(self, name):
        return self.host.links.index(name) or NOWHERE
