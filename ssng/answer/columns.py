"""The facts that somebody chose, as cells of text, fields of CSV, keys of JSON.

    --columns=local,pid,rtt     text    LOCAL         PID  RTT
                                        127.0.0.1:22  1,7  0.031
                                CSV     local,processes.pid,info.rtt_us
                                        127.0.0.1:22,1;7,31
                                JSON    {"local":{"address":...},"processes":[{"pid":1},{"pid":7}],"info":{"rtt_us":31}}

A view is made for each table, and each of its rows() for a batch, as TextView and JsonView are.  Text is latin-1.
"""

from ..escape import terminal
from ..fields import Manner, line
from ..objects import Json, Object, Texts, encoded, objects
from ..render import Cells, render
from ..tables.processes import inodes, owned
from ..tables.table import DETAIL, LOCAL, LOCAL_PORT, PEER, PEER_PORT, TextView

ABSENT = '-'                    # in text


# Values as text

def plain(value, join):
    """A value as text: as JSON has it, but for quotes; several are joined."""
    kind = value.__class__
    if kind is str:
        return value
    if kind is list or kind is tuple:
        return join.join([plain(item, join) for item in value if item is not None])
    text = encoded(value)
    return text.encode('utf-8').decode('latin-1') if kind is dict or kind is Json else text


def shorter(kind, value):
    """A value of a kind as columns of text have room for it."""
    if not kind.brief or value is None:
        return value
    return tuple(map(kind.brief, value)) if value.__class__ is tuple else kind.brief(value)


def utf8(text):
    """What is no UTF-8 becomes U+FFFD, as in JSON."""
    return text.encode('latin-1').decode('utf-8', 'replace').encode('utf-8').decode('latin-1')


def cell(style):
    """The function from a value to a cell of text."""
    fit = terminal if style.escape else one_row
    return lambda value: fit(plain(value, ',')) or ABSENT


def one_row(text):
    """A line end, as command lines often have them, is spelled as it is on a terminal: a row is one line."""
    return text.replace('\n', '\\x0a') if '\n' in text else text


def field(style, separator, empty=''):
    """The function from a value to a field of CSV (RFC 4180); ``empty``: what there is of none."""
    fit = terminal if style.escape else utf8

    def made(value):
        text = fit(plain(value, ';')) or empty
        if text is empty:
            return text
        if separator in text or '"' in text or '\n' in text or '\r' in text:
            return '"%s"' % text.replace('"', '""')
        return text
    return made


# Parts of a row

class Field:
    """A part that says something of every row: ``absent`` in a group of which no message has the fact."""

    __slots__ = ('part', 'fact', 'absent')

    def __init__(self, part, fact, absent):
        self.part = part
        self.fact = fact
        self.absent = absent

    def add(self, rows, group):
        if self.fact.told(group):
            self.part.add(rows, group)
        else:
            rows.same(self.absent)


class Fields:
    """Makes the parts that facts of one table add to a row: ``front``, then what ``write`` makes of the value, or ``absent``.

    ``brief``: there is room for short values alone.
    """

    def __init__(self, table, query, host, owners, write, absent, brief=False):
        self.table = table
        self.manner = Manner(table.printed(query.detail), query.style, host)
        self.facts = {fact.name: fact for fact in table.every(query.detail.wanted)}
        self.owners = owners
        self.write = write
        self.absent = absent
        self.brief = brief

    def writing(self, kind):
        """What writes a value of a kind."""
        write = self.write
        return (lambda value: write(shorter(kind, value))) if self.brief and kind.brief else write

    def part(self, name, front=''):
        if owned(name):
            return self.of_owners(name, front)
        if name not in self.facts:
            return self.end(name, front) if '.' not in name and name in ENDS else front + self.absent
        fact = self.facts[name]
        return Field(fact.part(self.manner.host, front, self.writing(fact.kind), self.absent), fact, front + self.absent)

    def of_owners(self, name, front):
        if not self.owners or not self.table.inode:
            return front + self.absent
        from ..catalogue import resolve
        write, absent, (under, key) = self.writing(resolve(name).kind), self.absent, owned(name)

        def cells(group):
            found = self.owners.told(inodes(self.table, under, group, self.manner.host), key)
            made = {values: front + (write(values) if values else absent) for values in set(found)}
            return list(map(made.__getitem__, found))
        return Cells(cells)

    def end(self, name, front):
        """Address and port of one end, as ss shows them."""
        address, port = [line(self.table.columns()[column], self.manner) for column in ENDS[name]]
        write = self.write

        def cells(group):
            both = map('%s%s'.__mod__, zip(render(group, address), render(group, port)))
            return [front + write(text.strip()) for text in both]       # some columns have blanks of their own
        return Cells(cells)


ENDS = {'local': (LOCAL, LOCAL_PORT), 'peer': (PEER, PEER_PORT)}


# Views

class ChosenText(TextView):
    """Cells of the columns of ss that are ``visible``, and behind them of ``columns``; the details stay the last.

    ``owners``: those that ss shows, None without -p; ``known``: those that columns tell of.
    """

    def __init__(self, table, query, host, owners, known, visible, columns):
        super().__init__(table, query, host, owners, visible)
        fields = Fields(table, query, host, known, cell(query.style), ABSENT, True)
        at = visible.index(DETAIL) if DETAIL in visible else 0
        self.columns[at:at] = [[fields.part(column.name)] for column in columns]


class ChosenCsv:
    """Lines of CSV, without their end."""

    def __init__(self, table, query, host, owners, names, separator):
        absent = '' if len(names) > 1 else '""'         # an empty line would be none
        fields = Fields(table, query, host, owners, field(query.style, separator, absent), absent)
        self.parts = [fields.part(name, separator if at else '') for at, name in enumerate(names)]

    def rows(self, batch):
        return batch.ordered([render(group, self.parts) for group in batch.groups])


class ChosenJson:
    """JSON objects: of the facts that are ``shown``, a function of a fact, and of some keys of those who hold them.

    ``keys``: {UNDER or PEER_UNDER: keys, in order}
    """

    def __init__(self, table, query, host, owners, shown, keys, order=None):
        facts = [fact for fact in table.every(query.detail.wanted) if shown(fact)]
        if order:
            facts.sort(key=lambda fact: order(fact.name))
        pairs = [(fact.name, fact.pair(host)) for fact in facts]
        if owners and table.inode:
            pairs += [(under.rstrip('.'), self.owners(table, host, owners, under, some)) for under, some in keys.items() if some]
            if order:
                pairs.sort(key=lambda pair: order(pair[0]))
        self.parts = [Object(None, objects(pairs))]

    @staticmethod
    def owners(table, host, owners, under, keys):
        return Texts('processes', lambda group, front: told_owners(
            owners, inodes(table, under, group, host), front, keys), certain=False)

    def rows(self, batch):
        return batch.ordered([render(group, self.parts) for group in batch.groups])


def told_owners(owners, inodes, front, keys):
    """For each inode ``front`` and a list of its owners with these keys; '' without any."""
    made = {}
    for inode in set(inodes):
        records = owners.records(inode, keys)
        made[inode] = front + encoded(records) if any(records) else ''
    return list(map(made.__getitem__, inodes))
