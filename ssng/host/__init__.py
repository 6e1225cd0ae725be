"""What a Linux host knows beyond its socket tables: names, processes, cgroups, namespaces, /proc/net."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from typing import Any, Callable, Collection, Mapping

    from .processes import Owners

# Tables whose netlink dump is not even tried when a variable names another source.
REDIRECTED = frozenset(['tcp', 'udp', 'raw', 'mptcp', 'sctp', 'unix', 'packet', 'netlink'])


class Report:
    """Where messages go that stop nothing: to stderr, or to ``tell(message)``, a str of one line or more."""

    MOST = 1024                     # messages that are remembered

    def __init__(self, tell: 'Callable[[str], object] | None' = None) -> None:
        self._tell = tell
        self._said: 'dict[str, None]' = {}

    def warn(self, message: str) -> None:
        """Something that does not stop the program; the same words only once.

        ``message`` is latin-1 and may hold lines of our own; a word from outside passes escape.one_line first.
        """
        if message not in self._said:
            if len(self._said) >= self.MOST:
                del self._said[next(iter(self._said))]          # the oldest
            self._said[message] = None
            self.complain(message)

    def complain(self, message: str) -> None:
        """One message, at once; nothing in it may steer a terminal."""
        if self._tell is None:
            complain(message)
        else:
            self._tell(_fit(message).decode('utf-8', 'backslashreplace'))

    def hint(self, message: str) -> None:
        """What ss keeps silent about: a warning where a person looks or a program collects, nothing in a pipe."""
        if self._tell is not None or _seen():
            self.warn(message)

    def redirect(self, tell: 'Callable[[str], object] | None') -> 'Callable[[str], object] | None':
        """Let messages go to ``tell`` from now on, None for stderr; returns where they went before."""
        before, self._tell = self._tell, tell
        return before

    def watched(self) -> bool:
        """Whether a person looks at what is printed: then a hint is worth some work."""
        return self._tell is None and _seen()


def complain(message: str) -> None:
    """One message on stderr, at once; nothing in it may steer a terminal."""
    try:
        sys.stderr.buffer.write(b'ssng: %s\n' % _fit(message))
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):       # full, or closed and None: the status must do
        pass


def _fit(message: str) -> bytes:
    from ..escape import lines
    return lines(message.encode('latin-1', 'backslashreplace').decode('latin-1')).encode('latin-1')


def _seen() -> bool:
    """Whether stdout is a terminal."""
    try:
        return os.isatty(1)
    except OSError:
        return False


class Paths:
    """Where the files of a host are: a root folder, PROC_ROOT and the PROC_NET_* variables.

    A variable that is set counts even if it is empty: it names no file then.  What it names is taken as it
    is, below no root (fixtures/behaviour/command-line.md, 5.3, 8 and 9.4).  ``environ`` is looked at anew for each
    question; ``root`` is a folder that stands for ``/``, '' for the real one.
    """

    def __init__(self, environ: 'Mapping[str, str]', root: str = '') -> None:
        self.environ = environ
        self.root = root.rstrip('/')

    def at(self, path: str) -> str:
        """The place of an absolute path of this host."""
        return self.root + path

    def replaced(self, path: str) -> bool:
        """Whether another file stands in place of this one of /etc, so that the C library would speak for the wrong one."""
        return bool(self.root)

    def proc(self) -> str:
        """The folder that stands for /proc, ready to have ``/PID`` put behind it."""
        return self.environ.get('PROC_ROOT', self.root + '/proc').rstrip('/')

    def net(self, name: str) -> str:
        """The file that stands for /proc/net/NAME: ``tcp6``, ``unix``, ``sockstat``..."""
        return self.environ.get('PROC_NET_' + name.upper(), self.proc() + '/net/' + name)

    def port_range(self) -> str:
        """The file that holds the range of ephemeral ports."""
        return self.environ.get('PROC_IP_LOCAL_PORT_RANGE', self.proc() + '/sys/net/ipv4/ip_local_port_range')

    def redirected(self, table: str) -> bool:
        """Whether ``table`` (``tcp``, ``unix``...) is to be read from a file, and netlink left alone."""
        return table in REDIRECTED and ('PROC_ROOT' in self.environ or 'PROC_NET_' + table.upper() in self.environ)


class Part:
    """An attribute of a Host that is made when it is first asked for."""

    def __init__(self, make: 'Callable[[Any], Any]') -> None:
        self.make = make
        self.name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, host: 'Any', owner: type) -> 'Any':
        if host is None:
            return self
        made = host.__dict__[self.name] = self.make(host)
        return made


class Nobody:
    """In place of peers."""

    @staticmethod
    def inode(identity: bytes) -> None:
        return None


NOBODY = Nobody()


class Host:
    """One Linux host, or one network namespace of it: what is asked of it, and what is remembered.

    ``root``: a folder that stands for its ``/``, '' for the host we run on.  ``report``: a Report.
    ``environ``: the variables that move files of /proc (:class:`Paths`).
    A Host that is not the program's only one is closed after use.
    ``called``: what the user calls it, where another one is asked; latin-1.
    """

    called: 'str | None' = None

    def __init__(self, root: str = '', report: 'Report | None' = None, environ: 'Mapping[str, str]' = os.environ) -> None:
        self.root = root
        self.report = report or Report()
        self.environ = environ

    @Part
    def paths(self) -> 'Any':
        return Paths(self.environ, self.root)

    @Part
    def netns(self) -> 'Any':
        """The Namespace whose sockets, interfaces and files of /proc/net these are."""
        from .netns import own
        return own(self.paths)

    @Part
    def links(self) -> 'Any':
        from .links import Links
        return Links(self.paths)

    @Part
    def names(self) -> 'Any':
        from .names import Names
        return Names(self.paths, self.report)

    @Part
    def cgroups(self) -> 'Any':
        from .cgroups import Cgroups
        return Cgroups(self.paths, self.report)

    @Part
    def tasks(self) -> 'Any':
        from .tasks import Tasks
        return Tasks(self.paths, self.report)

    @Part
    def maps(self) -> 'Any':
        from .maps import Maps
        return Maps(self.report)

    @Part
    def peers(self) -> 'Any':
        """Who is at the other end of connections: nobody, until sources/peers.py introduces them."""
        return NOBODY

    @Part
    def rates(self) -> 'Any':
        """What counters said at the last look: nothing, until :meth:`again` makes it one of several."""
        from .rates import NEVER
        return NEVER

    def again(self) -> 'Host':
        """This host at the next of several looks: what may have changed is asked anew, names and BPF maps are kept."""
        from time import monotonic

        from .rates import NEVER, Rates
        later = Host(self.root, self.report, self.environ)
        later.names = self.names
        if 'maps' in self.__dict__:
            later.maps = self.maps
        later.rates = Rates() if self.rates is NEVER else self.rates
        later.rates.begin(monotonic())
        return later

    def namespaces(self, specs: 'Collection[str]') -> 'Any':
        """The Namespaces that words of --netns mean, all of the host where there are none.  Failure where one means none."""
        from . import netns
        return netns.wanted(self, specs) if specs else netns.found(self.paths)

    def inside(self, namespace: 'Any') -> 'Host':
        """This host as it is seen from one of its namespaces.  OSError where that cannot be entered."""
        from .inside import Inside
        return Inside(self, namespace)

    def counts(self) -> 'dict[str, int]':
        """The numbers of sockets that :mod:`.sockstat` has names for."""
        from .sockstat import counts
        return counts(self)

    def owners(self, threads: bool = False, contexts: int = 0, late: bool = False, escape: bool = False) -> 'Owners':
        """Who holds the sockets: found now, or ``late``, when the first row is shown that may have an owner."""
        from .processes import LateOwners, Owners
        owners = (LateOwners if late else Owners)(self, threads, contexts, escape)
        if not late:
            owners.scan()
        return owners

    def process_name(self, pid: int) -> str:
        """What the process of this number calls itself, as ss shows it; '' if there is none.  Latin-1."""
        return self.tasks.name(pid)

    def whole_process_name(self, pid: int) -> str:
        """The name of a process as it is; '' if there is none.  Latin-1."""
        return self.tasks.whole_name(pid)

    def task_context(self, pid: int) -> str:
        """The SELinux context of a process, the kernel's of 0, tasks.UNAVAILABLE if it has none.  Latin-1."""
        return self.tasks.context(pid)

    def close(self) -> None:
        """Close what is open."""
        if 'maps' in self.__dict__:
            self.maps.close()
