"""SCTP: associations below their endpoints, and every member of sctp_info (sockets.md 1.6 and 4.3)."""
import socket
import struct
from itertools import chain

import pytest

from ssng.filter.tree import Port
from ssng.host import Host
from ssng.kernel.exchange import Refused
from ssng.tables.inet import DPORT
from ssng.tables.sctp import TABLE
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import listed, query
from tests.support.families import objects as listed_objects
from tests.support.rendered import batches, details, objects
from tests.support.sources import Replayed
from tests.support.wire import done, inet, message
from tests.support.wire_families import SCTP_LAYOUT, SCTP_MEMBERS, address
from tests.support.wire_families import sctp_info as info

INFO, SHUTDOWN, SKMEMINFO, LOCALS, PEERS = 2, 8, 7, 12, 13
def test_layout():
    assert SCTP_LAYOUT.size == 368


# Rows

def kernel(*blocks):
    """Answers with these payloads for IPv4: each list is a datagram of its own."""
    return Replayed([b''.join(map(message, payloads)) for payloads in blocks] + [done()], [done()], again=True)


def row(state, sport, dport, inode, src='0.0.0.0', dst='0.0.0.0', peers=False, **more):
    attributes = [(SHUTDOWN, b'\0'), (LOCALS, address('127.0.0.1'))] + ([(PEERS, address('127.0.0.1'))] if peers else [])
    return inet(2, state, sport=sport, dport=dport, inode=inode, src=socket.inet_aton(src), dst=socket.inet_aton(dst),
                attributes=attributes, **more)


LISTENER = row(10, 5000, 0, 77)
ESTABLISHED = row(3, 5000, 6000, 77, '1.1.1.1', '2.2.2.2', peers=True)
WAITING = row(1, 5001, 6, 77, '1.1.1.1', '2.2.2.2', peers=True)


def test_example():
    """A listener, its association, and one whose endpoint is not shown, as ss lays them out (command-line.md 11)."""
    source = kernel([LISTENER, ESTABLISHED, WAITING])
    assert ''.join(listed('sctp', query('sctp', header=True, numeric=True), source)) == '''\
State          Recv-Q Send-Q Local Address:Port Peer Address:Port
LISTEN         0      0            0.0.0.0:5000      0.0.0.0:*
`- ESTAB       0      0            1.1.1.1:5000      2.2.2.2:6000
`- COOKIE_WAIT 0      0            1.1.1.1:5001      2.2.2.2:6
'''


def test_example_beside_other_tables():
    acknowledged = row(7, 5000, 6000, 77, '1.1.1.1', '2.2.2.2', peers=True, timer=1, retrans=2, expires=1500)
    source = kernel([LISTENER, acknowledged, LISTENER[:68] + struct.pack('=I', 78) + LISTENER[72:]])
    asked = query('sctp', 'tcp', header=True, numeric=True, options=True)
    assert [line.rstrip() for line in ''.join(listed('sctp', asked, source)).splitlines()[:3]] == [
        'Netid State       Recv-Q Send-Q Local Address:Port Peer Address:Port',
        'sctp  LISTEN      0      0            0.0.0.0:5000      0.0.0.0:*',
        '      `- ACK_SENT 0      0            1.1.1.1:5000      2.2.2.2:6000 timer:(T3_RTX,1.500sec,2)']


ENDPOINTS = [(10, 1), (3, 1), (3, 1), (10, 2), (7, 3), (1, 3), (7, 0), (7, 0), (1, 4), (1, 1)]
STATES = ['LISTEN', '`- ESTAB', '`- ESTAB', 'LISTEN', 'UNCONN', '`- COOKIE_WAIT', 'UNCONN', 'UNCONN', 'ESTAB', 'ESTAB']


@pytest.mark.parametrize('cut', range(1, 10))
def test_the_row_above(cut):
    """By the inode of the row above, whatever else the two have in common; rows without one are never joined."""
    for peers in ((), range(10), (1, 2, 5), range(0, 10, 3)):
        rows = [row(state, 1, 1, inode, peers=at in peers) for at, (state, inode) in enumerate(ENDPOINTS)]
        source = kernel(rows[:cut], rows[cut:])
        lines = listed('sctp', query('sctp', numeric=True), source)
        assert [line[:line.index(' 0 ')].rstrip() for line in lines] == STATES


@pytest.mark.parametrize('state, name', list(enumerate([
    'CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTAB', 'SHUTDOWN_PENDING', 'SHUTDOWN_SENT', 'SHUTDOWN_RECEIVED', 'ACK_SENT',
    '(null)'])))
def test_states(state, name):
    source = kernel([LISTENER, row(state, 1, 1, 77, peers=True)])
    assert listed('sctp', query('sctp'), source)[1].startswith('`- %s ' % name)
    association = listed_objects('sctp', query('sctp'), source)[1]
    assert association['association'] is True
    assert (association['state'], association.get('state_number')) == ((name, None) if state < 8 else ('unknown', 8))


def test_an_endpoint_below_its_associations():
    """As kernel 6.1 lists them now and then: ss knows no name of such a state."""
    source = kernel([ESTABLISHED, LISTENER])
    assert listed('sctp', query('sctp'), source)[1].startswith('`- (null) ')
    assert listed_objects('sctp', query('sctp'), source)[1]['state'] == 'LISTEN'


def test_json_knows_an_association_without_its_endpoint():
    """Text goes by the row above, which a filter may have taken away; the kernel says it with PEERS."""
    source = kernel([ESTABLISHED])
    assert listed('sctp', query('sctp'), source)[0].startswith('SYN-RECV ')
    made, = listed_objects('sctp', query('sctp'), source)
    assert (made['netid'], made['state'], made['association']) == ('sctp', 'ESTAB', True)
    source = kernel([LISTENER])
    assert listed_objects('sctp', query('sctp'), source)[0]['state'] == 'LISTEN'
    assert 'association' not in listed_objects('sctp', query('sctp'), source)[0]


# Details

TEXT = (' tag:1 state:COOKIE_ECHOED rwnd:3 unackdata:4 penddata:5 instrms:6 outstrms:7 inqueue:9 outqueue:10 overerr:11'
        ' maxburst:12 maxseg:13 prwnd:14 ptag:f pcapable:16 psack:17 autoclose:45 adapind:46 pdpoint:47 nodelay:48'
        ' nofrag:49 v4mapped:50 fraginl:51')
EVERYTHING = dict({name: number + 1 for number, name in enumerate(SCTP_MEMBERS)}, p_address=address('192.0.2.1', 9))


@pytest.mark.parametrize('members, told', [
    (EVERYTHING, TEXT), ({}, ''), ({'rwnd': 0xffffffff, 'tag': 0xc15e2e29}, ' tag:c15e2e29 rwnd:-1'),
    ({'state': 8}, ' state:(null)'),
    ({'unackdata': 65535, 'outstrms': 65535, 'peer_capable': 255, 's_nodelay': 255, 'maxseg': 0xfffffffe},
     ' unackdata:65535 outstrms:65535 maxseg:-2 pcapable:255 nodelay:255'),
    ({'state': 7, 'fragmentation_point': 1, 's_type': 1}, ' state:ACK_SENT')])
def test_members(members, told):
    assert details([inet(attributes=[(INFO, info(**members))])], 'sctp', info=True) == ['\n\t' + told]


def test_example_of_details():
    """The association of a connected socket, with all its addresses (sockets.md 4.3)."""
    ends = [(LOCALS, b''.join(map(address, ('127.0.0.1', '192.0.2.1', '198.51.100.1', '10.99.0.1')))),
            (PEERS, address('127.0.0.1'))]
    members = info(tag=0x315cb931, state=3, rwnd=106496, instrms=10, outstrms=10, max_burst=4, maxseg=65484, peer_rwnd=106491,
                   peer_tag=0xc15e2e29, peer_capable=98, peer_sack=6)
    made = details([inet(2, 3, inode=1342, cookie=3, attributes=[(SHUTDOWN, b'\0')] + ends + [(INFO, members)])], 'sctp',
                   extended=True, info=True, oneline=True)
    assert made == [
        ' ino:1342 sk:3 <-> locals:127.0.0.1,192.0.2.1,198.51.100.1,10.99.0.1 peers:127.0.0.1 tag:315cb931 state:ESTAB'
        ' rwnd:106496 instrms:10 outstrms:10 maxburst:4 maxseg:65484 prwnd:106491 ptag:c15e2e29 pcapable:98 psack:6']


@pytest.mark.parametrize('data, told, ends', [
    (b'', '', []), (address('::1', 7), '::1', [{'address': '::1', 'port': 7}]),
    (address('10.0.0.1') + address('::ffff:10.0.0.1', 80), '10.0.0.1,::ffff:10.0.0.1',
     [{'address': '10.0.0.1', 'port': 0}, {'address': '::ffff:10.0.0.1', 'port': 80}]),
    (address('10.0.0.1', family=77) + address('10.0.0.2'), ',10.0.0.2', [None, {'address': '10.0.0.2', 'port': 0}])])
def test_addresses(data, told, ends):
    """Also with --memory alone: the kernel sends them unasked."""
    payload = inet(attributes=[(LOCALS, data), (PEERS, data)])
    assert details([payload], 'sctp', info=True, oneline=True) == [' locals:%s peers:%s' % (told, told)]
    assert details([payload], 'sctp', memory=True, oneline=True) == [' locals:%s peers:%s' % (told, told)]
    made, = objects([payload], 'sctp', memory=True)
    assert (made['locals'], made['peers']) == (ends, ends)
    assert details([payload], 'sctp', extended=True) == [' ino:0 sk:1']


def test_memory_first():
    words = struct.pack('=9I', *range(9))
    payload = inet(attributes=[(LOCALS, address('10.0.0.1')), (SKMEMINFO, words), (INFO, info(tag=1))])
    assert details([payload], 'sctp', memory=True, info=True) == [
        '\n\t skmem:(r0,rb1,t2,tb3,f4,w5,o6,bl7,d8) locals:10.0.0.1 tag:1']


def test_json():
    made, = objects([inet(attributes=[(INFO, info(**EVERYTHING))])], 'sctp', info=True)
    units = {'p_rto': '_ms', 'p_sackdelay': '_ms', 's_autoclose': '_s', 'p_srtt': '_jiffies', 'p_hbinterval': '_jiffies'}
    wanted = {name + units.get(name, ''): value for name, value in EVERYTHING.items()}
    assert made['info'] == dict(wanted, p_address={'address': '192.0.2.1', 'port': 9})
    assert 'p_address' not in objects([inet(attributes=[(INFO, info())])], 'sctp', info=True)[0]['info']


def test_judged_here():
    """The kernel's sctp_diag takes a filter program and does not run it."""
    source = kernel([row(1, 5000, 1, 77), row(1, 5001, 2, 78)])
    made, = listed_objects('sctp', query('sctp', condition=Port('src', None, '>=', 5001)), source)
    assert made['local']['port'] == 5001 and dict(source.requests[0].attributes)[1]


def test_facts():
    assert {'association', 'locals', 'info.p_address.port', 'info.p_srtt_jiffies'} < set(declared_whole('sctp'))
    assert recorded('sctp')
    made_by_hand('sctp', [LISTENER, ESTABLISHED, WAITING] + [row(state, 1, 1, 1, peers=peers) for state in (0, 7, 8, 14, 255)
                                                              for peers in (False, True)])
    odd = [b'', address('::1', 7)[:20], address('10.0.0.1', family=77) + address('10.0.0.2')]
    made_by_hand('sctp', [inet(attributes=[(LOCALS, data), (PEERS, data),
                                           (INFO, info(**dict(EVERYTHING, p_address=data))[:length])])
                          for data in odd for length in (0, 4, 30, 300, 368, 400)])


class Names:
    """In place of a host's."""

    def host(self, address):
        return {b'\x0a\0\0\1': 'ten\x1b[1m'}.get(address, '')


@pytest.mark.parametrize('escape, name', [(False, 'ten\x1b[1m'), (True, 'ten\\x1b[1m')])
def test_names_of_addresses(escape, name):
    """With --resolve; no name of a host steers a terminal."""
    host = Host()
    host.names = Names()
    ends = [(LOCALS, address('10.0.0.1') + address('::ffff:10.0.0.1') + address('::') + address('192.0.2.1'))]
    assert details([inet(attributes=ends)], 'sctp', host, info=True, oneline=True, resolve=True, escape=escape) == [
        ' locals:%s,%s,::,192.0.2.1' % (name, name)]


def test_what_is_shown():
    """Addresses with --memory or --info; the association's numbers with --info alone, whatever the kernel sends."""
    payload = inet(attributes=[(LOCALS, address('10.0.0.1')), (INFO, info(**EVERYTHING))])
    assert details([payload], 'sctp', memory=True, oneline=True) == [' locals:10.0.0.1']
    assert details([payload], 'sctp', needed=frozenset(['info', 'memory'])) == ['']
    assert not {'info', 'locals'} & set(objects([payload], 'sctp', extended=True)[0])
    assert 'info' not in objects([payload], 'sctp', memory=True)[0]


@pytest.mark.parametrize('states, ports', [
    (0x3fff, [5000, 6000, 6001, 5002, 5003]), (1 << 10, [5002, 5003]), (0x480, [5002, 5003]), (1 << 1, [5000, 6000, 6001]),
    (1 << 7, [])])
def test_states_choose_endpoints_and_associations(states, ports):
    """As the kernels of fixtures/ do, whatever the states of the associations are; where the batches end does not matter."""
    rows = [row(10, 5002, 5002, 80), row(10, 5003, 5003, 81), row(10, 5000, 5000, 77), row(3, 5000, 6000, 77, peers=True),
            row(1, 5000, 6001, 77, peers=True)]
    for at in range(len(rows)):
        found = TABLE.parted(chain(batches(rows[:at], TABLE), batches(rows[at:], TABLE)), states)
        assert sorted([port for batch in found for port in batch.values(DPORT)]) == sorted(ports)


def test_what_comes_before_a_refusal_is_parted_too():
    def refused():
        yield from batches([LISTENER], TABLE)
        raise Refused(13)
    found = TABLE.parted(refused(), 1 << 10)
    assert list(next(found).values(DPORT)) == [0]
    with pytest.raises(Refused):
        next(found)
