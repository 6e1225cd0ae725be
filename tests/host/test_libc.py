import ctypes
import errno
import os

import pytest

from ssng.host import libc


def test_results_come_back():
    assert libc.call('getpid') == os.getpid()


def test_minus_one_is_an_error():
    with pytest.raises(OSError) as raised:
        libc.call('close', -1)
    assert (raised.value.errno, raised.value.strerror) == (errno.EBADF, os.strerror(errno.EBADF))


def test_a_function_this_libc_lacks():
    with pytest.raises(OSError) as raised:
        libc.call('no_such_function')
    assert raised.value.errno == errno.ENOSYS
    assert libc.function('no_such_function', ctypes.c_char_p) is None


def test_declared_types():
    assert libc.function('strchr', ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)(b'name=value', ord('=')) == b'=value'
