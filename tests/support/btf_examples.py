"""Types with a value for each and the text of it: the worked examples of fixtures/behaviour/sockets.md, 5.4.

All are little-endian, so that they say the same on every machine.  ``slip`` marks those whose text is
not that of ss (ssng/host/btf_dump.py tells why).
"""
import collections
from struct import pack

from tests.support.btf import BOOL, CHAR, SIGNED, Types

Example = collections.namedtuple('Example', 'name types top value text slip')

EXAMPLES = []


def example(text, slip=False):
    def add(make):
        types = Types('<')
        types.int()
        top, value = make(types)
        EXAMPLES.append(Example(make.__name__, types, top, value, text, slip))
        return make
    return add


def members(*pairs):
    """(name, type, size in bytes) side by side, as the members of a structure: (entries, size)."""
    entries, at = [], 0
    for name, kind, size in pairs:
        entries.append((name, kind, at * 8))
        at += size
    return entries, at


def side_by_side(t, name, *pairs):
    entries, size = members(*pairs)
    return t.struct(name, size, entries)


def char(t):
    return t.int('char', 1, SIGNED)


@example('(struct all){.i = (int)-1,.u = (unsigned int)4294967295,.c = (char)65,.sc = (signed char)-66,'
         '.uc = (unsigned char)200,.bo = (_Bool)1,.sh = (short)-3,.us = (unsigned short)65535,'
         '.ll = (long long)-9223372036854775808,.ull = (unsigned long)18446744073709551615,}')
def ints(t):
    top = side_by_side(
        t, 'all', ('i', 1, 4), ('u', t.int('unsigned int', 4, 0), 4), ('c', char(t), 1),
        ('sc', t.int('signed char', 1), 1), ('uc', t.int('unsigned char', 1, 0), 1), ('bo', t.int('_Bool', 1, BOOL), 1),
        ('sh', t.int('short', 2), 2), ('us', t.int('unsigned short', 2, 0), 2), ('ll', t.int('long long', 8), 8),
        ('ull', t.int('unsigned long', 8, 0), 8))
    return top, pack('<iIbbBBhHqQ', -1, 2**32 - 1, 65, -66, 200, 1, -3, 65535, -2**63, 2**64 - 1)


@example('(struct encodings){.c = (char)255,.b = (_Bool)2,.n = (unsigned int)0,}')
def unsigned_by_encoding(t):
    top = side_by_side(t, 'encodings', ('c', t.int('char', 1, CHAR), 1), ('b', t.int('_Bool', 1, BOOL), 1),
                       ('n', t.int('unsigned int', 4, 0), 4))
    return top, b'\xff\x02' + bytes(4)


@example('(struct arrs){.a = (int[3])[0,1,2,],.m = (int[2][3])[[3,4,5,],[6,7,8,],],'
         '.p = (struct pt[2])[{.x = 9,.y = 10,},{.x = 11,.y = 12,},],.z = (int[0])[],}')
def arrays(t):
    point = t.struct('pt', 8, [('x', 1, 0), ('y', 1, 32)])
    top = side_by_side(t, 'arrs', ('a', t.array(1, 3), 12), ('m', t.array(t.array(1, 3), 2), 24),
                       ('p', t.array(point, 2), 16), ('z', t.array(1, 0), 0))
    return top, pack('<13i', *range(13))


@example('(int[4])[1,0,0,2,]')
def array(t):
    return t.array(1, 4), pack('<4i', 1, 0, 0, 2)


@example('(int)-5')
def an_int(t):
    return 1, pack('<i', -5)


@example('(_Bool)1')
def a_bool(t):
    return t.int('_Bool', 1, BOOL), b'\1'


@example('(int *)(nil)')
def a_pointer(t):
    return t.ptr(1), bytes(8)


@example('(double)3.000000')
def a_double(t):
    return t.float('double', 8), pack('<d', 3)


@example("(struct ch){.s = (char[8])['h','e','l','l','o','\\0',],"
         ".t = (char[8])['f','u','l','l','f','u','l','l',],}")
def chars(t):
    text = t.array(char(t), 8)
    return side_by_side(t, 'ch', ('s', text, 8), ('t', text, 8)), b'hello\0\0\0fullfull'


@example("(struct ch){.s = (char[8])['h','e',10,'l','o','\\0',],.t = (char[8])[-1,-2,'a','b','c','d','e','f',],}")
def chars_and_numbers(t):
    text = t.array(char(t), 8)
    return side_by_side(t, 'ch', ('s', text, 8), ('t', text, 8)), b'he\nlo\0xy\xff\xfeabcdef'


@example("(struct by){.a = (unsigned char[6])['a','b',255,1,'c','\\0',],.b = (_Bool[4])[1,'\\0',],"
         ".c = (__u8[4])['z','z','\\0',],.d = (unsigned char[2][3])[['a','b','\\0',],['\\0',],],}")
def bytes_of_all_kinds(t):
    byte = t.int('unsigned char', 1, 0)
    top = side_by_side(t, 'by', ('a', t.array(byte, 6), 6), ('b', t.array(t.int('_Bool', 1, BOOL), 4), 4),
                       ('c', t.array(t.typedef('__u8', byte), 4), 4), ('d', t.array(t.array(byte, 3), 2), 6))
    return top, b'ab\xff\x01c\0' + b'\1\0\1\0' + b'zz\0z' + b'ab\0\0xy'


@example("(struct o){.pre = (char)0,.a = (char[2])['x','\\0',],.b = (char)65,.c = (char)0,.d = (char)66,"
         ".d2 = (char)0,.e = (int)5,.f = (char[2])['y','z',],.g = (char)67,.h = (_Bool)1,}", slip=True)
def bytes_beside_an_array(t):
    one = char(t)
    pair = t.array(one, 2)
    top = t.struct('o', 16, [
        ('pre', one, 0), ('a', pair, 8), ('b', one, 24), ('c', one, 32), ('d', one, 40), ('d2', one, 48), ('e', 1, 64),
        ('f', pair, 96), ('g', one, 112), ('h', t.int('_Bool', 1, BOOL), 120)])
    return top, b'\0x\0A\0B\0\0' + pack('<i', 5) + b'yzC\1'


@example("(struct three[3])[{.a = ['a','b',],.z = 1,.y = 65,},{.a = ['c','d',],.z = 0,.y = 66,},"
         "{.a = ['e','\\0',],.z = 3,.y = 67,},]", slip=True)
def bytes_beside_an_array_in_an_array(t):
    one = char(t)
    three = side_by_side(t, 'three', ('a', t.array(one, 2), 2), ('z', one, 1), ('y', one, 1))
    return t.array(three, 3), b'ab\1Acd\0Be\0\3C'


COLORS = [('RED', 0), ('GREEN', 1), ('NEG', -1)]


def enums(t, unknown):
    color, ue = t.enum('color', COLORS, signed=True), t.enum('ue', [('UA', 7), ('UB', -1)])
    e64, e64s = t.enum64('e64', [('Q', 1 << 40)]), t.enum64('e64s', [('N', -5)], signed=True)
    top = side_by_side(
        t, 'ens', ('q', e64, 8), ('q2', e64, 8), ('n', e64s, 8), ('n2', e64s, 8), ('a', color, 4), ('b', color, 4),
        ('c', color, 4), ('d', color, 4), ('u', ue, 4), ('v', ue, 4), ('an', t.enum('', [('AA', 3)]), 4),
        ('s', t.enum('small', [('S', 200)], size=1), 1), ('pad', t.int('unsigned char', 1, 0), 1))
    return top, pack('<QQqqiiiiIIIBB', 1 << 40, 77, -5, -6 if unknown else -5, 0, 1, -1, -7 if unknown else 1,
                     2**32 - 1, 2**32 - 2, 3, 200, 0)


@example('(struct ens){.q = (enum e64)Q,.q2 = (enum e64)77ULL,.n = (enum e64s)N,.n2 = (enum e64s)-6LL,'
         '.a = (enum color)RED,.b = (enum color)GREEN,.c = (enum color)NEG,.d = (enum color)-7,'
         '.u = (enum ue)4294967295,.v = (enum ue)4294967294,.an = (enum )AA,.s = (enum small)S,'
         '.pad = (unsigned char)0,}', slip=True)
def enums_without_names(t):
    return enums(t, True)


@example('(struct ens){.q = (enum e64)Q,.q2 = (enum e64)77ULL,.n = (enum e64s)N,.n2 = (enum e64s)N,'
         '.a = (enum color)RED,.b = (enum color)GREEN,.c = (enum color)NEG,.d = (enum color)GREEN,'
         '.u = (enum ue)4294967295,.v = (enum ue)4294967294,.an = (enum )AA,.s = (enum small)S,'
         '.pad = (unsigned char)0,}')
def enums_with_names(t):
    return enums(t, False)


@example('(enum color[3])[GREEN,5,NEG,]', slip=True)
def enums_in_an_array(t):
    return t.array(t.enum('color', COLORS, signed=True), 3), pack('<iii', 1, 5, -1)


@example('(enum top)2147483648')
def an_enum_of_the_highest_bit(t):
    return t.enum('top', [('TOP', 0x80000000)]), pack('<I', 0x80000000)


@example('(struct outer){.v = (union val){.i = (int)16961,.l = (unsigned long)16961,'
         '.s = (char[8])[\'A\',\'B\',\'\\0\',],},'
         '(union){.x = (int)1,.y = (int)1,},(struct){.p = (int)2,.q = (int)3,},'
         '.named = (struct){.p = (int)4,.q = (int)5,},'
         '(struct){.p2 = (int)6,.an2 = (union){.x = (int)7,.y = (int)7,},},.t = (int)8,}')
def unions_and_nameless_members(t):
    val = t.union('val', 8, [('i', 1, 0), ('l', t.int('unsigned long', 8, 0), 0), ('s', t.array(char(t), 8), 0)])
    either = t.union('', 4, [('x', 1, 0), ('y', 1, 0)])
    both = t.struct('', 8, [('p', 1, 0), ('q', 1, 32)])
    nested = t.struct('', 8, [('p2', 1, 0), ('an2', either, 32)])
    top = side_by_side(t, 'outer', ('v', val, 8), ('', either, 4), ('', both, 8), ('named', both, 8),
                       ('', nested, 8), ('t', 1, 4))
    return top, b'AB'.ljust(8, b'\0') + pack('<8i', 1, 2, 3, 4, 5, 6, 7, 8)


@example('(struct bits){.a = (unsigned int)0x5,.b = (unsigned int)0x1f,.c = (int)0xd,.d = (int)0x80001,'
         '.e = (unsigned long long)0xabcde,.f = (unsigned long long)0x123456789a,.g = (_Bool)0x1,.h = (enum ee)3,'
         '.k = (myu)0x1f,.n = (unsigned int)77,.o = (unsigned char)0x7,(unsigned int)0x1f,'
         '.p = (unsigned long long)0xffffffffffffffff,}')
def bit_fields(t):
    unsigned, wide = t.int('unsigned int', 4, 0), t.int('unsigned long long', 8, 0)
    fields = [('a', unsigned, 3, 0x5), ('b', unsigned, 5, 0x1f), ('c', 1, 4, 0xd), ('d', 1, 20, 0x80001),
              ('e', wide, 20, 0xabcde), ('f', wide, 37, 0x123456789a), ('g', t.int('_Bool', 1, BOOL), 1, 1),
              ('h', t.enum('ee', [('ONE', 1)]), 3, 3), ('k', t.typedef('myu', unsigned), 5, 0x1f),
              ('n', unsigned, 0, 77), ('o', t.int('unsigned char', 1, 0), 3, 7), ('', unsigned, 5, 0x1f),
              ('p', wide, 64, 2**64 - 1)]
    entries, value, at = [], 0, 0
    for name, kind, width, number in fields:
        if name in 'np':                # these begin a word of their own
            at += -at % 64
        entries.append((name, kind, at, width))
        value |= number << at
        at += width or 32
    return t.struct('bits', at // 8, entries), value.to_bytes(at // 8, 'little')


@example('(struct packed){.a = (unsigned char)0x11,.b = (unsigned char)0x3,.c = (unsigned int)0x5,}')
def bit_fields_that_leave_their_int(t):
    byte = t.int('unsigned char', 1, 0)
    value = 0x11 | 0x1b << 5 | 5 << 10         # b has five bits, of which its own byte holds three
    return (t.struct('packed', 4, [('a', byte, 0, 5), ('b', byte, 5, 5), ('c', t.int('unsigned int', 4, 0), 10, 22)]),
            value.to_bytes(4, 'little'))


@example('(struct fl){.f = (float)1.500000,.g = (float)100000002004087734272.000000,.d = (double)-0.100000,'
         '.e = (double)0.000000,.n = (double)-nan,.i = (double)-inf,}')
def floats(t):
    single, double = t.float('float', 4), t.float('double', 8)
    top = side_by_side(t, 'fl', ('f', single, 4), ('g', single, 4), ('d', double, 8), ('e', double, 8),
                       ('n', double, 8), ('i', double, 8))
    return top, pack('<ffdd', 1.5, 1e20, -0.1, 0) + bytes.fromhex('000000000000f8ff000000000000f0ff')


@example('(struct pt){.v = (void *)0xffff888012345678,.pi = (int *)(nil),.pf = (struct foo *)0x1,.pc = (char *)0x2,'
         '.ppc = (char **)0x3,.pfp = (int (*)(int x))0x4,.cp = (int *)0x5,.rp = (int *)0x6,.vo = (int)-7,'
         '.pad = (int)0,.ap = (int *[2])[0x8,0x9,],.pas = (struct *)0xa,}')
def pointers(t):
    pi, one = t.ptr(1), char(t)
    top = side_by_side(
        t, 'pt', ('v', t.ptr(), 8), ('pi', pi, 8), ('pf', t.ptr(t.forward('foo')), 8), ('pc', t.ptr(t.const(one)), 8),
        ('ppc', t.ptr(t.const(t.ptr(t.const(one)))), 8), ('pfp', t.ptr(t.proto(1, [('x', 1)])), 8),
        ('cp', t.const(pi), 8),
        ('rp', t.restrict(t.ptr(t.tag('mark', 1))), 8), ('vo', t.volatile(1), 4), ('pad', 1, 4),
        ('ap', t.array(pi, 2), 16),
        ('pas', t.ptr(t.struct('', 4, [('x', 1, 0)])), 8))
    return top, pack('<8QiiQQQ', 0xffff888012345678, 0, 1, 2, 3, 4, 5, 6, -7, 0, 8, 9, 10)


@example('(struct o){.pa = (int(*)[3])0x1,.f0 = (void (*)(void))0x2,.f1 = (int (*)(char *, ...))0x3,'
         '.f2 = (void (*)(void))0x4,.ff = (int * (*)(int (*cb)(int), char buf[4], int (*rows)[2]))0x5,'
         '.afp = (void (*[1])(void))[0x6,],.pen = (enum EE *)0x7,.pun = (union uu *)0x8,.tdp = (ptr_t)0x9,'
         '.ptd = (td_t *)0xa,.pae = (enum  *)0xb,}')
def pointers_to_everything(t):
    one, void = char(t), t.proto(0)
    nested = t.proto(t.ptr(1), [('cb', t.ptr(t.proto(1, [('', 1)]))), ('buf', t.array(one, 4)),
                                ('rows', t.ptr(t.array(1, 2)))])
    top = side_by_side(
        t, 'o', ('pa', t.ptr(t.array(1, 3)), 8), ('f0', t.ptr(void), 8),
        ('f1', t.ptr(t.proto(1, [('', t.ptr(one)), ('', 0)])), 8), ('f2', t.ptr(t.proto(0, [('', 0)])), 8),
        ('ff', t.ptr(nested), 8), ('afp', t.array(t.ptr(void), 1), 8), ('pen', t.ptr(t.enum('EE', [('E', 0)])), 8),
        ('pun', t.ptr(t.forward('uu', 1)), 8), ('tdp', t.typedef('ptr_t', t.ptr(1)), 8),
        ('ptd', t.ptr(t.typedef('td_t', 1)), 8), ('pae', t.ptr(t.enum('', [('F', 0)])), 8))
    return top, pack('<11Q', *range(1, 12))


@example('(struct o){.a = (int (* (*)(void))(int a))0x1,.b = (int( (*)(void))[3])0x2,'
         '.c = (int (** (*)(int *b))(int a))0x3,.d = (int(*(**)[3])[2])0x4,.e = (int (*(*)[3][2])(int a))0x5,'
         '.f = (void (**)(void (*)(void *, ...), ...))0x6,}')
def declarators(t):
    function = t.ptr(t.proto(1, [('a', 1)]))
    inner = t.ptr(t.proto(0, [('', t.ptr()), ('', 0)]))
    top = side_by_side(
        t, 'o', ('a', t.ptr(t.proto(function)), 8), ('b', t.ptr(t.proto(t.array(1, 3))), 8),
        ('c', t.ptr(t.proto(t.ptr(function), [('b', t.const(t.ptr(1)))])), 8),
        ('d', t.ptr(t.ptr(t.array(t.ptr(t.array(1, 2)), 3))), 8),
        ('e', t.ptr(t.array(t.array(function, 2), 3)), 8),
        ('f', t.ptr(t.ptr(t.proto(0, [('', inner), ('', 0)]))), 8))
    return top, pack('<6Q', *range(1, 7))


@example('(td_t){.t = (__u32)1,.tt = (be)2,.s = (struct in){.a = (int)3,},.ts = (in_t){.a = (int)4,},'
         '.ta = (anon_t){.a = (int)5,},.ct = (__u32)6,.cv = (be)7,.te = (e_t)8,.ar = (arr_t)[9,10,],'
         '.as = (in_t[2])[{.a = 11,},{.a = 12,},],.cs = (struct in){.a = (int)13,},}')
def typedefs(t):
    u32 = t.typedef('__u32', t.int('unsigned int', 4, 0))
    be, inside = t.typedef('be', u32), t.struct('in', 4, [('a', 1, 0)])
    in_t, anon_t = t.typedef('in_t', inside), t.typedef('anon_t', t.struct('', 4, [('a', 1, 0)]))
    top = side_by_side(
        t, '', ('t', u32, 4), ('tt', be, 4), ('s', inside, 4), ('ts', in_t, 4), ('ta', anon_t, 4),
        ('ct', t.const(u32), 4),
        ('cv', t.const(t.volatile(be)), 4), ('te', t.typedef('e_t', t.enum('en', [('ONE', 1)])), 4),
        ('ar', t.typedef('arr_t', t.array(1, 2)), 8), ('as', t.array(in_t, 2), 8), ('cs', t.const(inside), 4))
    return t.typedef('td_t', top), pack('<13i', *range(1, 14))


@example("(struct o){.v = (struct in[2])[{.p = 0x5,.a = [1,2,],.s = ['a',''','\\','\"',],.e = ZERO,},"
         "{.p = (nil),.a = [0,0,],.s = ['\\0',],.e = 9,},],}")
def structures_in_an_array(t):
    inside = side_by_side(t, 'in', ('p', t.ptr(), 8), ('a', t.array(1, 2), 8), ('s', t.array(char(t), 4), 4),
                          ('e', t.enum('zo', [('ZERO', 0)]), 4))
    return (t.struct('o', 48, [('v', t.array(inside, 2), 0)]),
            pack('<Qii4sIQii4sI', 5, 1, 2, b'a\'\\"', 0, 0, 0, 0, b'', 9))


@example('(struct w){.a = (unsigned __int128)0x20000000000000001,.b = (__int128)0xffffffffffffffffffffffffffffffff,'
         '.c = (unsigned __int128)0x1,.d = (unsigned __int128)0x0,}')
def wide_ints(t):
    wide = t.int('unsigned __int128', 16, 0)
    top = side_by_side(t, 'w', ('a', wide, 16), ('b', t.int('__int128', 16), 16), ('c', wide, 16), ('d', wide, 16))
    return top, b''.join(number.to_bytes(16, 'little') for number in (2**65 + 1, 2**128 - 1, 1, 0))


@example('(struct e){.e = (struct emp){},.n = (int)1,}')
def nothing(t):
    return side_by_side(t, 'e', ('e', t.struct('emp', 0, []), 0), ('n', 1, 4)), pack('<i', 1)


@example('(struct dup){.a = (struct dup___2){.x = (int)1,},.t = (tt)2,.u = (tt___2)7,.n = (struct dup___2 *)0x9,'
         '.v = (union dup___3){.x = (int)3,},.e = (enum dup___4)E,.f = (struct dup *)0x8,.d = (dup)4,.i = (int)5,}')
def names_used_twice(t):
    second, third = t.struct('dup', 4, [('x', 1, 0)]), t.union('dup', 4, [('x', 1, 0)])
    top = side_by_side(
        t, 'dup', ('a', second, 4), ('t', t.typedef('tt', 1), 4), ('u', t.typedef('tt', 1), 8), ('n', t.ptr(second), 8),
        ('v', third, 4), ('e', t.enum('dup', [('E', 6)]), 4), ('f', t.ptr(t.forward('dup')), 8),
        ('d', t.typedef('dup', 1), 4), ('i', t.int('int'), 4))
    return top, pack('<iiqQiiQii', 1, 2, 7, 9, 3, 6, 8, 4, 5)


@example('SEC(".data") int alpha = (int)3;static int beta = (int)-4;'
         'char[4] str = (char[4])[\'a\',\'b\',\'c\',\'\\0\',];int (*)(int x) fp = (int (*)(int x))0x5;')
def section(t):
    return (t.section('.data', 24, [(t.var('alpha', 1), 0, 4), (t.var('beta', t.const(1), 0), 4, 4),
                                    (t.var('str', t.array(char(t), 4)), 8, 4),
                                    (t.var('fp', t.ptr(t.proto(1, [('x', 1)]))), 16, 8)]),
            pack('<ii4siQ', 3, -4, b'abc', 0, 5))


# Odd types that the kernel lets pass: an int of fewer bits than its size may lie across the end of the value.

@example('(struct o){failed to dump data: -7')
def beyond_the_end(t):
    return t.struct('o', 3, [('x', t.int('unsigned int', 4, 0, bits=24), 0)]), b'\xbc\xfa\xde'


@example('(struct o){.n = (struct in){.y = (unsigned int)14613180,},failed to dump data: -7')
def beyond_the_end_later(t):
    odd = t.int('unsigned int', 4, 0, bits=24)
    return t.struct('o', 7, [('n', t.struct('in', 3, [('y', odd, 0)]), 0), ('x', odd, 32)]), b'\xbc\xfa\xde\0abc'


@example('(struct o){.x = (struct in[2])[{.y = 14613180,},{],},')
def beyond_the_end_in_an_array(t):
    inside = t.struct('in', 3, [('y', t.int('unsigned int', 4, 0, bits=24), 0)])
    return t.struct('o', 6, [('x', t.array(inside, 2), 0)]), b'\xbc\xfa\xde\0ab'


@example('(struct o){.x = (unsigned __int128)failed to dump data: -22')
def a_wide_bit_field(t):
    return t.struct('o', 16, [('x', t.int('unsigned __int128', 16, 0), 0, 100)]), bytes(range(16))


@example('(half)failed to dump data: -22')
def a_short_float(t):
    return t.float('half', 2), b'\1\2'


@example('(struct o){.a = (struct emp[3])failed to dump data: -22')
def an_array_of_nothing(t):
    return t.struct('o', 4, [('a', t.array(t.struct('emp', 0, []), 3), 0), ('i', 1, 0)]), bytes(4)
