"""Kinds of sockets: one function a kind, which makes it and returns what must stay open.

A function decorated with `kind` is one row of KINDS; its module is the family, its name the kind, its
docstring what a listing shows of it.  It returns a socket or a list of things (sockets, descriptors,
mappings) that whoever called it holds until the listing is over.  An OSError means that this kernel
cannot make it.

The addresses and ports are fixed, so that two runs list alike; `links` must come first, because many
kinds are bound to its network devices.  All this is meant for a network namespace of its own, or for
a guest of tools/lab.
"""
import collections

Kind = collections.namedtuple('Kind', 'family name shows make')

KINDS = []


def kind(make):
    family = make.__module__.rsplit('.', 1)[-1]
    shows = ' '.join((make.__doc__ or '').split())
    KINDS.append(Kind(family, make.__name__.replace('_', '-'), shows, make))
    return make


# Importing them fills the table, in this order.
from . import links, tcp, tcp_options, peer, datagram, sctp, mptcp, unix       # noqa: E402, F401
from . import netlink, packet, xdp, vsock, tipc, dccp, bpf                     # noqa: E402, F401
