"""Random filter expressions from a seed, each written twice: as people write it, and with every parenthesis.

ss reads `and` and `or` from left to right, ssng lets `and` bind tighter as the manual says; with all
parentheses they agree.  Addresses are chosen so that none shares its bytes with one of the other family,
which is another listed difference.  `autobound` is left out: the kernel knows who chose a port, user
space sees only whether it lies in the ephemeral range.
"""
import random

PREFIXES = ['127.0.0.1', '127.0.0.0/8', '127.0.0.0/24', '127.9.0.0/16', '127.9.3.200', '10.99.0.0/16', '10.99.0.2', '192.0.2.77',
            '192.0.2.0/24', '203.0.113.8/30', '127.4.5.6:1031', '127.0.0.1:1030', '10.99.0.1:1200', '127/8:1050',
            '[::1]', '[fd00::]:*', 'fd00::/8', '[fd00::1:2]', '[fd00:1111::/32]', 'fe80::/10', '2001:db8::/32', '[::1]:443',
            '[::1]:1030', '[::ffff:127.0.0.1]', '[::ffff:127.0.0.0/104]:1004', '*', '*:22', '*:1030', '*:40000']
PORTS = ['0', '1', '22', '53', '80', '443', '1003', '1030', '1034', '1046', '1100', '1130', '1200', '4446', '32768',
         '40000', '60999', '61000', '65535', 'ssh', 'https', 'high']
MARKS = ['0', '7', '9', '0x1234', '0x99', '0x80000001', '0x4/0xf', '0x1200/0xff00', '0/1', '0x80000000/0x80000000']
COMPARISONS = ['=', '==', 'eq', '!=', 'ne', '>', 'gt', '<', 'lt', '>=', 'geq', '<=', 'le']
EQUALITIES = ['', '=', '==', '!=', 'neq']


def leaf(chance):
    kind = chance.random()
    if kind < 0.35:
        return ' '.join(filter(None, (chance.choice(('src', 'dst')), chance.choice(('', '=', 'eq')), chance.choice(PREFIXES))))
    if kind < 0.75:
        return '%s %s %s%s' % (chance.choice(('sport', 'dport')), chance.choice(COMPARISONS),
                               chance.choice(('', ':')), chance.choice(PORTS))
    if kind < 0.83:
        return ' '.join(filter(None, ('fwmark', chance.choice(EQUALITIES), chance.choice(MARKS))))
    return ' '.join(filter(None, ('dev', chance.choice(EQUALITIES), chance.choice(('lo', 'dummy0', '0', '1', '77')))))


def tree(chance, depth):
    """A leaf's text, ('not', tree), or ('and' or 'or', tree, tree)."""
    if not depth or chance.random() < 0.2:
        return leaf(chance)
    kind = chance.random()
    if kind < 0.2:
        return 'not', tree(chance, depth - 1)
    return 'and' if kind < 0.6 else 'or', tree(chance, depth - 1), tree(chance, depth - 1)


def full(node):
    if isinstance(node, str):
        return node
    if node[0] == 'not':
        return '! ( %s )' % full(node[1])
    return '( %s ) %s ( %s )' % (full(node[1]), node[0], full(node[2]))


def natural(node, chance):
    """As short as the manual's rules allow, with any spelling of the operators."""
    if isinstance(node, str):
        return node
    inner = [natural(child, chance) for child in node[1:]]
    if node[0] == 'not':
        text = inner[0] if isinstance(node[1], str) or node[1][0] == 'not' else '( %s )' % inner[0]
        return '%s %s' % (chance.choice(('!', 'not')), text)
    for number, child in enumerate(node[1:]):
        if child[0] == 'or' and node[0] == 'and':
            inner[number] = '( %s )' % inner[number]
    spellings = {'and': ('and', '&', '&&', ''), 'or': ('or', '|', '||')}[node[0]]
    return ' '.join(filter(None, (inner[0], chance.choice(spellings), inner[1])))


def expressions(seed, count, depth=4):
    """[(as people write it, with every parenthesis), ...]"""
    chance = random.Random(seed)
    trees = [tree(chance, depth) for _ in range(count)]
    return [(natural(node, chance), full(node)) for node in trees]
