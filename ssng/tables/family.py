"""What the tables beside those of internet sockets share: all sockets of one address family are asked for at once.

The kernel parts them by state at most.  By type, and by a filter, they are parted here: what -A or the filter leaves out
comes all the same (fixtures/behaviour/command-line.md, 5.1 and 5.2).
"""

from .table import Table


class Family(Table):
    """A table of all sockets of one address family."""

    name = ''
    family = 0
    crowded = False         # there are hardly ever very many of its sockets
    kind = None             # Member: the type of a socket, which decides its table
    filtered = {}           # Member for each column that the filter may ask for

    @property
    def families(self):
        return self.family,

    def chosen(self, batch, tables):
        if tables.issuperset(self.names):
            return batch
        unwanted = [kind for kind, table in self.kinds.items() if table not in tables]
        flags = [kind not in unwanted for kind in batch.values(self.kind)]
        return batch.kept(flags) if any(flags) else None

    def column(self, batch, name):
        """A column for the filter, in the kernel's order; 0 for what such a socket has not."""
        if name == 'family':
            return [self.family] * batch.count
        if name in self.filtered:
            return batch.values(self.filtered[name], 0)
        return [0] * batch.count
