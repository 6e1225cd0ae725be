"""One socket's text beside its JSON object, field by field.

The text is read back, item after item, by the table of ITEMS: how an item looks, and which values of the
object it tells.  Where an item is there its values must agree, as exactly as the text tells them;
where it is not, its rule must say that ss hides such values.  What is in the object and in no item
stands in UNSHOWN: the text never tells it.  fixtures/behaviour/sockets.md, 3 and 4.1.
"""
import collections
import re

U64, U32 = 1 << 64, 1 << 32
PORT = r'(\*|\d+|[a-z][\w.-]*)'
ROW = re.compile(r'(?P<netid>\S+) +(?P<state>\S+) +(?P<recv_q>-?\d+) +(?P<send_q>-?\d+) +'
                 r'(?P<local>\S+):%s +(?P<peer>\S+):%s *(?P<processes>users:\(\(.*?\)\))?(?P<details> .*)?' % (PORT, PORT))

# text: a regular expression; paths: of the values it tells; agrees(groups, values); hidden(values): may
# it be missing?; beside: it is shown only with an INFO, though its values stand beside "info"
Item = collections.namedtuple('Item', 'text paths agrees hidden beside')


def item(text, paths, agrees, hidden=(None, 0), beside=False):
    """``hidden``: what hides the first value, or a function of all values."""
    test = hidden if callable(hidden) else lambda values: values[0] in hidden
    return Item(re.compile(' ' + text), paths.split(), agrees, test, beside)


# Items by the form of their value

def count(word, path, hidden=(None, 0)):
    return item(word + r':(\d+)', path, lambda text, values: int(text[0]) == (values[0] or 0), hidden)


def signed(word, path, hidden=(None, 0)):
    """A number that the kernel holds unsigned and ss prints as int."""
    def agrees(text, values):
        return (int(text[0]) - (values[0] or 0)) % U32 == 0 and -U32 // 2 <= int(text[0]) < U32 // 2
    return item(word + r':(-?\d+)', path, agrees, hidden)


def hexadecimal(word, path, hidden=(None,)):
    return item(word + r':(0x[1-9a-f][0-9a-f]*|0)', path, lambda text, values: int(text[0], 16) == values[0], hidden)


def close(text, value):
    """Six significant digits."""
    return abs(float(text) - value) <= value * 5.1e-6


def milliseconds(word, path, hidden=(None, 0)):
    return item(word + r':([\d.]+(?:e\+\d+)?)', path, lambda text, values: close(text[0], values[0] / 1000), hidden)


BITS = r'([\d.]+(?:e\+\d+)?)([kMGT]?)bps'
UNITS = {'': 1, 'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12}


def same_rate(number, unit, bits):
    """Three significant digits with a unit; without one, all of them (-n), or six where there are no more than three."""
    if unit:
        return abs(float(number) * UNITS[unit] - bits) <= bits * 5.1e-3
    return close(number, bits) if '.' in number else int(number) == int('%.0f' % bits)


def words(text, known):
    """A set of names: ``known`` are (word of the text, name in JSON), in ss's order."""
    told = dict(known)
    return [told[word] for word in text.split()]


# Items with a form of their own

def duration(text):
    """(least, most) milliseconds of which ss would say so."""
    found = re.fullmatch(r'(?:(\d{3})ms|(\d+)min(?:(\d+)sec)?|(\d+)(?:\.(\d{3}))?sec|)', text)
    assert found, text
    ms, minutes, odd, seconds, rest = [group and int(group) for group in found.groups()]
    if minutes is not None:
        least = minutes * 60000 + (odd or 0) * 1000
        return least, least + (59999 if minutes >= 10 else 999)
    if seconds is not None:
        return seconds * 1000 + (rest or 0), seconds * 1000 + (rest or 999 * (seconds >= 10))
    return ms or 0, ms or 0


def same_timer(text, values):
    name, expires, retrans = values
    least, most = duration(text[1])
    return text[0] == name and least <= expires <= most and int(text[2]) == retrans


def same_shutdown(text, values):
    return [name for name, mark in zip(('receive', 'send'), text) if mark == '-'] == values[0]


MEMORY = {'r': 'rmem_alloc', 'rb': 'rcvbuf', 't': 'wmem_alloc', 'tb': 'sndbuf', 'f': 'fwd_alloc', 'w': 'wmem_queued',
          'o': 'optmem', 'bl': 'backlog', 'd': 'drops'}
OLD_MEMORY = {'r': 'rmem_alloc', 'w': 'wmem_queued', 'f': 'fwd_alloc', 't': 'wmem_alloc'}     # of kernels before 3.4: no limits


def memory(word, names, hidden):
    def agrees(text, values):
        told = {names[letters]: int(number) for letters, number in re.findall(r'([a-z]+)(\d+)', text[0])}
        return told == {name: value for name, value in zip(names.values(), values) if value is not None}
    paths = ['memory.' + name for name in list(names.values()) + ['rcvbuf']]
    return item(word + r':\(([a-z\d,]+)\)', ' '.join(paths), agrees, hidden)


OPTIONS = [('ts', 'timestamps'), ('usec_ts', 'usec_ts'), ('sack', 'sack'), ('ecn', 'ecn'), ('ecnseen', 'ecn_seen'),
           ('fastopen', 'syn_data')]


def same_options(text, values):
    return words(text[0], OPTIONS) == [name for name in values[0] if name in dict(OPTIONS).values()]


def no_options(values):
    return not values[0] or not set(values[0]) & set(dict(OPTIONS).values())


def same_bbr(text, values):
    speed, rtt, pacing, cwnd = [value or 0 for value in values]         # of a short structure the text tells zeros
    return (same_rate(text[0], text[1], speed * 8.0) and close(text[2], rtt / 1000)
            and close(text[4] or 0, pacing / 256) and close(text[6] or 0, cwnd / 256))


def send_rate(values):
    cwnd, mss, rtt, vegas, vegas_rtt = values
    rtt = vegas_rtt if vegas and vegas_rtt not in (0, 0x7fffffff) else rtt
    return cwnd * mss * 8000000.0 / rtt if cwnd and mss and rtt else None


def same_pacing(text, values):
    limit = values[1] if values[1] not in (None, 0, U64 - 1) else None
    return same_rate(text[0], text[1], values[0] * 8.0) and (text[2] is None) == (limit is None) and (
        limit is None or same_rate(text[3], text[4], limit * 8.0))


def limited(name):
    def agrees(text, values):
        busy, waited = values
        part = 100.0 * waited / busy
        return int(text[0]) == waited // 1000 and abs(float(text[1]) - part) <= 0.0501 + part * 1e-15
    return item(name + r'_limited:(\d+)ms\((\d+\.\d)%\)', 'info.busy_time_us info.%s_limited_us' % name, agrees,
                lambda values: not all(values))


def same_keys(text, values):
    """ADDRESS/LENGTH=KEY,...; of a key all but plain characters are octal."""
    told = []
    for entry in text[0].split(','):
        place, _, key = entry.partition('=')
        address, _, length = place.rpartition('/')
        key = re.sub(r'\\(\d{3})', lambda octal: chr(int(octal.group(1), 8)), key)
        told.append((address, int(length), key.encode('latin-1').hex()))
    return told == [(entry['address'], entry['prefix_length'], entry['key_hex']) for entry in values[0]]


def same_word(text, values):
    """A name, or the number of one that ss does not know."""
    word, number = values
    unknown = re.fullmatch(r'unknown\((\d+)\)', text[0])
    return word == 'unknown' and int(unknown.group(1)) == number if unknown else word == text[0]


def tls(word):
    path = 'ulp.tls.' + word
    return item(word + r': (unknown\(\d+\)|\S+)', '%s %s_number' % (path, path), same_word, (None,))


def flag(word, path):
    return item(word + '(?= |$)', path, lambda text, values: values[0] is True, (None,))


FLAGS = dict(zip('MmJjBbecv', ('mcap_rem', 'mcap_loc', 'join_rem', 'join_loc', 'bkup_rem', 'bkup_loc',
                               'fully_established', 'connected', 'mapvalid')))
TOKENS = 'ulp.mptcp.token_rem ulp.mptcp.id_rem ulp.mptcp.token_loc ulp.mptcp.id_loc'


def same_tokens(text, values):
    return [int(text[0], 16), int(text[1]), int(text[2], 16), int(text[3])] == values


def subflow(word, name):
    return count(word, 'ulp.mptcp.' + name, (None,))


SOCKOPTS = {'bind_addr_no_port': 'bind_address_no_port'}

ITEMS = [       # in ss's order
    item(r'timer:\((\w+),([\w.]*),(\d+)\)', 'timer.name timer.expires_ms timer.retrans', same_timer, (None,)),
    count('uid', 'uid'),
    count('ino', 'inode', ()),
    item('sk:([0-9a-f]+)', 'cookie', lambda text, values: text[0] == values[0], ()),
    hexadecimal('fwmark', 'mark', (None, 0)),
    item(r'cgroup:(\S+)', 'cgroup', lambda text, values: text[0] == values[0], (None,)),
    item(r'v6only:(\d+)', 'v6only family', lambda text, values: (text[0] != '0') == values[0],
         lambda values: values[0] is None or values[1] == 'inet'),
    item('([<-])-([->])', 'shutdown', same_shutdown, (None,)),
    hexadecimal('tos', 'tos'), hexadecimal('tclass', 'tclass'), hexadecimal('class_id', 'class_id'),
    item(r'cgroup:(\S+)', 'cgroup', lambda text, values: text[0] == values[0], (None,)),       # once more
    item(r'inet-sockopt: \(((?: \w+)*)\)', 'sockopt',
         lambda text, values: [SOCKOPTS.get(word, word) for word in text[0].split()] == values[0], (None,)),
    memory('skmem', MEMORY, lambda values: values[1] is None),
    memory('mem', OLD_MEMORY, lambda values: values[0] is None or values[-1] is not None),

    item('((?:ts|usec_ts|sack|ecn|ecnseen|fastopen)(?= |$)(?: (?:usec_ts|sack|ecn|ecnseen|fastopen)(?= |$))*)',
         'info.options', same_options, no_options),
    item('(?!send |pacing_rate |delivery_rate |app_limited|tcp-ulp-|zc_ro_tx|no_pad_rx)([^ :]+)(?= |$)', 'congestion',
         lambda text, values: text[0] == values[0][:15], (None, ''), beside=True),
    item(r'wscale:(\d+),(\d+)', 'info.options info.snd_wscale info.rcv_wscale',
         lambda text, values: 'wscale' in values[0] and [int(text[0]), int(text[1])] == values[1:],
         lambda values: 'wscale' not in (values[0] or ())),
    milliseconds('rto', 'info.rto_us', (None, 0, 3000000)),
    count('backoff', 'info.backoff'),
    item(r'rtt:([\d.e+]+)/([\d.e+]+)', 'info.rtt_us info.rttvar_us',
         lambda text, values: close(text[0], values[0] / 1000) and close(text[1], values[1] / 1000)),
    milliseconds('ato', 'info.ato_us'),
    signed('mss', 'info.snd_mss'), count('pmtu', 'info.pmtu'), signed('rcvmss', 'info.rcv_mss'),
    signed('advmss', 'info.advmss'), count('cwnd', 'info.snd_cwnd'),
    count('ssthresh', 'info.snd_ssthresh', lambda values: not 0 < (values[0] or 0) < 0xffff),
    count('bytes_sent', 'info.bytes_sent'), count('bytes_retrans', 'info.bytes_retrans'),
    count('bytes_acked', 'info.bytes_acked'), count('bytes_received', 'info.bytes_received'),
    count('segs_out', 'info.segs_out'), count('segs_in', 'info.segs_in'),
    count('data_segs_out', 'info.data_segs_out'), count('data_segs_in', 'info.data_segs_in'),
    item(r'dctcp:fallback_mode', 'dctcp.enabled', lambda text, values: values[0] == 0,
         lambda values: values[0] != 0, beside=True),
    item(r'dctcp:\(ce_state:(\d+),alpha:(\d+),ab_ecn:(\d+),ab_tot:(\d+)\)',
         'dctcp.enabled dctcp.ce_state dctcp.alpha dctcp.ab_ecn dctcp.ab_tot',
         lambda text, values: list(map(int, text)) == values[1:], beside=True),
    item(r'bbr:\(bw:%s,mrtt:([\d.e+]+)(,pacing_gain:([\d.e+]+))?(,cwnd_gain:([\d.e+]+))?\)' % BITS,
         'bbr.bw_bytes_per_s bbr.min_rtt_us bbr.pacing_gain bbr.cwnd_gain', same_bbr, (None,), beside=True),
    item('send ' + BITS, 'info.snd_cwnd info.snd_mss info.rtt_us vegas.enabled vegas.rtt_us',
         lambda text, values: same_rate(text[0], text[1], send_rate(values)), lambda values: not send_rate(values)),
    count('lastsnd', 'info.last_data_sent_ms'), count('lastrcv', 'info.last_data_recv_ms'),
    count('lastack', 'info.last_ack_recv_ms'),
    item('pacing_rate %s(/%s)?' % (BITS, BITS), 'info.pacing_rate_bytes_per_s info.max_pacing_rate_bytes_per_s',
         same_pacing, (None, 0, U64 - 1)),
    item('delivery_rate ' + BITS, 'info.delivery_rate_bytes_per_s',
         lambda text, values: same_rate(text[0], text[1], values[0] * 8.0)),
    count('delivered', 'info.delivered'), count('delivered_ce', 'info.delivered_ce'),
    item('app_limited', 'info.delivery_rate_app_limited', lambda text, values: values[0] is True),
    item(r'busy:(\d+)ms', 'info.busy_time_us', lambda text, values: int(text[0]) == values[0] // 1000),
    limited('rwnd'), limited('sndbuf'),
    count('unacked', 'info.unacked'),
    item(r'retrans:(\d+)/(\d+)', 'info.retrans info.total_retrans',
         lambda text, values: list(map(int, text)) == values, lambda values: not any(values)),
    count('lost', 'info.lost'),
    item(r'sacked:(\d+)', 'info.sacked state', lambda text, values: int(text[0]) == values[0],
         lambda values: not values[0] or values[1] == 'LISTEN'),
    count('dsack_dups', 'info.dsack_dups'), count('fackets', 'info.fackets'),
    signed('reordering', 'info.reordering', (None, 3)), signed('reord_seen', 'info.reord_seen'),
    milliseconds('rcv_rtt', 'info.rcv_rtt_us'), signed('rcv_space', 'info.rcv_space'),
    count('rcv_ssthresh', 'info.rcv_ssthresh'), count('notsent', 'info.notsent_bytes'),
    milliseconds('minrtt', 'info.min_rtt_us', (None, 0, U32 - 1)),
    count('rcv_ooopack', 'info.rcv_ooopack'), count('snd_wnd', 'info.snd_wnd'), count('rcv_wnd', 'info.rcv_wnd'),
    count('rehash', 'info.rehash'),
    item(r'md5keys:(\S*)', 'md5', same_keys, (None,)),

    item(r'tcp-ulp-(\S+)', 'ulp.name', lambda text, values: text[0] == values[0], (None,)),
    tls('version'),
    item(r'cipher: (aes-gcm-128|aes-gcm-256)', 'ulp.tls.cipher', lambda text, values: text[0] == values[0],
         lambda values: values[0] not in ('aes-gcm-128', 'aes-gcm-256')),
    tls('rxconf'), tls('txconf'), flag('zc_ro_tx', 'ulp.tls.zc_ro_tx'), flag('no_pad_rx', 'ulp.tls.rx_no_pad'),
    item(r'flags:(\w*)(?= |$)', 'ulp.mptcp.flags', lambda text, values: [FLAGS[letter] for letter in text[0]] == values[0],
         lambda values: not values[0]),
    item(r'token:([0-9a-f]{4,})\(id:(\d+)\)/([0-9a-f]{4,})\(id:(\d+)\)', TOKENS, same_tokens,
         lambda values: None in values),
    subflow('seq', 'map_seq'), subflow('sfseq', 'map_sfseq'), subflow('ssnoff', 'ssn_offset'),
    subflow('maplen', 'map_datalen'),
]

UNSHOWN = set('''
    timer.number ulp.tls.cipher_number ulp.tls.tx_max_payload_len ulp.mptcp.relwrite_seq vegas.rttcnt vegas.minrtt_us
    info.state info.ca_state info.retransmits info.probes info.fastopen_client_fail info.last_ack_sent_ms
    info.total_rto info.total_rto_recoveries info.total_rto_time_ms info.received_ce
    info.delivered_e1_bytes info.delivered_e0_bytes info.delivered_ce_bytes
    info.received_e1_bytes info.received_e0_bytes info.received_ce_bytes
    info.ecn_mode info.accecn_opt_seen info.accecn_fail_mode info.options2
    '''.split())
COLUMNS = set('''netid family state recv_q send_q accept_queue accept_backlog processes local.address local.port
    local.interface local.service
    peer.address peer.port peer.service'''.split())


# The comparison

def value(told, path):
    """The value at ``path``, None where there is none: but of an INFO what the kernel did not send counts as zero."""
    if path.startswith('info.') and 'info' in told:
        return told['info'].get(path[5:], [] if path == 'info.options' else 0)
    for key in path.split('.'):
        told = told.get(key) if told is not None else None
    return told


def leaves(told, path=''):
    for key, inner in told.items():
        if isinstance(inner, dict):
            yield from leaves(inner, path + key + '.')
        else:
            yield path + key


def compare(line, told):
    """The text of one socket beside its object; the items that were there."""
    row = ROW.fullmatch(line)
    assert row, line
    compare_columns(row, told)
    details, at, seen = ' ' + (row.group('details') or '').strip(' '), 0, set()
    for number, item in enumerate(ITEMS):
        values = [value(told, path) for path in item.paths]
        found = item.text.match(details, at)
        if found:
            assert item.agrees(found.groups(), values), (found.group(), item.paths, values)
            # Of an information without a byte, which JSON does not have, the text tells zeros.
            assert not item.beside or 'info' in told or ' reordering:0' in details, (found.group(), line)
            at = found.end()
            seen.add(number)
        else:
            assert item.hidden(values) or item.beside and 'info' not in told, (item.text, values, details[at:])
    assert details[at:].strip(' ') == '', 'text that JSON does not tell: %s' % details[at:]
    return seen


def compare_columns(row, told):
    assert row.group('netid', 'state') == (told['netid'], told['state'])
    queues = int(row.group('recv_q')), int(row.group('send_q'))
    assert queues == (told['recv_q'], told['send_q'])
    accepting = told.get('accept_queue'), told.get('accept_backlog')
    assert accepting == (None, None) or told['state'] == 'LISTEN' and accepting == queues
    for key, port in (('local', row.group(6)), ('peer', row.group(8))):
        end, (address, _, interface) = told[key], row.group(key).partition('%')
        assert interface == end.get('interface', '')
        if address == '*':
            assert (end['address'], told.get('v6only', False)) == ('::', False)
        else:
            assert address == ('[%s]' if told['family'] == 'inet6' else '%s') % end['address']
            assert address != '[::]' or told['v6only']
        assert port == (end.get('service') or str(end['port']) if end['port'] else '*')
    users = re.findall(r'\("(.*?)",pid=(\d+),fd=(\d+)\)', row.group('processes') or '')
    assert users == [(user['name'], str(user['pid']), str(user['fd'])) for user in told.get('processes', ())]
