"""The program as a process: where its output goes, how it dies, what it imports."""
import os
import signal
import subprocess
import sys

import pytest

from ssng.cli import main as module
from ssng.cli.help import text
from ssng.cli.main import main
from ssng.cli.options import MORE_OPTIONS, OPTIONS
from ssng.errors import Failure
from tests.support.namespaces import ROOT

PROGRAM = [sys.executable, '-m', 'ssng']
HELP = text(OPTIONS + MORE_OPTIONS)


def run(words, **more):
    usual = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE}
    child = subprocess.Popen(PROGRAM + words, cwd=ROOT, **dict(usual, **more))
    out, err = child.communicate()
    return child.returncode, out, err


@pytest.mark.parametrize('words, status, out, err', [
    (['-V'], 0, b'ss utility, iproute2-7.3.0 (ssng 0.1.0)\n', b''),
    (['-h'], 0, HELP.encode(), b''),
    (['-q'], 255, b'', b'ssng: unknown option -q (see ssng --help)\n'),
    (['--m\xfcll'.encode('utf-8')], 255, b'', 'ssng: unknown option --m\xfcll (see ssng --help)\n'.encode('utf-8')),
    ([b'--\xff\x1b\n'], 255, b'', b'ssng: unknown option --\xff\\x1b\\x0a (see ssng --help)\n'),
    (['-t', '-A', '!tcp'], 0, b'', b'ssng: no tables are left to show\n'),
    (['-uD', '/dev/null'], 0, b'', b'ssng: --diag writes TCP sockets: tcp is not among the tables asked for\n'),
    (['-tD', '/nowhere/x'], 255, b'', b'ssng: --diag "/nowhere/x": No such file or directory\n')])
def test_answers(words, status, out, err):
    assert run(words) == (status, out, err)


def test_a_full_disk_is_one_line():
    with open('/dev/full', 'wb') as full:
        assert run(['-h'], stdout=full) == (1, None, b'ssng: No space left on device\n')
        assert run(['-V'], stdout=full) == (1, None, b'ssng: No space left on device\n')
        assert run(['-q'], stderr=full)[0] == 255


def test_closed_descriptors():
    assert run(['-h'], preexec_fn=lambda: os.close(1)) == (0, b'', b'')
    assert run(['-q'], preexec_fn=lambda: os.close(2)) == (255, b'', b'')
    assert run(['-h'], preexec_fn=lambda: os.closerange(0, 3)) == (0, b'', b'')


def test_a_reader_that_went_away_kills_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, 'wb') as gone:
        assert run(['-h'], stdout=gone) == (-signal.SIGPIPE, None, b'')


@pytest.mark.parametrize('ignored', [False, True])
def test_an_interrupt_ends_at_once_unless_it_is_ignored(tmp_path, ignored):
    fifo = str(tmp_path / 'filter')
    os.mkfifo(fifo)
    handler = signal.SIG_IGN if ignored else signal.default_int_handler
    child = subprocess.Popen(PROGRAM + ['-F', fifo, '-f', 'help'], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             cwd=ROOT, restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGINT, handler))
    while ignores(child.pid, signal.SIGPIPE):       # as we do; the program's first act is to change that
        pass
    child.send_signal(signal.SIGINT)
    if ignored:
        os.close(os.open(fifo, os.O_WRONLY))
    assert child.communicate()[1] == b''
    assert child.returncode == (0 if ignored else -signal.SIGINT)


def ignores(pid, number):
    with open('/proc/%d/status' % pid) as stream:
        line = next(line for line in stream if line.startswith('SigIgn:'))
    return int(line.split()[1], 16) >> number - 1 & 1


@pytest.mark.parametrize('raised, status, err', [
    (Failure('wrong', 7), 7, b'ssng: wrong\n'),
    (Failure('a\x1b[1m\nb\u20ac', 1), 1, b'ssng: a?[1m\nb\\u20ac\n'),
    (OSError(13, 'Permission denied', '/x'), 1, b'ssng: "/x": Permission denied\n'),
    (OSError(13, 'Permission denied', b'/\xff'), 1, b'ssng: "/\xff": Permission denied\n'),
    (OSError('odd'), 1, b'ssng: odd\n')])
def test_what_the_listing_may_raise(raised, status, err, monkeypatch, capsysbinary):
    def answer(words):
        sys.stdout.buffer.write(b'before\n')
        raise raised
    monkeypatch.setattr(module, 'answer', answer)
    assert main([]) == status
    assert capsysbinary.readouterr() == (b'before\n', err)


def test_every_option_has_its_line_in_the_help():
    lines = HELP.splitlines()
    for name, letters, argument, _, _, about in OPTIONS + MORE_OPTIONS:
        found = [line for line in lines if line.startswith('   -' + letters[:1]) or not letters
                 if '--' + name in line.replace('=', ' ').replace(',', ' ').split()]
        assert len(found) == 1 and found[0].endswith(about), name


SLOW = ('argparse socket re json typing enum collections.abc dataclasses functools subprocess pathlib contextlib '
        'difflib getopt signal').split()


@pytest.mark.parametrize('words', [['-V'], ['-h'], ['-t', '-A', '!tcp']])
def test_the_way_to_an_answer_imports_little(words):
    program = 'import sys; early = set(sys.modules); import ssng.cli.main as m; m.main(%r); print(*(set(%r) & ' \
              '(set(sys.modules) - early)), file=sys.stderr)' % (words, SLOW)
    found = subprocess.Popen([sys.executable, '-S', '-c', program], cwd=ROOT, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE).communicate()[1]
    assert found.split(b'\n')[-2] == b''
