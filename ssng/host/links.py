"""Network interfaces: name to index and back (fixtures/behaviour/command-line.md, 3.6 and 5.5).

Two ioctls answer nearly always.  The alternative names of an interface may be longer than an ioctl
can carry; only rtnetlink tells those.
"""

import sys
from ctypes import sizeof
from os import fsdecode, fsencode

import _socket

_names = {}                     # index: name


def name(index):
    """The name of an interface, latin-1; ``ifN`` where the host has none of this index."""
    known = _names.get(index)
    if known is None:
        try:
            known = fsencode(_socket.if_indextoname(index)).decode('latin-1')
        except (OSError, OverflowError):
            known = 'if%d' % index
        _names[index] = known
    return known


def interface_index(name):
    """The index of the interface of this name or alternative name; 0 if there is none."""
    try:
        return _socket.if_nametoindex(fsdecode(name.encode('latin-1')))
    except (OSError, ValueError):
        return all_names().get(name, 0)


def all_names():
    """{name: index}, alternative names among them, as rtnetlink tells; empty if it does not."""
    from ..kernel.abi.netlink import NETLINK_ROUTE
    from ..kernel.abi.rtnetlink import IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS, RTM_GETLINK, ifinfomsg
    from ..kernel.messages import Malformed
    from ..kernel.netlink import Socket
    mask = RTEXT_FILTER_SKIP_STATS.to_bytes(4, sys.byteorder)
    found = {}
    try:
        sock = Socket(NETLINK_ROUTE)
    except OSError:
        return found
    try:
        answer, datagrams = sock.dump(RTM_GETLINK, ifinfomsg(), [(IFLA_EXT_MASK, mask)], large=True)
        for data, ends in datagrams:
            block = answer.feed(data, ends)
            for payload in block.payloads() if block else ():
                index = ifinfomsg.from_buffer_copy(payload).ifi_index
                for alias in names_of(payload, sizeof(ifinfomsg)):
                    found.setdefault(alias, index)
    except (OSError, Malformed):
        pass
    sock.close()
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
