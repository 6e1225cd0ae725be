"""Floating-point values as C's ``%f`` prints them, and as Python numbers.

A ``long double`` is 80 bits of the x87 on x86 (in 12 or 16 bytes) and an IEEE binary128 elsewhere, but
on powerpc, whose two doubles in one are not read here.  Python has neither, so both are taken apart
into a mantissa and a power of two.
"""

import errno
import os
from ctypes import c_longdouble, sizeof
from struct import unpack

from .btf import BtfError

X86 = ('x86_64', 'i386', 'i486', 'i586', 'i686')
CHUNK = 4000            # digits: CPython 3.11 refuses to write out a number of more than 4300 at once


def fixed(data, mark):
    """The text of a float's bytes with six decimals; ``mark`` is struct's mark of their byte order."""
    if len(data) == 4 or len(data) == 8:
        value = unpack(mark + ('f' if len(data) == 4 else 'd'), data)[0]
        # Not '%f': PyPy writes an exponent then, from 1e50 on.
        return '-' * (value != value and _negative(data, mark)) + format(value, 'f')
    negative, mantissa, exponent = parts(data, mark)
    if mantissa is None:
        return '-' * negative + exponent
    scaled = mantissa * 10 ** 6
    if exponent >= 0:
        scaled <<= exponent
    else:
        scaled, rest = divmod(scaled, 1 << -exponent)
        half = 1 << -exponent - 1
        scaled += rest > half or rest == half and scaled & 1
    whole, decimals = divmod(scaled, 10 ** 6)
    return '%s%s.%06d' % ('-' * negative, digits(whole), decimals)


def number(data, mark):
    """The float as a Python float; None where it is none: infinite, not a number, out of range."""
    if len(data) in (4, 8):
        value = unpack(mark + ('f' if len(data) == 4 else 'd'), data)[0]
    else:
        from math import ldexp
        negative, mantissa, exponent = parts(data, mark)
        if mantissa is None:
            return None
        try:
            value = ldexp(-mantissa if negative else mantissa, exponent)
        except OverflowError:
            return None
    return value if value - value == 0 else None


def _negative(data, mark):
    return bool(data[-1 if mark == '<' else 0] & 0x80)


def parts(data, mark):
    """(negative, mantissa, power of two) of a long double; (negative, None, 'inf' or 'nan') where it is no number."""
    machine = os.uname().machine
    if len(data) != sizeof(c_longdouble) or machine.startswith('ppc'):
        raise BtfError(errno.EINVAL)
    bits = int.from_bytes(data, 'little' if mark == '<' else 'big')
    return x87(bits) if machine in X86 else binary128(bits)


def x87(bits):
    """80 bits: sign, 15 of exponent, 64 of mantissa with its leading one."""
    mantissa, exponent, negative = bits & (1 << 64) - 1, bits >> 64 & 0x7fff, bits >> 79 & 1
    whole = mantissa >> 63
    if exponent == 0x7fff:
        return negative, None, 'inf' if mantissa == 1 << 63 else 'nan'
    if exponent and not whole:
        return negative, None, 'nan'            # the processor calls it invalid, the C library nan
    return negative, mantissa, max(exponent, 1) - 16383 - 63


def binary128(bits):
    """128 bits: sign, 15 of exponent, 112 of mantissa without its leading one."""
    mantissa, exponent, negative = bits & (1 << 112) - 1, bits >> 112 & 0x7fff, bits >> 127
    if exponent == 0x7fff:
        return negative, None, 'nan' if mantissa else 'inf'
    if exponent:
        mantissa |= 1 << 112
    return negative, mantissa, max(exponent, 1) - 16383 - 112


def digits(number):
    """The decimal digits of a number of any size."""
    if number < 10 ** CHUNK:
        return '%d' % number
    high, low = divmod(number, 10 ** CHUNK)
    return digits(high) + ('%d' % low).zfill(CHUNK)
