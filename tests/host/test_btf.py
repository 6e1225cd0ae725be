"""BTF: what is read of a blob, the text of values, and what no blob can do to us."""
import decimal
import errno
import json
import platform
import struct

import pytest

from ssng.host.btf import Btf, BtfError
from ssng.host.btf_dump import Printer
from ssng.host.btf_float import digits, fixed
from ssng.host.btf_value import value as plain
from tests.support.btf import Types
from tests.support.btf_examples import EXAMPLES
from tests.support.recordings import recordings

BY_NAME = {example.name: example for example in EXAMPLES}


def text(types, top, value, compact=True):
    return Printer(Btf(types.blob()), top, compact).text(value)


@pytest.mark.parametrize('example', EXAMPLES, ids=lambda example: example.name)
def test_one_line(example):
    assert text(example.types, example.top, example.value) == example.text


# The form of several lines; » is a tab.
LINES = {
    'ints': '''\
»»(struct all){
»»».i = (int)-1,
»»».u = (unsigned int)4294967295,
»»».c = (char)65,
»»».sc = (signed char)-66,
»»».uc = (unsigned char)200,
»»».bo = (_Bool)1,
»»».sh = (short)-3,
»»».us = (unsigned short)65535,
»»».ll = (long long)-9223372036854775808,
»»».ull = (unsigned long)18446744073709551615,
»»}''',
    'arrays': '''\
»»(struct arrs){
»»».a = (int[3])[
»»»»0,
»»»»1,
»»»»2,
»»»],
»»».m = (int[2][3])[
»»»»[
»»»»»3,
»»»»»4,
»»»»»5,
»»»»],
»»»»[
»»»»»6,
»»»»»7,
»»»»»8,
»»»»],
»»»],
»»».p = (struct pt[2])[
»»»»{
»»»»».x = 9,
»»»»».y = 10,
»»»»},
»»»»{
»»»»».x = 11,
»»»»».y = 12,
»»»»},
»»»],
»»».z = (int[0])[
»»»],
»»}''',
    'nothing': '''\
»»(struct e){
»»».e = (struct emp){
»»»},
»»».n = (int)1,
»»}''',
    'section': '''\
»»SEC(".data") »»int alpha = »»(int)3;»»static int beta = »»(int)-4;»»char[4] str = »»(char[4])[
»»»'a',
»»»'b',
»»»'c',
»»»'\\0',
»»];»»int (*)(int x) fp = »»(int (*)(int x))0x5;''',
    'beyond_the_end_later': '''\
»»(struct o){
»»».n = (struct in){
»»»».y = (unsigned int)14613180,
»»»},
»»failed to dump data: -7''',
    'beyond_the_end_in_an_array': '''\
»»(struct o){
»»».x = (struct in[2])[
»»»»{
»»»»».y = 14613180,
»»»»},
»»»»{
»»»»],
»»»},
''',
    'a_wide_bit_field': '''\
»»(struct o){
»»».x = (unsigned __int128)»»failed to dump data: -22''',
    'an_int': '»»(int)-5',
}


@pytest.mark.parametrize('name', sorted(LINES))
def test_a_line_for_each_member(name):
    example = BY_NAME[name]
    assert text(example.types, example.top, example.value, False) == LINES[name].replace('»', '\t')


def test_names_keep_their_numbers_from_value_to_value():
    example = BY_NAME['names_used_twice']
    printer = Printer(Btf(example.types.blob()), example.top, True)
    assert [printer.text(example.value) for _ in range(3)] == [example.text] * 3


@pytest.mark.parametrize('recording', recordings(family='bpf'), ids=lambda recording: recording.guest)
def test_blobs_of_other_kernels(recording):
    """The blobs that kernels 6.1 to 7.2 gave back, and a big-endian one; the values are those of tools/kinds/bpf.py."""
    told = set()
    for _, blob in recording.maps.values():
        btf = Btf(blob)
        values = {2: struct.pack(btf.mark + 'ii', 42, -7), 3: struct.pack(btf.mark + 'ii', 1, 2)}
        told.update(Printer(btf, top, True).text(value) for top, value in values.items())
    assert told == {'(struct val){.cnt = (int)42,.flag = (int)-7,}', '(int[2])[1,2,]'}


@pytest.mark.parametrize('order, value, expected', [
    ('<', '4d 02 00 00 feff 0001 0102030405060708 0000c03f', '.a = (unsigned int)0xd,.b = (unsigned int)0x12,'
     '.s = (short)-2,.t = (short)256,.l = (long)578437695752307201,.f = (float)1.500000,'),
    ('>', '6c 80 00 00 fffe 0100 0807060504030201 3fc00000', '.a = (unsigned int)0xd,.b = (unsigned int)0x12,'
     '.s = (short)-2,.t = (short)256,.l = (long)578437695752307201,.f = (float)1.500000,')])
def test_both_byte_orders(order, value, expected):
    """As gcc lays out ``unsigned a:5, b:5`` for each: from the low end of the word, or from the high end."""
    types = Types(order)
    unsigned, short = types.int('unsigned int', 4, 0), types.int('short', 2)
    top = types.struct('o', 20, [('a', unsigned, 0, 5), ('b', unsigned, 5, 5), ('s', short, 32), ('t', short, 48),
                                 ('l', types.int('long', 8), 64), ('f', types.float('float', 4), 128)])
    assert text(types, top, bytes.fromhex(value)) == '(struct o){%s}' % expected


@pytest.mark.parametrize('header', [24, 32, 40])
def test_longer_headers(header):
    types = Types()
    types.int()
    assert Printer(Btf(types.blob(header)), 1, True).text(struct.pack('=i', 7)) == '(int)7'


X87 = [
    ('0000000000000080ff3f', '1.000000'), ('00000000000000c0ffbf', '-1.500000'), ('00000000000000000000', '0.000000'),
    ('00000000000000000080', '-0.000000'), ('0000000000000080ff7f', 'inf'), ('0000000000000080ffff', '-inf'),
    ('00000000000000c0ff7f', 'nan'), ('00000000000000c0ffff', '-nan'), ('0000000000000040ff3f', 'nan'),
    ('00000000000000800000', '0.000000'), ('abaaaaaaaaaaaaaafe3f', '0.666667')]


on_x86 = pytest.mark.skipif(platform.machine() != 'x86_64', reason='elsewhere a long double is another type')


@on_x86
@pytest.mark.parametrize('data, expected', X87)
def test_long_double(data, expected):
    types = Types()
    told = text(types, types.float('long double', 16), bytes.fromhex(data).ljust(16, b'\0'))
    assert told == '(long double)' + expected


@on_x86
def test_the_longest_number():
    """The greatest long double as the C library prints it: more digits than CPython 3.11 writes out at once."""
    told = fixed(b'\xff' * 8 + b'\xfe\x7f' + bytes(6), '<')
    assert (len(told), told[:20], told[-20:]) == (4940, '11897314953572317650', '6811989770240.000000')


@pytest.mark.parametrize('number', [0, 9, 10 ** 4000 - 1, 10 ** 4000, 10 ** 4000 + 7, 3 ** 20000],
                         ids=['zero', 'nine', 'all but the chunk', 'the chunk', 'and seven', 'three chunks'])
def test_digits(number):
    assert digits(number) == str(decimal.Decimal(number))


# Python objects

def values():
    """(name, what the value of that example is)."""
    yield 'ints', {'i': -1, 'u': 2 ** 32 - 1, 'c': 65, 'sc': -66, 'uc': 200, 'bo': True, 'sh': -3, 'us': 65535,
                   'll': -2 ** 63, 'ull': 2 ** 64 - 1}
    yield 'arrays', {'a': [0, 1, 2], 'm': [[3, 4, 5], [6, 7, 8]], 'p': [{'x': 9, 'y': 10}, {'x': 11, 'y': 12}], 'z': []}
    yield 'chars', {'s': 'hello', 't': 'fullfull'}
    yield 'chars_and_numbers', {'s': 'he\nlo', 't': '\ufffd\ufffdabcdef'}
    yield 'bytes_of_all_kinds', {'a': [97, 98, 255, 1, 99, 0], 'b': [True, False, True, False], 'c': [122, 122, 0, 122],
                                 'd': [[97, 98, 0], [0, 120, 121]]}
    yield 'enums_without_names', {'q': 'Q', 'q2': '77', 'n': 'N', 'n2': '-6', 'a': 'RED', 'b': 'GREEN', 'c': 'NEG',
                                  'd': '-7', 'u': 'UB', 'v': '4294967294', 'an': 'AA', 's': 'S', 'pad': 0}
    yield 'an_enum_of_the_highest_bit', 'TOP'
    yield 'unions_and_nameless_members', {
        'v': {'i': 16961, 'l': 16961, 's': 'AB'}, 'x': 1, 'y': 1, 'p': 2, 'q': 3, 'named': {'p': 4, 'q': 5}, 'p2': 6,
        'an2': {'x': 7, 'y': 7}, 't': 8}
    yield 'bit_fields', {'a': 5, 'b': 31, 'c': -3, 'd': -0x7ffff, 'e': 0xabcde, 'f': 0x123456789a, 'g': True, 'h': '3',
                         'k': 31, 'n': 77, 'o': 7, 'p': 2 ** 64 - 1}
    yield 'bit_fields_that_leave_their_int', {'a': 0x11, 'b': 0x1b, 'c': 5}
    yield 'floats', {'f': 1.5, 'g': 100000002004087734272.0, 'd': -0.1, 'e': 0.0, 'n': None, 'i': None}
    yield 'structures_in_an_array', {'v': [{'p': '0x5', 'a': [1, 2], 's': 'a\'\\"', 'e': 'ZERO'},
                                           {'p': '0x0', 'a': [0, 0], 's': '', 'e': '9'}]}
    yield 'wide_ints', {'a': 2 ** 65 + 1, 'b': -1, 'c': 1, 'd': 0}
    yield 'section', {'alpha': 3, 'beta': -4, 'str': 'abc', 'fp': '0x5'}
    yield 'a_pointer', '0x0'
    yield 'nothing', {'e': {}, 'n': 1}
    yield 'an_array_of_nothing', {'a': [], 'i': 0}


@pytest.mark.parametrize('name, expected', list(values()), ids=[name for name, _ in values()])
def test_objects(name, expected):
    example = BY_NAME[name]
    assert plain(Btf(example.types.blob()), example.top, example.value) == expected


@on_x86
def test_a_long_double_beyond_python():
    types = Types()
    top = types.array(types.float('long double', 16), 3)
    numbers = '00000000000000c0ffbf', 'ff' * 8 + 'fe7f', '00' * 10
    value = b''.join([bytes.fromhex(data) + bytes(6) for data in numbers])
    assert plain(Btf(types.blob()), top, value) == [-1.5, None, 0.0]


# Bad blobs, and types that go round in circles: an error, soon

def examined(blob, top, value):
    """What can be asked of a blob whose bytes may be anything: text always, objects or an error."""
    try:
        btf = Btf(blob)
    except BtfError:
        return
    Printer(btf, top, True).text(value)
    try:
        json.dumps(plain(btf, top, value))
    except BtfError:
        pass


@pytest.mark.parametrize('name', ['unions_and_nameless_members', 'bit_fields', 'pointers_to_everything', 'section'])
def test_a_blob_cut_short_is_refused(name):
    blob = BY_NAME[name].types.blob()
    for end in range(len(blob)):
        with pytest.raises(BtfError):
            Btf(blob[:end])


@pytest.mark.parametrize('name', [
    'ints', 'enums_with_names', 'structures_in_an_array', 'pointers_to_everything', 'section'])
def test_any_word_may_lie(name):
    example = BY_NAME[name]
    blob = example.types.blob()
    for place in range(0, len(blob) - len(example.types.strings), 4):
        for word in (0, 1, 3, 0xffff, 0x7fffffff, 0x8000ffff, 0xffffffff):
            examined(blob[:place] + struct.pack('<I', word) + blob[place + 4:], example.top, example.value)


@pytest.mark.parametrize('name', ['ints', 'arrays', 'chars', 'bit_fields', 'floats', 'pointers', 'wide_ints'])
def test_a_value_cut_short(name):
    example = BY_NAME[name]
    btf = Btf(example.types.blob())
    for end in range(len(example.value)):
        told = Printer(btf, example.top, True).text(example.value[:end])
        assert told != example.text
        with pytest.raises(BtfError) as failed:
            plain(btf, example.top, example.value[:end])
        assert failed.value.errno == errno.E2BIG


CIRCLES = []


def circle(number):
    """Of a function that makes types, the value's type last; ``number``: the errno in the text, None for none."""
    def add(make):
        CIRCLES.append((make, number))
    return add


@circle(errno.ELOOP)
def typedef(t):
    t.typedef('round', t.count + 1)


@circle(errno.ELOOP)
def const(t):
    t.const(t.count + 2)
    t.volatile(t.count)


@circle(errno.ELOOP)
def pointer(t):
    t.ptr(t.count + 1)


@circle(errno.ELOOP)
def array(t):
    t.array(t.count + 1, 2)


@circle(errno.ELOOP)
def structure(t):
    t.struct('round', 4, [('x', t.count + 1, 0)])


@circle(errno.ELOOP)
def nameless_structure(t):
    t.struct('', 4, [('', t.count + 1, 0), ('', t.count + 1, 0)])


@circle(errno.ELOOP)
def function(t):
    t.ptr(t.proto(t.count + 2, [('', t.count + 2), ('', t.count + 2), ('', t.count + 2)]))


@circle(errno.EOVERFLOW)
def tree_of_functions(t):
    last = t.ptr(t.proto(0))
    for _ in range(30):
        last = t.ptr(t.proto(0, [('', last), ('', last)]))


@circle(errno.EOVERFLOW)
def many_nameless_parameters(t):
    nameless = t.typedef('', 1)
    last = t.ptr(t.proto(0, [('', nameless)] * 60000))
    t.ptr(t.proto(0, [('', last)] * 60000))


@circle(None)
def many_elements(t):
    t.array(t.int('short', 2), 0xffffffff)


@circle(None)
def many_structures(t):
    t.array(t.struct('s', 1, [('c', t.int('char', 1), 0)]), 0xffffffff)


@circle(errno.EOVERFLOW)
def unions_of_unions(t):
    last = t.array(t.int('char', 1), 8)
    for _ in range(8):
        last = t.union('u', 8, [('m', last, 0)] * 100)


@circle(None)
def many_bit_fields(t):
    bits = t.union('u', 1, [('m', t.int('char', 1), 0, 1)] * 60000)
    t.array(bits, 60000)


@circle(errno.EINVAL)
def variable(t):
    t.var('round', t.count + 1)


@pytest.mark.parametrize('make, number', CIRCLES, ids=lambda made: getattr(made, '__name__', ''))
def test_no_type_keeps_us_for_ever(make, number):
    types = Types()
    types.int()
    make(types)
    btf, value = Btf(types.blob()), bytes([1]) * 60000
    told = Printer(btf, types.count, False).text(value)
    assert number is None or told.endswith('failed to dump data: %d' % -number)
    try:
        plain(btf, types.count, value)
    except BtfError:
        pass
