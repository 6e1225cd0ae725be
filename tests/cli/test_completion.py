"""Completions in the shells themselves: bash, zsh and fish, each skipped where it is not installed."""
import shutil
import subprocess

import pytest

from ssng.cli import completion, guide
from ssng.cli.options import MORE_OPTIONS, OPTIONS
from tests.support.programs import run, subject, surroundings
from tests.support.terminals import typed

SHELLS = ('bash', 'zsh', 'fish')

# (the line, the last word being completed; words that must be offered; a word that must not)
LINES = [
    ('ssng --col', ['--columns', '--color'], '--count'),
    ('ssng --li', ['--listening'], '--no-header'),
    ('ssng -A ', ['tcp', 'unix_stream', 'all'], 'rtt'),
    ('ssng -A tcp,ud', ['tcp,udp'], 'tcp,raw'),
    ('ssng -A !ud', ['!udp'], '!raw'),
    ('ssng -taA xd', ['xdp'], 'raw'),
    ('ssng --query=tcp,ra', ['tcp,raw'], 'tcp,udp'),
    ('ssng --sort=', ['rtt', 'recv_q', 'info.rtt_us'], 'tcp'),
    ('ssng --sort=-rtt', ['-rtt', '-rttvar'], 'rtt'),
    ('ssng --sort rtt,recv', ['rtt,recv_q'], 'recv_q'),
    ('ssng --columns=+pi', ['+pid'], 'pid'),
    ('ssng --count=stat', ['state'], 'rtt'),
    ('ssng state ', ['established', 'listening', 'bucket', 'estab'], 'rtt'),
    ('ssng -tan exclude time', ['time-wait'], 'timer.expires_ms'),
    ('ssng -tan spo', ['sport'], 'dport'),
    ('ssng --color=', ['auto', 'always', 'never'], 'rtt'),
    ('ssng --completion ', ['bash', 'zsh', 'fish'], 'rtt'),
    ('ssng --help ', ['filter', 'facts', 'columns', 'examples'], 'rtt'),
    ('ssng -f net', ['netlink'], 'tcp'),
    ('ssng -F /etc/host', ['/etc/hosts'], 'tcp'),
]


@pytest.mark.parametrize('shell', SHELLS)
def test_it_is_printed(shell):
    assert run(subject() + ['--completion', shell]) == (0, completion.script(shell).encode(), b'')


@pytest.mark.parametrize('words', ['--completion', '--completion=csh', '--completion='])
def test_other_shells(words):
    status, out, err = run(subject() + [words])
    assert (status, out) == (255, b'') and err.startswith(b'ssng: --completion')


@pytest.mark.parametrize('shell', SHELLS)
def test_it_knows_every_option_and_word(shell):
    text = completion.script(shell)
    plain = set(text.replace('=', ' ').replace("'", ' ').replace('*', ' ').replace('(', ' ').replace(')', ' ')
                .replace('[', ' ').replace('|', ' ').split())
    for option in OPTIONS + MORE_OPTIONS:
        assert (option[0] if shell == 'fish' else '--' + option[0]) in plain, option[0]
    for words in (guide.fact_words(), guide.state_words(), guide.table_words(), guide.filter_words()):
        assert plain.issuperset(words)


@pytest.fixture
def script(tmp_path):
    def script(shell):
        if not shutil.which(shell):
            pytest.skip('no %s on this machine' % shell)
        path = tmp_path / shell
        path.write_text(completion.script(shell))
        return str(path)
    return script


def asked(words, folder):
    child = subprocess.Popen(words, env=surroundings({'HOME': str(folder)}), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.communicate()
    assert (child.returncode, err) == (0, b'')
    return out.decode().splitlines()


BASH = '''
. %s
COMP_WORDS=(%s) COMP_CWORD=%d
_ssng 2>/dev/null
printf '%%s\\n' "${COMPREPLY[@]}"
'''


def split(line):
    """The words of a line as readline hands them to bash: = is a word of its own."""
    if line.endswith('='):
        return split(line[:-1]) + ["'='"]
    return ["'%s'" % word for word in line.replace('=', ' = ').split(' ')]


def bare(found):
    """What is offered, without --NAME= in front of it, the = behind it, and fish's descriptions."""
    found = [word.partition('\t')[0] for word in found]
    return {word.partition('=')[2] or word.rstrip('=') if word.startswith('--') else word for word in found}


@pytest.mark.parametrize('line, offered, other', LINES)
def test_bash(line, offered, other, script, tmp_path):
    words = split(line)
    program = BASH % (script('bash'), ' '.join(words), len(words) - 1)
    found = bare(asked(['bash', '--norc', '--noprofile', '-c', program], tmp_path))
    assert found.issuperset(offered) and other not in found


@pytest.mark.parametrize('line, offered, other', LINES)
def test_fish(line, offered, other, script, tmp_path):
    found = bare(asked(['fish', '--no-config', '-c', "source %s; complete -C '%s'" % (script('fish'), line)], tmp_path))
    assert found.issuperset(offered) and other not in found


# Where a Tab leaves but one word, an interactive shell writes it

TYPED = [('ssng --colu', b'ssng --columns'), ('ssng -A tip', b'ssng -A tipc'), ('ssng -A tcp,tip', b'ssng -A tcp,tipc'),
         ('ssng --sort=-lastsn', b'ssng --sort=-lastsnd'), ('ssng -tan state listeni', b'ssng -tan state listening'),
         ('ssng -tan autob', b'ssng -tan autobound'), ('ssng --completion=z', b'ssng --completion=zsh'),
         ('ssng --help exa', b'ssng --help examples')]
STARTS = {'bash': (['bash', '--norc', '--noprofile', '-i'], '. %s'),
          'zsh': (['zsh', '-f', '-i'], 'autoload -U compinit; compinit -D -u; . %s')}


@pytest.mark.parametrize('shell', list(STARTS))
def test_a_tab(shell, script, tmp_path):
    program, begin = STARTS[shell]
    lines = [(begin % script(shell) + '; echo REA""DY\n').encode()] + [
        part for line, _ in TYPED for part in ((line + '\t').encode(), b'\x15echo DO""NE\n')]
    wanted = dict(zip(lines[1::2], [whole for _, whole in TYPED]))
    wanted[lines[0]] = b'READY'
    shown = typed(program, lines, lambda line: wanted.get(line, b'DONE'), env={'HOME': str(tmp_path)})
    assert b'DONE' in shown, shown
