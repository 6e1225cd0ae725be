"""A socket table, and the rows that are made of it for one query.

A table is declared by a :class:`Table`: what it asks of the kernel, its facts, and what ss prints of them in
which column.  A :class:`TextView` or :class:`JsonView` is that declaration bound to one query: the facts made
into parts, ready to render batch after batch.
"""

from ..fields import Manner, line
from ..kernel.columns import batch as batch_of
from ..render import Cells, render

# The columns of a row, left to right (fixtures/behaviour/command-line.md, 6.1).
NETID, STATE, RECV_Q, SEND_Q, LOCAL, LOCAL_PORT, PEER, PEER_PORT, PROCESS, DETAIL = range(10)


class Table:
    """What every table says of itself."""

    name = ''               # what messages to the user call it
    names = ()              # what a selection calls it; unix, packet and vsock have several names
    families = ()           # the address families of its sockets: each is asked for by a request of its own
    kind = None             # Member: the type of a socket, which decides its name
    kinds = {}              # types of sockets: their names; other types belong to all
    fixed = 0               # bytes of a message in front of its attributes
    inode = None            # Member: whose processes are named
    crowded = True          # there may be very many of its sockets: worth a thread from the start
    judges = True           # the filter applies
    compiles = False        # the kernel takes filter programs ...
    filters = True          # ... and runs them
    legacy = None           # the message type of the request that old kernels know
    destroyable = False     # SOCK_DESTROY knows its sockets
    state = None            # Member: the state by which the kernel chooses its sockets
    forms = None            # {attribute: what its payload is made of}, where its facts' members do not tell
    details = True          # its rows go on behind the column of the processes

    @staticmethod
    def make(block, fixed):
        """The Batch of a Block of its messages; None if there is no socket in it."""
        return batch_of(block, fixed)

    def request(self, query, family):
        """The payload of the request for its sockets of one family, as a structure."""
        raise NotImplementedError

    def attributes(self, query, program, host):
        """The attributes behind the payload, as (type, bytes); ``program`` is the filter's, b'' for none."""
        return []

    def large(self, query):
        """Whether a single message may pass 32 KiB."""
        return False

    def asked_states(self, batch):
        """For each socket the bit of a request's mask by which the kernel sends it; most are sent as what they are told to be."""
        return batch.values(self.state, 0)

    def parted(self, batches, states):
        """Of Batches with sockets of all states those that the kernel sends to who asks for a mask of ``states``."""
        for batch in batches:
            asked = None if self.state is None else self.asked_states(batch)
            if asked is None or all([states >> state & 1 for state in set(asked)]):
                yield batch
            else:
                flags = [states >> state & 1 for state in asked]
                if any(flags):
                    yield batch.kept(flags)

    def chosen(self, batch, tables):
        """Those sockets of the batch that are of the tables asked for; None if there are none."""
        return batch

    def column(self, batch, name):
        """A column for the filter, in the kernel's order; filter/predicate.py has the names."""
        raise NotImplementedError

    def prepared(self, batches):
        """The Batches of all that is shown, made ready for columns and details."""
        return batches

    def facts(self, words=None):
        """All Facts, in the order of their JSON keys; with ``words`` of Detail those at least that they reveal."""
        raise NotImplementedError

    def every(self, words=None):
        """The same, and the Facts of where its sockets are."""
        if words is None or 'netns' in words or 'host' in words:
            from .places import facts
            return self.facts(words) + facts(words)
        return self.facts(words)

    def printed(self, detail):
        """The words of a Detail whose facts the text shows."""
        return detail.shown

    def columns(self):
        """Texts for NETID .. PEER_PORT, a list for each."""
        raise NotImplementedError

    def aside(self):
        """Texts that ss writes into the process column; where that is hidden they begin the last column."""
        return []

    def line(self, words):
        """Texts and literals of the last column, in ss's order."""
        return []


class TextView:
    """The rows of one table as cells, a list for each visible column."""

    def __init__(self, table, query, host, owners, visible):
        manner = Manner(table.printed(query.detail), query.style, host)
        processes, detail = table.aside(), table.line(manner.words)
        if PROCESS not in visible:
            processes, detail = [], processes + detail
        elif not table.details:
            visible = visible[:-1]
        texts = table.columns() + [processes, detail]
        self.columns = [line(texts[column], manner) for column in visible if column.__class__ is int]
        if len(self.columns) < len(visible):
            from .places import PLACES
            self.columns[:0] = [[manner.fit(PLACES[column](host))] for column in visible if column in PLACES]
        if owners and table.inode and PROCESS in visible:
            self.columns[visible.index(PROCESS)].append(Cells(lambda group: owners.texts(group.values(table.inode))))

    def rows(self, batch):
        """For each visible column, the texts of all rows in the kernel's order."""
        return [batch.ordered([render(group, column) for group in batch.groups]) for column in self.columns]


class JsonView:
    """The rows of one table as JSON objects, one text each."""

    def __init__(self, table, query, host, owners):
        from ..objects import Texts, json_object
        words = query.detail.shown
        whole = json_object(table.every(words), words, host)
        if owners and table.inode:
            whole.pairs.append(Texts('processes', lambda group, front: owners.json(group.values(table.inode), front)))
        self.parts = [whole]

    def rows(self, batch):
        """JSON texts, one for each socket, in the kernel's order."""
        return batch.ordered([render(group, self.parts) for group in batch.groups])
