"""What the tables beside those of internet sockets share: one request, its answer, /proc in its place.

fixtures/behaviour/command-line.md, 5.1 to 5.3 and 9.4.
"""

from ..host.paths import redirected
from ..kernel.columns import batch as batch_of
from ..kernel.messages import Answer
from .kernel import Refused, dump, judge_of, judged, report
from ..tables.table import Table


class Family(Table):
    """A table of all sockets of one address family."""

    name = ''
    family = 0
    crowded = False         # there may be very many of its sockets: worth a thread from the start
    judges = True           # the filter applies
    kind = None             # Member: the type of a socket, which decides its table
    kinds = {}              # types: their tables; other types belong to all
    filtered = {}           # Member for each column that the filter may ask for
    make = staticmethod(batch_of)

    def batches(self, query):
        return self.shown(query, None if redirected(self.name) else self.dump(query))

    def shown(self, query, asked):
        """Those of all sockets that the query asks for."""
        judge = judge_of(query) if self.judges else None
        for batch in self.answers(query, asked):
            batch = self.chosen(batch, query.tables)
            if batch and judge:
                batch = judged(self, batch, judge)
            if batch:
                yield batch

    def answers(self, query, asked):
        """Batches of all sockets: ``asked`` of the kernel, or from /proc where it refuses from the start."""
        if asked is not None:
            seen = False
            try:
                for batch in asked:
                    seen = True
                    yield batch
                return
            except Refused as refused:
                report(self.name, refused)
            if seen:
                return                  # what is shown is not shown a second time
        types = [kind for kind, table in self.kinds.items() if table in query.tables]
        for block in self.proc(query.states, types):
            yield self.make(Answer().feed(block, (len(block),)), self.fixed)

    def dump(self, query):
        """Ask the kernel; Batches of all sockets.  They may raise Refused."""
        return dump(self.name, self.fixed, self.request(query), make=self.make, ahead=self.crowded and query.ahead)

    def request(self, query):
        """The payload of the request."""
        raise NotImplementedError

    def proc(self, states, types):
        """Blocks of what /proc/net tells of the sockets instead."""
        return ()

    def chosen(self, batch, tables):
        """Those sockets of the batch that are of the tables asked for; None if there are none."""
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
