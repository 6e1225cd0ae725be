"""MD5 keys and upper-layer protocols (sockets.md 4.1)."""
import socket
import struct

import pytest

from ssng.host import Host
from ssng.kernel.abi import tcp
from tests.support.rendered import details, objects
from tests.support.wire import NESTED, attribute, inet

MD5SIG, ULP_INFO = 18, 19
VERSION, CIPHER, TXCONF, RXCONF, ZC_RO_TX, RX_NO_PAD, TX_MAX = 1, 2, 3, 4, 5, 6, 7


def key(address, prefix, raw):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    entry = tcp.tcp_diag_md5sig(tcpm_family=10 if ':' in address else 2, tcpm_prefixlen=prefix, tcpm_keylen=len(raw))
    made = bytearray(bytes(entry))
    made[4:4 + len(packed)] = packed
    made[20:20 + len(raw)] = raw
    assert len(made) == 100
    return bytes(made)


def shown(number, value, **options):
    made, = details([inet(state=10, attributes=[(number, value)])], **dict({'info': True}, **options))
    assert made.startswith('\n\t')
    return made[2:]


def told(number, value):
    return objects([inet(state=10, attributes=[(number, value)])], info=True)[0]


MD5 = [
    ([('10.8.0.0', 16, b'k'), ('10.9.0.9', 32, b'se cret,1\\\a')], '10.8.0.0/16=k,10.9.0.9/32=se\\040cret\\0541\\134\\007'),
    ([('2001:db8::5', 128, b'six')], '2001:db8::5/128=six'),
    ([('1.2.3.4', 32, b'a b,c\\d\x01\xff~\x7f"')], '1.2.3.4/32=a\\040b\\054c\\134d\\001\\377~\\177"'),
    ([('0.0.0.0', 0, b'')], '0.0.0.0/0='), ([('1.2.3.4', 32, b'x' * 80)], '1.2.3.4/32=' + 'x' * 80),
    ([('::ffff:1.2.3.4', 96, b'\0')], '::ffff:1.2.3.4/96=\\000'),
]


@pytest.mark.parametrize('keys, text', MD5)
def test_md5(keys, text):
    """The texts of live sockets and the worked key of sockets.md 4.1, without INFO."""
    payload = b''.join(key(*one) for one in keys)
    assert shown(MD5SIG, payload) == ' md5keys:' + text
    assert [(one['address'], one['prefix_length'], bytes.fromhex(one['key_hex'])) for one in told(MD5SIG, payload)['md5']] == keys
    for one, (_, _, raw) in zip(told(MD5SIG, payload)['md5'], keys):
        assert one['key'] == raw.decode('utf-8', 'replace')


@pytest.mark.parametrize('options, shown, there', [
    ({'memory': True}, True, False), ({'info': True}, True, True), ({'extended': True, 'options': True}, False, False),
    ({'memory': True, 'needed': frozenset(('info',))}, False, False)])
def test_what_reveals_them(options, shown, there):
    """-m too in the text, as ss does of a recording; not where they came because something else was asked for."""
    row = inet(state=10, attributes=[(MD5SIG, key('1.2.3.4', 32, b'k')), (ULP_INFO, ulp(b'tls'))])
    assert (' md5keys:1.2.3.4/32=k tcp-ulp-tls' in details([row], **options)[0]) == shown
    found, = objects([row], **options)
    assert ('md5' in found, 'ulp' in found) == (there, there)


def test_a_name_that_steers_a_terminal():
    """That of a protocol is made by whoever loads its module."""
    payload = ulp(b'a\x1b\xff')
    assert shown(ULP_INFO, payload) == ' tcp-ulp-a\x1b\xff'
    assert shown(ULP_INFO, payload, escape=True) == ' tcp-ulp-a\\x1b\\xff'
    assert told(ULP_INFO, payload)['ulp']['name'] == 'a\x1b\ufffd'


def test_md5_every_byte():
    """Printable ASCII but for blank, comma and backslash stands as it is."""
    for byte in range(256):
        text = shown(MD5SIG, key('1.2.3.4', 32, bytes([byte])))[len(' md5keys:1.2.3.4/32='):]
        assert text == (chr(byte) if 0x20 < byte < 0x7f and byte not in b',\\' else '\\%03o' % byte)


@pytest.mark.parametrize('size', [1, 4, 20, 25, 99, 100, 101, 150, 199, 200])
def test_md5_cut_short(size):
    """As many entries as begin; a lying key length reads no other's bytes."""
    payload = (key('1.2.3.4', 32, b'a' * 80) + key('5.6.7.8', 24, b'b'))[:size]
    assert len(told(MD5SIG, payload)['md5']) == -(-size // 100)
    assert shown(MD5SIG, payload).count('/') == -(-size // 100)
    lying = bytearray(key('1.2.3.4', 32, b'a'))
    lying[2:4] = b'\xff\xff'
    assert len(bytes.fromhex(told(MD5SIG, bytes(lying))['md5'][0]['key_hex'])) == 80


class Names:
    def host(self, address):
        return 'peer\x1b.example' if address == bytes([1, 2, 3, 4]) else ''


def test_md5_resolve():
    host = Host()
    host.names = Names()
    payload = key('1.2.3.4', 32, b'k') + key('2001:db8::5', 128, b'k')
    assert shown(MD5SIG, payload, resolve=True, host=host) == ' md5keys:peer\x1b.example/32=k,2001:db8::5/128=k'
    assert shown(MD5SIG, payload, resolve=True, host=host, escape=True) == ' md5keys:peer\\x1b.example/32=k,2001:db8::5/128=k'


def ulp(name, **children):
    """INET_DIAG_ULP_INFO with a name and the nested list that belongs to it."""
    made = b'' if name is None else attribute(1, name + b'\0')
    for word, number in (('tls', 2), ('mptcp', 3)):
        if word in children:
            made += attribute(number | NESTED, b''.join(attribute(*child) for child in children[word]))
    return made


def u16(value):
    return struct.pack('=H', value)


def u32(value):
    return struct.pack('=I', value)


TLS = [
    ([(VERSION, u16(0x303)), (CIPHER, u16(51)), (TXCONF, u16(2)), (RXCONF, u16(2))],
     ' version: 1.2 cipher: aes-gcm-128 rxconf: sw txconf: sw'),
    ([(VERSION, u16(0x304)), (CIPHER, u16(51)), (TXCONF, u16(2)), (RXCONF, u16(1))],
     ' version: 1.3 cipher: aes-gcm-128 rxconf: none txconf: sw'),
    ([(TXCONF, u16(1)), (RXCONF, u16(1))], ' rxconf: none txconf: none'),
    ([(VERSION, u16(0x302)), (CIPHER, u16(52)), (TXCONF, u16(3)), (RXCONF, u16(4)), (ZC_RO_TX, b''), (RX_NO_PAD, b'')],
     ' version: unknown(770) cipher: aes-gcm-256 rxconf: hw-record txconf: hw zc_ro_tx no_pad_rx'),
    ([(CIPHER, u16(54))], ''), ([(CIPHER, u16(99))], ''), ([(TX_MAX, u16(100))], ''),
    ([(TXCONF, u16(0)), (RXCONF, u16(65535))], ' rxconf: unknown(65535) txconf: unknown(0)'), ([], ''),
]


@pytest.mark.parametrize('children, text', TLS, ids=range(len(TLS)))
def test_tls(children, text):
    assert shown(ULP_INFO, ulp(b'tls', tls=children)) == ' tcp-ulp-tls' + text
    assert shown(ULP_INFO | NESTED, ulp(b'tls', tls=children)) == ' tcp-ulp-tls' + text
    assert told(ULP_INFO, ulp(b'tls', tls=children))['ulp']['name'] == 'tls'


@pytest.mark.parametrize('number, name', [
    (51, 'aes-gcm-128'), (52, 'aes-gcm-256'), (53, 'aes-ccm-128'), (54, 'chacha20-poly1305'), (58, 'aria-gcm-256')])
def test_tls_json(number, name):
    """JSON names what the text never shows."""
    found = told(ULP_INFO, ulp(b'tls', tls=[(VERSION, u16(0x304)), (CIPHER, u16(number)), (TXCONF, u16(2)), (RXCONF, u16(1)),
                                            (ZC_RO_TX, b''), (TX_MAX, u16(1000))]))
    assert found['ulp']['tls'] == {'version': '1.3', 'cipher': name, 'txconf': 'sw', 'rxconf': 'none', 'zc_ro_tx': True,
                                   'tx_max_payload_len': 1000}


def test_tls_json_unknown():
    """A string never becomes a number: it stands beside (design, "JSON")."""
    found = told(ULP_INFO, ulp(b'tls', tls=[(VERSION, u16(0x305)), (CIPHER, u16(99)), (TXCONF, u16(9))]))['ulp']['tls']
    assert found == {'version': 'unknown', 'version_number': 0x305, 'cipher': 'unknown', 'cipher_number': 99,
                     'txconf': 'unknown', 'txconf_number': 9}


TOKENS = [(1, u32(0)), (2, u32(0xd4a8414c)), (9, b'\0'), (10, b'\7')]
SUBFLOWS = [
    (TOKENS[:3] + [(10, b'\0'), (8, u32(0xc1)), (4, struct.pack('=Q', 2206067149619589993)), (5, u32(1)),
                   (6, u32(263480329)), (7, u16(5))],
     ' flags:Mec token:0000(id:0)/d4a8414c(id:0) seq:2206067149619589993 sfseq:1 ssnoff:263480329 maplen:5'),
    (TOKENS + [(8, u32(0x1ff))], ' flags:MmJjBbecv token:0000(id:0)/d4a8414c(id:7)'),
    (TOKENS[:3], ''), (TOKENS[1:], ''), (TOKENS[:2] + TOKENS[3:], ''),
    ([(8, u32(0x200))], ' flags:'), ([(8, u32(0))], ''),
    ([(4, bytes(8)), (5, bytes(4)), (6, bytes(4)), (7, bytes(2))], ' seq:0 sfseq:0 ssnoff:0 maplen:0'),
    ([(3, u32(5))], ''), ([], ''),
]


@pytest.mark.parametrize('children, text', SUBFLOWS, ids=range(len(SUBFLOWS)))
def test_subflows(children, text):
    assert shown(ULP_INFO, ulp(b'mptcp', mptcp=children)) == ' tcp-ulp-mptcp' + text


def test_subflow_json():
    found = told(ULP_INFO, ulp(b'mptcp', mptcp=TOKENS + [(3, u32(3)), (4, struct.pack('=Q', 1 << 63)), (5, u32(5)), (6, u32(6)),
                                                         (7, u16(7)), (8, u32(0x105))]))['ulp']
    assert found == {'name': 'mptcp', 'mptcp': {
        'flags': ['mcap_rem', 'join_rem', 'mapvalid'], 'token_rem': 0, 'token_loc': 0xd4a8414c, 'id_rem': 0, 'id_loc': 7,
        'relwrite_seq': 3, 'map_seq': 1 << 63, 'map_sfseq': 5, 'ssn_offset': 6, 'map_datalen': 7}}


@pytest.mark.parametrize('value, text', [
    (ulp(b'espintcp'), ' tcp-ulp-espintcp'), (ulp(None, tls=[(TXCONF, u16(1))]), ' txconf: none'), (b'', ''), (b'\1', ''),
    (attribute(1, b'tls\0') + attribute(1, b'x\0'), ' tcp-ulp-tls'), (attribute(1 | 0x4000, b'tls\0'), '')])
def test_ulp(value, text):
    """Without a name; the first of two; a byte-order flag makes it another attribute (sockets.md 1.1)."""
    assert shown(ULP_INFO, value) == text
