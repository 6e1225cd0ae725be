"""Conditions on facts: the operators a type of fact knows, and what a value means for it.

A value has been read into *items*, the parts between its commas: (text, pattern).  ``pattern`` is the same as a shell
pattern, None where there is none in it.  All text is latin-1.
"""

from .. import states
from ..errors import Failure, quoted, similar
from ..kernel.abi.sock_diag import AF_UNSPEC
from .hosts import INET, inet_port, no_address, prefix, without_colon
from .tree import ANY_PORT, Compare, Host, Not, Or, Pattern, Port
from .units import exact, quantity, scanned
from .values import c_integer, c_unsigned

EQUAL, MATCH = ('=', '!='), ('~', '!~')
ORDER = ('<', '<=', '>', '>=')
OPERATORS = {           # type of a fact: what it can be asked
    'number': EQUAL + ORDER, 'size': EQUAL + ORDER, 'time': EQUAL + ORDER, 'rate': EQUAL + ORDER, 'port': EQUAL + ORDER,
    'numbers': EQUAL + ORDER, 'flag': EQUAL, 'word': EQUAL + MATCH, 'words': EQUAL + MATCH, 'address': EQUAL + MATCH,
    'list': EQUAL + MATCH, 'data': EQUAL + MATCH,
}
NEGATIONS = {'!=': '=', '!~': '~'}
FLAGS = {'true': True, 'yes': True, '1': True, 'false': False, 'no': False, '0': False}
SIDES = {'local.port': 'src', 'peer.port': 'dst', 'local.address': 'src', 'peer.address': 'dst'}
WIDE = frozenset(['vsock_stream', 'vsock_dgram', 'tipc'])      # their ports have 32 bits
WHOLE = 64              # digits of the id of a container
# States of SCTP's associations, which no mask tells from each other (tables/sctp.py).
ASSOCIATION = states.CONNECTED


def check(entry, operator):
    """What is wrong with asking ``operator`` of a fact, or None."""
    known = OPERATORS[entry.kind.name]
    if operator in known:
        return None
    return '%s is a %s, which can be asked %s' % (entry.name, entry.kind.name, ' '.join(known))


def has(entry):
    return Compare(entry.read, 'has', (), entry)


def compared(entry, word, operator, items, scope):
    """The condition that ``operator`` and the items of a value make.

    ``word`` is the fact as it was typed: whether it names its unit decides what a bare number means.  Raises
    Failure of status 1 for a value that is none.
    """
    positive = NEGATIONS.get(operator, operator)
    if positive == '~':
        node = Compare(entry.read, '~', expression(items[0][0]), entry)
        if entry.name == 'state':
            found = [text for text in printed() if matches(node.values)(text)]
            node.mask = mask_of(found) or (ASSOCIATION if found else 0)
    elif positive == '=':
        node = equal(entry, word, items, scope)
    elif len(items) > 1:
        raise Failure('%s compares with one value, a list goes with = and !=' % operator, 1)
    else:
        node = ordered(entry, positive, value(entry, word, items[0], scope))
    return Not(node) if operator in NEGATIONS else node


def equal(entry, word, items, scope):
    if entry.name == 'state':
        return state(entry, items)
    found = tuple([value(entry, word, item, scope) for item in items])
    return Compare(entry.read, '=', found, entry, kernel=asked(entry.read, found))


def asked(name, values):
    """What the kernel can be asked in place of "the fact is one of these"."""
    side = SIDES.get(name)
    if side is None or any([one.__class__ is Pattern for one in values]):
        return None
    if name.endswith('address'):        # of its own family alone: that finds no mapped ones
        nodes = [Host(side, (one[0],), (one,), ANY_PORT) for one in values]
    elif all([0 <= one <= 0xffff for one in values]):
        nodes = [Host(side, None, (), one) for one in values]
    else:
        return None
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def ordered(entry, operator, bound):
    kernel = None
    if entry.name in SIDES and bound.__class__ is int and 0 <= bound <= 0xffff:
        order = '<=' if operator in ('<=', '>') else '>='
        port = Port(SIDES[entry.name], None, order, bound)
        kernel = port if order == operator else Not(port)
    return Compare(entry.read, operator, bound, entry, kernel=kernel)


# Values

def value(entry, word, item, scope):
    """What one item means for a fact."""
    text, pattern = item
    if not text and pattern is None and entry.kind.name != 'word':
        raise Failure('an item of the list is empty', 1)
    return READERS[entry.kind.name](entry, word, text, pattern, scope)


def number(entry, word, text, pattern, scope):
    found = c_integer(text, -1 << 63, (1 << 64) - 1)
    if found is None and entry.source == 'rate':        # which has fractions
        found, places = scanned(text)
        found = None if found is None else exact(found, 10 ** places)
    if found is None:
        raise Failure('%s is a number' % entry.name, 1)
    return found


def measure(entry, word, text, pattern, scope):
    return quantity(text, entry, word)


def port(entry, word, text, pattern, scope):
    text = without_colon(text)
    found = None if WIDE.isdisjoint(scope.tables) else c_unsigned(text)
    if found is None:
        found = inet_port(text, scope)
    if found == ANY_PORT:
        raise Failure('this is no port', 1)
    return found


def flag(entry, word, text, pattern, scope):
    if text.lower() not in FLAGS:
        raise Failure('%s is a flag: true or false' % entry.name, 1)
    return FLAGS[text.lower()]


def plain(entry, word, text, pattern, scope):
    if pattern is not None:
        return Pattern(pattern)
    if entry.kind.brief and len(entry.kind.brief(text.ljust(WHOLE, '0'))) <= len(text) < WHOLE:     # as columns show it
        return Pattern(text + '*')
    if entry.kind.form == '"%x"':               # a number of which only the digits matter
        try:
            return '%x' % int(text, 16)
        except ValueError:
            raise Failure('%s is written in hex digits' % entry.name, 1)
    return text


def address(entry, word, text, pattern, scope):
    if pattern is not None and ('*' in text or '?' in text):
        return Pattern(pattern)
    bare = text
    if text.startswith('['):
        bare, bracket, rest = text[1:].partition(']')
        bare += rest if rest.startswith('/') else ''
        if not bracket or rest and not rest.startswith('/'):
            raise Failure('this is no address', 1)
    family = scope.family if scope.family in INET else AF_UNSPEC
    found = prefix(bare, family)
    if found is None and family != AF_UNSPEC and prefix(bare, AF_UNSPEC):
        raise Failure(no_address(bare, family, scope), 1)
    if found is None:
        raise Failure('this is no address; of names, src and dst know', 1)
    return found


READERS = {
    'number': number, 'numbers': number, 'size': measure, 'time': measure, 'rate': measure, 'port': port, 'flag': flag,
    'word': plain, 'words': plain, 'list': plain, 'data': plain, 'address': address,
}


# Expressions and patterns: texts are UTF-8 for them, what is none is kept as it is

def decoded(text):
    return text.encode('latin-1').decode('utf-8', 'surrogateescape')


def expression(text):
    """The text of a regular expression, if it is one."""
    import re
    try:
        compiled(text)
    except (re.error, ValueError, OverflowError, RecursionError) as error:      # ValueError: thousands of digits
        raise Failure('this is no regular expression: %s' % error, 1)
    return text


def compiled(text):
    """The expression.  That other versions of Python may read it otherwise (``[[a]``) is nothing to warn users of."""
    import re
    import warnings
    warnings.filterwarnings('ignore', module=re.escape(__name__) + '$')
    return re.compile(decoded(text))


def matches(text):
    """test(value): is the expression anywhere in it?"""
    search = compiled(text).search
    return lambda value: search(decoded(value)) is not None


def fits(pattern):
    """test(value): is all of it what the pattern says?"""
    from .globs import expression
    match = expression(decoded(pattern), folded=False).match
    return lambda value: match(decoded(value)) is not None


# States

def printed():
    """What tables print of states."""
    from ..tables.common import STATES
    from ..tables.sctp import STATES as ASSOCIATION_STATES
    return STATES + ASSOCIATION_STATES


def state(entry, items):
    """A condition on the state: words of ss, and what tables print, in any case; one word may mean several states.

    A pattern is one of what tables print.
    """
    known, mask, texts = spelled(), 0, set()
    for text, pattern in items:
        wanted = text.lower().replace('_', '-')
        if pattern is not None:
            match = fits(pattern.lower().replace('_', '-'))
            found = [known[form] for form in [name.lower().replace('_', '-') for name in printed()] if match(form)]
        elif wanted in known:
            found = [known[wanted]]
        else:
            meant = similar(wanted, known)
            raise Failure('unknown state %s%s' % (quoted(text), '; did you mean %s?' % meant[0] if meant else ''))
        for bits, names in found:
            mask |= bits
            texts |= names
    return Compare(entry.read, '=', tuple(sorted(texts)), entry, mask or (ASSOCIATION if texts else 0))


def spelled():
    """{word: (mask, what tables print)} for every word that means a state, in small letters, with hyphens."""
    from ..tables.common import STATES, UNKNOWN
    from ..tables.sctp import STATES as ASSOCIATION_STATES
    known = {word: (mask, {name for number, name in enumerate(STATES) if mask >> number & 1})
             for word, mask in states.WORDS.items()}
    for bits, name in [(1 << number, name) for number, name in enumerate(STATES)] + [(0, name) for name in ASSOCIATION_STATES]:
        word = name.lower().replace('_', '-')
        mask, names = known.get(word, (0, frozenset()))
        known[word] = mask | bits, names | {name}
    return {word: (mask, names | {UNKNOWN} if mask & 1 else names) for word, (mask, names) in known.items()}


def mask_of(names):
    """The states that tables print so."""
    from ..tables.common import STATES
    return sum([1 << number for number, name in enumerate(STATES) if name in names])


def chosen(node):
    """The mask of the states that a tree, as a whole, can be true for; None if it says nothing about them."""
    if node.__class__ is Compare:
        return node.mask
    if node.__class__ is Not:
        mask = chosen(node.part) if node.part.__class__ is Compare else None
        return None if mask is None else states.ALL & ~mask
    if node.__class__ is Or:
        masks = [chosen(part) for part in node.parts]
        return None if None in masks else merged(masks, int.__or__)
    masks = [mask for mask in map(chosen, getattr(node, 'parts', ())) if mask is not None]
    return merged(masks, int.__and__) if masks else None


def merged(masks, join):
    whole = masks[0]
    for mask in masks[1:]:
        whole = join(whole, mask)
    return whole
