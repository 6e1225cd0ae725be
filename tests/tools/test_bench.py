"""tools/bench and tools/crowd.py, with few sockets: that they measure, not what."""
import json
import os
import sys

import pytest

from tests.support.namespaces import ROOT, Room
from tests.support.programs import run

pytestmark = [pytest.mark.root, pytest.mark.parity,
              pytest.mark.skipif(os.geteuid() != 0, reason='needs root: they make network namespaces')]

BENCH = [sys.executable, os.path.join(ROOT, 'tools', 'bench'), '--python', sys.executable]
CROWD = [sys.executable, os.path.join(ROOT, 'tools', 'crowd.py')]


@pytest.mark.parametrize('program', [BENCH[:2], CROWD], ids=lambda words: os.path.basename(words[-1]))
def test_help(program):
    answer = run(program + ['--help'])
    assert (answer.status, answer.err) == (0, b'') and answer.out.startswith(b'usage: ') and answer.out.count(b'\n') > 10


@pytest.mark.parametrize('words, listing, expected', [
    (['--tcp', '1000'], ['-tanH', 'exclude', 'time-wait'], 1000),
    (['--tcp', '300', '--time-wait', '20'], ['-tanH', 'state', 'time-wait'], 20),
    (['--udp', '300'], ['-uanH'], 300), (['--unix', '400'], ['-xaH'], 400)])
def test_a_crowd(words, listing, expected, reference):
    room = Room(CROWD + words)
    try:
        rows = run(reference + listing, enter=room.enter).out.count(b'\n')
    finally:
        room.close()
    assert expected <= rows <= expected * 1.05 + 5


def test_a_crowd_is_varied(reference):
    room = Room(CROWD + ['--tcp', '1000'])
    try:
        rows = run(reference + ['-tanHOi', 'state', 'established'], enter=room.enter).out.decode().splitlines()
    finally:
        room.close()
    ends = [row.split()[2] for row in rows]
    assert 0.2 < sum(end.startswith('[') for end in ends) / len(ends) < 0.5
    assert len({end.rsplit(':', 1)[0] for end in ends}) > 300 and len({end.rsplit(':', 1)[1] for end in ends}) > 400
    assert len({row.partition(' bytes_sent:')[2].split(' ')[0] for row in rows}) > 300
    assert any(' 7777 ' in row.replace(':', ' ') for row in rows)


def test_beside_another_tree(reference, tmp_path):
    """The modes that both have, under a goal of their own; what the other refuses is no row."""
    package = tmp_path / 'ssng'
    package.mkdir()
    (package / '__init__.py').write_text('')
    (package / '__main__.py').write_text('import sys\nsys.exit("--csv" in sys.argv)\n')
    path = str(tmp_path / 'bench.json')
    answer = run(BENCH + ['--sockets', '50', '--pairs', '1', '--beside', str(tmp_path), '--only', 'tan,kernel filter, 1 %,CSV',
                          '--json', path], patience=100)
    assert (answer.status, answer.err) == (0, b'')
    with open(path) as stream:
        found = json.load(stream)
    assert {name: row['goal'] for name, row in found['modes'].items()} == {'tan': 1.03, 'kernel filter, 1 %': 1.03}
    assert not {'kernel', 'flow', 'start'}.intersection(found)
    assert not any(row['failed'] for row in found['modes'].values())


def test_the_bench(reference, tmp_path):
    """Every part once: the table on stdout, the same as JSON."""
    path = str(tmp_path / 'deep' / 'bench.json')
    answer = run(BENCH + ['--sockets', '500', '--pairs', '1', '--large', '1000', '--json', path],
                 patience=600)      # some sixty rooms are furnished
    assert (answer.status, answer.err) == (0, b'')
    with open(path) as stream:
        found = json.load(stream)
    assert not [name for name, row in found['modes'].items() if row['failed']]
    assert all(row['ssng_s'] > 0 and row['ss_s'] > 0 and row['ratio'] > 0 for row in found['modes'].values())
    assert found['kernel']['bytes'] >= 500 * 100
    assert 5 < found['flow']['memory_mib'] < 100 and 0 < found['flow']['first_line'] <= 1
    assert found['start']['ratio'] > 1 and found['start_without_pyc']['ratio'] > 1
    text = answer.out.decode()
    assert all('\n%s ' % name in text for name in list(found['modes']) + ['start', 'kernel alone', 'flow large'])


def test_one_mode(reference, tmp_path):
    path = str(tmp_path / 'bench.json')
    answer = run(BENCH + ['--sockets', '200', '--pairs', '1', '--only', 'udp,tan', '--json', path])
    assert answer.status == 0
    with open(path) as stream:
        assert set(json.load(stream)['modes']) == {'udp', 'tan'}
