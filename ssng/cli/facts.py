"""`ssng --facts[=WORD]`: every fact, or those whose name, short forms or help hold the word, as text or JSON."""

from _collections import OrderedDict

from ..catalogue import entries
from ..objects import encoded
from ..query import TABLE_WORDS, TABLES

GROUPS = sorted(TABLE_WORDS.items(), key=lambda group: -len(group[1]))      # the largest first
WIDTHS = '%-34s %-13s %-7s %-14s %s'


def chosen(word):
    """The entries that a word finds, all of them without one."""
    word = word.lower()
    return [entry for entry in entries() if any([word in text.lower() for text in (entry.name, entry.help) + entry.aliases])]


def text(word):
    """Two lines for each fact: name, type and unit, source, options, tables; then its help and short forms."""
    lines = []
    for entry in chosen(word):
        kind = ' '.join(filter(None, (entry.kind.name, entry.kind.unit)))
        lines.append((WIDTHS % (entry.name, kind, entry.source, entry.option or '-', ' '.join(grouped(entry.tables)))).rstrip())
        lines.append('    %s%s' % (entry.help, ' (%s)' % ' '.join(entry.aliases) if entry.aliases else ''))
    return ''.join([line + '\n' for line in lines])


def grouped(tables):
    """The names of tables, those that make a group under its name."""
    left = list(tables)
    names = ['every'] if len(left) == len(TABLES) else []
    if names:
        return names
    for name, members in GROUPS:
        if len(members) > 1 and set(members).issubset(left):
            names.append(name)
            left = [table for table in left if table not in members]
    return names + left


def json(word):
    """An array of objects, one a line; null for a fact without unit, and for one that no option has to show."""
    made = [','.join(['"%s":%s' % (key, encoded(value) or 'null') for key, value in told.items()]) for told in described(word)]
    return '[\n{%s}\n]\n' % '},\n{'.join(made) if made else '[]\n'


def described(word):
    """A dict for each fact."""
    return [OrderedDict([
        ('name', entry.name), ('type', entry.kind.name), ('unit', entry.kind.unit), ('tables', entry.tables),
        ('source', entry.source), ('option', entry.option or None), ('aliases', entry.aliases), ('help', entry.help)])
        for entry in chosen(word)]
