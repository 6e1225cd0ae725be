"""Conditions on facts to judgements of columns; see :mod:`.predicate`.

What is absent fulfils no condition.  Of several values one must fulfil it.  Each distinct value is looked at once.
"""

from _operator import ge, gt, le, lt

from .addresses import address_test
from .facts import fits, matches
from .tree import Pattern

ORDER = {'<': lt, '<=': le, '>': gt, '>=': ge}


def judge(node):
    """The judge of a Compare."""
    if node.operator == '=' and node.entry.kind.name == 'address':
        return by_address(node)
    test = tests(node)
    if node.entry.several:
        return several(node, test)
    name = node.name
    if node.operator in ORDER:
        return ordered(name, ORDER[node.operator], node.values)

    def judge(column, count):
        values = column.values(name)
        verdicts = {value: value is not None and test(value) for value in set(values)}
        return list(map(verdicts.__getitem__, values))
    return judge


def ordered(name, order, bound):
    """Numbers are compared as they come: that costs less than to find out which of them are the same."""
    def judge(column, count):
        values = column.values(name)
        if None in values:
            return [value is not None and order(value, bound) for value in values]
        return [order(value, bound) for value in values]
    return judge


def several(node, test):
    """At least one of the values; of objects, it is their JSON that is looked at."""
    name, objects = node.name, node.entry.kind.name in ('list', 'data')

    def judge(column, count):
        values = column.values(name)
        if objects:
            values = [value and tuple(map(json, value)) for value in values]
        verdicts = {value: bool(value) and any(map(test, value)) for value in set(values)}
        return list(map(verdicts.__getitem__, values))
    return judge


def json(value):
    """The JSON of an object, as latin-1 text."""
    from ..catalogue import json_text
    return json_text(value).encode('utf-8').decode('latin-1')


def tests(node):
    """test(value) of one value that is there."""
    if node.operator == 'has':
        return bool
    if node.operator == '~':
        return matches(node.values)
    if node.operator in ORDER:
        order, bound = ORDER[node.operator], node.values
        return lambda value: order(value, bound)
    return one_of(node.values)


def one_of(values):
    """test(value): is it one of these, or what a Pattern among them says?"""
    plain = frozenset([value for value in values if value.__class__ is not Pattern])
    patterns = [fits(value.text) for value in values if value.__class__ is Pattern]
    if not patterns:
        return plain.__contains__
    return lambda value: value in plain or any([pattern(value) for pattern in patterns])


def by_address(node):
    """Addresses by their bytes; patterns by their text."""
    name = node.name
    literal = [value for value in node.values if value.__class__ is not Pattern]
    within = address_test(literal, mapping=False)
    text = one_of([value for value in node.values if value.__class__ is Pattern])

    def judge(column, count):
        raws = column.addresses(name)
        verdicts = {raw: raw is not None and within(raw) for raw in set(raws)}
        found = list(map(verdicts.__getitem__, raws))
        if len(literal) < len(node.values):
            found = [verdict or value is not None and text(value) for verdict, value in zip(found, column.values(name))]
        return found
    return judge
