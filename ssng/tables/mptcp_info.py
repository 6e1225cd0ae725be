"""What the kernel tells of an MPTCP connection under --info (fixtures/behaviour/sockets.md, 1.5 and 4.2).

A module of its own: most questions do without, and start sooner.
"""

from ..fields import HEX, MS, NUMBER, SIZE, WORDS, members, naming, set_of
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import mptcp

FLAGS = ((mptcp.MPTCP_INFO_FLAG_FALLBACK, 'fallback'), (mptcp.MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED, 'remote_key'))
UNSHOWN = ('endp_fullmesh_max',)        # ss knows the members around it

FACTS = members(mptcp.mptcp_info, 'mptcpi_', abi.INET_DIAG_INFO, 'info', ('info',), [
    ('subflows', NUMBER, 'subflows beside the first'),
    ('add_addr_signal', NUMBER, 'addresses announced to the peer'),
    ('add_addr_accepted', NUMBER, 'addresses of the peer that were accepted'),
    ('subflows_max', NUMBER, 'limit of subflows'),
    ('add_addr_signal_max', NUMBER, 'limit of add_addr_signal'),
    ('add_addr_accepted_max', NUMBER, 'limit of add_addr_accepted'),
    ('flags', WORDS, 'whether it fell back to TCP, and whether the key of the peer is known', set_of(FLAGS)),
    ('token', HEX, 'token of the connection, by which subflows join it'),
    ('write_seq', NUMBER, 'sequence number of the next byte that is written'),
    ('snd_una', NUMBER, 'sequence number of the first byte that is not acknowledged'),
    ('rcv_nxt', NUMBER, 'sequence number of the next byte that is expected'),
    ('local_addr_used', NUMBER, 'own addresses in use for further subflows'),
    ('local_addr_max', NUMBER, 'limit of local_addr_used'),
    ('csum_enabled', NUMBER, 'whether data has checksums'),
    ('retransmits', NUMBER, 'how often data was sent again, over whichever subflow'),
    ('bytes_retrans', SIZE, 'bytes retransmitted'),
    ('bytes_sent', SIZE, 'bytes sent, retransmitted ones too'),
    ('bytes_received', SIZE, 'bytes received'),
    ('bytes_acked', SIZE, 'bytes sent and acknowledged'),
    ('subflows_total', NUMBER, 'subflows, the first included'),
    ('endp_laminar_max', NUMBER, 'endpoints with the flag laminar'),
    ('endp_fullmesh_max', NUMBER, 'endpoints with the flag fullmesh'),
    ('last_data_sent', MS, 'time since data was sent'),
    ('last_data_recv', MS, 'time since data was received'),
    ('last_ack_recv', MS, 'time since an acknowledgement was received'),
])


# Text

text = naming(*FACTS)
FORMS = {'token': ' token:%x', 'flags': lambda flags: ''.join([' ' + flag for flag in flags])}

# Under their own names and in their own order, each hidden where it is 0.
LINE = [text(FORMS.get(fact.word, ' %s:%%d' % fact.word), fact.word) for fact in FACTS if fact.word not in UNSHOWN]


def line(table):
    return LINE
