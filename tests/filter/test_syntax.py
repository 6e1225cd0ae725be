"""Words to tree: grammar, precedence, messages, filter files, endurance."""
import io
import random

import pytest

from ssng.errors import Failure
from ssng.filter import syntax
from ssng.filter.syntax import filter_lines, parse, read_filter_file
from ssng.filter.tree import And, Autobound, Cgroup, Device, Host, Mark, Node, Not, Or, Port
from tests.filter.support import Words, tree


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
    (['sport', '=', '1\\', 'or', 'sport', '=', '2\\'], [], Or([A, B])),      # it protects no blank of another operand
    (['sport = \\', 'sport = 1'], [], And([sport(-1), A])),
])
def test_words(operands, lines, expected):
    assert parse(operands, lines, Words()) == expected


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
    (['src a\x1b[31mb'], [], 'a\\x1b[31mb'),
    (['src a\nb\x7f'], [], 'a\\x0ab\\x7f'),
    (['src \xc2\x9b31m'], [], '\\xc2\\x9b31m'),
    (['src \x9b31m\xff'], [], '\\x9b31m\\xff'),
    (['src 10/8 and src \n and', 'foo'], [], '\\x0a'),
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
        words = ' '.join(operands + lines)
        for steering in '\n\x1b\x7f\xc2\x9b\xff':
            words = words.replace(steering, '\\x%02x' % ord(steering))
        assert text.strip() == words


def test_the_place_is_found_behind_letters_of_several_bytes():
    """Both lines as a terminal shows them: it reads UTF-8."""
    with pytest.raises(Failure) as caught:
        parse(['sport = 1 or src \xc3\xa9 \xe2\x82\xac'], [], Words())
    _, text, carets = caught.value.message.encode('latin-1').decode('utf-8').split('\n')
    assert text[carets.index('^'):len(carets)] == '\xe9'


@pytest.mark.parametrize('text,word', [
    ('sport = 1 sport', 'value'), ('src != 1', 'value'), ('( sport = 1', '")"'), ('sport = 1 )', '"("'),
    ('sport = 1 2', 'condition'), ('and', 'condition'), ('dport = nosuch', 'udp or tcp'), ('src ::1', 'brackets'),
    ('sport = split', '1114/udp, 1113/tcp'), ('src inet:[::1]', 'its prefix says IPv4'),
])
def test_messages_say_what_is_wrong(text, word):
    with pytest.raises(Failure) as caught:
        tree(text)
    assert word in caught.value.message.split('\n')[0]


@pytest.mark.parametrize('family,text,said', [
    (2, 'dst [::1]', 'this is an IPv6 address, and with -4 no IPv6 socket is shown'),
    (2, 'dst [fe80::/10]:22', 'this is an IPv6 address, and with -4 no IPv6 socket is shown'),
    (10, 'dst 10/8', 'this is an IPv4 address, and with -6 no IPv4 socket is shown'),
    (10, 'dst inet:[::1]', 'this is an IPv6 address, and its prefix says IPv4'),
    (2, 'dst [::x]', 'this is no address; IPv6 is best written in brackets, [::1] or [::1]:22'),
])
def test_an_address_of_the_wrong_family_is_called_so(family, text, said):
    with pytest.raises(Failure) as caught:
        tree(text, family)
    assert (caught.value.message.split('\n')[0], caught.value.status) == (said, 1)


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
    assert len(parse([], ['or sport = 1' if number else 'sport = 1' for number in range(10000)],
                     Words()).parts) == 10000


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
        'netlink:rtnl', 'vsock:2:3', '\xff', 'http', 'three', '/', ':', '-', '0', 'a' * 50, 'any',
        '99999999999999999999']
    trees = 0
    for _ in range(5000):
        text = ' '.join(dice.choice(vocabulary) for _ in range(dice.randrange(1, 9)))
        try:
            node = tree(text, dice.choice([0, 0, 2, 10, 1, 16, 17, 40, 44]))
            trees += isinstance(node, Node)
        except Failure as failure:
            assert failure.status in (1, 255)
    assert trees > 100
