"""--diff: what differs, by hand; and between records of real sockets and what is there later."""
import csv
import io
import json
import sys

import pytest

from ssng.answer.diff import differences
from tests.answer.moving import started
from tests.support import programs

SSNG = [sys.executable, '-m', 'ssng']


def socket(state, port, netid='tcp', address='127.0.0.1'):
    """Values of FACTS, in their order."""
    return state, netid, port, None, None, None, None, address, None


def keyed(**sockets):
    return {(None, cookie): values for cookie, values in sockets.items()}


def names(keys):
    return [name for _, name in keys]


def test_the_example():
    before = keyed(a=socket('ESTAB', 1001), b=socket('LISTEN', 80), c=socket('LISTEN', 22))
    now = keyed(d=socket('LISTEN', 80), c=socket('LISTEN', 22), e=socket('ESTAB', 1001))
    opened, closed, replaced = differences(before, now)
    assert (names(opened), names(closed), replaced) == (['e'], ['a'], {(None, 'd'): (None, 'b')})


@pytest.mark.parametrize('before, now, expected', [
    ({}, {}, ([], [], [])),
    (keyed(a=socket('LISTEN', 80)), keyed(b=socket('LISTEN', 80, address='0.0.0.0')), (['b'], ['a'], [])),
    (keyed(a=socket('LISTEN', 80)), keyed(b=socket('LISTEN', 80, netid='mptcp')), (['b'], ['a'], [])),
    (keyed(a=socket('UNCONN', 53, 'udp')), keyed(b=socket('UNCONN', 53, 'udp')), ([], [], ['b'])),
    (keyed(a=socket('LISTEN', 80), b=socket('LISTEN', 80)), keyed(c=socket('LISTEN', 80)), ([], ['b'], ['c'])),
    (keyed(a=socket('LISTEN', 80)), keyed(c=socket('LISTEN', 80), d=socket('LISTEN', 80)), (['d'], [], ['c'])),
    ({(5, 'a'): socket('LISTEN', 80)}, {(6, 'b'): socket('LISTEN', 80)}, (['b'], ['a'], [])),
    (keyed(a=socket('ESTAB', 80)), keyed(a=socket('CLOSE-WAIT', 80)), ([], [], [])),          # it is still the same one
    (keyed(a=socket('UNCONN', 0)), keyed(a=socket('LISTEN', 80)), ([], [], [])),
    (keyed(a=socket('LISTEN', 80)), keyed(a=socket('LISTEN', 22)), (['a'], ['a'], [])),       # a host that started anew
])
def test_differences(before, now, expected):
    opened, closed, replaced = differences(before, now)
    assert (names(opened), names(closed), names(replaced)) == expected


# Real sockets

@pytest.fixture
def ssng(furnished, tmp_path):
    """(run, say): what ssng answers in a room to some words, of which FILE and OTHER are files."""
    room, say = started(furnished)

    def run(*words):
        words = [word.replace('FILE', str(tmp_path / 'file')).replace('OTHER', str(tmp_path / 'other')) for word in words]
        return programs.run(SSNG + words, enter=room.enter)
    return run, say


@pytest.mark.root
def test_what_opened_closed_and_was_replaced(ssng):
    run, say = ssng
    for line in ('listen 80', 'listen 443', 'open 80 2001'):
        say(line)
    assert run('-tan', '--record=FILE').status == 0
    same = run('-tanH', '--diff=FILE')
    assert (same.status, same.out, same.err) == (0, b'', b'')
    for line in ('reset', 'deaf 80', 'listen 80', 'deaf 443', 'listen 8080'):
        say(line)
    text = run('-tanH', '--diff=FILE')
    assert (text.status, text.err) == (1, b'')
    assert sorted((line.split()[0], line.split()[1], line.split()[4]) for line in text.out.decode().splitlines()) == sorted([
        ('-', 'ESTAB', '127.0.0.1:80'), ('-', 'ESTAB', '127.0.0.1:2001'), ('-', 'LISTEN', '127.0.0.1:443'),
        ('~', 'LISTEN', '127.0.0.1:80'), ('+', 'LISTEN', '127.0.0.1:8080')])
    told = json.loads(run('-tanej', '--diff=FILE').out.decode())
    now = {one['cookie']: one for one in json.loads(run('-tanej').out.decode())}
    before = {one['cookie']: one for one in json.loads(run('-tanej', '--replay=FILE').out.decode())}
    assert len(told) == 5
    for each in told:
        cookie = each['socket']['cookie']
        assert each['socket'] == (before if each['change'] == 'closed' else now)[cookie]
        assert ('before' in each) == (each['change'] == 'replaced')
        if 'before' in each:
            assert each['before'] == before[each['before']['cookie']] and cookie not in before
    rows = list(csv.reader(io.StringIO(run('-tan', '--csv', '--columns=local', '--diff=FILE').out.decode())))
    assert rows[0] == ['change', 'local'] and ['replaced', '127.0.0.1:80'] in rows and len(rows) == 6
    for line in ('deaf 80', 'deaf 8080'):
        say(line)


@pytest.mark.root
def test_two_records(ssng):
    """Who compares them need not be on the host of which they are; and the other way round they say the opposite."""
    run, say = ssng
    run('-tan', '--record=FILE')
    say('listen 90')
    run('-tan', '--record=OTHER')
    forth, back = run('-tanH', '--diff=FILE', '--replay=OTHER'), run('-tanH', '--diff=OTHER', '--replay=FILE')
    say('deaf 90')
    assert (forth.status, back.status) == (1, 1) and forth.out.startswith(b'+ LISTEN') and back.out == b'-' + forth.out[1:]
    assert run('-tanH', '--diff=FILE', '--replay=FILE') == (0, b'', b'')
    assert run('-tan', 'sport = :1', '--diff=FILE', '--replay=OTHER').status == 2


@pytest.mark.root
@pytest.mark.parametrize('words, what', [
    (['-ta'], None), (['-tan', '-i'], None), (['-tn'], 'states'), (['-uan'], 'tables'), (['-4tan'], 'families'),
    (['-tan', 'sport = :80'], 'filter'), (['-tan', '--all-netns'], 'namespaces')])
def test_another_question_is_refused(ssng, words, what):
    """What is shown of each may differ, which sockets may not: those that are missing would seem to be closed."""
    run, _ = ssng
    run('-tan', '--record=FILE')
    answer = run('--diff=FILE', *words)
    if what is None:
        assert (answer.status, answer.err) == (0, b'')
    else:
        assert (answer.status, answer.out) == (2, b'') and what.encode() in answer.err and answer.err.count(b'\n') == 1


@pytest.mark.root
def test_trouble(ssng, tmp_path):
    """No file, no record, a damaged one: 2, and nothing is compared."""
    run, _ = ssng
    run('-tan', '--record=FILE')
    whole = (tmp_path / 'file').read_bytes()
    for content in (b'', b'nonsense', whole[:-20], whole[:len(whole) // 2]):
        (tmp_path / 'other').write_bytes(content)
        answer = run('-tan', '--diff=OTHER')
        assert (answer.status, answer.out) == (2, b'')
        assert answer.err.startswith(b'ssng: --diff ') and answer.err.count(b'\n') == 1
    assert run('-tan', '--diff=/nonexistent/x').status == 2
