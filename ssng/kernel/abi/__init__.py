"""The structures and numbers of the kernel, one module a uapi header.

They are declared with ctypes; a Python without it has a stand-in that lays out the same declarations.
"""

try:
    from ctypes import (
        Array, Structure, Union, c_char, c_int, c_int8, c_int16, c_int32, c_long, c_uint, c_uint8, c_uint16, c_uint32,
        c_uint64, c_ulong, sizeof)
except ImportError:
    from .plain import (
        Array, Structure, Union, c_char, c_int, c_int8, c_int16, c_int32, c_long, c_uint, c_uint8, c_uint16, c_uint32,
        c_uint64, c_ulong, sizeof)

__all__ = [
    'Array', 'Structure', 'Union', 'c_char', 'c_int', 'c_int8', 'c_int16', 'c_int32', 'c_long', 'c_uint', 'c_uint8', 'c_uint16',
    'c_uint32', 'c_uint64', 'c_ulong', 'sizeof']
