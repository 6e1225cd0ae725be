"""The table of command lines on real sockets: what ss prints, ssng prints."""
import pytest

from tests.parity.commands import enabled
from tests.support.programs import Command, complaint, difference, same, settled

pytestmark = [pytest.mark.root, pytest.mark.parity]

FILES = {
    'filter': b'sport = 22\n',
    'filter-comments': b'# a comment\nsport = 22 or\n# another\n0 also skipped\nsport = 80\n',
    'filter-two-lines': b'( sport = 22\n or sport = 80 )\n',
    'filter-half': b'sport = 22\n',
    'filter-half-none': b'and\n',
    'filter-zero': b'0port = 22\nsport = 80\n',
    'filter-no-newline': b'sport = 80',
    'filter-empty': b'',
    'filter-nul': b'sport = 22\0 and more\n',
    'filter-long': b'sport = 22 or ' * 200 + b'sport = 1\n',
    'filter-bad': b'sport = 22 and bogus\n',
    'filter-carriage-return': b'sport = 22\r\n',
    'range-none': b'1 1\n',
    'range-all': b'1 65535\n',
    'range-broken': b'many\n',
    'sockstat': b'sockets: used 294\nTCP: inuse 35 orphan 2 tw 7 alloc 40 mem 5\nUDP: inuse 11 mem 4\nUDPLITE: inuse 0\n'
                b'RAW: inuse 1\nFRAG: inuse 4 memory 0\n',
    'sockstat6': b'TCP6: inuse 5\nUDP6: inuse 6\nUDPLITE6: inuse 0\nRAW6: inuse 8\nFRAG6: inuse 9 memory 0\n',
    'snmp': b'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm RtoMin CurrEstab InSegs\nTcp: 1 200 13 99\n',
}
STDIN = b'sport = 443\n'
# Groups in which the start of the program matters; the others fork from one that has started.
OWN_PROCESS = ('one option', 'long options', 'getopt', 'filter files', 'wrong command lines')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp('parity')
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    return str(made)


def facts(crowd, folder):
    """What the lines of the table may name in braces."""
    cgroup = crowd.facts.get('cgroup', '/nosuchgroup')
    return {'folder': folder, 'cgroup': cgroup, 'cgroup_below_mount': cgroup.rsplit('/', 1)[-1]}


def cases(wanted):
    return [pytest.param(line, id='%s: %s' % (group, line)) for group, line in enabled() if wanted(group)]


def check(line, crowd, folder, reference, both, alone):
    """`both(command, **more)` gives the answers of reference and subject, `alone(command, **more)` the subject's."""
    command = Command.parse(line, facts(crowd, folder))
    more = {'enter': crowd.enter, 'stdin': STDIN, 'folder': folder}
    expected, answer = settled(lambda: command.run(reference, **more), lambda: alone(command, **more),
                               lambda: both(command, **more))
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)


@pytest.mark.parametrize('line', cases(lambda group: group in OWN_PROCESS))
def test_same_as_a_process(line, crowd, folder, reference, subject):
    def both(command, **more):
        return command.run_both(reference, subject, **more)
    check(line, crowd, folder, reference, both, lambda command, **more: command.run(subject, **more))


@pytest.mark.parametrize('line', cases(lambda group: group not in OWN_PROCESS))
def test_same(line, crowd, folder, reference, subject):
    def both(command, **more):
        return command.run_beside(reference, crowd.forker, **more)
    check(line, crowd, folder, reference, both, lambda command, **more: command.run(subject, **more))
