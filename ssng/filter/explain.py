"""A query for the eye (`--explain`): what each table's kernel is asked, what is judged here and why, what is read.

    tcp, inet: ESTAB SYN-SENT ...
      condition
        and
          dst any port 443
          info.rtt_us > 100000
      asked of the kernel
            0  dst any port 443                         else fail
      judged here
        info.rtt_us > 100000: the kernel knows nothing of it
      read
        a dump by sock_diag with INFO VEGASINFO CONG
"""

import sys

from ..escape import one_line
from ..kernel.abi import inet_diag, sizeof
from ..kernel.abi.inet_diag import (
    INET_DIAG_BC_AUTO, INET_DIAG_BC_CGROUP_COND, INET_DIAG_BC_D_COND, INET_DIAG_BC_D_EQ, INET_DIAG_BC_D_GE,
    INET_DIAG_BC_D_LE, INET_DIAG_BC_DEV_COND, INET_DIAG_BC_JMP, INET_DIAG_BC_MARK_COND, INET_DIAG_BC_NOP,
    INET_DIAG_BC_S_COND, INET_DIAG_BC_S_EQ, INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE,
    inet_diag_bc_op, inet_diag_hostcond, inet_diag_markcond)
from ..kernel.abi.sock_diag import AF_INET, AF_INET6
from ..query import FAMILY_WORDS, OWNERS
from ..tables import tables
from ..tables.addresses import numeric
from ..tables.common import STATES
from . import bytecode
from .bytecode import NOTHING
from .tree import (
    ANY_PORT, And, Autobound, Cgroup, Compare, Device, Glob, Host, Mark, Not, Numbered, Or, Pattern, Port, conditions, facts)

PORTS = {
    INET_DIAG_BC_S_GE: 'sport >=', INET_DIAG_BC_S_LE: 'sport <=', INET_DIAG_BC_S_EQ: 'sport =',
    INET_DIAG_BC_D_GE: 'dport >=', INET_DIAG_BC_D_LE: 'dport <=', INET_DIAG_BC_D_EQ: 'dport =',
}
ENDS = {INET_DIAG_BC_S_COND: 'src', INET_DIAG_BC_D_COND: 'dst'}
WIDTHS = {AF_INET: 4, AF_INET6: 16}
OP = sizeof(inet_diag_bc_op)
FAMILIES = {number: word for word, number in FAMILY_WORDS.items()}
HIDDEN = ('UNKNOWN', 'UNDEF')           # states that no socket is told to be in
PREFIX, OTHERS = 'INET_DIAG_', ('INET_DIAG_BC_', 'INET_DIAG_REQ_')


def operations(program):
    """(place, what it asks, where it goes on if that does not hold) of each operation; a jump asks None."""
    at = 0
    while at < len(program):
        op = inet_diag_bc_op.from_buffer_copy(program, at)
        target = 'end' if at + op.no == len(program) else 'fail' if at + op.no > len(program) else at + op.no
        yield at, None if op.code == INET_DIAG_BC_JMP else meaning(op.code, program[at + OP:at + op.yes]), target
        at += op.yes


def listing(program):
    """Lines of text, joined.  ``program`` is one that the kernel takes."""
    return '\n'.join(['%5d  jump %s' % (at, target) if asked is None else '%5d  %-40s else %s' % (at, asked, target)
                      for at, asked, target in operations(program)])


def meaning(code, operand):
    """What an operation asks."""
    if code in ENDS:
        return '%s %s' % (ENDS[code], end(operand))
    if code in PORTS:
        return '%s %d' % (PORTS[code], inet_diag_bc_op.from_buffer_copy(operand).no)
    if code == INET_DIAG_BC_MARK_COND:
        cond = inet_diag_markcond.from_buffer_copy(operand)
        return 'mark & %#x = %#x' % (cond.mask, cond.mark)
    if code in (INET_DIAG_BC_DEV_COND, INET_DIAG_BC_CGROUP_COND):
        name = 'device' if code == INET_DIAG_BC_DEV_COND else 'cgroup'
        return '%s = %d' % (name, int.from_bytes(operand, sys.byteorder))
    return {INET_DIAG_BC_AUTO: 'port chosen by the kernel', INET_DIAG_BC_NOP: 'nothing'}.get(code, 'code %d' % code)


def end(operand):
    """Address and port of a host condition."""
    cond = inet_diag_hostcond.from_buffer_copy(operand)
    address = 'any'
    if cond.family in WIDTHS:
        raw = operand[sizeof(cond):sizeof(cond) + WIDTHS[cond.family]]
        address = '%s/%d' % (numeric(raw), cond.prefix_len)
    return '%s port %s' % (address, 'any' if cond.port == -1 else cond.port)


# Conditions

def words(node):
    """A condition as words."""
    return WORDS.get(node.__class__, repr)(node)


def of_host(node):
    addresses = ' '.join(['%s/%d' % (numeric(address), bits) for _, address, bits in node.addresses])
    return limited(node, '%s %s%s' % (node.side, addresses or 'any', port_words(node.port)))


def of_number(node):
    return limited(node, '%s %s%s' % (node.side, 'any' if node.address is None else node.address, port_words(node.port)))


def port_words(port):
    return '' if port == ANY_PORT else ' port %d' % port


def of_port(node):
    return limited(node, '%s port %s %d' % (node.side, node.order, node.port))


def limited(node, text):
    families = ' or '.join([FAMILIES.get(family, str(family)) for family in node.families or ()])
    return '%s (%s)' % (text, families) if families else text


def of_fact(node):
    if node.operator == 'has':
        return node.name
    values = node.values if node.values.__class__ is tuple else (node.values,)
    return '%s %s %s' % (node.name, node.operator, ','.join(map(value_words, values)))


def value_words(value):
    if value.__class__ is Pattern:
        return value.text
    if value.__class__ is tuple:
        _, address, bits = value
        return '%s/%d' % (numeric(address), bits)
    return one_line('%s' % value).lower() if value.__class__ is bool else one_line('%s' % value)


WORDS = {
    Host: of_host, Numbered: of_number, Port: of_port, Compare: of_fact,
    Glob: lambda node: limited(node, '%s name %s' % (node.side, one_line(node.pattern))),
    Device: lambda node: 'interface %d' % node.index,
    Mark: lambda node: 'mark & %#x = %#x' % (node.mask, node.value),
    Cgroup: lambda node: 'cgroup id %d' % node.id,
    Autobound: lambda node: 'port chosen by the kernel (%d to %d)' % (node.low, node.high),
}


def tree(node):
    """The tree as lists and dicts: a str, {'and': [...]}, {'or': [...]} or {'not': ...}."""
    if node.__class__ is Not:
        return {'not': tree(node.part)}
    if node.__class__ in (And, Or):
        return {'and' if node.__class__ is And else 'or': [tree(part) for part in node.parts]}
    return words(node)


# The whole

def explained(query, host):
    """[{...}], one for each table and family, in ss's order; keys as :func:`json` prints them."""
    return [of_table(query, host, table, family) for table in tables(query.selection)
            for family in table.families if family in query.selection.families]


def of_table(query, host, table, family):
    node = query.selection.condition
    program, doubts = judged(query, table, family)
    told = {
        'table': table.name, 'family': FAMILIES.get(family, table.name),
        'states': [name for number, name in enumerate(STATES) if query.selection.states >> number & 1 and name not in HIDDEN],
        'condition': node and tree(node),
        'program': None if program is None or program is NOTHING else [
            dict([('at', at), ('asks', asked), ('else', target)] if asked else [('at', at), ('jump', target)])
            for at, asked, target in operations(program)],
        'nothing_matches': True if program is NOTHING else None,
        'judged_here': [{'condition': words(each), 'why': why} for each, why in doubts],
        'reads': [] if program is NOTHING else reads(query, table, family)}
    return {key: value for key, value in told.items() if value is not None}


def judged(query, table, family):
    """(program, [(condition, why it is judged here)])"""
    node = query.selection.condition
    if node is None or not table.judges and not facts(node):
        return None, []
    if not table.compiles:
        return None, [(each, 'the kernel takes no filter for these sockets') for each in conditions(node)]
    program, doubts = bytecode.judged(node, family, (), query.selection.states if table.filters else None)
    if program is not NOTHING and not table.filters:
        doubts = [(each, 'the kernel runs no filter for these sockets') for each in conditions(node)]
    return program, doubts


def reads(query, table, family):
    """What will be read for a table."""
    found = ['a dump by sock_diag' + asked_for(table.request(query, family))]
    wanted = query.detail.wanted
    if table.inode and not wanted.isdisjoint(OWNERS):
        found.append('/proc/PID/%sfd of every process' % ('task/TID/' if 'threads' in wanted else ''))
    if 'cgroup' in wanted or 'extended' in wanted and 'cgroup' in [fact.name for fact in table.facts(wanted)]:
        found.append('paths of cgroups')
    return found


def asked_for(request):
    """The attributes that a request asks for."""
    shown = next((name for name, *_ in request._fields_ if name == 'idiag_ext' or name.endswith('_show')), None)
    bits = getattr(request, shown) if shown else 0
    if shown != 'idiag_ext':
        return ' with %s %#x' % (shown, bits) if shown else ''
    names = [name[len(PREFIX):] for name, number in vars(inet_diag).items()
             if name.startswith(PREFIX) and not name.startswith(OTHERS) and number and bits >> number - 1 & 1]
    return ' with ' + ' '.join(names) if names else ''


def json(query, host):
    """An array of objects, one a line."""
    from ..objects import encoded
    return '[\n%s\n]\n' % ',\n'.join(map(encoded, explained(query, host)))


def text(query, host):
    """Some indented lines for each table and family."""
    lines = []
    for told in explained(query, host):
        lines.append('%s, %s: %s' % (told['table'], told['family'], ' '.join(told['states'])))
        if 'condition' in told:
            lines.append('  condition')
            lines += branches(told['condition'], '    ')
        if told.get('nothing_matches'):
            lines.append('  no socket can match: nothing is asked')
        if 'program' in told:
            lines.append('  asked of the kernel')
            lines += ['    %5d  %s' % (one['at'], 'jump %s' % one['jump'] if 'jump' in one else
                                       '%-40s else %s' % (one['asks'], one['else']))
                      for one in told['program']]
        if told['judged_here']:
            lines.append('  judged here')
            lines += ['    %s: %s' % (one['condition'], one['why']) for one in told['judged_here']]
        if told['reads']:
            lines.append('  read')
            lines += ['    ' + line for line in told['reads']]
    return ''.join([line + '\n' for line in lines])


def branches(node, indent):
    """The lines of a tree."""
    if isinstance(node, str):
        return [indent + node]
    (word, parts), = node.items()
    parts = parts if isinstance(parts, list) else [parts]
    return [indent + word] + [line for part in parts for line in branches(part, indent + '  ')]
