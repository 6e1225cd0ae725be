"""Facts to JSON: nothing of it is written by hand, it follows from their names, kinds and values.

    facts    local.port  local.interface  peer.port
    pairs    Object local [Pair port, Pair interface]  Object peer [Pair port]
    text     "local":{"port":22,"interface":"eth0"},"peer":{"port":4711}

What is absent has no key, an object without any pair is absent itself.  So a comma in front of a pair may have
to go when its row is made: only where the first pair of an object is not certain, which is rare.
"""

from .render import Cells, Part, Rows, present


class Json(str):
    """A text that is JSON already."""

    __slots__ = ()


def encoded(value):
    """A value as JSON: None for what is absent."""
    kind = value.__class__
    if kind is int:
        return '%d' % value
    if kind is bool:
        return 'true' if value else 'false'
    if kind is str:
        from .escape import json_string
        return json_string(value)
    if kind is dict:
        return '{%s}' % ','.join(['"%s":%s' % (name, encoded(item)) for name, item in value.items() if item is not None])
    if kind is list or kind is tuple:
        return '[%s]' % ','.join(['null' if item is None else encoded(item) for item in value])
    if kind is Json:
        return str(value)
    return None if value is None else repr(value)


def data_json(value):
    """What a program kept, as JSON: its texts are Unicode, and None is null."""
    from .escape import MAY
    try:
        from json import dumps
    except ImportError:                 # a small Python: Debian's python3-minimal
        return data_text(value)
    return dumps(value, ensure_ascii=False, separators=(',', ':')).translate(MAY)


def data_text(value):
    """The same without the json module, which is quicker."""
    kind = value.__class__
    if kind is dict:
        return '{%s}' % ','.join(['%s:%s' % (data_text(name), data_text(item)) for name, item in value.items()])
    if kind is list or kind is tuple:
        return '[%s]' % ','.join(map(data_text, value))
    if kind is str:
        return encoded(value.encode('utf-8', 'replace').decode('latin-1'))
    return 'null' if value is None else encoded(value)


class Pair:
    """A key and a value of a JSON object: what ``write`` makes of ``value(members' values)``, None if it is absent.

    ``told``: a function of a group, whether any of its messages may have it; None: if they have the members.
    """

    __slots__ = ('key', 'alternatives', 'value', 'write', 'certain', 'told', '_parts')

    def __init__(self, key, alternatives, value, write, certain, told=None):
        self.key = key
        self.alternatives = alternatives
        self.value = value
        self.write = write
        self.certain = certain
        self.told = told
        self._parts = {}                # by what stands in front of the key

    def applies(self, group):
        return self.told(group) if self.told else present(self.alternatives, group, True) is not None

    def add(self, rows, group, comma):
        part = self._parts.get(comma)
        if part is None:
            part = self._parts[comma] = self.part('%s"%s":' % (comma, self.key))
        part.add(rows, group)

    def part(self, front):
        function, write = self.value, self.write
        if function is None:
            return Part(self.alternatives, front + write, whole=True)

        def pair(*values):
            value = function(*values)
            return front + write(value) if value is not None else ''
        return Part(self.alternatives, pair, whole=True)


class Texts:
    """A pair whose texts a function of (group, text in front of the value) makes; '' where it is absent."""

    __slots__ = ('key', 'make', 'certain', 'test')

    def __init__(self, key, make, certain=True, test=None):
        self.key = key
        self.make = make
        self.certain = certain
        self.test = test

    def applies(self, group):
        return self.test is None or self.test(group)

    def add(self, rows, group, comma):
        front = '%s"%s":' % (comma, self.key)
        Cells(lambda group: self.make(group, front)).add(rows, group)


class Object:
    """A JSON object of pairs and objects.  It is not there where none of its members is; the outermost is empty then."""

    __slots__ = ('key', 'pairs')

    def __init__(self, key, pairs):
        self.key = key
        self.pairs = pairs

    certain = True                      # what only may be there is dealt with in add()

    def applies(self, group):
        return any([pair.applies(group) for pair in self.pairs])

    def surely(self, pairs, group):
        first = pairs[0]
        if first.__class__ is Object:
            return first.surely([pair for pair in first.pairs if pair.applies(group)], group)
        return first.certain

    def add(self, rows, group, comma=''):
        front = '%s"%s":{' % (comma, self.key) if self.key else '{'
        pairs = [pair for pair in self.pairs if pair.applies(group)]
        if not pairs:
            if not self.key:
                rows.same('{}')
            return
        if self.surely(pairs, group):
            rows.same(front)
            pairs[0].add(rows, group, '')
            for pair in pairs[1:]:
                pair.add(rows, group, ',')
            rows.same('}')
        else:                           # which member comes first is another in each row
            some = Rows()
            for pair in pairs:
                pair.add(some, group, ',')
            Cells(lambda group: [front + text[1:] + '}' if text or not self.key else ''
                                 for text in some.joined(group.count)]).add(rows, group)


def objects(pairs):
    """Pairs with dotted names, (name, pair), made members of one another: those of one path stand together."""
    made, index = [], {}
    for name, pair in pairs:
        path = name.split('.')[:-1]
        place = made
        for depth, key in enumerate(path, 1):
            inner = index.get(tuple(path[:depth]))
            if inner is None:
                inner = index[tuple(path[:depth])] = Object(key, [])
                place.append(inner)
            place = inner.pairs
        place.append(pair)
    return made


def json_object(facts, words, host):
    """The Object of all that is shown of ``facts``."""
    return Object(None, objects([(fact.name, fact.pair(host)) for fact in facts if fact.shown(words)]))
