"""tools/oracle: the reference is what it says, and so are the headers beside it."""
import os
import sys

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run

ORACLE = [sys.executable, os.path.join(ROOT, 'tools', 'oracle')]

pytestmark = pytest.mark.parity


def test_version(reference):
    assert run(reference + ['-V']).out == b'ss utility, iproute2-7.3.0\n'
    assert run(ORACLE + ['--', '-V']).out == b'ss utility, iproute2-7.3.0\n'


def test_help():
    answer = run(ORACLE + ['--help'])
    assert answer.status == 0 and b'7.3.0' in answer.out


def test_headers(reference, tmp_path):
    """One folder for the compiler, with the newest members: tcp_info has 280 bytes and more."""
    folder = run(ORACLE + ['--headers']).out.decode().strip()
    with open(os.path.join(folder, 'linux', 'tcp.h')) as stream:
        assert 'tcpi_accecn_fail_mode' in stream.read()
    assert os.path.exists(os.path.join(folder, 'asm', 'types.h'))


@pytest.mark.parametrize('env, word', [
    ({'SSNG_MIRROR': 'file:///nonexistent'}, b'cannot download'), ({'SSNG_MIRROR': 'http://127.0.0.1:9'}, b'cannot download')])
def test_no_mirror(env, word, tmp_path):
    """One line, no traceback, nothing half made."""
    answer = run(ORACLE, env=dict(env, XDG_CACHE_HOME=str(tmp_path)))
    assert (answer.status, answer.out) == (1, b'')
    assert answer.err.startswith(b'oracle: ') and word in answer.err and answer.err.count(b'\n') == 1
    assert not [name for _, folders, files in os.walk(str(tmp_path)) for name in folders + files if name != 'ssng']


def test_another_version_is_refused(tmp_path):
    """An archive that has moved on is said so: a program of another version would be no reference."""
    program = ('import sys; sys.path.insert(0, %r); import debian\n'
               'class Suite:\n    def __init__(self, *names): pass\n    def version(self, name): return "7.4.0"\n'
               'debian.Suite = Suite\nsys.argv = ["oracle"]\nexec(open(%r).read())' % (os.path.join(ROOT, 'tools'), ORACLE[1]))
    answer = run([sys.executable, '-c', program], env={'XDG_CACHE_HOME': str(tmp_path)})
    assert answer.status == 1
    assert answer.err == b'oracle: suite sid has iproute2 7.4.0, the reference is 7.3.0\n'
