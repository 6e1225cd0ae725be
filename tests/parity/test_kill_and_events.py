"""--kill closes what matches, prints as many lines and leaves the rest; --events tells of each end.

ss and ssng each have a room of the same sockets to close; both watch the same room for events.
"""
import collections
import json
import re
import select
import time

import pytest

from tests.support.programs import run, start

pytestmark = [pytest.mark.root, pytest.mark.parity]

SEEN = ['-tunaH']


@pytest.fixture
def rooms(furnished):
    return [furnished('tests.parity.victims') for _ in range(2)]


def rows(text):
    """Listed sockets, without the ports that the kernel chose and the widths that follow from them."""
    return collections.Counter(tuple(re.sub(rb':(?!100[123]\b)\d+', b':N', line).split()) for line in text.splitlines())


# None matches both ends of a connection: which of them is closed first is the kernel's choice.
@pytest.mark.parametrize('kill', [
    '-tnK dport = 1001', '-tnK4 dport = 1002', '-tnaK sport = 1001', '-tnlK sport >= 1002', '-unaK sport != 1002',
    '-tunaK src 127.0.0.1:1001', '-tnK dport = 4', '-tnaK state listening src ::1/128', '-tnKO dport = 1001 or dport = 1002',
    '-tnKHQ dst [::1]:1002'])
def test_what_is_closed(kill, rooms, reference, subject):
    words = kill.split()
    answers, left = [], []
    for program, room in zip((reference, subject), rooms):
        before = rows(run(reference + SEEN, enter=room.enter).out)
        answers.append(run(program + words, enter=room.enter))
        left.append(before - rows(run(reference + SEEN, enter=room.enter).out))
    theirs, ours = answers
    assert (ours.status, ours.err) == (theirs.status, b'')
    assert rows(ours.out) == rows(theirs.out)
    assert left[0] == left[1]


def told(programs, close):
    """What watching programs print while the sockets of a room are closed, until nothing more comes."""
    time.sleep(1)                       # until they listen
    close()
    texts, quiet = [b''] * len(programs), 0
    while quiet < 10:
        quiet += 1
        for place, program in enumerate(programs):
            if select.select([program.stdout], [], [], .1)[0]:
                more = program.stdout.read1(65536)
                texts[place] += more
                quiet = quiet if not more else 0
    return texts


def closed(room):
    room.maker.stdin.write(b'close\n')
    room.maker.stdin.flush()


def ended(room, programs):
    """End the room, and with its process namespace those that watch in it."""
    room.maker.stdin.close()
    room.maker.wait()
    for program in programs:
        program.communicate()


@pytest.mark.parametrize('arguments', ['-tunE', '-EtuneO', '-EtnHQ', '-Etn sport = 1002 or dport = 1002', '-E4un', '-Etua6n'])
def test_events(arguments, rooms, reference, subject):
    """Both programs watch while the sockets are closed: the same lines, before they end."""
    room = rooms[0]
    both = [start(program + arguments.split(), enter=room.enter) for program in (reference, subject)]
    try:
        theirs, ours = told(both, lambda: closed(room))
    finally:
        ended(room, both)
    assert theirs.count(b'\n') > 2
    assert ours == theirs


def test_events_as_json(rooms, subject):
    """One object a line, no array, each flushed by itself."""
    room = rooms[0]
    program = start(subject + ['-tunEj'], enter=room.enter)
    try:
        text, = told([program], lambda: closed(room))
    finally:
        ended(room, [program])
    objects = [json.loads(line) for line in text.splitlines()]
    assert len(objects) >= 10
    assert {one['netid'] for one in objects} == {'tcp', 'udp'}
