"""TCP: ``linux/tcp.h``."""

from . import Structure, c_uint8, c_uint16, c_uint32, c_uint64

from .inet_diag import be32

TCPI_OPT_TIMESTAMPS = 1
TCPI_OPT_SACK = 2
TCPI_OPT_WSCALE = 4
TCPI_OPT_ECN = 8                # ECN was negotiated
TCPI_OPT_ECN_SEEN = 16          # a packet with ECT came
TCPI_OPT_SYN_DATA = 32          # data in the SYN was acknowledged
TCPI_OPT_USEC_TS = 64
TCPI_OPT_TFO_CHILD = 128

TCP_CA_Open = 0
TCP_CA_Disorder = 1
TCP_CA_CWR = 2
TCP_CA_Recovery = 3
TCP_CA_Loss = 4

TCPI_ECN_MODE_DISABLED = 0
TCPI_ECN_MODE_RFC3168 = 1
TCPI_ECN_MODE_ACCECN = 2
TCPI_ECN_MODE_PENDING = 3

TCP_MD5SIG_MAXKEYLEN = 80


class tcp_info(Structure):
    """INET_DIAG_INFO of TCP.  It grew with the kernels; what an older one does not send counts as zero."""

    _fields_ = [
        ('tcpi_state', c_uint8),
        ('tcpi_ca_state', c_uint8),                     # TCP_CA_*
        ('tcpi_retransmits', c_uint8),
        ('tcpi_probes', c_uint8),
        ('tcpi_backoff', c_uint8),
        ('tcpi_options', c_uint8),                      # TCPI_OPT_*
        ('tcpi_snd_wscale', c_uint8, 4),
        ('tcpi_rcv_wscale', c_uint8, 4),
        ('tcpi_delivery_rate_app_limited', c_uint8, 1),
        ('tcpi_fastopen_client_fail', c_uint8, 2),
        ('tcpi_rto', c_uint32),                         # us
        ('tcpi_ato', c_uint32),                         # us
        ('tcpi_snd_mss', c_uint32),
        ('tcpi_rcv_mss', c_uint32),
        ('tcpi_unacked', c_uint32),
        ('tcpi_sacked', c_uint32),
        ('tcpi_lost', c_uint32),
        ('tcpi_retrans', c_uint32),
        ('tcpi_fackets', c_uint32),
        ('tcpi_last_data_sent', c_uint32),              # ms
        ('tcpi_last_ack_sent', c_uint32),               # always 0
        ('tcpi_last_data_recv', c_uint32),              # ms
        ('tcpi_last_ack_recv', c_uint32),               # ms
        ('tcpi_pmtu', c_uint32),
        ('tcpi_rcv_ssthresh', c_uint32),
        ('tcpi_rtt', c_uint32),                         # us
        ('tcpi_rttvar', c_uint32),                      # us
        ('tcpi_snd_ssthresh', c_uint32),
        ('tcpi_snd_cwnd', c_uint32),
        ('tcpi_advmss', c_uint32),
        ('tcpi_reordering', c_uint32),
        ('tcpi_rcv_rtt', c_uint32),                     # us
        ('tcpi_rcv_space', c_uint32),
        ('tcpi_total_retrans', c_uint32),
        ('tcpi_pacing_rate', c_uint64),                 # bytes/s, since 3.15
        ('tcpi_max_pacing_rate', c_uint64),             # bytes/s
        ('tcpi_bytes_acked', c_uint64),                 # since 4.1
        ('tcpi_bytes_received', c_uint64),
        ('tcpi_segs_out', c_uint32),                    # since 4.2
        ('tcpi_segs_in', c_uint32),
        ('tcpi_notsent_bytes', c_uint32),               # since 4.6
        ('tcpi_min_rtt', c_uint32),                     # us
        ('tcpi_data_segs_in', c_uint32),
        ('tcpi_data_segs_out', c_uint32),
        ('tcpi_delivery_rate', c_uint64),               # bytes/s, since 4.9
        ('tcpi_busy_time', c_uint64),                   # us, since 4.10
        ('tcpi_rwnd_limited', c_uint64),                # us
        ('tcpi_sndbuf_limited', c_uint64),              # us
        ('tcpi_delivered', c_uint32),                   # since 4.18
        ('tcpi_delivered_ce', c_uint32),
        ('tcpi_bytes_sent', c_uint64),                  # since 4.19
        ('tcpi_bytes_retrans', c_uint64),
        ('tcpi_dsack_dups', c_uint32),
        ('tcpi_reord_seen', c_uint32),
        ('tcpi_rcv_ooopack', c_uint32),                 # since 5.4
        ('tcpi_snd_wnd', c_uint32),
        ('tcpi_rcv_wnd', c_uint32),                     # since 6.2
        ('tcpi_rehash', c_uint32),
        ('tcpi_total_rto', c_uint16),                   # since 6.7
        ('tcpi_total_rto_recoveries', c_uint16),
        ('tcpi_total_rto_time', c_uint32),              # ms
        ('tcpi_received_ce', c_uint32),                 # since 6.18
        ('tcpi_delivered_e1_bytes', c_uint32),
        ('tcpi_delivered_e0_bytes', c_uint32),
        ('tcpi_delivered_ce_bytes', c_uint32),
        ('tcpi_received_e1_bytes', c_uint32),
        ('tcpi_received_e0_bytes', c_uint32),
        ('tcpi_received_ce_bytes', c_uint32),
        ('tcpi_ecn_mode', c_uint32, 2),
        ('tcpi_accecn_opt_seen', c_uint32, 2),
        ('tcpi_accecn_fail_mode', c_uint32, 4),
        ('tcpi_options2', c_uint32, 24),
    ]


class tcp_diag_md5sig(Structure):
    _fields_ = [
        ('tcpm_family', c_uint8),
        ('tcpm_prefixlen', c_uint8),
        ('tcpm_keylen', c_uint16),
        ('tcpm_addr', be32 * 4),
        ('tcpm_key', c_uint8 * TCP_MD5SIG_MAXKEYLEN),
    ]
