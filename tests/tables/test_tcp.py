"""TCP under --info, text and JSON, against fixtures/behaviour/sockets.md, 0, 1.4 and 4.1."""
import ctypes
import random
import struct

import pytest

from ssng.kernel.abi import inet_diag as abi
from ssng.kernel.abi import tcp
from ssng.kernel.abi.procnet import PROC_TCP
from tests.support.layouts import content
from tests.support.rendered import details, objects
from tests.support.wire import inet


def info(size=280, **members):
    """(number, bytes) of INET_DIAG_INFO with these members; reordering as a kernel has it from the start."""
    made = tcp.tcp_info(tcpi_reordering=3)
    for name, value in members.items():
        setattr(made, 'tcpi_' + name, value)
    return abi.INET_DIAG_INFO, content(made)[:size]


def line(*attributes, **options):
    """What follows the tab, for one socket with these attributes."""
    state = options.pop('state', 1)
    made, = details([inet(state=state, attributes=attributes)], **dict({'info': True, 'numeric': False}, **options))
    assert made.startswith('\n\t')
    return made[2:]


# sockets.md 4.1, "checked line (all fields set)".
CHECKED = (
    ' ts usec_ts sack ecn ecnseen fastopen cubic wscale:9,7 rto:204 backoff:4 rtt:12.345/6.789 ato:40 mss:1448 pmtu:1500'
    ' rcvmss:536 advmss:1448 cwnd:10 ssthresh:20 bytes_sent:41 bytes_retrans:42 bytes_acked:100 bytes_received:200 segs_out:21'
    ' segs_in:22 data_segs_out:25 data_segs_in:24 send 9.38Mbps lastsnd:11 lastrcv:13 lastack:14 pacing_rate 988Mbps/8.8Tbps'
    ' delivery_rate 8Mbps delivered:31 delivered_ce:32 app_limited busy:4ms rwnd_limited:1ms(25.0%) sndbuf_limited:0ms(8.3%)'
    ' unacked:5 retrans:1/3 lost:7 sacked:6 dsack_dups:51 fackets:8 reordering:9 reord_seen:52 rcv_rtt:5 rcv_space:14600'
    ' rcv_ssthresh:64076 notsent:23 minrtt:0.099 rcv_ooopack:61 snd_wnd:62 rcv_wnd:63 rehash:64')
SET = dict(
    options=255, snd_wscale=9, rcv_wscale=7, rto=204000, backoff=4, rtt=12345, rttvar=6789, ato=40000, snd_mss=1448, pmtu=1500,
    rcv_mss=536, advmss=1448, snd_cwnd=10, snd_ssthresh=20, bytes_sent=41, bytes_retrans=42, bytes_acked=100,
    bytes_received=200, segs_out=21, segs_in=22, data_segs_out=25, data_segs_in=24, last_data_sent=11, last_data_recv=13,
    last_ack_recv=14, pacing_rate=123456789, max_pacing_rate=2 ** 40, delivery_rate=1000000, delivered=31, delivered_ce=32,
    delivery_rate_app_limited=1, busy_time=4000, rwnd_limited=1000, sndbuf_limited=333, unacked=5, retrans=1, total_retrans=3,
    lost=7, sacked=6, dsack_dups=51, fackets=8, reordering=9, reord_seen=52, rcv_rtt=5000, rcv_space=14600, rcv_ssthresh=64076,
    notsent_bytes=23, min_rtt=99, rcv_ooopack=61, snd_wnd=62, rcv_wnd=63, rehash=64,
    # What ss never shows.
    state=1, ca_state=2, retransmits=3, probes=5, fastopen_client_fail=2, last_ack_sent=12, total_rto=70, total_rto_recoveries=71,
    total_rto_time=72, received_ce=73, delivered_e1_bytes=74, delivered_e0_bytes=75, delivered_ce_bytes=76, received_e1_bytes=77,
    received_e0_bytes=78, received_ce_bytes=79, ecn_mode=2, accecn_opt_seen=1, accecn_fail_mode=9, options2=0xabcdef)
CONG = (4, b'cubic\0')


def test_checked_line():
    assert set(SET) == {name[5:] for name, *_ in tcp.tcp_info._fields_}
    assert line(info(**SET), CONG, options=True) == CHECKED
    without_flags = CHECKED[CHECKED.index(' cubic'):]
    assert line(info(**SET), CONG) == without_flags
    made = line(info(**SET), CONG, numeric=True)
    assert ' send 9383556bps' in made and ' pacing_rate 987654312bps/8796093022208bps ' in made
    assert details([inet(attributes=[info(**SET), CONG])], info=True, numeric=False, oneline=True) == [without_flags]


def test_checked_line_among_others():
    """The same cells when the rows are many and all different."""
    chance = random.Random(1)
    rows, lines = [], []
    for _ in range(200):
        members = dict(SET, bytes_sent=chance.randrange(1 << 40), rtt=chance.randrange(1, 1 << 32),
                       snd_cwnd=chance.choice((0, 5, 10)),
                       segs_out=chance.choice((0, 21)), min_rtt=chance.choice((0, 99, 0xffffffff)))
        rows.append(inet(attributes=[info(**members), CONG]))
        lines.append(line(info(**members), CONG, options=True))
    assert len(set(lines)) > 150
    assert details(rows, info=True, numeric=False, options=True) == ['\n\t' + one for one in lines]


# sockets.md 0: microseconds / 1000 and their %g, first of rto's, which has the same form as all.
G = [(1, '0.001'), (10, '0.01'), (12345, '12.345'), (99999, '99.999'), (100000, '100'), (123456, '123.456'), (1000000, '1000'),
     (1234567, '1234.57'), (99999950, '99999.9'), (999999499, '999999'), (999999500, '1e+06'), (4294967295, '4.29497e+06')]


@pytest.mark.parametrize('us, shown', G)
@pytest.mark.parametrize('name, word', [('rto', 'rto'), ('ato', 'ato'), ('rcv_rtt', 'rcv_rtt'), ('min_rtt', 'minrtt')])
def test_milliseconds(us, shown, name, word):
    hidden = name == 'min_rtt' and us == 4294967295
    assert line(info(**{name: us})) == ('' if hidden else ' %s:%s' % (word, shown))
    assert line(info(rtt=us, rttvar=us)) == ' rtt:%s/%s' % (shown, shown)
    assert line(info(rtt=us)) == ' rtt:%s/0' % shown


def vegas(enabled, rtt):
    return abi.INET_DIAG_VEGASINFO, struct.pack('=4I', enabled, 1, rtt, 1)


SENDER = dict(snd_cwnd=10, snd_mss=1000, rtt=8000)

# sockets.md 4.1, "edge results" and the conditions of its table.
EDGES = [
    ([info(rto=2999999)], ' rto:3000'), ([info(rto=3000000)], ''), ([info(rto=3000001)], ' rto:3000'),
    ([info(rto=1000000000)], ' rto:1e+06'), ([info(rto=0)], ''),
    ([info(snd_ssthresh=65534)], ' ssthresh:65534'), ([info(snd_ssthresh=65535)], ''), ([info(snd_ssthresh=0x7fffffff)], ''),
    ([info(busy_time=1, rwnd_limited=1000)], ' busy:0ms rwnd_limited:1ms(100000.0%)'),
    ([info(rwnd_limited=1000, sndbuf_limited=1000)], ''),
    ([info(busy_time=3000, rwnd_limited=1000, sndbuf_limited=2000)],
     ' busy:3ms rwnd_limited:1ms(33.3%) sndbuf_limited:2ms(66.7%)'),
    ([info(reordering=0)], ' reordering:0'), ([(2, b'')], ' reordering:0'), ([(2, bytes(280))], ' reordering:0'),
    ([info(reordering=0xffffffff)], ' reordering:-1'),
    ([info(snd_mss=0xffffffff)], ' mss:-1'), ([info(rcv_mss=1 << 31)], ' rcvmss:-2147483648'),
    ([info(advmss=0xfffffffe)], ' advmss:-2'),
    ([info(pmtu=0xffffffff)], ' pmtu:4294967295'), ([info(snd_cwnd=0xffffffff)], ' cwnd:4294967295'),
    ([info(rcv_space=0xffffffff)], ' rcv_space:-1'), ([info(reord_seen=0xffffffff)], ' reord_seen:-1'),
    ([info(bytes_acked=(1 << 64) - 1)], ' bytes_acked:18446744073709551615'),
    ([info(options=4)], ' wscale:0,0'), ([info(snd_wscale=5, rcv_wscale=6)], ''),
    ([info(retrans=0, total_retrans=2)], ' retrans:0/2'), ([info(retrans=3)], ' retrans:3/0'),
    ([info(min_rtt=0xffffffff)], ''), ([info(rttvar=5)], ''), ([info(options=2 | 128)], ''),
    ([info(**SENDER)], ' rtt:8/0 mss:1000 cwnd:10 send 10Mbps'),
    ([info(**dict(SENDER, snd_mss=0xffffffff))], ' rtt:8/0 mss:-1 cwnd:10 send 42.9Tbps'),
    ([info(snd_cwnd=10, snd_mss=1000)], ' mss:1000 cwnd:10'), ([info(rtt=8000, snd_mss=1000)], ' rtt:8/0 mss:1000'),
    ([info(snd_cwnd=10, snd_mss=1000), vegas(1, 4000)], ' mss:1000 cwnd:10 send 20Mbps'),
    ([info(**SENDER), vegas(1, 4000)], ' rtt:8/0 mss:1000 cwnd:10 send 20Mbps'),
    ([info(**SENDER), vegas(0, 4000)], ' rtt:8/0 mss:1000 cwnd:10 send 10Mbps'),
    ([info(**SENDER), vegas(1, 0)], ' rtt:8/0 mss:1000 cwnd:10 send 10Mbps'),
    ([info(**SENDER), vegas(1, 0x7fffffff)], ' rtt:8/0 mss:1000 cwnd:10 send 10Mbps'),
    ([info(pacing_rate=(1 << 64) - 1, max_pacing_rate=8)], ''), ([info(max_pacing_rate=8)], ''),
    ([info(pacing_rate=125, max_pacing_rate=(1 << 64) - 1)], ' pacing_rate 1kbps'),
    ([info(pacing_rate=125, max_pacing_rate=125000)], ' pacing_rate 1kbps/1Mbps'),
    ([info(delivery_rate=124937500)], ' delivery_rate 1e+03Mbps'),
    ([CONG], ''), ([info(), CONG], ' cubic'), ([info(), (4, b'\0')], ''), ([info(), (4, b'')], ''),
    ([info(), (4, b'x' * 40)], ' ' + 'x' * 15), ([info(), (4, b'bare')], ' bare'),
]


@pytest.mark.parametrize('attributes, expected', EDGES, ids=[str(at) for at in range(len(EDGES))])
def test_edges(attributes, expected):
    assert line(*attributes) == expected
    assert line(*attributes[::-1]) == expected


@pytest.mark.parametrize('state, shown', [(1, ' sacked:6'), (10, ''), (7, ' sacked:6')])
def test_sacked_of_a_listener(state, shown):
    """Its backlog limit, which ss does not show (sockets.md 4.1: 32); the accept queue it shows as unacked (sockets.md 6: 18)."""
    assert line(info(sacked=6), state=state) == shown
    assert line(info(unacked=5), state=state) == ' unacked:5'


@pytest.mark.parametrize('bit, word, name', [
    (1, ' ts', 'timestamps'), (64, ' usec_ts', 'usec_ts'), (2, ' sack', 'sack'), (8, ' ecn', 'ecn'), (16, ' ecnseen', 'ecn_seen'),
    (32, ' fastopen', 'syn_data'), (128, '', 'tfo_child'), (4, ' wscale:0,0', 'wscale')])
def test_flags(bit, word, name):
    assert line(info(options=bit), options=True) == word
    assert line(info(options=bit)) == (word if bit == 4 else '')
    assert objects([inet(attributes=[info(options=bit)])], info=True)[0]['info']['options'] == [name]


@pytest.mark.parametrize('payload, shown', [
    (struct.pack('=HHIII', 1, 2, 900, 3, 4), ' dctcp:(ce_state:2,alpha:900,ab_ecn:3,ab_tot:4)'),
    (struct.pack('=HHIII', 0, 2, 900, 3, 4), ' dctcp:fallback_mode'), (b'', ' dctcp:fallback_mode'),
    (struct.pack('=HH', 1, 2), ' dctcp:(ce_state:2,alpha:0,ab_ecn:0,ab_tot:0)')])
def test_dctcp(payload, shown):
    assert line(info(), (9, payload)) == shown
    assert line((9, payload)) == ''


@pytest.mark.parametrize('words, size, shown', [
    ((2800941009, 0, 17, 739, 739), 20, ' bbr:(bw:22.4Gbps,mrtt:0.017,pacing_gain:2.88672,cwnd_gain:2.88672)'),
    ((0, 0, 0, 0, 0), 20, ' bbr:(bw:0bps,mrtt:0)'), ((125, 0, 0, 256, 0), 20, ' bbr:(bw:1kbps,mrtt:0,pacing_gain:1)'),
    ((0, 1, 1000, 0, 512), 20, ' bbr:(bw:34.4Gbps,mrtt:1,cwnd_gain:2)'), ((125, 9, 9, 9, 9), 4, ' bbr:(bw:1kbps,mrtt:0)'),
    ((1, 1, 1, 1, 1), 0, ' bbr:(bw:0bps,mrtt:0)')])
def test_bbr(words, size, shown):
    assert line(info(), (16, struct.pack('=5I', *words)[:size])) == shown
    assert line((16, struct.pack('=5I', *words)[:size])) == ''


def test_bbr_numeric():
    """From a live socket (sockets.md 4.1)."""
    words = struct.pack('=5I', 22407528072 // 8 & 0xffffffff, 22407528072 // 8 >> 32, 17, 739, 739)
    assert line(info(), (16, words), numeric=True) == (
        ' bbr:(bw:22407528072bps,mrtt:0.017,pacing_gain:2.88672,cwnd_gain:2.88672)')


@pytest.mark.parametrize('size', [0, 5, 104, 192, 232, 248])
def test_older_kernels(size):
    """A shorter payload is as one of zeros (sockets.md 1.4)."""
    number, long = info(**SET)
    assert line((number, long[:size])) == line((number, long[:size].ljust(280, b'\0')))
    assert line((number, long + b'\xff' * 40)) == line((number, long))


def test_a_congestion_control_that_steers_a_terminal():
    assert line(info(), (4, b'a\x1b\xff\0'), escape=True) == ' a\\x1b\\xff'
    assert line(info(), (4, b'a\x1b\xff\0')) == ' a\x1b\xff'


# JSON.

UNITS = dict.fromkeys(('rto', 'ato', 'rtt', 'rttvar', 'rcv_rtt', 'min_rtt', 'busy_time', 'rwnd_limited', 'sndbuf_limited'), '_us')
UNITS.update(dict.fromkeys(('last_data_sent', 'last_ack_sent', 'last_data_recv', 'last_ack_recv', 'total_rto_time'), '_ms'))
UNITS.update(dict.fromkeys(('pacing_rate', 'max_pacing_rate', 'delivery_rate'), '_bytes_per_s'))
KEYS = {name: name + UNITS.get(name, '') for name in SET}


def places():
    """{member: its last byte} from the structure: what a payload of fewer bytes does not have."""
    return {name[5:]: getattr(tcp.tcp_info, name).offset + ctypes.sizeof(kind) for name, kind, *_ in tcp.tcp_info._fields_}


def test_all_members():
    """Every member of tcp_info under its own name, its unit in the key (design, "JSON")."""
    found = objects([inet(attributes=[info(**SET), CONG])], info=True)[0]
    assert found['congestion'] == 'cubic'
    expected = {KEYS[name]: value for name, value in SET.items()}
    expected.update(options=['timestamps', 'usec_ts', 'sack', 'ecn', 'ecn_seen', 'syn_data', 'wscale', 'tfo_child'],
                    delivery_rate_app_limited=True)
    assert found['info'] == expected


def test_zeros_too():
    """A number that the kernel sent is told, also if it is zero; a flag that is not set is absent."""
    found = objects([inet(attributes=[(2, bytes(280))])], info=True)[0]['info']
    assert set(found) == set(KEYS.values()) - {'delivery_rate_app_limited'}
    assert found.pop('options') == []
    assert set(found.values()) == {0}


@pytest.mark.parametrize('sizes', [range(0, 141), range(141, 283)], ids=['first half', 'second half'])
def test_members_of_a_short_payload(sizes):
    """No key means that the kernel did not send it."""
    number, long = info(**SET)
    made = objects([inet(attributes=[(number, long[:size].ljust(size, b'\0'))]) for size in sizes], info=True)
    for size, found in zip(sizes, made):
        there = {KEYS[name] for name, end in places().items() if end <= size}
        assert set(found.get('info', ())) == there, size


def test_memory_and_information_of_a_recording():
    """ss prints what there is of both under -m and -i alike (sockets.md 3.10); JSON shows what is asked for."""
    row = inet(attributes=[info(rto=1000), CONG, (7, bytes(36))])
    both = '\n\t skmem:(r0,rb0,t0,tb0,f0,w0,o0,bl0,d0) cubic rto:1'
    assert details([row], memory=True) == details([row], info=True) == details([row], memory=True, info=True) == [both]
    assert details([row], extended=True, options=True)[0].count('\n') == 0
    for option, keys in ('memory', {'memory'}), ('info', {'info', 'congestion'}), ('extended', set()):
        found, = objects([row], **{option: True})
        assert {'memory', 'info', 'congestion'} & set(found) == keys


def test_memory_does_not_show_what_proc_tells():
    """Nor does ss, of sockets that it read from /proc/net/tcp."""
    row = inet(attributes=[(PROC_TCP, struct.pack('=5I', 20, 4, 31, 10, 7))])
    assert details([row], memory=True) == [''] and details([row], extended=True) == [' ino:0 sk:1']
    for options in {'info': True}, {'info': True, 'memory': True}:
        assert details([row], **options)[0].endswith(' cwnd:10 ssthresh:7 reordering:0')


def test_what_is_fetched_for_another_purpose_is_not_shown():
    """A filter on the round-trip time makes the kernel tell it; nobody asked to see it."""
    row = inet(attributes=[info(rto=1000), CONG, (7, bytes(36))])
    skmem = '\n\t skmem:(r0,rb0,t0,tb0,f0,w0,o0,bl0,d0)'
    assert details([row], needed=frozenset(['info'])) == ['']
    assert details([row], needed=frozenset(['info', 'memory']), extended=True) == [' ino:0 sk:1']
    assert details([row], memory=True, needed=frozenset(['info'])) == [skmem]
    assert details([row], info=True, needed=frozenset(['memory'])) == ['\n\t cubic rto:1']
    assert details([row], info=True, needed=frozenset(['info'])) == ['\n\t' + skmem[2:] + ' cubic rto:1']
    found, = objects([row], memory=True, needed=frozenset(['info']))
    assert {'memory', 'info', 'congestion'} & set(found) == {'memory'}


def test_no_info():
    assert 'info' not in objects([inet()], info=True)[0]
    assert 'info' not in objects([inet(attributes=[info(**SET)])])[0]


def test_congestion_control_objects():
    found = objects([inet(attributes=[vegas(1, 4000), (9, struct.pack('=HHIII', 1, 2, 900, 3, 4)),
                                      (16, struct.pack('=5I', 5, 1, 17, 739, 740)), (4, b'\xc3\xa9\xff\0')])], info=True)[0]
    assert found['vegas'] == {'enabled': 1, 'rttcnt': 1, 'rtt_us': 4000, 'minrtt_us': 1}
    assert found['dctcp'] == {'enabled': 1, 'ce_state': 2, 'alpha': 900, 'ab_ecn': 3, 'ab_tot': 4}
    assert found['bbr'] == {'bw_bytes_per_s': (1 << 32) + 5, 'min_rtt_us': 17, 'pacing_gain': 739, 'cwnd_gain': 740}
    assert found['congestion'] == '\u00e9\ufffd'


# Text and JSON of the same bytes: word of the text, key, what the text makes of the number, when it hides it.
def plain(value):
    return '%d' % value


def signed(value):
    return '%d' % struct.unpack('=i', struct.pack('=I', value))


def milliseconds(value):
    return '%g' % (value / 1000)


SAME = [(word, key, plain) for word, key in [
    ('backoff', 'backoff'), ('pmtu', 'pmtu'), ('cwnd', 'snd_cwnd'), ('bytes_sent', 'bytes_sent'),
    ('bytes_retrans', 'bytes_retrans'),
    ('bytes_acked', 'bytes_acked'), ('bytes_received', 'bytes_received'), ('segs_out', 'segs_out'), ('segs_in', 'segs_in'),
    ('data_segs_out', 'data_segs_out'), ('data_segs_in', 'data_segs_in'), ('lastsnd', 'last_data_sent_ms'),
    ('lastrcv', 'last_data_recv_ms'), ('lastack', 'last_ack_recv_ms'), ('delivered', 'delivered'),
    ('delivered_ce', 'delivered_ce'),
    ('unacked', 'unacked'), ('lost', 'lost'), ('sacked', 'sacked'), ('dsack_dups', 'dsack_dups'), ('fackets', 'fackets'),
    ('rcv_ssthresh', 'rcv_ssthresh'), ('notsent', 'notsent_bytes'), ('rcv_ooopack', 'rcv_ooopack'), ('snd_wnd', 'snd_wnd'),
    ('rcv_wnd', 'rcv_wnd'), ('rehash', 'rehash')]]
SAME += [(word, key, signed) for word, key in [
    ('mss', 'snd_mss'), ('rcvmss', 'rcv_mss'), ('advmss', 'advmss'), ('reord_seen', 'reord_seen'), ('rcv_space', 'rcv_space')]]
SAME += [('ato', 'ato_us', milliseconds), ('rcv_rtt', 'rcv_rtt_us', milliseconds)]


def random_info(chance):
    raw = bytearray(chance.choice((0, 0, 0, 1, 0xff, chance.randrange(256))) for _ in range(280))
    for start in range(0, 280, 4):
        if chance.random() < .4:
            raw[start:start + 4] = bytes(4)
    return bytes(raw)


def test_text_and_json_tell_the_same():
    chance = random.Random(2)
    rows = [inet(state=chance.choice((1, 1, 8)), attributes=[(2, random_info(chance)[:chance.choice((280, 280, 232, 192))])])
            for _ in range(300)]
    checked = 0
    for one, found in zip(details(rows, info=True), objects(rows, info=True)):
        said = dict(item.split(':', 1) for item in one.split() if ':' in item)
        for word, key, shown in SAME:
            value = found['info'].get(key, 0)
            assert said.pop(word, None) == (shown(value) if value else None), word
            checked += bool(value)
        assert set(said) <= {'wscale', 'rto', 'rtt', 'ssthresh', 'busy', 'rwnd_limited', 'sndbuf_limited', 'retrans',
                             'reordering', 'minrtt'}
    assert checked > 2000
