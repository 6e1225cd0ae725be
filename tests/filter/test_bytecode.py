"""Programs: those of ss byte for byte, and that they mean what the predicate means."""
import os
import random
import re
import shutil
import socket
import struct
import subprocess

import pytest

from ssng.filter import bytecode
from ssng.filter.bytecode import NOTHING, compile, retries
from ssng.filter.predicate import predicate
from ssng.filter.tree import And, Autobound, Cgroup, Device, Host, Mark, Node, Not, Or, Port
from tests.filter.support import Socket, Words, audit, parse, random_text, runs, tree, words_of
from tests.support.programs import surroundings

INET, INET6 = 2, 10
ONE = '00' * 15 + '01'

# command-line.md 4.5, captured from ss 7.3.0 as `ss -tan4 FILTER` unless it says otherwise.  `and` binds tighter than `or`
# here, so what ss reads from left to right has parentheses (9, 10).  21 carries all addresses.
CAPTURED = [
    (1, INET, 'dport = 80', '08101400 00000000 50000000 00000000'),
    (2, INET, 'sport >= 80', '02080c00 00005000'),
    (3, INET, 'sport > 1024', '03080c00 00000004 01040800'),
    (4, INET, 'dport < 1024', '04080c00 00000004 01040800'),
    (5, INET, 'dport != 80', '08101400 00000000 50000000 00000000 01040800'),
    (6, INET, 'dst 10.0.0.0/8', '08101400 02080000 ffffffff 0a000000'),
    (7, INET, 'dst 193.233.7/24:80', '08101400 02180000 50000000 c1e90700'),
    (8, INET, 'sport = 1 or sport = 2',
     '07101400 00000000 01000000 00000000 01041400 07101400 00000000 02000000 00000000'),
    (9, INET, 'dport = 1 dport = 2 or dport = 3',
     '08102400 00000000 01000000 00000000 08101400 00000000 02000000 00000000 01041400'
     '08101400 00000000 03000000 00000000'),
    (10, INET, '( sport = 1 or sport = 2 ) and dport = 3',
     '07101400 00000000 01000000 00000000 01041400 07102400 00000000 02000000 00000000'
     '08101400 00000000 03000000 00000000'),
    (11, INET, 'dst 10.1.1.1 and ( sport = 22 or sport = 80 )',
     '08103800 02200000 ffffffff 0a010101 07101400 00000000 16000000 00000000 01041400'
     '07101400 00000000 50000000 00000000'),
    (12, INET, '( sport = 22 or sport = 80 ) and dst 10.1.1.1',
     '07101400 00000000 16000000 00000000 01041400 07102400 00000000 50000000 00000000'
     '08101400 02200000 ffffffff 0a010101'),
    (13, INET, '! sport = 22 and ! dport = 23',
     '07101400 00000000 16000000 00000000 01041c00 08101400 00000000 17000000 00000000 01040800'),
    (14, INET, '! ( sport = 22 or dport = 23 )',
     '07101400 00000000 16000000 00000000 01041400 08101400 00000000 17000000 00000000 01040800'),
    (15, INET, 'autobound', '06040800'),
    (16, INET, 'fwmark = 0x01/0x03', '0a0c1000 01000000 03000000'),
    (17, INET, 'fwmark != 0x10', '0a0c1000 10000000 ffffffff 01040800'),
    (18, INET, 'cgroup = /', '0d0c1000 07000000 00000000'),
    (19, 0, 'src [::1]:22', '071c2000 0a800000 16000000' + ONE),
    (20, 0, 'src 10.0.0.1 or src [::1]',
     '07101400 02200000 ffffffff 0a000001 01042000 071c2000 0a800000 ffffffff' + ONE),
    (21, INET, 'dst three',
     '08101400 02200000 ffffffff 0a000001 01042800 08101400 02200000 ffffffff 0a000002 01041400'
     '08101400 02200000 ffffffff 0a000003'),
    (22, INET, 'dport > 65535', '05080c00 0000ffff 01040800'),
    (23, INET, 'sport >= *', '02080c00 0000ffff'),
    (24, INET, 'dport = 70000', '08101400 00000000 70110100 00000000'),
    (25, INET, 'dev lo', '09080c00 01000000'),
    (26, INET, 'dst any', '08101400 02000000 ffffffff 00000000'),
    (26, INET6, 'dst any', '081c2000 0a000000 ffffffff' + '00' * 16),
]


def hexadecimal(text):
    return bytes(bytearray.fromhex(text.replace(' ', '')))


@pytest.mark.skipif(struct.pack('=H', 1) != b'\1\0', reason='the captured bytes are little-endian')
@pytest.mark.parametrize('number,family,text,expected', CAPTURED, ids=lambda value: str(value)[:40])
def test_captured(number, family, text, expected):
    program, _ = compile(tree(text, family), INET6 if family == INET6 else INET)
    assert words_of(program) == words_of(hexadecimal(expected))


# Trees that fold: by family, by what the kernel lacks

LO = ((9, 1),)


@pytest.mark.parametrize('text,family,expected', [
    ('src inet:10.0.0.1', INET, 'src 10.0.0.1'),
    ('src inet:10.0.0.1', INET6, NOTHING),
    ('sport = inet6:22', INET, NOTHING),
    ('sport = inet6:22', INET6, 'sport = 22'),
    ('! src inet:10.0.0.1', INET6, None),
    ('src inet:10.0.0.1 or src inet6:[::1]', INET, 'src 10.0.0.1'),
    ('src inet:10.0.0.1 or src inet6:[::1]', INET6, 'src [::1]'),
    ('src unix:x or sport = 5', INET, 'sport = 5'),
    ('src unix:x and sport = 5', INET, NOTHING),
    ('! ( src unix:x and sport = 5 )', INET, None),
    ('! src unix:x and sport = 5', INET, 'sport = 5'),
    ('sport >= netlink:5 or ( sport = 1 and src vsock:2:3 )', INET, NOTHING),
    ('src link:ip or ! src link:ip', INET, None),
    ('src unix:x or sport = 1 or src unix:y or sport = 2', INET, 'sport = 1 or sport = 2'),
])
def test_other_families_fold_and_all_is_exact(text, family, expected):
    program, exact = compile(tree(text), family)
    assert exact
    assert program == (compile(tree(expected), family)[0] if isinstance(expected, str) else expected)


@pytest.mark.parametrize('text,without,expected', [
    ('dev lo and sport = 5', ['device'], 'sport = 5'),
    ('dev lo or sport = 5', ['device'], None),
    ('! dev lo and sport = 5', ['device'], 'sport = 5'),
    ('! ( dev lo or sport = 5 )', ['device'], '! sport = 5'),
    ('! ( dev lo and sport = 5 )', ['device'], None),
    ('fwmark = 1 and dev lo', ['mark'], 'dev lo'),
    ('fwmark = 1 and dev lo', ['cgroup', 'mark', 'device'], None),
    ('cgroup / and src unix:x', ['cgroup'], NOTHING),
    # ss would judge such a tree alone, so the kernel must not cut off what only it means by autobound
    ('dev lo and autobound', [], 'dev lo'),
    ('dev lo and sport <= 70000', [], 'dev lo'),
    ('! ( dev lo or autobound )', [], '! dev lo'),
    ('fwmark = 1 and autobound', ['mark'], None),
])
def test_what_the_kernel_lacks_is_left_out_where_that_only_adds(text, without, expected):
    program, exact = compile(tree(text), INET, without)
    assert program is NOTHING or not exact
    assert program == (compile(tree(expected), INET)[0] if isinstance(expected, str) else expected)


def test_the_example_of_the_plan():
    """In front of ssng/filter/bytecode.py."""
    asked = compile(tree('dport = 22'), INET6)[0], False
    assert compile(tree('dport = 22 and ! ( fwmark = 7 or src inet:10/8 )'), INET6, ['mark']) == asked
    assert compile(tree('dport = 22 and ( fwmark = 7 or src inet:10/8 )'), INET6, ['mark']) == asked


@pytest.mark.parametrize('text,exact', [
    ('sport = 22', True), ('sport >= 0', True), ('sport >= 65535', True), ('sport <= 65536', False),
    ('sport >= *', False), ('sport >= -1', False), ('sport = 70000', True), ('sport = -5', True),
    ('sport = 4294967376', False), ('autobound', False), ('! autobound', False), ('dev lo', True), ('src *', True),
])
def test_exact_unless_kernel_and_user_space_differ(text, exact):
    assert compile(tree(text), INET)[1] is exact


@pytest.mark.parametrize('wrap', [lambda node: node, Not, lambda node: And([tree('sport = 1'), node])],
                         ids=['alone', 'not', 'and'])
def test_a_condition_of_an_unknown_kind_is_an_error(wrap):
    """It is not compiled to something else."""
    class Riddle(Node):
        __slots__ = ()
    with pytest.raises(TypeError):
        compile(wrap(Riddle()), INET)


def test_no_filter():
    assert compile(None, INET) == (None, True)


@pytest.mark.parametrize('text,privilege,expected', [
    ('sport = 1', False, []),
    ('dev lo and fwmark 1', False, [['mark'], ['mark', 'device']]),
    ('dev lo or ! cgroup /', False, [['cgroup'], ['cgroup', 'device']]),
    ('dev lo and fwmark 1', True, [['mark']]),
    ('dev lo', True, []),
])
def test_retries(text, privilege, expected):
    assert retries(tree(text), privilege) == expected


# Size

def hosts(count, port=-1):
    return tuple((INET, struct.pack('>I', 0x0a000000 + number), 32) for number in range(count))


@pytest.mark.parametrize('count,fits', [(1000, True), (3251, True), (3252, False), (10000, False)])
def test_a_host_with_thousands_of_addresses(count, fits):
    program, exact = compile(Host('dst', None, hosts(count), -1), INET)
    assert exact is fits
    if fits:
        assert len(program) == 20 * count - 4
        audit(program)
        assert runs(program, Socket(INET, b'\0' * 4, 1, struct.pack('>I', 0x0a000000 + count - 1), 2))
        assert not runs(program, Socket(INET, b'\0' * 4, 1, struct.pack('>I', 0x0a000000 + count), 2))
    else:
        assert program is None


def test_what_fits_of_an_and_is_sent():
    many = Host('dst', None, hosts(10000), -1)
    program, exact = compile(And([tree('sport = 22'), many, tree('dport = 80')]), INET)
    assert (program, exact) == (compile(tree('sport = 22 dport = 80'), INET)[0], False)
    assert compile(Or([tree('sport = 22'), many]), INET) == (None, False)


@pytest.mark.parametrize('word', ['or', 'and'])
def test_ten_thousand_conditions(word):
    node = parse([(' %s ' % word).join('dport = %d' % number for number in range(10000))], (), Words())
    program, exact = compile(node, INET)
    assert not exact
    assert (program is None) == (word == 'or')


def test_the_kernel_takes_the_longest():
    program, _ = compile(Host('dst', None, hosts((bytecode.LONGEST + 4) // 20), -1), INET)
    assert bytecode.LONGEST - 20 < len(program) <= bytecode.LONGEST
    try:
        diag = socket.socket(16, socket.SOCK_RAW, 4)
    except OSError as error:
        pytest.skip('no netlink here: %s' % error)
    with diag:
        diag.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)         # as ss and ssng do
        body = (struct.pack('=BBBBI', INET, 6, 0, 0, 1 << 31) + bytes(48)
                + struct.pack('=HH', 4 + len(program), 1) + program + bytes(280))      # room for other attributes
        diag.send(struct.pack('=IHHII', 16 + len(body), 20, 0x301, 1, 0) + body)
        assert struct.unpack_from('=IH', diag.recv(1 << 16))[1] == 3         # NLMSG_DONE


# The program and the predicate say the same of random sockets

ADDRESSES = {
    INET: [b'\0\0\0\0', b'\x7f\0\0\1', b'\x0a\0\0\1', b'\x0a\1\0\1', b'\xc0\xa8\1\1'],
    INET6: [bytes(16), bytes(15) + b'\1', bytes(10) + b'\xff\xff\x0a\0\0\1', bytes(10) + b'\xff\xff\xc0\xa8\1\1',
            b'\xfe\x80' + bytes(13) + b'\1', b'\x0a\0\0\1' + bytes(12)],
}
PORTS = [0, 1, 22, 80, 443, 32768, 60999, 65535]


def random_socket(dice, family):
    return Socket(family, dice.choice(ADDRESSES[family]), dice.choice(PORTS), dice.choice(ADDRESSES[family]),
                  dice.choice(PORTS), dice.randrange(3), dice.randrange(4), dice.randrange(7, 9), dice.random() < .5)


def random_leaf(dice):
    side, families = dice.choice(['src', 'dst']), dice.choice([None, None, (INET,), (INET6,), (INET, INET6), (1,)])
    kind = dice.randrange(8)
    if kind < 4:
        addresses = []
        for _ in range(dice.choice([0, 1, 1, 1, 3])):
            family = dice.choice([INET, INET6])
            address = dice.choice(ADDRESSES[family])
            addresses.append((family, address, dice.choice([0, 1, 8, 9, len(address) * 8, len(address) * 8 - 1])))
        return Host(side, families, tuple(addresses), dice.choice([-1, -1] + PORTS))
    if kind < 6:
        return Port(side, families, dice.choice(['<=', '>=']), dice.choice(PORTS))
    return dice.choice([Device(dice.randrange(3)), Mark(dice.randrange(4), dice.randrange(4)), Cgroup(7)])


def random_tree(dice, depth, leaf=random_leaf):
    kind = dice.randrange(6)
    if not depth or kind == 0:
        return leaf(dice)
    if kind == 1:
        return Not(random_tree(dice, depth - 1, leaf))
    return dice.choice([And, Or])([random_tree(dice, depth - 1, leaf) for _ in range(dice.choice([2, 2, 3, 5]))])


def judged(node, sockets):
    return predicate(node)(lambda name: [getattr(each, name) for each in sockets], len(sockets))


@pytest.mark.parametrize('family', [INET, INET6])
def test_program_and_predicate_agree(family):
    dice = random.Random(5)
    sockets = [random_socket(dice, family) for _ in range(40)]
    for _ in range(400):
        node = random_tree(dice, 4)
        program, exact = compile(node, family)
        assert exact
        if program is None or program is NOTHING:
            kernel = [program is None] * len(sockets)
        else:
            audit(program)
            kernel = [runs(program, each) for each in sockets]
        assert kernel == judged(node, sockets), node


def test_an_approximation_loses_no_socket():
    dice = random.Random(6)
    sockets = [random_socket(dice, INET) for _ in range(40)]

    def leaf(dice):
        more = [Autobound(32768, 60999), Port('src', None, '<=', 70000), Port('dst', None, '>=', -1), Device(1)]
        return dice.choice(more) if dice.random() < .4 else random_leaf(dice)

    approximated = 0
    for _ in range(300):
        node = And([random_tree(dice, 3, leaf), Device(1)])
        for without in ((), ('device',), ('cgroup', 'mark', 'device')):
            program, exact = compile(node, INET, without)
            approximated += not exact
            verdicts = judged(node, sockets)
            if program is NOTHING:
                assert not any(verdicts), node
            elif program is not None:
                audit(program)
                for each, verdict in zip(sockets, verdicts):
                    assert runs(program, each) or not verdict, node
                    assert verdict or not exact or not runs(program, each), node
    assert approximated > 300


# Beside the real ss

def captured(command, arguments, folder):
    """The program that a command sends with its last TCP dump; None if it sends none."""
    trace = os.path.join(folder, 'trace')
    subprocess.check_call(['strace', '-e', 'trace=sendmsg', '-e', 'write=all', '-o', trace] + command + arguments,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=surroundings())
    with open(trace) as file:
        text = file.read().split('sendmsg(')[-1]
    sent = bytes(bytearray.fromhex(''.join(re.findall(r'^ \| [0-9a-f]+  ([0-9a-f ]{49})', text, re.M))))
    length, kind = struct.unpack_from('=HH', sent, 72) if len(sent) > 72 else (4, 1)
    assert kind == 1
    return padded_with_zeros(sent[76:72 + length]) or None


def padded_with_zeros(program):
    """ss leaves two bytes of each host condition as it finds them."""
    clean, at = bytearray(program), 0
    while at < len(clean):
        if clean[at] in (7, 8):
            clean[at + 6:at + 8] = b'\0\0'
        at += clean[at + 1]
    return bytes(clean)


LEAVES = [
    'sport = 22', 'dport = 443', 'sport != 1', 'dport >= 1024', 'sport <= 99', 'dport < 8', 'sport > 70', 'autobound',
    'src 10.0.0.1', 'dst 10/8', 'src [::1]', 'dst fe80::/10:22', 'src *:5', 'dst any', 'src 192.168.1/24:*',
    'fwmark = 5', 'fwmark != 1/3', 'dport > 70000', 'sport = 100000', 'dst ::ffff:0:0/96', 'src = 1.2.3.4:010',
]


@pytest.mark.parity
@pytest.mark.skipif(not shutil.which('strace'), reason='needs strace')
def test_random_filters_are_the_bytes_of_ss(reference, tmp_path):
    dice = random.Random(7)
    texts = LEAVES + [random_text(dice, 3, LEAVES) for _ in range(45)]
    for text in texts:
        assert captured(reference, ['-tan', text], str(tmp_path)) == compile(tree(text), INET)[0], text
