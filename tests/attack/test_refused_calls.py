"""Each system call refused in turn: all sockets are listed, or a line says why not; never twice, never silently fewer.

Refused are calls that ssng makes or might make, from the moment on in which the interpreter has loaded what
there is to load; not those without which no program lives (write, close, mmap, futex, exit_group).
"""
import collections
import errno
import re

import pytest

from tests.attack.judging import fault
from tests.support import seccomp
from tests.support.forker import Forker

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not seccomp.available(), reason='the system call numbers of this machine are not known')]

CALLS = [name for name in sorted(seccomp.NUMBERS) if seccomp.number(name) is not None and name != 'close']
NUMBERS = [errno.EPERM, errno.EACCES, errno.ENOSYS]
# Neither netlink nor /proc.
BOTH = [tuple(name for name in names.split() if name in CALLS) for names in (
    'socket openat open', 'bind openat open', 'sendto sendmsg openat open', 'socket read pread64', 'getsockname openat open',
    'recvfrom recvmsg recvmmsg openat open', 'setsockopt openat open')]
PATIENCE = 20

LISTING = ('-A', 'tcp,udp,raw,unix,packet', '-anH')
OWNERS = LISTING + ('-p',)
# With owners and a filter the first datagrams of a dump are read before a thread reads on.
FILTERED = OWNERS + ('! sport = 59999',)


def asked(room):
    forker = Forker(room.enter, everything=True)
    yield lambda words, refused=None: forker.run(words, refused=refused, patience=PATIENCE)
    forker.close()


@pytest.fixture(scope='module')
def quiet(furnished):
    """A function: what a forker in a quiet room answers, while system calls are refused."""
    yield from asked(furnished('tests.attack.quiet'))


@pytest.fixture(scope='module')
def crowded(furnished):
    yield from asked(furnished('tests.attack.crowded'))


@pytest.fixture(scope='module')
def all_of_them(quiet):
    return quiet(OWNERS)


def sockets(out):
    """{what tells a socket from the others, by netlink and by /proc: how often it is listed}"""
    found = collections.Counter()
    for row in out.decode('latin-1').splitlines():
        words = row.split()
        if words[0].startswith('u_'):
            found['unix', int(words[5])] += 1
        else:
            found[(words[0],) + tuple(re.sub(r'%[^:]*', '', word).replace('[::]', '*') for word in words[4:6])] += 1
    return found


def owned(out):
    """How many rows name a process."""
    return out.count(b'users:((')


def wrong(answer, whole, names):
    """Why this is no listing of all the sockets in `whole`, or None.

    With a word why, those may be missing that neither netlink nor /proc tells: many a kernel knows raw sockets
    (inet_diag's raw_diag) by /proc alone.
    """
    why = fault(answer)
    if why:
        return why
    said, listed, there = answer.err.decode('latin-1').splitlines(), sockets(answer.out), sockets(whole.out)
    if len(said) != len(set(said)):
        return 'a line is said twice'
    if listed - there:
        return 'listed twice, or invented: %s' % sorted(listed - there)
    missing = [key for key in there - listed if names not in BOTH and not (names[0] in ('openat', 'read') and key[0] == 'raw')]
    if missing or there - listed and not said:
        return 'not listed: %s' % sorted(missing or there - listed)[:5]
    return None


def test_the_quiet_room(quiet, all_of_them):
    """Of all kinds, the same each time, and each of them with its process."""
    assert (all_of_them.status, all_of_them.err) == (0, b'') and quiet(OWNERS) == all_of_them
    kinds = collections.Counter(key[0] for key in sockets(all_of_them.out).elements())
    assert kinds == {'tcp': 6, 'udp': 2, 'raw': 2, 'unix': 5, 'p_raw': 1, 'p_dgr': 1} and owned(all_of_them.out) == 17


def cases(calls=CALLS):
    return [pytest.param((name,), number, id='%s-%s' % (name, errno.errorcode[number])) for name in calls for number in NUMBERS]


@pytest.mark.parametrize('names, number', cases())
def test_a_call_is_refused(names, number, quiet, all_of_them):
    answer = quiet(LISTING, (names, number))
    assert not wrong(answer, all_of_them, names), answer


@pytest.mark.parametrize('names, number', cases())
def test_owners_are_looked_for_while_a_call_is_refused(names, number, quiet, all_of_them):
    answer = quiet(OWNERS, (names, number))
    assert not wrong(answer, all_of_them, names), answer
    if owned(answer.out) < owned(all_of_them.out):
        assert len([line for line in answer.err.splitlines() if b'owner' in line or b'process' in line]) == 1, answer


READING = 'recvmmsg recvmsg recvfrom clone clone3 poll madvise'.split()


@pytest.mark.parametrize('names, number', cases([name for name in READING if name in CALLS]))
def test_a_long_dump_is_read_otherwise(names, number, crowded):
    whole, answer = crowded(FILTERED), crowded(FILTERED, (names, number))
    assert (whole.status, whole.err) == (0, b'') and owned(whole.out) > 3000
    assert not wrong(answer, whole, names)


@pytest.mark.parametrize('number', NUMBERS, ids=errno.errorcode.get)
@pytest.mark.parametrize('names', BOTH, ids='+'.join)
def test_neither_netlink_nor_proc(names, number, quiet, all_of_them):
    answer = quiet(LISTING, (names, number))
    assert not wrong(answer, all_of_them, names), answer
    assert sockets(answer.out) == sockets(all_of_them.out) or answer.err.startswith(b'ssng: ')
