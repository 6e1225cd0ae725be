"""What ended while nobody asked: all of it once, with an end to what is kept; what is lost is told."""
import time

import pytest

from ssng.answer import overheard
from ssng.answer.overheard import Ears
from ssng.host import Host, Report
from tests.sources.test_events import event
from tests.support.rendered import asking
from tests.support.sources import Overflow, Replayed


def heard(ears, count):
    found, until = 0, time.time() + 30
    while found < count and time.time() < until:
        found += sum(batch.count for _, _, _, batch in ears.heard())
        time.sleep(.01)
    return found


def ears(datagrams, lines):
    query = asking(('tcp',))
    query.selection.families = frozenset([2])
    return Ears(query, Host(report=Report(lines.append)), Replayed(datagrams))


def test_all_of_it_once():
    lines = []
    listening = ears([event(port) for port in range(1, 200)], lines)
    assert heard(listening, 199) == 199 and listening.count == 0
    listening.close()
    assert all(not thread.is_alive() for thread in listening.threads)


def test_what_is_lost_is_told():
    """Once, however often it happens; and that it has ended, if it has."""
    lines = []
    listening = ears([event(1), Overflow, event(2), Overflow, event(3)], lines)
    assert heard(listening, 3) == 3
    listening.threads[0].join()
    listening.heard()
    assert len([line for line in lines if 'lost' in line and line.startswith('--changes: ')]) == 1
    assert len([line for line in lines if 'not seen' in line]) == 1


def test_much_wakes_the_sleeper_and_most_stops_it(monkeypatch):
    """No more is kept than MOST and a batch, until it is taken."""
    monkeypatch.setattr(overheard, 'MUCH', 10)
    monkeypatch.setattr(overheard, 'MOST', 40)
    listening = ears([event(port) for port in range(1, 300)], [])
    begun = time.time()
    listening.wait(60)
    assert time.time() - begun < 50
    time.sleep(.2)
    assert listening.count < 299
    assert heard(listening, 299) == 299
    listening.close()


def test_nothing_to_listen_to():
    query = asking(('raw',))
    listening = Ears(query, Host())
    assert listening.heard() == [] and not listening.threads
    listening.close()


@pytest.mark.root
def test_a_flood():
    """More than is kept, of real sockets: no end, no traceback, and all is told or that some was lost."""
    import sys
    from tests.support.namespaces import Room
    from tests.support import programs
    try:
        room = Room([sys.executable, '-m', 'tests.support.flood', '3000'])
    except OSError:
        pytest.skip('cannot make a network namespace (root can)')
    try:
        program = programs.start([sys.executable, '-m', 'ssng', '-tn', '--csv', '--columns=cookie', '--changes=1'], enter=room.enter)
        assert program.stdout.readline()
        for _ in range(3):
            room.maker.stdin.write(b'\n')
            room.maker.stdin.flush()
            assert room.maker.stdout.readline() == b'over\n'
        found = 0
        while found < 17000:
            line = program.stdout.readline()
            assert line.startswith((b'closed,', b'opened,', b'changed,'))
            found += line.startswith(b'closed,')
        program.terminate()
        assert programs.finish(program).err.count(b'\n') <= 1
    finally:
        room.close()
