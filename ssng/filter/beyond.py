"""What a filter may hold beyond the words of ss: facts, the two words of tcpdump, words that stand close together.

A :class:`ssng.filter.syntax.Parser` comes here with a word that ss would not take where it stands, a Failure otherwise:

    rtt>100ms       a fact, its operator and its value, which may have blanks between them, or quotes around it
    recv_q          a fact alone: it is there, and neither zero nor false
    port 443        either end; as are `host ADDRESS`, `:443`, `10.0.0.7`, `10.0.0.7:443`
    !(sport=:80)    three words of ss, and one that ends in a bracket (see syntax: that takes a second reading)
"""

from ..catalogue import DOUBTFUL, INDEX, closest
from ..errors import Failure, quoted
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC
from ..query import TABLE_WORDS, TABLES
from . import facts
from .hosts import prefix, split
from .syntax import SUBJECTS, VALUE, WORDS, compared, plain, word_end
from .tree import Or

GLUED = ('==', '!=', '>=', '<=', '!~', '=', '<', '>', '~')      # operators that need no blanks; the longest first
COMPARISONS = ('=', '!=', '>=', '<=', '>', '<')
NAME = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.')
FACTS = {               # the facts that ss's words stand for where they are matched with an expression
    'src': 'local.address', 'dst': 'peer.address', 'sport': 'local.port', 'dport': 'peer.port', 'dev': 'local.interface',
    'fwmark': 'mark', 'cgroup': 'cgroup'}
EITHER = {'port': ('sport', 'dport'), 'host': ('src', 'dst')}
BEFORE = ('state', 'exclude', 'excl')


# Words that stand close together

def operator_of(raw):
    """How many characters of a word are an operator that it begins with; 0 for none, and for what looks like two."""
    operator = next((operator for operator in GLUED if raw.startswith(operator)), '')
    behind = raw[len(operator):len(operator) + 1]
    return 0 if behind and behind in '=<>~' and operator not in facts.MATCH else len(operator)


def name_of(raw):
    """The name that a word begins with, and what is left of it."""
    end = 0
    while end < len(raw) and raw[end] in NAME:
        end += 1
    return raw[:end], raw[end:]


def partial(parser):
    """Of a word that stands for a condition take but the first part, if that is a word of ss's."""
    raw = parser.raw
    name, rest = name_of(raw)
    if raw[0] in '()' or raw[0] == '!' and not operator_of(raw):
        parser.part(1)
    elif raw[:2] in ('&&', '||'):
        parser.part(2)
    elif raw[0] in '&|':
        parser.part(1)
    elif name in ('and', 'or', 'not') and rest[:1] in ('(', '!') or name in SUBJECTS and (operator_of(rest) or rest[:1] == ')'):
        parser.part(len(name))


def matching(parser, length, apart):
    """Whether the operator that was just taken is one for expressions; ss takes it for a name if nothing follows."""
    if parser.raw[:length] not in facts.MATCH:
        return False
    if not apart or len(parser.raw) > length:
        return not apart
    following = parser.next()
    return bool(following) and WORDS.get(plain(following), VALUE) is VALUE


# Conditions

def condition(parser, complete):
    """The condition that begins with the word just taken."""
    name, rest = name_of(parser.raw)
    if name in EITHER and (not rest or operator_of(rest) or rest[0] == ')') and not (name == 'host' and compares(parser, rest)):
        parser.part(len(name))
        return either(parser, name)
    if name in INDEX and (not rest or operator_of(rest) or rest[0] in '&|)'):
        parser.part(len(name))
        return fact(parser, name)
    if parser.loose:
        parser.cut()
    node = address(parser)
    if node is None:
        raise stranger(parser, complete)
    return node


def compares(parser, rest):
    """Whether an operator follows, ``rest`` being what is left of the word."""
    following = rest or parser.next()
    return bool(operator_of(following)) or WORDS.get(plain(following)) in COMPARISONS


def fact(parser, name):
    """The condition on a fact whose name was just taken."""
    following = parser.next()
    length = operator_of(following)
    if not length and WORDS.get(plain(following)) not in COMPARISONS:
        parser.bare = name, parser.end
        return facts.has(INDEX[name])
    parser.take()
    return named(parser, name, length or len(parser.raw))


def named(parser, name, length):
    """The condition on a fact; of the word just taken, so many characters are its operator."""
    entry = INDEX[name]
    parser.part(length)
    operator = WORDS.get(parser.word, parser.word)
    wrong = facts.check(entry, operator)
    if wrong:
        raise parser.failure(wrong)
    items = value(parser, name, operator in facts.MATCH)
    try:
        return facts.compared(entry, name, operator, items, parser.scope)
    except Failure as failure:
        raise parser.failure(failure.message, failure.status)


def either(parser, name):
    """`port` or `host`, which was just taken: that of one end or of the other."""
    operator = '='
    parser.take()
    if parser.kind is VALUE and operator_of(parser.raw):
        parser.part(operator_of(parser.raw))
    if parser.kind in COMPARISONS:
        operator = parser.kind
        parser.take()
    if parser.kind is not VALUE:
        raise parser.failure('%s needs a value' % name)
    if parser.loose:
        parser.cut()
    return of_ends(parser, EITHER[name], operator)


def of_ends(parser, subjects, operator='='):
    """The condition that the word just taken is the address or the port of one end."""
    parser.scope.listeners = True
    positive = '=' if operator == '!=' else operator
    node = Or([compared(parser.value(subject, positive), positive) for subject in subjects])
    return compared(node, operator) if operator == '!=' else node


def address(parser):
    """The condition that a lone address, port or both make; None if the word just taken is none of them."""
    word = parser.word
    if parser.scope.family not in (AF_UNSPEC, AF_INET, AF_INET6) or len(word) < 2:
        return None
    if word[0] == ':' and word[1] != ':':
        return of_ends(parser, EITHER['port'])
    if ':' in word and prefix(word, AF_UNSPEC):
        parser.word = '[%s]' % word             # ss would take its end for a port
    else:
        try:
            text, _ = split(word)
        except Failure:
            return None
        if not (prefix(text, AF_UNSPEC) and text.strip('0123456789') or word.startswith('*:')):
            return None
    return of_ends(parser, EITHER['host'])


def listed(word, read, side, scope):
    """The condition that one of a list holds; None if not all of it are values."""
    try:
        return Or([read(part, side, scope) for part in word.split(',') if part or unfit(word)])
    except (Failure, IndexError):
        return None


def unfit(word):
    raise Failure('an item of the list is empty', 1)


# Values

def value(parser, name, whole):
    """The items of the value that comes next, as facts.compared takes them; one if ``whole``, with its backslashes."""
    found = parser.texts.word(*parser.place)
    if found is None or WORDS.get(plain(parser.next()), SUBJECTS) not in (SUBJECTS, *SUBJECTS) or parser.next()[0] == ')':
        parser.take()
        raise parser.failure('%s needs a value here' % name)
    number, start, _ = found
    text, closing = parser.texts.texts[number], parser.loose and len(parser.groups) > 1
    if whole:
        found, end = expression(text, start, closing)
        items = [(found, None)]
    else:
        items, end = parts(text, start, closing)
    parser.taken(number, start, end if end is not None else word_end(text, start))
    if end is None:
        raise parser.failure('a quotation has no end')
    return items


def parts(text, at, closing):
    """[(text, pattern)] of the parts of a list that begins here, and where it ends; None for no end of a quotation."""
    items = []
    while True:
        item, at = (quotation if text[at:at + 1] == '"' else bare)(text, at, closing)
        items.append(item)
        if at is None or text[at:at + 1] != ',':
            return items, at
        at += 1


def quotation(text, at, closing):
    """The words between double quotes: a backslash makes any character ordinary, and no pattern is in them."""
    found, at = '', at + 1
    while at < len(text) and text[at] != '"':
        at += text[at] == '\\'
        found += text[at:at + 1]
        at += 1
    return (found, None), at + 1 if at < len(text) else None


def bare(text, at, closing):
    """A word up to a blank or a comma, if ``closing`` to a bracket that nothing in it opens."""
    found, pattern, depth, wild = '', '', 0, False
    while text[at:at + 1] not in ('', ' ', '\t', ','):
        char = text[at]
        depth += (char == '(') - (char == ')')
        if closing and depth < 0:
            break
        if char == '\\':
            at += 1
            char = text[at:at + 1]
            pattern += '\\'
        else:
            wild = wild or char in '*?['
        found += char
        pattern += char
        at += 1
    return (found, pattern if wild else None), min(at, len(text))


def expression(text, at, closing):
    """A regular expression as it stands, and where it ends; quotes around it are none of it."""
    if text[at] == '"':
        end = at + 1
        while end < len(text) and text[end] != '"':
            end += 1 + (text[end] == '\\')
        return text[at + 1:end].replace('\\"', '"'), end + 1 if end < len(text) else None
    end = word_end(text, at)
    depth, place = 0, at
    while closing and place < end:
        depth += (text[place] == '(') - (text[place] == ')')
        if depth < 0:
            return text[at:place], place
        place += 1 + (text[place] == '\\')
    return text[at:end], end


def paths(parser):
    """The condition that the word just taken, no cgroup's path, makes of the fact: patterns, quoted paths."""
    number, start = parser.begun
    items, end = parts(parser.texts.texts[number], start, parser.loose and len(parser.groups) > 1)
    if end is None:
        raise parser.failure('a quotation has no end')
    parser.taken(number, start, end)
    return facts.equal(INDEX['cgroup'], 'cgroup', items, parser.scope)


# Words that mean nothing

EXPANDED = '; a * that the shell makes file names of needs quotes around it'


def expanded(parser):
    """Whether the word just taken is one of several file names, as the shell makes them of a * without quotes."""
    texts, number = parser.texts.texts, parser.begun[0]
    names = [text for text in texts[max(number - 1, 0):number + 2] if parser.word and file_here(text)]
    return len(names) > 1 and file_here(texts[number])


def file_here(text):
    if not text or '/' in text or '\0' in text:
        return False
    from os.path import lexists
    return lexists(text.encode('latin-1'))


class NoHosts:
    """A scope that asks nobody for the address of a host: a word that means nothing is no reason to ask the network."""

    def __init__(self, scope):
        self.scope = scope

    def __getattr__(self, name):
        return getattr(self.scope, name)

    def addresses(self, name, family):
        return []


def stranger(parser, complete):
    """The Failure for a word that begins no condition: what may have been meant, and the status that ss has for it."""
    read, side, _ = SUBJECTS[parser.subject]
    status = 255
    try:                            # what ss stumbles over is the fact, if one stands in front without an operator
        read(bare_before(parser) or parser.word, side, NoHosts(parser.scope))
    except Failure as failure:
        status = failure.status
    return parser.failure(meant(parser, complete), status)


def bare_before(parser):
    """The fact that stands, without an operator, directly in front of the word just taken; None if none does."""
    name, end = getattr(parser, 'bare', (None, 0))
    return name if name and parser.start <= end + 1 else None


def meant(parser, complete):
    """What to say of such a word."""
    word = parser.word
    name, rest = name_of(word)
    before = bare_before(parser)
    if before:
        return '%s and its value need an operator between them: %s = %s' % (before, before, quoted(word)[1:-1])
    expected = 'expected %s here' % ('"and", "or" or another condition' if complete else 'a condition')
    if expanded(parser):
        return expected + EXPANDED
    if word and not word.strip('0123456789'):
        return '%s; a port is written :%s' % (expected, word)
    if name.startswith('port') and name[4:].isdigit():
        return 'unknown word %s; a port is written :%s, or port %s' % (quoted(word), name[4:], name[4:])
    if word in TABLE_WORDS or word in TABLES:
        return '%s; sockets of the table %s are shown with -A %s' % (expected, word, word)
    if word.startswith('/'):
        return expected + '; the path of a unix socket follows src or dst' + (
            '' if parser.scope.family == AF_UNIX else ', and they are shown with -x')
    if word in BEFORE:
        return '%s stands in front of all conditions; behind them, write state = or state !=' % word
    if name in DOUBTFUL:
        return '%s may mean %s' % (quoted(name), ' '.join(DOUBTFUL[name]))
    close = closest(name.lower(), sorted({known for known in [*INDEX, *WORDS] if known[0] in NAME})) if name else []
    if close:
        return 'unknown word %s; did you mean %s?' % (quoted(word), ' or '.join(close))
    if name == word and not complete and not operator_of(parser.next(False)):
        return 'unknown word %s; sockets of a process of this name are found by comm = %s' % (quoted(word), word)
    return 'unknown word %s; %s' % (quoted(word), expected)
