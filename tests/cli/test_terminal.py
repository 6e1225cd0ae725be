"""On a terminal: colours, hints, the question in front of -K; and nothing of it in a pipe."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import uuid

import pytest

from tests.support.namespaces import ROOT, Room
from tests.support.programs import run, subject, surroundings
from tests.support.terminals import PROGRAM, shown
from tests.support.unprivileged import nobody, open_house   # noqa: F401

SEQUENCE = re.compile(rb'\x1b\[[0-9;]*m')
MAKER = '''
import socket
from tests.support.namespaces import hold, isolate
isolate()
listener = socket.socket()
listener.bind(('127.0.0.1', 1001))
listener.listen(3)
ends = [socket.create_connection(('127.0.0.1', 1001)), listener.accept()[0]] if %d else []
for end in ends:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))
udp = socket.socket(type=socket.SOCK_DGRAM)
udp.bind(('127.0.0.1', 1002))
hold()
'''


def made(connected):
    try:
        return Room([sys.executable, '-c', MAKER % connected])
    except OSError:
        pytest.skip('cannot make a network namespace (root can)')


@pytest.fixture(scope='module')
def idle():
    """A room in which somebody listens, and nobody is connected."""
    room = made(False)
    yield room
    room.close()


@pytest.fixture
def busy():
    """One with a connection, too."""
    room = made(True)
    yield room
    room.close()


# Hints

@pytest.mark.root
@pytest.mark.parametrize('words, said', [
    ('-tn', '-l (listening and unconnected sockets) would show 1'),
    ('-tn sport = :1001', '-l (listening and unconnected sockets) would show 1'),
    ('-tun', '-l (listening and unconnected sockets) would show 2'),
    ('-tn --columns=local', '-l (listening and unconnected sockets) would show 1'),
    ('-tn sport = :1', None), ('-tan sport = :1', None), ('-tn state established', None), ('-tln', None),
    ('-tn --count=state', '-l'), ('-tnK sport = :1001', None)])
def test_nothing_matched(words, said, idle):
    status, out = shown(PROGRAM + words.split(), enter=idle.enter)
    assert status == 0 and out.count(b'ssng: nothing matched, but ') == (said is not None)
    assert (said or '').encode() in out
    piped = run(subject() + words.split(), enter=idle.enter)
    assert piped.err == b'' and b'ssng' not in piped.out


@pytest.mark.root
def test_owners_that_privilege_hides(idle, nobody):
    _, program, more = nobody
    out = shown(program + ['-tlnp'], env=more['env'], enter=more['enter'])[1]
    assert b'it takes root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH' in out


@pytest.mark.root
@pytest.mark.parametrize('capabilities, seen', [
    ('+sys_ptrace', False), ('+dac_read_search', False), ('+sys_ptrace,+dac_read_search', True)])
def test_it_takes_both(capabilities, seen, idle, open_house):
    _, program, more = open_house
    words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=' + capabilities,
             '--ambient-caps=' + capabilities]
    try:
        if run(words + ['true']).status:
            pytest.skip('these capabilities cannot be handed on here')
    except OSError:
        pytest.skip('no setpriv on this machine')
    status, out = shown(words + program + ['-tlnp'], env=more['env'], enter=idle.enter)
    assert status == 0 and (b'users:((' in out) is seen and (b'ssng: not all processes' in out) is not seen


# -K

def connections(room):
    return run(subject() + ['-Htn'], enter=room.enter).out.count(b'\n')


@pytest.mark.root
@pytest.mark.parametrize('typed, status, left', [(b'n\n', 1, 2), (b'\n', 1, 2), (b'y\n', 0, 0), (b'Yes\n', 0, 0)])
def test_a_kill_without_a_filter_is_asked_for(typed, status, left, busy):
    found, out = shown(PROGRAM + ['-tnK'], typed=typed, enter=busy.enter)
    if left == 0 and b'Operation not supported' in out:
        pytest.skip('this kernel closes no sockets')
    assert (found, connections(busy)) == (status, left)
    assert out.startswith(b'ssng: there is no filter: close all sockets of tcp? [y/N] ')
    assert (b'ssng: nothing was closed' in out) is (status == 1)


@pytest.mark.root
@pytest.mark.parametrize('words', [
    '-tnK sport = :1', '-tnK state time-wait', '-tnK -F /dev/null sport = :1', '-xK', '-tK --dry-run'])
def test_what_is_not_asked(words, busy):
    assert b'?' not in shown(PROGRAM + words.split(), enter=busy.enter)[1]


@pytest.mark.root
def test_nobody_is_asked_in_a_pipe(busy):
    answer = run(subject() + ['-HtnK'], enter=busy.enter)
    assert answer.status == 0 and b'?' not in answer.err


@pytest.mark.root
@pytest.mark.parametrize('words, like', [('-tnK', '-tn'), ('-tanK sport = :1001', '-tan sport = :1001'), ('-tanjK', '-tanj')])
def test_a_dry_run_closes_nothing(words, like, busy):
    answer = run(subject() + words.split() + ['--dry-run'], enter=busy.enter)
    assert answer == run(subject() + like.split(), enter=busy.enter) and answer.status == 0
    assert connections(busy) == 2


@pytest.mark.root
def test_a_dry_run_shows_what_can_be_closed_alone(busy):
    answer = run(subject() + ['-atuxnKj', '--dry-run'], enter=busy.enter)
    assert {socket['netid'] for socket in json.loads(answer.out.decode())} == {'tcp', 'udp'}


def test_a_dry_run_of_nothing():
    assert run(subject() + ['-t', '--dry-run']) == (255, b'', b'ssng: --dry-run goes with --kill alone\n')


# Colours

@pytest.mark.root
def test_colours_on_a_terminal_and_in_a_pipe(busy):
    plain, coloured = [run(subject() + ['-tan'] + more, enter=busy.enter) for more in ([], ['--color=always'])]
    assert b'\x1b' in coloured.out and SEQUENCE.sub(b'', coloured.out) == plain.out
    for more in (['--color'], ['--color=auto'], ['--color=never']):
        assert run(subject() + ['-tan'] + more, enter=busy.enter) == plain
    assert run(subject() + ['-tan'], enter=busy.enter, env={'SSNG_COLOR': 'auto'}) == plain
    assert run(subject() + ['-tan'], enter=busy.enter, env={'SSNG_COLOR': 'always'}) == coloured
    for columns in (20, 80, 200):
        bare = shown(PROGRAM + ['-tan'], columns, enter=busy.enter)[1]
        painted = shown(PROGRAM + ['-tan', '--color'], columns, env={'TERM': 'xterm'}, enter=busy.enter)[1]
        assert b'\x1b' not in bare and b'\x1b' in painted and SEQUENCE.sub(b'', painted) == bare
    assert shown(PROGRAM + ['-tan', '--color'], env={'NO_COLOR': '1', 'TERM': 'xterm'}, enter=busy.enter)[1] == shown(
        PROGRAM + ['-tan'], enter=busy.enter)[1]


@pytest.mark.parametrize('word', ['blue', ''])
def test_an_unknown_colour(word):
    status, out, err = run(subject() + ['--color=' + word])
    said = 'ssng: --color=%s: known are auto, always and never (see ssng --help)\n' % word
    assert (status, out, err) == (255, b'', said.encode())


def test_json_is_not_coloured():
    for words in (['-tlj'], ['-tl', '--csv'], ['-tl', '--pretty']):
        assert b'\x1b' not in run(subject() + words + ['--color=always']).out


# What tmux shows of it: nothing is broken, nothing wraps

@pytest.fixture
def tmux():
    if not shutil.which('tmux'):
        pytest.skip('no tmux on this machine')

    def screen(columns, command):
        """The lines of a screen after a command, and the same with escape sequences."""
        name = 'ssng-test-%s' % uuid.uuid4().hex[:8]

        def ask(*words):
            return subprocess.check_output(['tmux', '-L', name, '-f', '/dev/null'] + list(words),
                                           env=dict(surroundings(), TERM='xterm'))
        ask('new-session', '-d', '-x', str(columns), '-y', '50', 'cd %s; %s; tmux -L %s wait-for -S done; sleep 60' % (
            shlex.quote(ROOT), command, name))
        ask('wait-for', 'done')
        try:
            return ask('capture-pane', '-p').decode().rstrip('\n').split('\n'), ask('capture-pane', '-p', '-e')
        finally:
            ask('kill-server')
    return screen


@pytest.mark.root
@pytest.mark.parametrize('columns', [80, 200])
def test_a_look(columns, tmux, busy):
    """The same screen with colours and without; no row is broken in two, but for what does not fit."""
    command = ' '.join(map(shlex.quote, ['nsenter', '--net=/proc/%s/ns/net' % busy.facts['pid']] + PROGRAM + ['-tan']))
    plain, codes = tmux(columns, command)
    painted, colours = tmux(columns, command + ' --color')
    assert plain == painted and b'\x1b[' not in codes and b'\x1b[32m' in colours
    assert len(plain) == 4 and plain[0].split()[:2] == ['State', 'Recv-Q']
    assert {line.split()[0] for line in plain[1:]} == {'LISTEN', 'ESTAB'}
    text, _ = tmux(columns, ' '.join(PROGRAM) + ' --help')
    assert not [line for line in text if len(line) >= 80] and text[-1].endswith('the manual')


# -s

def test_summary_and_sockets_are_one_document():
    found = json.loads(run(subject() + ['-stlj']).out.decode())
    assert set(found) == {'summary', 'sockets'}
    assert set(found['summary']) == {'total', 'tcp', 'transport'} and found['sockets'].__class__ is list
    assert set(json.loads(run(subject() + ['-stl', '--pretty']).out.decode())) == {'summary', 'sockets'}
    nothing = json.loads(run(subject() + ['-stj', 'sport', '=', ':1']).out.decode())
    assert nothing['sockets'] == []
    assert set(json.loads(run(subject() + ['-sj']).out.decode())) == {'total', 'tcp', 'transport'}
    lines = run(subject() + ['-stl', '--json=lines']).out.decode().splitlines()
    assert [set(json.loads(line)) >= {'netid'} for line in lines] == [False] + [True] * (len(lines) - 1)


@pytest.mark.parametrize('missing', [['sockstat'], ['sockstat6'], ['snmp'], ['sockstat', 'sockstat6', 'snmp']], ids=' '.join)
def test_what_cannot_be_read_is_absent(missing, tmp_path):
    (tmp_path / 'net').mkdir()
    for name in {'sockstat', 'sockstat6', 'snmp'}.difference(missing):
        shutil.copy('/proc/net/' + name, str(tmp_path / 'net' / name))
    status, out, err = run(subject() + ['-sj'], env={'PROC_ROOT': str(tmp_path)})
    found = json.loads(out.decode())
    assert status == 0 and (err == b'') is (missing == ['sockstat6'])
    if len(missing) == 3:
        assert found == {}
    assert ('total' in found) is ('sockstat' not in missing)
    assert ('established' in found.get('tcp', {})) is ('snmp' not in missing)
    assert ('closed' in found.get('tcp', {})) is ('sockstat' not in missing)
    readable = {'sockstat', 'sockstat6'}.isdisjoint(missing) and os.path.exists('/proc/net/sockstat6')
    assert ('ipv6' in found.get('transport', {}).get('tcp', {})) is readable
    assert b'Total: 0\n' in run(subject() + ['-s'], env={'PROC_ROOT': str(tmp_path)}).out or 'sockstat' not in missing
