"""Usual mistakes: each message says what was meant; status and stdout are those of ss."""
import os

import pytest

from tests.support.programs import run, subject

MISTAKES = [
    (['-4tan', 'dst', '[::1]'], 'this is an IPv6 address, and with -4 no IPv6 socket is shown', '[::1]'),
    (['-tan', 'sport = :22 state established'], 'write state = or state != | state = established', 'state | established'),
    (['-tan', 'sport = :22 and exclude listening'], 'exclude stands in front of all conditions', 'exclude'),
    (['-tan', '80'], 'a port is written :80', '80'),
    (['-tan', 'port80'], 'a port is written :80, or port 80', 'port80'),
    (['-tan', 'nginx'], 'are found by comm = nginx', 'nginx'),
    (['-tan', 'tcp'], 'sockets of the table tcp are shown with -A tcp', 'tcp'),
    (['-tan', 'pid 1'], 'pid = 1', '1'),
    (['-tan', 'pid', '1'], 'pid = 1', '1'),
    (['-tan', '/run/x.sock'], 'shown with -x', '/run/x.sock'),
    (['-tan', 'src', '/run/x.sock'], 'shown with -x', '/run/x.sock'),
    (['-tan', 'src', '=', 'README.rst', 'LICENSE', 'tools'], 'a * that the shell makes file names of needs quotes', 'README.rst'),
    (['-tan', 'README.rst', 'LICENSE'], 'a * that the shell makes file names of needs quotes', 'README.rst'),
    (['-tan', 'sport', '=', ':22', 'LICENSE', 'tools'], 'a * that the shell makes file names of needs quotes', 'LICENSE'),
    (['-A', 'tpc'], 'unknown table "tpc"; did you mean tcp?', None),
    (['-A', 'udpp'], 'did you mean udp?', None),
    (['--users'], 'unknown option --users; did you mean --processes?', None),
    (['--colour'], 'did you mean --color?', None),
    (['--lisetning'], 'did you mean --listening?', None),
    (['-f', 'ipv4'], 'unknown family "ipv4"; did you mean inet?', None),
    (['-f', 'ipv6'], 'did you mean inet6?', None),
    (['-t', 'state', 'estalbished'], 'did you mean established?', None)]


@pytest.mark.parametrize('words, said, place', MISTAKES, ids=lambda part: ' '.join(part) if isinstance(part, list) else None)
def test_what_was_meant_is_said(words, said, place):
    answer = run(subject() + words)
    first, *filter_ = answer.err.decode().splitlines()
    assert first.startswith('ssng: ') and any([each in first for each in said.split(' | ')])
    assert answer.status in (1, 255) and answer.out == b''
    if place:
        start, end = filter_[1].index('^'), len(filter_[1])
        assert filter_[0][start:end] in place.split(' | ')
    else:
        assert not filter_


@pytest.mark.parity
@pytest.mark.parametrize('words', [mistake[0] for mistake in MISTAKES if '--' not in mistake[0][0]], ids=' '.join)
def test_they_end_as_with_ss(words, reference):
    assert run(subject() + words)[:2] == run(reference + words)[:2]


def test_one_file_name_is_just_a_word(tmp_path):
    (tmp_path / 'nginx').write_text('')
    answer = run(subject() + ['-tan', 'nginx'], env={'PYTHONPATH': os.getcwd()}, folder=str(tmp_path))
    assert b'comm = nginx' in answer.err and b'shell' not in answer.err


@pytest.mark.parametrize('words, same', [
    (['state', 'estab'], ['state', 'established']), (['state', 'ESTAB'], ['state', 'established']),
    (['state', 'listen'], ['state', 'listening']), (['exclude', 'LISTEN'], ['exclude', 'listening']),
    (['state', 'unconn'], ['state', 'unconnected'])], ids=' '.join)
def test_states_as_the_table_prints_them(words, same):
    """ss knows none of these words; so they are free to mean what its table means by them."""
    from ssng.cli.options import read

    def mask(words):
        draft, operands, _ = read(['-t'] + words)
        return draft.settle(operands)[0].selection.states
    assert mask(words) == mask(same)


@pytest.mark.parity
@pytest.mark.parametrize('word', ['estab', 'listen', 'unconn'])
def test_ss_knows_no_such_state(word, reference):
    assert run(reference + ['-t', 'state', word]).status == 255


@pytest.mark.parity
@pytest.mark.parametrize('words', ['sport = :70000', 'dport > :65536', 'src 127.0.0.1:70000', 'sport != 4294967376'])
def test_a_port_above_the_last_is_told_and_no_more(words, reference):
    theirs, ours = [run(program + ['-Hltn'] + words.split()) for program in (reference, subject())]
    assert ours[:2] == theirs[:2] and ours.status == 0
    assert ours.err.startswith(b'ssng: ') and ours.err.endswith(b' is no port: the last one is 65535\n')
    assert not run(subject() + ['-Htn', 'sport = :65535']).err


@pytest.mark.parametrize('name, said', [
    ('1', '--netns=pid:1'), ('/proc/1/ns/net', '--netns=/proc/1/ns/net'), ('a/\x1b', '--netns=a/\\x1b'), ('web', None)])
def test_a_namespace_that_is_no_name(name, said):
    status, out, err = run(subject() + ['-N', name])
    assert (status, out, err.count(b'\n')) == (1, b'', 1)
    assert (b'; -N takes a name of ip netns' in err) is (said is not None) and (said or '').encode() in err
