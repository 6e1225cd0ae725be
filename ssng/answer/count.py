"""How many sockets there are, by the values of facts, with sums of others; no row is made of any socket.

    --count=state --total=recv_q     state   ESTAB  LISTEN  ESTAB      groups  ('ESTAB',): 2   ('LISTEN',): 1
                                     recv_q  3      0       4          sums    ('ESTAB',): 7   ('LISTEN',): 0

A socket with several values (a set, the processes that hold it) counts once for each that is different.
"""

from itertools import product

from ..catalogue import address_key, distinct, packed
from ..fields import ADDRESS
from ..objects import Json, encoded
from .order import ordered


class Counts:
    """Takes batches, and hands the groups to ``output`` when all have come.

    ``arrangement``: an Arrangement; ``reader(table, host)`` is the Reader of what it counts by and sums.
    """

    def __init__(self, arrangement, reader, output):
        self.arrangement = arrangement
        self.by = arrangement.count
        self.reader = reader
        self.output = output
        self.groups = {}                    # values: number of sockets
        self.sums = [Sum(name) for name, _ in arrangement.sums]

    def table(self, table, host):
        """The function that takes a Batch of a table."""
        reader = self.reader(table, host)
        return lambda batch: self.take(batch, reader)

    def take(self, batch, reader):
        columns = [reader.values(batch, column.entry.read) for column in self.by]
        summed = [reader.values(batch, column.entry.read) for _, column in self.arrangement.sums]
        if any([column.entry.several for column in self.by]):
            rows = zip(*[[different(value) for value in column] for column in columns])
            keys = [list(product(*values)) for values in rows]
            summed = [[value for value, some in zip(values, keys) for _ in some] for values in summed]
            keys = [key if len(key) > 1 else key[0] for some in keys for key in some]
        elif len(columns) == 1:             # no tuples for a lone fact: they would cost more than all else
            keys = columns[0]
        else:
            keys = list(zip(*columns)) if columns else [()] * batch.count
        counted(self.groups, keys)
        for one, values in zip(self.sums, summed):
            one.take(keys, values)

    def flush(self):
        """Hand over (count, values.., sums..) of each group, in order."""
        if not self.by:
            self.groups.setdefault((), 0)
        rows = [(count,) + (key if key.__class__ is tuple else (key,)) + tuple([one.value(key) for one in self.sums])
                for key, count in self.groups.items()]
        self.output.add(self.in_order(rows)[:self.arrangement.top])
        self.output.flush()

    def in_order(self, rows):
        """Most first, unless told; equal ones as they came."""
        if not rows:
            return rows
        sort = self.arrangement.sort or [(0, True)]
        columns = [self.keys(place, [row[place] for row in rows]) for place, _ in sort]
        return [rows[row] for row in ordered(columns, [descending for _, descending in sort], range(len(rows)))]


    def keys(self, place, values):
        """What the values at a place of the rows are sorted by."""
        if 1 <= place <= len(self.by) and self.by[place - 1].entry.kind is ADDRESS:
            return distinct(lambda text: address_key(packed(text)), values)
        return values


class Sum:
    """One of total, max, min and avg, for each group that has a value."""

    def __init__(self, name):
        self.name = name
        self.values = {}
        self.counts = {}                    # of an average

    def take(self, keys, values):
        pairs = [pair for pair in zip(keys, values) if pair[1] is not None]
        found = self.values
        if self.name == 'max':
            for key, value in pairs:
                if key not in found or found[key] < value:
                    found[key] = value
        elif self.name == 'min':
            for key, value in pairs:
                if key not in found or found[key] > value:
                    found[key] = value
        else:
            for key, value in pairs:
                found[key] = found.get(key, 0) + value
            if self.name == 'avg':
                counted(self.counts, [key for key, _ in pairs])

    def value(self, key):
        """None where no socket of the group has the fact."""
        value = self.values.get(key)
        return value / self.counts[key] if value is not None and self.name == 'avg' else value


def counted(groups, keys):
    """Add how often each key is there."""
    try:
        from _collections import _count_elements
    except ImportError:                 # PyPy has no such part of it
        from collections import _count_elements
    _count_elements(groups, keys)


def different(values):
    """The different ones of a tuple of values, as they come; (None,) if there are none.  Any other value is alone."""
    if values.__class__ is not tuple:
        return (values,)
    made = [Json(encoded(value)) if value.__class__ in (dict, list) else value for value in values]
    return tuple(dict.fromkeys(made)) or (None,)
