"""Exit statuses of filters, good and bad, as the real ss has them."""
import pytest

from ssng.errors import Failure
from ssng.filter.syntax import parse, read_filter_file
from tests.filter.support import Words, tree
from tests.support.programs import run

# 0, or 1 where a value is wrong, or 255 where the grammar is: which of them comes first
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
        0   src any or src all or src default or src any:22 or src default:22
        0   src * or src *:22 or src *22 or src [*x]:1
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


@pytest.mark.parity
def test_statuses_are_those_of_ss(reference):
    assert len(ROWS) > 150
    wrong = []
    for options, expected, text in ROWS:
        answer = run(reference + options.split() + ['-n', text])
        if answer.status != expected:
            wrong.append((options, text, expected, answer))
    assert not wrong


# What a row of words cannot say: operands that end in a backslash, numbers that are longer than a line

MANY = '1' * 5000
OPERANDS = [
    (['\\'], 255), (['\\', 'x'], 255), (['\\', '\\'], 255), (['src', '\\'], 0), (['src', '\\', 'foo'], 1),
    (['sport', '=', '22\\', 'or', 'sport', '=', '23'], 0), (['sport', '=', '22\\ ', 'or'], 1), (['\\', 'sport = 22'], 255),
    (['sport = ' + MANY], 1), (['sport = -' + MANY], 1), (['sport != 0x' + MANY], 1), (['src 1.2.3.4:' + MANY], 1),
    (['src 1.2.3.4/' + MANY], 1), (['src ' + MANY], 1), (['src [::1/' + MANY + ']'], 1), (['fwmark ' + MANY], 0),
    (['fwmark -' + MANY], 0), (['fwmark 1/' + MANY], 0), (['dev ' + MANY], 1), (['dev if' + MANY], 0),
    (['dev if' + '0' * 5000 + '1'], 0), (['src vsock:1:' + MANY], 1), (['src vsock:%s:1' % MANY], 1),
    (['src netlink:%s:1' % MANY], 1), (['src netlink:1:' + MANY], 1), (['src link:%s:1' % MANY], 1),
    (['src link:1:' + MANY], 1), (['sport = ' + '0' * 5000 + '17'], 0),
]


def shortened(words):
    return ' '.join(words)[:30]


@pytest.mark.parametrize('operands,expected', OPERANDS, ids=lambda value: shortened(value) if isinstance(value, list) else None)
def test_status_of_operands(operands, expected):
    try:
        parse(operands, (), Words())
        found = 0
    except Failure as failure:
        found = failure.status
    assert found == expected


@pytest.mark.parity
def test_statuses_of_operands_are_those_of_ss(reference):
    for operands, expected in OPERANDS:
        assert run(reference + ['-tan'] + operands).status == expected, shortened(operands)


# With a filter file

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


@pytest.mark.parity
def test_statuses_with_a_file_are_those_of_ss(reference, tmp_path):
    name = tmp_path / 'filter'
    for content, text, expected in FILES:
        name.write_bytes(content)
        assert run(reference + ['-tan', '-F', str(name), text]).status == expected, (content, text)
