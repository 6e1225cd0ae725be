"""`-D FILE`: what ssng records is what ss records, and each replays the other's."""
import pytest

from tests.support import dumps
from tests.support.programs import difference, run, same
from tests.support.wire import DONE

pytestmark = [pytest.mark.root, pytest.mark.parity]

OPTIONS = ['-t', '-tan', '-taim', '-tai --tos', '-taneimo --tos --cgroup --inet-sockopt', '-tl', '-tan4', '-tan6', '-A tcp',
           '-tu', '-tan state time-wait state syn-recv', '-tB', '-taH']


def record(program, options, path, crowd):
    answer = run(program + options.split() + ['-D', str(path)], enter=crowd.enter)
    assert (answer.status, answer.out) == (0, b''), answer
    return path.read_bytes()


@pytest.fixture(params=OPTIONS)
def files(request, crowd, reference, subject, tmp_path):
    """(options, path, the reference's bytes, ours) of two dumps, one right after the other."""
    options = request.param
    for _ in range(3):
        theirs = record(reference, options, tmp_path / 'theirs', crowd)
        ours = record(subject, options, tmp_path / 'ours', crowd)
        if len(theirs) == len(ours):    # else: the kernel's sockets changed meanwhile
            break
    return options, tmp_path, theirs, ours


def test_same_messages(files):
    """The same messages in the same order, with the same attributes, but for what passes with the time."""
    _, _, theirs, ours = files
    theirs, ours = dumps.messages(theirs), dumps.messages(ours)
    assert [message[:3] for message in ours] == [message[:3] for message in theirs]
    for one, other in zip(theirs, ours):
        if one.kind == DONE:
            assert other.payload == one.payload
        else:
            assert dumps.stable(other.payload) == dumps.stable(one.payload)
            assert ([(kind, len(value)) for kind, value in dumps.attributes(other.payload)]
                    == [(kind, len(value)) for kind, value in dumps.attributes(one.payload)])


def test_each_replays_the_others(files, reference, subject):
    options, folder, _, _ = files
    for name in ('theirs', 'ours'):
        env = {'TCPDIAG_FILE': str(folder / name)}
        words = ['-taneimoO', '--tos']
        expected, answer = run(reference + words, env=env), run(subject + words, env=env)
        assert expected.out.count(b'\n') > 1
        assert same(expected, answer), '\n' + difference(expected, answer)


@pytest.mark.parametrize('target', ['-', '-anything'])
def test_to_stdout(target, crowd, reference, subject):
    for options in (['-tan4'], ['-tlni']):
        for _ in range(3):
            theirs = run(reference + options + ['-D', target], enter=crowd.enter)
            ours = run(subject + options + ['-D', target], enter=crowd.enter)
            if len(theirs.out) == len(ours.out):
                break
        assert (theirs.status, ours.status) == (0, 0)
        assert ([dumps.stable(message.payload) for message in dumps.messages(ours.out)]
                == [dumps.stable(message.payload) for message in dumps.messages(theirs.out)])


def test_the_last_file_wins(crowd, subject, tmp_path):
    run(subject + ['-tan', '-D', str(tmp_path / 'one'), '-D', str(tmp_path / 'two')], enter=crowd.enter)
    assert dumps.messages((tmp_path / 'two').read_bytes())[-1].kind == DONE
    assert not (tmp_path / 'one').exists() or (tmp_path / 'one').read_bytes() == b''
