"""Sockets as Python objects: beside the JSON of the command line, recorded and live; what a program may rely on."""
import _thread
import collections
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

import pytest

import ssng
from ssng import api
from ssng.api import Question
from ssng.cli.options import read
from ssng.found import Part, Record
from ssng.tables.processes import UNDER
from tests.support.namespaces import ROOT
from tests.test_recordings import CASES, machine, name, printed      # noqa: F401, a fixture


def listings():
    """Recorded command lines that list sockets and name none that -D, -E or -K concern."""
    return [(recording, case) for recording, case in CASES
            if case.status == 0 and not re.search('(^| )-[A-Za-z]*[KEsD]', ' '.join(case.arguments))]


def question(words, host, kernel):
    """The Question of a command line."""
    draft, operands, end = read(words)
    assert end is None
    for step in draft.steps:
        step(host)
    draft.style.json = True
    query, operands = draft.settle(operands)
    if operands:
        api.filtered(query, operands, host)
    return Question(query, host, kernel)


@pytest.mark.parametrize('recording, case', listings(), ids=name)
def test_recorded(recording, case, machine, monkeypatch):       # noqa: F811
    """An object says what its JSON says: whole, and attribute by attribute."""
    status, text = printed(monkeypatch, list(case.arguments) + ['-j'], machine(recording, case, json=True))
    expected = json.loads(text.decode('utf-8'))
    found = list(api.told(question(list(case.arguments), *machine(recording, case, json=True))))
    assert [each.as_dict() for each in found] == expected
    for each, wanted in zip(found, expected):
        walked(each, wanted)
        assert '\n' not in repr(each) and repr(each).startswith('<Socket ')
        assert json.loads(each.to_json()) == wanted


def walked(part, wanted):
    """Each key of an object is an attribute with its value, and what it has beside them is None."""
    for key, value in wanted.items():
        found = getattr(part, key)
        if isinstance(found, Part):
            walked(found, value)
        else:
            assert plain(found) == value, key
    for key in part._branch.members if isinstance(part, Part) else ():
        if key not in wanted:
            assert getattr(part, key) is None, key


def plain(value):
    if isinstance(value, list):
        return [plain(each) for each in value]
    return {key: plain(value[key]) for key in value.as_dict()} if isinstance(value, Record) else value


# On this host

@pytest.fixture(scope='module')
def pair():
    """(a port, a connection to it from this process, the other end)"""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(5)
        port = listener.getsockname()[1]
        with socket.create_connection(('127.0.0.1', port)) as client:
            with listener.accept()[0] as server:
                yield port, client, server


def of_port(port, *more, **options):
    return list(ssng.sockets('tcp', 'port %d' % port, *more, **options))


def cli(*words):
    return json.loads(subprocess.check_output([sys.executable, '-m', 'ssng', '-j'] + list(words), cwd=ROOT).decode())


@pytest.mark.parametrize('details, words', [
    ({}, ''), ({'extended': True, 'processes': True}, '-ep'), ({'numeric': True, 'info': True, 'memory': True}, '-nim'),
    ({'tos': True, 'inet_sockopt': True, 'info': False}, '--tos --inet-sockopt'),
    ({'facts': ('processes.args', 'peer.pid')}, '--columns=+processes.args,peer.pid')])
def test_beside_the_command_line(pair, details, words):
    """The objects of this process's sockets, but for what moves all the time."""
    expected = cli('-ta', 'port %d' % pair[0], *words.split())
    found = [each.as_dict() for each in of_port(pair[0], **details)]
    for each in expected + found:
        each.pop('timer', None)
        each.pop('info', None)
    assert found == expected and len(found) == 3


def test_attributes(pair):
    port, client, _ = pair
    mine, = [each for each in of_port(port, info=True, processes=True, extended=True)
             if (each.local.port, each.state) == (client.getsockname()[1], 'ESTAB')]
    assert (mine.netid, mine.peer.address, mine.peer.port, mine.memory) == ('tcp', '127.0.0.1', port, None)
    assert [each.pid for each in mine.processes] == [os.getpid()] == mine['pid'] == mine['processes.pid']
    assert mine['rtt'] == mine.info.rtt_us == mine['info.rtt_us'] == mine.get('rtt_us') > 0
    assert mine.inode == os.fstat(client.fileno()).st_ino and mine.get('netns', 7) == 7 and mine['netns'] is None
    assert mine.get('no such fact') is None
    with pytest.raises(KeyError):
        mine['no such fact']
    with pytest.raises(AttributeError):
        assert mine.rtt_ms
    assert 'info' in dir(mine) and 'rtt_us' in dir(mine.info)


def test_the_same_socket_is_equal(pair):
    """By namespace and cookie, in another answer and with other details."""
    first, again = of_port(pair[0]), of_port(pair[0], info=True)
    assert first == again and len(set(first + again)) == 3 and first[0] != first[1]
    assert first[0] != 5


def test_what_was_not_asked_for_is_none(pair):
    one = of_port(pair[0])[0]
    assert (one.uid, one.info, one.processes, one['rtt'], one.cookie) == (None, None, None, None, None)
    assert 'uid' not in one.as_dict()


def test_nobody_is_an_empty_list():
    """Who asks for processes can go over them, also where there are none."""
    assert all(isinstance(each.processes, list) for each in ssng.sockets('all', states='all', processes=True))


def test_counts(pair):
    expected = collections.Counter((each.state, each.local.port) for each in of_port(pair[0]))
    assert ssng.count('tcp', 'port %d' % pair[0], by=('state', 'sport')) == expected
    assert ssng.count('tcp', 'port %d' % pair[0], by='state') == {('ESTAB',): 2, ('LISTEN',): 1}
    assert ssng.count('tcp', 'port %d' % pair[0], by=()) == {(): 3}


def test_tables_with_a_family():
    with socket.socket(socket.AF_INET6) as six, socket.socket(type=socket.SOCK_DGRAM) as four:
        six.bind(('::1', 0))
        six.listen(1)
        four.bind(('127.0.0.1', 0))
        ports = {six.getsockname()[1], four.getsockname()[1]}
        found = {(each.netid, each.family) for each in ssng.sockets('tcp6', 'udp4', states='all') if each.local.port in ports}
        assert found == {('tcp', 'inet6'), ('udp', 'inet')}
        assert {each.family for each in ssng.sockets('tcp4,udp4', states='all')} <= {'inet'}


def test_facts_summary_and_explanation():
    assert ssng.facts('rtt') == json.loads(subprocess.check_output(
        [sys.executable, '-m', 'ssng', '-j', '--facts=rtt'], cwd=ROOT).decode('utf-8'))
    assert set(ssng.summary()) == set(cli('-s'))
    assert ssng.explain('tcp', 'dport = :443 and rtt > 1s') == cli('-t', '--explain', 'dport = :443 and rtt > 1s')


def test_what_is_wrong_is_raised_at_the_call():
    with pytest.raises(ssng.FilterError) as caught:
        ssng.sockets('tcp', 'sport = :22 and rttt > 5')
    assert caught.value.text == 'sport = :22 and rttt > 5' and caught.value.position == 16
    assert isinstance(caught.value, ValueError) and 'rtt' in str(caught.value)
    for wrong in ({'states': 'nix'}, {'facts': ('nix',)}, {'details': 'some'}, {'netns': 'no such namespace'}):
        with pytest.raises(ssng.Error):
            list(ssng.sockets('tcp', **wrong))
    with pytest.raises(TypeError):
        ssng.sockets('tcp', nix=True)


def test_what_is_missing_is_a_warning(monkeypatch, tmp_path):
    monkeypatch.setenv('PROC_NET_UDP', str(tmp_path))
    with pytest.warns(ssng.Incomplete):
        assert list(ssng.sockets('udp', states='all')) == []


def test_records(pair, tmp_path):
    """What was recorded answers as the kernel did, with other details and another filter; a damaged one warns."""
    path = str(tmp_path / 'x.pcapng')
    ssng.record(path, 'tcp', 'port %d' % pair[0], states='all', processes=True)
    expected = of_port(pair[0], extended=True, processes=True)
    found = list(ssng.sockets('tcp', states='all', source=path, extended=True, processes=True))
    assert [each.as_dict() for each in found] == [each.as_dict() for each in expected] and found == expected
    assert ssng.count('tcp', 'state = established', source=path, by='state') == {('ESTAB',): 2}
    with open(path, 'rb') as whole, open(path + '-', 'wb') as part:
        part.write(whole.read()[:-60])
    with pytest.warns(ssng.Incomplete):
        assert len(list(ssng.sockets('tcp', states='all', source=path + '-'))) == 3
    for wrong in (__file__, str(tmp_path / 'none')):
        with pytest.raises(ssng.Error):
            ssng.sockets(source=wrong)


# As part of a program

def things():
    """What a call may leave behind: descriptors, threads, children."""
    with open('/proc/self/task/%d/children' % os.getpid()) as children:
        return len(os.listdir('/proc/self/fd')), _thread._count(), children.read()


def test_a_generator_that_is_closed_leaves_nothing(pair):
    list(ssng.sockets('tcp', states='all'))
    before = things()
    for _ in range(20):
        found = ssng.sockets(states='all', processes=True)
        next(found)
        found.close()
        next(ssng.sockets('tcp', 'udp', states='all'))
    assert things() == before


def test_events_end_with_their_generator():
    before = things()
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(5)
        port = listener.getsockname()[1]
        found = ssng.events('tcp', 'port %d' % port)
        done = threading.Event()

        def connect():
            while not done.wait(.01):
                socket.create_connection(('127.0.0.1', port)).close()
                listener.accept()[0].close()
        thread = threading.Thread(target=connect)
        thread.start()
        try:
            assert port in (lambda each: (each.local.port, each.peer.port))(next(found))
        except ssng.KernelError as error:
            pytest.skip('no events here: %s' % error)
        finally:
            done.set()
            thread.join()
            found.close()
    assert things() == before


def test_threads(pair):
    expected, found = sorted(each.to_json() for each in of_port(pair[0])), []

    def look():
        for _ in range(5):
            found.append(sorted(each.to_json() for each in of_port(pair[0])))
    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 20


def test_import_loads_nothing():
    loaded = subprocess.check_output([sys.executable, '-c', 'import sys; before = set(sys.modules); import ssng; '
                                      'print(*(set(sys.modules) - before))'], cwd=ROOT)
    assert loaded.split() == [b'ssng']


def test_vendored_beside_another(tmp_path):
    (tmp_path / 'app').mkdir()
    (tmp_path / 'app/vendor').mkdir()
    shutil.copytree(os.path.join(ROOT, 'ssng'), str(tmp_path / 'app/vendor/ssng'))
    out = subprocess.check_output([sys.executable, '-c', '''
import sys
sys.path[:0] = [%r, %r]
import ssng
from app.vendor import ssng as other
assert other is not ssng and other.Error is not ssng.Error
found = [list(map(str, each.sockets('tcp', states='listening'))) for each in (ssng, other)]
assert found[0] == found[1], found
assert isinstance(next(iter(other.sockets('all', states='all'))), other.Socket)
print(*sorted({name.partition('.')[0] for name in sys.modules if 'ssng' in name}))
''' % (str(tmp_path), ROOT)], cwd=str(tmp_path))
    assert out.split() == [b'app', b'ssng']


def test_types(tmp_path):
    """mypy --strict accepts what the README shows, and knows the types."""
    if subprocess.call([sys.executable, '-c', 'import mypy'], stderr=subprocess.DEVNULL):
        pytest.skip('mypy is not installed')
    program = tmp_path / 'program.py'
    program.write_text('''
import ssng

for s in ssng.sockets('tcp', 'dport = :443 and rtt > 50ms', info=True, processes=True):
    print(s.peer.address, s.peer.port, s.info.rtt_us, [p.name for p in s.processes])
total: int = sum(ssng.count('tcp', by='state').values())
try:
    ssng.sockets('tcp', netns='all', facts=('processes.args',))
except ssng.FilterError as error:
    print(error.text, error.position)
''')
    checked = subprocess.Popen([sys.executable, '-m', 'mypy', '--strict', '--cache-dir=/dev/null', str(program)],
                               env=dict(os.environ, MYPYPATH=ROOT), stdout=subprocess.PIPE)
    assert checked.communicate()[0].decode().startswith('Success') and checked.returncode == 0


@pytest.mark.root
def test_kill():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)
        with socket.create_connection(listener.getsockname()) as client:
            mine, = ssng.sockets('tcp', 'sport = :%d' % client.getsockname()[1])
            try:
                assert mine.kill()
            except ssng.KernelError as error:
                pytest.skip('no socket may be closed here: %s' % error)
            with pytest.raises(OSError):
                client.recv(1)
            assert not mine.kill()
    netlink = next(ssng.sockets('netlink', states='all'))
    with pytest.raises(ssng.KernelError):
        netlink.kill()


def test_records_of_processes():
    """What -p tells is there without a name, the rest by its name."""
    one = Record({'pid': 7, 'name': 'x'})
    assert (one.pid, one['name'], one.args) == (7, 'x', None) and one == Record({'pid': 7, 'name': 'x'})
    assert UNDER == 'processes.' and repr(one) == "Record(pid=7, name='x')"
