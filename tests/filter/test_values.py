"""Numbers, devices, marks, cgroups."""
import ctypes
import random

import pytest

from ssng.errors import Failure
from ssng.filter.tree import Cgroup, Device, Mark
from ssng.filter.values import c_integer, c_unsigned, cgroup, device, mark, scan
from tests.filter.support import Words


@pytest.mark.parametrize('text,expected', [
    ('0', 0), ('22', 22), ('0x16', 22), ('0X1f', 31), ('010', 8), ('0b101', 5), ('0B1', 1), ('-5', -5), ('+5', 5),
    (' \t\n\v\f\r5', 5), ('- 5', None), ('08', None), ('0x', None), ('0b', None), ('0b2', None), ('', None),
    ('-', None),
    ('5 ', None), ('1_0', None), ('\xb2', None), ('--5', None), ('-0x10', -16), ('x10', None), ('00', 0),
    ('9223372036854775807', 2 ** 63 - 1), ('9223372036854775808', None), ('-9223372036854775808', -2 ** 63),
])
def test_c_integer(text, expected):
    assert c_integer(text) == expected


@pytest.mark.parametrize('text,expected', [('255', 255), ('256', None), ('-1', None), ('0xff', 255)])
def test_c_unsigned(text, expected):
    assert c_unsigned(text, 255) == expected


MANY = '1' * 5000       # digits: more than int() takes (4,300 since 3.11)


@pytest.mark.parametrize('behind', ['', '/3', ' '])
@pytest.mark.parametrize('before', ['', '-', '0x', '0b', '0'])
def test_very_many_digits(before, behind):
    number, rest = scan(before + MANY + behind)
    assert abs(number) >= 1 << 64 and (number < 0) == (before == '-') and rest == behind
    assert c_integer(before + MANY) is None


def test_zeros_before_a_number_are_no_digits():
    assert c_integer('0' * 5000 + '17') == 15
    assert c_integer('0x' + '0' * 5000 + '17') == 23
    assert device('if' + '0' * 5000 + '17', None, Words()) == Device(17)


def test_very_many_digits_are_clamped_where_ss_clamps():
    assert mark_of(MANY) == Mark(0xffffffff, 0xffffffff)
    assert mark_of('-' + MANY) == Mark(0, 0xffffffff)
    assert mark_of('1/' + MANY) == Mark(1, 0xffffffff)
    assert device('if' + MANY, None, Words()) == Device(0xffffffff)


def test_scan_is_strtoll():
    """But for `0b`, which only newer C libraries know, and a bare `0x`, which scanf(3) refuses and strtoll takes."""
    strtoll = ctypes.CDLL(None).strtoll
    strtoll.restype = ctypes.c_longlong
    dice = random.Random(2)
    for _ in range(5000):
        text = ''.join(dice.choice(' +-00123789afxgX_') for _ in range(dice.randrange(7)))
        if text.lstrip(' +-')[:2] in ('0x', '0X') and text.lstrip(' +-')[2:3] not in tuple('0123789af'):
            continue
        raw = ctypes.create_string_buffer(text.encode())
        end = ctypes.c_char_p()
        number = strtoll(raw, ctypes.byref(end), 0)
        rest = end.value.decode()
        assert scan(text) == ((number, rest) if rest != text else (None, text)), text


@pytest.mark.parametrize('text,value,mask', [
    ('1', 1, 0xffffffff), ('0x01/0x03', 1, 3), ('0x10x', 16, 0xffffffff), ('1/2/3', 1, 2), ('1/3x', 1, 3),
    ('08', 0, 0xffffffff),
    ('-1', 0xffffffff, 0xffffffff), ('99999999999', 0x4876e7ff, 0xffffffff),
    ('99999999999999999999', 0xffffffff, 0xffffffff),
    ('-99999999999999999999', 0, 0xffffffff), ('1/0x1ffffffff', 1, 0xffffffff), ('+5/ +6', 5, 6),
    ('0b12', 1, 0xffffffff),
])
def test_mark(text, value, mask):
    """The numbers are those of the bytecode that ss sends."""
    assert mark_of(text) == Mark(value, mask)


def mark_of(text):
    return mark(text, None, Words())


@pytest.mark.parametrize('text', ['', 'x', '1/', '/3', '08/1', '1x/3', '1 /3', '1//2', '0x/1', '--5'])
def test_no_mark(text):
    with pytest.raises(Failure) as caught:
        mark_of(text)
    assert caught.value.status == 1


@pytest.mark.parametrize('text,index', [
    ('lo', 1), ('7', 70), ('8', 8), ('0', 0), ('0x10', 16), ('4294967295', 0xffffffff), ('+1', 1), (' 1', 1),
    ('if9', 90), ('if8', 8), ('if1xyz', 1), ('if08', 8), ('if4294967297', 1), ('if99999999999999999999', 0xffffffff),
])
def test_device(text, index):
    assert device(text, None, Words()) == Device(index)


@pytest.mark.parametrize('text', ['', 'eth9', '-1', '4294967296', '1x', '08', 'if', 'if0', 'ifx', 'if4294967296'])
def test_no_device(text):
    with pytest.raises(Failure) as caught:
        device(text, None, Words())
    assert caught.value.status == 1


def test_cgroup():
    assert cgroup('/', None, Words()) == Cgroup(7)
    with pytest.raises(Failure):
        cgroup('none', None, Words())
