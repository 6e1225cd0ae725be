"""The C library through ctypes: the one way to calls that Python does not wrap.

Loads ctypes: imported only by what is about to call.  A Python without it, or linked statically, can call nothing.
"""

from errno import ENOSYS

from ..errors import explain

try:
    from ctypes import CDLL, get_errno
    LIBRARY = CDLL(None, use_errno=True)    # the one this interpreter is linked with
except (ImportError, OSError):
    LIBRARY = None

MISSING = 'this Python cannot call the C library: it has no ctypes (Debian: libpython3-stdlib)'


def required():
    """Raises OSError where nothing can be called."""
    if LIBRARY is None:
        raise OSError(ENOSYS, MISSING)


def function(name, result=None, *arguments):
    """A function with its types declared: for pointers and 64-bit values.  None if this libc lacks it."""
    found = getattr(LIBRARY, name, None)
    if found is not None and (result is not None or arguments):
        found.restype = result
        found.argtypes = arguments
    return found


def call(name, *arguments):
    """The int that a function returns; OSError where that is -1.

    ``arguments``: int (passed as C int), bytes (char *), None (NULL) or ctypes values.
    """
    required()
    found = function(name)
    if found is None:
        raise OSError(ENOSYS, explain(ENOSYS))
    result = found(*arguments)
    if result == -1:
        number = get_errno()
        raise OSError(number, explain(number))
    return result
