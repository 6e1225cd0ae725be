"""Columns to texts: the parts of a row, for a whole group of messages at once.

A row is a list of parts with literal strings between them.  A part looks at its columns first:

* the same value in every row: one text, glued to its neighbour, at no cost a row;
* few different values: each is formatted once, the rest is a dict look-up a row;
* mostly different values: ``%`` forms that follow each other are joined, and one C call a row fills them.

So a row is not put together from as many texts as it has parts.  :class:`Rows` holds what is made already, as ``columns``
of texts, and what is pending: a ``text`` that all rows have, or a ``form`` with the ``values`` that will fill it.  Six
parts over 200 TCP sockets that all have an mss of 1448, a cwnd of 10 or 20, and counts that hardly repeat:

    part                pending behind it                         columns behind it
    ' ts'               text ' ts'
    ' mss:%d'           text ' ts mss:1448'
    ' cwnd:%d'                                                    1: ' ts mss:1448 cwnd:10', ' ts mss:1448 cwnd:20', ...
    ' segs_out:%d'      form ' segs_out:%d'                       1
    ' bytes_acked:%d'   form ' segs_out:%d bytes_acked:%d'        1
    ' app_limited'      form ' segs_out:%d bytes_acked:%d app_limited'      1
    joined                                                        2, and each row is the sum of two texts

The memo of cwnd holds two texts for all the rows, with what was pending in front; so it is one memo for each text and
each set of values that do not change beside it (:class:`Memos`).  A value that a form hides, or a function instead of a
form, makes texts at once: what is pending is settled before, and glued to them.
"""

from .memo import MOST, Memo

SAMPLE = 128            # how many rows are looked at to guess whether values repeat
MEMO_LIMIT = MOST       # texts kept for one part
MEMOS = 64              # memos of one part


class Memos:
    """A few memos by their keys, which together keep no more texts than one may."""

    __slots__ = ('_memos',)

    def __init__(self):
        self._memos = {}

    def of(self, key):
        """The memo of a key; None where it is not there, or all have grown too large."""
        memos = self._memos
        if len(memos) > 1 and (len(memos) > MEMOS or sum(map(len, memos.values())) > MEMO_LIMIT):
            memos.clear()
        return memos.get(key)

    def add(self, key, make):
        memo = self._memos[key] = Memo(make, MEMO_LIMIT)
        return memo


class Rows:
    """The texts of all rows of a group, as far as they are made.

    Either ``text`` is pending, the same for every row, or a ``form`` with the columns that fill it.
    """

    __slots__ = ('columns', 'text', 'form', 'values')

    def __init__(self):
        self.columns = []
        self.text = ''
        self.form = ''
        self.values = []

    def same(self, text):
        """The same text in every row."""
        if self.values:
            self.form += text.replace('%', '%%')
        else:
            self.text += text

    def fill(self, form, columns):
        """A ``%`` form, filled from columns."""
        if not self.values:
            self.form, self.text = self.text.replace('%', '%%'), ''
        self.form += form
        self.values += columns

    def texts(self, column):
        """Texts that are made already, the pending text in front of each included."""
        self.text = ''
        self.columns.append(column)

    def settle(self):
        """Nothing but text is pending; returns it."""
        if self.values:
            values = self.values[0] if len(self.values) == 1 else zip(*self.values)
            self.columns.append(list(map(self.form.__mod__, values)))
            self.form, self.values = '', []
        return self.text

    def joined(self, count):
        """The texts of the rows; of a lone number the numbers themselves."""
        if self.form == '%d' and not self.columns:
            return self.values[0]
        text = self.settle()
        if not self.columns:
            return [text] * count
        if text:
            self.columns.append([text] * count)
        return self.columns[0] if len(self.columns) == 1 else list(map(''.join, zip(*self.columns)))


class Section:
    """Facts, or their parts, that are told only where there is an attribute, or only where there is none."""

    __slots__ = ('attribute', 'parts', 'unless')

    def __init__(self, attribute, parts, unless=False):
        self.attribute = attribute
        self.parts = parts
        self.unless = unless

    def add(self, rows, group):
        if (self.attribute in group.attributes) != self.unless:
            add(self.parts, rows, group)


class Cells:
    """A part whose texts a function of the group makes: a list of str."""

    __slots__ = ('make',)

    def __init__(self, make):
        self.make = make

    def add(self, rows, group):
        text, texts = rows.settle(), self.make(group)
        rows.texts(list(map(text.__add__, texts)) if text else texts)


def present(alternatives, group, whole=False):
    """The first of some tuples of members all of which a group has; None if it has none of them."""
    for members in alternatives:
        if all([group.has(member, whole) for member in members]):
            return members
    return None


class Part:
    """What a fact adds to a row, in one form of output.

    ``alternatives``: tuples of members, the first that a group has is read.  ``text`` is a ``%`` form for the
    values or a function of them; a form hides the row where the first value is in ``hide``.  ``compute`` makes one
    column of the members' columns, and only its values are shown.  ``texts``: what a form has in place of the values;
    its ``of`` makes a list of them from a column, as that of Texts.  ``whole``: a member that an older kernel sent
    only in part is not told at all, instead of as zero.
    """

    __slots__ = ('alternatives', 'form', 'hide', 'texts', 'compute', 'make', 'whole', '_memos')

    def __init__(self, alternatives, text, hide=(), texts=None, compute=None, whole=False):
        self.alternatives = alternatives
        self.form = text if isinstance(text, str) else None
        self.make = self._formatted if self.form else text
        self.hide = frozenset(hide)
        self.texts = texts
        self.compute = compute
        self.whole = whole
        self._memos = Memos()

    def _formatted(self, *values):
        if values[0] in self.hide:
            return ''
        return self.form % (tuple(self.texts.of(values)) if self.texts is not None else values)

    def add(self, rows, group):
        """Add the texts for the group's messages to ``rows``."""
        members = present(self.alternatives, group, self.whole)
        if members is None:
            return
        fixed, columns = self._values(group, members)
        if not columns:
            rows.same(self.make(*fixed))
        elif (self.texts is None or len(columns) == 1) and not varied(columns):
            memo = self._memo(rows.settle(), fixed)
            rows.texts(list(map(memo.__getitem__, columns[0] if len(columns) == 1 else zip(*columns))))
        else:
            columns = _every(columns, fixed, group.count)
            if self.form and not any(map(columns[0].__contains__, self.hide)):
                rows.fill(self.form, list(map(self.texts.of, columns)) if self.texts is not None else columns)
            else:
                texts = self._each(columns)
                text = rows.settle()
                rows.texts(list(map(text.__add__, texts)) if text else texts)

    def _values(self, group, members):
        """The value that all rows have, for each member (None: they differ), and the columns of the others."""
        if self.compute:
            column = list(self.compute(*map(group.values, members)))
            return ((column[0],), []) if column.count(column[0]) == len(column) else ((None,), [column])
        fixed = tuple([group.same(member) for member in members])
        return fixed, [group.values(member) for member, value in zip(members, fixed) if value is None]

    def _each(self, columns):
        """Texts for rows that hardly repeat, some of them hidden, or whose text is a function."""
        if self.form and len(columns) == 1:
            form, hide, column = self.form, self.hide, columns[0]
            if self.texts is not None:
                return [form % text if value not in hide else '' for value, text in zip(column, self.texts.of(column))]
            return [form % value if value not in hide else '' for value in column]
        return list(map(self.make, *columns))

    def _memo(self, text, fixed):
        """The memo of texts behind ``text``, where the values in ``fixed`` (None: those that vary) do not change."""
        memo = self._memos.of((text, fixed))
        return self._memos.add((text, fixed), self._behind(text, fixed)) if memo is None else memo

    def _behind(self, text, fixed):
        """The function from the values that vary to ``text`` and what is shown of them."""
        make = self.make
        if len(fixed) == 1:
            return lambda value: text + make(value)
        if fixed.count(None) == 1:
            at = fixed.index(None)
            before, after = fixed[:at], fixed[at + 1:]
            return lambda value: text + make(*before, value, *after)
        return lambda some: text + make(*_filled(fixed, some))


class Texts(dict):
    """Value -> its text, made but once; ``make`` makes those of some values, in their order.

    A ``%g`` costs three times what a whole number does, and times and rates repeat, also from one fact to the next.
    """

    __slots__ = ('make',)

    def __init__(self, make):
        self.make = make

    def of(self, column):
        """The texts of a column of values."""
        new = set(column).difference(self)
        if len(self) + len(new) > MEMO_LIMIT:
            self.clear()
            new = set(column)
        self.update(zip(new, self.make(new)))
        return list(map(self.__getitem__, column))


def quotients(scale):
    """The Texts of values divided by ``scale``, as ``%g`` has them."""
    return Texts(lambda values: map('%g'.__mod__, [value / scale for value in values]))


def varied(columns, share=2):
    """Whether a sample has more than one new value in ``share`` rows: then a memo would only grow."""
    sample = columns[0][:SAMPLE] if len(columns) == 1 else list(zip(*[column[:SAMPLE] for column in columns]))
    return len(set(sample)) * share > SAMPLE


def _filled(fixed, some):
    some = iter(some)
    return [next(some) if value is None else value for value in fixed]


def _every(columns, fixed, count):
    """The columns of all values, those that vary and those that do not."""
    columns = iter(columns)
    return [next(columns) if value is None else [value] * count for value in fixed]


def add(parts, rows, group):
    for part in parts:
        if part.__class__ is str:
            rows.same(part)
        else:
            part.add(rows, group)


def render(group, parts):
    """The parts of a row joined: a list of texts, one for each message of the group.

    What is but a number may stay one: whoever lays out the row makes it text at less cost.
    """
    rows = Rows()
    add(parts, rows, group)
    return rows.joined(group.count)
