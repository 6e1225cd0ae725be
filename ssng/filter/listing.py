"""A bytecode program for the eye: one line an operation, where it stands and where it goes on.

      0  dst 10.0.0.0/8 port any          else fail
     16  sport >= 1024                    else 40
     24  jump 40
"""

import sys
from ctypes import sizeof

from ..kernel.abi.inet_diag import (
    INET_DIAG_BC_AUTO, INET_DIAG_BC_CGROUP_COND, INET_DIAG_BC_D_COND, INET_DIAG_BC_D_EQ, INET_DIAG_BC_D_GE,
    INET_DIAG_BC_D_LE, INET_DIAG_BC_DEV_COND, INET_DIAG_BC_JMP, INET_DIAG_BC_MARK_COND, INET_DIAG_BC_NOP,
    INET_DIAG_BC_S_COND, INET_DIAG_BC_S_EQ, INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE,
    inet_diag_bc_op, inet_diag_hostcond, inet_diag_markcond)
from ..kernel.abi.sock_diag import AF_INET, AF_INET6

PORTS = {
    INET_DIAG_BC_S_GE: 'sport >=', INET_DIAG_BC_S_LE: 'sport <=', INET_DIAG_BC_S_EQ: 'sport =',
    INET_DIAG_BC_D_GE: 'dport >=', INET_DIAG_BC_D_LE: 'dport <=', INET_DIAG_BC_D_EQ: 'dport =',
}
ENDS = {INET_DIAG_BC_S_COND: 'src', INET_DIAG_BC_D_COND: 'dst'}
WIDTHS = {AF_INET: 4, AF_INET6: 16}
OP = sizeof(inet_diag_bc_op)


def listing(program):
    """Lines of text, joined.  ``program`` is one that the kernel takes."""
    lines, at = [], 0
    while at < len(program):
        op = inet_diag_bc_op.from_buffer_copy(program, at)
        target = 'end' if at + op.no == len(program) else 'fail' if at + op.no > len(program) else str(at + op.no)
        if op.code == INET_DIAG_BC_JMP:
            lines.append('%5d  jump %s' % (at, target))
        else:
            lines.append('%5d  %-40s else %s' % (at, meaning(op.code, program[at + OP:at + op.yes]), target))
        at += op.yes
    return '\n'.join(lines)


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
    from _socket import inet_ntop
    cond = inet_diag_hostcond.from_buffer_copy(operand)
    address = 'any'
    if cond.family in WIDTHS:
        raw = operand[sizeof(cond):sizeof(cond) + WIDTHS[cond.family]]
        address = '%s/%d' % (inet_ntop(cond.family, raw), cond.prefix_len)
    return '%s port %s' % (address, 'any' if cond.port == -1 else cond.port)
