"""The structures and numbers of the kernel, one module a uapi header.

They are declared with ctypes, of which no more is taken than its core, and the integers that it makes of that: all of it takes
as long to import as half of ssng.  A Python without it has a stand-in that lays out the same declarations.
"""

try:
    from _ctypes import Array, Structure, Union, _SimpleCData, sizeof
except ImportError:
    from .plain import (
        Array, Structure, Union, c_char, c_int, c_int8, c_int16, c_int32, c_long, c_uint, c_uint8, c_uint16, c_uint32,
        c_uint64, c_ulong, sizeof)
else:
    def simple(name, code):
        """The ctypes kind of one thing that has this code in the struct module."""
        return type(_SimpleCData)(name, (_SimpleCData,), {'_type_': code})

    c_char = simple('c_char', 'c')
    c_int8, c_int16, c_int32 = simple('c_int8', 'b'), simple('c_int16', 'h'), simple('c_int32', 'i')
    c_uint8, c_uint16, c_uint32 = simple('c_uint8', 'B'), simple('c_uint16', 'H'), simple('c_uint32', 'I')
    c_long, c_ulong, c_uint64 = simple('c_long', 'l'), simple('c_ulong', 'L'), simple('c_uint64', 'Q')
    c_int, c_uint = c_int32, c_uint32

__all__ = [
    'Array', 'Structure', 'Union', 'c_char', 'c_int', 'c_int8', 'c_int16', 'c_int32', 'c_long', 'c_uint', 'c_uint8', 'c_uint16',
    'c_uint32', 'c_uint64', 'c_ulong', 'sizeof']
