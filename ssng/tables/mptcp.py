"""Multipath TCP (fixtures/behaviour/sockets.md, 1.5 and 4.2)."""

from ..fields import Fact, Object, Section
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import mptcp
from ..kernel.abi.sock_diag import IPPROTO_MPTCP
from ..kernel.columns import member
from .inet import MEMORY, Inet

MS = '_ms'
FLAGS = ((mptcp.MPTCP_INFO_FLAG_FALLBACK, 'fallback'), (mptcp.MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED, 'remote_key'))


def fact(name, form='%d', unit='', **more):
    """The member ``name`` of mptcp_info, under its own name in text too; ``unit`` behind its JSON key."""
    text = form and ' %s:%s' % (name, form)
    return Fact(name + unit, member(mptcp.mptcp_info, 'mptcpi_' + name, abi.INET_DIAG_INFO), text, **more)


def flags_text(flags):
    return ''.join([' ' + word for bit, word in FLAGS if flags & bit])


def flags_json(flags):
    return '[%s]' % ','.join(['"%s"' % word for bit, word in FLAGS if flags & bit])


INFO = [
    fact('subflows'), fact('add_addr_signal'), fact('add_addr_accepted'),
    fact('subflows_max'), fact('add_addr_signal_max'), fact('add_addr_accepted_max'),
    Fact('flags', member(mptcp.mptcp_info, 'mptcpi_flags', abi.INET_DIAG_INFO), flags_text, json=flags_json),
    fact('token', '%x', json='"%x"'),
    fact('write_seq'), fact('snd_una'), fact('rcv_nxt'),
    fact('local_addr_used'), fact('local_addr_max'), fact('csum_enabled'), fact('retransmits'),
    fact('bytes_retrans'), fact('bytes_sent'), fact('bytes_received'), fact('bytes_acked'),
    fact('subflows_total'), fact('endp_laminar_max'), fact('endp_fullmesh_max', None),
    fact('last_data_sent', unit=MS), fact('last_data_recv', unit=MS), fact('last_ack_recv', unit=MS),
]


class Mptcp(Inet):
    def info(self, show):
        return MEMORY + INFO

    def info_pairs(self, show):
        return [Section(abi.INET_DIAG_INFO, [Object('info', INFO)])]


TABLE = Mptcp('mptcp', IPPROTO_MPTCP, None)
