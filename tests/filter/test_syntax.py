"""Words to tree: grammar, precedence, exit statuses beside the real ss, filter files, messages, endurance."""
import io
import random

import pytest

from ssng.errors import Failure
from ssng.filter import syntax
from ssng.filter.syntax import filter_lines, parse, read_filter_file
from ssng.filter.tree import And, Autobound, Cgroup, Device, Host, Mark, Node, Not, Or, Port
from tests.filter.support import Words, tree
from tests.support.programs import run


def sport(number):
    return Host('src', None, (), number)


A, B, C, D = sport(1), sport(2), sport(3), sport(4)


def text_of(letters):
    """`a or b` for `sport = 1 or sport = 2`."""
    return ' '.join('sport = %d' % ('abcd'.index(word) + 1) if word in 'abcd' else word for word in letters.split())


# Grammar

@pytest.mark.parametrize('letters,expected', [
    ('a', A),
    ('a and b', And([A, B])),
    ('a b', And([A, B])),
    ('a or b', Or([A, B])),
    ('a and b and c', And([A, B, C])),
    ('a or b or c', Or([A, B, C])),
    # `and`, written or not, binds tighter than `or`: the manual, not ss
    ('a or b and c', Or([A, And([B, C])])),
    ('a or b c', Or([A, And([B, C])])),
    ('a and b or c', Or([And([A, B]), C])),
    ('a b or c d', Or([And([A, B]), And([C, D])])),
    ('a or b and c or d', Or([A, And([B, C]), D])),
    ('( a or b ) and c', And([Or([A, B]), C])),
    ('a ( b or c ) d', And([A, Or([B, C]), D])),
    ('( ( a ) )', A),
    ('( a or b ) or c', Or([Or([A, B]), C])),
    ('! a', Not(A)),
    ('! ! a', Not(Not(A))),
    ('! a and b', And([Not(A), B])),
    ('! a or b', Or([Not(A), B])),
    ('! ( a or b )', Not(Or([A, B]))),
    ('a ! b', And([A, Not(B)])),
    ('not a && b || c & d | a', Or([And([Not(A), B]), And([C, D]), A])),
])
def test_grammar(letters, expected):
    assert tree(text_of(letters)) == expected


@pytest.mark.parametrize('words,expected', [
    ('sport 1 == eq =', A),
    ('sport 1 != ne neq', Not(A)),
    ('sport 1 >= ge geq', Port('src', None, '>=', 1)),
    ('sport 1 <= le leq', Port('src', None, '<=', 1)),
    ('sport 1 > gt', Not(Port('src', None, '<=', 1))),
    ('sport 1 < lt', Not(Port('src', None, '>=', 1))),
    ('dev lo = ==', Device(1)),
    ('dev lo !=', Not(Device(1))),
    ('fwmark 2/3 = eq', Mark(2, 3)),
    ('fwmark 2/3 ne', Not(Mark(2, 3))),
    ('cgroup a/b ==', Cgroup(10)),
    ('cgroup a/b neq', Not(Cgroup(10))),
    ('dst 1.2.3.4 = == eq', Host('dst', None, ((2, b'\1\2\3\4', 32),), -1)),
])
def test_operators(words, expected):
    words = words.split()
    for operator in words[2:]:
        assert tree(' '.join([words[0], operator, words[1]])) == expected
    if '=' in words[2:]:
        assert tree(' '.join(words[:2])) == expected


def test_autobound_carries_the_ephemeral_ports():
    assert tree('autobound or ! autobound') == Or([Autobound(32768, 60999), Not(Autobound(32768, 60999))])


# Words: blanks and backslashes

@pytest.mark.parametrize('operands,lines,expected', [
    ([], [], None),
    (['', ' \t'], ['', '  '], None),
    (['sport', '=', '1'], [], A),
    (['sport', '= 1 or', 'sport\t2'], [], Or([A, B])),
    (['', 'sport =', '', '1'], [], A),
    (['sport = 1 and'], ['sport = 2'], And([A, B])),
    ([], ['sport', '=', '1'], A),
    (['s\\port = 1'], [], A),
    (['sport = 2\\2'], [], sport(22)),
    (['sport = 22\\'], [], sport(22)),
    (['sport = \\'], [], sport(-1)),
    (['sport = \\ 1'], [], A),
    (['\\( sport = 1 )'], [], A),
])
def test_words(operands, lines, expected):
    assert parse(operands, lines, Words()) == expected


# Exit statuses.  0, or 1 where a value is wrong, or 255 where the grammar is: which of them comes first
# from the left is part of the bargain.  Every row is given to the real ss too.

STATUSES = {
    '-tan': """
        0   sport = 22
        0   ! ! sport = 22
        0   sport = 1 && sport = 2 || sport = 3 & sport = 4 | sport = 5
        0   autobound autobound
        0   sport eq 1 or sport geq 1 or sport le 1 or sport neq 1 or sport gt 1 or sport lt 1
        0   s\\port = 1
        0   dev != lo
        0   dev 0 or dev 0x1 or dev 4294967295 or dev if1xyz or dev 0b1 or dev +1
        1   dev 4294967296
        1   dev -1
        1   dev nosuch
        1   dev 1x
        1   dev if
        1   dev if0
        1   dev ifx
        1   dev 08
        0   fwmark 0x10x or fwmark 1/2/3 or fwmark -1 or fwmark 99999999999 or fwmark 0b11 or fwmark 08 or fwmark 1/3x
        1   fwmark 1/
        1   fwmark /3
        1   fwmark x
        1   fwmark 08/1
        1   fwmark 1x/3
        1   fwmark 1//2
        1   fwmark 0x
        1   fwmark --5
        1   foo
        1   ( foo
        255 = foo
        255 dport ! foo
        255 127.0.0.1
        255 sport = 22 23
        1   sport = 22 foo
        1   dport = 80 autobound foo
        1   dport = 80 dev lo foo
        1   fwmark 1 foo
        255 dst = = foo
        255 sport = 22 and
        255 sport =
        255 sport
        255 src
        255 ( sport = 22
        255 ( )
        255 )
        255 sport = 22 )
        255 sport = 22 ( )
        255 not
        255 src != 1.2.3.4
        255 src > 1.2.3.4
        255 dev > lo
        255 fwmark > 1
        255 cgroup < 1
        255 autobound = 1
        255 dst and sport = 1
        255 or sport = 1
        255 sport = 1 or or sport = 2
        255 sport = 1 and and
        255 sport sport = 1
        1   sport => 1
        1   sport <> 1
        1   SPORT = 1
        1   AND
        1   sport = 22 !sport
        0   sport 0b11 or sport +22 or sport -1 or sport -5 or sport 0x16 or sport :0x16 or sport 010
        1   sport 08
        1   sport 0x
        1   sport ::22
        1   sport 22:33
        1   sport 1.2.3.4
        1   sport 22x
        0   sport 9223372036854775807 or sport -9223372036854775808
        1   sport 9223372036854775808
        1   sport -9223372036854775809
        0   sport *foo or sport :*foo or sport : or sport [22] or sport [22]:33 or sport []
        1   sport [22
        1   sport [x]
        0   sport inet:22
        0   sport inet:
        1   sport inet:inet6:22
        1   sport :inet:22
        1   sport tipc:5
        1   sport nosuchservice
        1   src tipc:5
        1   src [::1
        0   src [::1] or src [::1]:22 or src [::1]22 or src ::1:22 or src ::: or src ::/0 or src fe80::/10:22
        0   src [fe80::/10]:22
        1   src [fe80::]/10
        1   src [::1]x22
        1   src ::
        1   src ::ffff:1.2.3.4
        1   src [::1]::22
        0   src 10 or src 10/8 or src 10/255.0.0.0 or src 10/0 or src [10]:22 or src 0x0a.010.1 or src 1.2.3.4/010
        0   src 1.2.3.4/0.0.0.0 or src 1.2.3.4/255.0 or src ::1/255.0.0.0
        1   src 1.2.3.4/33
        1   src 1.2.3.4/-1
        1   src 1.2.3.4/08
        1   src 1.2.3.4/
        1   src 1.2.3.4/x
        1   src 1.2.3.4/16x
        1   src 1.2.3.4/255.255.0.255
        1   src 1.2.3.4/255
        1   src ::1/129
        1   src 1.2.3.4.5
        1   src 1.2.3.256
        1   src 1..2
        1   src .1
        0   src any or src all or src default or src any:22 or src default:22 or src * or src *:22 or src *22 or src [*x]:1
        1   src any/0
        1   src *:22:33
        1   src *22x
        1   src ANY
        1   src /8
        0   src :22 or src : or src []:5 or src localhost:22
        1   src localhost/8
        1   src 1.2.3.4:5x
        1   src 1/2:3/4
        0   src inet:any:22 or dst inet:10.0.0.1
        1   src inet6:10.0.0.1
        1   src inet:::1
        1   src INET:1.2.3.4
        1   src inet
        1   src link:nosuchprotocol
        1   src link::nosuchdevice
        1   src netlink:nosuch
        1   src netlink:rtnl:x
        1   src vsock:x
        1   sport vsock:
        0   src link: or src link:* or src netlink:rtnl:5 or src vsock:1:2 or src unix:x
        0   src netlink: or src netlink::-9223372036854775808
        1   src netlink::9223372036854775808
        1   src link::0x
        1   src link:**""",
    '-tan4': """
        0   src any or src 10.0.0.1
        1   src [::1]""",
    '-tan6': """
        0   src any or src [::ffff:1.2.3.4]
        1   src 10.0.0.1
        1   src 0/0""",
    '-xa': """
        0   src *x* or sport = [ or dst / or sport >= \\
        255 src""",
    '-fnetlink -a': """
        0   src rtnl or src rtnl:77 or src 0x0:0x4d or src :kernel or sport = kernel or src 255 or sport >= 5
        1   src RTNL
        1   src kernel
        1   src 256
        1   src -1
        1   src genl:x
        1   sport = rtnl:5
        1   src *x""",
    '-0a': """
        0   src IP or src ip:lo or src :lo or src all or sport = lo or sport = :lo or src 65535 or src ip:-1 or src ipv4
        1   sport = ip
        1   sport = nosuch
        1   src 65536
        1   src 08:1
        1   src ip:*x
        1   sport ::lo""",
    '--vsock -a': """
        0   src 2:80 or src 2 or src :80 or sport * or sport 4294967295 or src 0x2:010 or src 2:* or src *
        1   src 2:
        1   src *:
        1   sport 4294967296
        1   sport -1
        1   src x
        1   sport 2:80
        1   sport :""",
    '--xdp -a': """
        0   src 10.0.0.1 or src any or sport = 5
        1   src [::1]
        1   src localhost""",
}
PREFERRED = {'-tan4': 2, '-tan6': 10, '-xa': 1, '-fnetlink -a': 16, '-0a': 17, '--vsock -a': 40, '--xdp -a': 44}
ROWS = [(options, int(line.split(None, 1)[0]), line.split(None, 1)[1])
        for options, lines in STATUSES.items() for line in lines.strip().split('\n')]


def status(text, family):
    try:
        tree(text, family)
        return 0
    except Failure as failure:
        return failure.status


@pytest.mark.parametrize('options,expected,text', ROWS)
def test_status(options, expected, text):
    assert status(text, PREFERRED.get(options, 0)) == expected


def test_statuses_are_those_of_ss(reference):
    assert len(ROWS) > 150
    wrong = []
    for options, expected, text in ROWS:
        answer = run(reference + options.split() + ['-n', text])
        if answer.status != expected:
            wrong.append((options, text, expected, answer))
    assert not wrong


# Messages

@pytest.mark.parametrize('operands,lines,place', [
    (['dport = 80', 'foo'], [], 'foo'),
    (['dport = 80 or'], [], ''),
    (['dport = 80 or'], ['src 1.2.3.4', 'dst x.'], 'x.'),
    (['dport = 80'], ['src'], ''),
    (['( sport = 22 ) )'], [], ')'),
    (['sport = 1 or \\x or sport = 2'], [], '\\x'),
    (['src a\\ b'], [], 'a\\ b'),
    (['src ' + 'y' * 500], [], 'y' * 60),
    (['sport = 1 or ' * 100 + 'here or ' + 'sport = 1 or ' * 100], [], 'here'),
    (['src a\x1b[31mb'], [], 'a?[31mb'),
])
def test_the_place_is_shown(operands, lines, place):
    with pytest.raises(Failure) as caught:
        parse(operands, lines, Words())
    message, text, carets = caught.value.message.split('\n')
    start = carets.index('^')
    assert set(carets[start:]) == {'^'}
    assert text[start:len(carets)] == place
    assert len(text) < 140 and not set(text) & {'\x1b'}
    if sum(map(len, operands + lines)) < 100:
        assert text.strip() == ' '.join(operands + lines).replace('\x1b', '?')


@pytest.mark.parametrize('text,word', [
    ('sport = 1 sport', 'value'), ('src != 1', 'value'), ('( sport = 1', '")"'), ('sport = 1 )', '"("'),
    ('sport = 1 2', 'condition'), ('and', 'condition'), ('dport = nosuch', 'udp or tcp'), ('src ::1', 'brackets'),
    ('sport = split', '1114/udp, 1113/tcp'),
])
def test_messages_say_what_is_wrong(text, word):
    with pytest.raises(Failure) as caught:
        tree(text)
    assert word in caught.value.message.split('\n')[0]


# Filter files

@pytest.mark.parametrize('content,expected', [
    (b'', []),
    (b'a\n\nb', ['a', '', 'b']),
    (b'# comment\n0 ignored too\n # none\na # b\n', [' # none', 'a # b']),
    (b'a\r\n', ['a\r']),
    (b'a\0b\nc\n', ['a', 'c']),
    (b'\xe9\n', ['\xe9']),
    (b'x' * 1021 + b'\n', ['x' * 1021]),
    (b'x' * 1022, ['x' * 1022]),
    (b'#\0' + b'x' * 1021 + b'\ny', ['', 'y']),
])
def test_lines_of_a_file(content, expected):
    assert list(filter_lines(io.BytesIO(content))) == expected


@pytest.mark.parametrize('content', [b'x' * 1022 + b'\n', b'x' * 1023, b'#' * 1030 + b'\n', b'\0\n', b'a\n\0'])
def test_lines_that_are_refused(content):
    with pytest.raises(Failure) as caught:
        list(filter_lines(io.BytesIO(content)))
    assert caught.value.status == 255


FILES = [
    (b'dport = 22\n', 'dport = 9 and', 0),
    (b'# c\n0 junk ( \nor sport = 5', 'dport = 9', 0),
    (b'dport = 22 # x\n', '', 1),
    (b' # x\n', '', 1),
    (b'dport = 22\r\n', '', 1),
    (b'\0dport = 22\n', '', 255),
    (b'dport = 22\0 foo\nsport = 7', '', 0),
    (b'dport = 22' + b' ' * 1012 + b'\n', '', 255),
    (b'dport = 22' + b' ' * 1011 + b'\n', '', 0),
    (b'dport = 22' + b' ' * 1012, '', 0),
    (b'foo\n' + b' ' * 1030, '', 1),
    (b'dport = 22 or\0 x\n\0\n', '', 255),
    (b'sport \\\n22\n', '', 255),
    (b'sport\v22\n', '', 1),
    (b'state established\n', '', 1),
]


@pytest.mark.parametrize('content,text,expected', FILES)
def test_status_with_a_file(content, text, expected, tmp_path):
    name = tmp_path / 'filter'
    name.write_bytes(content)
    try:
        parse([text], read_filter_file(str(name)), Words())
        found = 0
    except Failure as failure:
        found = failure.status
    assert found == expected


def test_statuses_with_a_file_are_those_of_ss(reference, tmp_path):
    name = tmp_path / 'filter'
    for content, text, expected in FILES:
        name.write_bytes(content)
        assert run(reference + ['-tan', '-F', str(name), text]).status == expected, (content, text)


def test_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(Failure) as caught:
        read_filter_file(str(tmp_path / 'none'))
    assert caught.value.status == 255
    assert 'No such file' in caught.value.message


def test_a_folder_reads_as_an_empty_file(tmp_path):
    assert list(read_filter_file(str(tmp_path))) == []


# Endurance

@pytest.mark.parametrize('text,count', [
    (' or '.join(['dport = 1'] * 10000), 10000),
    (' '.join(['dport = 1'] * 10000), 10000),
])
def test_ten_thousand_conditions(text, count):
    assert len(tree(text).parts) == count


def test_ten_thousand_lines():
    assert len(parse([], ['or sport = 1' if number else 'sport = 1' for number in range(10000)], Words()).parts) == 10000


def test_parentheses_alone_cost_no_depth():
    assert tree('( ' * 10000 + 'sport = 1' + ' )' * 10000) == A


@pytest.mark.parametrize('text', [
    '! ' * 10000 + 'sport = 1',
    '( sport = 1 or sport = 2 and ' * 1000 + 'sport = 3' + ' )' * 1000,
    '( ' * 10000,
])
def test_what_is_too_deep_is_said(text):
    with pytest.raises(Failure) as caught:
        tree(text)
    assert caught.value.status == 255


def test_as_deep_as_it_may_be_everything_works():
    from ssng.filter.bytecode import compile
    from ssng.filter.predicate import predicate
    levels = syntax.DEEPEST // 2 - 1
    node = tree('( sport = 1 or sport = 2 and ' * levels + 'sport = 3' + ' )' * levels)
    assert node.depth > syntax.DEEPEST - 5
    assert len(compile(node, 2)[0]) == 16 * (2 * levels + 1) + 4 * levels
    assert predicate(node)(lambda name: [1, 5], 2) == [True, False]
    assert repr(node).count('Or(') == levels


def test_random_words_end_in_a_tree_or_a_failure():
    dice = random.Random(4)
    vocabulary = list(syntax.WORDS) * 2 + ['sport = 22', 'src 1.2.3.4', 'dev lo', 'autobound'] * 9 + [
        '22', 'lo', '1.2.3.4', '[::1]', '::1', 'unix:*', 'inet6:', 'link:ip:lo', '1/2', '', '\\', '[', ']', '*', '0x',
        'netlink:rtnl', 'vsock:2:3', '\xff', 'http', 'three', '/', ':', '-', '0', 'a' * 50, 'any', '99999999999999999999']
    trees = 0
    for _ in range(5000):
        text = ' '.join(dice.choice(vocabulary) for _ in range(dice.randrange(1, 9)))
        try:
            node = tree(text, dice.choice([0, 0, 2, 10, 1, 16, 17, 40, 44]))
            trees += isinstance(node, Node)
        except Failure as failure:
            assert failure.status in (1, 255)
    assert trees > 100
