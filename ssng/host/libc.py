"""The C library through ctypes: the one way to calls that Python does not wrap."""

import os

_handle = None


def _library():
    """The library this interpreter is linked with; ctypes is loaded when first needed."""
    global _handle
    if _handle is None:
        from ctypes import CDLL
        _handle = CDLL(None, use_errno=True)
    return _handle


def function(name, result=None, *arguments):
    """A function with its types declared: for pointers and 64-bit values.  None if this libc lacks it."""
    found = getattr(_library(), name, None)
    if found is not None and (result is not None or arguments):
        found.restype = result
        found.argtypes = arguments
    return found


def call(name, *arguments):
    """The int that a function returns; OSError where that is -1.

    ``arguments``: int (passed as C int), bytes (char *), None (NULL) or ctypes values.
    """
    found = function(name)
    if found is None:
        import errno
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result = found(*arguments)
    if result == -1:
        from ctypes import get_errno
        raise OSError(get_errno(), os.strerror(get_errno()))
    return result
