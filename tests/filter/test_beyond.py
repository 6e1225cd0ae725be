"""Filters over facts: how they are read, what they mean, what is said of those that mean nothing."""
import warnings

import pytest

from ssng.errors import Failure
from ssng.filter.bytecode import NOTHING, compile
from ssng.filter.facts import chosen
from ssng.filter.syntax import parse
from ssng.filter.tree import And, Compare, Host, Not, Or, Pattern, Port, conditions
from ssng.query import Draft
from ssng.states import ALL, LISTENING, USUAL, WORDS as STATES
from tests.filter.support import Words, tree, words_of


def brief(node):
    """A tree as nested tuples; of a fact its name, operator and values."""
    if node.__class__ in (And, Or):
        return (node.__class__.__name__.lower(),) + tuple(map(brief, node.parts))
    if node.__class__ is Not:
        return 'not', brief(node.part)
    if node.__class__ is Compare:
        return node.name, node.operator, node.values
    return node


RTT = 'info.rtt_us', '>', 100000
NGINX = 'processes.name', '=', ('nginx',)
SPORT80, DPORT80 = Host('src', None, (), 80), Host('dst', None, (), 80)
TEN = (2, b'\x0a\0\0\7', 32)


@pytest.mark.parametrize('texts, expected', [
    # the forms of beyond-ss, with the blanks that people leave out
    (['rtt > 100ms', 'rtt>100ms', 'rtt >100ms', 'rtt> 100ms', 'rtt gt 100ms', '(rtt>100ms)', '( rtt > 100ms)', '((rtt>100ms) )',
      'info.rtt_us > 100000', 'rtt_us>100000', 'rtt > 0.1s', 'rtt > 100000us', 'rtt\\ >\\ 100ms'[:3] + '>100ms'], RTT),
    (['! rtt>100ms', '!rtt>100ms', 'not(rtt>100ms)', '!(rtt > 100ms)', 'not rtt > 100ms'], ('not', RTT)),
    (['sport=80', 'sport=:80', '(sport=80)', '( sport =:80 )', 'sport== 80', 'sport ==80', '(sport 80)'], SPORT80),
    (['!sport=:80', 'sport!=80', '!(sport=80)', 'sport !=80', 'not(sport=80)'], ('not', SPORT80)),
    (['(sport>1024)', 'sport>1024', 'sport gt 1024'], ('not', Port('src', None, '<=', 1024))),
    (['rtt>100ms and comm=nginx', '(rtt>100ms)and(comm=nginx)', 'rtt>100ms comm = nginx',
     'rtt>100ms&&comm=nginx'[:9] + ' &&comm=nginx'],
     ('and', RTT, NGINX)),
    (['(rtt>100ms)or(comm=nginx)', 'rtt > 100ms || comm = nginx', 'rtt>100ms |comm=nginx'], ('or', RTT, NGINX)),
    (['comm = nginx and sport = 80 or rtt > 100ms'], ('or', ('and', NGINX, SPORT80), RTT)),
    (['dport = 80 and rtt > 100ms and not comm = nginx'], ('and', DPORT80, RTT, ('not', NGINX))),
    # values
    (['pid = 12,99', 'pid=12,99', 'pid eq 12,0x63'], ('processes.pid', '=', (12, 99))),
    (['comm = "my prog"', 'comm="my prog"', '( comm = "my prog")', 'comm = my\\ prog'], ('processes.name', '=', ('my prog',))),
    (['comm = "a,b","c*"', 'comm = a\\,b,c\\*'], ('processes.name', '=', ('a,b', 'c*'))),
    (['comm = ngin*'], ('processes.name', '=', (Pattern('ngin*'),))),
    (['comm = [ab]\\*'], ('processes.name', '=', (Pattern('[ab]\\*'),))),
    (['comm = "say \\"hi\\" \\\\"'], ('processes.name', '=', ('say "hi" \\',))),
    (['comm = src'], ('processes.name', '=', ('src',))),
    (['comm = "or"'], ('processes.name', '=', ('or',))),
    (['comm ~ ^(a|b)$', '(comm ~ ^(a|b)$)', 'comm~^(a|b)$', 'comm ~ "^(a|b)$"'], ('processes.name', '~', '^(a|b)$')),
    (['comm ~ "\\d+ x"'], ('processes.name', '~', '\\d+ x')),
    (['comm !~ x', 'comm!~x', '!comm~x'], ('not', ('processes.name', '~', 'x'))),
    (['local.path = /tmp/a=b'], ('local.path', '=', ('/tmp/a=b',))),
    (['( local.path = /tmp/a) )'], ('local.path', '=', ('/tmp/a)',))),
    (['recv_q >= 64K', 'recv_q >= 65536', 'recv_q>=64KiB', 'recv_q >= 65536B'], ('recv_q', '>=', 65536)),
    (['recv_q < 1.5kB'], ('recv_q', '<', 1500)),
    (['recv_q = -1'], ('recv_q', '=', (-1,))),
    (['delivery_rate > 10Mbps', 'delivery_rate > 1250kB/s', 'delivery_rate > 1.25MB/s',
     'info.delivery_rate_bytes_per_s > 1250000'],
     ('info.delivery_rate_bytes_per_s', '>', 1250000)),
    (['rtt > 0'], ('info.rtt_us', '>', 0)),
    (['timer.expires_ms < 1500us', 'timer.expires < 1500us'], ('timer.expires_ms', '<', 1.5)),
    (['lastsnd > 2m', 'last_data_sent > 120s', 'last_data_sent_ms > 120000'], ('info.last_data_sent_ms', '>', 120000)),
    (['v6only = yes', 'v6only = true', 'v6only=1'], ('v6only', '=', (True,))),
    (['cookie = 5F', 'sk = 0x5f', 'cookie=05f'], ('cookie', '=', ('5f',))),
    (['peer.port = :http', 'peer.port = 80', 'peer.port=http'], ('peer.port', '=', (80,))),
    (['peer.address = 10.0.0.7'], ('peer.address', '=', (TEN,))),
    (['peer.address = [fd00::]/8', 'peer.address = fd00::/8', '( peer.address=[fd00::]/8 )'],
     ('peer.address', '=', ((10, b'\xfd' + bytes(15), 8),))),
    (['peer.address = 10.*'], ('peer.address', '=', (Pattern('10.*'),))),
    (['recv_q'], ('recv_q', 'has', ())),
    (['rate.retrans > 0.5', 'rate.retrans>0.5'], ('rate.retrans', '>', 0.5)),
    (['retrans or recv_q', '(retrans)or(recv_q)'], ('or', ('info.retrans', 'has', ()), ('recv_q', 'has', ()))),
    (['ino = 5'], ('ino', '=', (5,))),
    # ss's words where ss has no meaning for them
    (['sport = 80,22'], ('or', SPORT80, Host('src', None, (), 22))),
    (['cgroup ~ x', 'cgroup~x'], ('cgroup', '~', 'x')),
    (['cgroup = /x/*'], ('cgroup', '=', (Pattern('/x/*'),))),
    (['src !~ ^10'], ('not', ('local.address', '~', '^10'))),
    # tcpdump's
    ([':80', 'port 80', 'port :80', 'port = 80', 'port http', ':http', '(port 80)', '(:80)', '*:80'],
     ('or', SPORT80, DPORT80)),
    (['port != 80', '!:80', 'not port 80'], ('not', ('or', SPORT80, DPORT80))),
    (['10.0.0.7', 'host 10.0.0.7', '(10.0.0.7)'], ('or', Host('src', None, (TEN,), -1), Host('dst', None, (TEN,), -1))),
    (['10.0.0.7:80', 'host 10.0.0.7:80'], ('or', Host('src', None, (TEN,), 80), Host('dst', None, (TEN,), 80))),
    (['::1', '[::1]'], ('or',) + tuple(Host(side, None, ((10, bytes(15) + b'\1', 128),), -1) for side in ('src', 'dst'))),
])
def test_what_is_read(texts, expected):
    for text in texts:
        assert brief(tree(text)) == expected, text


@pytest.mark.parametrize('operands, lines, expected', [
    (['rtt', '>', '100ms'], [], RTT), (['rtt >'], ['100ms'], RTT), ([], ['(rtt>100ms'], None), ([], ['(rtt>100ms', ')'], RTT),
    (['comm =', 'nginx'], ['rtt>100ms'], ('and', NGINX, RTT))])
def test_operands_and_lines(operands, lines, expected):
    try:
        assert brief(parse(operands, lines, Words())) == expected
    except Failure:
        assert expected is None


@pytest.mark.parametrize('text', [
    'src unix:/tmp/a=(b)', 'src unix:~', 'src unix:=80 or dst unix:)', '( src unix:/a) )', 'sport = *foo)', 'fwmark 1/3x)',
    'src unix:host', 'src unix:rtt', 'dst unix:!x'])
def test_what_ss_accepts_is_no_fact(text):
    assert not [node for node in conditions(tree(text)) if node.__class__ is Compare]
    assert ' ' not in getattr(conditions(tree(text))[0], 'pattern', '')


@pytest.mark.parametrize('text, status, said, place', [
    ('rtt > 100', 1, 'a time needs a unit: 100ms, or info.rtt_us without one', '100'),
    ('rtt > 100MB', 1, 'a number and one of us ms s m h', '100MB'), ('rtt > x', 1, 'info.rtt_us is a time', 'x'),
    ('recv_q > 1Mbps', 1, 'recv_q is a size', '1Mbps'), ('recv_q > 1.5.1', 1, 'recv_q is a size', '1.5.1'),
    ('uid = root', 1, 'uid is a number', 'root'), ('uid > 1K', 1, 'uid is a number', '1K'),
    ('uid > 1.5', 1, 'uid is a number', '1.5'), ('rate.retrans > x', 1, 'is a number', 'x'),
    ('rtt ~ 5', 255, 'can be asked = != < <= > >=', '~'), ('comm > x', 255, 'processes.name is a word', '>'),
    ('peer.address < 10/8', 255, 'peer.address is a address', '<'), ('v6only < 1', 255, 'can be asked = !=', '<'),
    ('sport ~ 1', 255, 'local.port is a port', '~'), ('v6only = maybe', 1, 'true or false', 'maybe'),
    ('pid = 1,', 1, 'an item of the list is empty', '1,'), ('pid = 1,,2', 1, 'an item of the list is empty', '1,,2'),
    ('pid < 1,2', 1, 'compares with one value', '1,2'), ('comm ~ *', 1, 'no regular expression', '*'),
    ('comm ~ [', 1, 'no regular expression', '['), ('comm = "x', 255, 'a quotation has no end', '"x'),
    ('comm =', 255, 'comm needs a value here', ''), ('comm = and rtt > 0', 255, 'comm needs a value here', 'and'),
    ('comm = )', 255, 'comm needs a value here', ')'), ('cookie = xyz', 1, 'hex digits', 'xyz'),
    ('peer.port = *', 1, 'this is no port', '*'), ('peer.port = nosuch', 1, 'udp or tcp', 'nosuch'),
    ('peer.address = example', 1, 'of names, src and dst know', 'example'),
    ('peer.address = [::1', 1, 'this is no address', '[::1'),
    ('state = foo', 255, 'unknown state "foo"', 'foo'), ('state = estalbished', 255, 'did you mean established', 'estalbished'),
    ('rttt > 5ms', 1, 'did you mean rtt', 'rttt'), ('port_id = 3', 1, 'may mean local.port_id peer.port_id', 'port_id'),
    ('SPORT = 1', 1, 'did you mean', 'SPORT'),
    # the usual mistakes
    ('sport = 22 and state established', 1, 'state = established', 'established'), ('rtt 100ms', 1, 'rtt = 100ms', '100ms'),
    ('exclude listening', 1, 'state !=', 'exclude'), ('80', 255, 'a port is written :80', '80'),
    ('nginx', 1, 'comm = nginx', 'nginx'),
    ('/run/x', 1, 'shown with -x', '/run/x'), ('src /run/x', 1, 'shown with -x', '/run/x'),
    ('(rtt > 1ms', 255, '"(" without ")"', ''), ('rtt > 1ms)', 1, 'one of us ms s m h', '1ms)'),
    ('rtt > 1ms )', 255, '")" without "("', ')'),
    ('(rtt > 1ms and foo)', 1, 'unknown word "foo"', 'foo'), ('port', 255, 'port needs a value', ''),
    ('port and', 255, 'port needs a value', 'and'),
    ('port nosuch', 1, 'no port number', 'nosuch'), ('rtt => 1ms', 1, 'operator between them', '=>'),
])
def test_what_is_wrong_is_said(text, status, said, place):
    """One line, the filter, carets under the place; the status that ss has for the like."""
    with pytest.raises(Failure) as caught:
        tree(text)
    message, shown, carets = caught.value.message.split('\n')
    assert said in message and caught.value.status == status
    start = carets.index('^')
    assert shown[start:len(carets)] == place


@pytest.mark.parametrize('expression', ['a{%s}' % ('1' * 5000), 'a{9999999999}', '(' * 5000, '[b-a]', '\\'],
                         ids=lambda text: text[:9])
def test_what_is_no_expression(expression):
    """Numbers of more digits than int() takes, of more than a repetition has, brackets without end, and plain mistakes."""
    with pytest.raises(Failure) as caught:
        tree('comm ~ ' + expression)
    assert caught.value.message.startswith('this is no regular expression: ') and caught.value.status == 1


@pytest.mark.parametrize('expression', ['[[a]', 'x[a||b]', '[a&&b]', '[a~~b]', '[--a]'])
def test_what_other_pythons_may_read_otherwise(expression):
    """Python 3.7 and later warn of it; that is no message of ssng's, and no error where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert brief(tree('comm ~ ' + expression)) == ('processes.name', '~', expression)


@pytest.mark.parametrize('family, text, said', [
    (2, 'peer.address = ::1', 'with -4 no IPv6 socket is shown'), (10, '10.0.0.7', 'with -6 no IPv4 socket is shown'),
    (2, '[::1]:22', 'with -4 no IPv6 socket is shown')])
def test_a_family_that_is_not_shown(family, text, said):
    with pytest.raises(Failure) as caught:
        tree(text, family)
    assert said in caught.value.message and caught.value.status == 1


@pytest.mark.parametrize('tables, told', [(('tcp',), True), (('tcp', 'vsock_stream'), False), (('tipc',), False)])
def test_ports_of_32_bits(tables, told):
    """Of vsock and TIPC; elsewhere it is said that there is no such port."""
    scope, said = Words(0, tables), []
    scope.warn = said.append
    assert brief(parse(['local.port = 4089641235'], (), scope)) == ('local.port', '=', (4089641235,))
    assert bool(said) == told


def test_a_word_that_means_nothing_is_no_reason_to_ask_the_network():
    scope = Words()
    for text in ('nginx', 'sport = 22 nginx', 'rtt > 1ms (example.com'):
        with pytest.raises(Failure):
            parse([text], (), scope)
    assert not [name for name, asked in scope.asked if asked in (2, 10)]


# What the kernel is asked

@pytest.mark.parametrize('text, same', [
    ('dport = :80 and rtt > 100ms', 'dport = :80'), ('rtt > 100ms or dport = :80', None),
    ('not ( rtt > 1ms or dport = 80 )', '! dport = 80'),
    ('not ( rtt > 1ms and dport = 80 )', None), ('recv_q', None), ('peer.port = 80,22', 'dport = 80 or dport = 22'),
    ('local.port >= 1024', 'sport >= 1024'), ('local.port < 1024', 'sport < 1024'), ('local.port != 80', '! sport = 80'),
    ('peer.address = 10/8', 'dst 10/8'), ('peer.address = 10/8,fd00::/8', 'dst 10/8'),
    ('family = inet and sport = 80', 'sport = 80'),
    ('family = inet6 or sport = 80', 'sport = 80'), ('port 80', 'sport = 80 or dport = 80'), ('peer.address = 10.*', None)])
def test_the_kernel_judges_what_it_can(text, same):
    program = compile(tree(text), 2)[0]
    assert words_of(program or b'') == words_of(compile(tree(same), 2)[0] if same else b'')


def test_what_is_exact():
    for text, exact in (('port 80', True), ('peer.port = 80', True), ('peer.address = 10/8', True), ('family = inet', True),
                        ('rtt > 1ms', False), ('rtt > 1ms and sport = 80', False)):
        assert compile(tree(text), 2)[1] is exact
    for text in ('family = inet6', 'peer.address = fd00::/8', 'family = inet6 and rtt > 1ms'):
        assert compile(tree(text), 2)[0] is NOTHING
    assert compile(tree('state = listening and sport = 80'), 2, (), 1 << 10)[1]
    assert compile(tree('state = listening'), 2, (), 1 << 1)[0] is NOTHING
    assert not compile(tree('state = listening'), 2, (), 1 << 10 | 2)[1]


# States

ESTABLISHED = STATES['established']


@pytest.mark.parametrize('text, mask', [
    ('state = established', ESTABLISHED), ('state = ESTAB', ESTABLISHED), ('state=Established', ESTABLISHED),
    ('state = fin-wait-1', 1 << 4), ('state = FIN_WAIT_1', 1 << 4), ('state = fin*', 3 << 4), ('state = listening', 1 << 10),
    ('state = LISTEN', 1 << 10), ('state = connected', STATES['connected']), ('state = listening,established', 1 << 10 | 2),
    ('state = established and rtt > 1ms', 2), ('rtt > 1ms and ( sport = 5 state = established )', 2),
    ('state = established or rtt > 1ms', None),
    ('state = established or state = listening', 1 << 10 | 2), ('state != established', ALL & ~2),
    ('not state = established', ALL & ~2),
    ('not ( state = established and sport = 5 )', None), ('state ~ ^FIN', 3 << 4), ('rtt > 1ms', None),
    ('state = syn-recv,syn-sent', 0xc),
    ('state = UNCONN', 1 << 7), ('state = closed', 1 << 7), ('state = synchronized and state = listening', 0)])
def test_the_states_that_a_filter_chooses(text, mask):
    assert chosen(tree(text)) == mask


def settled(words, text):
    """The selection of options and a filter."""
    from ssng.cli.options import read
    from ssng.filter.whole import settle
    draft, operands, end = read(words + [text])
    assert end is None and draft.__class__ is Draft
    query, operands = draft.settle(operands)
    scope = Words()
    settle(query, parse(operands, (), scope), scope.listeners)
    return query


@pytest.mark.parametrize('words, text, states', [
    (['-t'], 'state = listening', 1 << 10), (['-ta'], 'state = listening', 1 << 10),
    (['-tl'], 'state = listening,established', 1 << 10),
    (['-t'], 'port 80', USUAL | LISTENING), (['-ta'], 'port 80', ALL), (['-tl'], ':80', LISTENING),
    ([], '10.0.0.7', USUAL | LISTENING),
    (['-t'], 'sport = 80', USUAL), (['-A', 'tcp'], 'port 80', USUAL | LISTENING), (['-A', 'tcp'], 'state = listening', 1 << 10),
    (['-t', 'state', 'established'], 'port 80', ESTABLISHED),
    (['-t', 'state', 'connected', 'exclude', 'bucket'], 'port 80', USUAL),
    (['-t'], 'state = established and port 80', ESTABLISHED), (['-t'], 'rtt > 1ms', USUAL)])
def test_the_states_that_are_asked_for(words, text, states):
    assert settled(words, text).selection.states == states


def test_what_is_needed_is_not_shown():
    query = settled(['-t'], 'rtt > 1ms and comm = x or rcvbuf > 5 and tid = 5')
    assert query.detail.needed == {'info', 'processes', 'memory', 'threads'} and not query.detail.owners
    assert query.detail.shown == {'services'} and not query.ahead
    assert not settled(['-t'], 'sport = 80').detail.needed


@pytest.mark.parametrize('text, mask', [('state = ?W*', 0), ('state = COOKIE*', STATES['connected']), ('state ~ xyz', 0)])
def test_patterns_of_states(text, mask):
    assert chosen(tree(text)) == mask
