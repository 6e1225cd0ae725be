"""The sockets of a batch as objects: each attribute is read from a column, which is made for the whole batch at once.

    Look     how sockets of one table are told, for one query: the tree of their facts, by the names of JSON keys
    Found    the sockets of one batch: {name of a fact: its column}, made when it is first asked for
    Socket   a Found and the number of a row; ``socket.info`` is a Part, the same with a branch of the tree
"""

from .answer.arranged import json_view, owner_keys
from .answer.columns import told_owners
from .catalogue import ENTRIES, Reader, distinct, resolve
from .errors import Failure
from .fields import DATA, LIST
from .objects import encoded
from .tables.processes import PEER_UNDER, UNDER, inodes, owned

HOLDERS = {under.rstrip('.'): under for under in (UNDER, PEER_UNDER)}
ORDER = ''                      # the key in a branch of the tree of (its path, its facts, those first that cost least)


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
        self.tree = {ORDER: ('', [])}
        words = query.detail.shown
        for fact in table.every(query.detail.wanted):
            if fact.shown(words) or fact.name in named:
                self.plant(fact)

    def plant(self, fact):
        """Put a fact into the tree."""
        branch, path = self.tree, ''
        *keys, last = fact.name.split('.')
        for key in keys:
            path += key + '.'
            branch = branch.setdefault(key, {ORDER: (path, [])})
            branch[ORDER][1].insert(0 if fact.value is None else len(branch[ORDER][1]), fact.name)
        branch[last] = fact.name

    def sockets(self, batch):
        """The Sockets of a Batch, in the kernel's order."""
        return map(Socket, [Found(self, batch)] * batch.count, range(batch.count))


def viewed(table, query, host, owners, known):
    """The function from a Batch to the JSON texts of its sockets."""
    if query.arrangement:
        return json_view(query, owners, known)(table, host).rows
    from .tables.table import JsonView
    return JsonView(table, query, host, owners).rows


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


class Part:
    """Some facts of a socket: those of one branch of the tree."""

    __slots__ = ('_found', '_row', '_names')

    def __init__(self, found, row, names):
        self._found = found
        self._row = row
        self._names = names

    def __getattr__(self, name):
        what = self._names.get(name)
        kind = what.__class__
        if kind is str:
            value = self._found[what][self._row]
            return list(value) if value.__class__ is list else value
        if kind is dict:
            for leaf in what[ORDER][1]:
                if self._found[leaf][self._row] is not None:
                    return Part(self._found, self._row, what)
            return None
        return self._absent(name)

    def _absent(self, name):
        """What there is of a name that is not told: None if another query, or another socket, may have it."""
        path = self._names[ORDER][0] + name
        if path in HOLDERS:
            return self._found.processes(HOLDERS[path], self._row)
        if path in ENTRIES or any([known.startswith(path + '.') for known in ENTRIES]):
            return None
        raise AttributeError('%r is no fact of a socket; see ssng.facts()' % path)

    def __dir__(self):
        return sorted(list(super().__dir__()) + [name for name in self._names if name])

    def __repr__(self):
        pairs = [(name, getattr(self, name)) for name in self._names if name]
        return 'Part(%s)' % ', '.join(['%s=%r' % pair for pair in pairs if pair[1] is not None])


class Socket(Part):
    """One socket, as it was when the kernel told of it.

    Attributes are the keys of ``ssng -j``, nested: ``s.local.port``, ``s.info.rtt_us``.  What it does not have, or was not
    asked for, is None.  Two are equal if they are the same socket: the same namespace and cookie.
    """

    __slots__ = ()

    def __init__(self, found, row):
        self._found = found
        self._row = row
        self._names = found.look.tree

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
    values = [getattr(part, name) for name in part._names if name]
    return ':'.join([str(value) for value in values[:2] if value is not None and not isinstance(value, Part)])
