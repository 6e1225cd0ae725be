"""What the kernel tells of a TCP connection under --info (fixtures/behaviour/sockets.md, 4.1).

A module of its own: most questions do without, and start sooner.  FACTS are in the order of the JSON keys;
LINE is what ss prints, in ss's order.
"""

import os

from ..fields import (
    FLAG, MS, NUMBER, RATE, SIZE, TICKS, US, WORD, WORDS, Fact, Section, Text, literal, members, naming, set_of)
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import tcp
from ..kernel.abi.procnet import PROC_TCP, proc_tcp
from ..kernel.columns import member, pair, payload
from . import common
from .inet import STATE_FACTS, message
from .tcp import ASKED

UNLIMITED = (1 << 64) - 1               # a pacing rate
NO_MIN_RTT = (1 << 32) - 1
INFINITE_SSTHRESH = 0xffff
VEGAS_NO_RTT = 0x7fffffff
CONGESTION_NAME = 15                    # characters that ss shows

INFO = ('info',)
PROC = (ASKED,)                         # what is read from /proc
OPTIONS = ((tcp.TCPI_OPT_TIMESTAMPS, 'timestamps'), (tcp.TCPI_OPT_USEC_TS, 'usec_ts'), (tcp.TCPI_OPT_SACK, 'sack'),
           (tcp.TCPI_OPT_ECN, 'ecn'), (tcp.TCPI_OPT_ECN_SEEN, 'ecn_seen'), (tcp.TCPI_OPT_SYN_DATA, 'syn_data'),
           (tcp.TCPI_OPT_WSCALE, 'wscale'), (tcp.TCPI_OPT_TFO_CHILD, 'tfo_child'))
OPTION_WORDS = {'timestamps': ' ts', 'usec_ts': ' usec_ts', 'sack': ' sack', 'ecn': ' ecn', 'ecn_seen': ' ecnseen',
                'syn_data': ' fastopen'}         # as ss calls them; of the others it says nothing here


def flag(bit):
    return True if bit else None


def either(name, also):
    """The fact that tcp_info and a line of /proc/net/tcp both tell."""
    return [member(tcp.tcp_info, 'tcpi_' + name, abi.INET_DIAG_INFO), proc(also)]


def proc(name):
    return member(proc_tcp, name, PROC_TCP)


FACTS = members(tcp.tcp_info, 'tcpi_', abi.INET_DIAG_INFO, 'info', INFO, [
    ('state', NUMBER, 'number of the TCP state'),
    ('options', WORDS, 'TCP options in use', set_of(OPTIONS)),
    ('snd_wscale', NUMBER, 'window scale, in bits, of the windows that are received'),
    ('rcv_wscale', NUMBER, 'window scale, in bits, of the windows that are sent'),
    ('rto', US, 'time until the next retransmission'),
    ('backoff', NUMBER, 'how often that time has been doubled'),
    ('rtt', US, 'smoothed round-trip time'),
    ('rttvar', US, 'mean deviation of the round-trip time'),
    ('ato', US, 'how long an acknowledgement may be put off'),
    ('snd_mss', SIZE, 'largest segment that is sent'),
    ('pmtu', SIZE, 'path MTU'),
    ('rcv_mss', SIZE, 'size of the segments that are received, as far as one can tell'),
    ('advmss', SIZE, 'largest segment that was announced to the peer'),
]) + [
    Fact('info.snd_cwnd', either('snd_cwnd', 'cwnd'), NUMBER, reveal=INFO, help='congestion window, in segments'),
    Fact('info.snd_ssthresh', either('snd_ssthresh', 'ssthresh'), NUMBER, reveal=INFO,
         help='slow-start threshold, in segments'),
] + members(tcp.tcp_info, 'tcpi_', abi.INET_DIAG_INFO, 'info', INFO, [
    ('bytes_sent', SIZE, 'bytes sent, retransmitted ones too'),
    ('bytes_retrans', SIZE, 'bytes retransmitted'),
    ('bytes_acked', SIZE, 'bytes sent and acknowledged'),
    ('bytes_received', SIZE, 'bytes received'),
    ('segs_out', NUMBER, 'segments sent'),
    ('segs_in', NUMBER, 'segments received'),
    ('data_segs_out', NUMBER, 'segments with data sent'),
    ('data_segs_in', NUMBER, 'segments with data received'),
    ('last_data_sent', MS, 'time since data was sent'),
    ('last_data_recv', MS, 'time since data was received'),
    ('last_ack_recv', MS, 'time since an acknowledgement was received'),
    ('pacing_rate', RATE, 'rate at which segments are let go'),
    ('max_pacing_rate', RATE, 'limit of the pacing rate'),
    ('delivery_rate', RATE, 'rate at which the last segments were delivered'),
    ('delivered', NUMBER, 'segments delivered'),
    ('delivered_ce', NUMBER, 'segments delivered that met congestion on their way'),
    ('delivery_rate_app_limited', FLAG, 'whether the delivery rate was limited by the application', flag),
    ('busy_time', US, 'time in which there was something to be sent'),
    ('rwnd_limited', US, 'time in which the peer\'s window held up sending'),
    ('sndbuf_limited', US, 'time in which the send buffer held up sending'),
    ('unacked', NUMBER, 'segments sent and not acknowledged; of a listener, connections to be accepted'),
    ('retrans', NUMBER, 'segments retransmitted and not acknowledged'),
    ('total_retrans', NUMBER, 'segments retransmitted'),
    ('lost', NUMBER, 'segments that are taken for lost'),
    ('sacked', NUMBER, 'segments selectively acknowledged; of a listener, how many connections may wait'),
    ('dsack_dups', NUMBER, 'segments that the peer got twice'),
    ('fackets', NUMBER, 'segments forward acknowledged; 0 since 4.15'),
    ('reordering', NUMBER, 'by how many segments order may change without being taken for loss'),
    ('reord_seen', NUMBER, 'how often reordering was seen'),
    ('rcv_rtt', US, 'round-trip time as the receiver sees it'),
    ('rcv_space', SIZE, 'space that the application makes in the receive buffer each round trip'),
    ('rcv_ssthresh', SIZE, 'limit of the window that is announced'),
    ('notsent_bytes', SIZE, 'bytes not yet sent'),
    ('min_rtt', US, 'shortest round-trip time seen lately'),
    ('rcv_ooopack', NUMBER, 'segments received out of order'),
    ('snd_wnd', SIZE, 'window that the peer announces'),
    ('rcv_wnd', SIZE, 'window that is announced to the peer'),
    ('rehash', NUMBER, 'how often another path was tried'),
    # What ss never shows.
    ('ca_state', NUMBER, 'state of the congestion control, TCP_CA_*'),
    ('retransmits', NUMBER, 'how often the retransmission timer has expired in a row'),
    ('probes', NUMBER, 'window probes that have not been answered'),
    ('fastopen_client_fail', NUMBER, 'why TCP fast open did not work, TCP_FASTOPEN_CLIENT_FAIL_*'),
    ('last_ack_sent', MS, 'always 0'),
    ('total_rto', NUMBER, 'how often the retransmission timer has expired'),
    ('total_rto_recoveries', NUMBER, 'how often the connection recovered from that'),
    ('total_rto_time', MS, 'time spent in such recoveries'),
    ('received_ce', NUMBER, 'segments received that met congestion on their way'),
    ('delivered_e1_bytes', SIZE, 'bytes delivered with the mark ECT(1)'),
    ('delivered_e0_bytes', SIZE, 'bytes delivered with the mark ECT(0)'),
    ('delivered_ce_bytes', SIZE, 'bytes delivered with the mark CE'),
    ('received_e1_bytes', SIZE, 'bytes received with the mark ECT(1)'),
    ('received_e0_bytes', SIZE, 'bytes received with the mark ECT(0)'),
    ('received_ce_bytes', SIZE, 'bytes received with the mark CE'),
    ('ecn_mode', NUMBER, 'kind of ECN that was agreed upon, TCPI_ECN_MODE_*'),
    ('accecn_opt_seen', NUMBER, 'whether the AccECN option was seen, TCP_ACCECN_OPT_*'),
    ('accecn_fail_mode', NUMBER, 'how AccECN failed, TCP_ACCECN_*_FAIL_*'),
    ('options2', NUMBER, 'further options in use, as a mask'),
]) + [
    Fact('info.rto_ticks', proc('rto'), TICKS, reveal=INFO, help='time until the next retransmission, of /proc/net/tcp',
         source='proc'),
    Fact('info.ato_ticks', proc('ato'), TICKS, reveal=INFO, help='how long an acknowledgement may be put off, of /proc/net/tcp',
         source='proc'),
    Fact('info.qack', proc('qack'), NUMBER, reveal=INFO,
         help='twice the quick acknowledgements left, odd in an interactive session', source='proc'),
    Fact('congestion', payload(abi.INET_DIAG_CONG, 'name'), WORD, common.string, reveal=INFO, certain=True,
         help='name of the congestion control'),
] + members(abi.tcp_dctcp_info, 'dctcp_', abi.INET_DIAG_DCTCPINFO, 'dctcp', INFO, [
    ('enabled', NUMBER, 'whether DCTCP works as such: else it falls back to Reno'),
    ('ce_state', NUMBER, 'whether the last segment had the mark CE'),
    ('alpha', NUMBER, 'share of marked bytes, in 1/1024'),
    ('ab_ecn', SIZE, 'bytes acknowledged that were marked'),
    ('ab_tot', SIZE, 'bytes acknowledged'),
]) + [
    Fact('bbr.bw_bytes_per_s', pair(abi.tcp_bbr_info, 'bbr_bw_lo', 'bbr_bw_hi', abi.INET_DIAG_BBRINFO), RATE, reveal=INFO,
         help='bandwidth that BBR reckons with', word='bw'),
] + members(abi.tcp_bbr_info, 'bbr_', abi.INET_DIAG_BBRINFO, 'bbr', INFO, [
    ('min_rtt', US, 'shortest round-trip time that BBR reckons with'),
    ('pacing_gain', NUMBER, 'gain of the pacing rate, in 1/256'),
    ('cwnd_gain', NUMBER, 'gain of the congestion window, in 1/256'),
]) + members(abi.tcpvegas_info, 'tcpv_', abi.INET_DIAG_VEGASINFO, 'vegas', INFO, [
    ('enabled', NUMBER, 'whether Vegas is at work'),
    ('rttcnt', NUMBER, 'round-trip times measured in the last one'),
    ('rtt', US, 'round-trip time that Vegas reckons with'),
    ('minrtt', US, 'shortest round-trip time in the last one'),
])


# Text

def of(path):
    return [fact for fact in FACTS if fact.name.startswith(path + '.')]


def vegas(name):
    """A number of Vegas for the send rate: 0 where another congestion control is at work."""
    return Fact(name, member(abi.tcpvegas_info, 'tcpv_' + name, abi.INET_DIAG_VEGASINFO, missing=0), NUMBER, reveal=INFO)


def send_rates(cwnd, mss, rtt, vegas_enabled, vegas_rtt):
    """What the connection might send, in bits/s; 0 where nobody can tell."""
    if any(vegas_enabled):
        rtt = [vegas if enabled and vegas not in (0, VEGAS_NO_RTT) else plain
               for plain, enabled, vegas in zip(rtt, vegas_enabled, vegas_rtt)]
    return [window * size * 8000000.0 / time if time else 0 for window, size, time in zip(cwnd, mss, rtt)]


def limits(rates, most):
    """How fast the connection may send, 0 where nothing limits it or its rate is not told."""
    if most.count(UNLIMITED) == len(most):
        return [0] * len(most)
    return [limit if limit != UNLIMITED and rate not in (0, UNLIMITED) else 0 for rate, limit in zip(rates, most)]


def limited(name):
    """How long, and how much of the busy time, the connection had to wait for ``name``."""
    def form(busy, waited):
        return ' %s_limited:%dms(%.1f%%)' % (name, waited // 1000, 100.0 * waited / busy) if busy and waited else ''
    return form


def dctcp_text(enabled, *numbers):
    return ' dctcp:(ce_state:%d,alpha:%d,ab_ecn:%d,ab_tot:%d)' % numbers if enabled else ' dctcp:fallback_mode'


def ticks(name, hide):
    """A text function for a time in ticks, which ss shows in seconds where it read it from /proc."""
    hertz = os.sysconf('SC_CLK_TCK')
    return lambda time: '' if time in (0, hide * hertz) else ' %s:%g' % (name, time / hertz)


def qack_text(field):
    """Quick acknowledgements left, from twice their number; ss reads a direction off the half."""
    qack = field // 2
    return ' qack:%d%s' % (qack, ' bidir' if qack & 1 else '') if qack else ''


def cong_text(name):
    return ' ' + name[:CONGESTION_NAME] if name else ''


BY_NAME = {fact.name: fact for fact in FACTS}
text = naming(*of('info') + [BY_NAME['congestion']])
of_dctcp, of_bbr = naming(*of('dctcp')), naming(*of('bbr'))

LINE = [
    Section(abi.INET_DIAG_INFO, [
        text(lambda options: ''.join([OPTION_WORDS.get(option, '') for option in options]), 'options', when=('options',)),
        text(cong_text, 'congestion'),
        text(lambda options, sent, received: ' wscale:%d,%d' % (sent, received) if 'wscale' in options else '',
             'options', 'snd_wscale', 'rcv_wscale'),
        text(' rto:%s', 'rto', hide=(0, 3000000), scale=1000),
        text(' backoff:%d', 'backoff'),
        text(' rtt:%s/%s', 'rtt', 'rttvar', scale=1000),
        text(' ato:%s', 'ato', scale=1000),
        text(' mss:%d', 'snd_mss', signed=True),
        text(' pmtu:%d', 'pmtu'),
        text(' rcvmss:%d', 'rcv_mss', signed=True),
        text(' advmss:%d', 'advmss', signed=True),
        text(' cwnd:%d', 'snd_cwnd'),
        text(lambda size: ' ssthresh:%d' % size if 0 < size < INFINITE_SSTHRESH else '', 'snd_ssthresh'),
        text(' bytes_sent:%d', 'bytes_sent'),
        text(' bytes_retrans:%d', 'bytes_retrans'),
        text(' bytes_acked:%d', 'bytes_acked'),
        text(' bytes_received:%d', 'bytes_received'),
        text(' segs_out:%d', 'segs_out'),
        text(' segs_in:%d', 'segs_in'),
        text(' data_segs_out:%d', 'data_segs_out'),
        text(' data_segs_in:%d', 'data_segs_in'),
        of_dctcp(dctcp_text, 'enabled', 'ce_state', 'alpha', 'ab_ecn', 'ab_tot'),
        Section(abi.INET_DIAG_BBRINFO, [
            of_bbr(' bbr:(bw:%sbps', 'bw', hide=(), texts=common.rates),
            of_bbr(',mrtt:%s', 'min_rtt', hide=(), scale=1000),
            of_bbr(',pacing_gain:%s', 'pacing_gain', scale=256),
            of_bbr(',cwnd_gain:%s', 'cwnd_gain', scale=256),
            literal(')', *INFO)]),
        Text(' send %sbps', BY_NAME['info.snd_cwnd'], BY_NAME['info.snd_mss'], BY_NAME['info.rtt_us'],
             vegas('enabled'), vegas('rtt'), compute=send_rates, texts=common.bits),
        text(' lastsnd:%d', 'last_data_sent'),
        text(' lastrcv:%d', 'last_data_recv'),
        text(' lastack:%d', 'last_ack_recv'),
        text(' pacing_rate %sbps', 'pacing_rate', hide=(0, UNLIMITED), texts=common.rates),
        text('/%sbps', 'pacing_rate', 'max_pacing_rate', compute=limits, texts=common.rates),
        text(' delivery_rate %sbps', 'delivery_rate', texts=common.rates),
        text(' delivered:%d', 'delivered'),
        text(' delivered_ce:%d', 'delivered_ce'),
        text(lambda limited: ' app_limited' if limited else '', 'delivery_rate_app_limited'),
        text(lambda us: ' busy:%dms' % (us // 1000) if us else '', 'busy_time'),
        text(limited('rwnd'), 'busy_time', 'rwnd_limited'),
        text(limited('sndbuf'), 'busy_time', 'sndbuf_limited'),
        text(' unacked:%d', 'unacked'),
        text(lambda now, total: ' retrans:%d/%d' % (now, total) if now or total else '', 'retrans', 'total_retrans'),
        text(' lost:%d', 'lost'),
        Text(lambda sacked, state: ' sacked:%d' % sacked if sacked and state != 'LISTEN' else '',
             BY_NAME['info.sacked'], STATE_FACTS[0]),
        text(' dsack_dups:%d', 'dsack_dups'),
        text(' fackets:%d', 'fackets'),
        text(' reordering:%d', 'reordering', hide=(3,), signed=True),
        text(' reord_seen:%d', 'reord_seen', signed=True),
        text(' rcv_rtt:%s', 'rcv_rtt', scale=1000),
        text(' rcv_space:%d', 'rcv_space', signed=True),
        text(' rcv_ssthresh:%d', 'rcv_ssthresh'),
        text(' notsent:%d', 'notsent_bytes'),
        text(' minrtt:%s', 'min_rtt', hide=(0, NO_MIN_RTT), scale=1000),
        text(' rcv_ooopack:%d', 'rcv_ooopack'),
        text(' snd_wnd:%d', 'snd_wnd'),
        text(' rcv_wnd:%d', 'rcv_wnd'),
        text(' rehash:%d', 'rehash'),
    ]),
    Section(PROC_TCP, [
        text(ticks('rto', 3), 'rto_ticks', when=PROC),
        text(ticks('ato', 0), 'ato_ticks', when=PROC),
        text(qack_text, 'qack', when=PROC),
        text(' cwnd:%d', 'snd_cwnd', when=PROC),
        text(' ssthresh:%d', 'snd_ssthresh', when=PROC),
        Text(' retrans:%d/0', Fact('retrans', message('idiag_retrans'), NUMBER), when=PROC),
        literal(' reordering:0', *PROC),
    ]),
]


def line(table):
    return LINE
