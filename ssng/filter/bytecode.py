"""Tree to the program that the kernel runs over every socket of a dump: INET_DIAG_REQ_BYTECODE.

A program is a row of operations.  Each has two ways out: `yes`, always the next operation, and `no`, a
distance forward.  Who runs off the end exactly is told of; who jumps 4 bytes beyond the end is not.
The kernel checks that jumps land on operations and only go forward.

    leaf        fails to the failure exit of the whole
    A and B     A B
    A or B      A JMP(end of B) B           A fails to B
    not A       A JMP(failure)              A fails to the end

First the tree is folded, then what is left is written.  Where ss compiles rightly, these are its bytes
(command-line.md 4.1 to 4.5).

Folding: a tree becomes one in terms of what the kernel knows, and the kernel must not lose a socket by that.
It may tell of too many, if user space judges them again by the whole tree.  Two flags go along:

    more     at this place an approximation must let `more` sockets through, else fewer.  It begins true, and
             each `not` turns it round: more of A are fewer of `not A`.
    exact    nothing was approximated; what comes back needs no other judgement

A condition on a fact is one the kernel cannot say, but for those that mean what one of ss's words means (`peer.port = 22`)
and those that its family or the states asked for settle.

`dport = 22 and ! ( fwmark = 7 or src inet:10/8 )`, for the IPv6 sockets of a kernel that refuses marks:

    and                more   `dport = 22`   true falls out of an `and`
      dport = 22       more   itself
      not              more   true           the contrary of its part
        or             fewer  false          false falls out of an `or`, and nothing else is left
          fwmark = 7   fewer  false          the kernel cannot say; no longer exact
          src inet:..  fewer  false          a condition on another family: that is what it means, not an approximation

So the kernel is asked for `dport = 22`, and the marks of those sockets are looked at here.  Had it stood there
without the `!`, fwmark = 7 would have become true.
"""

import sys

from ..kernel.abi import sizeof
from ..kernel.abi.inet_diag import (
    INET_DIAG_BC_AUTO, INET_DIAG_BC_CGROUP_COND, INET_DIAG_BC_D_COND, INET_DIAG_BC_D_GE, INET_DIAG_BC_D_LE,
    INET_DIAG_BC_DEV_COND, INET_DIAG_BC_JMP, INET_DIAG_BC_MARK_COND, INET_DIAG_BC_S_COND,
    INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE, inet_diag_bc_op, inet_diag_hostcond, inet_diag_markcond)
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, AF_UNSPEC
from .tree import And, Autobound, Cgroup, Compare, Device, Host, Mark, Not, Or, Port

# The attribute's length is 16 bits; the request with all its other attributes must fit a send buffer of
# 64 KiB.  No jump within is longer than 16 bits either.
LONGEST = 0xfe00

OP = sizeof(inet_diag_bc_op)

COMPARISONS = {
    ('src', '>='): INET_DIAG_BC_S_GE, ('src', '<='): INET_DIAG_BC_S_LE,
    ('dst', '>='): INET_DIAG_BC_D_GE, ('dst', '<='): INET_DIAG_BC_D_LE,
}
CONDITIONS = {'src': INET_DIAG_BC_S_COND, 'dst': INET_DIAG_BC_D_COND}

NEWER = {'cgroup': Cgroup, 'mark': Mark, 'device': Device}     # the newest first

FAMILY_NAMES = {AF_INET: 'inet', AF_INET6: 'inet6'}

NOTHING = object()      # in place of a program: no socket can match, no dump is needed


def compile(node, family, without=(), states=None):
    """(program, exact) for a dump of AF_INET or AF_INET6 sockets; ``node`` None: no filter.

    ``states``: the mask of states that are asked for, where the answer holds no others.

    ``program``: the attribute's value, or None if there is none to send, or NOTHING.  ``exact``: what comes
    back needs no other judgement.  ``without``: conditions, of NEWER, that the kernel refuses.
    """
    if node is None:
        return None, True
    program, doubts = judged(node, family, without, states)
    return program, not doubts


def judged(node, family, without=(), states=None):
    """(program, doubts): as compile has it, and why what comes back must be judged again, [(condition, reason)]."""
    folding = Folding(node, family, without, states)
    left = folding.fold(node, True)
    if left.__class__ is bool:
        return None if left else NOTHING, folding.doubts
    program, whole = fitting(left)
    return program, folding.doubts + ([] if whole else [(node, 'it is too long for the kernel')])


def retries(node, privilege=False):
    """What to compile ``without``, in turn, for a kernel that refuses the program of ``node``.

    It says EINVAL to operations it does not know; with ``privilege``, it said EPERM: only marks need one.
    """
    names = [name for name in NEWER if holds(node, NEWER[name]) and (name == 'mark' or not privilege)]
    return [names[:count] for count in range(1, len(names) + 1)]


class Folding:
    """Constants and approximations taken out of a tree; ``doubts`` are the approximations: (condition, reason)."""

    def __init__(self, node, family, without, states=None):
        self.family = family
        self.states = states
        self.unknown = tuple(NEWER[name] for name in without)
        self.doubts = []
        # ss sends no program with a device in it, and judges alone then.  Where the kernel and user space
        # mean different things by a condition, ss shows what both agree on; so do we, unless ss would not
        # have asked the kernel.
        self.as_ss = not holds(node, self.unknown + (Device,))

    def fold(self, node, more):
        """``node`` in terms of what the kernel knows, or True or False.

        ``more``: where it must be approximated, for more sockets; else for fewer (see above).
        """
        if node.__class__ is Not:
            part = self.fold(node.part, not more)
            return not part if part.__class__ is bool else Not(part)
        if node.__class__ in (And, Or):
            return self.join(node, more)
        if node.__class__ is Compare:
            return self.fact(node, more)
        if getattr(node, 'families', None) and self.family not in node.families:
            return False
        if differs(node):
            self.doubts.append((node, 'the kernel means something else by it'))
            return node if self.as_ss else more
        if isinstance(node, self.unknown):
            self.doubts.append((node, 'the kernel does not know it'))
            return more
        return node

    def fact(self, node, more):
        """A condition on a fact: what is settled, or what the kernel can be asked in its place."""
        if node.mask is not None and self.states is not None:
            if not self.states & ~node.mask:
                return True
            if not self.states & node.mask:
                return False
        if node.name == 'family':
            from .compare import tests
            return tests(node)(FAMILY_NAMES[self.family])
        if node.kernel is None:
            self.doubts.append((node, 'the kernel knows nothing of it'))
            return more
        return self.fold(node.kernel, more)

    def join(self, node, more):
        decisive = node.__class__ is Or         # the constant that settles the whole
        parts = []
        for part in node.parts:
            part = self.fold(part, more)
            if part is decisive:
                return decisive
            if part.__class__ is not bool:
                parts.append(part)
        if len(parts) > 1:
            return node.__class__(parts)
        return parts[0] if parts else not decisive


def holds(node, kinds):
    """Is there a condition of one of ``kinds`` in the tree?"""
    if node.__class__ is Not:
        return holds(node.part, kinds)
    if node.__class__ in (And, Or):
        return any(holds(part, kinds) for part in node.parts)
    return isinstance(node, kinds)


def differs(node):
    """Do the kernel and user space mean different things by this condition?

    The kernel's `autobound` is a port it chose itself, user space's a port in the ephemeral range; a
    comparison carries 16 bits of its number, a host condition 32.
    """
    if node.__class__ is Port:
        return not 0 <= node.port <= 0xffff
    if node.__class__ is Host:
        return not -1 << 31 <= node.port < 1 << 31
    return node.__class__ is Autobound


def fitting(node):
    """(program, whether it is the whole tree): parts of an `and` that find no place are left to user space."""
    whole = Writer(node)
    if whole.size <= LONGEST:
        return whole.program(), True
    kept, size = [], 0
    for part in node.parts if node.__class__ is And else ():
        with_it = size + Writer(part).size
        if with_it <= LONGEST:
            kept.append(part)
            size = with_it
    return Writer(And(kept)).program() if kept else None, False


class Writer:
    """The program of a tree: operations with their operands, and where each goes on `no`."""

    def __init__(self, node):
        self.operations = []            # (offset, code, operand)
        self.targets = []               # offset, by number of operation
        self.size = 0                   # bytes
        failures = self.write(node)
        self.send(failures, self.size + OP)

    def put(self, code, operand=b''):
        """Append an operation; returns its number."""
        self.operations.append((self.size, code, operand))
        self.targets.append(None)
        self.size += OP + len(operand)
        return len(self.targets) - 1

    def send(self, numbers, target):
        for number in numbers:
            self.targets[number] = target

    def write(self, node):
        """Append ``node``; returns the numbers of the operations that fail with it."""
        if node.__class__ is And:
            return [number for part in node.parts for number in self.write(part)]
        if node.__class__ is Or:
            return self.alternatives(node.parts)
        if node.__class__ is Not:
            failures = self.write(node.part)
            jump = self.put(INET_DIAG_BC_JMP)
            self.send(failures, self.size)
            return [jump]
        if node.__class__ is Host:
            return self.host(node)
        return [self.put(*operation(node))]

    def alternatives(self, parts):
        """`A or B or C` is `(A or B) or C`: the jump behind A ends at the jump behind B."""
        failures = self.write(parts[0])
        for part in parts[1:]:
            jump = self.put(INET_DIAG_BC_JMP)
            self.send(failures, self.size)
            failures = self.write(part)
            self.targets[jump] = self.size
        return failures

    def host(self, node):
        """The addresses of a host are alternatives too, but every jump goes to the end of them all."""
        conditions = host_conditions(node)
        failures, jumps = [self.put(CONDITIONS[node.side], conditions[0])], []
        for condition in conditions[1:]:
            jumps.append(self.put(INET_DIAG_BC_JMP))
            self.send(failures, self.size)
            failures = [self.put(CONDITIONS[node.side], condition)]
        self.send(jumps, self.size)
        return failures

    def program(self):
        return b''.join(
            bytes(inet_diag_bc_op(code, OP + len(operand), target - offset)) + operand
            for (offset, code, operand), target in zip(self.operations, self.targets))


def operation(node):
    """(code, operand) of a condition other than Host."""
    if node.__class__ is Port:
        return COMPARISONS[node.side, node.order], bytes(inet_diag_bc_op(0, 0, node.port & 0xffff))
    if node.__class__ is Device:
        return INET_DIAG_BC_DEV_COND, word(node.index, 4)
    if node.__class__ is Mark:
        return INET_DIAG_BC_MARK_COND, bytes(inet_diag_markcond(node.value, node.mask))
    if node.__class__ is Cgroup:
        return INET_DIAG_BC_CGROUP_COND, word(node.id, 8)
    if node.__class__ is Autobound:
        return INET_DIAG_BC_AUTO, b''
    raise TypeError('no operation says %r' % (node,))


def word(number, size):
    return number.to_bytes(size, sys.byteorder)


def host_conditions(node):
    """The operand for each address; one without address where any will do."""
    return [bytes(inet_diag_hostcond(family, bits, node.port)) + address
            for family, address, bits in node.addresses or ((AF_UNSPEC, bytes(4), 0),)]
