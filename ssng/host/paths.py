"""Where the files of a host are: a root folder, PROC_ROOT and the PROC_NET_* variables.

A variable that is set counts even if it is empty: it names no file then.  What it names is taken as it
is, below no root (fixtures/behaviour/command-line.md, 5.3, 8 and 9.4).
"""

# Tables whose netlink dump is not even tried when a variable names another source.
REDIRECTED = frozenset(['tcp', 'udp', 'raw', 'mptcp', 'sctp', 'unix', 'packet', 'netlink'])


class Paths:
    """``environ`` is looked at anew for each question; ``root`` is a folder that stands for ``/``, '' for the real one."""

    def __init__(self, environ, root=''):
        self.environ = environ
        self.root = root.rstrip('/')

    def at(self, path):
        """The place of an absolute path of this host."""
        return self.root + path

    def replaced(self, path):
        """Whether another file stands in place of this one of /etc, so that the C library would speak for the wrong one."""
        return bool(self.root)

    def proc(self):
        """The folder that stands for /proc, ready to have ``/PID`` put behind it."""
        return self.environ.get('PROC_ROOT', self.root + '/proc').rstrip('/')

    def net(self, name):
        """The file that stands for /proc/net/NAME: ``tcp6``, ``unix``, ``sockstat``..."""
        return self.environ.get('PROC_NET_' + name.upper(), self.proc() + '/net/' + name)

    def port_range(self):
        """The file that holds the range of ephemeral ports."""
        return self.environ.get('PROC_IP_LOCAL_PORT_RANGE', self.proc() + '/sys/net/ipv4/ip_local_port_range')

    def redirected(self, table):
        """Whether ``table`` (``tcp``, ``unix``...) is to be read from a file, and netlink left alone."""
        return table in REDIRECTED and ('PROC_ROOT' in self.environ or 'PROC_NET_' + table.upper() in self.environ)
