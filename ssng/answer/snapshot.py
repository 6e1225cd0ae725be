"""The sockets of one look, by what tells them apart, and rows of those that somebody picks, with a sign in front.

    look     batch 0: 7 ESTAB, 9 ESTAB      batch 1: 12 LISTEN
    places   {(None, '7'): (part 0, row 0), (None, '9'): (part 0, row 1), (None, 'c'): (part 1, row 0)}

Kept are the kernel's messages; a row is made when it is shown.  What is told of processes cannot wait so long, for they
may be gone then: where it is asked for, rows are made once at the look, and what they needed is known from there on.
"""

import gc
from itertools import chain, islice

from ..catalogue import Reader
from .dumps import dumps, known, shown
from .listing import filled, stage
from .order import Part, apart, written
from .rows import aligned

# What tells sockets apart where there is no cookie: in what was read from /proc.
ENDS = ('netid', 'local.address', 'local.port', 'local.path', 'peer.address', 'peer.port', 'inode', 'local.inode')


def taken(query, host, kernel, facts):
    """The Snapshot of what a query asks for, in which ``facts`` of each socket are remembered."""
    owners = shown(query, host, True)
    judging = known(query, host, owners)
    asked = dumps(query, host, kernel, judging)
    try:
        first = list(islice(asked, 1))
        rows = stage(query, owners, judging)
        snapshot = Snapshot(rows, facts, query.selection.netns is not None, query.selection.several)
        filled(snapshot, chain(first, asked))
        if owners or judging:           # whoever holds a socket that was seen is looked for behind it
            snapshot.settle()
    finally:
        asked.close()
        gc.collect()
    return snapshot


class Whole:
    """A batch of a look and the view of its table."""

    __slots__ = ('view', 'batch')

    def __init__(self, view, batch):
        self.view = view
        self.batch = batch


class Snapshot:
    """Takes the batches of a look, as a stage does.

    ``rows``: a Rows, whose view and output it takes.  ``facts``: what is remembered of each socket.  ``eager``: rows are made
    at once, and let go: later its places may be closed.  ``several``: its sockets are of more than one network namespace.
    ``places``: {key: (Whole, row)} in the order in which they came; ``told``: {key: values of the facts}.
    """

    def __init__(self, rows, facts, eager=False, several=False):
        self.view = rows.view
        self.output = rows.output
        self.facts = facts
        self.eager = eager
        self.several = several
        self.places = {}
        self.told = {}
        self.wholes = []

    def table(self, table, host):
        """The function that takes a Batch of a table."""
        view, reader = self.view(table, host), Reader(table, host)
        return lambda batch: self.take(batch, view, reader)

    def take(self, batch, view, reader):
        whole = Whole(view, batch)
        self.wholes.append(whole)
        place = namespace(reader.host) if self.several else None
        found = keys(batch, reader, place)
        self.places.update(zip(found, [(whole, row) for row in range(batch.count)]))
        self.told.update(zip(found, zip(*[reader.values(batch, name) for name in self.facts])))
        if self.eager:
            view.rows(batch)

    def settle(self):
        """Let all be asked that rows may need, while it can be told."""
        if not self.eager:
            for whole in self.wholes:
                whole.view.rows(whole.batch)


def namespace(host):
    """What tells network namespaces apart: an inode, which a name outlives."""
    return host.netns.inode if host.netns.inode is not None else host.netns.name


def keys(batch, reader, place):
    """What tells the sockets of a batch from all others of a host, until it starts anew."""
    found = reader.values(batch, 'cookie')
    if None in found:
        ends = list(zip(*[reader.values(batch, name) for name in ENDS]))
        found = [end if cookie is None else cookie for cookie, end in zip(found, ends)]
    return [(place, one) for one in found]


# Rows

def made(picked, cells):
    """Rows of some (Whole, row), in their order: tuples of cells, or texts."""
    wanted = {}
    for whole, row in picked:
        wanted.setdefault(whole, set()).add(row)
    rows = {}
    for whole, some in wanted.items():
        some = sorted(some)
        part = Part(whole.view, whole.batch, some)
        for row, text in zip(some, apart(part.view.rows(part.batch), cells)):
            rows[whole, row] = text
    return [rows[place] for place in picked]


class Signed:
    """Writes rows with fields in front: a sign, and perhaps a time.

    ``output``: that of a stage.  ``heads``: names of the fields.  ``json``: a form for the words of the fields, the row,
    and what there may be behind it.
    """

    def __init__(self, output, query, heads, json):
        self.heads = heads
        self.json = json
        self.style = query.style
        self.separator = query.arrangement.separator if query.arrangement else None
        self.cells = not self.style.json and not self.separator
        self.output = output
        if self.separator and output.header is not None:
            output.header = self.separator.join(heads + [output.header])
        if self.cells:
            self.output = aligned([' '] + [head.upper() for head in heads[1:]] + output.visible, output.screen, self.style)

    def add(self, fronts, rows, behind=None):
        """Rows, each with its fields in front; ``behind``: JSON of more of them."""
        if self.cells:
            rows = [front + row for front, row in zip(fronts, rows)]
        elif self.separator:
            rows = [self.separator.join(front + (row,)) for front, row in zip(fronts, rows)]
        else:
            rows = [self.json(front, row, more) for front, row, more in zip(fronts, rows, behind or [''] * len(rows))]
        written(rows, self.output, self.cells)

    def flush(self):
        self.output.flush()
