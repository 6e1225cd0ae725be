"""Conditions on facts where more than a list is asked for: -K, -E, -D, -F, and a replay."""
import json

import pytest

from tests.parity.test_kill_and_events import closed, ended, told
from tests.support import dumps
from tests.support.programs import run, start

pytestmark = pytest.mark.root

CLIENTS = 'peer.port = 1001 and rtt > 0 and comm = python*'


@pytest.fixture
def victims(furnished):
    return furnished('tests.parity.victims')


def listed(subject, words, room, **more):
    answer = run(subject + words, enter=room.enter, **more)
    assert (answer.status, answer.err) == (0, b''), answer
    return json.loads(answer.out.decode())


def test_what_is_closed(victims, subject):
    """The clients of one listener, and nothing else; told as they were, without what was but needed."""
    before = listed(subject, ['-tanj'], victims)
    chosen = listed(subject, ['-tnj', CLIENTS], victims)
    assert len(chosen) == 6 and {one['peer']['port'] for one in chosen} == {1001}
    assert not {'info', 'processes'} & set(chosen[0])
    assert listed(subject, ['-tnjK', CLIENTS], victims) == chosen
    assert listed(subject, ['-tnj', CLIENTS], victims) == []
    assert len(listed(subject, ['-tanj', 'state = listening'],
        victims)) == len([one for one in before if one['state'] == 'LISTEN'])


def test_what_ends(victims, subject):
    """Of the kernel's events those that fit; a filter on owners is no trouble where nobody is left to own."""
    program = start(subject + ['-tunEj', 'local.port = 1001,1002 and netid = tcp or comm = nobody'], enter=victims.enter)
    try:
        text, = told([program], lambda: closed(victims))
    finally:
        ended(victims, [program])
    objects = [json.loads(line) for line in text.decode().splitlines()]
    assert objects and {one['netid'] for one in objects} == {'tcp'} and {one['local']['port'] for one in objects} <= {1001, 1002}


def test_what_is_recorded(victims, subject, tmp_path):
    """-D writes what fits, and TCPDIAG_FILE replays what fits, as far as the record tells it."""
    path = tmp_path / 'dump'
    for words, count in ((['recv_q = 0 and peer.port = 1002'], 4), (['peer.port = 1002 and not comm = nobody'], 4),
                         (['comm = nobody'], 0)):
        answer = run(subject + ['-tn', '-D', str(path)] + words, enter=victims.enter)
        assert (answer.status, answer.out, answer.err) == (0, b'', b'')
        assert len([one for one in dumps.messages(path.read_bytes()) if one.kind == 20]) == count
    run(subject + ['-taniD', str(path)], enter=victims.enter)
    path.write_bytes(dumps.joined(path.read_bytes()))
    env = {'TCPDIAG_FILE': str(path)}
    assert len(listed(subject, ['-tanj', 'rtt > 0 and local.port = 1001'], victims, env=env)) == 6
    assert len(listed(subject, ['-tnj', 'state = listening'], victims, env=env)) == 4
    assert listed(subject, ['-tanj', 'rcvbuf > 0'], victims, env=env) == []


def test_a_filter_file(victims, subject, tmp_path):
    path = tmp_path / 'filter'
    path.write_text('# clients\n(rtt>0us\nand peer.port=:1001)\n')
    assert len(listed(subject, ['-tnj', '-F', str(path)], victims)) == 6
    assert len(listed(subject, ['-tnj', '-F', str(path), 'family = inet and'], victims)) == 3


def test_listeners_are_meant_by_a_port(victims, subject):
    assert {one['state'] for one in listed(subject, ['-tnj', ':1001'], victims)} == {'LISTEN', 'ESTAB'}
    assert {one['state'] for one in listed(subject, ['-tnj', 'sport = :1001'], victims)} == {'ESTAB'}
    assert {one['netid'] for one in listed(subject, ['-tunj', 'port 1003'], victims)} == {'udp'}


def test_nothing_is_asked_for_an_explanation(victims, subject):
    answer = run(subject + ['-tunKj', '--explain', CLIENTS], enter=victims.enter)
    tables = json.loads(answer.out.decode())
    assert (answer.status, answer.err) == (0, b'') and [one['table'] for one in tables] == ['udp', 'udp', 'tcp', 'tcp']
    assert len(listed(subject, ['-tnj', CLIENTS], victims)) == 6        # all still there
