"""What is attached to a TCP socket: MD5 keys, and an upper-layer protocol with its TLS or MPTCP state.

Both are attributes beside tcp_info: an array of keys, and a nest of attributes that the protocol itself filled
(fixtures/behaviour/sockets.md, 1.3 and 4.1).
"""

import sys

from ..fields import FLAG, LIST, NUMBER, WORD, WORDS, Fact, Text
from ..kernel.abi import sizeof
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import mptcp, tcp, tls
from ..kernel.abi.sock_diag import AF_INET6
from ..kernel.columns import payload
from ..kernel.messages import nested
from . import common
from .addresses import bare, numeric

REVEAL = ('info',)
BARE = frozenset(range(0x20, 0x7f)) - frozenset(b' ,\\')       # bytes of a key that are shown as they are

TLS_VERSIONS = {tls.TLS_1_2_VERSION: '1.2', tls.TLS_1_3_VERSION: '1.3'}
TLS_CIPHERS = {tls.TLS_CIPHER_AES_GCM_128: 'aes-gcm-128', tls.TLS_CIPHER_AES_GCM_256: 'aes-gcm-256'}
TLS_UNSHOWN_CIPHERS = {                                         # ss prints nothing for these
    tls.TLS_CIPHER_AES_CCM_128: 'aes-ccm-128', tls.TLS_CIPHER_CHACHA20_POLY1305: 'chacha20-poly1305',
    tls.TLS_CIPHER_SM4_GCM: 'sm4-gcm', tls.TLS_CIPHER_SM4_CCM: 'sm4-ccm',
    tls.TLS_CIPHER_ARIA_GCM_128: 'aria-gcm-128', tls.TLS_CIPHER_ARIA_GCM_256: 'aria-gcm-256'}
TLS_CONFIGS = {tls.TLS_CONF_BASE: 'none', tls.TLS_CONF_SW: 'sw', tls.TLS_CONF_HW: 'hw',
               tls.TLS_CONF_HW_RECORD: 'hw-record'}

SUBFLOW_FLAGS = (
    (mptcp.MPTCP_SUBFLOW_FLAG_MCAP_REM, 'mcap_rem'), (mptcp.MPTCP_SUBFLOW_FLAG_MCAP_LOC, 'mcap_loc'),
    (mptcp.MPTCP_SUBFLOW_FLAG_JOIN_REM, 'join_rem'), (mptcp.MPTCP_SUBFLOW_FLAG_JOIN_LOC, 'join_loc'),
    (mptcp.MPTCP_SUBFLOW_FLAG_BKUP_REM, 'bkup_rem'), (mptcp.MPTCP_SUBFLOW_FLAG_BKUP_LOC, 'bkup_loc'),
    (mptcp.MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED, 'fully_established'),
    (mptcp.MPTCP_SUBFLOW_FLAG_CONNECTED, 'connected'), (mptcp.MPTCP_SUBFLOW_FLAG_MAPVALID, 'mapvalid'))
SUBFLOW_LETTERS = dict(zip([name for _, name in SUBFLOW_FLAGS], 'MmJjBbecv'))       # as ss abbreviates them

SUBFLOW_NUMBERS = (     # attribute, its key, what it is
    (mptcp.MPTCP_SUBFLOW_ATTR_TOKEN_REM, 'token_rem', 'token of the peer\'s connection'),
    (mptcp.MPTCP_SUBFLOW_ATTR_TOKEN_LOC, 'token_loc', 'token of the own connection'),
    (mptcp.MPTCP_SUBFLOW_ATTR_ID_REM, 'id_rem', 'id of the peer\'s address'),
    (mptcp.MPTCP_SUBFLOW_ATTR_ID_LOC, 'id_loc', 'id of the own address'),
    (mptcp.MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ, 'relwrite_seq', 'where the subflow began to write, relative'),
    (mptcp.MPTCP_SUBFLOW_ATTR_MAP_SEQ, 'map_seq', 'sequence number of the current mapping, of the connection'),
    (mptcp.MPTCP_SUBFLOW_ATTR_MAP_SFSEQ, 'map_sfseq', 'sequence number of the current mapping, of the subflow'),
    (mptcp.MPTCP_SUBFLOW_ATTR_SSN_OFFSET, 'ssn_offset', 'offset of the subflow\'s sequence numbers'),
    (mptcp.MPTCP_SUBFLOW_ATTR_MAP_DATALEN, 'map_datalen', 'length of the current mapping'))
SUBFLOW_WORDS = {'map_seq': 'seq', 'map_sfseq': 'sfseq', 'ssn_offset': 'ssnoff', 'map_datalen': 'maplen'}

ULP_INFO = payload(abi.INET_DIAG_ULP_INFO, 'ulp', form={
    abi.INET_ULP_INFO_NAME: None, abi.INET_ULP_INFO_TLS: {}, abi.INET_ULP_INFO_MPTCP: {}})


# MD5 keys

def md5_keys(data):
    """The entries of a payload: (address bytes, prefix length, key), the last continued with zeros."""
    size = sizeof(tcp.tcp_diag_md5sig)
    for start in range(0, len(data), size):
        entry = tcp.tcp_diag_md5sig.from_buffer_copy(data[start:start + size].ljust(size, b'\0'))
        length = 16 if entry.tcpm_family == AF_INET6 else 4
        key = bytes(entry.tcpm_key)[:entry.tcpm_keylen]
        yield bytes(entry.tcpm_addr)[:length], entry.tcpm_prefixlen, key


def key_text(key):
    return ''.join([chr(byte) if byte in BARE else '\\%03o' % byte for byte in key])


def md5_text(address, data):
    return ' md5keys:' + ','.join(['%s/%d=%s' % (address(raw), prefix, key_text(key)) for raw, prefix, key in md5_keys(data)])


def md5_list(data):
    return [{'address': numeric(address), 'prefix_length': prefix, 'key': key.decode('latin-1'), 'key_hex': key.hex()}
            for address, prefix, key in md5_keys(data)]


# An upper-layer protocol: attributes inside one another

def inside(data, *path):
    """The bytes of the attribute at a path of nested attributes; None if it is not there."""
    for number in path:
        if data is not None:
            data = nested(data).get(number)
    return data


def number(value):
    """An unsigned integer; u16 where ss reads 4 bytes is continued with zeros, as its padding is."""
    return int.from_bytes(value if len(value) in (1, 8) else value[:4].ljust(4, b'\0'), sys.byteorder)


def short(value):
    return int.from_bytes(value[:2].ljust(2, b'\0'), sys.byteorder)


def exactly(value):
    return int.from_bytes(value, sys.byteorder)


def ulp(name, kind, path, value, help):
    """A Fact of the attribute at ``path``: ``value`` of its bytes."""
    def told(data):
        found = inside(data, *path)
        return None if found is None else value(found)
    return Fact('ulp.' + name, ULP_INFO, kind, told, reveal=REVEAL, help=help)


def word(name, attribute, names, help):
    """The Facts of a number of TLS that stands for a word: the word, and the number where it has none."""
    path = abi.INET_ULP_INFO_TLS, attribute
    return [ulp(name, WORD, path, lambda value: names.get(short(value), common.UNKNOWN), help),
            ulp(name + '_number', NUMBER, path, lambda value: None if short(value) in names else short(value),
                'the number of it, where it has no name')]


def set_in(flags):
    return lambda value: [name for bit, name in flags if number(value) & bit]


TLS, MPTCP = abi.INET_ULP_INFO_TLS, abi.INET_ULP_INFO_MPTCP
MD5 = Fact('md5', payload(abi.INET_DIAG_MD5SIG, 'tcp_diag_md5sig', form=(tcp.tcp_diag_md5sig, sizeof(tcp.tcp_diag_md5sig))),
           LIST, md5_list, reveal=REVEAL, certain=True,
           help='MD5 keys, by address')
FACTS = [MD5, ulp('name', WORD, (abi.INET_ULP_INFO_NAME,), common.string, 'name of the upper-layer protocol')]
FACTS += word('tls.version', tls.TLS_INFO_VERSION, TLS_VERSIONS, 'version of TLS')
FACTS += word('tls.cipher', tls.TLS_INFO_CIPHER, {**TLS_CIPHERS, **TLS_UNSHOWN_CIPHERS}, 'cipher of TLS')
FACTS += word('tls.rxconf', tls.TLS_INFO_RXCONF, TLS_CONFIGS, 'who decrypts what is received')
FACTS += word('tls.txconf', tls.TLS_INFO_TXCONF, TLS_CONFIGS, 'who encrypts what is sent')
FACTS += [
    ulp('tls.zc_ro_tx', FLAG, (TLS, tls.TLS_INFO_ZC_RO_TX), lambda value: True, 'whether sendfile(2) copies nothing'),
    ulp('tls.rx_no_pad', FLAG, (TLS, tls.TLS_INFO_RX_NO_PAD), lambda value: True, 'whether no padding is expected'),
    ulp('tls.tx_max_payload_len', NUMBER, (TLS, tls.TLS_INFO_TX_MAX_PAYLOAD_LEN), short, 'largest record that is sent'),
    ulp('mptcp.flags', WORDS, (MPTCP, mptcp.MPTCP_SUBFLOW_ATTR_FLAGS), set_in(SUBFLOW_FLAGS), 'flags of an MPTCP subflow')]
FACTS += [ulp('mptcp.' + key, NUMBER, (MPTCP, attribute), exactly, help) for attribute, key, help in SUBFLOW_NUMBERS]


# Text

def tls_text(data):
    """Version, cipher and the configurations of the two directions, as far as they are there."""
    info, text = nested(data), ''
    if tls.TLS_INFO_VERSION in info:
        version = short(info[tls.TLS_INFO_VERSION])
        text += ' version: ' + TLS_VERSIONS.get(version, 'unknown(%d)' % version)
    cipher = TLS_CIPHERS.get(short(info.get(tls.TLS_INFO_CIPHER, b'')))
    if cipher:
        text += ' cipher: ' + cipher
    for attribute, word in ((tls.TLS_INFO_RXCONF, 'rxconf'), (tls.TLS_INFO_TXCONF, 'txconf')):
        if attribute in info:
            config = short(info[attribute])
            text += ' %s: %s' % (word, TLS_CONFIGS.get(config, 'unknown(%d)' % config))
    for attribute, word in ((tls.TLS_INFO_ZC_RO_TX, ' zc_ro_tx'), (tls.TLS_INFO_RX_NO_PAD, ' no_pad_rx')):
        if attribute in info:
            text += word
    return text


def subflow_text(data):
    """An MPTCP subflow: flags, tokens with address ids, and the current mapping."""
    info = nested(data)
    numbers = {key: number(info[attribute]) for attribute, key, _ in SUBFLOW_NUMBERS if attribute in info}
    flags = set_in(SUBFLOW_FLAGS)(info.get(mptcp.MPTCP_SUBFLOW_ATTR_FLAGS, b'\0'))
    text = ''
    if number(info.get(mptcp.MPTCP_SUBFLOW_ATTR_FLAGS, b'\0')):
        text += ' flags:' + ''.join([SUBFLOW_LETTERS[name] for name in flags])
    if not {'token_rem', 'token_loc', 'id_rem', 'id_loc'}.difference(numbers):
        text += ' token:%(token_rem)04x(id:%(id_rem)d)/%(token_loc)04x(id:%(id_loc)d)' % numbers
    return text + ''.join([' %s:%d' % (SUBFLOW_WORDS[key], numbers[key]) for key in SUBFLOW_WORDS if key in numbers])


def ulp_text(name, data):
    info = nested(data)
    text = ' tcp-ulp-' + name if name is not None else ''
    if TLS in info:
        text += tls_text(info[TLS])
    if MPTCP in info:
        text += subflow_text(info[MPTCP])
    return text


# Of both, ss's text tells what the facts do not: how a key is written, which number is unknown.
RAW_MD5 = Fact('md5', MD5.alternatives, LIST, bytes, reveal=REVEAL)
RAW_ULP = Fact('ulp', ULP_INFO, LIST, bytes, reveal=REVEAL)

LINE = [Text(md5_text, RAW_MD5, using=bare), Text(ulp_text, FACTS[1], RAW_ULP)]


def line(table):
    return LINE
