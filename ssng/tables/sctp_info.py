"""What the kernel tells of an SCTP association and its addresses (fixtures/behaviour/sockets.md, 1.6 and 4.3).

A module of its own: most questions do without, and start sooner.  FACTS are in the order of the JSON keys;
LINE is what ss prints, in ss's order.
"""

from ..fields import ADDRESS, JIFFIES, LIST, MS, NUMBER, PORT, SECONDS, SIZE, Fact, Text, members, naming
from ..kernel.abi import c_int, sizeof
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import sctp
from ..kernel.abi.sock_diag import AF_INET, AF_INET6
from ..kernel.columns import member, payload
from .addresses import numeric, shown
from .sctp import NO_NAME, named

INFO = ('info',)
ENDS = ('memory', 'info')       # words of Detail that show addresses: the kernel sends them unasked
SLOT = sctp.SOCKADDR_STORAGE_SIZE


# Addresses

def ends(data):
    """The ends in an array of sockaddr_storage: (address bytes, port) each, None for another family.

    The last slot is continued with zeros.
    """
    for start in range(0, len(data), SLOT):
        slot = data[start:start + SLOT].ljust(SLOT, b'\0')
        four, six = sctp.sockaddr_in.from_buffer_copy(slot), sctp.sockaddr_in6.from_buffer_copy(slot)
        if four.sin_family == AF_INET:
            at = sctp.sockaddr_in.sin_addr.offset
            yield slot[at:at + sctp.sockaddr_in.sin_addr.size], four.sin_port
        elif four.sin_family == AF_INET6:
            yield bytes(six.sin6_addr), six.sin6_port
        else:
            yield None


def ends_list(data):
    return [end and {'address': numeric(end[0]), 'port': end[1]} for end in ends(data)]


def address_of(data):
    """The address of the only end."""
    end, = ends(data)
    return end and numeric(end[0])


def port_of(data):
    end, = ends(data)
    return end and end[1]


PRIMARY = member(sctp.sctp_info, 'sctpi_p_address', abi.INET_DIAG_INFO)
LOCALS, PEERS = [payload(number, 'addresses', form=(sctp.sockaddr_in6, SLOT))
                 for number in (abi.INET_DIAG_LOCALS, abi.INET_DIAG_PEERS)]


def info(*rows):
    return members(sctp.sctp_info, 'sctpi_', abi.INET_DIAG_INFO, 'info', INFO, rows)


# What ss shows, each hidden where it is 0, and what it calls it.
SHOWN = (
    ('tag', 'tag', NUMBER, 'own verification tag'),
    ('state', 'state', NUMBER, 'number of the association\'s state'),
    ('rwnd', 'rwnd', SIZE, 'own receive window'),
    ('unackdata', 'unackdata', NUMBER, 'chunks sent and not acknowledged'),
    ('penddata', 'penddata', NUMBER, 'chunks that nobody has read'),
    ('instrms', 'instrms', NUMBER, 'streams that are received'),
    ('outstrms', 'outstrms', NUMBER, 'streams that are sent'),
    ('fragmentation_point', None, SIZE, 'largest fragment of a message'),
    ('inqueue', 'inqueue', NUMBER, 'chunks in the receive queue'),
    ('outqueue', 'outqueue', NUMBER, 'chunks in the send queue'),
    ('overall_error', 'overerr', NUMBER, 'errors of all paths in a row'),
    ('max_burst', 'maxburst', NUMBER, 'packets that may be sent at once'),
    ('maxseg', 'maxseg', SIZE, 'limit of a fragment that the application set'),
    ('peer_rwnd', 'prwnd', SIZE, 'receive window of the peer'),
    ('peer_tag', 'ptag', NUMBER, 'verification tag of the peer'),
    ('peer_capable', 'pcapable', NUMBER, 'what the peer is capable of, as a mask'),
    ('peer_sack', 'psack', NUMBER, 'what is known of acknowledgements that are due, as a mask'),
    ('s_autoclose', 'autoclose', SECONDS, 'time without data after which an association is closed'),
    ('s_adaptation_ind', 'adapind', NUMBER, 'adaptation layer indication'),
    ('s_pd_point', 'pdpoint', SIZE, 'size from which a message is delivered in parts'),
    ('s_nodelay', 'nodelay', NUMBER, 'whether small messages are sent at once'),
    ('s_disable_fragments', 'nofrag', NUMBER, 'whether messages are never fragmented'),
    ('s_v4mapped', 'v4mapped', NUMBER, 'whether IPv4 addresses are told as IPv6'),
    ('s_frag_interleave', 'fraginl', NUMBER, 'how parts of messages may interleave'),
)
FACTS = info(*[(name, kind, help) for name, _, kind, help in SHOWN]) + info(
    ('isacks', NUMBER, 'selective acknowledgements received'),
    ('osacks', NUMBER, 'selective acknowledgements sent'),
    ('opackets', NUMBER, 'packets sent'),
    ('ipackets', NUMBER, 'packets received'),
    ('rtxchunks', NUMBER, 'chunks retransmitted'),
    ('outofseqtsns', NUMBER, 'chunks received behind a gap'),
    ('idupchunks', NUMBER, 'chunks received twice'),
    ('gapcnt', NUMBER, 'gap acknowledgement blocks received'),
    ('ouodchunks', NUMBER, 'unordered chunks sent'),
    ('iuodchunks', NUMBER, 'unordered chunks received'),
    ('oodchunks', NUMBER, 'ordered chunks sent'),
    ('iodchunks', NUMBER, 'ordered chunks received'),
    ('octrlchunks', NUMBER, 'control chunks sent'),
    ('ictrlchunks', NUMBER, 'control chunks received'),
) + [
    Fact('info.p_address.address', PRIMARY, ADDRESS, address_of, reveal=INFO, help='address of the primary path',
         word='p_address'),
    Fact('info.p_address.port', PRIMARY, PORT, port_of, reveal=INFO, help='port of the primary path', word='p_port'),
] + info(
    ('p_state', NUMBER, 'state of the primary path'),
    ('p_cwnd', SIZE, 'congestion window of the primary path'),
    ('p_srtt', JIFFIES, 'smoothed round-trip time of the primary path'),
    ('p_rto', MS, 'retransmission timeout of the primary path'),
    ('p_hbinterval', JIFFIES, 'time between heartbeats on the primary path'),
    ('p_pathmaxrxt', NUMBER, 'retransmissions after which the primary path is given up'),
    ('p_sackdelay', MS, 'how long an acknowledgement may be put off'),
    ('p_sackfreq', NUMBER, 'packets after which an acknowledgement is due'),
    ('p_ssthresh', SIZE, 'slow-start threshold of the primary path'),
    ('p_partial_bytes_acked', SIZE, 'bytes acknowledged towards the next growth of that congestion window'),
    ('p_flight_size', SIZE, 'bytes under way on the primary path'),
    ('p_error', NUMBER, 'errors of the primary path in a row'),
    ('s_type', NUMBER, 'style of the socket: 0 UDP, one to many, 1 UDP, high bandwidth, 2 TCP'),
) + [
    Fact('locals', LOCALS, LIST, ends_list, reveal=ENDS, certain=True, help='own addresses'),
    Fact('peers', PEERS, LIST, ends_list, reveal=ENDS, certain=True, help='addresses of the peer'),
]


# Text

def unbracketed(manner):
    """The function from an address, 4 or 16 bytes, to what is shown of it."""
    displayed = shown(manner)
    return lambda address: displayed(address, True).strip('[]')


def ends_text(word):
    def told(address, data):
        return word + ','.join([address(end[0]) if end else '' for end in ends(data)])
    return told


def state_text(number):
    return ' state:' + (named(number) or NO_NAME) if number else ''


def info_text(name, word):
    """The Text of a member: ss shows a number as C's int, a tag in hexadecimal."""
    if name == 'state':
        return text(state_text, name)
    if name in ('tag', 'peer_tag'):
        return text(' %s:%%x' % word, name)
    return text(' %s:%%d' % word, name, signed=getattr(sctp.sctp_info, 'sctpi_' + name).size == sizeof(c_int))


text = naming(*FACTS)
RAW_LOCALS = Fact('locals', LOCALS, LIST, bytes, reveal=ENDS)       # with -r ss has names in place of addresses
RAW_PEERS = Fact('peers', PEERS, LIST, bytes, reveal=ENDS)

LINE = [Text(ends_text(' locals:'), RAW_LOCALS, using=unbracketed), Text(ends_text(' peers:'), RAW_PEERS, using=unbracketed)]
LINE += [info_text(name, word) for name, word, *_ in SHOWN if word]


def line(table):
    return LINE
