"""Messages of the tables beside tcp and udp made by struct alone, as tests/support/wire.py makes those.

sockets.md 1.5 to 1.12 has their layouts.
"""
import socket
import struct

from tests.support.wire import attribute


def u32(value):
    return struct.pack('=I', value)


def u32s(values):
    return struct.pack('=%dI' % len(values), *values)


def nested(number, attributes):
    return attribute(number, b''.join(attribute(*one) for one in attributes))


def present(attributes):
    """Attributes as (number, value), those without a value left out."""
    return b''.join(attribute(number, value) for number, value in attributes if value is not None)


# unix

NAME, VFS, PEER, ICONS, RQLEN, UNIX_MEMINFO, SHUTDOWN, UNIX_UID = range(8)


def unix(inode, kind=1, state=1, name=None, vfs=None, peer=None, icons=None, queues=(0, 0), memory=None, shut=0, cookie=7,
         uid=None):
    return struct.pack('=BBBxIII', 1, kind, state, inode, cookie, 0) + present([
        (NAME, name), (VFS, vfs and u32s(vfs)), (PEER, None if peer is None else u32(peer)),
        (ICONS, None if icons is None else u32s(icons)),
        (RQLEN, queues and u32s(queues)), (UNIX_MEMINFO, memory), (SHUTDOWN, None if shut is None else bytes([shut])),
        (UNIX_UID, None if uid is None else u32(uid))])


# packet

PACKET_INFO, MCLIST, RX_RING, TX_RING, FANOUT, PACKET_UID, PACKET_MEMINFO, FILTER = range(8)
MEMORY = (0, 212992, 0, 212992, 0, 0, 0, 0, 0)


def packet(inode=1, kind=3, protocol=3, index=0, version=0, threshold=0, flags=1, memory=MEMORY, uid=0, cookie=1, more=(),
           info=True):
    return struct.pack('=BBHIII', 17, kind, protocol, inode, cookie, 0) + present([
        (PACKET_INFO, u32s((index, version, 0, threshold, 0, flags)) if info else None), (PACKET_UID, u32(uid)), *more,
        (PACKET_MEMINFO, memory and u32s(memory))])


def instructions(*program):
    return b''.join(struct.pack('=HBBI', *one) for one in program)


# netlink

NETLINK_MEMINFO, GROUPS, RINGS, _, FLAGS = range(5)


def netlink(port=0, protocol=0, state=7, group=0, peer=0, inode=1, cookie=1, memory=MEMORY, groups=None, flags=None):
    return struct.pack('=BBBBIIIIII', 16, 3, protocol, state, port & 0xffffffff, peer, group, inode, cookie, 0) + present([
        (NETLINK_MEMINFO, memory and u32s(memory)), (GROUPS, groups and struct.pack('@%dL' % len(groups), *groups)),
        (FLAGS, None if flags is None else u32(flags))])


# vsock

ANY = 0xffffffff


def vsock(kind=1, state=1, cid=ANY, port=ANY, peer_cid=ANY, peer_port=ANY, inode=1, cookie=1, shut=0):
    return struct.pack('=BBBBIIIIIII', 40, kind, state, shut, cid, port, peer_cid, peer_port, inode, cookie, 0)


# xdp

XDP_INFO, XDP_UID, RX, TX, UMEM, FILL, COMPLETION, XDP_MEMINFO, STATS = range(1, 10)


def xdp(inode, cookie, info=None, uid=0, memory=None, umem=None, stats=None, rx=None, tx=None, fill=None, completion=None):
    def entries(value):
        return None if value is None else u32(value)
    return struct.pack('=BBHIII', 44, 3, 0, inode, cookie, 0) + present([
        (XDP_INFO, info and u32s(info)), (XDP_UID, u32(uid)), (RX, entries(rx)), (TX, entries(tx)),
        (UMEM, umem and struct.pack('=QIIIIIIII', *umem)), (FILL, entries(fill)), (COMPLETION, entries(completion)),
        (XDP_MEMINFO, memory and u32s(memory)), (STATS, stats and struct.pack('=6Q', *stats))])


# tipc

SOCK = 2
ADDR, REF, CON, HAS_PUBL, STAT, TYPE, INO, UID, STATE, COOKIE = range(1, 11)
CON_FLAG, CON_NODE, CON_SOCK, CON_TYPE, CON_INST = range(1, 6)
RCVQ, SENDQ, LINK_CONG, CONN_CONG, DROP = range(5)


def tipc(kind, state, ref, inode, cookie, connection=None, published=False, queues=(0, 0), congested=(), drop=0, uid=0,
         node=0):
    statistics = [(RCVQ, u32(queues[0])), (SENDQ, u32(queues[1]))] + [(number, b'') for number in congested]
    return attribute(SOCK, b''.join([
        present([(ADDR, u32(node)), (REF, u32(ref))]),
        b'' if connection is None else nested(CON, connection),
        present([(HAS_PUBL, b'' if published else None)]),
        nested(STAT, statistics + [(DROP, u32(drop))]),
        present([(TYPE, u32(kind)), (INO, u32(inode)), (UID, u32(uid)), (STATE, u32(state)),
                 (COOKIE, struct.pack('=Q', cookie))])]))


def connection(peer, service=None, node=0):
    """What `tipc` takes for a connected socket; a service is (type, instance)."""
    made = [(CON_NODE, u32(node)), (CON_SOCK, u32(peer))]
    return [(CON_FLAG, b'')] + made + [(CON_TYPE, u32(service[0])), (CON_INST, u32(service[1]))] if service else made


# mptcp, sctp: the structures of INET_DIAG_INFO

MPTCP_MEMBERS = (
    'subflows add_addr_signal add_addr_accepted subflows_max add_addr_signal_max add_addr_accepted_max flags token '
    'write_seq snd_una rcv_nxt local_addr_used local_addr_max csum_enabled retransmits bytes_retrans bytes_sent '
    'bytes_received bytes_acked subflows_total endp_laminar_max endp_fullmesh_max last_data_sent last_data_recv '
    'last_ack_recv').split()
MPTCP_LAYOUT = struct.Struct('=6B2xIIQQQ3BxIQQQQ3BxIII')
SCTP_MEMBERS = (
    'tag state rwnd unackdata penddata instrms outstrms fragmentation_point inqueue outqueue overall_error max_burst '
    'maxseg peer_rwnd peer_tag peer_capable peer_sack isacks osacks opackets ipackets rtxchunks outofseqtsns idupchunks '
    'gapcnt ouodchunks iuodchunks oodchunks iodchunks octrlchunks ictrlchunks p_address p_state p_cwnd p_srtt p_rto '
    'p_hbinterval p_pathmaxrxt p_sackdelay p_sackfreq p_ssthresh p_partial_bytes_acked p_flight_size p_error s_autoclose '
    's_adaptation_ind s_pd_point s_nodelay s_disable_fragments s_v4mapped s_frag_interleave s_type').split()
SCTP_LAYOUT = struct.Struct('=III4H8I2B2x14Q128siIIIIIIIIIIH2xIII4BI4x')


def mptcp_info(**members):
    return MPTCP_LAYOUT.pack(*[members.get(name, 0) for name in MPTCP_MEMBERS])


def sctp_info(**members):
    return SCTP_LAYOUT.pack(*[members.get(name, b'' if name == 'p_address' else 0) for name in SCTP_MEMBERS])


def address(text, port=0, family=None):
    """A sockaddr_storage, as INET_DIAG_LOCALS and PEERS have them (sockets.md 1.3)."""
    if ':' in text:
        body = struct.pack('>HI', port, 0) + socket.inet_pton(socket.AF_INET6, text)
        return (struct.pack('=H', family or 10) + body).ljust(128, b'\0')
    return (struct.pack('=H', family or 2) + struct.pack('>H', port) + socket.inet_aton(text)).ljust(128, b'\0')
