"""What the tables declare, as a whole: each fact says what it is, is asked of the kernel by what reveals it, and is told once."""
import struct

import pytest

from ssng.fields import Section
from ssng.host import Host
from ssng.kernel.abi.procnet import PROC_OPTIONS, PROC_TCP
from ssng.query import Detail
from ssng.tables import ROWS, declared
from ssng.tables.inet import EXTENSIONS
from ssng.tables.tcp import ASKED
from tests.support import facts as support
from tests.support.random_dump import Maker
from tests.support.rendered import asking, batches, details, objects
from tests.support.wire import inet

MODULES = [row.module for row in ROWS]
INET = ['raw', 'udp', 'tcp', 'dccp', 'sctp', 'mptcp']
INFO, SKMEMINFO = 2, 7


@pytest.mark.parametrize('module', MODULES)
def test_every_fact_says_what_it_is(module):
    """A kind, a name that ends in its unit, a sentence; no name twice.

    The first is always there, so that an object begins with it.
    """
    names = support.declared_whole(module)
    assert {'netid', 'family', 'state', 'recv_q', 'send_q'} <= set(names)
    for fact in declared(module).facts():
        assert not any(name in fact.name.split('.')[:-1] for name in names), fact.name     # no value is an object, too


@pytest.mark.parametrize('module', MODULES)
def test_every_fact_is_revealed_by_a_detail(module):
    """By words that a Detail has; and where it asks the host, the host has such a part."""
    words = set(Detail.__slots__) - {'needed'}
    for fact in declared(module).facts():
        assert words.issuperset(fact.reveal), fact.name
        assert fact.source in ('kernel', 'proc', 'cgroup', 'peer', 'rate')
        if fact.look_up:
            part, _, name = fact.look_up.partition('.')
            assert hasattr(Host, part), fact.name
            assert not name or callable(getattr(getattr(Host(), part), name))


@pytest.mark.parametrize('module', MODULES)
def test_facts_of_some_details_are_among_all(module):
    """Which of them are looked at depends on what is asked, what they are does not."""
    table = declared(module)
    every = {fact.name: fact for fact in table.facts()}
    order = [fact.name for fact in table.facts()]
    for word in sorted(set(Detail.__slots__) - {'needed'}):
        some = table.facts(frozenset([word]))
        assert [fact.name for fact in some] == [name for name in order if name in {fact.name for fact in some}]
        assert {name for name, fact in every.items() if word in fact.reveal or not fact.reveal} <= {fact.name for fact in some}
        assert [fact.reveal for fact in some] == [every[fact.name].reveal for fact in some]


def texts_in(line):
    for text in line:
        if text.__class__ is Section:
            yield from texts_in(text.parts)
        elif hasattr(text, 'facts'):
            yield text


IN_TEXT_ALONE = {'sk', 'cb'}            # of /proc/net/netlink: addresses in the kernel's memory, hashed or 0


@pytest.mark.parametrize('module', MODULES)
def test_what_the_text_shows_is_declared(module):
    """Facts of a text that are none of the table's are another form of one that is: revealed by the same words."""
    table = declared(module)
    words = frozenset(Detail.__slots__) - {'needed'}
    own = table.facts()
    shown = [text for column in table.columns() + [table.aside(), table.line(words)] for text in texts_in(column)]
    for text in shown:
        for fact in text.facts:
            assert words.issuperset(fact.reveal) and (words | {ASKED}).issuperset(text.when)
            if fact.name not in IN_TEXT_ALONE and not any(fact is other for other in own):
                members = {(each.attribute, each.offset) for some in fact.alternatives for each in some}
                alike = {(each.attribute, each.offset) for other in own for some in other.alternatives for each in some}
                assert members <= alike, fact.name


# What is asked of the kernel: sockets.md 1.3, "Reply attributes".  bit of idiag_ext: attributes that a kernel sends for it

BIT_OF = {1: 0x01, 2: 0x02, 3: 0x04, 4: 0x08, 5: 0x10, 6: 0x20, 7: 0x40,
          9: 0x04, 16: 0x04,            # DCTCPINFO and BBRINFO in place of VEGASINFO
          17: 0x20,                     # CLASS_ID along with TCLASS
          18: 0x02, 19: 0x02}           # MD5SIG and ULP_INFO along with INFO
UNASKED = {8, 10, 11, 12, 13, 15, 21, 22}      # SHUTDOWN PROTOCOL SKV6ONLY LOCALS PEERS MARK CGROUP_ID SOCKOPT
ASKED_OTHERWISE = {20}                  # SK_BPF_STORAGES: by an attribute of the request
OUR_OWN = {PROC_TCP, PROC_OPTIONS}      # never sent by a kernel


@pytest.mark.parametrize('module', INET)
def test_what_reveals_a_fact_asks_for_it(module):
    """For each attribute, the bit that makes the kernel send it follows from a word that reveals the fact."""
    attributes = set()
    for fact in declared(module).facts():
        for number in {member.attribute for some in fact.alternatives for member in some} - {None} - UNASKED - OUR_OWN:
            if number in ASKED_OTHERWISE:
                assert fact.reveal == ('bpf_maps',)
                continue
            attributes.add(number)
            bits = [sum(1 << attribute - 1 for attribute in EXTENSIONS.get(word, ())) for word in fact.reveal]
            assert any(some & BIT_OF[number] for some in bits), fact.name
    assert attributes >= {7}
    if module in ('tcp', 'dccp'):
        assert attributes == set(BIT_OF)


@pytest.mark.parametrize('options, ext', [
    ({}, 0), ({'memory': True}, 0x41), ({'info': True}, 0x0e), ({'tos': True}, 0x30),
    ({'memory': True, 'info': True, 'tos': True}, 0x7f),
    (dict.fromkeys(('extended', 'options', 'cgroup', 'sockopt', 'processes', 'bpf', 'tipcinfo'), True), 0)])
@pytest.mark.parametrize('module', INET)
def test_the_byte_of_the_request(module, options, ext):
    """Bits of what the request may show (sockets.md 2); and what is needed is asked for as what is shown is."""
    table = declared(module)
    for family in (2, 10):
        assert bytes(table.request(asking((module,), **options), family))[2] == ext
        needed = frozenset(word for word in options)
        assert bytes(table.request(asking((module,), needed=needed), family))[2] == ext
        assert bytes(table.request(asking((module,), states=0x480), family))[4:8] == struct.pack('=I', 0x480)
    if table.legacy:
        assert bytes(table.legacy_request(asking((module,), needed=frozenset(options))))[3] == ext


@pytest.mark.parametrize('module', INET)
def test_needed_is_fetched_and_not_shown(module):
    """A filter on the round-trip time asks for INFO; neither text nor JSON tell of it, though the kernel sends it."""
    plain, needing = [asking((module,), extended=True, **more) for more in ({}, {'needed': frozenset(['info', 'memory'])})]
    table, rows = declared(module), [inet(attributes=[
        (INFO, bytes(range(1, 256)) + bytes(113)), (SKMEMINFO, bytes(range(36))), (4, b'cubic\0')])]
    assert bytes(table.request(needing, 2))[2] == 0x4f and bytes(table.request(plain, 2))[2] == 0
    assert objects(rows, module, query=plain) == objects(rows, module, query=needing)
    assert details(rows, module, extended=True) == details(rows, module, extended=True, needed=needing.detail.needed)
    assert not {'info', 'memory', 'congestion'} & set(objects(rows, module, query=needing)[0])
    rcvbuf = next(fact for fact in table.facts(needing.detail.wanted) if fact.name == 'memory.rcvbuf')
    batch, = batches(rows, table)
    assert tuple(rcvbuf.column(batch.groups[0], Host())) == struct.unpack('=I', bytes(range(4, 8)))     # whoever needs it has it


# The value of a fact, in a column and in JSON

class Names:
    """A host that knows names for all there is: whatever is looked up says something."""

    def name(self, number):
        return 'if%d' % number

    def path(self, number):
        return '/%x' % number

    def nameable(self, ports, protocol):
        return ports

    def port_name(self, port, protocol):
        return 'port%d' % port if port % 2 else ''

    def host(self, address):
        return address.hex() if address[-1] else ''


def host():
    made = Host()
    made.links = made.cgroups = made.names = Names()
    return made


@pytest.mark.parametrize('module', ['tcp', 'dccp', 'udp', 'raw'])
@pytest.mark.parametrize('seed', range(3))
def test_columns_and_json_of_random_messages(module, seed):
    """All attributes, with every odd length: both tell the same, value for value."""
    maker = Maker(seed)
    rows = [maker.socket() for _ in range(150)]
    found = support.made_by_hand(module, rows, host(), numeric=False, resolve=True)
    assert len(found) == 150
    assert {'service', 'host'} <= {key for one in found for end in ('local', 'peer') for key in one[end]}


@pytest.mark.parametrize('module', ['tcp', 'udp', 'raw', 'sctp', 'mptcp'])
def test_columns_and_json_of_other_kernels(module):
    """What machines of tools/lab recorded."""
    assert len(support.recorded(module)) > 10
