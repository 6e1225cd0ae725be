"""What is asked: a Selection of sockets, the Detail that is told of each, the Style in which it is written.

The options fill a :class:`Draft` from left to right; :meth:`Draft.settle` makes a Query of it, before
anything is asked.  The rules are those of fixtures/behaviour/command-line.md, 1.3 (tables, families and
states complete each other), 1.4 (the names of tables) and 2 (states).  Text is latin-1: a character is a
byte of the command line.
"""

from .errors import Failure, Notice, quoted, similar
from .kernel.abi.sock_diag import AF_INET, AF_INET6, AF_UNSPEC
from .states import ALL, SHOWN_AS, USUAL, WORDS as STATE_WORDS
from .tables import INET, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from typing import Any, Collection, Iterable, Sequence

TABLES = {name: row for row in ROWS for name in row.names}
FAMILY_WORDS = dict([('inet', AF_INET), ('inet6', AF_INET6)], **{row.word: row.families[0] for row in ROWS if row.word})
TABLE_WORDS = {'all': [name for row in ROWS if row.everyday for name in row.names],
               'inet': [name for row in ROWS if row.everyday and row.families == INET for name in row.names]}
for _row in ROWS:
    if _row.group:
        TABLE_WORDS[_row.group] = list(_row.names)
    TABLE_WORDS.update({word: [name] for word, name in _row.short.items()})
OTHER_WORDS = {'ipv4': 'inet', 'ip4': 'inet', 'ip': 'inet', 'ipv6': 'inet6', 'ip6': 'inet6'}   # what others call families
OWNERS = ('processes', 'threads', 'contexts')       # words of Detail that tell of the processes that hold a socket


def tables_named(word: str) -> 'Sequence[str] | None':
    """The tables that one word of `-A` stands for; None if it stands for nothing."""
    return (word,) if word in TABLES else TABLE_WORDS.get(word)


def states_of(family: int) -> int:
    """What a family shows unless told: the states of its first table."""
    return USUAL if family in INET else next(states for row in ROWS if family in row.families for states in row.names.values())


def merged(tables: 'Iterable[str]', families: 'Iterable[int]') -> 'tuple[frozenset[str], frozenset[int]]':
    """Both sets completed from each other: a table without any of its families gets them all, then a
    family without any of its tables.
    """
    tables, families = set(tables), set(families)
    for table in tables:
        own = TABLES[table].families
        if families.isdisjoint(own):
            families.update(own)
    for family in families:
        rows = [row for row in ROWS if family in row.families]
        if tables.isdisjoint([name for row in rows for name in row.names]):
            tables.update([name for row in rows if row.known for name in row.names])
    return frozenset(tables), frozenset(families)


CONDITIONS = [[word] for word in ('=', '==', 'eq', '!=', 'ne', 'neq', '~', '!~')]    # `state = listening` is one on the fact


def state_words(operands: 'list[str]', mask: int) -> 'tuple[int, list[str]]':
    """Take `state WORD` and `exclude WORD` from the front of the operands (2.4).

    ``mask`` is what the options said.  Returns the mask that holds now and the operands that are left:
    the filter expression.
    """
    at, said = 0, False
    while operands[at:] and operands[at] in ('state', 'exclude', 'excl') and operands[at + 1:at + 2] not in CONDITIONS:
        if not operands[at + 1:]:
            raise Failure('%s: which state? (see ssng --help)' % operands[at])
        states = STATE_WORDS.get(operands[at + 1].lower()) or SHOWN_AS.get(operands[at + 1].lower())
        if states is None:
            raise unknown('state', operands[at + 1], STATE_WORDS)
        if operands[at] == 'state':
            mask = (mask if said else 0) | states
        else:
            mask = (mask if said else ALL) & ~states
        said = True
        at += 2
    return mask, operands[at:]


def unknown(kind: str, word: str, known: 'Collection[str]') -> Failure:
    """The Failure that says which word is wrong, what comes close and what there is."""
    meant = [OTHER_WORDS[word]] if OTHER_WORDS.get(word) in known else similar(word, known)
    return Failure('unknown %s %s;%s known are: %s' % (
        kind, quoted(word), ' did you mean %s?' % meant[0] if meant else '', ' '.join(known)))


class Selection:
    """Which sockets.

    ``tables``     frozenset of names in TABLES
    ``families``   frozenset of AF numbers: no socket of another is shown
    ``family``     the family of a host in the filter that names none: that of the last family option;
                   AF_UNSPEC without one, and when -4 and -6 were both given
    ``states``     mask of the states to show; ``chosen``: by the user
    ``condition``  filter tree, None for every socket; ``text`` as it was typed
    ``netns``      words of --netns, none of them for all namespaces; None for the one that we are in
    ``hosts``      how many others are asked in place of this one
    ``reading``    filter.whole.Reading that made the condition, and makes that of another namespace; None without a filter
    """

    __slots__ = ('tables', 'families', 'family', 'states', 'chosen', 'condition', 'text', 'netns', 'hosts', 'reading')

    def __init__(self, tables, families, states, family=AF_UNSPEC, condition=None, text='', chosen=False, netns=None):
        self.tables = frozenset(tables)
        self.families = frozenset(families)
        self.family = family
        self.states = states
        self.chosen = chosen
        self.condition = condition
        self.text = text
        self.netns = netns
        self.hosts = 0
        self.reading = None

    @property
    def several(self) -> bool:
        """Whether sockets of more than one network namespace may be shown."""
        return self.netns is not None and len(self.netns) != 1


class Detail:
    """What is revealed of each socket beside what always is; each is a word that facts know as their ``reveal``.

    ``contexts`` 1: SELinux contexts of the tasks, 2: of the sockets too.  ``bpf_maps``: 'all', or a tuple of
    map ids.  ``services``, ``hosts``: names of ports and of addresses.  ``needed``: further words, of what must be
    fetched though nobody is shown it.
    """

    __slots__ = ('options', 'extended', 'memory', 'info', 'tipcinfo', 'processes', 'threads', 'contexts', 'tos',
                 'cgroup', 'sockopt', 'bpf', 'bpf_maps', 'services', 'hosts', 'netns', 'host', 'peers', 'rates',
                 'needed')

    needed: 'frozenset[str]'

    def __init__(self, **known: 'Any') -> None:
        for name in self.__slots__:
            setattr(self, name, known.pop(name, False))
        self.needed = self.needed or frozenset()
        assert not known, known

    @property
    def shown(self) -> 'frozenset[str]':
        """The words of what is revealed, as a frozenset."""
        return frozenset([name for name in self.__slots__ if name != 'needed' and getattr(self, name)])

    @property
    def wanted(self) -> 'frozenset[str]':
        """The words of what must be fetched: what is shown, and what the needed facts belong to."""
        return self.shown.union(self.needed)

    @property
    def owners(self):
        """Whether anything is told of the processes that hold a socket."""
        return not self.shown.isdisjoint(OWNERS)


class Style:
    """How it is written: text as ss has it, or JSON; in an Arrangement (:mod:`ssng.answer.arrangement`) otherwise.

    ``escape``: names may steer the terminal they go to.  ``color``: as it was typed, '' if it was not; later, whether.
    """

    __slots__ = ('numeric', 'resolve', 'oneline', 'header', 'queues', 'json', 'pretty', 'lines', 'escape', 'color')

    def __init__(self, numeric=False, resolve=False, oneline=False, header=True, queues=True, json=False,
                 pretty=False, lines=False, escape=False, color=''):
        self.numeric = numeric          # ports, protocols, netlink port ids, bandwidths as numbers
        self.resolve = resolve          # host names in place of addresses
        self.oneline = oneline
        self.header = header
        self.queues = queues
        self.json = json
        self.pretty = pretty
        self.lines = lines              # one object a line, no array
        self.escape = escape
        self.color = color

    def goes_to(self, terminal: bool) -> None:
        """Whether stdout is a terminal, which names from outside must not steer."""
        self.escape = not self.json and (self.color or terminal)


class Query:
    """A Selection, a Detail and a Style, and what is to be done with the sockets.

    ``events``, ``kill``, ``record``: -E, -K and -D.
    ``dry_run``: nothing is closed, what would be is shown.  ``summary``: JSON of -s that comes with the sockets, or None.
    ``arrangement``: which facts are shown, in which order, or counted, and as what; None for all as ss has it.
    """

    __slots__ = ('selection', 'detail', 'style', 'events', 'kill', 'record', 'arrangement', 'dry_run', 'summary')

    def __init__(self, selection, detail, style, events=False, kill=False, record=None, arrangement=None):
        self.selection = selection
        self.detail = detail
        self.style = style
        self.events = events
        self.kill = kill
        self.record = record            # a function that takes the bytes of messages, None without -D
        self.arrangement = arrangement
        self.dry_run = False
        self.summary = None

    def of(self, condition: 'Any') -> 'Query':
        """The same query with another condition."""
        other, selection = Query.__new__(Query), Selection.__new__(Selection)
        for copy, original in (other, self), (selection, self.selection):
            for name in original.__slots__:
                setattr(copy, name, getattr(original, name))
        other.selection, selection.condition = selection, condition
        return other

    @property
    def ahead(self) -> bool:
        """Whether a dump may begin before anybody is ready for its answer.

        Not where owners may have nobody to name: they are looked for when there is a row, and while a
        dump's thread lives, that pass over /proc has one core for itself.
        """
        return self.selection.condition is None or self.detail.wanted.isdisjoint(OWNERS)


class Draft:
    """A Query while its options are read.

    What an option does to the host it runs on (enter a namespace, open a file) waits in ``steps``, functions of
    this draft, until all words have been read.
    """

    __slots__ = ('tables', 'families', 'family', 'states', 'mask', 'narrowed', 'listed', 'detail', 'style',
                 'events', 'kill', 'summary', 'filter_lines', 'dump_path', 'record_path', 'replay_path', 'facts', 'explain',
                 'steps', 'arranged', 'every_netns', 'netns', 'dry_run', 'far', 'at_once', 'timeout', 'looks')

    def __init__(self):
        self.tables, self.families, self.family = set(), set(), AF_UNSPEC
        self.states = 0
        self.mask = 0                   # the states the user chose: 0 leaves ``states`` to the defaults
        self.narrowed = False           # a table or a family was chosen
        self.listed = False             # -A was there
        self.detail, self.style = Detail(), Style()
        self.events = self.kill = self.summary = False
        self.filter_lines = None        # -F: iterator of the lines of the filter file
        self.dump_path = None           # -D, as it was typed
        self.record_path = None         # --record
        self.replay_path = None         # --replay
        self.facts = None               # --facts: the word to look for, '' for all
        self.explain = False
        self.dry_run = False            # -K closes nothing
        self.every_netns = False        # --all-netns
        self.netns = ()                 # words of --netns
        self.far = ()                   # (option, word) for each host of --host, --pod and --via
        self.at_once = self.timeout = None          # as they were typed
        self.steps = []
        self.looks = {}                 # --watch and its like: their arguments
        self.arranged = {}              # name of an option of an Arrangement: its argument, None without one

    def add_table(self, table: str) -> None:
        self.tables.add(table)
        self.states |= TABLES[table].names[table]
        self.narrowed = True

    def add_family(self, family: int) -> None:
        self.families.add(family)
        self.states |= states_of(family)
        self.narrowed = True
        both = family in INET and self.families.issuperset(INET)
        self.family = AF_UNSPEC if both else family

    def list_tables(self, text: str) -> None:
        """`-A LIST`: the first one forgets the tables chosen so far; `!NAME` takes away."""
        if not self.listed:
            self.tables.clear()
            self.mask = self.mask or USUAL
        self.listed = self.narrowed = True
        for item in text.split(','):
            tables = tables_named(item[1:] if item.startswith('!') else item)
            if tables is None:
                raise unknown('table', item, list(TABLE_WORDS) + list(TABLES))
            if item.startswith('!'):
                self.tables.difference_update(tables)
            else:
                for table in tables:
                    self.add_table(table)

    def settle(self, operands: 'list[str]') -> 'tuple[Query, list[str]]':
        """All options are read: apply the state words among the operands and the defaults.

        Returns (Query, the operands that are left, the filter).  Raises Notice if nothing can be shown.
        """
        mask, left = state_words(operands, self.mask)
        chosen = len(left) < len(operands) or self.mask not in (0, USUAL)       # USUAL is what -A leaves
        operands = left
        tables = self.tables
        if not self.narrowed:
            mask = mask or USUAL
            tables = tables.union(TABLE_WORDS['all'])
        tables, families = merged(tables, self.families)
        if not tables:
            raise Notice('no tables are left to show')
        self.detail.services = not self.style.numeric
        self.detail.hosts = self.style.resolve
        netns = () if self.every_netns else self.netns or None
        self.detail.netns = netns is not None
        self.detail.host = len(self.far) > 0
        selection = Selection(tables, families, mask or self.states, self.family, text=' '.join(operands), chosen=chosen,
                              netns=netns)
        selection.hosts = len(self.far)
        query = Query(selection, self.detail, self.style, self.events, self.kill)
        query.dry_run = self.dry_run
        return query, operands
