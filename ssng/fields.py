"""The declaration of a fact, and how columns of it become cells.

Each thing ssng can tell about a socket is one :class:`Fact`: its JSON key with the unit in it, the
member of the kernel structure it comes from, and the text ss prints for it.  Tables list facts in the
order of ss's text; text and JSON are both made from that list.

For one form of output a fact becomes a :class:`Part`, and a list of parts (with literal strings
between them) is rendered for a whole group of messages at once.  A part looks at its column first:

* all values the same: one text, put in front of the next part's texts, at no cost a row;
* few different values: each is formatted once, the rest is a dict look-up a row;
* mostly different values: each is formatted, by one C call where the form allows it.
"""

from itertools import repeat

SAMPLE = 128            # how many values of a column are looked at to guess whether they repeat
MEMO_LIMIT = 1 << 16    # texts kept for one part: a memo must not grow with the number of sockets


class Memo(dict):
    """Value -> text, made on first sight."""

    __slots__ = ('make',)

    def __init__(self, make):
        self.make = make

    def __missing__(self, value):
        if len(self) >= MEMO_LIMIT:
            self.clear()
        text = self[value] = self.make(value)
        return text


class ByShow:
    """A text form that depends on what is to be shown: ``choose(show)`` returns the form."""

    def __init__(self, choose):
        self.choose = choose


class Fact:
    """One thing that can be told about a socket.

    ``key`` is its JSON key (None: only text tells it).  ``members`` is the Member it comes from, or a
    tuple of them.  ``text`` is a ``%`` form for the one value, or a function of the values; ``hide``
    are values that a ``%`` form does not show, ``scale`` is what it divides them by.  ``json`` is a
    ``%`` form or a function that returns JSON, or None for "no key".
    """

    __slots__ = ('key', 'members', 'text', 'hide', 'scale', 'json')

    def __init__(self, key, members, text=None, hide=(0,), scale=None, json='%d'):
        self.key = key
        self.members = members if isinstance(members, tuple) else (members,)
        self.text = text
        self.hide = hide
        self.scale = scale
        self.json = json

    def shown(self, show):
        """The Part for text, or None where ``show`` does not ask for it."""
        text = self.text.choose(show) if isinstance(self.text, ByShow) else self.text
        if text is None:
            return None
        return Part(self.members, text, self.hide, self.scale)

    def keyed(self, comma=','):
        """The Part for JSON: a pair behind ``comma``."""
        name = '%s"%s":' % (comma, self.key)
        if isinstance(self.json, str):
            return Part(self.members, name + self.json, whole=True)
        json = self.json

        def pair(*values):
            value = json(*values)
            return name + value if value is not None else ''
        return Part(self.members, pair, whole=True)


class Section:
    """Facts, or their parts, that are told only where there is an attribute, or only where there is none."""

    __slots__ = ('attribute', 'parts', 'unless')

    def __init__(self, attribute, parts, unless=False):
        self.attribute = attribute
        self.parts = parts
        self.unless = unless

    def applies(self, group):
        return (self.attribute in group.attributes) != self.unless


class Object:
    """Facts that are the members of one JSON object; the first always has a value."""

    __slots__ = ('key', 'facts')

    def __init__(self, key, facts):
        self.key = key
        self.facts = facts


class Cells:
    """A part whose texts a function of the group makes: a list of str."""

    __slots__ = ('make',)

    def __init__(self, make):
        self.make = make

    def cells(self, group, prefix=''):
        texts = self.make(group)
        return map(prefix.__add__, texts) if prefix else texts


class Part:
    """What a fact adds to a row, in one form of output.

    ``text`` is a ``%`` form for the values or a function of them; a form hides the row where the first
    value is in ``hide``.  ``whole``: a member that an older kernel sent only in part is not told at
    all, instead of as zero.
    """

    __slots__ = ('members', 'form', 'hide', 'scale', 'make', 'whole', '_memos')

    def __init__(self, members, text, hide=(), scale=None, whole=False):
        self.members = members
        self.form = text if isinstance(text, str) else None
        self.make = self._formatted if self.form else text
        self.hide = frozenset(hide)
        self.scale = scale
        self.whole = whole
        self._memos = {}

    def _formatted(self, *values):
        if values[0] in self.hide:
            return ''
        return self.form % (tuple([value / self.scale for value in values]) if self.scale else values)

    def cells(self, group, prefix=''):
        """Texts for the group's messages, each behind ``prefix``: one str if all are the same, else an iterable."""
        if self.whole and not all(map(group.whole, self.members)):
            return prefix
        columns = [group.values(member) for member in self.members]
        if None in columns:
            return prefix
        if all([column[-1] == column[0] and column.count(column[0]) == group.count for column in columns]):
            return prefix + self.make(*[column[0] for column in columns])
        if _varied(columns):
            return self._straight(columns, prefix)
        if len(columns) == 1:
            return map(self._memo(prefix, self.make).__getitem__, columns[0])
        return map(self._memo(prefix, lambda row: self.make(*row)).__getitem__, zip(*columns))

    def _straight(self, columns, prefix):
        """Texts for columns that hardly repeat, made without a memo."""
        if self.form is None or any(map(columns[0].__contains__, self.hide)):
            texts = map(self.make, *columns)
            return map(prefix.__add__, texts) if prefix else texts
        if self.scale:
            columns = [[value / self.scale for value in column] for column in columns]
        return map((prefix.replace('%', '%%') + self.form).__mod__, columns[0] if len(columns) == 1 else zip(*columns))

    def _memo(self, prefix, make):
        """One memo for each prefix: which columns are the same in all rows seldom changes between groups."""
        memo = self._memos.get(prefix)
        if memo is None:
            if len(self._memos) > 16:
                self._memos.clear()
            memo = self._memos[prefix] = Memo(lambda key: prefix + make(key))
        return memo


def _varied(columns):
    """Whether most rows of a sample differ: then a memo would only grow."""
    sample = columns[0][:SAMPLE] if len(columns) == 1 else list(zip(*[column[:SAMPLE] for column in columns]))
    return len(set(sample)) * 2 > SAMPLE


def parts(facts, show):
    """The parts that show ``facts`` as text: Facts, Sections of them, literal strings, parts as they are."""
    made = []
    for fact in facts:
        if isinstance(fact, Section):
            made.append(Section(fact.attribute, parts(fact.parts, show), fact.unless))
        elif not isinstance(fact, Fact):
            made.append(fact)
        elif fact.text is not None:
            part = fact.shown(show)
            if part is not None:
                made.append(part)
    return made


def pairs(facts, comma=','):
    """The parts that show ``facts`` as JSON pairs, the first behind ``comma``, the others behind a comma.

    The first fact of an Object must always have a value.
    """
    made = []
    for fact in facts:
        if isinstance(fact, Section):
            made.append(Section(fact.attribute, pairs(fact.parts, comma), fact.unless))
        elif isinstance(fact, Object):
            made += [comma + '"%s":{' % fact.key] + pairs(fact.facts, '') + ['}']
        elif isinstance(fact, Fact):
            if fact.key is None:
                continue
            made.append(fact.keyed(comma))
        else:
            made.append(fact)
        comma = ','
    return made


def render(group, parts):
    """The parts of a row joined, for each message of a group: one str if all rows are the same, else a list."""
    columns, prefix = _columns(group, parts, [], '')
    if not columns:
        return prefix
    if prefix:
        columns.append(repeat(prefix))
    if len(columns) == 1:
        return list(columns[0])
    return list(map(''.join, zip(*columns)))


def _columns(group, parts, columns, prefix):
    for part in parts:
        if part.__class__ is str:
            prefix += part
        elif part.__class__ is Section:
            if part.applies(group):
                columns, prefix = _columns(group, part.parts, columns, prefix)
        else:
            cells = part.cells(group, prefix)
            if cells.__class__ is str:
                prefix = cells
            else:
                columns.append(cells)
                prefix = ''
    return columns, prefix


def rows(group, parts):
    """As :func:`render`, always a list."""
    cells = render(group, parts)
    return [cells] * group.count if cells.__class__ is str else cells
