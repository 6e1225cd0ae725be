"""Every network namespace: beside ss, run in each of them by `ip netns exec`; names, places, peers, kills, events."""
import json
import os
import shutil
import socket
import subprocess
import sys
import time

import pytest

from ssng.host import Host
from tests.support.namespaces import ROOT
from tests.support.programs import run
from tests.support.storage import become_nobody
from tests.support.unprivileged import open_house     # noqa: F401, a fixture

pytestmark = [pytest.mark.root, pytest.mark.parity]

PREFIX = 'ssng%d-' % os.getpid()
COUNT = 50


@pytest.fixture(scope='module')
def estate():
    """What tests/parity/estate tells of its namespaces."""
    if os.geteuid() or not shutil.which('ip'):
        pytest.skip('needs root and ip')
    made = subprocess.Popen([sys.executable, '-m', 'tests.parity.estate', PREFIX, str(COUNT)], cwd=ROOT,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line = made.stdout.readline()
    try:
        if not line:
            pytest.skip('no network namespaces can be made here')
        yield json.loads(line.decode())
    finally:
        made.communicate()
        left = os.listdir('/run/netns') if os.path.exists('/run/netns') else []
        assert made.returncode == 0 and not [name for name in left if name.startswith(PREFIX)]


def ours(subject, *words, **more):
    answer = run(subject + list(words), **more)
    assert (answer.status, answer.err) == (0, b''), (words, answer)
    return answer.out.decode('utf-8', 'replace')


def objects(subject, *words, **more):
    return json.loads(ours(subject, '-j', *words, **more))


def places(estate):
    """What the first column shows of its namespaces; there may be others."""
    return set(estate['named']) | {estate['mount'], str(estate['anonymous'])}


@pytest.mark.parametrize('words', ['-tan', '-tlni', '-uan', '-tanmoO', '-an', '-tanH'])
def test_one_namespace_beside_ss(estate, reference, subject, words):
    """What ss prints there is what --netns prints from here."""
    for name in sorted(estate['named'])[:3]:
        there = run(['ip', 'netns', 'exec', name] + reference + words.split())
        here = run(subject + ['--netns=' + name] + words.split())
        assert (here.status, steady(here.out)) == (there.status, steady(there.out)), name


def steady(text):
    """Without the netlink sockets of whoever asks, and their room."""
    return [line.split() for line in text.splitlines() if not line.startswith(b'nl')]


def test_all_are_there(estate, subject):
    """Named, mounted and nameless ones, each with its listener, and our own first."""
    rows = [line.split() for line in ours(subject, '--all-netns', '-tlnH').splitlines()]
    found = {int(row[4].rpartition(':')[2]): row[0] for row in rows if row[0] in places(estate)}
    expected = {4001 + number: PREFIX + str(number) for number in range(COUNT)}
    expected.update({4700: PREFIX + '1', 4901: estate['mount'], 4902: str(estate['anonymous'])})
    assert found == expected
    first = ours(subject, '--all-netns', '-an').splitlines()
    assert first[0].split()[0] == 'Netns' and first[1].split()[0] == (
        'init' if os.readlink('/proc/self/ns/net') == 'net:[4026531833]' else first[1].split()[0])


def test_names_and_numbers(estate, subject):
    found = {one['netns']: one.get('netns_name') for one in objects(subject, '--all-netns', '-tln')}
    for name, inode in estate['named'].items():
        assert found[inode] == name
    assert found[estate['bound']] == estate['mount'] and found[estate['anonymous']] is None
    assert all('netns' not in one for one in objects(subject, '-tln'))


def specs(estate):
    name = PREFIX + '3'
    return [(name, 4004), ('/run/netns/' + name, 4004), (str(estate['named'][name]), 4004), (estate['mount'], 4901),
            ('pid:%d' % estate['pid'], 4902), (str(estate['anonymous']), 4902)]


def test_specs(estate, subject):
    """One namespace has no column of its own; each way to name it is one."""
    for spec, port in specs(estate):
        out = ours(subject, '-tln', '--netns', spec)
        assert out.split()[0] == 'State' and out.split()[-2] == '0.0.0.0:%d' % port, spec
    both = ours(subject, '-tlnH', '--netns=%s2' % PREFIX, '--netns=%s1' % PREFIX, '--netns=%s2' % PREFIX).splitlines()
    assert [line.split()[0] for line in both] == [PREFIX + '2'] + [PREFIX + '1'] * 2


@pytest.mark.parametrize('spec', ['nix', '/nix', '/etc/passwd', '1', 'pid:x', 'pid:999999999', 'container:', 'container:zz',
                                  'unit:nix', '', '.', 'STALE', 'a\x1bb'])
def test_what_is_none(estate, subject, spec):
    answer = run(subject + ['-tln', '--netns=' + spec.replace('STALE', PREFIX + 'stale')])
    assert answer.status == 1 and answer.out == b'' and answer.err.startswith(b'ssng: --netns ')
    assert len(answer.err.splitlines()) == 1 and b'\x1b' not in answer.err


def test_filters_and_counts(estate, subject):
    assert ours(subject, '-tlnH', '--all-netns', 'netns_name = %s7' % PREFIX).split()[4] == '0.0.0.0:4008'
    assert len(objects(subject, '-tln', '--all-netns', 'netns_name = %s*' % PREFIX)) == COUNT + 2
    counts = objects(subject, '--count=netns_name', '--all-netns', '-tln', 'sport >= :4001 and sport < :5000')
    counts = {one.get('netns_name'): one['count'] for one in counts if one.get('netns_name') in places(estate)}
    assert counts == dict({name: 1 + (name in (PREFIX + '0', PREFIX + '1')) for name in estate['named']}, **{estate['mount']: 1})
    rows = ours(subject, '-tlnH', '--all-netns', '--sort=-sport', '--top=2', '--columns=netns,sport',
                'netns = %d,%d' % (estate['anonymous'], estate['bound']))
    assert rows.split() == [str(estate['anonymous']), '4902', str(estate['bound']), '4901']


def test_interfaces_of_the_namespace(estate, subject):
    """`dev` means the interface of each namespace; where there is none of this name, no socket is bound to it."""
    answer = run(subject + ['-tan', '--all-netns', 'dev there'])
    assert (answer.status, answer.out.split()[1:], answer.err) == (0, answer.out.split()[1:], b'')
    assert run(subject + ['-tan', 'dev there']).status == 1
    assert run(subject + ['-tan', '--all-netns', 'dev no-such-device']).status == 1


def test_ephemeral_ports_of_the_namespace(estate):
    name = PREFIX + '4'
    subprocess.check_call(['ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=4000 4100'])
    host = Host()
    there, = [each for each in host.namespaces(()) if each.name == name]
    seen = host.inside(there)
    assert seen.names.ephemeral_ports() == (4000, 4100) != host.names.ephemeral_ports()
    seen.close()


class inside:
    """As a context: this thread is in a namespace."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        from tests.parity.estate import enter
        self.own = open('/proc/thread-self/ns/net')
        enter('/run/netns/' + self.name)

    def __exit__(self, *what):
        from tests.parity.estate import NEWNET, checked, libc
        with self.own:
            checked(libc.setns(self.own.fileno(), NEWNET), 'go back')


def test_files_of_proc_are_those_of_the_namespace(estate, subject):
    """Where sock_diag is refused, its own /proc/net/tcp answers."""
    code = ('import sys\nfrom ssng.kernel import netlink, exchange\n'
            'def refused(*arguments): raise OSError(1, "no")\nnetlink.Socket.send = refused\n'
            'from ssng.cli.main import main\nsys.exit(main(sys.argv[1:]))')
    answer = run([sys.executable, '-c', code, '-tlnH', '--all-netns', 'sport > :4000 and sport < :5000'])
    found = {(line.split()[0], line.split()[4]) for line in answer.out.decode().splitlines()}
    assert {(name, '0.0.0.0:%d' % (4001 + int(name[len(PREFIX):]))) for name in estate['named']} <= found


def test_peers(estate, subject):
    """The other end in another namespace; of what two have alike, that of the own one."""
    client, server = estate['cross']
    asked = '-tn', '--columns=inode,peer.inode', '--all-netns', 'netns_name = %s* and ( sport = :4002 or dport = :4002 )' % PREFIX
    pairs = {one['inode']: one['peer']['inode'] for one in objects(subject, *asked)}
    assert pairs == {client: server, server: client}
    alike = objects(subject, '-tn', '--columns=inode,peer.inode', '--all-netns',
                    'netns_name = %s* and ( sport = :4700 or dport = :4700 )' % PREFIX)
    expected = {}
    for one, other in estate['alike']:
        expected.update({one: other, other: one})
    assert {one['inode']: one['peer']['inode'] for one in alike} == expected
    alone = objects(subject, '-tn', '--columns=inode,peer.inode', '--netns=%s0' % PREFIX, 'dport = :4002')
    assert alone == [{'inode': client}]


def test_kill(estate, subject):
    name = PREFIX + '5'
    with inside(name):
        one = socket.create_connection(('127.0.0.1', 4006))
    with one:
        shown = ours(subject, '-tnHK', '--netns=' + name, 'sport = :%d' % one.getsockname()[1])
        if not shown:
            pytest.skip('no socket may be closed here')
        with pytest.raises(OSError):
            one.recv(1)
    assert ours(subject, '-tnH', '--netns=' + name, 'dport = :4006 and state = established') == ''


def test_events(estate, subject):
    """What ends in a namespace is told with its name."""
    names = [PREFIX + '6', PREFIX + '7']
    program = subprocess.Popen(subject + ['-tnEj', '--netns=' + names[0], '--netns=' + names[1], 'dport > :4000'], cwd=ROOT,
                               stdout=subprocess.PIPE)
    try:
        found, deadline = set(), time.time() + 30
        os.set_blocking(program.stdout.fileno(), False)
        rest = b''
        while found != set(names) and time.time() < deadline:
            for number, name in enumerate(names):
                with inside(name), socket.socket() as listener:
                    listener.bind(('127.0.0.1', 4100 + number))
                    listener.listen(1)
                    socket.create_connection(listener.getsockname()).close()
                    listener.accept()[0].close()
            time.sleep(.05)
            rest += program.stdout.read() or b''
            *lines, rest = rest.split(b'\n')
            found.update(json.loads(line.decode())['netns_name'] for line in lines)
        assert found == set(names)
    finally:
        program.kill()
        program.communicate()


def test_who_asks_stays_where_he_is(estate):
    """In the program that asks, and its threads are gone."""
    code = '''
import os, sys, time, _thread, ssng
def things():
    return os.readlink('/proc/self/ns/net'), len(os.listdir('/proc/self/fd')), _thread._count()
before = things()
found = {s.netns_name for s in ssng.sockets('tcp', states='all', netns='all')}
list(zip(range(3), ssng.sockets('tcp', states='all', netns='all', facts=('peer.inode',))))
for _ in range(500):            # a thread that has said its last word is still counted for an instant
    if things() != before:
        time.sleep(.01)
assert before == things(), (before, things())
print(*sorted(found - {None}))
'''
    found = subprocess.check_output([sys.executable, '-c', code], cwd=ROOT).decode().split()
    assert set(estate['named']) <= set(found)


def test_what_may_not_be_entered_is_told_once(estate, open_house):
    """Without privilege: the own one is shown, the number of the others told, status 0."""
    _, program, more = open_house
    answer = run(program + ['-tln', '--all-netns'], enter=become_nobody, **more)
    assert answer.status == 0 and answer.out.startswith(b'Netns')
    assert len(answer.err.splitlines()) == 1 and b'network namespaces cannot be entered' in answer.err
    assert run(program + ['-tln', '--netns=%s1' % PREFIX], enter=become_nobody, **more).status == 1
