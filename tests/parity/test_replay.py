"""One recorded dump, two programs: what passes with the time on real sockets holds still in a file."""
import struct

import pytest

from tests.parity.commands import columns, product
from tests.support import dumps, random_dump
from tests.support.programs import Command, complaint, difference, run, same
from tests.support.wire import done, inet, message

pytestmark = [pytest.mark.root, pytest.mark.parity]

OPTIONS = product(['-tan', '-ta', '-tanO'], [
    '', '-e', '-o', '-i', '-m', '-io', '-im', '-eimo', '--tos', '--cgroup', '--inet-sockopt', '-H', '-Q', '-p', '-pT', '-r',
    '-eimo --tos --cgroup --inet-sockopt', '-eimopH --tos --cgroup --inet-sockopt'])
OPTIONS += product(columns((20, 60, 80, 120, 200)), ['-tan', '-taneimo', '-taieO', '-tap --tos'])
OPTIONS += ['-tl', '-t4ani', '-t6ani', '-tuan', '-t state established', '-tan exclude all', '-A tcp', '-A tcp,udp -n']

FILTERS = ['sport = 22', 'sport = ssh', 'dport > 1000', 'dport <= 53', 'sport != 80', 'src 127.0.0.1',
           'dst 192.0.2.0/24', 'src fd00::/8', 'dst [::1]', 'src [::ffff:127.0.0.1]', 'autobound', 'not autobound', 'dev lo',
           'dev != lo', 'dev 77', 'fwmark = 0', 'fwmark != 0', 'fwmark = 0x1/0x3', 'cgroup {cgroup}', 'not cgroup {cgroup}',
           "( sport = 22 or dport = 80 ) and src 127.0.0.1", 'sport >= 0 and sport <= 65535', 'dport = 70000']


@pytest.fixture(scope='module')
def room(crowd_keeper):
    """A crowd of our own, at its age when the dump was taken."""
    crowd_keeper.close()
    yield crowd_keeper.fresh()
    crowd_keeper.close()


@pytest.fixture(scope='module')
def files(room, reference, tmp_path_factory):
    """{name: path} of the dumps."""
    folder = tmp_path_factory.mktemp('dumps')
    made = {}
    for name, options in (('plain', ['-tan']), ('everything', ['-tanim', '--tos'])):
        path = str(folder / name)
        run(reference + options + ['-D', path], enter=room.enter)
        with open(path, 'rb') as stream:
            data = stream.read()
        made[name + ', first family'] = data
        made[name] = dumps.joined(data)
    for seed in range(3):
        made['random %d' % seed] = random_dump.dump(seed, 700)
    made['long'] = random_dump.dump('long', 3000) * 3      # its first NLMSG_DONE ends it
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return {name: str(folder / name) for name in made}


DUMPS = ['plain', 'everything', 'random 0', 'random 1', 'random 2']


def compare(line, path, room, reference):
    command = Command.parse(line, {'cgroup': room.facts.get('cgroup', '/')})
    command.env['TCPDIAG_FILE'] = path
    expected, answer = command.run_beside(reference, room.forker, enter=room.enter)
    assert same(expected, answer), '\n' + difference(expected, answer)
    assert not complaint(answer)


@pytest.mark.parametrize('name', DUMPS)
@pytest.mark.parametrize('options', OPTIONS)
def test_options(options, name, files, room, reference):
    compare(options, files[name], room, reference)


@pytest.mark.parametrize('name', ['everything', 'random 0'])
@pytest.mark.parametrize('text', FILTERS)
def test_filters(text, name, files, room, reference):
    compare('-tan ' + text, files[name], room, reference)


@pytest.mark.parametrize('name', ['plain, first family', 'everything, first family', 'long'])
def test_the_first_dump_of_a_file(name, files, room, reference):
    compare('-taneimo', files[name], room, reference)


def test_many_rows(tmp_path, room, reference):
    (tmp_path / 'many').write_bytes(random_dump.dump('many', 25000))
    compare('-tanO', str(tmp_path / 'many'), room, reference)


SOCKET = message(inet(sport=22, state=10))
ERROR = struct.pack('=i', -13) + bytes(16)

BROKEN = {
    'nothing': b'',
    'no end': SOCKET,
    'only the end': done(),
    'end within a header': SOCKET + b'\0' * 7,
    'end within a message': SOCKET + SOCKET[:40],
    'a message longer than the file': SOCKET + message(inet(), length=5000),
    'an error': SOCKET + message(ERROR, kind=2) + SOCKET + done(),
    'a short error': SOCKET + message(ERROR[:3], kind=2) + SOCKET + done(),
    'another kind of message': message(inet(sport=80), kind=77) + SOCKET + done(),
    'another sequence number': message(inet(sport=80), seq=1, pid=2) + SOCKET + done(),
    'done with an error': SOCKET + done(-2),
    'a message without padding': message(inet(attributes=[(4, b'bbr\0')]) + b'\5\0\5\0\2') + bytes(3) + SOCKET + done(),
}


@pytest.mark.parametrize('options', ['-tan', '-taniO'])
@pytest.mark.parametrize('name', sorted(BROKEN))
def test_broken_files(name, options, tmp_path, room, reference):
    (tmp_path / 'dump').write_bytes(BROKEN[name])
    compare(options, str(tmp_path / 'dump'), room, reference)


@pytest.mark.parametrize('path', ['', '/nonexistent', '/'])
def test_no_file(path, room, reference):
    compare('-tan', path, room, reference)
