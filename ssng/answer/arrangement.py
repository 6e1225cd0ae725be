"""What is shown of the sockets, in which order, or counted, and as what: the options that ss does not have.

They are words while a draft is filled (``Draft.arranged``).  :func:`arrangement` makes an Arrangement of them before
anything is asked or printed, so that whatever is wrong with them is all that is told.
"""

from ..errors import Failure, quoted
from ..host.words import decimal

SUMS = ('total', 'max', 'min', 'avg')
ENDS = ('local', 'peer')                # columns that are no facts: address and port, as ss shows them
FORMATS = ('json', 'csv', 'tsv', 'openmetrics')
SUMMABLE = frozenset(['number', 'size', 'time', 'rate', 'port'])

# What cannot go together; the first is what there is less of.
EXCLUDED = (
    ('openmetrics', FORMATS), ('csv', FORMATS), ('tsv', FORMATS), ('json=lines', ('pretty',)),
    ('count', ('columns', 'kill', 'events', 'diag', 'summary')),
    ('sort', ('kill', 'events', 'diag', 'summary')), ('top', ('kill', 'events', 'diag', 'summary')),
    ('columns', ('diag', 'summary')), ('csv', ('diag', 'summary')), ('tsv', ('diag', 'summary')), ('json=lines', ('diag',)),
)


class Column:
    """A fact that somebody named: ``typed``, and the catalogue's Entry; None of one of the ENDS."""

    __slots__ = ('typed', 'name', 'entry')

    def __init__(self, typed, entry):
        self.typed = typed
        self.name = entry.name if entry else typed
        self.entry = entry


class Arrangement:
    """``columns``    Columns to show, None for those of ss; ``more``: behind those of ss
    ``separator``     of CSV, None if it is not CSV
    ``openmetrics``   whether counts are told so
    ``sort``          (what, descending) for each key: the name of a fact; of counts the place in a row
    ``top``           how many rows, None for all
    ``count``         Columns by which to count; None to show sockets
    ``sums``          (one of SUMS, Column) for each
    """

    __slots__ = ('columns', 'more', 'separator', 'openmetrics', 'sort', 'top', 'count', 'sums')

    def __init__(self, given):
        """``given``: {name of an option: its argument}"""
        self.more = (given.get('columns') or '').startswith('+')
        self.columns = columns('columns', given['columns'][self.more:], ENDS) if 'columns' in given else None
        self.separator = ',' if 'csv' in given else '\t' if 'tsv' in given else None
        self.openmetrics = 'openmetrics' in given
        self.top = number(given['top']) if 'top' in given else None
        self.count = None
        if 'count' in given:
            self.count = columns('count', given['count']) if given['count'] is not None else []
        self.sums = [(name, column) for name in SUMS if name in given for column in columns(name, given[name])]
        for name, column in self.sums:
            if column.entry.kind.name not in SUMMABLE:
                raise Failure('--%s: %s is no number' % (name, column.name))
            if column.entry.several:
                raise Failure('--%s: a socket may have more than one %s' % (name, column.name))
        self.sort = [self.key(*directed(word)) for word in listed('sort', given['sort'])] if 'sort' in given else []

    def named(self):
        """The full names of all facts that it takes."""
        found = [column.name for column in self.columns or () if column.entry]
        found += [column.name for column in self.count or ()] + [column.name for _, column in self.sums]
        return found if self.count is not None else found + [name for name, _ in self.sort]

    def key(self, word, descending):
        """What ``sort`` holds for a word."""
        if self.count is None:
            return resolved('sort', word).name, descending
        function, bracket, rest = word.partition('(')
        if bracket and rest.endswith(')') and function in SUMS:
            wanted = function, resolved('sort', rest[:-1]).name
        elif word == 'count':
            wanted = 'count'
        else:
            wanted = resolved('sort', word).name
        places = ['count'] + [column.name for column in self.count] + [(name, column.name) for name, column in self.sums]
        if wanted not in places:
            raise Failure('--sort: %s is not among what is counted' % quoted(word))
        return places.index(wanted), descending

    def applied(self, query):
        """``query``, in which all that is needed is asked for."""
        names = self.named()
        if names:                       # it imports all tables
            from ..catalogue import resolve, words_for
            query.detail.needed = query.detail.needed.union(words_for(names))
        for name, _ in self.sort if self.count is None else ():
            has = resolve(name).tables
            if query.selection.tables.isdisjoint(has):
                raise Failure('--sort: no table that is asked for has %s, which is of %s' % (name, ' '.join(has)))
        query.arrangement = self
        if self.separator:              # where a table asks for what ss's text does not show
            query.detail.needed = query.detail.needed.union(query.detail.shown)
        return query


def arrangement(draft):
    """The Arrangement that a Draft asks for; None if all is as ss has it."""
    given = draft.arranged
    there = {'kill': draft.kill, 'events': draft.events, 'diag': draft.dump_path is not None, 'summary': draft.summary,
             'json': draft.style.json, 'pretty': draft.style.pretty, 'json=lines': draft.style.lines}
    for name, others in EXCLUDED:
        for other in others:
            if other != name and (name in given or there.get(name)) and (other in given or there.get(other)):
                raise Failure('--%s and --%s exclude each other' % (name, other))
    for name in SUMS + ('openmetrics',):
        if name in given and 'count' not in given:
            raise Failure('--%s goes with --count alone' % name)
    return Arrangement(given) if given else None


def columns(option, text, others=()):
    """The Columns of a list."""
    return [Column(word, None if word in others else resolved(option, word)) for word in listed(option, text)]


def listed(option, text):
    """The words of a list, of which there is one at least."""
    words = [word.strip() for word in text.split(',')]
    if '' in words:
        raise Failure('--%s: %s' % (option, 'a word is missing in %s' % quoted(text) if text.strip() else 'the list is empty'))
    return words


def directed(word):
    """(name, whether the largest comes first) of a sort key."""
    name, colon, direction = word.partition(':')
    if colon and direction not in ('asc', 'desc'):
        raise Failure('--sort: %s: a key is FACT, -FACT or FACT:desc' % quoted(word))
    return name[name.startswith('-'):], name.startswith('-') or direction == 'desc'


def resolved(option, word):
    """The Entry of a fact."""
    from ..catalogue import resolve
    try:
        return resolve(word)
    except Failure as failure:
        raise Failure('--%s: %s' % (option, failure.message), failure.status)


def number(text):
    """How many rows."""
    found = decimal(text)
    if not found:
        raise Failure('--top: %s is not a number of rows, 1 or more' % quoted(text), 1)
    return found
