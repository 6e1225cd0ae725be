"""The declaration of a fact, and how it becomes part of a row.

Each thing ssng can tell about a socket is one :class:`Fact`: its JSON key with the unit in it, the
member of the kernel structure it comes from, and the text ss prints for it.  Tables list facts in the
order of ss's text; text and JSON are both made from these declarations, by :func:`parts` and
:func:`pairs`, and rendered by :mod:`ssng.render`.
"""

from .render import Part, Section


class ByShow:
    """A text form that depends on what is to be shown: ``choose(show)`` returns the form."""

    def __init__(self, choose):
        self.choose = choose


class Fact:
    """One thing that can be told about a socket.

    ``key`` is its JSON key (None: only text tells it).  ``members`` is the Member it comes from, or a
    tuple of them.  ``text`` is a ``%`` form for the one value, or a function of the values; ``hide``
    are values that a ``%`` form does not show, ``scale`` is what it divides them by, ``signed`` shows them
    signed though the kernel holds them unsigned.  ``compute``, a function of the members' columns, makes the
    column that the text shows, where it is a number that the kernel does not send.  ``json`` is a ``%``
    form or a function of the values that returns JSON, or None for "no pair".
    """

    __slots__ = ('key', 'members', 'text', 'hide', 'scale', 'signed', 'compute', 'json')

    def __init__(self, key, members, text=None, hide=(0,), scale=None, signed=False, compute=None, json='%d'):
        self.key = key
        self.members = members if isinstance(members, tuple) else (members,)
        self.text = text
        self.hide = hide
        self.scale = scale
        self.signed = signed
        self.compute = compute
        self.json = json

    def shown(self, show):
        """The Part for text, or None where ``show`` does not ask for it."""
        text = self.text.choose(show) if isinstance(self.text, ByShow) else self.text
        if text is None:
            return None
        members = tuple([member.as_signed() for member in self.members]) if self.signed else self.members
        return Part(members, text, self.hide, self.scale, self.compute)

    def keyed(self, comma=','):
        """The Part for JSON: a pair behind ``comma``."""
        name = '%s"%s":' % (comma, self.key)
        if isinstance(self.json, str):
            return Part(self.members, name + self.json, whole=True)
        json = self.json

        def pair(*values):
            value = json(*values)
            return name + value if value is not None else ''
        return Part(self.members, pair, whole=True)


class Object:
    """Facts that are the members of one JSON object; the first always has a value."""

    __slots__ = ('key', 'facts')

    def __init__(self, key, facts):
        self.key = key
        self.facts = facts


def parts(facts, show):
    """The parts that show ``facts`` as text: Facts, Sections of them, literal strings, parts as they are."""
    made = []
    for fact in facts:
        if isinstance(fact, Section):
            made.append(fact.holding(parts(fact.parts, show)))
        elif not isinstance(fact, Fact):
            made.append(fact)
        elif fact.text is not None:
            part = fact.shown(show)
            if part is not None:
                made.append(part)
    return made


def pairs(facts, comma=','):
    """The parts that show ``facts`` as JSON pairs, the first behind ``comma``, the others behind a comma.

    The first fact of an Object must always have a value.
    """
    made = []
    for fact in facts:
        if isinstance(fact, Section):
            made.append(fact.holding(pairs(fact.parts, comma)))
        elif isinstance(fact, Object):
            made += [comma + '"%s":{' % fact.key] + pairs(fact.facts, '') + ['}']
        elif isinstance(fact, Fact):
            if fact.key is None:
                continue
            made.append(fact.keyed(comma))
        else:
            made.append(fact)
        comma = ','
    return made
