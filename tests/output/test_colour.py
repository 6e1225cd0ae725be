"""The table in colours is the table without them, between escape sequences."""
import random
import re

import pytest

from ssng.cli.colour import wanted
from ssng.host import Report
from ssng.output import text
from ssng.output.colour import Coloured
from ssng.tables.table import DETAIL, LOCAL, LOCAL_PORT, NETID, PEER, PEER_PORT, RECV_Q, SEND_Q, STATE

SEQUENCE = re.compile(rb'\x1b\[[0-9;]*m')
ALL = [NETID, STATE, RECV_Q, SEND_Q, LOCAL, LOCAL_PORT, PEER, PEER_PORT, DETAIL]


def written(made, visible, screen, batches, **more):
    pieces = []
    table = made(visible, screen, write=pieces.append, **more)
    for columns in batches:
        table.add(columns)
    table.flush()
    return b''.join(pieces)


def rows(chance, visible, count):
    texts = {STATE: ['ESTAB', 'LISTEN', 'TIME-WAIT', 'UNCONN'], LOCAL: ['127.0.0.1:', '*:', '[::]:'], PEER: ['*:', '10.0.0.7:']}
    texts[DETAIL] = ['', ' a b', ' 100%', '%s']
    return [[chance.choice(texts.get(column, [0, 7, '*', '', '100%', '%s'])) for _ in range(count)] for column in visible]


@pytest.mark.parametrize('seed', range(40))
def test_no_sequence_is_measured(seed):
    """Whatever the widths: without the sequences it is byte for byte the plain table."""
    chance = random.Random(seed)
    visible = sorted(chance.sample(ALL, chance.randint(1, len(ALL))))
    screen, header = chance.choice([None, 1, 20, 80, 200]), chance.random() < .8
    batches = [rows(chance, visible, chance.randint(1, 5)) for _ in range(chance.randint(0, 4))]
    plain = written(text.Table, visible, screen, batches, header=header)
    painted = written(Coloured, visible, screen, batches, header=header)
    assert SEQUENCE.sub(b'', painted) == plain
    assert painted.count(b'\x1b[0m') * 2 == painted.count(b'\x1b[')


def test_what_is_painted():
    columns = [['tcp'] * 3, ['ESTAB', 'CLOSE-WAIT', 'SYN-SENT'], [0, 5, 0], [0, 0, 9], ['10.0.0.7:', '0.0.0.0:', '*:'],
               [80, 80, '*'], ['*:'] * 3, ['*'] * 3, ['', ' x', '']]
    first, *lines = written(Coloured, ALL, None, [columns]).split(b'\n')
    assert first.startswith(b'\x1b[1mNetid') and first.endswith(b'\x1b[0m') and first.count(b'\x1b') == 2
    assert [line.split(b'\x1b[')[1].split(b'm')[0] for line in lines[:3]] == [b'32', b'31', b'33']
    assert lines[0].split(b'\x1b[')[3].startswith(b'2m0') and lines[1].split(b'\x1b[')[3].startswith(b'33m5')
    assert b'\x1b[36m     10.0.0.7:' in lines[0] and b'\x1b[2m      0.0.0.0:' in lines[1]
    assert lines[1].endswith(b' x')


def test_one_cell_after_another():
    """As -E prints them."""
    chance = random.Random(1)
    both = []
    for made in (text.Table, Coloured):
        chance.seed(5)
        pieces = []
        table = made(ALL, None, write=pieces.append)
        for _ in range(20):
            table.each(rows(chance, ALL, chance.randint(1, 3)))
        both.append(b''.join(pieces))
    assert SEQUENCE.sub(b'', both[1]) == both[0]


@pytest.mark.parametrize('when, environ, terminal, expected', [
    ('always', {}, False, True), ('always', {'NO_COLOR': '1'}, False, True), ('auto', {}, False, False), ('auto', {}, True, True),
    ('auto', {'NO_COLOR': '1'}, True, False), ('auto', {'NO_COLOR': ''}, True, True), ('auto', {'TERM': 'dumb'}, True, False),
    ('never', {'SSNG_COLOR': 'always'}, True, False), ('', {}, True, False), ('', {'SSNG_COLOR': 'auto'}, True, True),
    ('', {'SSNG_COLOR': 'auto'}, False, False), ('', {'SSNG_COLOR': 'always'}, False, True),
    ('', {'SSNG_COLOR': ''}, True, False),
    ('auto', {'SSNG_COLOR': 'never'}, True, True), ('', {'SSNG_COLOR': 'blue'}, True, False)])
def test_when(when, environ, terminal, expected, monkeypatch):
    said = []
    monkeypatch.setattr('ssng.cli.colour.isatty', lambda _: terminal)
    assert wanted(when, environ, Report(said.append)) is expected
    assert bool(said) is (environ.get('SSNG_COLOR') == 'blue')
