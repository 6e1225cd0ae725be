"""Shell patterns as fnmatch(3) of the C library reads them, case folded, in the C locale.

The standard library's fnmatch knows neither the backslash nor `[^...]` nor `[[:alpha:]]`, and ss hands
the pattern to the C library (command-line.md 4.6).  Names and patterns are latin-1 text: a character is a byte, and
only ASCII letters have case.
"""

LETTERS = 'abcdefghijklmnopqrstuvwxyz'
CAPITALS = LETTERS.upper()
DIGITS = '0123456789'
PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

CLASSES = {
    'alnum': LETTERS + CAPITALS + DIGITS,
    'alpha': LETTERS + CAPITALS,
    'blank': ' \t',
    'cntrl': ''.join(map(chr, range(32))) + '\x7f',
    'digit': DIGITS,
    'graph': LETTERS + CAPITALS + DIGITS + PUNCTUATION,
    'lower': LETTERS,
    'print': LETTERS + CAPITALS + DIGITS + PUNCTUATION + ' ',
    'punct': PUNCTUATION,
    'space': ' \t\n\v\f\r',
    'upper': CAPITALS,
    'xdigit': DIGITS + 'abcdefABCDEF',
}

EVERY = frozenset(map(chr, range(256)))


def expression(pattern, folded=True):
    """The regular expression, compiled, that matches whole names as ``pattern`` does; if ``folded``, in any case."""
    import re
    cases = both if folded else set
    found, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == '*':
            found.append('.*' if found[-1:] != ['.*'] else '')
        elif char == '?':
            found.append('.')
        else:
            members = cases(char)
            if char == '[':
                members, at = bracket(pattern, at, cases)
            elif char == '\\':
                members = cases(pattern[at:at + 1])
                at += 1
            some = '[%s]'
            if not folded and len(members) > len(EVERY) // 2:       # of UTF-8: what is not among these, whatever it is
                some, members = '[^%s]', EVERY - members
            found.append(some % ''.join(map(re.escape, sorted(members))) if members else '(?!)')
    return re.compile(''.join(found) + '\\Z', re.DOTALL)


def both(char):
    """Both cases of an ASCII letter; any other character alone, nothing for nothing."""
    return {char.lower(), char.upper()} if char in CLASSES['alpha'] and char else set(char)


def bracket(pattern, at, cases):
    """The characters that `[...]` stands for, and where the pattern goes on; ``at`` is after the `[`.

    Without its `]` the bracket is an ordinary character.  Where an item means nothing the C library
    gives up: what the items before it said remains, or nothing if that was to be negated.
    """
    start = at
    negated = pattern[at:at + 1] in ('!', '^')
    at += negated
    first, members, broken = at, set(), False
    while at < len(pattern) and (pattern[at] != ']' or at == first):
        found, at = item(pattern, at, cases)
        broken = broken or found is None
        if not broken:
            members |= found
    if at >= len(pattern):
        return members & {'['} if broken else {'['}, start
    if negated:
        members = set() if broken else EVERY - members
    return members, at + 1


def item(pattern, at, cases):
    """What one item inside brackets stands for (None: nothing), and where the next one begins."""
    if pattern.startswith('[:', at):
        end = at + 2
        while pattern[end:end + 1] in CLASSES['lower'] and end < len(pattern):
            end += 1
        if pattern.startswith(':]', end):
            members = CLASSES.get(pattern[at + 2:end])
            return members and set(members), end + 2
    if pattern.startswith('[=', at) and pattern.startswith('=]', at + 3):
        return {pattern[at + 2]}, at + 5
    low, at, symbol = edge(pattern, at)
    if low is None or pattern[at:at + 1] != '-' or pattern[at + 1:at + 2] == ']':
        return low and ({low} if symbol else cases(low)), at
    high, at, _ = edge(pattern, at + 1)
    if high is None:
        return None, at
    folded = fold if cases is both else str
    return {char for char in EVERY if folded(low) <= folded(char) <= folded(high)}, at


def edge(pattern, at):
    """One character of a bracket, plain, escaped or written `[.x.]`: it, where it ends, and if it was the last."""
    if pattern.startswith('[.', at):
        end = pattern.find('.]', at + 2)
        return (pattern[at + 2], end + 2, True) if end == at + 3 else (None, end + 2 if end > 0 else len(pattern), True)
    at += pattern.startswith('\\', at)
    return pattern[at:at + 1] or None, at + 1, False


def fold(char):
    return char.lower() if char in CLASSES['upper'] else char
