"""Blocks of :mod:`.guide` for a terminal of 80 columns."""

from .guide import BLOCKS, TOPICS

WIDTH = 79              # of 80 columns: a full line makes some terminals leave one empty
TERM = 26               # where what stands behind a word begins
USAGE = '''\
Usage: ssng [OPTIONS] [state STATE] [FILTER]
       ssng --help [%s]
''' % '|'.join(TOPICS)


def text(topic=None):
    """The help on a topic, all options without one."""
    return USAGE * (topic is None) + '\n'.join(lines(BLOCKS[topic]())).lstrip('\n') + '\n'


def lines(blocks):
    for kind, content in blocks:
        yield ''
        if kind == 'section':
            yield content
            yield '-' * len(content)
        elif kind == 'text':
            yield from filled(content)
        elif kind == 'code':
            yield from ['    ' + line for line in content]
        else:
            for word, about in content:
                yield from entry(word, about)


def entry(word, about):
    """A word, and behind it what it is; where it is long, below it."""
    about = filled(about, TERM)
    if len(word) + 4 > TERM:
        yield from filled(word, 2)
    else:
        about[0] = '  ' + word.ljust(TERM - 2) + about[0][TERM:]
    yield from about


def filled(text, indent=0):
    """Lines of a text, broken at blanks."""
    made, line = [], ''
    for word in text.split():
        if line and indent + len(line) + 1 + len(word) > WIDTH:
            made.append(' ' * indent + line)
            line = ''
        line += ' ' * bool(line) + word
    return made + [' ' * indent + line]
