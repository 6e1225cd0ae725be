"""A Python that has no ctypes, no json, no difflib (Debian's python3-minimal) prints what every other prints, or says why not."""
import sys

import pytest

from tests.parity.commands import enabled
from tests.support.programs import Command, complaint, difference, run, same, settled

WHOLE = [sys.executable, '-m', 'ssng']
MINIMAL = [sys.executable, '-m', 'tests.support.minimal']

EVERY = 16              # of the command lines that ss and ssng share
OURS = [
    '-tanj', '-tunapj', '-tlneimj --tos --cgroup --inet-sockopt', '-xaej', '-0ej', "-f netlink -aj '! src tcpdiag'", '-wanj',
    '-tan --pretty', '-xa --pretty', '-tlni --json=lines', '-tan --json=lines --pretty', '-tan --csv', '-tan --tsv',
    '-tan --columns=local,peer,state', '-tan --columns=+uid,rtt', '-tan --sort=-recv_q --top=5', '-tan --count=state',
    '-tan --count=state --total=recv_q -j', '-tan --openmetrics --count=state', '-tan --explain sport = 22',
    '-tan --explain -j cgroup {cgroup}', '--facts', '--facts -j', '-tane cgroup {cgroup}', '-tan --cgroup', '-tlne --cgroup -j',
    '-tan cgroup /', '-tan dev lo', '-ta -r', '-wa', '-tanK sport = 1', '-h', '-V', '-tan --bpf-maps', '-tan rtt \'>\' 1',
    '-tan state = estab', '-tan cgroup /nosuch', '-tan bogus', '-tan --sort', '-tan -A tcp,udp', '-A all -an \'! src tcpdiag\'',
    'PROC_ROOT=/proc -tan', 'PROC_ROOT=/proc -xap', 'PROC_ROOT=/proc -uaneim']

pytestmark = pytest.mark.root


def lines():
    return OURS + sorted({line for _, line in enabled() if '{folder}' not in line})[::EVERY]


@pytest.mark.parametrize('line', lines())
def test_the_same_without_ctypes(line, crowd):
    cgroup = crowd.facts.get('cgroup', '/nosuch')
    command = Command.parse(line, {'cgroup': cgroup, 'cgroup_below_mount': cgroup.rpartition('/')[2]})
    ask = {'enter': crowd.enter, 'stdin': b'sport = 443\n'}
    whole, minimal = settled(lambda: command.run(WHOLE, **ask), lambda: command.run(MINIMAL, **ask),
                             lambda: command.run_both(WHOLE, MINIMAL, **ask))
    assert same(whole, minimal), difference(whole, minimal)
    assert not complaint(minimal)


def compact(text):
    return text.replace(b' ', b'')


def test_the_summary():
    whole, minimal = [run(words + ['-s', '-j']) for words in (WHOLE, MINIMAL)]
    assert compact(minimal.out)[:9] == compact(whole.out)[:9] == b'{"total":' and (minimal.status, minimal.err) == (0, b'')


NOTHING = b'this Python cannot call the C library: it has no ctypes (Debian: libpython3-stdlib)\n'


@pytest.mark.parametrize('line, status, said', [
    ('--foo', 255, b'ssng: unknown option --foo (see ssng --help)\n'),
    ('-A tpcc', 255, b'ssng: unknown table "tpcc"; known are: '),
    ('-tan state estabb', 255, b'ssng: unknown state "estabb"; known are: '),
    ('-tan --columns=stat', 255, b'ssng: --columns: unknown fact "stat" (see ssng --facts)\n'),
    ("-tan state = estabb", 255, b'unknown state "estabb"'),
    ('-N ../../proc/self/ns/net -tan', 1,
     b'ssng: cannot enter the network namespace "../../proc/self/ns/net": ' + NOTHING),
    ('--bpf-map-id=7 -tan', 1, b'ssng: BPF map 7: ' + NOTHING)])
def test_what_it_cannot_is_said_in_one_line(line, status, said):
    answer = run(MINIMAL + Command.parse(line).arguments)
    assert (answer.status, answer.out) == (status, b'') and said in answer.err
    assert b'Traceback' not in answer.err and answer.err.startswith(b'ssng: ')
