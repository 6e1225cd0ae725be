"""ssng: what `ss` of iproute2 tells about the sockets of a Linux host, in pure Python.

    import ssng

    for s in ssng.sockets('tcp', 'dport = :443 and rtt > 50ms', info=True, processes=True):
        print(s.peer.address, s.peer.port, s.info.rtt_us, [p.name for p in s.processes])

Importing this imports nothing else; what a function needs, it imports when it is called.  Nothing is printed, no signal
handler and no setting of the interpreter is touched, and any number of threads may call at the same time.
"""

import sys

__version__ = '0.2.0'


class Error(Exception):
    """What is wrong with a question."""


class FilterError(Error, ValueError):
    """A filter that means nothing.  ``text``: the filter; ``position``: the place in it, None for all of it."""

    def __init__(self, message, text='', position=None):
        super().__init__(message)
        self.text = text
        self.position = position


class KernelError(Error, OSError):
    """What keeps the kernel from answering; ``errno`` is 0 where it gave no number."""


class Incomplete(UserWarning):
    """Something is missing from an answer: said through :func:`warnings.warn`, and the rest is told."""


def sockets(*tables_and_filter, states=None, netns=None, source=None, **details):
    """The sockets that a query asks for, one Socket after the other: a generator.

    ``tables_and_filter``  words of ``ss -A`` (``'tcp'``, ``'unix'``, ``'all'``), or tcp4, tcp6, udp4, udp6; what is none of
                           them is the filter.  Without a table those of ``ss``
    ``states``             a word or words of ``ss``: ``'all'``, ``'listening'``, ``('established', 'time-wait')``
    ``netns``              None for the network namespace that we are in, ``'all'``, or words of ``--netns``
    ``source``             path of a record (``--record``), None to ask the kernel
    ``details``            names of long options: ``info=True``, ``memory=True``, ``processes=True``...; ``details='all'``;
                           ``facts=('processes.args',)`` for facts that no option shows

    Raises FilterError or Error at the call, KernelError at the first socket.
    """
    from .api import sockets
    return sockets(*tables_and_filter, states=states, netns=netns, source=source, **details)


def count(*tables_and_filter, by=('state',), states=None, netns=None, source=None, **details):
    """How many sockets there are by the values of some facts: ``{('ESTAB',): 12}``."""
    from .api import count
    return count(*tables_and_filter, by=by, states=states, netns=netns, source=source, **details)


def events(*tables_and_filter, states=None, netns=None, **details):
    """The sockets of TCP and UDP that end from now on, for ever: a generator."""
    from .api import events
    return events(*tables_and_filter, states=states, netns=netns, **details)


def record(path, *tables_and_filter, states=None, netns=None, **details):
    """Write what a query asks for into a file that ``sockets(source=path)`` answers from, and Wireshark opens."""
    from .api import record
    record(path, *tables_and_filter, states=states, netns=netns, **details)


def explain(*tables_and_filter, states=None, netns=None, **details):
    """How a filter is understood, and who judges what: a dict for each table and address family, as ``--explain -j``."""
    from .api import explain
    return explain(*tables_and_filter, states=states, netns=netns, **details)


def facts(word=''):
    """Everything that can be told, or what ``word`` finds: a dict for each fact, as ``--facts -j``."""
    from .api import facts
    return facts(word)


def summary():
    """How many sockets there are of each kind, as ``-s -j``."""
    from .api import summary
    return summary()


class _Package(type(sys)):
    """This module: before Python 3.7 a module has no ``__getattr__`` of its own."""

    def __getattr__(self, name):
        if name == 'Socket':
            from .found import Socket
            return Socket
        raise AttributeError('module %r has no attribute %r' % (__name__, name))


sys.modules[__name__].__class__ = _Package
