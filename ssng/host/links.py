"""Network interfaces: name to index and back (behaviour file A, 3.6 and 5.5).

Two ioctls answer nearly always.  The alternative names of an interface may be longer than an ioctl
can carry; only rtnetlink tells those.
"""

from ctypes import c_uint32, sizeof
from os import fsdecode, fsencode

import _socket

from ..kernel.abi.netlink import (
    NETLINK_ROUTE, NLA_TYPE_MASK, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, nlattr, nlmsghdr)
from ..kernel.abi.rtnetlink import (
    IFLA_ALT_IFNAME, IFLA_EXT_MASK, IFLA_IFNAME, IFLA_PROP_LIST, RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF,
    RTM_GETLINK, RTM_NEWLINK, ifinfomsg)
from ..kernel.abi.sock_diag import AF_NETLINK, SOCK_RAW

SEGMENT = 1 << 16       # bytes; the kernel fills no datagram of a dump beyond half of it
HEADER, LINK, ATTRIBUTE = sizeof(nlmsghdr), sizeof(ifinfomsg), sizeof(nlattr)

_names = {}             # index: name


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
    found = {}
    try:
        sock = _socket.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    except OSError:
        return found
    try:
        sock.sendto(request(), (0, 0))
        done = False
        while not done:
            done = collect(sock.recv(SEGMENT), found)
    except OSError:
        pass
    sock.close()
    return found


def request():
    """The dump of all links, without the parts that cost the kernel most."""
    mask = nlattr(ATTRIBUTE + 4, IFLA_EXT_MASK), c_uint32(RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS)
    body = b''.join(map(bytes, (ifinfomsg(),) + mask))
    return bytes(nlmsghdr(HEADER + len(body), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP)) + body


def collect(data, found):
    """Add the names of one datagram to ``found``; true if the dump ends here."""
    start = 0
    while start + HEADER <= len(data):
        head = nlmsghdr.from_buffer_copy(data, start)
        if head.nlmsg_type in (NLMSG_DONE, NLMSG_ERROR) or head.nlmsg_len < HEADER:
            return True
        payload = data[start + HEADER:start + head.nlmsg_len]
        if head.nlmsg_type == RTM_NEWLINK and len(payload) >= LINK:
            index = ifinfomsg.from_buffer_copy(payload).ifi_index
            for name in names(payload[LINK:]):
                found.setdefault(name, index)
        start += (head.nlmsg_len + 3) & ~3
    return False


def names(attributes):
    """The names in the attributes of a link: its own, then those in the list of properties."""
    found, start = [], 0
    while start + ATTRIBUTE <= len(attributes):
        head = nlattr.from_buffer_copy(attributes, start)
        if head.nla_len < ATTRIBUTE:
            break
        value = attributes[start + ATTRIBUTE:start + head.nla_len]
        number = head.nla_type & NLA_TYPE_MASK
        if number in (IFLA_IFNAME, IFLA_ALT_IFNAME):
            found.append(value.split(b'\0')[0].decode('latin-1'))
        elif number == IFLA_PROP_LIST:
            found += names(value)
        start += (head.nla_len + 3) & ~3
    return found
