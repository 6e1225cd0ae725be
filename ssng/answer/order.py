"""Rows in an order: all of them, or the first of it.

    keys    recv_q  descending   0  7  0  -  7      - is absent
    rows                         1  4  0  2  3      1 and 4 are equal: the kernel's order; what is absent comes last

Rows are sorted by their keys alone, columns of them, one key after the other from the last to the first, for
Python's sort is stable.  Without --top every row is made when it comes, and kept.  With it no more are kept than
--top says, as messages of the kernel: only those that are left in the end are made.
"""

CHUNK = 1 << 13         # rows that are handed on at a time


def ordered(columns, directions, rows):
    """Some numbers of rows in the order of their keys; ``columns``: the keys of all rows, for each of ``directions``."""
    rows = list(rows)
    for keys, descending in reversed(list(zip(columns, directions))):
        some = [row for row in rows if keys[row] is not None]
        rest = [row for row in rows if keys[row] is None] if len(some) < len(rows) else []
        some.sort(key=keys.__getitem__, reverse=descending)
        rows = some + rest
    return rows


class Sorted:
    """Takes the rows of batches, and hands all to ``output`` when they are ordered.

    ``sort``: (name of a fact, descending) for each key; ``reader(table, host)`` is the Reader of their keys; ``cells``:
    rows are columns of cells.
    """

    def __init__(self, sort, reader, output, view, cells):
        self.names = [name for name, _ in sort]
        self.directions = [descending for _, descending in sort]
        self.reader = reader
        self.output = output
        self.view = view
        self.cells = cells
        self.rows = []
        self.keys = [[] for _ in sort]

    def table(self, table, host):
        """The function that takes a Batch of a table."""
        rows, reader = self.view(table, host).rows, self.reader(table, host)

        def take(batch):
            self.rows += apart(rows(batch), self.cells)
            for keys, name in zip(self.keys, self.names):
                keys += reader.keys(batch, name)
        return take

    def flush(self):
        order = ordered(self.keys, self.directions, range(len(self.rows)))
        for at in range(0, len(order), CHUNK):
            written([self.rows[row] for row in order[at:at + CHUNK]], self.output, self.cells)
        self.output.flush()


class Top:
    """The first ``most`` rows of that order, or of the kernel's where ``sort`` is empty."""

    def __init__(self, sort, most, reader, output, view, cells):
        self.names = [name for name, _ in sort]
        self.directions = [descending for _, descending in sort]
        self.most = most
        self.reader = reader
        self.output = output
        self.view = view
        self.cells = cells
        self.keys = [[] for _ in sort]      # of the rows that are kept, in order
        self.places = []                    # (Part, number of the row in it)

    def table(self, table, host):
        view, reader = self.view(table, host), self.reader(table, host)
        return lambda batch: self.take(batch, view, [reader.keys(batch, name) for name in self.names])

    def take(self, batch, view, keys):
        candidates = self.candidates(keys, batch.count)
        if not candidates:
            return
        # Of what is kept and what may be, the first: rows behind those that are kept came later.
        kept = len(self.places)
        both = [mine + [new[row] for row in candidates] for mine, new in zip(self.keys, keys)]
        order = ordered(both, self.directions, range(kept + len(candidates)))[:self.most]
        taken = sorted([candidates[row - kept] for row in order if row >= kept])
        if taken:
            part, number = Part(view, batch, taken), {row: at for at, row in enumerate(taken)}
            self.places = [self.places[row] if row < kept else (part, number[candidates[row - kept]]) for row in order]
            self.keys = [[column[row] for row in order] for column in both]
            self.shrink()

    def candidates(self, keys, count):
        """Numbers of the rows that may be among the first: those that are not behind the last of them by its first key."""
        if len(self.places) < self.most:
            return list(range(count))
        if not keys:
            return []
        last, descending, column = self.keys[0][-1], self.directions[0], keys[0]
        if last is None:
            return list(range(count))
        if len(keys) > 1:
            if descending:
                return [row for row, key in enumerate(column) if key is not None and key >= last]
            return [row for row, key in enumerate(column) if key is not None and key <= last]
        if descending:
            return [row for row, key in enumerate(column) if key is not None and key > last]
        return [row for row, key in enumerate(column) if key is not None and key < last]

    def shrink(self):
        """Let go of messages that are no longer kept, where they are as many as those that are."""
        parts = {part: [] for part, _ in self.places}
        if sum([part.batch.count for part in parts]) > 2 * self.most:
            for place in self.places:
                parts[place[0]].append(place[1])
            smaller = {part: (Part(part.view, part.batch, sorted(rows)), {row: at for at, row in enumerate(sorted(rows))})
                       for part, rows in parts.items()}
            self.places = [(smaller[part][0], smaller[part][1][row]) for part, row in self.places]

    def flush(self):
        made = {part: apart(part.view.rows(part.batch), self.cells) for part in {part for part, _ in self.places}}
        written([made[part][row] for part, row in self.places], self.output, self.cells)
        self.output.flush()


class Part:
    """Some sockets of a batch, and the view of their table."""

    __slots__ = ('view', 'batch')

    def __init__(self, view, batch, rows):
        self.view = view
        self.batch = batch
        if len(rows) < batch.count:
            flags = [False] * batch.count
            for row in rows:
                flags[row] = True
            self.batch = batch.kept(flags)


def apart(rows, cells):
    """The rows of a view one by one: tuples of cells, or texts."""
    return list(zip(*rows)) if cells else rows


def written(rows, output, cells):
    """Hand rows to the output; cells in columns again, those of as many columns together."""
    if not cells:
        output.add(rows)
        return
    while rows:
        width = len(rows[0])
        end = next((at for at, row in enumerate(rows) if len(row) != width), len(rows))
        output.add([list(column) for column in zip(*rows[:end])])
        rows = rows[end:]
