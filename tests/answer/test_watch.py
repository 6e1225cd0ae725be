"""--watch in a pipe: each look is what a question at that moment prints, and rates are those of what was really sent."""
import csv
import gc
import io
import json
import re
import sys
import tracemalloc
from datetime import datetime, timezone

import pytest

from ssng.cli.main import main
from ssng.host import Host
from ssng.kernel.exchange import Refused
from tests.answer.moving import started
from tests.support import programs
from tests.support.families import Kernel
from tests.support.sources import Replayed
from tests.support.wire import done, inet, message
from tests.tables.test_tcp_rates import info

SSNG = [sys.executable, '-m', 'ssng']
SOCKETS = [inet(sport=port, cookie=port, state=state) for port, state in ((7, 1), (9, 10), (8, 1))]
TIME = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'
INFO = 2


@pytest.mark.parametrize('words', [
    '-tan', '-tanO --columns=+cookie', '-tan --sort=-sport --top=2', '-tan --count=state', '-tan -H'])
def test_text(said, words):
    _, once, _ = said(words, SOCKETS)
    status, out, err = said(words + ' --watch=0.01 --times=3', SOCKETS)
    parts = re.split('(?m)^%s\n' % TIME, out.decode())
    assert (status, err) == (0, b'') and parts == [''] + 3 * [once.decode()]


@pytest.mark.parametrize('words, key', [
    ('-tan', 'sockets'), ('-tan --columns=local,state', 'sockets'), ('-tan --count=state', 'counts'),
    ('-tan --sort=sport --json=lines', 'sockets'), ('-tan sport=1', 'sockets')])
def test_json(said, words, key):
    """An object a look, each in one line, with the array of an ordinary answer."""
    once = json.loads(said(words.replace('=lines', '') + ' -j', SOCKETS)[1].decode())
    status, out, err = said(words + ('' if 'json' in words else ' -j') + ' --watch=0.01 --times=3', SOCKETS)
    lines = out.decode().splitlines()
    assert (status, err, len(lines)) == (0, b'', 3)
    for line in lines:
        told = json.loads(line)
        assert sorted(told) == sorted([key, 'time']) and told[key] == once and re.match(TIME + '$', told['time'])


def test_pretty_json(said):
    _, out, _ = said('-tan --pretty --watch=0.01 --times=2', SOCKETS)
    decoder, text = json.JSONDecoder(), out.decode()
    first, end = decoder.raw_decode(text)
    second = json.loads(text[end:])
    assert first['sockets'] == second['sockets'] and len(first['sockets']) == 6


@pytest.mark.parametrize('separator, option', [(',', '--csv'), ('\t', '--tsv')])
@pytest.mark.parametrize('words', ['--columns=local,state', '--count=state --total=recv_q', '--columns=state --sort=state', '-H'])
def test_csv(said, separator, option, words):
    """One header, and a column more in front."""
    once = list(csv.reader(io.StringIO(said('-tan %s %s' % (option, words), SOCKETS)[1].decode()), delimiter=separator))
    _, out, _ = said('-tan %s %s --watch=0.01 --times=3' % (option, words), SOCKETS)
    rows = list(csv.reader(io.StringIO(out.decode()), delimiter=separator))
    head = [] if '-H' in words else [once.pop(0)]
    assert [row[1:] for row in rows] == head + 3 * once
    assert all(re.match(TIME, row[0]) for row in rows[len(head):]) and all(row[0] == 'time' for row in rows[:len(head)])


class Looks(Kernel):
    """Answers each dump with the next of some lists of payloads; an exception is raised in its place."""

    def __init__(self, *looks):
        Replayed.__init__(self, *[[b''.join(map(message, rows)), done()] if isinstance(rows, list) else [rows] for rows in looks])


def test_an_error_leaves_a_whole_object(capfdbinary):
    """Bytes that are nonsense at the second look: its object is closed, then the error is told."""
    assert main(['-4tnj', '--watch=0.01', '--times=3'], Host(), Looks(SOCKETS, Refused(0, 'nonsense', nonsense=True))) == 1
    out, err = capfdbinary.readouterr()
    assert [len(json.loads(line)['sockets']) for line in out.decode().splitlines()] == [3, 0] and err.count(b'\n') == 1


def test_top_shows_rates_of_whoever_comes_to_the_top(capfdbinary):
    """The counters of those that were not shown are kept, too."""
    looks = [[inet(sport=port, cookie=port, rqueue=queue, attributes=[(INFO, info(sent=port))]) for port, queue in queues]
             for queues in (((7, 1), (9, 0)), ((7, 0), (9, 1)))]
    words = '-4tnj --watch=0.01 --times=2 --sort=-recv_q --top=1 --columns=sport,rate.bytes_sent'
    assert main(words.split(), Host(), Looks(*looks)) == 0
    assert [json.loads(line)['sockets'] for line in capfdbinary.readouterr()[0].decode().splitlines()] == [
        [{'local': {'port': 7}}], [{'local': {'port': 9}, 'rate': {'bytes_sent': 0}}]]


def test_memory_is_flat():
    """What 40 looks leave behind is what 10 do; the collector of cycles is off, as in the program."""
    rows = [inet(sport=number % 60000 + 1, cookie=number + 1, attributes=[(INFO, info(sent=number))]) for number in range(500)]

    class Out:
        class buffer:
            write = staticmethod(len)

        @staticmethod
        def flush():
            pass

    def run(times):
        main(['-tnj', '--watch=0.001', '--times=%d' % times, '--columns=local,rate.bytes_sent'], Host(), Forgetful(rows))
        gc.collect()
        return tracemalloc.get_traced_memory()[1]

    class Forgetful(Kernel):
        def ask(self, request):
            reply = super().ask(request)
            self.requests, self.replies = [], []
            return reply
    before, sys.stdout = sys.stdout, Out
    gc.disable()
    try:
        run(2)
        tracemalloc.start()
        few = run(10)
        tracemalloc.stop()
        tracemalloc.start()
        many = run(40)
    finally:
        tracemalloc.stop()
        gc.enable()
        sys.stdout = before
    assert many < 1.3 * few


# Real sockets

def at(told, moment):
    """How many bytes had been sent at a moment, of (time, bytes) in order."""
    return max([sent for when, sent in told if when <= moment], default=0)


def seconds(text):
    return datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ').replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.root
def test_rates_of_a_paced_sender(furnished):
    """Within a tenth of what was really sent between two looks; of four, one may have been held up by a busy machine."""
    room, say = started(furnished)
    say('open 1001')
    watching = programs.start(SSNG + ['-tnj', '--watch=0.5', '--times=7', 'dport = :1001',
                                      '--columns=rate.bytes_sent,bytes_sent,rate.segs_out,rate.retrans'], enter=room.enter)
    told = json.loads(say('pace 20000 300 0.01'))
    answer = programs.finish(watching)
    assert (answer.status, answer.err) == (0, b'')
    looks = [json.loads(line) for line in answer.out.decode().splitlines()]
    assert 'rate' not in looks[0]['sockets'][0]
    right = []
    for before, after in zip(looks, looks[1:]):
        first, last = seconds(before['time']), seconds(after['time'])
        (one,), (other,) = before['sockets'], after['sockets']
        rate, counted = other['rate'], other['info']['bytes_sent'] - one['info']['bytes_sent']
        sent = at(told, last) - at(told, first)
        if first > told[0][0] and last < told[-1][0]:
            right.append(rate['bytes_sent'] == pytest.approx(counted / (last - first), rel=.1, abs=1000)
                         and abs(rate['bytes_sent'] * (last - first) - sent) <= .1 * sent + 2 * 20000)
            assert rate['segs_out'] > 0 and rate['retrans'] == 0
    assert len(right) >= 2 and right.count(False) * 4 <= len(right)


@pytest.mark.root
def test_sockets_of_one_four_tuple_are_not_mixed(furnished):
    """The rate of a socket is absent at its first look, whatever another had sent from the same ends."""
    room, say = started(furnished)
    words = SSNG + ['-tanj', '--watch=0.2', '--times=20', '--columns=cookie,local,peer,rate.bytes_sent', 'dport = :1001']
    watching = programs.start(words, enter=room.enter)
    while watching.poll() is None:
        say('open 1001 2001')
        say('pace 100000 8 0.1')
        say('reset')
    looks = [json.loads(line)['sockets'] for line in programs.finish(watching).out.decode().splitlines()]
    known = set()
    assert len({one['cookie'] for look in looks for one in look}) > 1
    for look in looks:
        for one in look:
            assert one['local']['port'] == 2001
            assert one['cookie'] in known or 'rate' not in one
        known = {one['cookie'] for one in look}
    assert any('rate' in one for look in looks for one in look)


@pytest.mark.root
def test_each_namespace(furnished):
    """Rates of sockets that are looked at from another network namespace."""
    room, say = started(furnished)
    say('open 1001')
    inside = '--netns=pid:%s' % room.facts['pid']
    words = ['-tnj', inside, '--watch=0.4', '--times=4', 'dport = :1001', '--columns=netns,rate.bytes_sent']
    watching = programs.start(SSNG + words)
    say('pace 20000 100 0.01')
    looks = [json.loads(line)['sockets'] for line in programs.finish(watching).out.decode().splitlines()]
    assert max(one['rate']['bytes_sent'] for look in looks[1:] for one in look) > 0
