"""tools/onefile: the single text does what the package does, as a file and from stdin, under every Python of this machine."""
import os
import sys

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run
from tests.support.random_dump import dump
from tests.tools.test_zipapp import PYTHONS

TOOL = os.path.join(ROOT, 'tools', 'onefile')
MOST = 220000           # bytes


@pytest.fixture(scope='module')
def single(tmp_path_factory):
    path = str(tmp_path_factory.mktemp('onefile') / 'ssng.py')
    assert run([sys.executable, TOOL, path])[:2] == (0, path.encode() + b'\n')
    return path


@pytest.fixture(scope='module')
def content(single):
    with open(single, 'rb') as stream:
        return stream.read()


def test_it_is_small_text(content):
    assert len(content) < MOST
    content.decode('ascii')


@pytest.mark.parametrize('words', [['-h'], ['-V'], ['-tan', 'sport != 22'], ['--nonsense']], ids=' '.join)
@pytest.mark.parametrize('python', PYTHONS)
def test_the_same_as_the_package(python, words, single, content, tmp_path):
    recording = tmp_path / 'recording'
    recording.write_bytes(dump(1, 50))
    env = {'PYTHONDONTWRITEBYTECODE': '1', 'TCPDIAG_FILE': str(recording)}
    expected = run([python, '-m', 'ssng'] + words, env=env)
    env['PYTHONPATH'] = ''
    assert run([python, single] + words, env=env, folder='/') == expected
    assert run([python, '-'] + words, content, env=env, folder='/') == expected
    assert b'Traceback' not in expected.err


def test_the_question_inside(single, tmp_path):
    """Made by the package, by a zip file and by such a text itself: the same program."""
    script = 'import sys, runpy\nfrom ssng import bundle\nsys.stdout.buffer.write(bundle.text(["-V", "\\xe9\'\\n"]))'
    plain = run([sys.executable, '-c', script])
    assert plain.status == 0, plain.err
    archive = str(tmp_path / 'ssng.pyz')
    assert run([sys.executable, os.path.join(ROOT, 'tools', 'zipapp'), '--source', archive]).status == 0
    assert run([sys.executable, '-c', script], env={'PYTHONPATH': archive}, folder='/') == plain
    program = plain.out.replace(b'from ssng.__main__ import console\nconsole()\n', script.encode() + b'\n')
    assert run([sys.executable, '-'], program, env={'PYTHONPATH': ''}, folder='/') == plain
    assert run([sys.executable, '-'], plain.out, env={'PYTHONPATH': ''}, folder='/').out.startswith(b'ss utility')


def test_without_zlib(content):
    answer = run([sys.executable, '-'], b'import sys; sys.modules["zlib"] = None\n' + content, env={'PYTHONPATH': ''})
    assert answer == (1, b'', b'ssng: this Python has no module zlib, by which the program is packed\n')


def test_failures_are_one_line():
    answer = run([sys.executable, TOOL, '/dev/null/x'])
    assert (answer.status, answer.out, answer.err.count(b'\n')) == (1, b'', 1)
