"""--changes: the comparison of looks by hand, and real sockets that come and go."""
import json
import re
import sys
import time

import pytest

from ssng.answer.changes import compared
from tests.answer.moving import started
from tests.support import programs

SSNG = [sys.executable, '-m', 'ssng']


class Look:
    """``sockets``: {key: state}"""

    def __init__(self, **sockets):
        self.told = sockets
        self.places = {key: ('look', key) for key in sockets}


def changes(before, ends, now, gone=()):
    """[(what, when, key)], keys that are gone; ``ends``: [(when, key)]"""
    rows, closed = compared(before, [(when, key, 'event', key) for when, key in ends], now, gone, 99)
    return [(word, when, key) for word, when, _, key in rows], closed


def test_the_example():
    before, now = Look(s7='ESTAB', s9='ESTAB'), Look(s7='CLOSE-WAIT', s9='TIME-WAIT', s12='ESTAB')
    found, gone = changes(before, [(1, 's9'), (2, 's11')], now)
    assert found == [('closed', 2, 's11'), ('changed', 99, 's7'), ('changed', 99, 's9'), ('opened', 99, 's12')] and not gone
    assert changes(before, [(1, 's9')], Look(s7='ESTAB'))[0] == [('closed', 1, 's9')]       # where no TIME-WAIT is shown


def test_an_end_is_told_once():
    """The kernel may tell of it behind the look that missed it; or twice."""
    found, gone = changes(Look(s7='ESTAB'), [], Look())
    assert found == [('closed', 99, 's7')] and gone == {'s7'}
    assert changes(Look(), [(3, 's7')], Look(), gone)[0] == []
    assert changes(Look(s8='ESTAB'), [(3, 's8'), (4, 's8')], Look())[0] == [('closed', 3, 's8')]


def test_last_facts():
    """Of a socket that was seen, what was seen; the last message alone of others."""
    rows, _ = compared(Look(s7='ESTAB'), [(1, 's7', 'event', 0), (1, 's8', 'event', 0), (1, 's9', None, 0)], Look(), (), 99)
    assert [(part, row) for _, _, part, row in rows] == [('look', 's7'), ('event', 0)]


# Real sockets

def begun(words, enter):
    """A program that looks, behind its first look: text has printed its header then."""
    program = programs.start(words, enter=enter)
    head = program.stdout.readline()
    assert head
    return program, head


def ended(program):
    program.terminate()
    return programs.finish(program)


@pytest.mark.root
def test_what_happens_to_connections(furnished):
    """A listener, a connection that is half closed, its end; each with what it was."""
    room, say = started(furnished)
    program, head = begun(SSNG + ['-tanp', '--changes=0.1'], room.enter)
    assert head.split()[:2] == [b'TIME', b'State']
    seen = []

    def until(*patterns):
        """Read rows until each pattern has been found in one."""
        missing = list(patterns)
        while missing:
            line = program.stdout.readline().decode()
            assert line, patterns
            seen.append(line)
            missing = [pattern for pattern in missing if not re.search(pattern, line)]
    say('listen 1234')
    until(r'^\+ \S+Z LISTEN .*127.0.0.1:1234 .*users:\(\("python3?[^"]*",pid=')
    say('open 1234')
    until(r'^\+ \S+Z ESTAB .*:1234 .*users:', r'^\+ \S+Z ESTAB .* 127.0.0.1:1234 *users:')
    say('fin')
    until(r'^~ \S+Z CLOSE-WAIT')
    say('reset')
    until(r'^- \S+Z CLOSE-WAIT .*users:\(\("python')
    say('deaf 1234')
    until(r'^- \S+Z LISTEN .*:1234 .*users:\(\("python')
    assert ended(program).err == b''


@pytest.mark.root
def test_connections_that_live_between_looks(furnished):
    """Both ends of each of a thousand that live for five milliseconds, once."""
    room, say = started(furnished)
    program, _ = begun(SSNG + ['-tn', '--csv', '--columns=local,peer,cookie', '--changes=1', '--times=1000'], room.enter)
    say('brief 1000')
    found, until = [], time.time() + programs.PATIENCE
    while len(found) < 2000 and time.time() < until:
        found.append(program.stdout.readline().decode().split(','))
    answer = ended(program)
    closed = [row for row in found if row[0] == 'closed']
    assert answer.err == b'' and len({row[-1] for row in closed}) == len(closed) and len(closed) >= 1990
    assert {row[0] for row in found} <= {'closed', 'opened'}


@pytest.mark.root
def test_objects(furnished):
    """A line each; a filter holds for what was seen and for what was not."""
    room, say = started(furnished)
    program = programs.start(SSNG + ['-tnj', '--changes=0.2', '--times=40', 'dport = :1001'], enter=room.enter)
    time.sleep(1)
    say('open 1001')
    time.sleep(.5)
    say('reset')
    say('brief 20')
    lines = [json.loads(line) for line in programs.finish(program).out.decode().splitlines()]
    assert all(sorted(line) == ['event', 'socket', 'time'] and line['socket']['peer']['port'] == 1001 for line in lines)
    assert sorted(line['event'] for line in lines)[-1] in ('opened', 'closed') and len(lines) >= 10


@pytest.mark.root
def test_each_namespace(furnished):
    """From outside, and with what the kernel tells there."""
    room, say = started(furnished)
    program, _ = begun(SSNG + ['-tn', '--csv', '--columns=netns,local', '--changes=0.2', '--netns=pid:' + room.facts['pid']], None)
    say('brief 10')
    found = [program.stdout.readline().decode().strip().split(',') for _ in range(10)]
    assert ended(program).err == b''
    assert {row[2] for row in found} == {str(__import__('os').stat('/proc/%s/ns/net' % room.facts['pid']).st_ino)}


def test_tables_of_which_nothing_is_told(said):
    """Only looks: no event of unix sockets exists."""
    status, out, err = said('-x --changes=0.01 --times=2')
    assert (status, err) == (0, b'') and out.count(b'\n') == 1
