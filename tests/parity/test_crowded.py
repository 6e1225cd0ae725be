"""100,000 sockets: who filters, and what happens to a listing that is cut short."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.support.namespaces import ROOT, Room
from tests.support.programs import PATIENCE, difference, run, same, start, surroundings

pytestmark = [pytest.mark.root, pytest.mark.parity]

SOCKETS = 100000
RARE = 'sport = 7777'       # of tools/crowd.py


@pytest.fixture(scope='module')
def room():
    """As many as the limits allow: a process of the crowd holds 19,000."""
    if os.geteuid():
        pytest.skip('needs root: it makes a network namespace')
    limit = min(SOCKETS, 5 * resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    try:
        room = Room([sys.executable, os.path.join(ROOT, 'tools', 'crowd.py'), '--tcp', str(limit)])
    except OSError as error:
        pytest.skip('cannot make %d sockets here: %s' % (limit, error))
    yield room
    room.close()


@pytest.fixture(scope='module')
def counter(tmp_path_factory):
    """The library that counts netlink messages from outside: it knows nothing of ssng."""
    compiler = shutil.which('cc') or shutil.which('gcc')
    if not compiler:
        pytest.skip('no C compiler, which makes the library that counts')
    library = str(tmp_path_factory.mktemp('count') / 'count.so')
    subprocess.check_call([compiler, '-shared', '-fPIC', '-O1', '-o', library,
                           os.path.join(ROOT, 'tests', 'support', 'count_messages.c'), '-ldl'])
    return library


def counted(program, words, room, counter, folder):
    """(the rows that `program` prints, the messages that it takes in, their bytes)."""
    path = str(folder / 'count')
    answer = run(program + words, env={'LD_PRELOAD': counter, 'COUNT_FILE': path}, enter=room.enter)
    assert answer.status == 0
    with open(path) as stream:
        return [answer.out.count(b'\n')] + list(map(int, stream.read().split()))


def hundred(room, reference):
    """A filter that chooses a hundred sockets: some of those of the rare port."""
    rows = run(reference + ['-tanH', 'state', 'established', RARE], enter=room.enter).out.decode().splitlines()
    ports = sorted(int(row.split()[3].rsplit(':', 1)[1]) for row in rows)
    return '%s and dport >= 1 and dport <= %d' % (RARE, ports[99])


def test_the_kernel_filters(room, counter, reference, subject, tmp_path):
    rows, messages, _ = counted(subject, ['-tanH'], room, counter, tmp_path)
    assert rows >= 0.9 * SOCKETS and messages >= rows, 'the counter does not count'
    rows, messages, _ = counted(subject, ['-tanH', hundred(room, reference)], room, counter, tmp_path)
    assert 100 <= rows < 110
    assert messages < 200


@pytest.mark.parametrize('words', [
    ['-tanH', 'dev lo and ' + RARE], ['-tanp', RARE], ['-tanj', RARE], ['-tan', '! dport > 0 and ' + RARE],
    ['-tanH', '( src inet:127.0.0.0/8 or src inet6:[::1] ) and %s and dport < 3000' % RARE]])
def test_the_kernel_filters_whatever_is_shown(words, room, counter, subject, tmp_path):
    _, messages, _ = counted(subject, words, room, counter, tmp_path)
    assert messages < 0.02 * SOCKETS


def test_a_fact_takes_no_more_from_the_kernel_than_the_option_that_shows_it(room, counter, subject, tmp_path):
    """The half of the filter that the kernel can judge is judged there; the other costs what INFO of those few costs."""
    shown, _, most = counted(subject, ['-tniHO', RARE], room, counter, tmp_path)
    rows, _, taken = counted(subject, ['-tnH', RARE + ' and rtt > 0'], room, counter, tmp_path)
    _, _, all_of_them = counted(subject, ['-tnH', 'rtt > 0'], room, counter, tmp_path)
    assert 0.9 * shown <= rows <= shown and shown >= 100
    assert 0 < taken < 1.2 * most < 0.1 * all_of_them


@pytest.mark.parametrize('words', [['-tanH', RARE], ['-tanp', RARE], ['-tan6', 'sport < 5000'], ['-tanQ', 'state', 'listening']])
def test_same(words, room, reference, subject):
    expected, answer = run(reference + words, enter=room.enter), run(subject + words, enter=room.enter)
    assert same(expected, answer), '\n' + difference(expected, answer)


def test_head(room, subject):
    """`| head -1`: the first line, and not a word about the broken pipe."""
    program = start(subject + ['-tan'], enter=room.enter)
    assert program.stdout.readline().startswith(b'State')
    program.stdout.close()
    assert program.stderr.read() == b''
    assert program.wait(PATIENCE) != 0


def test_interrupt(room, subject):
    """Ctrl-C in the middle: an end at once, without a traceback."""
    program = subprocess.Popen(subject + ['-tanp'], env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: (os.setsid(), room.enter()))
    program.stdout.read(1000)
    begin = time.time()
    os.killpg(program.pid, signal.SIGINT)
    program.stdout.close()
    assert program.stderr.read() == b''
    assert program.wait(PATIENCE) != 0
    assert time.time() - begin < 1
