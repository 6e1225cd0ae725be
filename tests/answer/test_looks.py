"""Looks: what the words mean and exclude, when they are due; and --wait, in a room whose sockets move."""
import datetime
import json
import sys
import time

import pytest

from ssng.answer import looks as module
from ssng.answer.looks import Looks, stamp
from tests.answer.moving import started
from tests.support import programs
from tests.support.wire import inet

SSNG = [sys.executable, '-m', 'ssng']


@pytest.mark.parametrize('words', [
    '--watch=', '--watch=x', '--watch=0', '--watch=-1', '--watch=0.0', '--watch=1e3', '--watch=nan', '--watch=inf', '--watch=.',
    '--watch=1.2.3', '--watch=99999999999999', '--watch=\xb2', '--wait=x', '--wait=-1', '--changes=0', '--watch --times=0',
    '--watch --times=-1', '--watch --times=x', '--watch --times='])
def test_a_wrong_number_is_one_line(said, words):
    status, out, err = said(words)
    assert (status, out) == (1, b'') and err.startswith(b'ssng: --') and err.count(b'\n') == 1


@pytest.mark.parametrize('words', [
    '--watch --changes', '--watch --wait', '--wait --changes', '--watch -K', '--watch -E', '--watch -D x', '--watch -s',
    '--watch --record=x', '--watch --count --openmetrics', '--changes --count', '--changes --sort=state', '--changes --top=3',
    '--changes -E', '--wait -K', '--diff=x -K', '--diff=x --count', '--diff=x --watch', '--times=3', '--diff=x --times=3'])
def test_what_does_not_go_together(said, words):
    """Nothing is asked, opened or written."""
    status, out, err = said(words)
    assert (status, out) == (255, b'') and err.count(b'\n') == 1 and (b'exclude each other' in err or b'--times goes' in err)


def test_when_they_are_due(monkeypatch):
    """From begin to begin; a slow look is followed at once, and none is made up for."""
    clock = [100.0]
    monkeypatch.setattr(module, 'monotonic', lambda: clock[0])
    begun, looks = [], Looks({'watch': '2', 'times': '6'})

    def pause(seconds):
        clock[0] += seconds
    for number, takes in zip(looks.moments(pause), (1, .5, 5, .5, .5, .5)):
        begun.append(clock[0])
        clock[0] += takes
        assert number == len(begun) - 1
    assert begun == [100, 102, 104, 109, 111, 113]


def test_usual_numbers():
    assert Looks({'watch': None}).seconds == 2 and Looks({'changes': None}).seconds == 1
    assert Looks({'wait': None}).seconds is None and Looks({'wait': '0'}).seconds == 0
    assert Looks({'watch': '.25'}).seconds == .25 and Looks({'watch': '5.'}).seconds == 5


@pytest.mark.parametrize('moment', [0, 1795629600.123, 1e9 + .9999, 4e9 + .0004])
def test_times(moment):
    found = datetime.datetime.strptime(stamp(moment), '%Y-%m-%dT%H:%M:%S.%fZ').replace(tzinfo=datetime.timezone.utc)
    assert 0 <= moment - found.timestamp() < .0011


# --wait

def test_there_already(said):
    found = said('-4tn -H --wait', [inet(sport=7)])
    assert found == said('-4tn -H', [inet(sport=7)]) and found[0] == 0 and found[1]


@pytest.mark.parametrize('words', ['--wait=0', '--wait=0.05', '--wait --times=2'])
def test_time_is_over(said, words):
    assert said('-tn -j ' + words) == (1, b'', b'')


@pytest.mark.root
def test_until_it_is_there(furnished):
    """Nothing is printed before, then what an ordinary question would print."""
    room, say = started(furnished)
    waiting = programs.start(SSNG + ['-tlnH', '--wait=50', 'sport = :1234'], enter=room.enter)
    time.sleep(.5)
    assert waiting.poll() is None
    say('listen 1234')
    answer = programs.finish(waiting)
    assert (answer.status, answer.err) == (0, b'')
    assert answer.out == programs.run(SSNG + ['-tlnH', 'sport = :1234'], enter=room.enter).out


@pytest.mark.root
def test_rates_are_waited_for(furnished):
    """A condition that can be true at the second look only."""
    room, say = started(furnished)
    say('open 1001')
    waiting = programs.start(SSNG + ['-tnj', '--wait=50', '--columns=peer.port', 'rate.bytes_sent > 1'], enter=room.enter)
    say('pace 1000 400 0.005')
    answer = programs.finish(waiting)
    assert answer.status == 0 and json.loads(answer.out.decode()) == [{'peer': {'port': 1001}}]
