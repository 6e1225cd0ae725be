"""The aligned table: cells to lines, as wide as ss makes them (fixtures/behaviour/command-line.md, 6).

Rows are kept in columns until a batch is full and all widths are known.  One ``%`` form pads and joins the
cells of a row in a single C call, numbers too.  Widths are byte widths: text is latin-1.

The last column is measured late.  ss looks at the cell in which a row ends only when the next row begins, so that of the
last row of a batch never counts.  A port and details, in a pipe, rows added one, two and one at a time:

    add                                     longest of the details    pending
    the header: Port, nothing                         0                  0
    22   ` ino:7`                                     0                  6
    80   ` ino:12 sk:1`   443   ` ino:9`             12                  6
    1    ` timer:(on,1sec,0)`                        12                 18      flushed: forgotten

All are padded to 12, and the last is as long as it is.  Nearly all rows end in the details; those of netlink may end in
the process column, and then it is that one which is measured late: ``ends`` is the column in which the last row ended.
"""

import os
from itertools import islice

from . import write
from ..tables.table import DETAIL, LOCAL, LOCAL_PORT, NETID, PEER, PEER_PORT, PROCESS, RECV_Q, SEND_Q, STATE

BATCH_ROWS = 1 << 15
BATCH_BYTES = 1 << 22           # of details: they may be long
CELL_BYTES = 65535              # more of a cell is not shown
CHUNK_ROWS = 1 << 11            # joined to one text: it should stay in the cache

HEADERS = {NETID: 'Netid', STATE: 'State', RECV_Q: 'Recv-Q', SEND_Q: 'Send-Q', LOCAL: 'Local Address:', LOCAL_PORT: 'Port',
           PEER: 'Peer Address:', PEER_PORT: 'Port', PROCESS: 'Process', DETAIL: ''}
DELIMITED = frozenset((NETID, STATE, RECV_Q, SEND_Q, LOCAL, PEER))      # one space on their left
RIGHT = frozenset((LOCAL, PEER))


def delimited(column):
    """Whether a space stands in front of it, as of every column that ss does not have: that is its header."""
    return column in DELIMITED or column.__class__ is str


def visible_columns(query):
    """The columns that a query shows, left to right: what is the same in every row is not told."""
    hidden = set()
    states = query.selection.states
    if len(query.selection.tables) == 1:
        hidden.add(NETID)
    if states and not states & (states - 1):
        hidden.add(STATE)
    if not query.style.queues:
        hidden.update((RECV_Q, SEND_Q))
    if not query.detail.owners:
        hidden.add(PROCESS)
    columns = [column for column in HEADERS if column not in hidden]
    if query.selection.hosts > 1 or query.selection.several:
        from ..tables.places import fronts
        return fronts(query.selection) + columns
    return columns


def screen_width():
    """Columns of the terminal, else of the environment; None where nobody knows."""
    try:
        if os.isatty(1):
            columns = os.get_terminal_size(1).columns
            if columns > 0:
                return columns
    except OSError:
        pass
    text = os.environ.get('COLUMNS', '').lstrip(' \t\n\v\f\r')
    end = 1 if text.startswith('+') else 0
    while '0' <= text[end:end + 1] <= '9':
        end += 1
    columns = min(int(text[:end].lstrip('+0')[:20] or 0), (1 << 63) - 1) & 0xffffffff      # as atoi(3) has it
    return columns if 0 < columns < 1 << 31 else None


class Portion:
    """Rows that were added together, and their lines for some widths."""

    __slots__ = ('columns', 'widths', 'lines')

    def __init__(self, columns):
        self.columns = columns
        self.widths = self.lines = None

    def lay_out(self, table):
        """Make the lines, if that has not been done with the table's widths."""
        if self.widths != table.widths:
            self.widths = table.widths
            self.lines = list(table.laid(self.columns, table.widths))

    def put(self, table):
        """Write the lines: they are not needed any more."""
        self.lay_out(table)
        for data in self.lines:
            table.write(data)
        self.lines = ()


class Table:
    """Collects rows and writes them in batches; later batches are at least as wide as earlier ones.

    A cell is a text, or a number that is not negative and stands for its digits.  After many rows the widths
    stay as they are, and rows are laid out when they are added: often the kernel is still busy with the next.
    Rows may be measured and laid out elsewhere (:mod:`ssng.output.painters`): then ``take`` has a Portion of theirs.
    """

    measures = True                             # a portion is written when others have been measured

    def __init__(self, visible, screen, header=True, write=write):
        self.visible = visible
        self.screen = screen
        self.write = write
        self.longest = [0] * len(visible)
        self.ends = len(visible) - 1            # the column in which the last row ends
        self.pending = 0                        # the length of its cell there
        self.widths = None
        self.portions = []
        self.count = self.bytes = 0
        if header:
            self.add([[HEADERS.get(column, column)] for column in visible])
            self.count = 0

    def add(self, columns):
        """Rows, as a list of cells for each visible column; the last may be missing: then rows end before it."""
        columns, measure = self.measured(columns)
        self.take(Portion(columns), measure)

    def measured(self, columns):
        """Cells for all visible columns, none of them too long, and what ``take`` must know of them:

        (rows, column in which they end, longest of each column, length of the last where it ends, bytes of details).
        """
        count, ends, last, size = len(columns[0]), len(columns) - 1, 0, 0
        columns, lengths = columns + [[''] * count] * (len(self.visible) - len(columns)), []
        for at, cells in enumerate(columns):
            # ss measures the cell in which a row ends when the next row begins, and so never the last one.
            length = longest_of(cells[:-1] if at == ends else cells)
            final = len(str(cells[-1]))
            if max(length, final) > CELL_BYTES:
                columns[at] = [str(cell)[:CELL_BYTES] for cell in cells]
                length, final = min(length, CELL_BYTES), min(final, CELL_BYTES)
            if self.visible[at] == DETAIL and (length or final):
                size += sum(map(len, columns[at]))
            if at == ends:
                last = final
            lengths.append(length)
        return columns, (count, ends, lengths, last, size)

    def take(self, portion, measure):
        """A portion of rows, and what ``measured`` says of it."""
        self.measure(self.ends, self.pending)
        count, self.ends, lengths, self.pending, size = measure
        for at, length in enumerate(lengths):
            self.measure(at, length)
        self.portions.append(portion)
        self.count += count
        self.bytes += size
        if self.count >= BATCH_ROWS or self.bytes >= BATCH_BYTES:
            self.flush()
            return
        before, self.widths = self.widths, spread(self.visible, self.longest, self.screen)
        # Not sooner, for IPv6 may widen all; and not with details, which would be kept twice.
        if self.widths == before and self.count > BATCH_ROWS // 2 and not self.bytes:
            portion.lay_out(self)

    def each(self, columns):
        """Rows, as for add, of which each is written by itself: it makes only those behind it wider, and in an instant."""
        ends, longest = len(columns) - 1, list(self.longest)
        if all([longest_of(cells) <= longest[at] for at, cells in enumerate(columns) if at != ends]):
            self.add(columns)
            self.longest = longest          # a row that is alone is not measured where it ends
            self.flush()
            return
        for row in zip(*columns):
            self.add([[cell] for cell in row])
            self.flush()

    def measure(self, at, length):
        if length > self.longest[at]:
            self.longest[at] = length

    def laid(self, columns, widths):
        """The bytes of measured cells in these widths, some rows at a time."""
        return (text.encode('latin-1') for text in self.texts(columns, widths, self.screen is None))

    def texts(self, columns, widths, compact):
        """The same as text."""
        return lines(self.visible, columns, widths, compact)

    def flush(self):
        """Write what has been collected."""
        self.widths = spread(self.visible, self.longest, self.screen)
        for portion in self.portions:
            portion.put(self)
        self.portions = []
        self.count = self.bytes = self.pending = 0


def longest_of(cells):
    """The length of the longest of some cells."""
    if same(cells):
        return len(str(cells[0]))
    try:
        return max(map(len, cells), default=0)
    except TypeError:
        pass
    try:
        return len(str(max(cells)))
    except TypeError:               # texts and numbers
        return max(map(len, map(str, cells)))


def same(cells):
    """Whether all cells are the same one."""
    return len(cells) > 0 and cells[-1] == cells[0] and cells.count(cells[0]) == len(cells)


def spread(visible, longest, screen):
    """The width of each column, its delimiter included (command-line.md 6.2, 6.3).

    On a screen of known width the columns are dealt out to screen lines, and what is left of a line
    goes to its columns: the same to each, the odd bytes to the rightmost.
    """
    widths, begun = [], False
    for column, length in zip(visible, longest):
        width = length + (1 if delimited(column) and length and begun else 0)
        begun = begun or width > 0
        widths.append(width if screen is None else min(width, screen))
    if screen is None:
        return widths
    line, total = [], 0
    columns = [at for at, width in enumerate(widths) if width]
    for at in columns:
        if total + widths[at] > screen:
            _share(widths, line, screen - total)
            line, total = [], 0
        line.append(at)
        total += widths[at]
        if total == screen:
            line, total = [], 0
    _share(widths, line, screen - total)
    return widths


def _share(widths, line, spare):
    """Deal ``spare`` bytes to the columns of one screen line."""
    for rank, at in enumerate(reversed(line)):
        widths[at] += spare // len(line) + (rank < spare % len(line))


def lines(visible, columns, widths, compact):
    """The text of all rows, some at a time (command-line.md 6.4).

    One ``%`` form makes a row; in it, columns that never change stand as they are.
    """
    form, varying, count = '', [], len(columns[0])
    for cells, (delimiter, pad) in zip(columns, forms(visible, widths, compact)):
        if same(cells):
            form += delimiter + (pad % cells[0]).replace('%', '%%')
        else:
            form += delimiter + pad
            varying.append(cells)
    form += '\n'
    rows = map(form.__mod__, zip(*varying) if varying else [()] * count)
    for _ in range(0, count, CHUNK_ROWS):
        yield ''.join(islice(rows, CHUNK_ROWS))


def forms(visible, widths, compact):
    """(what stands in front of it, the ``%`` form that pads a cell) for each column."""
    last, found = max([at for at, column in enumerate(visible) if column != DETAIL], default=None), []
    for at, column in enumerate(visible):
        delimiter = ' ' if at and delimited(column) else ''
        room = max(widths[at] - len(delimiter), 0)
        if compact and at == last and column not in RIGHT:
            room = 0
        found.append((delimiter, '%%%s%ds' % ('' if column in RIGHT else '-', room) if room else '%s'))
    return found
