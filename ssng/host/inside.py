"""A Host as it is seen from one of its network namespaces: what belongs to the network is that of the namespace.

Interfaces, the range of ephemeral ports and the files of /proc/net are looked up by a thread that is there, and what
``ip netns exec`` would put in place of files in /etc is read from /etc/netns/NAME.  Processes, cgroups and BPF maps are the
host's.
"""

import os

from . import Host, Part, Paths
from .links import Links
from .names import Names
from .namespaces import FILES
from .words import native

PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range'


class Inside(Host):
    """``host`` seen from ``namespace``.  OSError where that cannot be entered."""

    def __init__(self, host, namespace):
        super().__init__(host.root, host.report, host.environ)
        self.host = host
        self.netns = namespace
        self.called = host.called
        self.folder = namespace.folder()

    @Part
    def paths(self):
        return InsidePaths(self.environ, self.netns, self.folder) if self.netns.ways else self.host.paths

    @Part
    def links(self):
        return Links(self.paths, self.netns.run) if self.netns.ways else self.host.links

    @Part
    def names(self):
        return Names(self.paths, self.report, self.netns.run) if self.netns.ways else self.host.names

    @Part
    def tasks(self):
        return self.host.tasks

    @Part
    def cgroups(self):
        return self.host.cgroups

    @Part
    def rates(self):
        from .rates import NEVER
        return NEVER if self.host.rates is NEVER else self.host.rates.inside(self.netns.inode)

    @Part
    def maps(self):
        return self.host.maps

    def close(self):
        """Leave the namespace; the rest is the host's."""
        self.netns.close()


class InsidePaths(Paths):
    """Where the files of a namespace are: no variable of the environment names them."""

    def __init__(self, environ, namespace, folder):
        super().__init__(environ)
        self._folder = folder
        self._files = FILES + native(namespace.name or '')

    def at(self, path):
        if path.startswith('/etc/') and self.replaced(path):
            return self._files + path[len('/etc'):]
        return path

    def replaced(self, path):
        """Whether ``ip netns exec`` puts another file in place of this one."""
        return self._files != FILES and '/' not in self._files[len(FILES):] and os.path.exists(
            self._files + path[len('/etc'):])

    def net(self, name):
        return '%s/net/%s' % (self._folder, name)

    def port_range(self):
        return PORT_RANGE

    def redirected(self, table):
        return False
