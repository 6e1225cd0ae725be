"""The parser against getopt_long(3) of this machine's C library, and the errors it words itself."""
import ctypes
import os
import random

import pytest

from ssng.cli import options
from ssng.cli import told
from ssng.cli.options import MORE_OPTIONS, OPTIONS, Answer, read, scan
from ssng.errors import Failure
from ssng.host import Host
from ssng.query import Detail, Style


def asked(words, host=None):
    """(draft, operands) of ``words`` after all is done that they ask of the host, as main() does it."""
    draft, operands, end = read(words)
    for step in draft.steps:
        step(host or Host())
    if end:
        raise end
    return draft, operands


class LongOption(ctypes.Structure):
    """``struct option`` of getopt.h."""

    _fields_ = [('name', ctypes.c_char_p), ('has_arg', ctypes.c_int),
                ('flag', ctypes.POINTER(ctypes.c_int)), ('val', ctypes.c_int)]


def of_the_c_library(words):
    """What getopt_long makes of ``words``: [(long name, argument)...] up to an error, and the operands.

    Its messages go to stderr, which nobody reads.
    """
    libc = ctypes.CDLL(None)
    short = ''.join(letter + ':' * (option[2] is not None) for option in OPTIONS for letter in option[1])
    table = (LongOption * (len(OPTIONS) + 1))()
    for number, option in enumerate(OPTIONS):
        table[number] = LongOption(option[0].encode(), option[2] is not None, None, 1000 + number)
    argv = (ctypes.c_char_p * (len(words) + 2))(b'ss', *[word.encode('latin-1') for word in words])
    optind, optarg = ctypes.c_int.in_dll(libc, 'optind'), ctypes.c_char_p.in_dll(libc, 'optarg')
    optind.value = 0        # glibc: begin again
    found = []
    while True:
        code = libc.getopt_long(len(words) + 1, argv, short.encode(), table, None)
        if code == -1:
            return found, [word.decode('latin-1') for word in argv[optind.value:len(words) + 1]]
        if code == ord('?'):
            return found, 'error'
        option = OPTIONS[code - 1000] if code >= 1000 else options.lettered(chr(code))
        argument = optarg.value.decode('latin-1') if option[2] is not None else None
        found.append((option[0], argument))


def of_ours(words, permute=True):
    found, operands = [], []
    try:
        for option, argument in scan(words, permute):
            if option is None:
                operands.append(argument)
            else:
                found.append((option[0], argument))
    except Failure as failure:
        assert failure.status == 255
        return found, 'error'
    return found, operands


def random_words(chance):
    letters = ''.join(option[1] for option in OPTIONS)
    names = [option[0] for option in OPTIONS]
    words = []
    for _ in range(chance.randint(1, 5)):
        kind = chance.random()
        name = chance.choice(names)
        if kind < 0.35:
            words.append('-' + ''.join(chance.choice(letters) for _ in range(chance.randint(1, 4))))
        elif kind < 0.65:
            words.append('--' + name[:chance.randint(1, len(name))])
        elif kind < 0.75:
            words.append('--%s=%s' % (name[:chance.randint(1, len(name))], chance.choice(['', 'x', 'a=b', '-t'])))
        else:
            words.append(chance.choice(['sport', '=', ':22', '', '-', '--', '-q', '-t-', '-?', '-:', '--=', '---t',
                                        '--nothing', 'tcp', '\xe9']))
    return words


@pytest.mark.skipif('CS_GNU_LIBC_VERSION' not in os.confstr_names, reason='not the GNU C library')
@pytest.mark.parametrize('seed', range(8))
def test_random_lines_are_read_as_getopt_long_reads_them(seed, capfd, monkeypatch):
    monkeypatch.delenv('POSIXLY_CORRECT', raising=False)
    chance = random.Random(seed)
    for _ in range(500):
        words = random_words(chance)
        assert of_ours(words) == of_the_c_library(words), words


def test_posixly_correct_ends_the_options_at_the_first_operand(monkeypatch):
    words = ['-t', 'sport', '=', '-4', '--', '-q']
    assert of_ours(words, permute=False) == ([('tcp', None)], words[1:])
    monkeypatch.setenv('POSIXLY_CORRECT', '')
    assert read(words)[1] == words[1:]
    assert of_ours(words) == ([('tcp', None), ('ipv4', None)], ['sport', '=', '-q'])


# What command-line.md 1.1 says of abbreviations of 7.3.0.

@pytest.mark.parametrize('short, full', [
    ('ne', 'net'), ('li', 'listening'), ('ra', 'raw'), ('un', 'unix'), ('tc', 'tcp'), ('xd', 'xdp'), ('vs', 'vsock'),
    ('inf', 'info'), ('inet', 'inet-sockopt'), ('mem', 'memory'), ('ver', 'version'), ('fam', 'family'), ('a', 'all'),
    ('k', 'kill'), ('tipci', 'tipcinfo'), ('context', 'context'), ('bpf', 'bpf'), ('tipc', 'tipc'),
    # ssng's own names give way
    ('pr', 'processes'), ('d', 'diag'), ('pre', 'pretty'), ('dc', 'dccp'), ('j', 'json')])
def test_abbreviation(short, full):
    assert options.named(short)[0] == full


@pytest.mark.parametrize('short, candidates', [
    ('t', '--threads --tcp --tipc --tipcinfo --tos'),
    ('n', '--numeric --net --no-header --no-queues'),
    ('b', '--bpf --bound-inactive --bpf-maps --bpf-map-id'),
    ('v', '--vsock --version'),
    ('s', '--sctp --socket --summary'),
    ('con', '--context --contexts'),
    ('p', '--processes --packet')])
def test_ambiguous_abbreviation_names_the_candidates(short, candidates):
    with pytest.raises(Failure) as caught:
        options.named(short)
    assert caught.value.message == '--%s may mean %s (see ssng --help)' % (short, candidates)


@pytest.mark.parametrize('words, message', [
    ('-q', 'unknown option -q (see ssng --help)'),
    ('-tq', 'unknown option -q (see ssng --help)'),
    ('--foo', 'unknown option --foo (see ssng --help)'),
    ('--numerix', 'unknown option --numerix; did you mean --numeric? (see ssng --help)'),
    ('--numerix=3', 'unknown option --numerix; did you mean --numeric? (see ssng --help)'),
    ('-f', '-f needs an argument (see ssng --help)'),
    ('--net', '--net needs an argument (see ssng --help)'),
    ('--fam', '--family needs an argument (see ssng --help)'),
    ('--help=x', '--help takes no argument (see ssng --help)'),
    ('-F/nowhere', 'cannot open the filter file: No such file or directory'),
    ('-F/dev/null -F/nowhere', '--filter: one filter file is enough (see ssng --help)'),
    ('-f inett', 'unknown family "inett"; did you mean inet? known are: '
                 'inet inet6 netlink link unix vsock tipc xdp'),
    ('-f INET', 'unknown family "INET"; known are: inet inet6 netlink link unix vsock tipc xdp')])
def test_misuse_is_named(words, message):
    with pytest.raises(Failure) as caught:
        asked(words.split())
    assert (caught.value.message, caught.value.status) == (message, 255)


# Options that choose no socket.

@pytest.mark.parametrize('words, told', [
    ('', {}),
    ('-n', {'numeric': True}),
    ('-r', {'resolve': True}),
    ('-o', {'options': True}),
    ('-e', {'extended': True, 'options': True}),
    ('-m', {'memory': True}),
    ('-p', {'processes': True}),
    ('-T', {'threads': True, 'processes': True}),
    ('-i', {'info': True}),
    ('-b', {'bpf': True, 'options': True}),
    ('-Z', {'contexts': 1, 'processes': True}),
    ('-z', {'contexts': 2, 'processes': True}),
    ('-zZ', {'contexts': 2, 'processes': True}),
    ('--tipcinfo', {'tipcinfo': True}),
    ('--tos', {'tos': True}),
    ('--cgroup', {'cgroup': True}),
    ('--inet-sockopt', {'sockopt': True}),
    ('-O', {'oneline': True}),
    ('-H', {'header': False}),
    ('-Q', {'queues': False}),
    ('-j', {'json': True}),
    ('--pretty', {'json': True, 'pretty': True}),
    ('--bpf-maps --bpf-maps', {'bpf_maps': 'all'}),
    ('--bpf-map-id 7 --bpf-map-id=0x3a --bpf-map-id=072', {'bpf_maps': (7, 58)})])
def test_what_an_option_shows(words, told, host):
    """It sets that, and nothing else, of Detail and Style."""
    draft = asked(words.split(), host)[0]
    for part, plain in (draft.detail, Detail()), (draft.style, Style()):
        expected = {name: told.pop(name, getattr(plain, name)) for name in part.__slots__}
        assert {name: getattr(part, name) for name in part.__slots__} == expected
    assert not told


def test_other_requests():
    draft, operands = asked('-E -K -s -D first -D second sport = 5 -F /dev/null'.split())
    assert (draft.events, draft.kill, draft.summary, draft.dump_path) == (True, True, True, 'second')
    assert operands == ['sport', '=', '5'] and list(draft.filter_lines) == []
    assert not draft.narrowed and not draft.tables and not draft.families


@pytest.mark.parametrize('words, status', [
    ('--bpf-map-id=', 1), ('--bpf-map-id=0', 1), ('--bpf-map-id=4294967295', 1), ('--bpf-map-id=-1', 1),
    ('--bpf-map-id=08', 1), ('--bpf-map-id=1x', 1), ('--bpf-map-id=junk', 1),
    ('--bpf-maps --bpf-map-id=7', 1), ('--bpf-map-id=7 --bpf-maps', 255)])
def test_map_numbers_and_their_errors(words, status, host):
    with pytest.raises(Failure) as caught:
        asked(words.split(), host)
    assert caught.value.status == status


def test_no_selinux(host):
    host.tasks.selinux = False
    with pytest.raises(Failure) as caught:
        asked(['-Z', '-h'], host)
    assert (caught.value.message, caught.value.status) == ('SELinux is not enabled on this host', 1)


# What touches the host waits until all words have been read.

class Untouchable:
    """A host of which nothing may be asked."""

    def __getattr__(self, name):
        raise AssertionError('asked for ' + name)


@pytest.mark.parametrize('words, status', [
    ('-N ssng-no-such-namespace', 1), ('--net=/ssng/no/such', 1), ('--bpf-map-id=4294967294', 1),
    ('-F /ssng/no/such', 255)])
def test_nothing_is_touched_while_words_are_read(words, status, monkeypatch):
    def untouched(*arguments):
        raise AssertionError('opened %s' % (arguments,))
    with monkeypatch.context() as patched:
        patched.setattr('os.open', untouched)
        patched.setattr('builtins.open', untouched)
        draft, operands, end = read(words.split() + ['-t', 'state', 'all'])
    assert operands == ['state', 'all'] and end is None and draft.tables == {'tcp'}
    step, = draft.steps
    if 'bpf' in words and os.geteuid():
        pytest.skip('only root may ask for BPF maps')
    with pytest.raises(Failure) as caught:
        step(Host())
    assert caught.value.status == status


@pytest.mark.parametrize('words', [
    '-tanieomp', '-x4 -A udp --tos', '-E -K -s -D nosuch', '--bpf-maps', '-rHQOj', '-f link', '-h', '-q'])
def test_other_options_ask_nothing_of_the_host(words):
    draft = read(words.split())[0]
    for step in draft.steps:
        step(Untouchable())


def test_the_first_step_to_fail_ends_it(host):
    """And what stands behind the word at which reading ended is never done."""
    host.tasks.selinux = False
    for words, message in (('-Z -F /nowhere', 'SELinux'), ('-F /nowhere -Z', 'cannot open'), ('-Z --bogus', 'SELinux'),
                           ('-Z -f bad', 'SELinux'), ('--bogus -Z', 'unknown option'), ('-f bad -F /nowhere', 'unknown family')):
        with pytest.raises(Failure) as caught:
            asked(words.split(), host)
        assert caught.value.message.startswith(message), words
    with pytest.raises(Answer):
        asked(['-h', '-Z'], host)


# The first option to fail or to answer has the last word.

@pytest.mark.parametrize('words, text', [
    ('-Vh', 'ss utility'), ('-hV', 'Usage'), ('-f help -q', 'Usage'), ('-v', 'ss utility'), ('-t -h --foo', 'Usage'),
    ('state bogus -h', 'Usage')])
def test_answers(words, text):
    end = read(words.split())[2]
    assert end.__class__ is Answer and getattr(told, end.what)(end.word).startswith(text)


def test_no_letter_and_no_name_is_given_twice():
    names = [option[0] for option in OPTIONS + MORE_OPTIONS]
    letters = ''.join(option[1] for option in OPTIONS + MORE_OPTIONS)
    assert len(set(names)) == len(names) and len(set(letters)) == len(letters)


OWN = [option[0] for option in OPTIONS]


@pytest.mark.parametrize('prefix', sorted({name[:end] for name in OWN for end in range(1, len(name) + 1)}))
def test_every_abbreviation_of_ss_means_what_ss_means(prefix, monkeypatch):
    """With our options beside its own or without them."""
    def meant():
        try:
            return options.named(prefix)
        except Failure as failure:
            return failure.message.split(' (')[0]
    found = meant()
    monkeypatch.setattr(options, 'MORE_OPTIONS', ())
    assert found == meant()
