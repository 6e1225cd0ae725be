"""Conditions on facts, judged without ssng: over the objects that -j prints, by Python's own means.

A *leaf* is (text of the condition, function from an object to its verdict).  :func:`expression` joins random ones.
"""
import fnmatch
import ipaddress
import json
import operator
import re

LARGEST = (1 << 64) - 1
ORDERS = {'<': operator.lt, '<=': operator.le, '>': operator.gt, '>=': operator.ge}
SPELLINGS = {'=': ('=', '==', 'eq'), '<': ('<', 'lt'), '<=': ('<=', 'le', 'leq'), '>': ('>', 'gt'), '>=': ('>=', 'ge', 'geq')}
SCALES = {'us': (('us', 1), ('ms', 1000), ('s', 10 ** 6)),
          'ms': (('ms', 1), ('s', 1000), ('m', 60000)), 's': (('s', 1), ('h', 3600))}


def values(told, name):
    """All values of a fact in an object."""
    *path, last = name.split('.')
    for key in path:
        told = told.get(key, {}) if isinstance(told, dict) else {}
    if isinstance(told, list):                                  # of processes
        return [one[last] for one in told if last in one]
    told = told.get(last, [])
    return told if isinstance(told, list) else [told]


def scalar(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':')) if isinstance(value, (dict, list)) else value


def quoted(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')


def some(name, test):
    return lambda told: any(test(scalar(value)) for value in values(told, name))


def fit(value):
    """Whether a value can be typed: all of it is known, and it is one word of one line."""
    return not isinstance(value, str) or '\ufffd' not in value and '\0' not in value


def literal(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return quoted(value) if isinstance(value, str) else repr(value)


def equality(fact, value):
    """``FACT = value``."""
    unit = fact['unit'] if fact['type'] in ('time', 'rate') else None
    text = literal(value) + {'us': 'us', 'ms': 'ms', 's': 's', 'bytes/s': 'B/s', None: ''}[unit]
    return '%s = %s' % (fact['name'], text), some(fact['name'], lambda found: found == value and type(found) is type(value))


def leaf(chance, fact, seen):
    """A random condition on a fact of which these values were seen."""
    name, kind, value = fact['name'], fact['type'], chance.choice(seen)
    if chance.random() < 0.1 and name != 'cgroup':         # alone, ss's word needs a value
        return name, some(name, bool)
    if kind in ('number', 'numbers', 'port', 'size', 'time', 'rate') and chance.random() < 0.6:
        return comparison(chance, fact, min(value + chance.choice((-1, 0, 0, 1)), LARGEST))
    if kind in ('word', 'words') and chance.random() < 0.5:
        return matching(chance, name, value)
    if kind == 'address':
        return within(chance, name, value)
    if chance.random() < 0.3 and kind != 'flag' and fact['unit'] in (None, 'bytes'):
        several = [value, chance.choice(seen)]
        return '%s = %s' % (name, ','.join(map(literal, several))), some(name, several.__contains__)
    text, test = equality(fact, value)
    if chance.random() < 0.3:
        return text.replace(' = ', chance.choice((' != ', '!=', ' ne ')), 1), lambda told: not test(told)
    return text, test


def comparison(chance, fact, bound):
    name, order = fact['name'], chance.choice(sorted(ORDERS))
    text = repr(bound)
    if fact['type'] == 'time':
        unit, scale = chance.choice(SCALES[fact['unit']])
        bound = bound // scale * scale
        text = '%d%s' % (bound // scale, unit)
    elif fact['type'] == 'rate':
        bits = bound * 8 // 1000 * 1000
        bound, text = bits // 8, '%dKbps' % (bits // 1000)
    elif fact['type'] == 'size' and chance.random() < 0.5:
        bound = bound // 1024 * 1024
        text = '%dK' % (bound // 1024)
    glue = chance.choice((' ', ' ', ''))
    sign = order if not glue else chance.choice(SPELLINGS[order])
    return name + glue + sign + glue + text, some(name, lambda found: ORDERS[order](found, bound))


def matching(chance, name, value):
    """A shell pattern or a regular expression that is made of a value."""
    letters = ''.join(char for char in value if char.isalnum() and ord(char) < 128) or 'x'
    start = chance.randrange(len(letters))
    piece = letters[start:start + chance.randrange(1, 4)]
    if chance.random() < 0.5:
        pattern = chance.choice(('*%s*', '%s*', '*%s', '?%s*', '[!%s]*')) % piece
        return '%s = %s' % (name, pattern), some(name, lambda found: fnmatch.fnmatchcase(found, pattern))
    form = chance.choice(('%s', '^%s', '%s$', '(%s|zz)', '%s.*[0-9]'))
    sign = chance.choice(('~', '!~'))
    test = some(name, lambda found: re.search(form % piece, found) is not None)
    return '%s %s %s' % (name, sign, form % piece), test if sign == '~' else lambda told: not test(told)


def within(chance, name, value):
    address = ipaddress.ip_address(value)
    bits = chance.choice((address.max_prefixlen, 8, 16, 24, 0, 10))
    network = ipaddress.ip_network('%s/%d' % (value, bits), strict=False)
    text = '%s/%d' % (value, bits) if address.version == 4 else chance.choice(('[%s]/%d', '%s/%d')) % (value, bits)

    def test(found):
        found = ipaddress.ip_address(found)
        return found.version == network.version and found in network
    return '%s = %s' % (name, text), some(name, test)


# ss's own words, of internet sockets

def of_ss(chance, objects):
    told = chance.choice(objects)
    kind = chance.randrange(5)
    side = chance.choice(('local', 'peer'))
    port, address = told[side]['port'], told[side]['address']
    if kind == 0:
        order = chance.choice(sorted(ORDERS))
        word = {'local': 'sport', 'peer': 'dport'}[side]
        return '%s %s %d' % (word, order, port), lambda one: ORDERS[order](one[side]['port'], port)
    if kind == 1:
        mark = told.get('mark', 0)
        return 'fwmark = %d' % mark, lambda one: one.get('mark', 0) == mark
    if kind == 2:
        network = '%s' % address if ':' not in address else '[%s]' % address
        return '%s %s' % ({'local': 'src', 'peer': 'dst'}[side], network), lambda one: same_host(one[side]['address'], address)
    if kind == 3:
        text = chance.choice(('port %d', ':%d', 'port = %d')) % port
        return text, lambda one: port in (one['local']['port'], one['peer']['port'])
    text = address if ':' not in address else '[%s]' % address
    return chance.choice(('host %s', '%s')) % text, lambda one: any(
        same_host(one[end]['address'], address) for end in ('local', 'peer'))


def same_host(found, wanted):
    """IPv4 is found where it is mapped into IPv6, too."""
    found, wanted = ipaddress.ip_address(found), ipaddress.ip_address(wanted)
    return found == wanted or wanted.version == 4 and getattr(found, 'ipv4_mapped', None) == wanted


# Expressions

def expression(chance, leaves, depth):
    """(text, test) of a random tree over the leaves that ``leaves()`` makes."""
    kind = chance.random()
    if not depth or kind < 0.2:
        return leaves()
    if kind < 0.35:
        text, test = expression(chance, leaves, depth - 1)
        return chance.choice(('not ( %s )', '! ( %s )', '!(%s )')) % text, lambda told: not test(told)
    word, join = chance.choice(((' and ', all), (' or ', any), (' && ', all), (' ', all)))
    parts = [expression(chance, leaves, depth - 1) for _ in range(2)]
    return '( %s )' % word.join(text for text, _ in parts), lambda told: join(test(told) for _, test in parts)
