"""The aligned table against fixtures/behaviour/command-line.md, 6: its worked examples, and its words as a slow program."""
import os
import pty
import random
import struct

import pytest

from ssng.output import text
from ssng.query import Detail, Query, Selection, Style
from ssng.tables.table import (
    DETAIL, LOCAL, LOCAL_PORT, NETID, PEER, PEER_PORT, PROCESS, RECV_Q, SEND_Q, STATE)

ALL = [NETID, STATE, RECV_Q, SEND_Q, LOCAL, LOCAL_PORT, PEER, PEER_PORT, PROCESS, DETAIL]
TAN = [STATE, RECV_Q, SEND_Q, LOCAL, LOCAL_PORT, PEER, PEER_PORT, DETAIL]


def table(rows, visible=TAN, screen=None, header=True, portions=1):
    """The bytes of rows, each a list of cells for the visible columns, added in some portions."""
    written = []
    made = text.Table(visible, screen, header, written.append)
    size = max(-(-len(rows) // portions), 1)
    for start in range(0, len(rows), size):
        made.add([list(cells) for cells in zip(*rows[start:start + size])])
    made.flush()
    return b''.join(written).decode('latin-1')


# The worked examples of command-line.md 6.8: rows, widths of the screen, lines.

ROWS = [
    ['ESTAB', '0     ', '0     ', '192.0.2.10:', '41000', '198.51.100.7:', '22', ''],
    ['LISTEN', '0     ', '0     ', '*:', '443', '*:', '*', ''],
    ['ESTAB', '0     ', '0     ', '[2001:db8::1]:', '22', '[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:', '50000', ''],
]
EXTENDED = [row[:-1] + [detail] for row, detail in zip(
    ROWS, (' ino:11 sk:1', ' ino:12 sk:1 v6only:0', ' ino:13 sk:1 v6only:0'))]

COMPACT = '''\
State  Recv-Q Send-Q Local Address:Port                              Peer Address:Port$
ESTAB  0      0         192.0.2.10:41000                             198.51.100.7:22$
LISTEN 0      0                  *:443                                          *:*$
ESTAB  0      0      [2001:db8::1]:22    [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:50000$
'''
WIDE = '''\
State   Recv-Q   Send-Q     Local Address:Port                                  Peer Address:Port   $
ESTAB   0        0             192.0.2.10:41000                                 198.51.100.7:22     $
LISTEN  0        0                      *:443                                              *:*      $
ESTAB   0        0          [2001:db8::1]:22        [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:50000  $
'''
COLUMNS_80 = '''\
State          Recv-Q         Send-Q                 Local Address:Port                                                      \
Peer Address:Port                  $
ESTAB          0              0                         192.0.2.10:41000                                                     \
198.51.100.7:22                    $
'''
COLUMNS_60 = '''\
State      Recv-Q     Send-Q         Local Address:Port                                        Peer Address:Port        $
'''
DETAILS = '''\
State  Recv-Q Send-Q Local Address:Port                              Peer Address:Port                     $
ESTAB  0      0         192.0.2.10:41000                             198.51.100.7:22 ino:11 sk:1         $
LISTEN 0      0                  *:443                                          *:* ino:12 sk:1 v6only:0$
ESTAB  0      0      [2001:db8::1]:22    [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:50000 ino:13 sk:1 v6only:0$
'''
BARE = '''\
ESTAB     192.0.2.10:41000                             198.51.100.7:22$
LISTEN             *:443                                          *:*$
ESTAB  [2001:db8::1]:22    [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:50000$
'''
NO_QUEUES = [STATE, LOCAL, LOCAL_PORT, PEER, PEER_PORT, DETAIL]


@pytest.mark.parametrize('expected, rows, visible, screen, header', [
    (COMPACT, ROWS, TAN, None, True),
    (WIDE, ROWS, TAN, 100, True),
    (COLUMNS_80, ROWS, TAN, 80, True),
    (COLUMNS_60, ROWS, TAN, 60, True),
    (DETAILS, EXTENDED, TAN, None, True),
    (BARE, [row[:1] + row[3:] for row in ROWS], NO_QUEUES, None, False),
], ids=['compact', '100', '80', '60', 'details', 'no header, no queues'])
def test_worked_examples(expected, rows, visible, screen, header):
    for portions in (1, 2, 3):
        assert table(rows, visible, screen, header, portions).replace('\n', '$\n').startswith(expected)


def test_narrow_examples():
    """COLUMNS=1: no padding, no cutting, the delimiters stay; COLUMNS=5 pads the Port column (command-line.md 6.8)."""
    row = ['LISTEN', '0     ', '5     ', '127.0.0.1%lo:', '8080', '0.0.0.0:', '*', '']
    assert table([row], screen=1).split('\n')[1] == 'LISTEN 0      5      127.0.0.1%lo:8080 0.0.0.0:*'
    assert table([row], screen=5).split('\n')[1] == 'LISTEN 0      5      127.0.0.1%lo:8080  0.0.0.0:*    '


def test_processes():
    """`PortProcess`, and a peer port that is padded now that it is not the last (command-line.md 6.8, 10: 21)."""
    row = ['LISTEN', '0     ', '5     ', '0.0.0.0:', '80', '0.0.0.0:', '*', 'users:(("python3",pid=1,fd=6))', '']
    lines = table([row], TAN[:-1] + [PROCESS, DETAIL]).split('\n')
    assert lines[0].endswith('Peer Address:PortProcess')
    assert lines[1].endswith(' 0.0.0.0:*   users:(("python3",pid=1,fd=6))')


def test_nothing_and_header_alone():
    assert table([], header=False) == ''
    assert table([]) == 'State Recv-Q Send-Q Local Address:Port Peer Address:Port\n'
    assert text.Table(TAN, None, False, None).flush() is None


def test_the_last_column_is_measured_late():
    """Behind each addition, the longest of the details and what is pending: the example in front of the module."""
    written = []
    table = text.Table([LOCAL_PORT, DETAIL], None, True, written.append)
    for ports, details, longest, pending in (
            (['22'], [' ino:7'], 0, 6), (['80', '443'], [' ino:12 sk:1', ' ino:9'], 12, 6),
            (['1'], [' timer:(on,1sec,0)'], 12, 18)):
        table.add([ports, details])
        assert (table.longest[1], table.pending) == (longest, pending)
    table.flush()
    assert b''.join(written) == (b'Port            \n22 ino:7      \n80 ino:12 sk:1\n443 ino:9      \n'
                                 b'1 timer:(on,1sec,0)\n')


# The rules of layout, command-line.md 6.1 to 6.4, followed row by row and cell by cell.

HEADER = {NETID: 'Netid', STATE: 'State', RECV_Q: 'Recv-Q', SEND_Q: 'Send-Q', LOCAL: 'Local Address:', LOCAL_PORT: 'Port',
          PEER: 'Peer Address:', PEER_PORT: 'Port', PROCESS: 'Process', DETAIL: ''}
DELIMITER = {NETID: '', STATE: ' ', RECV_Q: ' ', SEND_Q: ' ', LOCAL: ' ', LOCAL_PORT: '', PEER: ' ', PEER_PORT: '',
             PROCESS: '', DETAIL: ''}


class Model:
    """Batches of rows as A tells it; maxima stay from one to the next."""

    def __init__(self, visible, screen):
        self.visible, self.screen, self.maxima = visible, screen, dict.fromkeys(visible, 0)

    def batch(self, rows):
        for number, row in enumerate(rows):
            for column, cell in zip(self.visible, row):
                if column != DETAIL or number < len(rows) - 1:
                    self.maxima[column] = max(self.maxima[column], len(cell))
        widths, earlier = {}, False
        for column in self.visible:
            width = self.maxima[column]
            if width and earlier:
                width += len(DELIMITER[column])
            earlier = earlier or width > 0
            widths[column] = width
        if self.screen is not None:
            widths = self.spread({column: min(width, self.screen) for column, width in widths.items()})
        return ''.join(self.row(row, widths) for row in rows)

    def spread(self, widths):
        left = [column for column in self.visible if widths[column]]
        while left:
            line, used = [], 0
            while left and used + widths[left[0]] <= self.screen:
                used += widths[left[0]]
                line.append(left.pop(0))
                if used == self.screen:
                    break
            pad = self.screen - used
            for column in line:
                widths[column] += pad // len(line)
            for column in line[len(line) - pad % len(line):]:
                widths[column] += 1
        return widths

    def row(self, row, widths):
        out = ''
        ordinary = [column for column in self.visible if column != DETAIL]
        for number, (column, cell) in enumerate(zip(self.visible, row)):
            delimiter = DELIMITER[column] if number else ''
            spaces = ' ' * (widths[column] - len(delimiter) - len(cell))
            if column in (LOCAL, PEER):
                out += delimiter + spaces + cell
            elif self.screen is None and column == ordinary[-1]:
                out += delimiter + cell
            else:
                out += delimiter + cell + spaces
        return out + '\n'


CELLS = {
    NETID: ['tcp', 'udp', 'u_str', '???', 'icmp6', ''],
    STATE: ['ESTAB', 'LISTEN', 'TIME-WAIT', '`- COOKIE_WAIT', 'UNCONN'],
    RECV_Q: ['0     ', '1     ', '123456', '-1    ', '1234567890'],
    SEND_Q: ['0     '],
    LOCAL: ['*:', '0.0.0.0:', '127.0.0.1%lo:', '[::ffff:10.11.12.13]:', '/run/a b%s\xe9 '],
    LOCAL_PORT: ['22', '*', '65535', 'http-alt', ''],
    PEER: ['*:', '*', '[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:', '1.2.3.4:', ''],
    PEER_PORT: ['*', '', '443', 'domain'],
    PROCESS: ['', 'users:(("a",pid=1,fd=2))', 'users:(("%d\xff",pid=12345,fd=2),("b",pid=2,fd=3))'],
    DETAIL: ['', ' ino:1 sk:1', ' timer:(on,1.5sec,0) ino:2 sk:ff', '\n\t cubic rto:204', ' 100%'],
}


def random_rows(chance, visible, count):
    pools = {column: chance.sample(CELLS[column], chance.randint(1, len(CELLS[column]))) for column in visible}
    if chance.random() < .3:
        pools[DETAIL] = ['']
    return [[chance.choice(pools[column]) for column in visible] for _ in range(count)]


def numbered(chance, rows):
    """The same rows; cells that are numbers are given as numbers now and then."""
    share = chance.choice((0, .5, 1))
    return [[int(cell) if cell.isdigit() and chance.random() < share else cell for cell in row] for row in rows]


def random_columns(chance):
    return [column for column in ALL if column in (LOCAL, LOCAL_PORT, PEER, PEER_PORT, DETAIL) or chance.random() < .6]


@pytest.mark.parametrize('screen', [None] + list(range(1, 301)))
def test_every_width(screen):
    chance = random.Random(screen or 0)
    for header in (True, False):
        for count in (0, 1, 2, 7, 20):
            visible = random_columns(chance)
            rows = random_rows(chance, visible, count)
            expected = Model(visible, screen).batch([[HEADER[column] for column in visible]] * header + rows)
            assert table(numbered(chance, rows), visible, screen, header, chance.randint(1, 3)) == expected


@pytest.mark.parametrize('screen', [None, 40, 80, 200])
def test_batches(monkeypatch, screen):
    """Later batches have no header and are at least as wide; rows are bounded, and so are the bytes of details."""
    for seed in range(20):
        chance = random.Random(seed)
        visible = random_columns(chance)
        monkeypatch.setattr(text, 'BATCH_ROWS', chance.choice((5, 12)))
        written, model, rows, expected = [], Model(visible, screen), [[HEADER[column] for column in visible]], []
        made = text.Table(visible, screen, True, written.append)
        for _ in range(12):
            more = random_rows(chance, visible, chance.randint(1, 6))
            made.add([list(cells) for cells in zip(*more)])
            rows += more
            if len(rows) - (not expected) >= text.BATCH_ROWS:       # the header is none
                expected.append(model.batch(rows))
                rows = []
            assert b''.join(written).decode('latin-1') == ''.join(expected)
        made.flush()
        assert b''.join(written).decode('latin-1') == ''.join(expected) + (model.batch(rows) if rows else '')


def test_long_details_end_a_batch(monkeypatch):
    monkeypatch.setattr(text, 'BATCH_BYTES', 100)
    written = []
    made = text.Table([LOCAL, DETAIL], None, False, written.append)
    made.add([['a:'], ['x' * 99]])
    assert not written
    made.add([['a:'], ['x']])
    assert b''.join(written).count(b'\n') == 2


def test_events():
    """Each event is a batch: the first comes with the header, details never count (command-line.md 6.6)."""
    written = []
    made, model = text.Table(TAN, None, True, written.append), Model(TAN, None)
    rows = [EXTENDED[0], EXTENDED[2], EXTENDED[1]]
    for number, row in enumerate(rows):
        made.add([[cell] for cell in row])
        made.flush()
        expected = model.batch(([[HEADER[column] for column in TAN]] if not number else []) + [row])
        assert b''.join(written).decode() == expected
        written.clear()
    assert model.maxima[DETAIL] == 0


def test_bytes_are_what_is_counted():
    """latin-1 text: a character is a byte, and comes out as that byte."""
    name = b'/tmp/\xc3\xa9\xff '.decode('latin-1')
    made = table([['u_str', name, '1', '* ', '0', '']], [NETID, LOCAL, LOCAL_PORT, PEER, PEER_PORT, DETAIL], header=False)
    assert made.encode('latin-1') == b'u_str /tmp/\xc3\xa9\xff 1 * 0\n'


# Which columns there are, and how wide the screen is.

@pytest.mark.parametrize('tables, states, queues, processes, hidden', [
    (('tcp',), 0x3fff, True, False, {NETID, PROCESS}),
    (('tcp', 'udp'), 0x3fff, True, False, {PROCESS}),
    (('unix_stream', 'unix_dgram', 'unix_seqpacket'), 0x80, True, False, {STATE, PROCESS}),
    (('unix_stream',), 0x82, True, True, {NETID}),
    (('tcp',), 0x400, False, True, {NETID, STATE, RECV_Q, SEND_Q}),
    (('tcp', 'udp'), 0x480, False, True, {RECV_Q, SEND_Q}),
])
def test_visible_columns(tables, states, queues, processes, hidden):
    query = Query(Selection(tables, (), states), Detail(processes=processes), Style(queues=queues))
    assert text.visible_columns(query) == [column for column in ALL if column not in hidden]


@pytest.mark.parametrize('option, value', [('threads', True), ('contexts', 1), ('contexts', 2), ('processes', True)])
def test_what_makes_the_process_column_visible(option, value):
    """Not -p alone, as in ss: -T, -Z and -z show what they ask for."""
    query = Query(Selection(('tcp',), (), 0x3fff), Detail(**{option: value}), Style())
    assert PROCESS in text.visible_columns(query)


COLUMNS = [('80', 80), ('80x', 80), (' 80', 80), ('\t+80 90', 80), ('', None), ('0', None), ('-5', None), ('x80', None),
           ('1', 1), ('007', 7), ('+ 8', None), ('\xb2', None), ('8\xb2', 8), ('\u0668', None), (None, None),
           ('2147483648', None), ('4294967376', 80), ('9223372036854775888', None), ('9' * 5000, None)]


@pytest.mark.parametrize('value, width', COLUMNS, ids=[ascii(value)[:30] for value, _ in COLUMNS])
def test_columns(monkeypatch, value, width):
    """As atoi(3) reads it, and only where stdout is no terminal that knows better (command-line.md 6.2)."""
    monkeypatch.delenv('COLUMNS', raising=False)
    if value is not None:
        monkeypatch.setenv('COLUMNS', value)
    monkeypatch.setattr(text.os, 'isatty', lambda fd: False)
    assert text.screen_width() == width


@pytest.mark.parametrize('size, environment, width', [(132, '80', 132), (0, '80', 80), (0, '', None), (0, 'x', None)])
def test_terminal(monkeypatch, size, environment, width):
    """A terminal's own word goes first; one that does not know its size leaves it to COLUMNS."""
    master, slave = pty.openpty()
    fcntl = pytest.importorskip('fcntl')
    termios = pytest.importorskip('termios')
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, size, 0, 0))
    monkeypatch.setenv('COLUMNS', environment)
    isatty, get_size = os.isatty, os.get_terminal_size
    monkeypatch.setattr(text.os, 'isatty', lambda fd: isatty(slave if fd == 1 else fd))
    monkeypatch.setattr(text.os, 'get_terminal_size', lambda fd: get_size(slave if fd == 1 else fd))
    try:
        assert text.screen_width() == width
    finally:
        os.close(master)
        os.close(slave)


def test_a_closed_stdout_is_no_terminal(monkeypatch):
    def refuse(fd):
        raise OSError(25, 'Inappropriate ioctl for device')
    monkeypatch.setattr(text.os, 'isatty', lambda fd: True)
    monkeypatch.setattr(text.os, 'get_terminal_size', refuse)
    monkeypatch.setenv('COLUMNS', '70')
    assert text.screen_width() == 70


@pytest.mark.parametrize('screen', [None, 60, 80, 200])
@pytest.mark.parametrize('seed', range(6))
def test_events_are_written_one_by_one(screen, seed):
    """Those that come together too: as rows that are added and flushed each by itself."""
    dice = random.Random(seed)
    batches = []
    for _ in range(30):
        width = dice.choice((2, 2, 2, 5, 9))
        batches.append([[dice.choice(['', 'x' * dice.randint(1, width), dice.randrange(10 ** dice.randint(1, width))])
                         for _ in TAN[:-1]] + [' ' * dice.randint(0, 1) + 'd' * dice.randint(0, 3 * width)]
                        for _ in range(dice.randint(1, 6))])
    one, other = [], []
    alone, together = text.Table(TAN, screen, bool(seed % 2), one.append), text.Table(TAN, screen, bool(seed % 2), other.append)
    for rows in batches:
        for row in rows:
            alone.add([[cell] for cell in row])
            alone.flush()
        together.each([list(cells) for cells in zip(*rows)])
    assert b''.join(other) == b''.join(one)
