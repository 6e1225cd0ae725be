"""The stages and outputs of an Arrangement: where batches go, and what is made of them."""

from ..fields import DATA, LIST
from ..objects import encoded
from ..output import csv, json, text
from ..tables import tables
from ..tables.processes import FACTS as PROCESSES
from ..tables.processes import PEER_UNDER, UNDER, owned
from ..tables.table import DETAIL
from .columns import ENDS, ChosenCsv, ChosenJson, ChosenText, cell, field, shorter
from .rows import Rows, aligned, of


def stage(query, owners, known):
    """What takes the batches of each table, as Rows does.

    ``owners``: those that ss shows, None without -p; ``known``: those that facts tell of.
    """
    arrangement = query.arrangement

    def reader(table, host):
        from ..catalogue import Reader
        return Reader(table, host, of(known, host))
    if arrangement.count is not None:
        from .count import Counts
        return Counts(arrangement, reader, counted(arrangement, query.style))
    output, view = shown(query, owners, known)
    cells = not query.style.json and not arrangement.separator
    if not arrangement.top and not arrangement.sort:
        return Rows(output, view)
    from .order import Sorted, Top
    if arrangement.top:
        return Top(arrangement.sort, arrangement.top, reader, output, view, cells)
    return Sorted(arrangement.sort, reader, output, view, cells)


# Sockets

def shown(query, owners, known):
    """The output, and the function from a table and its Host to its view; ``known``: the owners that columns tell of."""
    style, arrangement = query.style, query.arrangement
    if arrangement.separator:
        names = [column.name for column in arrangement.columns or ()]
        if arrangement.more or not names:
            names = usual(query) + names
        header = arrangement.separator.join(names) if style.header else None
        return csv.Csv(header), lambda table, host: ChosenCsv(table, query, host, of(known, host), names, arrangement.separator)
    if style.json:
        return as_json(style, query.events), json_view(query, owners, known)
    chosen = arrangement.columns or []
    heads = [column.typed.upper() for column in chosen]
    if chosen and not arrangement.more:
        visible, screen = [], None
    else:
        visible, screen = text.visible_columns(query), text.screen_width()
    place = visible.index(DETAIL) if visible else 0
    output = aligned(visible[:place] + heads + visible[place:], screen, style)
    return output, lambda table, host: ChosenText(
        table, query, host, of(owners, host), of(known, host), visible, chosen)


def as_json(style, events=False):
    return (json.Lines if events or style.lines else json.Array)(style.pretty)


def json_view(query, owners, known):
    """The function from a table and its Host to a view of JSON: exactly the facts chosen, or what is shown anyway and these."""
    words, arrangement = query.detail.shown, query.arrangement
    names = [column.name for column in arrangement.columns or ()]
    keys = owner_keys(query, owners, names)
    if names and not arrangement.more:
        ends = tuple([name + '.' for name in names if name in ENDS])
        places = {name: at for at, name in reversed(list(enumerate(names)))}
        for under, some in keys.items():
            if some:
                places[under.rstrip('.')] = min([places[under + key] for key in some])

        def place(name):
            return places[name] if name in places else places[name.partition('.')[0]]
        return lambda table, host: ChosenJson(table, query, host, of(known, host), lambda fact: fact.name in places or (
            fact.name.startswith(ends) and fact.shown(words)), keys, place)
    return lambda table, host: ChosenJson(
        table, query, host, of(known, host), lambda fact: fact.shown(words) or fact.name in names, keys)


def owner_keys(query, owners, names):
    """{UNDER or PEER_UNDER: the keys of JSON}: what is shown of ``owners``, and ``names`` of facts."""
    keys = {UNDER: [], PEER_UNDER: []}
    if owners and (query.arrangement.more or not names):
        keys[UNDER] += [fact.name[len(UNDER):] for fact in PROCESSES if fact.shown(query.detail.shown)]
    for under, key in filter(None, map(owned, names)):
        if key not in keys[under]:
            keys[under].append(key)
    return keys


def usual(query):
    """The names of the facts that are shown anyway, of all tables: those of one stand in its order."""
    words, names = query.detail.shown, []
    for table in tables(query.selection):
        place = 0
        facts = [fact for fact in table.every(words) if fact.shown(words)]
        if query.detail.owners and table.inode:
            facts += [fact for fact in PROCESSES if fact.shown(words)]
        for fact in facts:
            if fact.name in names:
                place = names.index(fact.name) + 1
            elif fact.kind not in (LIST, DATA):
                names.insert(place, fact.name)
                place += 1
    return names


# Counts

def counted(arrangement, style):
    """The output for rows of Counts."""
    names = ['count'] + [column.name for column in arrangement.count]
    names += ['%s(%s)' % (name, column.name) for name, column in arrangement.sums]
    if arrangement.openmetrics:
        return Metrics(arrangement)
    if arrangement.separator:
        return CsvCounts(csv.Csv(arrangement.separator.join(names) if style.header else None), style, arrangement.separator)
    if style.json:
        return JsonCounts(as_json(style), arrangement)
    return TextCounts(style, arrangement)


class CsvCounts:
    def __init__(self, output, style, separator):
        self.output = output
        self.field = field(style, separator)
        self.separator = separator

    def add(self, rows):
        self.output.add([self.separator.join(['' if value is None else self.field(value) for value in row]) for row in rows])

    def flush(self):
        self.output.flush()


class TextCounts:
    """An aligned table; a lone number has no header."""

    def __init__(self, style, arrangement):
        heads = [column.typed.upper() for column in arrangement.count]
        heads += [('%s(%s)' % (name, column.typed)).upper() for name, column in arrangement.sums]
        self.output = text.Table(['COUNT'] + heads, None, style.header and heads)
        self.cell = cell(style)
        self.kinds = [None] + [column.entry.kind for column in arrangement.count] + [None] * len(arrangement.sums)

    def add(self, rows):
        if rows:
            self.output.add([[self.text(shorter(kind, value) if kind else value) for value in column]
                             for kind, column in zip(self.kinds, zip(*rows))])

    def text(self, value):
        if value.__class__ is float:
            return ('%.3f' % value).rstrip('0').rstrip('.')
        return '-' if value is None else self.cell(value)

    def flush(self):
        self.output.flush()


class JsonCounts:
    def __init__(self, output, arrangement):
        self.output = output
        self.paths = [['count']] + [column.name.split('.') for column in arrangement.count]
        self.paths += [[name] + column.name.split('.') for name, column in arrangement.sums]

    def add(self, rows):
        self.output.add([encoded(nested(zip(self.paths, row))) for row in rows])

    def flush(self):
        self.output.flush()


class Metrics:
    def __init__(self, arrangement):
        from ..output.openmetrics import OpenMetrics
        from .columns import plain, utf8
        self.labels = 1 + len(arrangement.count)
        self.text = lambda value: None if value is None else utf8(plain(value, ','))
        self.output = OpenMetrics([column.name for column in arrangement.count],
                                  [(name, column.name) for name, column in arrangement.sums])

    def add(self, rows):
        self.output.add([row[:1] + tuple(map(self.text, row[1:self.labels])) + row[self.labels:] for row in rows])

    def flush(self):
        self.output.flush()


def nested(pairs):
    """Dicts in dicts, of (path, value); what is absent has no key, and an object without any is absent itself."""
    made = {}
    for path, value in pairs:
        if value is not None:
            inner = made
            for key in path[:-1]:
                inner = inner.setdefault(key, {})
            inner[path[-1]] = value
    return made
