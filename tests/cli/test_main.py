"""The program as a process: where its output goes, how it dies, what it imports."""
import os
import shutil
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


def run(words, program=PROGRAM, **more):
    usual = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'cwd': ROOT}
    child = subprocess.Popen(program + words, **dict(usual, **more))
    out, err = child.communicate()
    return child.returncode, out, err


@pytest.mark.parametrize('words, status, out, err', [
    (['-V'], 0, b'ss utility, iproute2-7.3.0 (ssng 0.2.0)\n', b''),
    (['-h'], 0, HELP.encode(), b''),
    (['-q'], 255, b'', b'ssng: unknown option -q (see ssng --help)\n'),
    (['--m\xfcll'.encode('utf-8')], 255, b'', 'ssng: unknown option --m\xfcll (see ssng --help)\n'.encode('utf-8')),
    ([b'--\xff\x1b\n'], 255, b'', b'ssng: unknown option --\\xff\\x1b\\x0a (see ssng --help)\n'),
    (['-t', '-A', '!tcp'], 0, b'', b'ssng: no tables are left to show\n'),
    (['-uD', '/dev/null'], 0, b'', b'ssng: --diag writes TCP sockets: tcp is not among the tables asked for\n'),
    (['-tD', '/nowhere/x'], 255, b'', b'ssng: --diag "/nowhere/x": No such file or directory\n'),
    ([b'-tD/nowhere/\n\x9b'], 255, b'', b'ssng: --diag "/nowhere/\\x0a\\x9b": No such file or directory\n')])
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
    (Failure('a\x1b[1m\nb\u20ac', 1), 1, b'ssng: a\\x1b[1m\nb\\u20ac\n'),
    (OSError(13, 'Permission denied', '/x'), 1, b'ssng: "/x": Permission denied\n'),
    (OSError(13, 'Permission denied', '/\u20ac'), 1, 'ssng: "/\u20ac": Permission denied\n'.encode('utf-8')),
    (OSError(13, 'Permission denied', b'/\xff\n\x7f\xc2\x9b'), 1, b'ssng: "/\\xff\\x0a\\x7f\\xc2\\x9b": Permission denied\n'),
    (OSError(9, 'Bad file descriptor', 7), 1, b'ssng: Bad file descriptor\n'),
    (OSError('odd'), 1, b'ssng: odd\n')])
def test_what_the_listing_may_raise(raised, status, err, monkeypatch, capsysbinary):
    def answer(words, host, kernel):
        sys.stdout.buffer.write(b'before\n')
        raise raised
    monkeypatch.setattr(module, 'answer', answer)
    assert main([]) == status
    assert capsysbinary.readouterr() == (b'before\n', err)


def test_every_option_has_its_line_in_the_help():
    lines = HELP.splitlines()
    for name, letters, _, _, _, about in OPTIONS + MORE_OPTIONS:
        found = [line for line in lines if line.startswith('   -' + letters[:1]) or not letters
                 if '--' + name in line.replace('[', ' ').replace('=', ' ').replace(',', ' ').split()]
        assert len(found) == 1 and found[0].endswith(about), name


SLOW = ('argparse socket re json typing enum collections.abc dataclasses functools subprocess pathlib contextlib '
        'difflib getopt signal ctypes').split()
if sys.version_info >= (3, 14):
    SLOW.remove('ctypes')           # its _ctypes asks ctypes._layout where the members of a structure lie


@pytest.mark.parametrize('words', [['-V'], ['-h'], ['-t', '-A', '!tcp'], ['-tln']])
def test_the_way_to_an_answer_imports_little(words):
    program = 'import sys; early = set(sys.modules); import ssng.cli.main as m; m.main(%r); print(*(set(%r) & ' \
              '(set(sys.modules) - early)), file=sys.stderr)' % (words, SLOW)
    found = subprocess.Popen([sys.executable, '-S', '-c', program], cwd=ROOT, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE).communicate()[1]
    assert found.split(b'\n')[-2] == b''


# Where it lies, and what it needs

VERSION = b'ss utility, iproute2-7.3.0 (ssng 0.2.0)\n'
LISTENING = b'State Recv-Q Send-Q Local Address:Port Peer Address:Port'       # without blanks, of which the rows decide


HERE = os.path.join(ROOT, 'ssng')


@pytest.mark.parametrize('folder, path', [
    (ROOT, 'ssng'), (ROOT, './ssng/'), (ROOT, 'ssng/__main__.py'), ('/', HERE), (HERE, '.'), (HERE, '__main__.py')])
def test_the_folder_itself_is_run(folder, path):
    assert run(['-V'], [sys.executable, '-W', 'error', path], cwd=folder) == (0, VERSION, b'')
    status, out, err = run(['-tln'], [sys.executable, path], cwd=folder)
    assert (status, b' '.join(out.split(b'\n')[0].split()), err) == (0, LISTENING, b'')


def test_the_folder_may_be_called_anything(tmp_path):
    """What lies beside it, or in it, is nobody's module."""
    folder = tmp_path / 'ssng-0.1 (copy)'
    shutil.copytree(os.path.join(ROOT, 'ssng'), str(folder), ignore=shutil.ignore_patterns('__pycache__'))
    for trap in (tmp_path / 'ctypes.py', tmp_path / 'ssng.py', folder / '_socket.py', folder / 'ctypes.py'):
        trap.write_text('raise SystemExit("a trap")')
    assert run(['-V'], [sys.executable, str(folder)], cwd=str(tmp_path)) == (0, VERSION, b'')
    status, out, err = run(['-tuln'], [sys.executable, folder.name], cwd=str(tmp_path))
    assert (status, out[:5], err) == (0, b'Netid', b'')


def vendored(folder):
    """A copy of the package below another, and beside that a package which is not ours and called the same."""
    os.makedirs(str(folder / 'app' / 'vendor'))
    shutil.copytree(os.path.join(ROOT, 'ssng'), str(folder / 'app' / 'vendor' / 'ssng'),
                    ignore=shutil.ignore_patterns('__pycache__'))
    for place in ('app', 'app/vendor'):
        (folder / place / '__init__.py').write_text('')
    (folder / 'ssng').mkdir()
    (folder / 'ssng' / '__init__.py').write_text('raise SystemExit("the other ssng")')
    return str(folder)


@pytest.mark.parametrize('words', [
    ['-tln'], ['-tlnj'], ['-s'], ['-xap'], ['-tlneimop', '--tos', 'sport != http or dev lo'], ['-tanK', 'sport = 0'],
    ['-tD', '/dev/null'], ['-0ab'], ['-f', 'netlink', '-ar']])
def test_it_works_below_another_package(words, tmp_path):
    status, out, err = run(words, [sys.executable, '-m', 'app.vendor.ssng'], cwd=vendored(tmp_path))
    assert (status, err) == (0, b'') and (out or '-tD' in words)


def test_every_module_works_below_another_package(tmp_path):
    program = 'import pkgutil, sys, app.vendor.ssng as package\n' \
              'for _, name, _ in pkgutil.walk_packages(package.__path__, package.__name__ + "."):\n' \
              '    __import__(name)\n' \
              'print(sum(name.startswith("app.vendor.ssng.") for name in sys.modules), "ssng" in sys.modules)'
    status, out, err = run(['-c', program], [sys.executable], cwd=vendored(tmp_path))
    assert (status, err) == (0, b'')
    count, other = out.split()
    assert int(count) > 40 and other == b'False'


@pytest.mark.parametrize('program', [['-m', 'ssng'], ['ssng']], ids=' '.join)
@pytest.mark.parametrize('words', [['-V'], ['-h'], ['-tln'], ['-xaj']], ids=' '.join)
def test_a_python_without_sockets_is_told_so(words, program, tmp_path):
    """So it must be found out before anything else is."""
    (tmp_path / 'sitecustomize.py').write_text('import sys; sys.modules["_socket"] = None')
    env = dict(os.environ, PYTHONPATH=str(tmp_path))
    status, out, err = run(words, [sys.executable] + program, env=env)
    if status == 0:                 # it may do without
        assert out and not err
    else:
        assert (status, out, err.count(b'\n')) == (1, b'', 1)
        assert err.startswith(b'ssng: this Python has no module _socket') and b'libpython3-stdlib' in err
    with open('/dev/full', 'wb') as full:
        assert run(words, [sys.executable] + program, env=env, stderr=full)[0] == status
    assert run(words, [sys.executable] + program, env=env, preexec_fn=lambda: os.close(2)) == (status, out, b'')


def test_a_module_of_ours_that_is_missing_is_no_fault_of_python(tmp_path):
    folder = vendored(tmp_path)
    os.remove(os.path.join(folder, 'app/vendor/ssng/errors.py'))
    status, _, err = run(['-tln'], [sys.executable, '-m', 'app.vendor.ssng'], cwd=folder)
    assert status == 1 and b'libpython3' not in err and b'app.vendor.ssng.errors' in err


# Warnings: whoever makes them errors hears nothing

QUIET = ['-V', '-h', '-f help', '-s', '-F /dev/null -V', '-F /dev/null -F /dev/null', '-tnF README.rst', '-u -D /dev/null',
         '-t -D /dev/null sport = x', '-N nowhere', '-tan bogus', '-tan sport = ', '-A nothing', '--no-such']
ASKING = ['-tan', '-6tan', '-uanp', '-a', '-xap', '-0ab', '-f netlink -ape', '-wa', '-tlnr', '-tlr', '-tanj', '-ai --pretty',
          '-taneimopO --tos --cgroup', '-tan dev lo', '-tan sport = ssh or sport = http', '-tan src localhost', '-tan fwmark 1',
          '-tan cgroup /', '-tK sport = 0 and dport = 1', '-t -D /dev/null', '-tan --bpf-maps', '-SM', '--tipc', '--vsock -a',
          '--xdp -a', '-tan -F /dev/null']


@pytest.mark.parametrize('line', QUIET + ASKING)
def test_warnings_as_errors(line):
    def said(more=(), **env):
        return run(line.split(), [sys.executable] + list(more) + ['-m', 'ssng'], env=dict(os.environ, **env))
    plain, strict, environment = said(), said(['-W', 'error']), said(PYTHONWARNINGS='error')
    assert strict[0] == environment[0] == plain[0]
    assert strict[2] == environment[2] == plain[2]
    assert b'Warning' not in strict[2]


LATER = ['catalogue', 'filter.beyond', 'filter.facts', 'filter.compare', 'filter.explain', 'cli.facts', 'cli.guide', 'cli.page',
    'cli.manual', 'cli.completion', 'cli.confirm', 'cli.colour', 'output.colour', 'answer.hints', 'host.patience',
    'tables.processes', 'tables.tcp_info']


@pytest.mark.parametrize('words', [['-tan'], ['-tan', 'sport = 22 and dst 10/8 or ( dev lo )'], ['-tanj']])
def test_what_names_no_fact_loads_none(words):
    program = 'import sys; import ssng.cli.main as m; m.main(%r); print(*(set(%r) & set(sys.modules)), file=sys.stderr)' % (
        words, ['ssng.' + name for name in LATER])
    found = subprocess.Popen([sys.executable, '-S', '-c', program], cwd=ROOT, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE).communicate()[1]
    assert found.split(b'\n')[-2] == b''
