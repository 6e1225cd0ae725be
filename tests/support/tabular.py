"""What columns, orders and counts must be, evaluated naively over JSON objects."""
import collections
import csv
import io
import ipaddress
import itertools
import json
import re


class Flat(dict):
    """An object as its leaves, taken once for many questions."""

    def __init__(self, one):
        super().__init__(leaves(one))


def leaves(one, path=()):
    """[(name of a fact, value)] of an object; of processes the values of all, as a list."""
    if isinstance(one, Flat):
        return list(one.items())
    found = []
    for key, value in one.items():
        if key == 'processes':
            keys = dict.fromkeys(itertools.chain(*value))
            found += [('.'.join(path + (key, each)), Several(row[each] for row in value if each in row)) for each in keys]
        elif isinstance(value, dict):
            found += leaves(value, path + (key,))
        else:
            found.append(('.'.join(path + (key,)), Several(value) if isinstance(value, list) else value))
    return found


class Several(list):
    """The values of a fact that may have several."""


def column(objects, name):
    """The value of a fact in each object, None for what is absent."""
    return [(one if isinstance(one, Flat) else dict(leaves(one))).get(name) for one in objects]


def found(one, name):
    """What a row of counts says of a fact: of an object its JSON."""
    for key in name.split('.'):
        one = one.get(key) if one else None
    return compact(one) if isinstance(one, (dict, list)) else one


def names(objects):
    """The names of all facts that are there, in order."""
    return list(dict.fromkeys(name for one in objects for name, _ in leaves(one)))


def nested(pairs):
    """An object of (name, value); of processes a list, as long as each of the values."""
    made = {}
    for name, value in pairs:
        if value is None:
            continue
        *path, last = name.split('.')
        inner = made
        for key in path:
            inner = inner.setdefault(key, {} if key != 'processes' else [{} for _ in value])
        if path[-1:] == ['processes']:
            for row, each in zip(inner, value):
                row[last] = each
        else:
            inner[last] = value
    return made


def text(value, join):
    """A value as CSV and text have it."""
    if isinstance(value, list):
        return join.join(text(item, join) for item in value if item is not None)
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return compact(value) if isinstance(value, dict) else str(value)


def compact(value):
    """Its JSON as ssng writes it: what may steer a terminal by its number."""
    text = json.dumps(value, separators=(',', ':'), ensure_ascii=False)
    return re.sub('[\x7f-\x9f]', lambda match: '\\u%04x' % ord(match.group()), text)


def key(name, value):
    """What a value is sorted by; None for what comes last."""
    if isinstance(value, list):
        if any(isinstance(item, (dict, list)) for item in value):
            return compact(value)
        return min(value) if value else None
    if name.endswith('.address') and value is not None:
        address = ipaddress.ip_address(value)
        return address.version, int(address)
    return value.encode() if isinstance(value, str) else value


def ordered(objects, *directed):
    """The objects in the order of (name, descending) for each key."""
    for name, descending in reversed(directed):
        keyed = [(key(name, value), one) for value, one in zip(column(objects, name), objects)]
        some = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
        objects = [one for _, one in some] + [one for value, one in keyed if value is None]
    return objects


def counted(objects, *by):
    """A Counter of the values of some facts: a tuple for each object, several where it has several values."""
    groups = collections.Counter()
    for one in objects:
        found = one if isinstance(one, Flat) else dict(leaves(one))
        values = [found.get(name) for name in by]
        groups.update(itertools.product(*[different(value) if isinstance(value, list) else [value] for value in values]))
    return groups


def different(values):
    return list(dict.fromkeys(compact(value) if isinstance(value, (dict, list)) else value for value in values)) or [None]


def rows_of_csv(text, **how):
    """The rows of a CSV, as the csv module reads them; a NUL byte, which it takes since 3.11 only, goes by another way."""
    return [[cell.replace('\ue000', '\0') for cell in row]
            for row in csv.reader(io.StringIO(text.replace('\0', '\ue000'), newline=''), **how)]
