"""What the kernel tells of a TCP connection under --info, in ss's order (fixtures/behaviour/sockets.md, 4.1).

A module of its own: most questions do without, and start sooner.
"""

import os
from ctypes import sizeof

from ..fields import ByShow, Fact, Object, Section
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import tcp
from ..kernel.abi.procnet import PROC_TCP, proc_tcp
from ..kernel.abi.sock_diag import TCP_LISTEN
from ..kernel.columns import member, payload
from . import common
from .inet import STATE, message
from .tcp_options import MD5, ULP

UNLIMITED = (1 << 64) - 1               # a pacing rate
NO_MIN_RTT = (1 << 32) - 1
INFINITE_SSTHRESH = 0xffff
VEGAS_NO_RTT = 0x7fffffff
CONGESTION_NAME = 15                    # characters that are shown

FLAGS = ((tcp.TCPI_OPT_TIMESTAMPS, ' ts', 'timestamps'), (tcp.TCPI_OPT_USEC_TS, ' usec_ts', 'usec_ts'),
         (tcp.TCPI_OPT_SACK, ' sack', 'sack'), (tcp.TCPI_OPT_ECN, ' ecn', 'ecn'),
         (tcp.TCPI_OPT_ECN_SEEN, ' ecnseen', 'ecn_seen'), (tcp.TCPI_OPT_SYN_DATA, ' fastopen', 'syn_data'),
         (tcp.TCPI_OPT_WSCALE, '', 'wscale'), (tcp.TCPI_OPT_TFO_CHILD, '', 'tfo_child'))


def info(name):
    return member(tcp.tcp_info, 'tcpi_' + name, abi.INET_DIAG_INFO)


def vegas(name):
    return member(abi.tcpvegas_info, 'tcpv_' + name, abi.INET_DIAG_VEGASINFO, missing=0)


def fact(name, text=None, unit='', **form):
    """The member ``name`` of tcp_info, ``unit`` behind its JSON key."""
    return Fact(name + unit, info(name), text, **form)


def flags_text(options):
    return ''.join([word for bit, word, _ in FLAGS if options & bit])


def flags_json(options):
    return '[%s]' % ','.join(['"%s"' % name for bit, _, name in FLAGS if options & bit])


def wscale(options, sent, received):
    return ' wscale:%d,%d' % (sent, received) if options & tcp.TCPI_OPT_WSCALE else ''


def rate(word):
    """A rate in bytes/s as ``word`` and bits/s."""
    def choose(show):
        return lambda rate: word + common.bandwidth(rate * 8.0, show.numeric) + 'bps' if rate else ''
    return ByShow(choose)


def send_rates(cwnd, mss, rtt, vegas_enabled, vegas_rtt):
    """What the connection might send, in bits/s; 0 where nobody can tell."""
    if any(vegas_enabled):
        rtt = [vegas if enabled and vegas not in (0, VEGAS_NO_RTT) else plain
               for plain, enabled, vegas in zip(rtt, vegas_enabled, vegas_rtt)]
    return [window * size * 8000000.0 / time if time else 0 for window, size, time in zip(cwnd, mss, rtt)]


def send_rate(show):
    return ' send %.0fbps' if show.numeric else lambda bits: ' send %sbps' % common.bandwidth(bits) if bits else ''


def pacing(show):
    def text(rate, most):
        if rate in (0, UNLIMITED):
            return ''
        limit = '' if most in (0, UNLIMITED) else '/%sbps' % common.bandwidth(most * 8.0, show.numeric)
        return ' pacing_rate %sbps%s' % (common.bandwidth(rate * 8.0, show.numeric), limit)
    return text


def limited(name):
    """How long, and how much of the busy time, the connection had to wait for ``name``."""
    def text(busy, waited):
        return ' %s_limited:%dms(%.1f%%)' % (name, waited // 1000, 100.0 * waited / busy) if busy and waited else ''
    return text


def dctcp_text(data):
    info = abi.tcp_dctcp_info.from_buffer_copy(data.ljust(sizeof(abi.tcp_dctcp_info), b'\0'))
    if not info.dctcp_enabled:
        return ' dctcp:fallback_mode'
    return ' dctcp:(ce_state:%d,alpha:%d,ab_ecn:%d,ab_tot:%d)' % (
        info.dctcp_ce_state, info.dctcp_alpha, info.dctcp_ab_ecn, info.dctcp_ab_tot)


def bbr_of(data):
    return abi.tcp_bbr_info.from_buffer_copy(data.ljust(sizeof(abi.tcp_bbr_info), b'\0'))


def bbr_text(show):
    def text(data):
        bbr = bbr_of(data)
        return ' bbr:(bw:%sbps,mrtt:%g%s%s)' % (
            common.bandwidth((bbr.bbr_bw_hi << 32 | bbr.bbr_bw_lo) * 8.0, show.numeric), bbr.bbr_min_rtt / 1000,
            ',pacing_gain:%g' % (bbr.bbr_pacing_gain / 256) if bbr.bbr_pacing_gain else '',
            ',cwnd_gain:%g' % (bbr.bbr_cwnd_gain / 256) if bbr.bbr_cwnd_gain else '')
    return text


def bbr_json(data):
    bbr = bbr_of(data)
    return '{"bw_bytes_per_s":%d,"min_rtt_us":%d,"pacing_gain":%d,"cwnd_gain":%d}' % (
        bbr.bbr_bw_hi << 32 | bbr.bbr_bw_lo, bbr.bbr_min_rtt, bbr.bbr_pacing_gain, bbr.bbr_cwnd_gain)


def structure_json(struct, prefix):
    """A function from the bytes of ``struct`` to a JSON object of its members without their prefix."""
    def json(data):
        info = struct.from_buffer_copy(data.ljust(sizeof(struct), b'\0'))
        return '{%s}' % ','.join(['"%s":%d' % (name[len(prefix):], getattr(info, name)) for name, _ in info._fields_])
    return json


def congestion_text(name):
    name = common.string(name)[:CONGESTION_NAME]
    return ' ' + name if name else ''


CONGESTION = Fact('congestion', payload(abi.INET_DIAG_CONG, 'name'), congestion_text,
                  json=lambda name: common.quoted(common.string(name)))
DCTCP = Fact('dctcp', payload(abi.INET_DIAG_DCTCPINFO, 'tcp_dctcp_info'), dctcp_text,
             json=structure_json(abi.tcp_dctcp_info, 'dctcp_'))
BBR = Fact('bbr', payload(abi.INET_DIAG_BBRINFO, 'tcp_bbr_info'), ByShow(bbr_text), json=bbr_json)
VEGAS = Fact('vegas', payload(abi.INET_DIAG_VEGASINFO, 'tcpvegas_info'),
             json=structure_json(abi.tcpvegas_info, 'tcpv_'))

MS, US, RATE = '_ms', '_us', '_bytes_per_s'

FIRST = [
    fact('state'),
    fact('options', ByShow(lambda show: flags_text if show.options else None), json=flags_json),
]
INFO = [
    Fact(None, (info('options'), info('snd_wscale'), info('rcv_wscale')), wscale),
    fact('snd_wscale'), fact('rcv_wscale'),
    fact('rto', ' rto:%g', US, hide=(0, 3000000), scale=1000),
    fact('backoff', ' backoff:%d'),
    Fact(None, (info('rtt'), info('rttvar')), ' rtt:%g/%g', scale=1000),
    fact('rtt', unit=US), fact('rttvar', unit=US),
    fact('ato', ' ato:%g', US, scale=1000),
    fact('snd_mss', ' mss:%d', signed=True),
    fact('pmtu', ' pmtu:%d'),
    fact('rcv_mss', ' rcvmss:%d', signed=True),
    fact('advmss', ' advmss:%d', signed=True),
    fact('snd_cwnd', ' cwnd:%d'),
    fact('snd_ssthresh', lambda size: ' ssthresh:%d' % size if 0 < size < INFINITE_SSTHRESH else ''),
    fact('bytes_sent', ' bytes_sent:%d'), fact('bytes_retrans', ' bytes_retrans:%d'),
    fact('bytes_acked', ' bytes_acked:%d'), fact('bytes_received', ' bytes_received:%d'),
    fact('segs_out', ' segs_out:%d'), fact('segs_in', ' segs_in:%d'),
    fact('data_segs_out', ' data_segs_out:%d'), fact('data_segs_in', ' data_segs_in:%d'),
    DCTCP,
    BBR,
    Fact(None, (info('snd_cwnd'), info('snd_mss'), info('rtt'), vegas('enabled'), vegas('rtt')), ByShow(send_rate),
         compute=send_rates),
    fact('last_data_sent', ' lastsnd:%d', MS), fact('last_data_recv', ' lastrcv:%d', MS),
    fact('last_ack_recv', ' lastack:%d', MS),
    Fact(None, (info('pacing_rate'), info('max_pacing_rate')), ByShow(pacing)),
    fact('pacing_rate', unit=RATE), fact('max_pacing_rate', unit=RATE),
    fact('delivery_rate', rate(' delivery_rate '), RATE),
    fact('delivered', ' delivered:%d'), fact('delivered_ce', ' delivered_ce:%d'),
    fact('delivery_rate_app_limited', lambda bit: ' app_limited' if bit else '', json=common.flag),
    fact('busy_time', lambda us: ' busy:%dms' % (us // 1000) if us else '', US),
    Fact(None, (info('busy_time'), info('rwnd_limited')), limited('rwnd')),
    Fact(None, (info('busy_time'), info('sndbuf_limited')), limited('sndbuf')),
    fact('rwnd_limited', unit=US), fact('sndbuf_limited', unit=US),
    fact('unacked', ' unacked:%d'),
    Fact(None, (info('retrans'), info('total_retrans')),
         lambda now, total: ' retrans:%d/%d' % (now, total) if now or total else ''),
    fact('retrans'), fact('total_retrans'),
    fact('lost', ' lost:%d'),
    Fact(None, (info('sacked'), STATE),
         lambda sacked, state: ' sacked:%d' % sacked if sacked and state != TCP_LISTEN else ''),
    fact('sacked'),
    fact('dsack_dups', ' dsack_dups:%d'),
    fact('fackets', ' fackets:%d'),
    fact('reordering', ' reordering:%d', hide=(3,), signed=True),
    fact('reord_seen', ' reord_seen:%d', signed=True),
    fact('rcv_rtt', ' rcv_rtt:%g', US, scale=1000),
    fact('rcv_space', ' rcv_space:%d', signed=True),
    fact('rcv_ssthresh', ' rcv_ssthresh:%d'),
    fact('notsent_bytes', ' notsent:%d'),
    fact('min_rtt', ' minrtt:%g', US, hide=(0, NO_MIN_RTT), scale=1000),
    fact('rcv_ooopack', ' rcv_ooopack:%d'), fact('snd_wnd', ' snd_wnd:%d'), fact('rcv_wnd', ' rcv_wnd:%d'),
    fact('rehash', ' rehash:%d'),
    # What ss never shows.
    fact('ca_state'), fact('retransmits'), fact('probes'), fact('fastopen_client_fail'),
    fact('last_ack_sent', unit=MS),
    fact('total_rto'), fact('total_rto_recoveries'), fact('total_rto_time', unit=MS),
    fact('received_ce'), fact('delivered_e1_bytes'), fact('delivered_e0_bytes'), fact('delivered_ce_bytes'),
    fact('received_e1_bytes'), fact('received_e0_bytes'), fact('received_ce_bytes'),
    fact('ecn_mode'), fact('accecn_opt_seen'), fact('accecn_fail_mode'), fact('options2'),
]


def ticks(name, hide):
    """A text function for a time in ticks, which ss shows in seconds where it read it from /proc."""
    hertz = os.sysconf('SC_CLK_TCK')
    return lambda time: '' if time in (0, hide * hertz) else ' %s:%g' % (name, time / hertz)


def proc(name):
    return member(proc_tcp, name, PROC_TCP)


def qack_text(field):
    """Quick acknowledgements left, from twice their number; ss reads a direction off the half."""
    qack = field // 2
    return ' qack:%d%s' % (qack, ' bidir' if qack & 1 else '') if qack else ''


def proc_info():
    """What a line of /proc/net/tcp tells under --info (sockets.md 7)."""
    return [
        Fact('rto_ticks', proc('rto'), ticks('rto', 3)),
        Fact('ato_ticks', proc('ato'), ticks('ato', 0)),
        Fact('qack', proc('qack'), qack_text),
        Fact('snd_cwnd', proc('cwnd'), ' cwnd:%d'),
        Fact('snd_ssthresh', proc('ssthresh'), ' ssthresh:%d'),
        Fact(None, message('idiag_retrans'), ' retrans:%d/0'),
        ' reordering:0',
    ]


def text_facts(show):
    """The facts behind the memory, for text."""
    facts = [Section(abi.INET_DIAG_INFO, FIRST + [CONGESTION] + INFO), MD5, ULP]
    return facts + [Section(PROC_TCP, proc_info())] if show.info else facts


def json_facts():
    """The same for JSON: "info", and what stands beside it."""
    own = [fact for fact in FIRST + INFO if fact.key and fact.members[0].attribute == abi.INET_DIAG_INFO]
    return [Section(abi.INET_DIAG_INFO, [Object('info', own)]), CONGESTION, DCTCP, BBR, VEGAS, MD5, ULP,
            Section(PROC_TCP, [Object('info', [fact for fact in proc_info() if isinstance(fact, Fact)])])]
