"""``--host``, ``--pod`` and ``--via``, with commands that stand for hosts, in a network of its own."""
import csv
import glob
import io
import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from ssng.cli import far
from ssng.cli.options import read
from ssng.errors import Failure
from tests.support import terminals
from tests.support.programs import run


def commands(*words):
    draft, _, end = read(list(words))
    assert end is None
    return far.commands(draft)


@pytest.fixture(scope='module')
def room(furnished):
    return furnished('tests.cli.sockets')


@pytest.fixture
def ask(room, subject):
    """The function that runs the program in the room, with words; returns (status, stdout, lines of stderr)."""
    def asked(*words, **more):
        answer = run(subject + list(words), enter=room.enter, **more)
        return answer.status, answer.out, answer.err.decode().splitlines()
    return asked


# Words

@pytest.mark.parametrize('words, command', [
    (['--host=web1'], 'ssh -T -o BatchMode=yes -o ConnectTimeout=20 web1 python3 -'),
    (['--host', 'root@web1', '--timeout=2.5'], 'ssh -T -o BatchMode=yes -o ConnectTimeout=2 root@web1 python3 -'),
    (['--timeout=.2', '--host=::1'], 'ssh -T -o BatchMode=yes -o ConnectTimeout=1 ::1 python3 -'),
    (['--pod=web-7d'], 'kubectl exec -i web-7d -- python3 -'),
    (['--pod=shop/web-7d'], 'kubectl exec -i --namespace=shop web-7d -- python3 -'),
    (['--pod=shop/web-7d/nginx'], 'kubectl exec -i --namespace=shop web-7d --container=nginx -- python3 -'),
    (['--pod=/web-7d/nginx'], 'kubectl exec -i web-7d --container=nginx -- python3 -'),
    (['--via=docker exec -i "my web"'], "docker exec -i 'my web' python3 -")])
def test_what_is_run(words, command):
    (name, found), = commands(*words)
    assert found == shlex.split(command)
    assert name == [word.partition('=')[2] or words[1] for word in words if not word.startswith('--timeout')][0]


def test_lists_and_repetition_keep_their_order_and_each_is_asked_once():
    assert [name for name, _ in commands('--host=b,a', '--via=env', '--host=a,c', '--pod=x')] == ['b', 'a', 'env', 'c', 'x']


@pytest.mark.parametrize('words, said', [
    (['--host=-oProxyCommand=x'], '--host "-oProxyCommand=x": a host is HOST or USER@HOST'), (['--host='], 'a host is'),
    (['--host=a,,b'], 'a host is'), (['--host=a,-b'], 'a host is'), (['--host=root@-b'], 'a host is'),
    (['--host=x@'], 'a host is'),
    (['--pod=-n'], 'a pod is'), (['--pod=a/b/c/d'], 'a pod is'), (['--pod=a/'], 'a pod is'), (['--pod='], 'a pod is'),
    (['--pod=a/-x'], 'a pod is'), (['--via='], 'there is no command in it'), (['--via="'], 'no closing quotation'),
    (['--via=env', '--timeout=0'], '"0" is not a number of seconds'), (['--via=env', '--timeout=nan'], 'not a number of seconds'),
    (['--via=env', '--at-once=0'], '"0" is not a number of hosts'), (['--via=env', '--at-once=-1'], 'not a number of hosts'),
    (['--timeout=3'], 'go with --host, --pod or --via'), (['--at-once=3'], 'go with --host, --pod or --via'),
    (['--host=a', '-K'], '--host and --kill exclude each other'), (['--host=a', '--watch'], '--host and --watch exclude'),
    (['--pod=a', '-E'], '--pod and --events exclude'),
    (['--via=env', '-s'], '--via and --summary exclude'), (['--via=env', '-D', 'x'], '--via and --diag exclude'),
    (['--via=env', '--record=x'], '--via and --record exclude'), (['--via=env', 'sport ='], 'needs'),
    (['--via=env', 'rttt > 1'], 'did you mean rtt'), (['--via=env', '--sort=nix'], 'nix')])
def test_what_is_refused_before_anybody_is_asked(words, said, capfdbinary, monkeypatch):
    from ssng.cli.main import main
    from ssng.sources import remote
    monkeypatch.setattr(remote, 'ask', None)
    assert main(words) != 0
    out, err = capfdbinary.readouterr()
    assert out == b'' and err.startswith(b'ssng: ') and said in err.decode()


def test_what_goes_along():
    words = ['-tanp', '--host', 'a', '--netns=web', '-N', 'x', '--color', '--json=lines', '-F', 'file', '--at-once=3',
             '--sort=rtt', 'dport', '--timeout=3', '-f', 'inet', '--', '-K']
    assert far.forwarded(words) == (['--tcp', '--all', '--numeric', '--processes', '--netns=web', '--net=x', '--json=lines',
                                     '--sort=rtt', '--family=inet'], ['file'])


def test_unknown_names_are_no_mistakes_here():
    draft, operands, _ = read(['sport = nosuchservice and dst no.such.example and dev nosuch7 and cgroup /no/such or link = x'])
    query, operands = draft.settle(operands[:1])
    far.read(query, ['sport = nosuchservice and dst no.such.example and dev nosuch7 and cgroup /no/such'], [], None, far.Unasked)
    assert query.selection.condition is not None
    with pytest.raises(Failure):
        far.read(query, ['dst no.such.example and and'], [], None, far.Unasked)


# Answers

SAME = ['-tan', '-uan', '-xa', '-tl', '-tuxaepm --tos --cgroup --inet-sockopt', '-tanO -H -Q', '-4tan', '-f inet6 -a',
        '-tax --columns=state,local,pid,comm', '-tax --columns=+inode,processes.args', '-tuxa --count=netid,state',
        '-tuxap --sort=-inode', '-tuxap --top=3 --sort=local.port', '-ta --count=comm --total=recv_q',
        '-tuna sport = :1001', '-ta sport = :1001 or dport = :1002',
        '-ta src 127.0.0.1 and not dst [::1]', '-ta state established',
        '-ta state = established', '-ta dev lo', '-ta dev != lo',
        '-ta src localhost', '-tua dport = 2001 or inode > 5', '-ta comm ~ py', '-xa src @ssng/*', '-taj comm ~ py', '-tuxaepj',
        '-ta --csv', '-tap --tsv', '-ta --json=lines', '-ta --pretty', '-r -ta', '-A tcp,unix_stream -a',
        '-tu state all exclude listening']


def without_host(words, out):
    """JSON and CSV tell the host where one was asked for."""
    text = re.sub(r',\s*"host": ?"[^"]*"', '', out.decode())
    if '--csv' in words or '--tsv' in words:
        mark = '\t' if '--tsv' in words else ','
        rows = list(csv.reader(io.StringIO(text), delimiter=mark))
        places = [at for at, name in enumerate(rows[0]) if name.startswith('host')]
        return [[cell for at, cell in enumerate(row) if at not in places] for row in rows]
    if text.startswith('[') or text.startswith('{'):
        return [json.loads(part) for part in text.splitlines()] if '--json=lines' in words else json.loads(text)
    return text


@pytest.mark.root
@pytest.mark.parametrize('line', SAME)
def test_the_answer_is_that_of_the_host(line, ask):
    """As the same words have it where they are asked."""
    words = line.split()
    status, out, err = ask(*words)
    there = ask('--via=env', *words)
    assert (there[0], there[2]) == (status, err) and without_host(words, there[1]) == without_host(words, out)


@pytest.mark.root
def test_a_filter_file_is_read_here(ask, tmp_path):
    (tmp_path / 'filter').write_text('# a comment\nsport = :1001 or\nsport = :1002\n')
    words = ['-ta', '-F', str(tmp_path / 'filter')]
    here, there = ask(*words), ask(*words + ['--via=sh -c "cd /proc; \\"$@\\"" sh'])
    assert here[1].count(b'\n') == 3 and there == here


@pytest.mark.root
def test_several_are_one_answer(ask):
    names = ['env A=%d' % number for number in (1, 2, 3)]
    via = ['--via=' + name for name in names]
    status, alone, _ = ask('-tuxap')
    status, out, err = ask('-tuxap', *via)
    lines, expected = out.decode().splitlines(), alone.decode().splitlines()
    assert (status, err) == (0, []) and lines[0].split()[:2] == ['Host', 'Netid']
    rows = [re.sub(' +', ' ', line).strip() for line in lines[1:]]
    assert rows == ['%s %s' % (name, re.sub(' +', ' ', line).strip()) for name in names for line in expected[1:]]

    status, out, _ = ask('-taj', 'host = "env A=2","env A=3"', *via)
    assert {row['host'] for row in json.loads(out)} == set(names[1:])
    assert ask('-ta', '--count=host', 'host != "env A=1" and sport = :1001', *via)[1].decode().split() == [
        'COUNT', 'HOST', '1', 'env', 'A=2', '1', 'env', 'A=3']
    out = ask('-ta', '--csv', '--columns=host,local.port', '--sort=-host,local.port', 'sport = :1001', *via)[1]
    assert out.decode().splitlines() == ['host,local.port'] + ['%s,1001' % name for name in names[::-1]]
    assert [json.loads(line)['count'] for line in ask('-tap', '--count=comm', '--json=lines', *via)[1].splitlines()]
    assert ask('-ta', 'host 127.0.0.1', *via[:1])[1] == ask('-ta', 'host 127.0.0.1')[1]


@pytest.mark.root
def test_owners_are_those_of_each_host(ask):
    """The same inode on two hosts is not the same socket: one of these two may not look into processes."""
    if not os.path.exists('/usr/bin/setpriv'):
        pytest.skip('needs setpriv')
    blind = 'setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace --reuid=nobody --clear-groups env'
    for words in (['-tap'], ['-ta', '--columns=host,processes.pid'], ['-tapj'], ['-ta', '--sort=comm', '--columns=+comm'],
                  ['-ta', '--count=host,comm']):
        status, out, err = ask('--via=' + blind, '--via=env', *words)
        assert status == 0 and err in ([], ['ssng: %s: not all owners of sockets can be told: Permission denied' % blind])
        rows = [line for line in out.decode().splitlines() if 'setpriv' in line]
        assert rows and not [row for row in rows if 'python' in row or '"processes"' in row]
        rows = out.decode().splitlines()
        assert [row for row in rows if 'python' in row or '"processes"' in row or re.search(r'env +\d', row)]


@pytest.mark.root
def test_who_fails_is_told_and_the_others_are_shown(ask, tmp_path):
    (tmp_path / 'half').write_text('python3 - | head -c 3000\n')
    (tmp_path / 'cut').write_text('python3 - | head -c -40\n')
    (tmp_path / 'noisy').write_text('echo Welcome; echo \x1b[31mhello >&2; python3 -; echo bye; exit 7\n')
    (tmp_path / 'deaf').write_text('exec <&-; sleep .1; echo "no such luck" >&2; exit 9\n')
    (tmp_path / 'bad').write_text('printf "\\n\\r\\r\\n\\034\\0\\0\\0\\115\\074\\053\\032garbage"\n')
    names = {name: 'sh %s/%s' % (tmp_path, name) for name in ('half', 'cut', 'noisy', 'deaf', 'bad')}
    names.update(none='env PATH=/nonexistent', wrong='/nonexistent/x\x1b[31m', hangs='sh -c "sleep 1000"', well='env')
    via = ['--via=%s' % name for name in names.values()]
    status, out, err = ask('-ta', '-j', '--timeout=20', *via[:-2] + via[-1:])
    shown = {row['host'] for row in json.loads(out)}
    assert status == 1 and shown >= {names['noisy'], 'env'} and not shown & {names['deaf'], names['none'], names['bad']}
    told = {line[6:].partition(': ')[0]: line.partition(': ')[2].partition(': ')[2] for line in err}
    assert told.pop(names['half']).startswith('its answer is damaged: ')
    assert told.pop(names['cut']).startswith('its answer is damaged: ')
    assert told.pop(names['bad']).startswith('its answer: ')
    assert told == {names['deaf']: 'no such luck', names['none']: 'it has no python3',
                    '/nonexistent/x\\x1b[31m': '/nonexistent/x\\x1b[31m is not installed here'}
    status, out, err = ask('-ta', '--timeout=6', *via[-2:])
    assert status == 1 and err == ['ssng: sh -c "sleep 1000": no answer within 6 seconds'] and out.count(b'\nenv ') == 6


@pytest.mark.root
def test_thirty_two_at_once_and_nothing_is_left(ask, tmp_path):
    """Neither a file nor a process; a Python whose modules were never compiled does not compile them now."""
    for name in ('home', 'here', 'tmp'):
        (tmp_path / name).mkdir()
    (tmp_path / 'here' / 'zlib.py').write_text('raise SystemExit("a module of somebody else")\n')
    env = {'HOME': str(tmp_path / 'home'), 'TMPDIR': str(tmp_path / 'tmp'), 'PYTHONPATH': ''}
    there = 'sh -c "cd %s; \\"$@\\"" sh' % (tmp_path / 'here')
    before = compiled()
    status, out, err = ask('-ta', '--count=host', *['--via=%s env A=%d' % (there, number) for number in range(32)],
                           folder=None, env=dict(env, PYTHONPATH=os.getcwd()))
    assert (status, err) == (0, []) and len(out.splitlines()) == 33
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob('*'))
    assert found == ['here', 'here/zlib.py', 'home', 'tmp'] and compiled() == before
    listed = subprocess.check_output(['ps', '-eo', 'args']).decode()
    assert str(tmp_path) not in listed


def compiled():
    folder = os.path.dirname(os.__file__)
    return set(glob.glob(folder + '/__pycache__/*') + glob.glob(folder + '/*/__pycache__/*'))


@pytest.mark.root
@pytest.mark.parametrize('version', ['3.6', '3.13', '3.14'])
def test_other_pythons_on_the_far_side(version, ask):
    found = sorted(glob.glob(os.path.expanduser('~/.pyenv/versions/%s*/bin/python3' % version)))
    if not found:
        pytest.skip('no Python %s of pyenv' % version)
    via = '--via=env PATH=%s:%s' % (os.path.dirname(found[0]), os.environ['PATH'])
    for words in (['-tuxap'], ['-ta', 'comm ~ py and sport = :1001']):
        assert ask(via, *words) == ask(*words)


def test_a_line_of_progress_on_a_terminal_is_gone_in_the_end():
    status, out = terminals.shown(terminals.PROGRAM + ['--via=env', '--via=env A=1', '--at-once=1', '-xlH', 'inode < 0'])
    assert status == 0 and out.startswith(b'\rssng: ') and b'\rssng: 1 of 2 hosts' in out and out.endswith(b'\r\x1b[K')
    assert out.count(b'\n') == 0


def test_it_goes_on_from_a_copy_of_itself(tmp_path, subject):
    """From the single text and from a zip file there is the whole source to be sent, too."""
    from tests.support.namespaces import ROOT
    for tool, name in (('onefile', 'ssng.py'), ('zipapp', 'ssng.pyz')):
        path = str(tmp_path / name)
        subprocess.check_call([sys.executable, os.path.join(ROOT, 'tools', tool), path], stdout=subprocess.DEVNULL)
        answer = run([sys.executable, path, '--via=env', '-xlH', 'inode < 0'], env={'PYTHONPATH': ''}, folder=str(tmp_path))
        assert tuple(answer) == (0, b'', b'')
