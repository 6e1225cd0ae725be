"""tools/anywhere: its cells, and its table; the cells themselves are made and run by hand and by CI."""
import os
import re
import sys

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run

sys.path.insert(0, os.path.join(ROOT, 'tools'))
from anywherelib import cells, trial        # noqa: E402

TOOL = [sys.executable, os.path.join(ROOT, 'tools/anywhere')]


def test_the_cells_that_there_are():
    every, quick = [run(TOOL + ['--list'] + more).out.decode().splitlines() for more in ([], ['--quick'])]
    assert [line.split()[0] for line in every] == [cell.name for cell in cells.CELLS]
    assert [line.split()[0] for line in quick] == [cell.name for cell in cells.CELLS if cell.quick]
    minors = {int(found) for found in re.findall('cpython-3[.]([0-9]+)', ' '.join(every))}
    assert minors == set(range(6, 15))


def test_a_cell_that_is_none():
    answer = run(TOOL + ['--only', 'minbase,nix'])
    assert (answer.status, answer.out) == (2, b'') and b'no cell is called nix' in answer.err


def test_the_readme_tells_of_each_cell_and_of_nothing_wrong():
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        body = stream.read().partition('\ncell  ')[2]
    rows = [re.split('  +', line) for line in body.split('\n=====')[1].split('\n')[1:]]
    assert [row[:2] for row in rows] == [[cell.name, cell.about] for cell in cells.CELLS]
    for row in rows:
        for result in row[3:]:
            assert result == '--' or len(set(result.split(' of '))) == 1, row


def test_the_table():
    rows = [['a', 'the first', '3.6.15', '7 of 7', '--', '80 of 80'], ['second', 'b', '', '', '', '']]
    assert trial.table(rows) == '''\
======  ==========  ======  ==========  ==========  =========
cell    what it is  Python  unit tests  recordings  beside ss
======  ==========  ======  ==========  ==========  =========
a       the first   3.6.15  7 of 7      --          80 of 80
second  b
======  ==========  ======  ==========  ==========  =========
'''


@pytest.mark.parametrize('name, make', [('cpython-3.14', cells.cpython_314), ('i386', cells.i386)])
def test_what_starts_through_a_loader_starts_itself(name, make):
    if not os.path.isdir(cells.cache(name)):
        pytest.skip('tools/anywhere --only %s has not been run here' % name)
    program = 'import subprocess, sys; print(sys.version_info, subprocess.check_output([sys.executable, "-V"]), sys.executable)'
    words = make().words
    answer = run(words + ['-c', program])
    major, minor = re.search(rb'major=(\d+), minor=(\d+)', answer.out).groups()
    assert b'Python %s.%s' % (major, minor) in answer.out and answer.out.decode().endswith(words[0] + '\n')
