"""A short run of tests/attack/filters.py: random command lines end as command lines may end."""
import pytest

from tests.attack import filters, judging
from tests.support.programs import Answer

pytestmark = pytest.mark.root


@pytest.mark.parametrize('seed', ['one', 'two'])
def test_random_command_lines(seed, crowd, tmp_path):
    tally = filters.attack(120, seed, crowd, str(tmp_path))
    assert not tally.faults, '\n' + tally.report()
    assert {0, 1, 255} <= set(tally.statuses) <= {0, 1, 2, 255, judging.ALARM} and tally.statuses[0] > 30


# A condition on one family is false for the sockets of others: (command line, one that lists the same sockets)
CROSSED = [
    ('-an src unix:*', '-xan src *'), ('-an src unix:/*', '-xan src /*'), ('-ln src unix:@*', '-xln src @*'),
    ('-A netlink -an src unix:/x', None),
    ('-0an src unix:*', None), ('-0n src unix:/x', None), ('-0an not dst unix:*', '-0xan not dst unix:*'),
    ('-wan not src unix:/x', '-wan'), ('-wan src unix:/x', None), ('-tan dst unix:*', None), ('-tan not dst unix:*', '-tan'),
    ('-an src link:all', '-0an src all'), ('-an src inet:127/8', '-4an src 127/8'),
    ('-an dst inet6:[::1]', '-6an dst [::1]'),
    ('-an src unix:* or src inet6:[::1]', '-A inet,unix -an src unix:* or src inet6:[::1]'),
    ('-an not src inet:* and not src inet6:* and not src unix:* and not src link:* and not src netlink:*', '--vsock --xdp -an'),
]


def rows(answer):
    """The sockets; without those of netlink, among which ssng itself is."""
    assert (answer.status, answer.err) == (0, b'')
    return sorted(tuple(line.split()) for line in answer.out.splitlines() if not line.startswith(b'nl '))


@pytest.mark.parametrize('line, same', CROSSED)
def test_a_condition_on_one_family_is_false_for_others(line, same, crowd):
    def asked(text):
        words = text.split(' ')
        at = next((at for at, word in enumerate(words) if word in ('src', 'dst', 'not')), len(words))
        return words[:at] + ['-H'] + words[at:]

    def both():     # what a raw socket has received changes with whatever the room sends
        return [rows(crowd.forker.run(asked(text))) if text else [] for text in (line, same)]
    found, expected = next((pair for pair in (both() for _ in range(5)) if pair[0] == pair[1]), None) or both()
    assert found == expected


@pytest.mark.parametrize('line, sockets', [
    ('-tan dst unix:*', False), ('-tan not dst unix:*', True), ('-ta4n src unix:x or src inet:*', True)])
def test_it_is_so_in_a_raw_dump(line, sockets, crowd):
    words = line.split(' ', 1)
    answer = crowd.forker.run(['-D', '-'] + words)
    assert (answer.status, answer.err) == (0, b'') and (len(answer.out) > 1000) == sockets


@pytest.mark.parametrize('answer, more, why', [
    (Answer(0, b'', b''), {}, None),
    (Answer(1, b'', b'ssng: no\n'), {}, None),
    (Answer(1, b'', b'Traceback (most recent call last):\n'), {}, 'a traceback'),
    (Answer(0, b'', b'Exception ignored in: <x>\n'), {}, 'a traceback'),
    (Answer(2, b'', b'ssng: no\n'), {}, 'status 2'),
    (Answer(-11, b'', b''), {}, 'status -11'),
    (Answer(-14, b'', b''), {}, 'it hangs'),
    (Answer(-14, b'{}\n{}\n', b''), {'watching': True, 'is_json': True}, None),
    (Answer(255, b'', b''), {}, 'status 255, and no word why'),
    (Answer(0, b'', b'oops\n'), {}, 'a message that is none of ssng'),
    (Answer(0, b'[]\n{"a": 1}\n[\n{}]\n', b''), {'is_json': True}, None),
    (Answer(0, b'[\n{}', b''), {'is_json': True}, 'invalid JSON: Expecting \',\' delimiter'),
    (Answer(0, b'{"a": 1, "a": 2}', b''), {'is_json': True}, "invalid JSON: a key stands twice: [('a', 1), ('a', 2)]"),
    (Answer(0, b'["\x01"]', b''), {'is_json': True}, 'invalid JSON: Invalid control character at'),
])
def test_what_is_a_fault(answer, more, why):
    assert judging.fault(answer, **more) == why
