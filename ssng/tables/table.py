"""A socket table, and the rows that are made of it for one query.

A table is declared by a subclass of :class:`Table`: what it asks of the kernel, and which facts stand
in which column.  A :class:`TextView` or :class:`JsonView` is that declaration bound to one query: the
facts made into parts, ready to render batch after batch.
"""

from ..fields import pairs, parts
from ..render import Cells, render

# The columns of a row, left to right (fixtures/behaviour/command-line.md, 6.1).
NETID, STATE, RECV_Q, SEND_Q, LOCAL, LOCAL_PORT, PEER, PEER_PORT, PROCESS, DETAIL = range(10)


class Request:
    """One dump to ask for: the payload and attributes of the message, and what to expect of it.

    ``exact``: the kernel judges the whole condition, its answer need not be judged again.  ``large``:
    single messages may pass 32 KiB.  ``legacy``: the message type, where it is not SOCK_DIAG_BY_FAMILY.
    """

    def __init__(self, payload, attributes=(), exact=True, large=False, kind=None):
        self.payload = payload
        self.attributes = attributes
        self.exact = exact
        self.large = large
        self.kind = kind


class Table:
    """What every table says of itself."""

    names = ()              # what a query calls it; unix, packet and vsock have several names
    fixed = 0               # bytes of a message in front of its attributes
    inode = None            # Member: whose processes are named
    destroyable = False     # SOCK_DESTROY knows its sockets
    details = True          # its rows go on behind the column of the processes

    def batches(self, query):
        """The sockets that ``query`` asks for, as Batches.  The kernel may have begun before the first is asked for."""
        raise NotImplementedError

    def columns(self, show):
        """Facts for NETID .. PEER_PORT, a list for each."""
        raise NotImplementedError

    def aside(self, show):
        """Facts that ss writes into the process column; where that is hidden they begin the last column."""
        return []

    def detail(self, show):
        """Facts and literals of the last column, in ss's order."""
        return []

    def pairs(self, show):
        """Facts of the JSON object; the first always has a value."""
        raise NotImplementedError


class TextView:
    """The rows of one table as cells, a list for each visible column."""

    def __init__(self, table, query, owners, visible):
        show = query.show
        processes, detail = table.aside(show), table.detail(show)
        if PROCESS not in visible:
            processes, detail = [], processes + detail
        elif not table.details:
            visible = visible[:-1]
        if owners and table.inode:
            processes = processes + [Cells(lambda group: owners.texts(group.values(table.inode)))]
        facts = list(table.columns(show)) + [processes, detail]
        self.columns = [parts(facts[column], show) for column in visible]

    def rows(self, batch):
        """For each visible column, the texts of all rows in the kernel's order."""
        return [batch.ordered([render(group, column) for group in batch.groups]) for column in self.columns]


class JsonView:
    """The rows of one table as JSON objects, one text each."""

    def __init__(self, table, query, owners):
        show = query.show
        self.parts = ['{'] + pairs(table.pairs(show), '')
        if owners and table.inode:
            self.parts.append(Cells(lambda group: owners.json(group.values(table.inode))))
        self.parts.append('}')

    def rows(self, batch):
        """JSON texts, one for each socket, in the kernel's order."""
        return batch.ordered([render(group, self.parts) for group in batch.groups])
