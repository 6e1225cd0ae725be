"""Words to tree: the grammar of filters (command-line.md 3.1 to 3.4).

    filter      :=  [ any ]
    any         :=  all { or all }
    all         :=  one { [ and ] one }
    one         :=  { not } ( "(" any ")" | condition )
    condition   :=  autobound | SUBJECT [ OPERATOR ] VALUE

and, where ss would end with an error (:mod:`.beyond`),

    condition   :=  FACT [ OPERATOR LIST ] | port [ OPERATOR ] VALUE | host VALUE | [ ADDRESS ][ :PORT ]

`and` binds tighter than `or`, as the manual of ss says and ss does not (README, Differences from ss).

What a value means depends on the last subject before it, and it is looked up the moment it is read, even
where the grammar has no place for it: the first problem from the left decides about message and exit
status.  That is ss's order, and why words are taken one at a time.

Whatever ss accepts means here what it means there.  So a filter is read twice at most.  First a word ends at the next
blank, as in ss.  Only if that comes to nothing, an operator may begin a word and a bracket may end one:

    src unix:/tmp/a=(b)     the whole word is the name
    ( sport =:80)           `=:80)` is no operator to ss; read again, it is `=`, `:80` and `)`
"""

from ..errors import Failure, caret
from .hosts import host, port
from .tree import And, Autobound, Not, Or, Port
from .values import cgroup, device, mark

DEEPEST = 150           # levels of the tree: what walks it recurses
LINE = 1023             # bytes that ss takes of a line in a filter file, newline included
SHOWN = 60              # characters of a long filter that a message shows before and after the place

VALUE, END = 'value', 'end'

WORDS = {
    '!': 'not', 'not': 'not',
    '&': 'and', '&&': 'and', 'and': 'and',
    '|': 'or', '||': 'or', 'or': 'or',
    '(': '(', ')': ')',
    '=': '=', '==': '=', 'eq': '=',
    '!=': '!=', 'ne': '!=', 'neq': '!=',
    '>=': '>=', 'ge': '>=', 'geq': '>=',
    '<=': '<=', 'le': '<=', 'leq': '<=',
    '>': '>', 'gt': '>',
    '<': '<', 'lt': '<',
    'src': 'src', 'dst': 'dst', 'sport': 'sport', 'dport': 'dport',
    'dev': 'dev', 'fwmark': 'fwmark', 'cgroup': 'cgroup', 'autobound': 'autobound',
}

SUBJECTS = {            # subject: how its value is read, the end it speaks of, its operators
    'src': (host, 'src', ('=',)),
    'dst': (host, 'dst', ('=',)),
    'sport': (port, 'src', ('=', '!=', '<', '<=', '>', '>=')),
    'dport': (port, 'dst', ('=', '!=', '<', '<=', '>', '>=')),
    'dev': (device, None, ('=', '!=')),
    'fwmark': (mark, None, ('=', '!=')),
    'cgroup': (cgroup, None, ('=', '!=')),
    'autobound': (host, 'src', ()),
}


def parse(operands, lines, scope):
    """The tree of a filter, None if there are no words in it.

    ``operands``: words of the command line, each may hold several words of the filter; they are read
    first.  ``lines``: of a filter file, see :func:`read_filter_file`.  Both are latin-1 text.  ``scope``:
    a :class:`ssng.filter.scope.Scope`; its ``listeners`` becomes True where a word of tcpdump's was among them.  Raises
    Failure: 255 where the grammar is broken, 1 where a value is.
    """
    texts = Texts(operands, lines)
    strict = Parser(texts, scope)
    try:
        return strict.filter()
    except Failure as failure:
        if not strict.loosened():
            raise
        first = failure
    loose = Parser(texts, scope, True)
    try:
        return loose.filter()
    except Failure as failure:
        if loose.start < strict.start:
            raise first
        raise Failure(failure.message, first.status if loose.start == strict.start else failure.status, failure.position)


def read_filter_file(name):
    """Iterator of the lines of a filter file, `-...` is stdin; opened at once, read when they are needed.

    Of each line what ss takes (command-line.md 3.2): the text before a NUL, nothing if it begins with `#` or `0`.
    """
    try:
        file = open(0, 'rb', closefd=False) if name.startswith('-') else open(name.encode('latin-1'), 'rb')
    except IsADirectoryError:
        return iter(())                 # fopen(3) opens it and reads nothing
    except OSError as error:
        raise Failure('cannot open the filter file: ' + error.strerror)
    return filter_lines(file)


def filter_lines(file):
    lines = opened_lines(file)
    next(lines)                         # begun, it closes the file even if nobody reads on
    return lines


def opened_lines(file):
    """None, and what ss takes of each line."""
    with file:
        yield None
        for line in iter(lambda: file.readline(LINE), b''):
            text = line.partition(b'\0')[0].decode('latin-1')
            if not text:
                raise Failure('a line of the filter file begins with a NUL byte')
            if len(text) == LINE:
                raise Failure('a line of the filter file is longer than %d bytes' % (LINE - 2))
            if text[0] not in '#0':
                yield text.rstrip('\n')


class Texts:
    """The operands and lines of a filter, one after the other; a line is not read before it is needed."""

    def __init__(self, operands, lines):
        self.texts = list(operands)
        self.lines = iter(lines)
        self.begins = [0]               # of each text, where all are joined by blanks
        for text in self.texts:
            self.begins.append(self.begins[-1] + len(text) + 1)

    def word(self, number, at, more=True):
        """(number of the text, start, end) of the word at this place or behind it; None if there is none.

        Without ``more`` no further line is read for it.
        """
        while True:
            if number == len(self.texts):
                line = next(self.lines, None) if more else None
                if line is None:
                    return None
                self.texts.append(line)
                self.begins.append(self.begins[-1] + len(line) + 1)
            text = self.texts[number]
            while text[at:at + 1] in (' ', '\t'):
                at += 1
            if at < len(text):
                return number, at, word_end(text, at)
            number, at = number + 1, 0

    def end(self):
        return max(self.begins[-1] - 1, 0)


def word_end(text, at):
    """Where the word at this place ends: blanks part words, a backslash makes any character ordinary."""
    while text[at:at + 1] not in ('', ' ', '\t'):
        at += 1 + (text[at] == '\\')
    return min(at, len(text))


def plain(raw):
    """A word without its backslashes."""
    if '\\' not in raw:
        return raw
    word, at = '', 0
    while at < len(raw):
        at += raw[at] == '\\'
        word += raw[at:at + 1]
        at += 1
    return word


class Parser:
    """One filter being read.

    Of the word taken last: ``kind``, ``word``, ``raw`` with its backslashes, ``start`` and ``end`` among all texts.
    ``place``: the number of a text, and where in it the next word begins.
    """

    def __init__(self, texts, scope, loose=False):
        self.texts = texts
        self.scope = scope
        self.loose = loose
        self.place = 0, 0
        self.subject = 'src'            # decides how the next value is read
        self.groups = [Group()]
        self.begun = 0, 0
        self.raw = ''
        self.whole = 0                  # where the last word ends that was taken in parts

    def take(self):
        """Go on to the next word and return what kind it is."""
        found = self.texts.word(*self.place)
        if found is None:
            self.kind, self.word, self.raw, self.start, self.end = END, None, '', self.texts.end(), None
            return END
        number, start, end = found
        return self.taken(number, start, end)

    def taken(self, number, start, end):
        """The word taken last is what stands here."""
        self.begun, self.place = (number, start), (number, end)
        self.raw = self.texts.texts[number][start:end]
        self.word = plain(self.raw)
        self.start, self.end = self.texts.begins[number] + start, self.texts.begins[number] + end
        self.kind = WORDS.get(self.word, VALUE)
        if self.kind in SUBJECTS:
            self.subject = self.kind
        return self.kind

    def part(self, length):
        """Of the word taken last take but the first characters; the rest is the next word."""
        if length < len(self.raw):
            self.whole = max(self.whole, self.end)
        number, start = self.begun
        return self.taken(number, start, start + length)

    def next(self, more=True):
        """The next word as it stands, which is not taken; '' at the end, or where no ``more`` lines are to be read."""
        found = self.texts.word(*self.place, more)
        return self.texts.texts[found[0]][found[1]:found[2]] if found else ''

    def loosened(self):
        """Whether to read again may help: some word has an operator or a bracket that does not stand alone."""
        every = [word for text in self.texts.texts for word in text.split()]
        return any([word not in WORDS and (')' in word or word[0] in '=<>!~') for word in every])

    def filter(self):
        """All of it."""
        if self.take() is END:
            return None
        complete = False                # the words so far would do as a filter
        while not (complete and self.kind is END and len(self.groups) == 1):
            if self.kind is VALUE:
                from .beyond import partial
                partial(self)
            kind, group = self.kind, self.groups[-1]
            if kind == 'not':
                group.nots += 1
                complete = False
            elif kind == '(':
                self.groups.append(Group())
                complete = False
            elif kind in SUBJECTS:
                self.add(group, self.condition())
                complete = True
            elif complete and kind in ('and', 'or'):
                group.next(kind)
                complete = False
            elif complete and kind == ')' and len(self.groups) > 1:
                self.groups.pop()
                self.add(self.groups[-1], group.whole())
            elif kind is VALUE:
                from .beyond import condition
                self.add(group, condition(self, complete))
                complete = True
            else:
                raise self.misplaced(complete)
            self.take()
        return self.groups[0].whole()

    def add(self, group, node):
        if node.depth + group.nots > DEEPEST:
            raise self.failure('the filter is nested too deeply')
        group.add(node)

    def condition(self):
        """The condition whose subject was just taken."""
        subject, end = self.subject, self.end
        if subject == 'autobound':
            return Autobound(*self.scope.ephemeral_ports())
        operators = SUBJECTS[subject][2]
        operator = '='
        if self.take() is VALUE and self.raw[0] in '=<>!~':
            from .beyond import matching, operator_of
            length, apart = operator_of(self.raw), not self.loose and self.start > end     # apart: as ss reads it
            if matching(self, length, apart):
                from .beyond import FACTS, named
                return named(self, FACTS[subject], length)
            if length and not apart:
                self.part(length)
        if self.kind in operators:
            operator = self.kind
            self.take()
        if self.kind is not VALUE:
            raise self.failure('%s needs a value%s' % (
                subject, ' here' if self.kind is END or self.kind in operators else
                '; it may follow one of: ' + ' '.join(operators)))
        if self.loose:
            self.cut()
        return compared(self.value(subject, operator), operator)

    def value(self, subject, operator='='):
        """The condition that ``subject`` is the word that was just taken, or one of the list in it."""
        read, side, _ = SUBJECTS[subject]
        try:
            return read(self.word, side, self.scope)
        except Failure as failure:
            if ',' in self.word and operator in ('=', '!='):
                from .beyond import listed
                node = listed(self.word, read, side, self.scope)
                if node is not None:
                    return node
            if subject == 'cgroup' and not {'*', '?', '[', '"'}.isdisjoint(self.raw):
                from .beyond import paths
                return paths(self)
            from .beyond import EXPANDED, expanded
            raise self.failure(failure.message + (EXPANDED if expanded(self) else ''), failure.status)

    def cut(self):
        """Leave the bracket that ends a word, and what is behind it, for the next word, where a bracket is open."""
        depth = 0
        for at, char in enumerate(self.raw):
            depth += (char == '(') - (char == ')')
            if depth < 0 and len(self.groups) > 1 and at:
                self.part(at)
                self.kind = VALUE
                return

    def misplaced(self, complete):
        """The Failure for a word that cannot stand where it does."""
        if not complete:
            return self.failure('expected a condition here: ' + ' '.join(sorted(SUBJECTS)) + ', or a fact (see ssng --facts)')
        if self.kind is END:
            return self.failure('"(" without ")"')
        if self.kind == ')':
            return self.failure('")" without "("')
        return self.failure('expected "and", "or" or another condition here')

    def failure(self, message, status=255):
        """A Failure that shows the filter with the place of the last word.

        Inside a word that ss takes as a whole it is a value that ss cannot read: status 1.
        """
        status = 1 if self.start < self.whole else status
        text, first, last = ' '.join(self.texts.texts), max(self.start - SHOWN, 0), self.start + SHOWN
        shown = ('...' if first else '') + text[first:last] + ('...' if text[last:] else '')
        shift = first - 3 if first else 0
        marked = caret(shown, self.start - shift, min(self.end or self.start, last) - shift)
        return Failure('%s\n%s' % (message, marked), status, self.start)


class Group:
    """What stands between two parentheses, being read."""

    def __init__(self):
        self.alternatives = []
        self.parts = []
        self.nots = 0                   # before the next part

    def add(self, node):
        for _ in range(self.nots):
            node = Not(node)
        self.nots = 0
        self.parts.append(node)

    def next(self, kind):
        if kind == 'or':
            self.alternatives.append(joined(And, self.parts))
            self.parts = []

    def whole(self):
        return joined(Or, self.alternatives + [joined(And, self.parts)])


def joined(join, parts):
    return parts[0] if len(parts) == 1 else join(parts)


def compared(node, operator):
    """``node`` says "is the value"; the condition that ``operator`` makes of it."""
    if operator in ('=', '!='):
        return Not(node) if operator == '!=' else node
    order = '<=' if operator in ('<=', '>') else '>='
    bound = Port(node.side, node.families, order, node.port)
    return bound if operator == order else Not(bound)
