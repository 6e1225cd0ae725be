"""The stand-in lays out what ctypes lays out."""
import struct
import subprocess
import sys

import pytest

from ssng.kernel.abi import inet_diag, netlink, packet_diag, plain, sctp, tcp
from tests.support import layouts
from tests.support.namespaces import ROOT


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_all_structures(seed):
    words = [sys.executable, '-m', 'tests.support.minimal', '--layouts', str(seed)]
    ours = subprocess.check_output(words, cwd=ROOT).decode().splitlines()
    assert ours == list(layouts.told(seed)) and len(ours) > 500


def test_the_stand_in_was_asked():
    program = 'import sys; sys.modules["_ctypes"] = None\nimport ssng.kernel.abi.tcp as abi; print(abi.tcp_info.__mro__)'
    assert b'ssng.kernel.abi.plain.Structure' in subprocess.check_output([sys.executable, '-c', program], cwd=ROOT)


class head(plain.Structure):
    _fields_ = [('kind', plain.c_uint8), ('size', plain.c_uint16), ('low', plain.c_uint8, 4)]


def test_the_example():
    assert head.size.offset == 2
    if sys.byteorder == 'little':
        assert head.low.size == 4 << 16
        assert bytes(head(1, 2, low=3)) == b'\1\0\2\0\3\0'


def test_parts_are_views():
    kind = type('outer', (plain.Structure,), {'_fields_': [('inner', head * 2)]})
    outer = kind()
    outer.inner[1].size = 0x1234
    assert bytes(outer) == bytes(8) + struct.pack('=H', 0x1234) + bytes(2)
    assert [part.size for part in outer.inner] == [0, 0x1234]


def test_too_few_bytes():
    with pytest.raises(ValueError):
        head.from_buffer_copy(bytes(5))
    assert bytes(head.from_buffer_copy(bytearray(7), 1)) == bytes(6)


def test_an_index_beyond_the_end():
    with pytest.raises(IndexError):
        (plain.c_uint32 * 2)()[2]


def test_ctypes_is_used_where_it_is():
    import ctypes
    for kind in (inet_diag.inet_diag_msg, netlink.nlmsghdr, packet_diag.sock_filter, sctp.sctp_info, tcp.tcp_info):
        assert issubclass(kind, ctypes.Structure)
