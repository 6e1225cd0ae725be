"""The listed differences from ss that concern TCP and UDP: each is what ss does on another command line.

So both halves are proven at once: ss does something else here (`they differ`), and ssng does what ss does
where it is told outright.
"""
import json

import pytest

from tests.support import dumps
from tests.support.programs import Command, difference, run, same, settled
from tests.support.wire import done, inet, message

pytestmark = [pytest.mark.root, pytest.mark.parity]

# What ssng is asked; what ss is to be asked for the same listing.
SAID_OTHERWISE = [
    # `and` binds tighter than `or`.
    ('-tan sport = 22 or sport = 80 and dst 10.0.0.1', "-tan 'sport = 22 or ( sport = 80 and dst 10.0.0.1 )'"),
    ('-tan sport = 22 or src [::1] dport = 1030', "-tan 'sport = 22 or ( src [::1] and dport = 1030 )'"),
    ('-tan not sport = 22 or sport = 22 and dport = 1', "-tan '( ! sport = 22 ) or ( sport = 22 and dport = 1 )'"),
    # `-4 -6` shows both.
    ('-tan -4 -6', '-tan'),
    ('-tan -6 -4', '-tan'),
    ('-uan46', '-uan'),
    ('-4 -6 -tan dst 127.0.0.1', '-tan dst 127.0.0.1'),
    # A family belongs to its own host alone.
    ('-tan src inet:127.4.5.6 or src inet6:[::1]', '-tan src 127.4.5.6 or src [::1]'),
    ('-tan src inet6:[::1] or src 10.99.0.1', '-tan src [::1] or src 10.99.0.1'),
    ('-tan src inet:127.4.5.6 or sport = 1003', '-tan src 127.4.5.6 or sport = 1003'),
    ('-uan dst inet6:[::1] or dst inet:192.0.2.9', '-uan dst [::1] or dst 192.0.2.9'),
    # A host name means all its addresses.
    ('-tan src three.example', '-tan src 127.0.0.1 or src 127.4.5.6 or src 127.9.3.200'),
    ('-tan src three.example:1031', '-tan src 127.0.0.1:1031 or src 127.4.5.6:1031 or src 127.9.3.200:1031'),
    ('-tan src both.example', '-tan src 127.0.0.1 or src [::1]'),
    # -T shows what it asks for.
    ('-tanT', '-tanpT'),
    ('-uT', '-upT'),
]


@pytest.mark.parametrize('ours, theirs', SAID_OTHERWISE)
def test_said_otherwise(ours, theirs, crowd, reference):
    ours, theirs = Command.parse(ours), Command.parse(theirs)
    expected, answer = settled(lambda: theirs.run(reference, enter=crowd.enter),
                               lambda: crowd.forker.run(ours.arguments, env=ours.env))
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not same(ours.run(reference, enter=crowd.enter), answer), 'they do not differ'


# Addresses of one family, conditions on the other

V4 = [message(inet(src=b'\x7f\0\0\1', sport=1)), message(inet(src=bytes(4), sport=2, state=10))]
V6 = [message(inet(family=10, src=b'\x7f\0\0\1' + bytes(12), sport=3)), message(inet(family=10, sport=4, state=10))]


@pytest.mark.parametrize('text, ports', [
    ('src 127.0.0.1', '1'), ('src 0.0.0.0', '2'), ('src [7f00:1::]', '3'), ('src [::]', '4'), ('not src 127.0.0.0/8', '234'),
    ('not src 7f00::/8', '124'), ('src 7f00::/8', '3')])
def test_no_address_matches_the_other_family(text, ports, crowd, reference, tmp_path):
    path = tmp_path / 'dump'
    path.write_bytes(b''.join(V4 + V6) + done())
    words, env = ['-tanj', text], {'TCPDIAG_FILE': str(path)}
    found = json.loads(crowd.forker.run(words, env=env).out.decode())
    assert ''.join(str(each['local']['port']) for each in found) == ports
    theirs = run(reference + ['-tanH', text], env=env).out.decode()
    assert theirs.count('\n') != len(ports), 'they do not differ'


# Service names

def test_a_name_of_two_numbers(crowd, reference):
    """`split` is 2040/tcp and 2044/udp: ss takes the first, and says nothing."""
    answer = crowd.forker.run(['-tuan', 'sport = split'])
    assert (answer.status, answer.out) == (1, b'') and b'split' in answer.err
    assert run(reference + ['-tuan', 'sport = split'], enter=crowd.enter).status == 0
    for option, number in (('-tan', '2040'), ('-uan', '2044')):
        expected = run(reference + [option, 'sport = ' + number], enter=crowd.enter)
        assert same(expected, crowd.forker.run([option, 'sport = split']))


# -D applies the filter

def test_a_dump_of_a_filter(crowd, reference, tmp_path):
    path = tmp_path / 'dump'
    words = ['-tan', '-D', str(path), 'sport = 22 or sport = 1003']
    assert crowd.forker.run(words).status == 0
    chosen = dumps.messages(path.read_bytes())
    expected = run(reference + ['-tanH', words[-1]], enter=crowd.enter).out.count(b'\n')
    assert sum(message.kind == 20 for message in chosen) == expected == 2
    run(reference + words, enter=crowd.enter)
    assert len(dumps.messages(path.read_bytes())) > 100, 'they do not differ'


# The root cgroup

def test_the_root_cgroup(crowd, reference):
    rows = run(reference + ['-tanHO', '--cgroup'], enter=crowd.enter).out.decode('latin-1').splitlines()
    expected = [row.split(' cgroup:')[0].split() for row in rows if row.rstrip().endswith(' cgroup:/')]
    answer = crowd.forker.run(['-tanHO', 'cgroup /'])
    assert [row.split() for row in answer.out.decode().splitlines()] == expected != []
    assert run(reference + ['-tanHO', 'cgroup /'], enter=crowd.enter).out == b'', 'they do not differ'


# Messages

@pytest.mark.parametrize('words', [
    ['-q'], ['-f', 'bogus'], ['-A', 'bogus'], ['-t', 'state', 'bogus'], ['-t', 'sport', '=', 'bogus'], ['-t', 'dst', '300.1.1.1'],
    ['-t', 'dev', 'bogus'], ['-t', '(', 'sport', '=', '22'], ['-t', '-F', '/nonexistent'], ['-t', '-D', '/nonexistent/file'],
    ['-t', '-N', 'bogus']])
def test_messages_are_short_and_name_the_program(words, crowd, reference):
    """One clear line, at most with the filter and a caret below it, where ss adds two screens of usage."""
    theirs, ours = run(reference + words, enter=crowd.enter), crowd.forker.run(words)
    text = ours.err.decode()
    assert ours.status == theirs.status != 0
    assert text.startswith('ssng: ') and text.count('\n') <= 4
    assert all(line.startswith('  ') for line in text.splitlines()[1:])
