"""Tables, families, states: the rows of fixtures/behaviour/command-line.md, 1.3, 1.4 and 2."""
import pytest

from ssng import errors
from ssng import query as module
from ssng.cli.options import read
from ssng.errors import Failure, Notice
from ssng.kernel.abi.sock_diag import (
    AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_TIPC, AF_UNIX, AF_UNSPEC, AF_VSOCK, AF_XDP)

INET = {AF_INET, AF_INET6}
INET_TABLES = {'tcp', 'mptcp', 'udp', 'raw', 'sctp'}
UNIX_TABLES = {'unix_stream', 'unix_dgram', 'unix_seqpacket'}
PACKET_TABLES = {'packet_raw', 'packet_dgram'}
VSOCK_TABLES = {'vsock_stream', 'vsock_dgram'}
EVERY_TABLE = INET_TABLES | UNIX_TABLES | PACKET_TABLES | VSOCK_TABLES | {'netlink', 'xdp'}
EVERY_FAMILY = INET | {AF_UNIX, AF_PACKET, AF_NETLINK, AF_VSOCK, AF_XDP}


def asked(words):
    """(Selection, the operands that are left) of a command line that touches no host."""
    draft, operands, end = read(words.split() if isinstance(words, str) else words)
    if end:
        raise end
    assert not draft.steps
    query, operands = draft.settle(operands)
    return query.selection, operands


@pytest.mark.parametrize('words, tables, families, states', [
    ('', EVERY_TABLE, EVERY_FAMILY, 0x3b37),
    ('-a', EVERY_TABLE, EVERY_FAMILY, 0x3fff),
    ('-l', EVERY_TABLE, EVERY_FAMILY, 0x480),
    ('-B', EVERY_TABLE, EVERY_FAMILY, 0x2000),
    ('-al', EVERY_TABLE, EVERY_FAMILY, 0x480),
    ('-la', EVERY_TABLE, EVERY_FAMILY, 0x3fff),
    ('-lB', EVERY_TABLE, EVERY_FAMILY, 0x2000),
    ('-t', {'tcp'}, INET, 0x3b37),
    ('-M', {'mptcp'}, INET, 0x3b37),
    ('-S', {'sctp'}, INET, 0x3b37),
    ('-u', {'udp'}, INET, 0x2),
    ('-w', {'raw'}, INET, 0x2),
    ('-tu', {'tcp', 'udp'}, INET, 0x3b37),
    ('-x', UNIX_TABLES, {AF_UNIX}, 0x3b37),
    ('-4', INET_TABLES, {AF_INET}, 0x3b37),
    ('-6', INET_TABLES, {AF_INET6}, 0x3b37),
    ('-6 -x', INET_TABLES | UNIX_TABLES, {AF_INET6, AF_UNIX}, 0x3b37),
    ('-x -6', INET_TABLES | UNIX_TABLES, {AF_INET6, AF_UNIX}, 0x3b37),
    ('-t -0', {'tcp'} | PACKET_TABLES, INET | {AF_PACKET}, 0x3bb7),
    ('-f netlink -t', {'tcp', 'netlink'}, INET | {AF_NETLINK}, 0x3bb7),
    ('-t -x', {'tcp'} | UNIX_TABLES, INET | {AF_UNIX}, 0x3b37),
    ('-A unix -4', INET_TABLES | UNIX_TABLES, {AF_INET, AF_UNIX}, 0x3b37),
    ('-A tcp -x', {'tcp'} | UNIX_TABLES, INET | {AF_UNIX}, 0x3b37),
    ('-A udp', {'udp'}, INET, 0x3b37),
    ('-A udp -a', {'udp'}, INET, 0x3fff),
    ('-a -A udp', {'udp'}, INET, 0x3fff),
    ('-A netlink', {'netlink'}, {AF_NETLINK}, 0x3b37),
    ('-A p_raw', {'packet_raw'}, {AF_PACKET}, 0x3b37),
    ('-t -A udp', {'udp'}, INET, 0x3b37),
    ('-A udp -t', {'udp', 'tcp'}, INET, 0x3b37),
    ('-A !tcp -t', {'tcp'}, INET, 0x3b37),
    ('-A !tcp -4', INET_TABLES, {AF_INET}, 0x3b37),
    ('-A inet,!tcp -A !udp,u_str', {'mptcp', 'raw', 'sctp', 'unix_stream'}, INET | {AF_UNIX}, 0x3b37),
    ('--tipc', {'tipc'}, {AF_TIPC}, 0x482),
    ('-A tipc -l', {'tipc'}, {AF_TIPC}, 0x480),
    ('--vsock', VSOCK_TABLES, {AF_VSOCK}, 0x3b37),
    ('--xdp', {'xdp'}, {AF_XDP}, 0x80),
    ('-0', PACKET_TABLES, {AF_PACKET}, 0x80),
    ('-f netlink', {'netlink'}, {AF_NETLINK}, 0x80),
    ('-f link', PACKET_TABLES, {AF_PACKET}, 0x80),
    # differs from ss: both families are shown
    ('-4 -6', INET_TABLES, INET, 0x3b37),
    ('-6 -4 -t', {'tcp'}, INET, 0x3b37),
    # ssng's own: dccp, in no set but by its name
    ('-d', {'dccp'}, INET, 0x3b37),
    ('-d -4', {'dccp'}, {AF_INET}, 0x3b37),
    ('-A dccp -x', {'dccp'} | UNIX_TABLES, INET | {AF_UNIX}, 0x3b37),
    ('-A dccp,!all', {'dccp'}, INET, 0x3b37)])
def test_what_is_chosen(words, tables, families, states):
    chosen = asked(words)[0]
    assert (chosen.tables, chosen.families, chosen.states) == (tables, families, states)


@pytest.mark.parametrize('words, family', [
    ('-t', AF_UNSPEC), ('-A unix', AF_UNSPEC), ('-4', AF_INET), ('-6', AF_INET6), ('-6 -x', AF_UNIX),
    ('-x -t', AF_UNIX), ('-x -0', AF_PACKET), ('-f netlink', AF_NETLINK), ('-f vsock', AF_VSOCK), ('-4 -x -4', AF_INET),
    # differs from ss, which takes the last
    ('-4 -6', AF_UNSPEC), ('-6 -4', AF_UNSPEC), ('-4 -x -6', AF_UNSPEC), ('-46x', AF_UNIX)])
def test_the_family_of_hosts_that_name_none(words, family):
    assert asked(words)[0].family == family


@pytest.mark.parametrize('word, tables', [
    ('all', EVERY_TABLE), ('inet', INET_TABLES), ('unix', UNIX_TABLES), ('packet', PACKET_TABLES),
    ('vsock', VSOCK_TABLES), ('u_str', {'unix_stream'}), ('unix_stream', {'unix_stream'}), ('u_dgr', {'unix_dgram'}),
    ('unix_dgram', {'unix_dgram'}), ('u_seq', {'unix_seqpacket'}), ('unix_seqpacket', {'unix_seqpacket'}),
    ('p_raw', {'packet_raw'}), ('packet_raw', {'packet_raw'}), ('p_dgr', {'packet_dgram'}),
    ('packet_dgram', {'packet_dgram'}), ('v_str', {'vsock_stream'}), ('vsock_stream', {'vsock_stream'}),
    ('v_dgr', {'vsock_dgram'}), ('vsock_dgram', {'vsock_dgram'}), ('udp', {'udp'}), ('tcp', {'tcp'}),
    ('mptcp', {'mptcp'}), ('sctp', {'sctp'}), ('raw', {'raw'}), ('netlink', {'netlink'}), ('tipc', {'tipc'}),
    ('xdp', {'xdp'}), ('dccp', {'dccp'})])
def test_names_of_tables(word, tables):
    assert asked(['-A', word])[0].tables == tables
    with pytest.raises(Notice):
        asked(['-A', word + ',!' + word])


@pytest.mark.parametrize('names', ['', '!', 'tcp,', ',tcp', 'tcp,,udp', 'TCP', 'tcp, udp', '!!tcp', 'smc', '-t'])
def test_what_names_no_table(names):
    with pytest.raises(Failure) as caught:
        asked(['-A', names])
    assert caught.value.message.startswith('unknown table "') and caught.value.status == 255


# States: command-line.md 2.

@pytest.mark.parametrize('word, mask', [
    ('all', 0x3fff), ('connected', 0x3b7f), ('synchronized', 0x3b7b), ('bucket', 0x48), ('big', 0x3fb7),
    ('unknown', 1 << 0), ('established', 1 << 1), ('syn-sent', 1 << 2), ('syn-recv', 1 << 3), ('syn-rcv', 1 << 3),
    ('fin-wait-1', 1 << 4), ('fin-wait-2', 1 << 5), ('time-wait', 1 << 6), ('unconnected', 1 << 7), ('close', 1 << 7),
    ('closed', 1 << 7), ('close-wait', 1 << 8), ('last-ack', 1 << 9), ('listening', 1 << 10), ('closing', 1 << 11),
    ('bound-inactive', 1 << 13), ('ESTABLISHED', 1 << 1), ('Syn-Sent', 1 << 2)])
def test_names_of_states(word, mask):
    assert asked(['state', word])[0].states == mask
    assert asked(['excl', word])[0].states == (0x3fff & ~mask or 0x3b37)


@pytest.mark.parametrize('words, mask, rest', [
    ('-l state established', 0x2, []),
    ('state established -l', 0x2, []),
    ('-l exclude listening', 0x3bff, []),
    ('state established state syn-sent', 0x6, []),
    ('state connected exclude established exclude syn-sent', 0x3b79, []),
    ('exclude listening state listening', 0x3fff, []),
    ('exclude established exclude syn-sent', 0x3ff9, []),
    ('-t state established exclude established', 0x3b37, []),
    ('-u state established exclude established', 0x2, []),
    ('-a state established exclude established', 0x3b37, []),
    ('-A udp state established exclude established', 0x2, []),
    ('-A udp state established', 0x2, []),
    ('state established sport = 22', 0x2, ['sport', '=', '22']),
    ('sport = 22 state established', 0x3b37, ['sport', '=', '22', 'state', 'established']),
    ('-u dport 53', 0x2, ['dport', '53']),
    ('-u STATE established', 0x2, ['STATE', 'established'])])
def test_state_words(words, mask, rest):
    chosen, operands = asked(words)
    assert (chosen.states, operands, chosen.text) == (mask, rest, ' '.join(rest))


@pytest.mark.parametrize('words, message', [
    ('state', 'state: which state? (see ssng --help)'),
    ('state established exclude', 'exclude: which state? (see ssng --help)'),
    ('state new-syn-recv', 'unknown state "new-syn-recv"; did you mean syn-recv? known are: '),
    ('excl foo', 'unknown state "foo"; known are: all connected '),
    ('state sport = 22', 'unknown state "sport"; known are: all connected ')])
def test_wrong_state_words(words, message):
    with pytest.raises(Failure) as caught:
        asked(words)
    assert caught.value.message.startswith(message) and caught.value.status == 255


@pytest.mark.parametrize('words', ['-t -A !tcp', '-A !tcp', '-A all,!all', '-A tcp -A !tcp state established'])
def test_no_table_is_left(words):
    with pytest.raises(Notice) as caught:
        asked(words)
    assert str(caught.value) == 'no tables are left to show'


@pytest.mark.parametrize('words, narrowed', [
    ('-a', False), ('-lnp', False), ('-H -e', False), ('-D x', False),
    ('-t', True), ('-4', True), ('-f unix', True), ('-A all', True)])
def test_only_tables_and_families_narrow(words, narrowed):
    assert read(words.split())[0].narrowed is narrowed


def test_a_word_is_quoted_on_one_line():
    assert errors.quoted('a\n\x1b"\xe9') == '"a\\x0a\\x1b"\\xe9"'


# What a query is made of.

def test_detail_and_style_are_closed():
    """A word that nobody knows is an error where it is written, not a thing that nobody reads."""
    for made, name in ((module.Detail(), 'extnded'), (module.Style(), 'colour'), (module.Selection((), (), 0), 'table'),
                       (module.Query(None, None, None), 'show'), (module.Draft(), 'show')):
        with pytest.raises(AttributeError):
            setattr(made, name, True)
    for wrong in (lambda: module.Detail(extnded=True), lambda: module.Style(colour=True)):
        with pytest.raises((AssertionError, TypeError)):
            wrong()


@pytest.mark.parametrize('words, shown', [
    ('-n', set()), ('', {'services'}), ('-r', {'services', 'hosts'}), ('-nr', {'hosts'}), ('-ne', {'extended', 'options'}),
    ('-nT', {'threads', 'processes'}), ('-nz', {'contexts', 'processes'}), ('-n --bpf-maps', {'bpf_maps'}), ('-nHQOj', set()),
    ('-nim --tos --cgroup --inet-sockopt --tipcinfo -b',
     {'info', 'memory', 'tos', 'cgroup', 'sockopt', 'tipcinfo', 'bpf', 'options'})])
def test_what_is_revealed(words, shown):
    """Names too are revealed; how it is written is no detail."""
    draft, operands, _ = read(words.split())
    detail = draft.settle(operands)[0].detail
    assert detail.shown == shown == detail.wanted


def test_needed_is_wanted_but_not_shown():
    detail = module.Detail(extended=True, needed=frozenset(['info', 'memory']))
    assert detail.shown == {'extended'} and detail.wanted == {'extended', 'info', 'memory'}


@pytest.mark.parametrize('detail, owners', [
    ({}, False), ({'processes': True}, True), ({'threads': True}, True), ({'contexts': 1}, True), ({'extended': True}, False)])
def test_owners_and_what_is_asked_ahead(detail, owners):
    """Only what has a filter and wants owners waits: there may be no row, and then nobody is looked for."""
    for condition in (None, object()):
        selection = module.Selection(('tcp',), (AF_INET,), 0x3fff, condition=condition)
        query = module.Query(selection, module.Detail(**detail), module.Style())
        assert query.detail.owners is owners and query.ahead is not (owners and condition is not None)


def test_each_draft_is_its_own():
    first, second = module.Draft(), module.Draft()
    first.detail.memory = first.style.json = True
    first.add_table('tcp')
    assert not (second.detail.memory or second.style.json or second.tables or second.narrowed)
