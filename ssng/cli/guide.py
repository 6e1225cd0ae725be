"""What --help, the manual and the completions tell, made from the tables that the program runs on.

A guide is a list of blocks, which :mod:`.page` lays out for a terminal and :mod:`.manual` for man(1):

    ('section', title)      ('text', sentences)      ('terms', [(word, what it is), ...])      ('code', [line, ...])

Nothing here lists what stands in a table elsewhere: an option, a table, a state, an operator or a fact that is added
there is told here, too.
"""

from .. import states
from ..catalogue import entries
from ..filter.beyond import EITHER
from ..filter.facts import MATCH, OPERATORS
from ..filter.syntax import SUBJECTS, WORDS
from ..filter.units import UNITS
from ..query import FAMILY_WORDS, TABLE_WORDS, TABLES, Detail, Draft, Style
from ..tables.common import STATES
from . import examples, options

CHOICES = (options.table, options.tables, options.family, options.family_named, options.states, options.filter_file,
           options.netns)
DETAILS = (options.contexts, options.all_maps, options.one_map)
FORMS = (options.arranged, options.json, options.color)
GROUPS = ('Which sockets', 'What is told of each', 'How it is shown, or counted', 'Everything else')
TOPICS = ('filter', 'facts', 'columns', 'examples')

ABOUT = {               # the words of a condition, as ss has them and tcpdump
    'src': 'address, and perhaps port, of this end: src 10.0.0.0/8, src [::1]:22, src /run/x.sock',
    'dst': 'the same of the other end', 'sport': 'port of this end: sport = :22, sport >= :1024',
    'dport': 'port of the other end', 'dev': 'interface the socket is bound to: its name or number',
    'fwmark': 'firewall mark: NUMBER or NUMBER/MASK', 'cgroup': 'path of a cgroup v2',
    'autobound': 'alone: the port was chosen by the kernel',
    'port': 'port of either end: port 443', 'host': 'address of either end: host 10.0.0.7',
}
JOINTS = {'not': 'the condition behind it is false', 'and': 'both are true; it may be left out, and binds tighter than or',
          'or': 'one is true'}
COMPARED = {
    '=': 'is; of a fact also: one of a list, or what a shell pattern with * ? [ ] matches', '!=': 'is not',
    '<': 'is less', '<=': 'is at most', '>': 'is greater', '>=': 'is at least',
    '~': 'a regular expression is found in it', '!~': 'no regular expression is',
}
FILTER = '''\
filter     :=  [ state STATE | exclude STATE ] ... [ any ]
any        :=  all { or all }
all        :=  one { [ and ] one }
one        :=  { not } ( "(" any ")" | condition )
condition  :=  SUBJECT [ OPERATOR ] VALUE   |  autobound
            |  port [ OPERATOR ] PORT       |  host ADDRESS
            |  [ ADDRESS ][ :PORT ]
            |  FACT OPERATOR VALUE[,VALUE]  |  FACT'''
KINDS = {
    'number': 'a number', 'size': 'bytes', 'time': 'a time', 'rate': 'bytes a second', 'word': 'a text',
    'flag': 'true, or absent',
    'words': 'a set of words', 'numbers': 'a set of numbers', 'address': 'an IP address', 'port': 'a port',
    'list': 'a list of objects', 'data': 'what a program keeps',
}


# What the help of ss keeps to itself.
UNTOLD = {'query': 'show these tables', 'socket': 'the same as --query'}
STATELESS = {'bound-inactive': 'bound to a port, and neither connected nor listening', 'unknown': 'of no state that has a name'}


# Options

def group(option):
    """Where an option stands in GROUPS: that follows from what it sets."""
    effect, thing = option[3], option[4]
    owners = [attribute.__objclass__ for attribute in (thing if isinstance(thing, tuple) else (thing,))
              if hasattr(attribute, '__objclass__')]
    if effect in CHOICES or thing == (Draft.every_netns,):
        return 0
    if effect in DETAILS or Detail in owners:
        return 1
    return 2 if effect in FORMS or Style in owners else 3


def term(option):
    """`-n, --numeric`, with what the option takes."""
    name, letters, argument = option[:3]
    value = '' if argument is None else argument if argument.startswith('[') else '=' + (argument or 'NAME')
    return ', '.join(['-' + letter for letter in letters] + ['--%s%s' % (name, value)])


def option_blocks():
    every = options.OPTIONS + options.MORE_OPTIONS
    blocks = []
    for number, title in enumerate(GROUPS):
        chosen = [(term(option), option[5].strip() or UNTOLD[option[0]]) for option in every if group(option) == number]
        blocks += [('section', title), ('terms', chosen)]
    return blocks


def arguments():
    return [('section', 'Words that options take'), ('terms', [
        ('FAMILY', ' '.join(list(FAMILY_WORDS) + ['help'])),
        ('QUERY', 'tables, with commas between them; !TABLE takes one away: ' + ' '.join(table_words())),
        ('FACT, LIST, KEY', 'facts, with commas between them: --help facts, --help columns'),
        ('TOPIC', ' '.join(TOPICS))])]


def table_words():
    """Every word of -A."""
    return list(TABLE_WORDS) + [name for name in TABLES if name not in TABLE_WORDS]


def values(option):
    """(kind, words) of the argument of an option: 'words', 'list' with commas, 'file', 'netns'; '' for what nobody can list."""
    name, _, argument = option[:3]
    if name in ('net', 'netns'):
        return 'netns', []
    word = (argument or '').strip('[]=')
    if word in ('FACT,...', 'KEY,...', 'LIST'):
        return 'list', fact_words() + (['local', 'peer'] if word == 'LIST' else [])
    if word == 'QUERY':
        return 'list', table_words()
    if word == 'FAMILY':
        return 'words', list(FAMILY_WORDS) + ['help']
    if word == 'FILE':
        return 'file', []
    return ('words', word.split('|')) if word and word.islower() else ('', [])


# Words of filters

def state_words():
    """Every word behind `state`."""
    return list(states.WORDS) + list(states.SHOWN_AS)


def state_terms():
    names = dict(enumerate(STATES))
    for word, mask in list(states.WORDS.items()) + list(states.SHOWN_AS.items()):
        yield word, ' '.join([names[bit] for bit in range(1, 12) if mask >> bit & 1]) or STATELESS[word]


def fact_words():
    """Every name of a fact, and every short form."""
    return [word for entry in entries() for word in (entry.name,) + entry.aliases]


def filter_words():
    """Every word that may begin a condition or join two."""
    first = list(SUBJECTS) + list(EITHER) + list(JOINTS)
    return first + [word for word in fact_words() if word not in SUBJECTS]


def spellings(kind):
    return ' '.join([word for word, meant in WORDS.items() if meant == kind])


def operator_terms():
    every = list(OPERATORS)
    for operator in sorted({operator for known in OPERATORS.values() for operator in known}, key=list(COMPARED).index):
        kinds = [kind for kind in every if operator in OPERATORS[kind]]
        yield (operator if operator in MATCH else spellings(operator)), '%s (%s)' % (
            COMPARED[operator], 'every fact' if kinds == every else ' '.join(kinds))


def filter_blocks():
    return [
        ('section', 'Filters'),
        ('text', 'A filter is what stands behind the options. A word of a shell (* ( ) < > !) needs quotes. Whatever the '
                 'kernel can judge is judged by the kernel; --explain shows that.'),
        ('code', FILTER.split('\n')),
        ('terms', [(word, ABOUT.get(word, 'a condition of ss')) for word in list(SUBJECTS) + list(EITHER)]),
        ('terms', [('FACT', 'alone: the socket has it, and it is neither 0 nor false; else compared (--help facts)')]),
        ('terms', [(spellings(word), about) for word, about in JOINTS.items()]),
        ('section', 'Operators'), ('terms', list(operator_terms())),
        ('section', 'Values'), ('terms', [
            (kind, '%s; for example %s' % (' '.join(filter(None, units)), example))
            for kind, (units, _, example) in UNITS.items()]),
        ('text', 'A bare number is in the unit that the name of the fact ends in. Words with blanks stand in double quotes.'),
        ('section', 'States'),
        ('text', 'state STATE and exclude STATE stand in front of all conditions; behind them, write state = STATE.'),
        ('terms', list(state_terms())),
    ] + example_blocks('Filters that people need', examples.FILTERS)


def table_blocks():
    def about(word):
        names = TABLE_WORDS.get(word, [word])
        return ' '.join(names) if names != [word] else 'the table of this name'
    return [('section', 'Tables'), ('text', 'Each word of -A, and the tables that it stands for.'),
            ('terms', [(word, about(word)) for word in table_words()])]


def fact_blocks():
    terms = []
    for entry in entries():
        kind = ' '.join(filter(None, (entry.kind.name, entry.kind.unit)))
        shown = '; shown with %s' % entry.option if entry.option else ''
        short = '; short: %s' % ' '.join(entry.aliases) if entry.aliases else ''
        terms.append((entry.name, '%s: %s%s%s' % (kind, entry.help, shown, short)))
    return [('section', 'Facts'),
            ('text', 'Everything that can be told of a socket, filtered, shown as a column, sorted and counted by name. '
                     'ssng --facts=WORD finds some of them, with their tables.'),
            ('terms', list(KINDS.items())), ('terms', terms)]


def column_blocks():
    told = ('columns', 'csv', 'tsv', 'json', 'sort', 'top', 'count', 'total', 'max', 'min', 'avg', 'openmetrics')
    chosen = [option for option in options.MORE_OPTIONS if option[0] in told]
    return [('section', 'Columns, order, counts'), ('terms', [(term(option), option[5]) for option in chosen]),
            ('text', 'A column is a fact (--help facts), or local or peer: address and port as ss shows them. A list has commas; '
                     'with + in front its columns stand behind those of ss. Of several values text has commas, CSV semicolons; '
                     'what is absent is - in text, an empty field in CSV, no key in JSON.'),
            ('text', 'A key of --sort is FACT, -FACT or FACT:desc; of counts also count and total(FACT). What is absent comes '
                     'last, and rows that are equal stay in the order of the kernel.'),
            ] + example_blocks('Examples', examples.COLUMNS)


def example_blocks(title='Examples', chosen=None):
    blocks = [('section', title)]
    for words, about in examples.EVERY if chosen is None else chosen:
        blocks += [('text', about + ':'), ('code', ['ssng ' + words])]
    return blocks


def overview():
    about = ('text', 'ssng tells of the sockets of this host: it is ss of iproute2, and more.')
    return [about] + option_blocks() + arguments() + [
        ('section', 'More help'), ('terms', [
            ('--help filter', 'the language of filters, states, ten examples'),
            ('--help facts', 'every fact: what can be filtered, shown, sorted and counted'),
            ('--help columns', 'columns, order, counts, CSV'), ('--help examples', 'questions and their command lines'),
            ('-h', 'the help of ss, as ss prints it'), ('ssng --man | man -l -', 'the manual')])]


BLOCKS = {None: overview, 'filter': filter_blocks, 'facts': fact_blocks, 'columns': column_blocks, 'examples': example_blocks}
