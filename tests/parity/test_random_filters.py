"""500 random expressions: the kernel by our bytecode, our predicate, and ss choose the same sockets."""
import pytest

from tests.parity.expressions import expressions
from tests.support import dumps
from tests.support.programs import difference, finish, run, same, start

pytestmark = [pytest.mark.root, pytest.mark.parity]

OPTIONS = ['-tanH']     # every state, no column that passes with the time
SOME = 25


def recorded(crowd, reference, folder):
    path = folder / 'dump'
    run(reference + OPTIONS + ['-D', str(path)], enter=crowd.enter)
    path.write_bytes(dumps.joined(path.read_bytes()))
    return {'TCPDIAG_FILE': str(path)}


def answers(natural, full, replay, crowd, reference):
    theirs = start(reference + OPTIONS + [full], enter=crowd.enter)
    kernel = crowd.forker.run(OPTIONS + [natural])
    predicate = crowd.forker.run(OPTIONS + [natural], env=replay)
    return finish(theirs), kernel, predicate


@pytest.mark.parametrize('seed', range(500 // SOME))
def test_three_judges(seed, crowd, reference, tmp_path):
    replay = recorded(crowd, reference, tmp_path)
    chosen = 0
    for natural, full in expressions(seed, SOME):
        for _ in range(3):
            theirs, kernel, predicate = answers(natural, full, replay, crowd, reference)
            if same(theirs, kernel) and same(theirs, predicate):
                break
            replay = recorded(crowd, reference, tmp_path)       # the sockets may have changed meanwhile
        assert same(theirs, kernel), 'bytecode of: %s\n%s' % (natural, difference(theirs, kernel))
        assert same(theirs, predicate), 'predicate of: %s\n%s' % (natural, difference(theirs, predicate))
        chosen += theirs.out.count(b'\n')
    assert chosen, 'no expression of this seed chose a socket'
