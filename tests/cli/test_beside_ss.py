"""Command lines given to the reference ss too: what it asks the kernel for, and how it ends."""
import random
import re
import shlex
import shutil
import subprocess
import sys
import types

import pytest

from ssng.cli.main import main
from ssng.cli.options import named, read
from ssng.errors import Failure, Notice
from ssng.kernel.abi import sock_diag as abi
from ssng.tables import INET

from tests.cli.sockets import MARKS
from tests.support.forker import forker
from tests.support.programs import run, surroundings

PROTOCOLS = {'tcp': abi.IPPROTO_TCP, 'udp': abi.IPPROTO_UDP, 'raw': abi.IPPROTO_RAW, 'sctp': abi.IPPROTO_SCTP,
             'mptcp': abi.IPPROTO_MPTCP}
STATELESS = {'packet_raw': abi.AF_PACKET, 'packet_dgram': abi.AF_PACKET, 'netlink': abi.AF_NETLINK, 'xdp': abi.AF_XDP}
STATEFUL = {'unix_stream': abi.AF_UNIX, 'unix_dgram': abi.AF_UNIX, 'unix_seqpacket': abi.AF_UNIX,
            'vsock_stream': abi.AF_VSOCK, 'vsock_dgram': abi.AF_VSOCK, 'tipc': abi.AF_TIPC}


@pytest.fixture(scope='module')
def room(furnished):
    return furnished('tests.cli.sockets')


@pytest.fixture
def answers(room, reference, tmp_path):
    """What the reference answers in the room to each of many command lines: [(status, stdout, stderr)...]."""
    def answers(lines, before=()):
        program = ' '.join(shlex.quote(word) for word in list(before) + reference)
        script = ['%s %s >%d.out 2>%d.err </dev/null; echo $?' % (
            program, ' '.join(shlex.quote(word) for word in words), number, number)
            for number, words in enumerate(lines)]
        shell = subprocess.Popen(['sh'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=str(tmp_path),
                                 env=surroundings(), preexec_fn=room.enter)
        statuses = shell.communicate('\n'.join(script).encode('latin-1'))[0].split()
        return [(int(status), (tmp_path / ('%d.out' % number)).read_bytes().decode('latin-1'),
                 (tmp_path / ('%d.err' % number)).read_bytes().decode('latin-1'))
                for number, status in enumerate(statuses)]
    return answers


# Working sets: how tables, families and states complete each other (command-line.md 1.3)

def random_choice(chance):
    """A command line that chooses tables, families and states."""
    names = ('all inet udp tcp mptcp sctp raw netlink tipc xdp unix u_str unix_dgram u_seq packet p_raw packet_dgram '
             'vsock v_str vsock_dgram').split()
    states = ('all connected synchronized bucket big established syn-sent SYN-RECV syn-rcv fin-wait-1 fin-wait-2 '
              'time-wait unconnected close closed close-wait last-ack listening closing bound-inactive unknown').split()
    words = []
    for _ in range(chance.randint(0, 4)):
        words += chance.choice([
            ['-t'], ['-u'], ['-w'], ['-S'], ['-M'], ['-4'], ['-6'], ['-0'], ['-x'], ['--tipc'], ['--vsock'], ['--xdp'],
            ['-a'], ['-l'], ['-B'],
            ['-f', chance.choice('inet inet6 link unix netlink tipc vsock xdp'.split())],
            ['-A', ','.join(chance.choice(['', '', '!']) + chance.choice(names) for _ in range(chance.randint(1, 3)))]])
    for _ in range(chance.choice([0, 0, 0, 1, 2, 3])):
        words += [chance.choice(['state', 'state', 'exclude', 'excl']), chance.choice(states)]
    return words


def foreseen(query):
    """The requests ss sends for ``query``, a Selection: {(family, protocol, states)}, states 0 where it sends none."""
    requests = set()
    for table in query.tables:
        if table in PROTOCOLS:
            other = {abi.AF_INET: abi.AF_INET6, abi.AF_INET6: abi.AF_INET}.get(query.family)
            requests |= {(family, PROTOCOLS[table], query.states) for family in INET if family != other}
        elif table in STATEFUL:
            requests.add((STATEFUL[table], 0, query.states))
        elif query.states >> abi.TCP_CLOSE & 1:
            requests.add((STATELESS[table], 0, 0))
    return requests


def traced(text):
    """The requests in what `strace -e write=all` tells."""
    requests = set()
    dumps = re.findall(r'(?m)^ \| 00000  (..) .. .. .. 14 00 .*\n \| 00010  (..) (..) .. .. (..) (..) (..) (..)', text)
    for length, family, protocol, *states in dumps:
        family, protocol = int(family, 16), int(protocol, 16)
        if family not in INET:
            protocol = 0
        elif length == '50':        # the attribute after the request: protocols above 255
            protocol = abi.IPPROTO_MPTCP
        mask = 0 if family in STATELESS.values() else int.from_bytes(bytes.fromhex(''.join(states)), sys.byteorder)
        requests.add((family, protocol, mask))
    return requests


def without(query, refused):
    """What ``query`` comes to where the kernel refuses tables: ss does not go on to their second family."""
    return {request for request in foreseen(query)
            if not (request[1] in refused and request[0] == abi.AF_INET6 and query.family != abi.AF_INET6)}


@pytest.fixture(scope='module')
def strace():
    found = shutil.which('strace')
    if not found:
        pytest.skip('strace is not installed')
    return [found, '-qq', '-e', 'trace=sendmsg,sendto', '-e', 'write=all']


def test_random_choices_ask_for_the_same(answers, strace):
    chance = random.Random(7)
    lines = [['-a']] + [random_choice(chance) for _ in range(320)]
    told = answers([['-nH'] + words for words in lines], strace)
    assert len(told) == len(lines)
    everything = traced(told[0][2])
    refused = {protocol for protocol in PROTOCOLS.values() if (abi.AF_INET6, protocol, 0x3fff) not in everything}
    for words, answer in zip(lines, told):
        compare(words, answer, refused)


def compare(words, answer, refused):
    status, out, err = answer
    draft, operands, end = read(words)
    assert end is None
    try:
        query = draft.settle(operands)[0].selection
    except Notice:
        assert (status, out, traced(err)) == (0, '', set()), words
        return
    # ss asks only for the last of -4 and -6: a listed difference.
    both = draft.families.issuperset(INET) and query.family == abi.AF_UNSPEC
    seen, expected = traced(err), without(query, refused)
    shown = {mark for mark in MARKS if MARKS[mark] in out}
    chosen = {(table, family) for table, family in MARKS
              if table in query.tables and family in query.families and query.states >> abi.TCP_ESTABLISHED & 1}
    if both:
        assert seen <= foreseen(query) and shown <= chosen, words
        assert {request[1:] for request in seen} == {request[1:] for request in foreseen(query)}, words
    else:
        assert (seen, shown) == (expected, chosen), words


# Exit statuses, where something is wrong (command-line.md 1.5)

LINES = """
-h | --help | -V | -v | --version | -Vh | -hV | -tanh | -f help | -fhelp | --family=help | --family help | --fam=help
-h -q | -q -h | --foo -h | -h --foo | state bogus -h | -t -V extra | --hel | --versio
-f help -f nope | -f nope -f help

-q | -tq | -qt | -? | -: | -t- | -; | -tan5 | -1 | --foo | --tcpx | --numerix | --= | --=x | ---tcp
--no | --n | --t | --s | --b | --v | --con | --in | --ip | --pro --pac --p | --bpf-map | --so -A
-f | -A | -F | -D | -N | --family | --query | --socket | --filter | --diag | --net | --bpf-map-id | --net --
--help=x | --tcp= | --numeric=1 | -t=1 | --all=all | --context=x

-f foo | -f INET | -f inet4 | -f packet | -f '' | --family= | -ftcp | -f unix, | -f -t
-A foo | -A '' | -A ! | -A , | -A tcp, | -A ,tcp | -A tcp,,udp | -A TCP | -A 'tcp udp' | -A !!tcp | -A -t
 --query= | --socket=x | --so=tcp,x | -A tcp -A x | -A all,! | -A u_strx | -A unix_ | -A vsock_seq | -A smc
-A tcp | -A all | -A inet,!udp | -A !tcp | -A tcp,!tcp | -t -A !tcp | -A all,!all | -A inet,!inet -4 | -A !all -x
-A u_str,u_dgr,u_seq,p_raw,p_dgr,v_str,v_dgr,tipc,xdp,netlink,mptcp,sctp | -Atcp | --query=tcp | --query tcp | --so tcp

-F /nowhere | --filter=/nowhere | -F /dev/null -F /dev/null | -F /dev/null -F /nowhere | -F /nowhere -F /dev/null
-F - -F - | -F '' | -F /nowhere -h | -h -F /nowhere | -F /nowhere/x -Z | -F /etc/passwd/x
-D /nowhere/x | -t -D /nowhere/x | -u -D /nowhere/x | -D /dev/null | -D /dev/null -u | -D /nowhere/x -D /dev/null
-D /dev/null -D /nowhere/x | -D '' | -x -D /dev/null | -A udp -D /dev/null | -D /nowhere/x state | -D /dev/null state x
-D /dev/null -A !tcp | -D /etc

state | exclude | excl | state foo | state '' | exclude foo | excl foo | state established state
state new-syn-recv | state established exclude | state established,listening | state fin-wait | state -t
state fin-wait-{1,2} | state 'established ' | state established exclude established | state all exclude all
state ALL | state Established | exclude all | exclude bound-inactive | state unknown | -t state closed | -x state x
state big exclude bucket | state synchronized | state unconnected -l
-- state established | -- state foo | state -- foo
-t -A !tcp state foo | -s state foo | -s exclude | -s | -s -t | -s -A tcp,!tcp | -s -n | -s state all | -s -h | -s -q
-s -A x | -st -f x | -sD /nowhere/x | -sF /nowhere

-t | -u | -w | -S | -M | -4 | -6 | -0 | -x | --tipc | --vsock | --xdp | -a | -l | -B | -tan | -tulpn | -tanieomp
-f inet | -f inet6 | -f link | -f unix | -f netlink | -f tipc | -f vsock | -f xdp | --ipv4 --ipv6 | --packet | --raw
-tanO | -HQ | -e | -m | -i | -o | -r -t | -T | -pT | --tos | --cgroup | --inet-sockopt | --tipcinfo | --oneline
--no-header | --no-queues | -ttt | --pr | --tc | --ra | --un | --a | --li | --inf | --mem | --ext | --opt | --res -t
-n -- | -- | -t -- | -tA udp | -tAudp | -tfunix | -4f inet6

--bpf-map-id= | --bpf-map-id=0 | --bpf-map-id=x | --bpf-map-id -1 | --bpf-map-id=4294967295 | --bpf-map-id=1x
--bpf-maps --bpf-map-id=1 | --bpf-maps --bpf-map-id=x | --bpf-map-id=08 | --bpf-map-id=0 -h | -b -h | -b -x
sport | = 22 | sport = 22 | ( sport = 22 | ( sport = 22 ) | sport = 22 23 | dport ! 5 | fwmark x | dport = 22 and
state established sport = 22 or | -t sport = 70000 | not | ')' | -D /nowhere/x sport

-N nosuch | --net=nosuch -t | -N nosuch --bogus | --bogus -N nosuch | -h -N nosuch | -N nosuch -h | -N nosuch -V | -V -N nosuch
-N nosuch -f bad | -f bad -N nosuch | -f help -N nosuch | -N nosuch -f help | -N nosuch -A x | -A x -N nosuch
-N nosuch state foo
state foo -N nosuch | -N nosuch -s | -s -N nosuch | -N nosuch -F nosuch | -F nosuch -N nosuch | -N nosuch -Z | -Z -N nosuch
-N nosuch -t -D /nowhere/x | -t -D /nowhere/x -N nosuch | -N nosuch -N | -t sport -N nosuch | -N nosuch -A !tcp | -N a/b/c -q
-F nosuch -f bad | -f bad -F nosuch | -F nosuch -q | -q -F nosuch | -F nosuch -A x | -A x -F nosuch | -F nosuch -f help
-F /dev/null -q -F nosuch | -F /dev/null -F /dev/null -h | -h -F nosuch -q | -Z -F nosuch | -F nosuch -Z | -Z -f bad | -f bad -Z
--bpf-map-id=4294967294 | --bpf-map-id=4294967294 --bogus | --bogus --bpf-map-id=4294967294 | --bpf-map-id=4294967294 -h
-h --bpf-map-id=4294967294 | --bpf-map-id=4294967294 --bpf-maps | --bpf-maps --bpf-map-id=4294967294
--bpf-map-id=4294967294 --bpf-map-id=x | --bpf-map-id=x --bpf-map-id=4294967294 | --bpf-map-id=4294967294 -F nosuch
-F nosuch --bpf-map-id=4294967294 | -N nosuch --bpf-map-id=4294967294 | --bpf-map-id=4294967294 -N nosuch
-Z --bpf-map-id=0 | --bpf-map-id=0 -Z
-z -N nosuch -h | -F nosuch --bpf-map-id=0 | --bpf-map-id=0 -F nosuch | -f bad --bpf-map-id=0 | --bpf-map-id=0 -f bad

-K -h | -E -h | -K -q | -E -A x | -E -A !tcp | -Z -h | -z -h | -h -Z | -q -Z | -Z -q | -zt | --context | --contexts -V
"""


def command_lines():
    return [shlex.split(line.strip()) for line in LINES.replace('\n', '|').split('|') if line.strip()]


def refuse(name, report):
    raise Failure(name, 1)


STUBS = {                   # what the command line leads to is tested where it lives
    'answer.listing': {'listing': lambda query, host, kernel: 0},
    'host.namespaces': {'enter': refuse},
}


def test_status_and_answer(answers, monkeypatch, capsysbinary):
    for name, functions in STUBS.items():
        module = types.ModuleType(name)
        module.__dict__.update(functions)
        monkeypatch.setitem(sys.modules, 'ssng.' + name, module)
    lines = command_lines()
    assert len(lines) > 250
    wrong = []
    for words, (status, out, err) in zip(lines, answers(lines)):
        mine = main(words)
        captured = capsysbinary.readouterr()
        said = [line for line in captured.err.splitlines() if not line.endswith(b' is no port: the last one is 65535')]
        if (mine, kind(captured.out.decode('latin-1'), words), said != []) != (status, kind(out, words), err != ''):
            wrong.append((words, mine, captured, status, out[:80], err[:80]))
    assert not wrong


def kind(text, words):
    """What program and reference print alike: help (whole, but for --help), version, summary; '' for a listing or nothing."""
    if text.startswith('Usage') and [word for word in words if word.startswith('--h')]:
        return 'Usage'
    if text.startswith('Usage'):
        return text.partition('\n\n   More than ss:')[0].rstrip('\n')
    return next((start for start in ('ss utility, iproute2-7.3.0', 'Total: ') if text.startswith(start)), '')


# Abbreviations: every beginning of every long option, as ss's own help names them

SOCKETS = ['-tuxnH']


def beginnings(reference):
    names = set(re.findall('--([a-z][a-z0-9-]*)', run(reference + ['--help']).out.decode()))
    assert len(names) > 40
    return sorted({name[:end] for name in names for end in range(1, len(name) + 1)})


def harmless(prefix):
    """Whether something may stand behind it: what goes on for ever, or closes sockets, is asked for the version alone."""
    try:
        return named(prefix)[0] not in ('events', 'kill')
    except Failure:
        return True


def gist(text, words):
    """What is alike where the same was asked for: without numbers, some of which pass with the time, and without owners, of
    which ss -T tells none (README, Differences from ss); of a raw dump, which has its asker's port id, the length."""
    if '\0' in text:
        return len(text)
    return kind(text, words) or re.sub(r'users:\(\(.*?\)\)|\d', '', text).split()


def test_every_beginning_of_an_option_gives_what_ss_gives(answers, room, reference, tmp_path):
    prefixes = beginnings(reference)
    lines = [['--' + prefix, '-V'] for prefix in prefixes]
    for words in SOCKETS, ['-xnH', '-t']:
        lines += [['--' + prefix] + words for prefix in filter(harmless, prefixes)]
    lines += [['--%s=tcp' % prefix] + SOCKETS for prefix in filter(harmless, prefixes) if prefix != 'help']
    program, wrong = forker(room.enter), []
    try:
        for words, (status, out, err) in zip(lines, answers(lines)):
            mine = program.run(words, folder=str(tmp_path))
            found = mine.status, gist(mine.out.decode('latin-1'), words), mine.err != b''
            if found != (status, gist(out, words), err != ''):
                wrong.append((words, mine, status, out[:80], err[:80]))
    finally:
        program.close()
    assert len(lines) > 800 and not wrong
