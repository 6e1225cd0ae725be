"""The declaration of a fact, and what is derived from it.

Each thing ssng can tell about a socket is one :class:`Fact`: its name (the path of its JSON key), its kind
and unit, the members of kernel structures that it comes from, the value that is made of them, the details
that reveal it, and a sentence of help.  JSON is derived from that alone.  ss's own text is not: a
:class:`Text` is a form of its own, and names the facts that it prints.

    declaration   Fact('info.rtt_us', member(tcp_info, 'tcpi_rtt', INET_DIAG_INFO), US, reveal=('info',), help=...)
                  Text(' rtt:%s/%s', rtt, rttvar, scale=1000)
    group         100 messages of one shape, with INET_DIAG_INFO at byte 88
    JSON          Pair: ,"rtt_us":%d   filled from the column of tcpi_rtt       (not at all where the attribute is missing)
    text          Part: ` rtt:%s/%s`   filled from the columns of both, divided by 1000; '' where rtt is 0

JSON is made in :mod:`ssng.objects`.  A fact that a filter or an order needs is fetched like one that is shown; what is
shown is decided by the words that are ``shown`` and by nothing else, whatever the kernel sent.
"""

from operator import attrgetter

try:
    from _functools import partial      # the whole of functools brings collections along
except ImportError:                     # PyPy has no such part of it
    from functools import partial

from .memo import Memo
from .render import Part, Section, present, quotients


class Kind:
    """What a value is: ``name`` as --facts calls it, ``unit``, and ``form``, the JSON of an integer as it comes.

    ``suffix`` ends the name of a fact that has this unit.  ``brief``: the function from a value to the shorter one that
    columns of text have room for; None if they have the value itself.
    """

    __slots__ = ('name', 'unit', 'form', 'suffix', 'brief')

    def __init__(self, name, unit=None, form='%d', suffix='', brief=None):
        self.name = name
        self.unit = unit
        self.form = form
        self.suffix = suffix
        self.brief = brief


HEX_DIGITS = '0123456789abcdef'
SHORT_ID = 12


def short_id(text):
    """As much of the id of a container as people write: 12 of its 64 hex digits; other words as they are."""
    return text[:SHORT_ID] if len(text) == 64 and not text.strip(HEX_DIGITS) else text


NUMBER = Kind('number')
SIZE = Kind('size', 'bytes')
US, MS, SECONDS = Kind('time', 'us', suffix='_us'), Kind('time', 'ms', suffix='_ms'), Kind('time', 's', suffix='_s')
TICKS, JIFFIES = Kind('number', 'ticks', suffix='_ticks'), Kind('number', 'jiffies', suffix='_jiffies')
RATE = Kind('rate', 'bytes/s', suffix='_bytes_per_s')
SPEED = Kind('rate', 'bytes/s')         # of a name that says so already
HEX = Kind('word', form='"%x"')         # a number of which only the digits matter: a cookie
WORD = Kind('word')
CONTAINER = Kind('word', brief=short_id)
FLAG = Kind('flag')
WORDS = Kind('words')
ADDRESS = Kind('address')
PORT = Kind('port')
NUMBERS = Kind('numbers')               # a list of them
LIST = Kind('list')                     # of objects
DATA = Kind('data')                     # whatever a program keeps


class Fact:
    """One thing that can be told about a socket.

    ``members``: a Member, a tuple of them, or a list of such alternatives, the first that a message has counts.
    ``value``: a function of the members' values, None for an integer that is its own value; it returns None for
    what is absent.  ``look_up``: a dotted name of the Host, the function there is value's first argument.
    ``reveal``: the words of Detail of which one shows it, none for what is always shown.  ``certain``: it has a
    value wherever its members are there.  ``source``: where it comes from, 'kernel', 'proc', 'cgroup', 'peer' or 'rate'.
    ``only``: (Member, test) of a rare one, which no message has where test(the Member's column) is false: then no row is
    looked at.
    ``named``: no option shows it, only who names it has it; ``reveal`` then says what must be fetched for it.
    """

    __slots__ = ('name', 'word', 'kind', 'alternatives', 'value', 'look_up', 'reveal', 'help', 'certain', 'source', 'only',
                 'named')

    def __init__(self, name, members, kind, value=None, look_up=None, reveal=(), help='', certain=False,
                 word=None, source='kernel', only=None, named=False):
        self.name = name
        self.word = word or name.rpartition('.')[2]     # by which texts know it
        self.kind = kind
        if members.__class__ is not list:
            members = [members]
        self.alternatives = [each if each.__class__ is tuple else (each,) for each in members]
        self.value = value
        self.look_up = look_up
        self.reveal = reveal
        self.help = help
        self.certain = certain or value is None
        self.source = source
        self.only = only
        self.named = named

    def shown(self, words):
        """Whether it is among what ``words`` reveal."""
        return not self.named and (not self.reveal or not words.isdisjoint(self.reveal))

    def told(self, group):
        """Whether any message of a group may have it."""
        if present(self.alternatives, group, True) is None:
            return False
        return self.only is None or self.only[1](group.values(self.only[0]))

    def function(self, host):
        """The function from the members' values to the value; None where the member is the value."""
        if not self.look_up:
            return self.value
        return partial(self.value, attrgetter(self.look_up)(host))

    def column(self, group, host=None):
        """The values of all messages of a group, None for what is absent."""
        members = present(self.alternatives, group, True)
        if members is None:
            return [None] * group.count
        function, columns = self.function(host), [group.values(member) for member in members]
        if function is None:
            form = self.kind.form
            return columns[0] if form == '%d' else [form.strip('"') % value for value in columns[0]]
        return list(map(function, *columns)) if columns else [function()] * group.count

    def part(self, host, front, write, absent):
        """The part of a row that says ``front`` and what ``write`` makes of a value, or ``absent``.

        It is for messages that have its members.
        """
        function = self.function(host)
        if function is None:
            return Part(self.alternatives, front + self.kind.form.strip('"').replace('d', 's'), whole=True)

        def text(*values):
            value = function(*values)
            return front + (absent if value is None else write(value))
        return Part(self.alternatives, text, whole=True)

    def pair(self, host):
        """What adds it to a JSON object."""
        from .objects import Pair
        return Pair(self.name.rpartition('.')[2], self.alternatives, self.function(host), writer(self), self.certain, self.told)


def writer(fact):
    """What writes a value of a fact as JSON: a ``%`` form where it is the member itself, else a function."""
    if fact.value is None:
        return fact.kind.form
    if fact.kind is WORD:
        from .escape import json_strings
        return json_strings()
    from .objects import encoded
    return encoded


# Ways to declare facts

def constant(name, value, kind=WORD, **more):
    """A fact that is the same for all sockets of a table."""
    return Fact(name, (), kind, lambda: value, certain=True, **more)


def named(name, member, names, kind=WORD, unknown='unknown', help='', **more):
    """A number that stands for a word: Facts of the word and, where it has none, of the number.

    ``names``: {number: word}, or a sequence of words; None among them is no name.
    """
    known = names if isinstance(names, dict) else dict(enumerate(names))
    return [Fact(name, member, kind, lambda number: known.get(number) or unknown, help=help, certain=True, **more),
            Fact(name + '_number', member, NUMBER, lambda number: None if known.get(number) else number,
                 only=(member, lambda numbers: not all(map(known.get, set(numbers)))),
                 help='the number of the %s, where it has no name' % name.rpartition('.')[2], **more)]


def set_of(flags):
    """A value function: the words of the bits that are set, of (bit, word) pairs."""
    return lambda bits: [word for bit, word in flags if bits & bit]


def exact(fact):
    """The Fact beside one of outside text that gives its bytes in hex where they are not UTF-8."""
    from .escape import exact_hex
    value = fact.value

    def exactly(*values):
        text = value(*values)
        return None if text is None else exact_hex(text)
    return Fact(fact.name + '_hex', fact.alternatives, WORD, exactly, fact.look_up, fact.reveal,
                'the bytes of %s as hex digits, where they are not UTF-8' % fact.word)


def members(struct, prefix, attribute, under, reveal, rows):
    """Facts of the members of a kernel structure, named without ``prefix``: rows of (name, kind, help[, value])."""
    from .kernel.columns import member
    found = []
    for name, kind, help, *value in rows:
        found.append(Fact('%s.%s%s' % (under, name, kind.suffix), member(struct, prefix + name, attribute), kind,
                          value[0] if value else None, reveal=reveal, help=help, word=name))
    return found


def naming(*facts):
    """The function that makes a Text of facts by their words: ``text(' rtt:%s/%s', 'rtt', 'rttvar', scale=1000)``."""
    known = {}
    for fact in facts:
        known.setdefault(fact.word, fact)
    return lambda form, *words, **more: Text(form, *[known[word] for word in words], **more)


# Text

class Manner:
    """How text is told: the ``words`` of Detail that are shown, a Style, a Host, and what its parts share."""

    __slots__ = ('words', 'style', 'host', 'texts')

    def __init__(self, words, style, host):
        self.words = words
        self.style = style
        self.host = host
        self.texts = Memo(lambda kind: kind(self) if callable(kind) else quotients(kind))

    @property
    def fit(self):
        """The function that makes a word from outside fit for where it goes."""
        if not self.style.escape:
            return str
        from .escape import terminal
        return terminal


class Break:
    """The start of a further line of a socket's details; ``oneline`` takes its place where there is but one line."""

    __slots__ = ('oneline', 'text', 'when')

    def __init__(self, oneline=' ', text='\n\t', when=()):
        self.oneline = oneline
        self.text = text
        self.when = when

    def part(self, manner):
        if self.when and manner.words.isdisjoint(self.when):
            return None
        return self.oneline if manner.style.oneline else self.text


def literal(text, *when):
    """A text that stands where one of the words ``when`` is shown."""
    return Break(text, text, when)


class Text:
    """What ss prints of some facts.

    ``form``     a ``%`` form for their values, or a function of them
    ``hide``     values of the first that a ``%`` form does not show, where it is the member itself
    ``texts``    a function from a Manner to the ``texts`` of a Part, or ``scale``: what divides the values
    ``signed``   shown signed, though the kernel holds them unsigned
    ``compute``  makes one column of the members' columns, which the form shows
    ``whole``    nothing of a member that was sent only in part
    ``start``    a Break in front of it
    ``using``    a function from a Manner to the first argument of ``form``: a tool that depends on style or host
    ``numeric``  the ``%`` form that -n has in place of ``form``
    ``when``     words of Detail; one of them must be shown, beside the facts themselves
    """

    __slots__ = ('form', 'facts', 'hide', 'texts', 'signed', 'compute', 'whole', 'start', 'using', 'numeric', 'when')

    def __init__(self, form, *facts, hide=(0,), scale=None, texts=None, signed=False, compute=None, whole=False, start=None,
                 using=None, numeric=None, when=()):
        self.form = form
        self.facts = facts
        self.hide = hide
        self.texts = scale or texts
        self.signed = signed
        self.compute = compute
        self.whole = whole
        self.start = start
        self.using = using
        self.numeric = numeric
        self.when = when

    def shown(self, words):
        return (not self.when or not words.isdisjoint(self.when)) and all([fact.shown(words) for fact in self.facts])

    def part(self, manner):
        """The Part that adds it to a row; None where it is not shown."""
        if not self.shown(manner.words):
            return None
        form, functions, choices = self.bound(manner), [of_style(fact, manner) for fact in self.facts], self.choices()
        compute = self.compute
        if self.texts and functions[0]:         # a lone fact: its value is what has a text
            compute = partial(map, functions[0])
        elif any(functions):
            form = composed(form, functions, picks(choices[0]))
            choices = [unique(choice) for choice in choices]
        alternatives = [sum(choice, ()) for choice in choices]
        if self.signed:
            alternatives = [tuple([member.as_signed() for member in choice]) for choice in alternatives]
        return Part(alternatives, form, self.hide, self.texts and manner.texts[self.texts], compute, self.whole)

    def choices(self):
        """For each way in which a message may tell the facts, the members of each."""
        most = max([len(fact.alternatives) for fact in self.facts], default=1)
        return [[fact.alternatives[min(at, len(fact.alternatives) - 1)] for fact in self.facts] for at in range(most)]

    def bound(self, manner):
        """The form, with what it uses and what it begins with."""
        form = self.form
        if self.numeric and manner.style.numeric:
            form = self.numeric
        elif self.using:
            form = partial(form, self.using(manner))
        return begun(self.start.part(manner), form) if self.start else form


def begun(start, form):
    """``form`` with a text in front, if it says anything."""
    if isinstance(form, str):
        return start + form

    def text(*values):
        rest = form(*values)
        return start + rest if rest else ''
    return text


def of_style(fact, manner):
    """The function from members to what a text is given: a word from outside is fit for where it goes."""
    function, fit = fact.function(manner.host), manner.fit
    if function is None or fact.kind is not WORD or fit is str:
        return function

    def fitted(*values):
        word = function(*values)
        return word if word is None else fit(word)
    return fitted


def composed(form, functions, places):
    """A function of members: ``form`` of the values of several facts.

    ``functions`` make the values (None: the member's own), each of the members at its ``places``.
    """
    if isinstance(form, str):
        form = filled(form)
    if len(functions) == 1:
        function = functions[0]
        return lambda *values: form(function(*values))

    def text(*values):
        return form(*[function(*[values[at] for at in some]) if function else values[some[0]]
                      for function, some in zip(functions, places)])
    return text


def unique(choice):
    """The different ones among the members of several facts, as a list of one tuple."""
    found = []
    for members in choice:
        found += [member for member in members if member not in found]
    return [tuple(found)]


def picks(choice):
    """For each fact, where its members stand among the different ones."""
    found, = unique(choice)
    return [[found.index(member) for member in members] for members in choice]


def filled(form):
    """A function that fills a ``%`` form; nothing where the first value is absent."""
    return lambda *values: '' if values[0] is None else form % values


def line(texts, manner):
    """The parts of a row's text: Texts, Sections of them, Breaks, literals; what is not shown is left out."""
    made = []
    for text in texts:
        if text.__class__ is str:
            made.append(text)
        elif text.__class__ is Section:
            made.append(Section(text.attribute, line(text.parts, manner), text.unless))
        else:
            part = text.part(manner)
            if part is not None:
                made.append(part)
    return made
