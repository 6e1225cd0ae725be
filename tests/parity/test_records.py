"""Records of real sockets: a replay prints what the command line printed when the record was made.

A record is made between two answers; where these are alike the sockets rested, and the replay must be like both.  What
passes with the time (timers, what a connection says of itself) is the record's own: ss prints the same of its messages.
"""
import errno
import shlex
import struct
import time

import pytest

from tests.parity.commands import enabled
from tests.parity.test_live import STDIN, facts, folder      # noqa: F401
from tests.support import dumps, seccomp, wire
from tests.support.programs import Command, complaint, difference, run, same

pytestmark = [pytest.mark.root, pytest.mark.parity]

ATTEMPTS = 5
EVERY = 5               # of the table of command lines, of which there are some 1,700, one of so many
EXCLUDED = {
    'autobound': 'whether the kernel chose a port of TCP it tells only when it is asked: false in a record, and told',
    '-K': 'closes sockets: it excludes --record',
    '--bpf-map': 'the ids of maps are those of a host',         # test_replay.py has values in maps
}
WRONG = 'wrong expressions', 'wrong command lines', 'wrong expressions of a family'     # there is nothing to record

# What ss has no words for
BEYOND = '''
-tanj
-tuanpj
-tulnpje --tos
-uanemj --inet-sockopt
-xapj
-0ej
-Manj
-tanj --pretty sport = 22
PROC_NET_SOCKSTAT={folder}/sockstat PROC_NET_SOCKSTAT6={folder}/sockstat6 PROC_NET_SNMP={folder}/snmp -s -j
PROC_NET_SOCKSTAT={folder}/sockstat PROC_NET_SOCKSTAT6={folder}/sockstat6 PROC_NET_SNMP={folder}/snmp -s -tj
PROC_NET_SOCKSTAT={folder}/sockstat PROC_NET_SOCKSTAT6={folder}/sockstat6 PROC_NET_SNMP={folder}/snmp -sta
-tan --columns=local,peer,state
-tan --columns=+uid,inode,cookie
-tan --columns=pid,comm,local
-tan --columns=local,processes.args,processes.user,processes.started_s
-x --columns=local,peer,peer.processes.name
-xl --columns=local,peer.comm
-tn sport=:1030 --columns=local,peer,peer.inode,peer.processes.user,peer.comm
-tn4 --columns=+peer.pid
-tnj 'state = close-wait and peer.comm = python*' --columns=local,peer.pid
-ta --columns=local.service,local.port
-ta --columns=+cgroup,cgroup_unit
-tlnr --columns=local,local.host
-tan --csv
-uan --tsv -e
-tan --json=lines
-tan --sort=-sport --top=5
-tuan --sort=local.address,local.port
-tuan --count
-tuan --count=netid,state
-tan --count=peer.address --total=recv_q --max=send_q
-ta --count=local.service -j
-tap --count=comm
-tan --count=state --csv
-tuan --count=state --openmetrics
-tan 'state = listening and accept_backlog > 10'
-tan 'recv_q > 0 or send_q > 0'
-tan 'comm = python*'
-tan 'pid = 1 and sport > 1100'
-tan 'rcvbuf > 100000'
-tan 'not cgroup ~ inner'
-tan ':1030'
-tuan 'port 53 or host 127.0.0.1'
-x 'path ~ sock'
-tan 'local.interface = lo'
'''


def table():
    lines = [(group, line) for group, line in enabled()
             if group not in WRONG and not any(word in line for word in EXCLUDED)]
    return [pytest.param(line, id='%s: %s' % (group, line)) for group, line in
            lines[::EVERY] + [('beyond ss', line) for line in BEYOND.split('\n') if line]]


def at_rest(ask, make):
    """What is answered, the same before and after something is made."""
    for attempt in range(ATTEMPTS):
        time.sleep(.05 * attempt)
        before, made, after = ask(), make(), ask()
        if same(before, after):
            return before, made
    raise AssertionError('the sockets do not rest:\n' + difference(before, after))


@pytest.mark.parametrize('line', table())
def test_the_line_itself(line, crowd, folder, tmp_path):        # noqa: F811
    path = tmp_path / 'record'
    command = Command.parse(line, facts(crowd, folder))

    def asked(*more):
        return crowd.forker.run(list(more) + command.arguments, env=command.env, stdin=STDIN, folder=folder)
    expected, made = at_rest(asked, lambda: asked('--record=%s' % path))
    assert (made.out, made.err, made.status) == (b'', expected.err, expected.status)
    if not path.exists():
        assert expected.err         # what is wrong with the question
        return
    answer = asked('--replay=%s' % path)
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)



def test_other_ends_are_no_rows(crowd, tmp_path):
    """What was asked for to tell them is no answer to another question."""
    path = tmp_path / 'record'
    assert crowd.forker.run(['-tn', 'sport = :1030', '--columns=+peer.pid', '--record=%s' % path]).status == 0
    answer = crowd.forker.run(['-tanH', '--columns=local,peer.pid', '--replay=%s' % path])
    assert sorted([line.split() for line in answer.out.splitlines()]) == [[b'127.0.0.1:1030', b'1'], [b'[::1]:1030', b'1']]


# One record, other questions

REST = """
-ta
-tuan
-tl
-t4
-tan6
-u
-uanemp
-x
-xap
-xl
-A u_dgr -a
-0ab --columns=local,state,inode
-wan
-Man
-tan state syn-recv
-tan state bound-inactive
-tan state time-wait
-tan exclude established
-tan sport = 22
-tan src 127.0.0.1 and dport > 1100
-tan dev lo
-tan fwmark = 0x1234
-tanr dst [::1]
-tlpT
-tlnm sport < 1000
-tlne --tos --cgroup --inet-sockopt
-A all,!netlink
-A all,!netlink,!packet -anH
-A inet -l
-tanpj
-xaj
-tan --columns=local,peer,uid,processes.args
-tuan --count=state,netid
-tan --sort=-sport --top=7 --csv
-tan 'comm = python* and state = listening'
"""


def test_other_questions(crowd, tmp_path):
    """Of a record of everything, with all details, owners and names."""
    path = tmp_path / 'record'
    commands = [Command.parse(line).arguments for line in REST.split('\n') if line]
    before = list(map(crowd.forker.run, commands))
    made = crowd.forker.run(['-A', 'all', '-aprT', '--columns=+processes.args', '--record=%s' % path])
    assert (made.status, made.out) == (0, b'')
    resting = [(words, answer) for words, answer in zip(commands, before) if same(answer, crowd.forker.run(words))]
    assert len(resting) > .8 * len(commands)
    replayed = [(words, answer, crowd.forker.run(words + ['--replay=%s' % path])) for words, answer in resting]
    wrong = [' '.join(words) + '\n' + difference(expected, answer) for words, expected, answer in replayed
             if not same(expected, answer) or complaint(answer)]
    assert not wrong, '\n'.join(wrong)


# From /proc

@pytest.mark.skipif(not seccomp.available(), reason='the system call numbers of this machine are not known here')
@pytest.mark.parametrize('line', [
    '-t', '-tane state listening', '-tan state syn-recv', '-uan', '-xa', '-w', '-wal', '-0a', '-ta6 sport = 22'])
def test_what_proc_tells(line, crowd, subject, tmp_path):
    """Where netlink is refused; and of what was recorded of all of it, what is asked for later."""
    def enter():
        crowd.enter()
        seccomp.refuse_netlink(errno.EACCES)
    path, whole, words = tmp_path / 'record', tmp_path / 'whole', shlex.split(line)
    expected, made = at_rest(lambda: run(subject + words, enter=enter),
                             lambda: run(subject + words + ['--record=%s' % path], enter=enter))
    assert (made.out, made.err, made.status) == (b'', expected.err, 0)
    assert run(subject + ['-A', 'all', '-a', '--record=%s' % whole], enter=enter).status == 0
    for record in path, whole:
        answer = run(subject + words + ['--replay=%s' % record], enter=enter)
        assert same(expected, answer) and not answer.err, '\n' + difference(expected, answer)


# What passes with the time

MEMORY = 1, 7           # INET_DIAG_MEMINFO, INET_DIAG_SKMEMINFO
PASSING = [
    '-tano', '-tanoe', '-tani', '-taniO', '-taneimo', '-tanepimoO --tos --cgroup --inet-sockopt', '-ti', '-to state fin-wait-1',
    '-tan4io', '-tan6im', '-tanio sport > 1100', '-tno state time-wait', 'COLUMNS=80 -taneimo', '-taHi', '-tanQio']


def messages(path, without):
    """The messages about TCP sockets of a record, by struct alone, as a file of ss -D has them, less some attributes."""
    data, at, found, asked = path.read_bytes(), 0, [], False
    while at < len(data):
        kind, size = struct.unpack_from('=II', data, at)
        length, = struct.unpack_from('=I', data, at + 20)
        message = data[at + 28 + 16:at + 28 + length]
        if kind == 6 and not struct.unpack_from('=I', message, 12)[0]:
            asked = message[16] in (2, 10) and message[17] == 6 or message[4] == 18
        elif kind == 6 and asked:
            found += [wire.message(less(each.payload, without), each.kind) for each in dumps.messages(message)]
        at += size
    return dumps.joined(b''.join(found))


def less(payload, without):
    attributes = [wire.attribute(*each) for each in dumps.attributes(payload) if each[0] not in without]
    return payload[:dumps.INET_DIAG_MSG] + b''.join(attributes)


@pytest.mark.parametrize('line', PASSING)
def test_what_passes_with_the_time(line, crowd, reference, tmp_path):
    """ss prints the same of the messages that the record holds, as far as it would have asked for them."""
    record, dump, command = tmp_path / 'record', tmp_path / 'dump', Command.parse(line)
    assert crowd.forker.run(command.arguments + ['--record=%s' % record], env=command.env).status == 0
    dump.write_bytes(messages(record, () if 'm' in ''.join(command.arguments) else MEMORY))
    expected = run(reference + command.arguments, env=dict(command.env, TCPDIAG_FILE=str(dump)), enter=crowd.enter)
    answer = crowd.forker.run(command.arguments + ['--replay=%s' % record], env=command.env)
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)
