"""Network interfaces: name to index and back (fixtures/behaviour/command-line.md, 3.6 and 5.5).

Two ioctls answer nearly always.  The alternative names of an interface may be longer than an ioctl
can carry; only rtnetlink tells those.  Of a host below a root folder, /sys alone tells.
"""

import sys
from os import listdir

import _socket

from ..kernel.netlink import here
from ..memo import Memo
from .words import decimal, latin, native

FOLDER = '/sys/class/net'


class Links:
    """The interfaces of one host, or of one namespace of it: ``run(function, ...)`` calls there.  Names are latin-1."""

    def __init__(self, paths, run=here):
        self._paths = paths
        self._run = run
        self._names = Memo(self._name)

    def name(self, index):
        """The name of an interface; ``ifN`` where the host has none of this index."""
        return self._names[index]

    def _name(self, index):
        try:
            if not self._paths.root:
                return latin(self._run(_socket.if_indextoname, index))
            known = self._listed()
        except AttributeError:                  # PyPy does not wrap the call
            known = self._run(all_names)
        except (OSError, OverflowError):
            known = {}
        return next((name for name, number in known.items() if number == index), 'if%d' % index)

    def index(self, name):
        """The index of the interface of this name or alternative name; 0 if there is none."""
        if self._paths.root:
            return self._listed().get(name, 0)
        try:
            return self._run(_socket.if_nametoindex, native(name))
        except (OSError, ValueError, AttributeError):
            return self._run(all_names).get(name, 0)

    def _listed(self):
        """{name: index} as /sys tells."""
        folder, found = self._paths.at(FOLDER), {}
        try:
            names = listdir(folder)
        except OSError:
            return found
        for name in names:
            try:
                with open('%s/%s/ifindex' % (folder, name), 'rb') as file:
                    index = decimal(file.read(100).decode('latin-1').strip())
            except OSError:                     # it is gone, or no interface: `bonding_masters`
                continue
            if index:
                found[latin(name)] = index
        return found


def all_names():
    """{name: index}, alternative names among them, as rtnetlink tells; empty if it does not."""
    from ..kernel.abi import sizeof
    from ..kernel.abi.netlink import NETLINK_ROUTE
    from ..kernel.abi.rtnetlink import IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS, RTM_GETLINK, ifinfomsg
    from ..kernel.exchange import Refused, Request, read
    from ..kernel.messages import Block
    from ..kernel.netlink import Kernel
    mask = RTEXT_FILTER_SKIP_STATS.to_bytes(4, sys.byteorder)
    found = {}
    reply = Kernel(NETLINK_ROUTE).ask(Request(ifinfomsg(), [(IFLA_EXT_MASK, mask)], RTM_GETLINK, large=True))
    try:
        for payloads in read(reply, Block.payloads):
            for payload in payloads:
                index = ifinfomsg.from_buffer_copy(payload.ljust(sizeof(ifinfomsg), b'\0')).ifi_index
                for alias in names_of(payload, sizeof(ifinfomsg)):
                    found.setdefault(alias, index)
    except Refused:
        pass
    return found


def names_of(payload, start, end=None):
    """The names among the attributes of a link: its own, then those in its list of properties."""
    from ..kernel.abi.netlink import NLA_TYPE_MASK
    from ..kernel.abi.rtnetlink import IFLA_ALT_IFNAME, IFLA_IFNAME, IFLA_PROP_LIST
    from ..kernel.messages import attributes
    found = []
    for number, first, last in attributes(payload, start, end):
        number = number and number & NLA_TYPE_MASK
        if number in (IFLA_IFNAME, IFLA_ALT_IFNAME):
            found.append(payload[first:last].split(b'\0')[0].decode('latin-1'))
        elif number == IFLA_PROP_LIST:
            found += names_of(payload, first, last)
    return found
