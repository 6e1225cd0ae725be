"""What is attached to a TCP socket: MD5 keys, and an upper-layer protocol with its TLS or MPTCP state.

fixtures/behaviour/sockets.md, 1.3 and 4.1.
"""

import sys
from ctypes import sizeof

from ..fields import ByShow, Fact
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import mptcp, tcp, tls
from ..kernel.abi.sock_diag import AF_INET6
from ..kernel.columns import payload
from ..kernel.messages import nested
from . import common
from .addresses import numeric, resolved

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
    (mptcp.MPTCP_SUBFLOW_FLAG_MCAP_REM, 'M', 'mcap_rem'), (mptcp.MPTCP_SUBFLOW_FLAG_MCAP_LOC, 'm', 'mcap_loc'),
    (mptcp.MPTCP_SUBFLOW_FLAG_JOIN_REM, 'J', 'join_rem'), (mptcp.MPTCP_SUBFLOW_FLAG_JOIN_LOC, 'j', 'join_loc'),
    (mptcp.MPTCP_SUBFLOW_FLAG_BKUP_REM, 'B', 'bkup_rem'), (mptcp.MPTCP_SUBFLOW_FLAG_BKUP_LOC, 'b', 'bkup_loc'),
    (mptcp.MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED, 'e', 'fully_established'),
    (mptcp.MPTCP_SUBFLOW_FLAG_CONNECTED, 'c', 'connected'), (mptcp.MPTCP_SUBFLOW_FLAG_MAPVALID, 'v', 'mapvalid'))

# Numbers of a subflow: attribute, its word in text (None: part of the token), its JSON key.
SUBFLOW_NUMBERS = (
    (mptcp.MPTCP_SUBFLOW_ATTR_TOKEN_REM, None, 'token_rem'), (mptcp.MPTCP_SUBFLOW_ATTR_TOKEN_LOC, None, 'token_loc'),
    (mptcp.MPTCP_SUBFLOW_ATTR_ID_REM, None, 'id_rem'), (mptcp.MPTCP_SUBFLOW_ATTR_ID_LOC, None, 'id_loc'),
    (mptcp.MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ, None, 'relwrite_seq'),
    (mptcp.MPTCP_SUBFLOW_ATTR_MAP_SEQ, 'seq', 'map_seq'), (mptcp.MPTCP_SUBFLOW_ATTR_MAP_SFSEQ, 'sfseq', 'map_sfseq'),
    (mptcp.MPTCP_SUBFLOW_ATTR_SSN_OFFSET, 'ssnoff', 'ssn_offset'),
    (mptcp.MPTCP_SUBFLOW_ATTR_MAP_DATALEN, 'maplen', 'map_datalen'))


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


def md5_text(show):
    def text(data):
        entries = []
        for address, prefix, key in md5_keys(data):
            name = resolved(address, True).strip('[]') if show.resolve else numeric(address)
            entries.append('%s/%d=%s' % (name, prefix, key_text(key)))
        return ' md5keys:' + ','.join(entries)
    return text


def md5_json(data):
    return '[%s]' % ','.join([
        '{"address":"%s","prefix_length":%d,"key":%s,"key_hex":"%s"}' % (
            numeric(address), prefix, common.quoted(key.decode('latin-1')), key.hex())
        for address, prefix, key in md5_keys(data)])


def number(value):
    """An unsigned integer; u16 where ss reads 4 bytes is continued with zeros, as its padding is."""
    return int.from_bytes(value if len(value) in (1, 8) else value[:4].ljust(4, b'\0'), sys.byteorder)


def short(value):
    return int.from_bytes(value[:2].ljust(2, b'\0'), sys.byteorder)


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
    info = {number_: number(value) for number_, value in nested(data).items()}
    text = ''
    flags = info.get(mptcp.MPTCP_SUBFLOW_ATTR_FLAGS, 0)
    if flags:
        text += ' flags:' + ''.join([letter for bit, letter, _ in SUBFLOW_FLAGS if flags & bit])
    tokens = [info.get(attribute) for attribute, _, _ in SUBFLOW_NUMBERS[:4]]
    if None not in tokens:
        text += ' token:%04x(id:%d)/%04x(id:%d)' % (tokens[0], tokens[2], tokens[1], tokens[3])
    return text + ''.join([' %s:%d' % (word, info[attribute])
                           for attribute, word, _ in SUBFLOW_NUMBERS if word and attribute in info])


def ulp_text(data):
    info, text = nested(data), ''
    if abi.INET_ULP_INFO_NAME in info:
        text = ' tcp-ulp-' + common.string(info[abi.INET_ULP_INFO_NAME])
    if abi.INET_ULP_INFO_TLS in info:
        text += tls_text(info[abi.INET_ULP_INFO_TLS])
    if abi.INET_ULP_INFO_MPTCP in info:
        text += subflow_text(info[abi.INET_ULP_INFO_MPTCP])
    return text


def word_json(key, value, *names):
    """A name as a JSON pair; a number that has none stands beside "unknown", never in its place."""
    for known in names:
        if value in known:
            return '"%s":"%s"' % (key, known[value])
    return '"%s":"unknown","%s_number":%d' % (key, key, value)


def tls_json(data):
    info, pairs = nested(data), []
    for attribute, key, names in (
            (tls.TLS_INFO_VERSION, 'version', (TLS_VERSIONS,)),
            (tls.TLS_INFO_CIPHER, 'cipher', (TLS_CIPHERS, TLS_UNSHOWN_CIPHERS)),
            (tls.TLS_INFO_RXCONF, 'rxconf', (TLS_CONFIGS,)), (tls.TLS_INFO_TXCONF, 'txconf', (TLS_CONFIGS,))):
        if attribute in info:
            pairs.append(word_json(key, short(info[attribute]), *names))
    for attribute, key in ((tls.TLS_INFO_ZC_RO_TX, 'zc_ro_tx'), (tls.TLS_INFO_RX_NO_PAD, 'rx_no_pad')):
        if attribute in info:
            pairs.append('"%s":true' % key)
    if tls.TLS_INFO_TX_MAX_PAYLOAD_LEN in info:
        pairs.append('"tx_max_payload_len":%d' % short(info[tls.TLS_INFO_TX_MAX_PAYLOAD_LEN]))
    return '{%s}' % ','.join(pairs)


def subflow_json(data):
    info, pairs = nested(data), []
    if mptcp.MPTCP_SUBFLOW_ATTR_FLAGS in info:
        flags = number(info[mptcp.MPTCP_SUBFLOW_ATTR_FLAGS])
        names = ['"%s"' % name for bit, _, name in SUBFLOW_FLAGS if flags & bit]
        pairs.append('"flags":[%s]' % ','.join(names))
    for attribute, _, key in SUBFLOW_NUMBERS:
        if attribute in info:
            pairs.append('"%s":%d' % (key, int.from_bytes(info[attribute], sys.byteorder)))
    return '{%s}' % ','.join(pairs)


def ulp_json(data):
    info, pairs = nested(data), []
    if abi.INET_ULP_INFO_NAME in info:
        pairs.append('"name":' + common.quoted(common.string(info[abi.INET_ULP_INFO_NAME])))
    if abi.INET_ULP_INFO_TLS in info:
        pairs.append('"tls":' + tls_json(info[abi.INET_ULP_INFO_TLS]))
    if abi.INET_ULP_INFO_MPTCP in info:
        pairs.append('"mptcp":' + subflow_json(info[abi.INET_ULP_INFO_MPTCP]))
    return '{%s}' % ','.join(pairs)


MD5 = Fact('md5', payload(abi.INET_DIAG_MD5SIG, 'tcp_diag_md5sig'), ByShow(md5_text), json=md5_json)
ULP = Fact('ulp', payload(abi.INET_DIAG_ULP_INFO, 'ulp'), ulp_text, json=ulp_json)
