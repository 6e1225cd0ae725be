"""The sockets of a batch as objects: each attribute is read from a column, which is made for the whole batch at once.

    Look     how sockets of one table are told, for one query
    Branch   the facts of one object of the JSON, by its keys: the whole is one, ``local`` another
    Found    the sockets of one batch: {name of a fact: its column}, made when it is first asked for
    Socket   (Found, number of a row, Branch); ``socket.info`` is a Part, the same with another Branch

A program that looks at ``state`` of one socket looks at that of the next.  So what has been asked of the sockets of one
batch is put into those of the next from the start, by C code that joins columns to tuples, and read from there:

    1st batch   (found, 0, branch)                  state: not there, found in its column; the branch remembers it
    2nd batch   (found, 0, branch, 'ESTAB')         state: a descriptor, the fourth of the tuple
"""

from _functools import partial
from itertools import repeat

from .answer.arranged import json_view, owner_keys
from .answer.columns import told_owners
from .catalogue import ENTRIES, Reader, distinct, resolve
from .errors import Failure
from .fields import DATA, LIST
from .objects import encoded
from .tables.processes import PEER_UNDER, UNDER, inodes, owned

HOLDERS = {under.rstrip('.'): under for under in (UNDER, PEER_UNDER)}
FIXED = 3                       # members of the tuple that every object has


def python(value):
    """A value of a column as JSON has it: text that was latin-1 is what its bytes say in UTF-8."""
    kind = value.__class__
    if kind is str:
        return value.encode('latin-1').decode('utf-8', 'replace')
    if kind is tuple or kind is list:
        return [python(item) for item in value]
    if isinstance(value, dict):
        return {key: python(item) for key, item in value.items() if item is not None}
    return value


def loaded(value):
    """A value that holds objects, as JSON has it; None if it is absent."""
    if value is None:
        return None
    from json import loads
    return record(loads(encoded(list(value) if value.__class__ is tuple else value)))


def record(value):
    """What JSON tells, its objects as Records."""
    if value.__class__ is list:
        return [record(item) for item in value]
    return Record(value) if value.__class__ is dict else value


class Record:
    """An object of which a socket may have several, a process that holds it for one: its keys are attributes too."""

    __slots__ = ('_data',)

    def __init__(self, data):
        self._data = data

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return record(self._data.get(name))

    def __getitem__(self, name):
        return record(self._data[name])

    def __eq__(self, other):
        return self.__class__ is other.__class__ and self._data == other._data

    def __hash__(self):
        return hash(tuple(sorted([(key, repr(value)) for key, value in self._data.items()])))

    def __repr__(self):
        return 'Record(%s)' % ', '.join(['%s=%r' % pair for pair in self._data.items()])

    def as_dict(self):
        return dict(self._data)


class Look:
    """How the sockets of one table are told for a query; ``owners`` are shown, ``known`` tell what facts need."""

    def __init__(self, table, query, host, owners, known):
        self.table = table
        self.host = host
        self.reader = Reader(table, host, known)
        self.owners = known if table.inode else None
        arrangement = query.arrangement
        named = [column.name for column in arrangement.columns or ()] if arrangement else []
        # {UNDER or PEER_UNDER: what is told of each process, None for what -p tells}
        self.keys = owner_keys(query, owners, named) if arrangement else {UNDER: None if owners else [], PEER_UNDER: []}
        self.view = viewed(table, query, host, owners, known)
        self.tree = Branch('', Socket)
        words = query.detail.shown
        for fact in table.every(query.detail.wanted):
            if fact.shown(words) or fact.name in named:
                self.tree.plant(fact)

    def sockets(self, batch):
        """The Sockets of a Batch, in the kernel's order."""
        return self.tree.objects(Found(self, batch))


def viewed(table, query, host, owners, known):
    """The function from a Batch to the JSON texts of its sockets."""
    if query.arrangement:
        return json_view(query, owners, known)(table, host).rows
    from .tables.table import JsonView
    return JsonView(table, query, host, owners).rows


class Branch:
    """The facts of one object.

    ``path``     what their names begin with
    ``members``  {key: name of a fact, or a Branch}
    ``facts``    the names of all of them, those first that cost least
    ``used``     keys whose values are put into the objects of the next batch
    """

    def __init__(self, path, base):
        self.path = path
        self.base = self.kind = base
        self.members = {}
        self.facts = []
        self.used = []

    def plant(self, fact):
        """Put a fact where it belongs."""
        key, dot, _ = fact.name[len(self.path):].partition('.')
        self.facts.insert(0 if fact.value is None else len(self.facts), fact.name)
        if dot:
            self.members.setdefault(key, Branch(self.path + key + '.', Part)).plant(fact)
        else:
            self.members[key] = fact.name

    def use(self, key):
        """Somebody asks for it."""
        if key not in self.used:
            self.used.append(key)
            getters = {name: getter(FIXED + at) for at, name in enumerate(self.used)}
            self.kind = type(self.base.__name__, (self.base,), dict(getters, __slots__=()))

    def objects(self, found):
        """An object for each socket."""
        columns = [repeat(found), range(found.batch.count), repeat(self)]
        for key in self.used:
            what = self.members[key]
            columns.append(found[what] if what.__class__ is str else what.present(found))
        return map(partial(tuple.__new__, self.kind), zip(*columns))

    def present(self, found):
        """The same; None for a socket that has none of the facts."""
        made = list(self.objects(found))
        if None not in found[self.facts[0]]:
            return made
        return [one if self.there(found, row) else None for row, one in enumerate(made)]

    def there(self, found, row):
        return any([found[name][row] is not None for name in self.facts])


class Found(dict):
    """The sockets of one Batch: {name of a fact: its column}."""

    __slots__ = ('look', 'batch', '_texts', '_inodes')

    def __init__(self, look, batch):
        super().__init__()
        self.look = look
        self.batch = batch
        self._texts = None
        self._inodes = {}               # UNDER or PEER_UNDER: which sockets those hold that are told of

    def __missing__(self, name):
        values = self.look.reader.values(self.batch, name)
        entry = ENTRIES[name]
        if entry.kind in (LIST, DATA):
            values = list(map(loaded, values))
        elif entry.kind.name == 'word' or entry.several:
            values = distinct(python, values)
        self[name] = values
        return values

    def texts(self):
        """The JSON of all sockets."""
        if self._texts is None:
            self._texts = self.look.view(self.batch)
        return self._texts

    def processes(self, under, row):
        """The Records of those who hold a socket, or its other end; None where nobody asked for them."""
        look, keys = self.look, self.look.keys[under]
        if keys == []:
            return None
        if not look.owners:
            return []
        if under not in self._inodes:
            self._inodes[under] = self.batch.ordered(
                [inodes(look.table, under, group, look.host) for group in self.batch.groups])
        from json import loads
        text, = told_owners(look.owners, [self._inodes[under][row]], '', keys)
        return record(loads(text)) if text else []


def getter(index):
    """A descriptor of one member of a tuple."""
    try:
        from _collections import _tuplegetter       # that of named tuples: C code
        return _tuplegetter(index, None)
    except ImportError:                             # before Python 3.8
        return property(lambda self: tuple.__getitem__(self, index))


class Part(tuple):
    """Some facts of a socket: those of one Branch.  It is a tuple for the sake of speed alone."""

    __slots__ = ()
    _found, _row, _branch = map(getter, range(FIXED))
    __iter__ = __len__ = __contains__ = None
    index = property(lambda self: self.__getattr__('index'))        # else a method of tuples
    count = property(lambda self: self.__getattr__('count'))

    def __getattr__(self, name):
        branch, found = self._branch, self._found
        what = branch.members.get(name)
        kind = what.__class__
        if kind is str:
            value = found[what][self._row]
            if value.__class__ is list:
                return list(value)
            if not ENTRIES[what].several:
                branch.use(name)
            return value
        if kind is Branch:
            branch.use(name)
            return tuple.__new__(what.base, (found, self._row, what)) if what.there(found, self._row) else None
        return self._absent(name)

    def _absent(self, name):
        """What there is of a name that is not told: None if another query, or another socket, may have it."""
        path = self._branch.path + name
        if path in HOLDERS:
            return self._found.processes(HOLDERS[path], self._row)
        if path in ENTRIES or any([known.startswith(path + '.') for known in ENTRIES]):
            return None
        raise AttributeError('%r is no fact of a socket; see ssng.facts()' % path)

    def __bool__(self):
        return True

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((id(self._found), self._row, id(self._branch)))

    def __lt__(self, other):
        return NotImplemented
    __le__ = __gt__ = __ge__ = __lt__

    def __dir__(self):
        return sorted(list(object.__dir__(self)) + list(self._branch.members))

    def __repr__(self):
        pairs = [(name, getattr(self, name)) for name in self._branch.members]
        return 'Part(%s)' % ', '.join(['%s=%r' % pair for pair in pairs if pair[1] is not None])


class Socket(Part):
    """One socket, as it was when the kernel told of it.

    Attributes are the keys of ``ssng -j``, nested: ``s.local.port``, ``s.info.rtt_us``.  What it does not have, or was not
    asked for, is None.  Two are equal if they are the same socket: the same namespace and cookie.
    """

    __slots__ = ()

    def __getitem__(self, name):
        """The value of a fact by its name or one of its short forms; None if it is absent.  KeyError if it is no fact."""
        try:
            name = resolve(name.encode('utf-8').decode('latin-1')).name
        except Failure as failure:
            raise KeyError(failure.message)
        if owned(name):
            under, key = owned(name)
            return [getattr(each, key) for each in self._found.processes(under, self._row) or ()
                    if getattr(each, key) is not None] or None
        value = self
        for key in name.split('.'):
            value = None if value is None else getattr(value, key)
        return value

    def get(self, name, default=None):
        """The same; ``default`` if it is absent or no fact."""
        try:
            value = self[name]
        except KeyError:
            return default
        return default if value is None else value

    def to_json(self):
        """The JSON object, one line, as ``ssng -j`` prints it."""
        return self._found.texts()[self._row]

    def as_dict(self):
        """The same as a dict of its own."""
        from json import loads
        return loads(self.to_json())

    def kill(self):
        """Close it (SOCK_DESTROY); returns whether it was still there.  KernelError where that is refused."""
        from errno import ENOENT, EOPNOTSUPP

        from . import KernelError
        from .answer.closing import close
        from .kernel.exchange import Refused
        look = self._found.look
        if not look.table.destroyable:
            raise KernelError(EOPNOTSUPP, 'the kernel closes no sockets of the table %s' % look.table.name)
        try:
            return close(look.table, self._found.batch, self._row, look.host)
        except Refused as refused:
            if refused.errno == ENOENT:
                return False
            raise KernelError(refused.errno, str(refused))

    def _identity(self):
        cookie = self._found['cookie'][self._row]
        return (self._found.look.host.netns.inode, cookie) if cookie is not None else (id(self._found), self._row)

    def __eq__(self, other):
        return isinstance(other, Socket) and self._identity() == other._identity()

    def __hash__(self):
        return hash(self._identity())

    def __repr__(self):
        from .escape import one_line
        ends = [end_of(getattr(self, end)) for end in ('local', 'peer')]
        text = ' '.join([str(word) for word in [self.netid, self.state] + ends if word is not None])
        return '<Socket %s>' % one_line(text.encode('utf-8').decode('latin-1')).encode('latin-1').decode('utf-8', 'replace')


def end_of(part):
    """One end of a socket in a word: its address and port, or what stands for them."""
    if part is None:
        return None
    values = [getattr(part, name) for name in part._branch.members]
    return ':'.join([str(value) for value in values[:2] if value is not None and not isinstance(value, Part)])
