"""Words to tree: the grammar of filters (command-line.md 3.1 to 3.4).

    filter      :=  [ any ]
    any         :=  all { or all }
    all         :=  one { [ and ] one }
    one         :=  { not } ( "(" any ")" | condition )
    condition   :=  autobound | SUBJECT [ OPERATOR ] VALUE

`and` binds tighter than `or`, as the manual of ss says and ss does not (README, Differences from ss).

What a value means depends on the last subject before it, and it is looked up the moment it is read, even
where the grammar has no place for it: the first problem from the left decides about message and exit
status.  That is ss's order, and why words are taken one at a time.
"""

from itertools import chain

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
    a :class:`ssng.filter.scope.Scope`.  Raises Failure: 255 where the grammar is broken, 1 where a value
    is.
    """
    return Parser(operands, lines, scope).filter()


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


class Parser:
    """One filter being read.  ``kind``, ``value``, ``start`` and ``end`` are of the word taken last."""

    def __init__(self, operands, lines, scope):
        self.scope = scope
        self.texts = list(operands)             # and each line, as it is read
        self.words = self.all_words(len(operands), lines)
        self.subject = 'src'            # decides how the next value is read

    def all_words(self, operands, lines):
        """(word, start, end): where it stands in the texts, joined by blanks.  No word goes on in the next text."""
        before = 0
        for number, text in enumerate(chain(self.texts[:], lines)):
            if number >= operands:
                self.texts.append(text)
            for word, start, end in words(text):
                yield word, before + start, before + end
            before += len(text) + 1
        yield None, max(before - 1, 0), None

    def take(self):
        """Read the next word and return what kind it is; a value is looked up at once."""
        word, self.start, self.end = next(self.words)
        self.kind = END if word is None else WORDS.get(word, VALUE)
        if self.kind in SUBJECTS:
            self.subject = self.kind
        elif self.kind is VALUE:
            read, side, _ = SUBJECTS[self.subject]
            try:
                self.value = read(word, side, self.scope)
            except Failure as failure:
                raise self.failure(failure.message, failure.status)
        return self.kind

    def filter(self):
        """All of it."""
        if self.take() is END:
            return None
        groups = [Group()]
        complete = False                # the words so far would do as a filter
        while not (complete and self.kind is END and len(groups) == 1):
            kind, group = self.kind, groups[-1]
            if kind == 'not':
                group.nots += 1
                complete = False
            elif kind == '(':
                groups.append(Group())
                complete = False
            elif kind in SUBJECTS:
                self.add(group, self.condition())
                complete = True
            elif complete and kind in ('and', 'or'):
                group.next(kind)
                complete = False
            elif complete and kind == ')' and len(groups) > 1:
                groups.pop()
                self.add(groups[-1], group.whole())
            else:
                raise self.misplaced(complete)
            self.take()
        return groups[0].whole()

    def add(self, group, node):
        if node.depth + group.nots > DEEPEST:
            raise self.failure('the filter is nested too deeply')
        group.add(node)

    def condition(self):
        """The condition whose subject was just taken."""
        subject = self.subject
        if subject == 'autobound':
            return Autobound(*self.scope.ephemeral_ports())
        operators = SUBJECTS[subject][2]
        operator = '='
        if self.take() in operators:
            operator = self.kind
            self.take()
        if self.kind is not VALUE:
            raise self.failure('%s needs a value%s' % (
                subject, ' here' if self.kind is END or self.kind in operators else
                '; it may follow one of: ' + ' '.join(operators)))
        return compared(self.value, operator)

    def misplaced(self, complete):
        """The Failure for a word that cannot stand where it does."""
        if not complete:
            return self.failure('expected a condition here: ' + ' '.join(sorted(SUBJECTS)))
        if self.kind is END:
            return self.failure('"(" without ")"')
        if self.kind == ')':
            return self.failure('")" without "("')
        return self.failure('expected "and", "or" or another condition here')

    def failure(self, message, status=255):
        """A Failure that shows the filter with the place of the last word."""
        text, first, last = ' '.join(self.texts), max(self.start - SHOWN, 0), self.start + SHOWN
        shown = ('...' if first else '') + text[first:last] + ('...' if text[last:] else '')
        shift = first - 3 if first else 0
        return Failure('%s\n%s' % (message, caret(shown, self.start - shift, min(self.end or self.start, last) - shift)), status)


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


def words(text):
    """(word, start, end): blanks part them, a backslash makes any character ordinary."""
    at = 0
    while True:
        while text[at:at + 1] in (' ', '\t'):
            at += 1
        if at >= len(text):
            return
        start, word = at, ''
        while text[at:at + 1] not in ('', ' ', '\t'):
            at += text[at] == '\\'
            word += text[at:at + 1]
            at += 1
        yield word, start, min(at, len(text))
