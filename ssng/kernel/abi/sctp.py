"""SCTP: ``linux/sctp.h``, and the addresses of INET_DIAG_LOCALS and PEERS: ``linux/in.h``, ``linux/in6.h``."""

from . import Structure, c_int32, c_uint8, c_uint16, c_uint32, c_uint64

from .inet_diag import be16, be32

# sizeof(struct sockaddr_storage): every address of INET_DIAG_LOCALS and PEERS takes so many bytes.
SOCKADDR_STORAGE_SIZE = 128


class sockaddr_in(Structure):
    _fields_ = [
        ('sin_family', c_uint16),
        ('sin_port', be16),
        ('sin_addr', be32),
        ('__pad', c_uint8 * 8),
    ]


class sockaddr_in6(Structure):
    _fields_ = [
        ('sin6_family', c_uint16),
        ('sin6_port', be16),
        ('sin6_flowinfo', be32),
        ('sin6_addr', be32 * 4),
        ('sin6_scope_id', c_uint32),
    ]


class sctp_info(Structure):
    """INET_DIAG_INFO of SCTP."""

    _fields_ = [
        ('sctpi_tag', c_uint32),
        ('sctpi_state', c_uint32),
        ('sctpi_rwnd', c_uint32),
        ('sctpi_unackdata', c_uint16),
        ('sctpi_penddata', c_uint16),
        ('sctpi_instrms', c_uint16),
        ('sctpi_outstrms', c_uint16),
        ('sctpi_fragmentation_point', c_uint32),
        ('sctpi_inqueue', c_uint32),
        ('sctpi_outqueue', c_uint32),
        ('sctpi_overall_error', c_uint32),
        ('sctpi_max_burst', c_uint32),
        ('sctpi_maxseg', c_uint32),
        ('sctpi_peer_rwnd', c_uint32),
        ('sctpi_peer_tag', c_uint32),
        ('sctpi_peer_capable', c_uint8),
        ('sctpi_peer_sack', c_uint8),
        ('__reserved1', c_uint16),
        # Of the association.
        ('sctpi_isacks', c_uint64),
        ('sctpi_osacks', c_uint64),
        ('sctpi_opackets', c_uint64),
        ('sctpi_ipackets', c_uint64),
        ('sctpi_rtxchunks', c_uint64),
        ('sctpi_outofseqtsns', c_uint64),
        ('sctpi_idupchunks', c_uint64),
        ('sctpi_gapcnt', c_uint64),
        ('sctpi_ouodchunks', c_uint64),
        ('sctpi_iuodchunks', c_uint64),
        ('sctpi_oodchunks', c_uint64),
        ('sctpi_iodchunks', c_uint64),
        ('sctpi_octrlchunks', c_uint64),
        ('sctpi_ictrlchunks', c_uint64),
        # Of the primary transport.
        ('sctpi_p_address', c_uint8 * SOCKADDR_STORAGE_SIZE),
        ('sctpi_p_state', c_int32),
        ('sctpi_p_cwnd', c_uint32),
        ('sctpi_p_srtt', c_uint32),
        ('sctpi_p_rto', c_uint32),
        ('sctpi_p_hbinterval', c_uint32),
        ('sctpi_p_pathmaxrxt', c_uint32),
        ('sctpi_p_sackdelay', c_uint32),
        ('sctpi_p_sackfreq', c_uint32),
        ('sctpi_p_ssthresh', c_uint32),
        ('sctpi_p_partial_bytes_acked', c_uint32),
        ('sctpi_p_flight_size', c_uint32),
        ('sctpi_p_error', c_uint16),
        ('__reserved2', c_uint16),
        # Of the socket.
        ('sctpi_s_autoclose', c_uint32),
        ('sctpi_s_adaptation_ind', c_uint32),
        ('sctpi_s_pd_point', c_uint32),
        ('sctpi_s_nodelay', c_uint8),
        ('sctpi_s_disable_fragments', c_uint8),
        ('sctpi_s_v4mapped', c_uint8),
        ('sctpi_s_frag_interleave', c_uint8),
        ('sctpi_s_type', c_uint32),
        ('__reserved3', c_uint32),
    ]
