"""A short run of tests/attack/messages.py, and what its long runs found, one by one."""
import struct

import pytest

from tests.attack.filters import Line, described
from tests.attack.messages import INET, INET6, NETLINK, PACKET, TIPC, UNIX, VSOCK, WAYS, XDP, Attack
from tests.support import wire_families as families
from tests.support.wire import attribute, inet, message

DONE, ERROR = 3, 2
NAMES = {INET: 'inet', INET6: 'inet6', UNIX: 'unix', NETLINK: 'netlink', PACKET: 'packet', TIPC: 'tipc', VSOCK: 'vsock',
         XDP: 'xdp'}


@pytest.fixture(scope='module')
def attack(tmp_path_factory):
    """A function: an Attack of these ways with this seed."""
    made = []

    def begin(seed, ways):
        try:
            made.append(Attack(seed, str(tmp_path_factory.mktemp('attack')), ways=ways))
        except OSError as error:
            pytest.skip('no pretended kernel: %s' % error)
        return made[-1]
    yield begin
    for each in made:
        each.close()


def named(way):
    return pytest.param(*way, id='-'.join(filter(None, (NAMES[way[0]], way[1]))))


@pytest.mark.parametrize('family, kind', map(named, sorted(set(WAYS))))
def test_damaged_messages(family, kind, attack):
    tally = attack('ci', [(family, kind)]).run(1000)
    assert not tally.faults, '\n' + tally.report()


# One by one: (what the kernel answers, to which family, the command line, more of the environment)

LEAST = struct.pack('=i', -2147483648)
STATUSES = {'error': message(LEAST + bytes(16), ERROR, 0, pid=0), 'done': message(LEAST, DONE, pid=0)}
LINES = {INET: '-t4a', INET6: '-u6a', UNIX: '-xa', NETLINK: '-f netlink -a', PACKET: '-0', TIPC: '--tipc', VSOCK: '--vsock',
         XDP: '--xdp'}
SOCKET = message(inet(2, sport=1, dport=2), pid=0)
SHORT = message(bytes(3), ERROR, 0, pid=0)


@pytest.fixture(scope='module')
def told(attack):
    """A function: what is wrong with the answer to a command line, where the kernel says this."""
    one = attack('one', WAYS)

    def ask(data, family, words, events=False, destroy=None):
        env = {'PRETEND_EVENTS' if events else 'PRETEND_ANSWER_%d' % family: one.file('told', data)}
        if destroy is not None:
            env['PRETEND_DESTROY'] = one.file('destroy', destroy)
        line = Line(words.split(), env, b'', events, '-j' in words or '--pretty' in words)
        why = one.harm(line)
        return why and '%s: %s' % (why, described(line))
    return ask


@pytest.mark.parametrize('words', ['', '-j', '--pretty'])
@pytest.mark.parametrize('family', sorted(LINES), ids=NAMES.get)
@pytest.mark.parametrize('kind', sorted(STATUSES))
def test_an_error_without_a_name(kind, family, words, told):
    assert not told(STATUSES[kind], family, LINES[family] + ' ' + words)


@pytest.mark.parametrize('answer', sorted(STATUSES))
def test_an_error_without_a_name_to_a_kill(answer, told):
    assert not told(SOCKET, INET, '-t4aK', destroy=STATUSES[answer])


@pytest.mark.parametrize('answer', [SHORT, message(b'', DONE, pid=0), message(b'', 20, length=12), message(b'', 20, length=400)],
                         ids=['error', 'done', 'short', 'long'])
def test_a_malformed_answer_to_a_kill(answer, told):
    assert not told(SOCKET, INET, '-t4aK', destroy=answer)


@pytest.mark.parametrize('answer', [SHORT, SOCKET + message(b'', DONE, pid=0), SOCKET + message(b'', 20, length=12),
                                    message(b'', 20, length=400)], ids=['error', 'done', 'short', 'long'])
@pytest.mark.parametrize('condition', ['', 'autobound'])
def test_a_malformed_message_is_dumped(answer, condition, told):
    assert not told(answer, INET, '-t4aD /dev/null ' + condition)


@pytest.mark.parametrize('answer', [message(bytes(30), pid=0), SOCKET + message(bytes(30), pid=0)],
                         ids=['alone', 'behind another'])
def test_a_short_socket_is_dumped(answer, told):
    """What the kernel did not judge is looked at."""
    assert not told(answer, INET, '-t4aD /dev/null autobound')


@pytest.mark.parametrize('words', ['-j', '--pretty'])
@pytest.mark.parametrize('payload, family', [
    (attribute(families.SOCK, families.present([(families.REF, families.u32(5)), (families.TYPE, families.u32(1))])), TIPC),
    (attribute(families.SOCK, families.present([(families.ADDR, families.u32(5)), (families.REF, families.u32(5))])), TIPC),
    (families.xdp(1, 2, info=(1,)), XDP)], ids=['tipc: no address', 'tipc: no type', 'xdp: no queue'])
def test_json_of_what_says_not_where(payload, family, words, told):
    assert not told(message(payload, pid=0), family, LINES[family] + ' ' + words)


@pytest.mark.parametrize('condition', [
    'autobound', 'not autobound', 'src unix:*', 'dst unix:/x or not src link:ip', 'sport = unix:*', 'src vsock:2',
    'sport >= 0 and src 127/8'])
@pytest.mark.parametrize('family', sorted(set(LINES) - {INET}), ids=NAMES.get)
def test_a_socket_of_another_family_among_those_of_tcp(family, condition, told):
    assert not told(message(inet(family), pid=0) + SOCKET, INET, '-t4a ' + condition)


@pytest.mark.parametrize('words', ['-j', '--pretty'])
def test_the_array_is_closed_where_a_message_is_malformed(words, told):
    assert not told(message(bytes(30), pid=0), INET, '-A unix,tcp -a ' + words)
