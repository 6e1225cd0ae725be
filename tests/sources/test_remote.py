"""Commands that stand for hosts: several at once, each bounded, none that outlives the question."""
import os
import signal
import subprocess
import sys
import time

import pytest

from ssng.sources.remote import Far, ask, record_in
from tests.support.namespaces import ROOT

# What a record begins with, for a machine of either byte order (draft-ietf-opsawg-pcapng, section 4.1).
LITTLE = b'\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a'
BIG = b'\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d'


def shell(name, script):
    return Far(name, ['sh', '-c', script, 'sh'])


def alive(words):
    """The processes whose command line holds these bytes."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/cmdline' % pid, 'rb') as stream:
                if words in stream.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


@pytest.mark.parametrize('output, record', [
    (LITTLE + b'x', LITTLE + b'x'), (BIG, BIG), (b'Welcome!\r\n\n\r\r\n noise\n' + LITTLE, LITTLE), (b'', b''),
    (b'last login\n', b''), (b'\n\r\r\n\x1c\0\0\0', b''), (b'\n' + LITTLE, LITTLE)])
def test_a_record_is_found_in_the_noise_of_a_shell(output, record):
    assert record_in(output) == record


@pytest.mark.parametrize('said, status, trouble', [
    # as OpenSSH 9.2, dash, bash, coreutils, docker 24 and kubectl 1.28 say it
    ('sh: 1: python3: not found\n', 127, 'it has no python3'),
    ('bash: line 1: python3: command not found\n', 127, 'it has no python3'),
    ("env: \u2018python3\u2019: No such file or directory\n", 127, 'it has no python3'),
    ('OCI runtime exec failed: exec failed: unable to start container process: exec: "python3": executable file not found in '
     '$PATH: unknown\ncommand terminated with exit code 126\n', 126, 'it has no python3'),
    ('root@web1: Permission denied (publickey,password).\n', 255,
     'root@web1: Permission denied (publickey,password): a key or an agent is needed, no password is asked for'),
    ('No ED25519 host key is known for web1 and you have requested strict checking.\nHost key verification failed.\n', 255,
     'its host key is not the one that is known, or none is known (Host key verification failed)'),
    ('ssh: Could not resolve hostname web9: Name or service not known\r\n', 255,
     'ssh: Could not resolve hostname web9: Name or service not known'),
    ('Warning: something\nssng: Python 3.6 or a later one is needed; this is 3.5\n', 1,
     'Python 3.6 or a later one is needed; this is 3.5'),
    ('Traceback (most recent call last):\n  File "<stdin>", line 1\nValueError: \x1b[31m\n', 1, 'ValueError: \\x1b[31m'),
    ('', 3, 'it ended with status 3 and said nothing'), ('', -9, 'it was ended by signal 9')])
def test_what_went_wrong_is_one_line(said, status, trouble):
    far = Far('web1', [])
    far.settle(b'', said.encode(), status)
    assert (far.trouble, far.record) == (trouble, b'')


def test_what_stdout_says_is_told_where_stderr_says_nothing():
    far = Far('web1', [])
    far.settle(b'This account is currently not available.\n', b'', 1)
    assert far.trouble == 'This account is currently not available.'


def test_what_the_program_says_beside_its_record_is_kept_and_other_words_are_not():
    far = Far('web1', [])
    far.settle(LITTLE, b'** banner **\nssng: 1 of 2 network namespaces cannot be entered\n', 0)
    assert (far.record, far.trouble, far.warnings) == (LITTLE, '', ['1 of 2 network namespaces cannot be entered'])


def test_the_program_goes_in_and_what_is_said_comes_out_whole():
    """More than pipes hold, in both directions at the same time."""
    program = LITTLE + os.urandom(3000000)
    fars = [Far('cat', ['cat']), Far('head', ['sh', '-c', 'exec head -c 100000'])]
    ask(fars, program, 2, 60)
    assert [far.trouble for far in fars] == ['', '']
    assert fars[0].record == program and fars[1].record == program[:100000]


def test_who_does_not_read_or_exist_is_no_harm():
    fars = [shell('closed', 'exec <&-; echo gone >&2; exit 4'), Far('none', ['/nonexistent/ssng']), Far('folder', ['/']),
            Far('cat', ['cat'])]
    ask(fars, LITTLE + bytes(1 << 20), 4, 60)
    assert [far.trouble for far in fars] == [
        'gone', '/nonexistent/ssng is not installed here', 'cannot run /: Permission denied', '']


def test_one_that_hangs_ends_with_all_that_it_started_and_holds_nobody():
    mark = 'ssng-hangs-%d' % os.getpid()
    hang = 'sleep 1000 %s & exec sleep 1000 # %s' % ('0', mark)
    fars = [shell(mark, hang), Far('cat', ['cat']), shell('loud', 'echo "waiting for godot" >&2; sleep 1000'),
            shell('deaf', 'trap "" TERM INT HUP; while :; do sleep 1; done')]
    fars += [Far('cat%d' % number, ['cat']) for number in range(6)]
    ask(fars, LITTLE, 4, 1.5)
    assert fars[0].trouble == fars[3].trouble == 'no answer within 1.5 seconds'
    assert fars[2].trouble == 'no answer within 1.5 seconds (waiting for godot)'
    assert [far.record for far in fars if far.name.startswith('cat')] == [LITTLE] * 7
    assert not alive(mark.encode())


def test_what_goes_on_behind_a_command_that_has_ended_is_ended(tmp_path):
    """Its output is not waited for: a connection that ssh keeps open has it, too."""
    mark = 'ssng-behind-%d' % os.getpid()
    far = shell('behind', 'cat; sleep 1000 & echo $! > %s/pid' % tmp_path)
    ask([far], LITTLE, 1, 60)
    assert far.record == LITTLE and far.trouble == ''
    pid = int((tmp_path / 'pid').read_text())
    for _ in range(100):
        if not os.path.exists('/proc/%d' % pid) or 'Z' in open('/proc/%d/stat' % pid).read().rpartition(')')[2].split()[0]:
            break
        time.sleep(.05)
    else:
        pytest.fail('%s: %d is still there' % (mark, pid))


def test_no_more_than_so_many_run_at_once(tmp_path):
    script = 'mkdir %s/$$; ls %s | wc -l >> %s.seen; sleep .1; rmdir %s/$$' % ((tmp_path / 'running',) * 4)
    (tmp_path / 'running').mkdir()
    seen = []
    ask([shell(str(number), script) for number in range(12)], b'', 3, 60, seen.append)
    counts = [int(line) for line in (tmp_path / 'running.seen').read_text().split()]
    assert len(counts) == 12 and max(counts) <= 3
    assert seen == sorted(seen) and seen[-1] == 12


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all(number, tmp_path):
    script = ('import sys\nfrom signal import SIG_DFL, SIGINT, signal\nfrom ssng.sources.remote import Far, ask\n'
              'signal(SIGINT, SIG_DFL)\nask([Far("one", ["sh", "-c", "echo $$ > %s/$$; exec sleep 1000"]) for _ in range(3)],'
              ' b"", 3, 1000)\nprint("on")' % tmp_path)
    program = subprocess.Popen([sys.executable, '-c', script], cwd=ROOT, stdout=subprocess.PIPE)
    for _ in range(1000):
        if len(os.listdir(str(tmp_path))) == 3:
            break
        time.sleep(.02)
    program.send_signal(number)
    assert program.communicate(timeout=60)[0] == b'' and program.returncode == -number
    assert not [pid for pid in os.listdir(str(tmp_path)) if os.path.exists('/proc/' + pid)]
