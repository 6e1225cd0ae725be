"""Text and JSON of one dump tell the same facts, field by field: tests/support/readback.py has the table."""
import json
import os
import shutil
import struct
import subprocess
import sys

import pytest

pytest.register_assert_rewrite('tests.support.readback')

from tests.support import dumps, random_dump                # noqa: E402, all of them behind the line above
from tests.support.programs import run, subject             # noqa: E402
from tests.support.readback import COLUMNS, ITEMS, UNSHOWN, compare, leaves     # noqa: E402
from tests.support.recordings import recordings             # noqa: E402
from tests.support.wire import attribute, done, message     # noqa: E402

DETAILS = ['--tos', '--cgroup', '--inet-sockopt']


def answers(options, env):
    """(lines of the text, objects) of one recording; the lines of -j are JSON each by itself."""
    text = run(subject() + ['-HO' + options] + DETAILS, env=env)
    made = run(subject() + ['-j' + options] + DETAILS, env=env)
    assert (text.status, made.status) == (0, 0)
    lines = made.out.decode('utf-8').split('\n')
    objects = json.loads(made.out.decode('utf-8'))
    assert (lines[0], lines[-2:]) == ('[', [']', ''])
    assert all(line.endswith('},') for line in lines[1:-3]) and lines[-3].endswith('}')
    assert [json.loads(line.rstrip(',')) for line in lines[1:-2]] == objects
    return text.out.decode('latin-1').split('\n')[:-1], objects


def agree(options, env):
    """Compare a recording; (number of sockets, items seen, paths seen)."""
    lines, objects = answers(options, env)
    assert len(lines) == len(objects) > 0
    items, paths = set(), set()
    for line, told in zip(lines, objects):
        items |= compare(line, told)
        paths.update(leaves(told))
    assert paths <= UNSHOWN | COLUMNS | {path for item in ITEMS for path in item.paths}
    return len(lines), items, paths


# The dumps

INODES = (1000, 12345, 0x7fffffff)


@pytest.fixture(scope='module')
def host(tmp_path_factory):
    """A /proc of our own, where two processes hold some inodes and udp has no sockets."""
    folder = tmp_path_factory.mktemp('host')
    for pid, name in ((7, 'server'), (1234, 'a (b')):
        (folder / str(pid) / 'fd').mkdir(parents=True)
        (folder / str(pid) / 'stat').write_text('%d (%s) S 1\n' % (pid, name))
        for fd, inode in enumerate(INODES, pid):
            (folder / str(pid) / 'fd' / str(fd)).symlink_to('socket:[%d]' % inode)
    (folder / 'sys' / 'net' / 'ipv4').mkdir(parents=True)
    (folder / 'sys' / 'net' / 'ipv4' / 'ip_local_port_range').write_text('32768\t60999\n')
    return {'PROC_ROOT': str(folder)}


def replayed(folder, data):
    path = os.path.join(str(folder), 'recording')
    with open(path, 'wb') as stream:
        stream.write(data)
    return {'TCPDIAG_FILE': path}


def random_sockets(seed, count):
    """Those of random_dump, some with what is not in it: a cgroup, a protocol."""
    maker = random_dump.Maker(seed)
    for _ in range(count):
        more = [(21, struct.pack('=Q', maker.chance.choice((1, 0xabcdef0123)))), (10, bytes([maker.chance.choice((6, 17, 58))]))]
        yield maker.socket() + b''.join(attribute(*pair) for pair in more if maker.chance.random() < 0.3)


SEEDS, COUNT = range(4), 300
ASKED = ['taunoeimp', 'tauoeimp']


@pytest.fixture(scope='module')
def compared(host, tmp_path_factory):
    """A function: what :func:`agree` says of the random sockets of a seed, once for each."""
    known = {}

    def compared(seed, options):
        if (seed, options) not in known:
            data = b''.join(map(message, random_sockets(seed, COUNT))) + done()
            env = dict(host, **replayed(tmp_path_factory.mktemp('random'), data))
            known[seed, options] = agree(options, env)
        return known[seed, options]
    return compared


@pytest.mark.parametrize('options', ASKED)
@pytest.mark.parametrize('seed', SEEDS)
def test_random_sockets(seed, options, compared):
    assert compared(seed, options)[0] == COUNT


def test_every_item_and_every_value_was_there(compared):
    """Else the test above proves less than the tables promise."""
    _, items, paths = zip(*[compared(seed, options) for seed in SEEDS for options in ASKED])
    assert [item.text.pattern for number, item in enumerate(ITEMS) if number not in set().union(*items)] == []
    told = UNSHOWN | COLUMNS | {path for item in ITEMS for path in item.paths}
    assert told - set().union(*paths) == set()


@pytest.mark.parametrize('recording', recordings(family='tcp'), ids=lambda recording: recording.guest)
def test_recorded_sockets(recording, host, tmp_path):
    """What real kernels sent for all details."""
    if recording.facts['byte_order'] != sys.byteorder:
        pytest.skip('a recording of the other byte order')
    case, = [case for case in recording.cases if '--inet-sockopt' in case.arguments]
    data = b''.join(datagram for protocol, _, datagrams in case.exchanges if protocol == 4 for datagram in datagrams)
    assert agree('taunoeimp', dict(host, **replayed(tmp_path, dumps.joined(data))))[0] > 20


def test_pretty_is_the_same(host, tmp_path):
    env = dict(host, **replayed(tmp_path, b''.join(map(message, random_sockets(9, 100))) + done()))
    plain, pretty = [run(subject() + ['-taneimo', option], env=env) for option in ('--json', '--pretty')]
    assert plain.out != pretty.out and json.loads(plain.out.decode('utf-8')) == json.loads(pretty.out.decode('utf-8'))


def test_jq_reads_it(host, tmp_path):
    if not shutil.which('jq'):
        pytest.skip('jq is not installed')
    env = dict(host, **replayed(tmp_path, b''.join(map(message, random_sockets(10, 300))) + done()))
    made = run(subject() + ['-taneimoj'] + DETAILS, env=env).out
    program = subprocess.Popen(['jq', '-r', '.[] | select(.info.total_retrans > 0) | .peer.port'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ports = program.communicate(made)[0].decode().split()
    assert program.returncode == 0
    assert ports == [str(told['peer']['port']) for told in json.loads(made.decode('utf-8'))
                     if told.get('info', {}).get('total_retrans', 0) > 0] != []
