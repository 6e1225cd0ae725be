"""tools/zipapp: the single file does what the package does, under every Python of this machine."""
import os
import runpy
import shutil
import sys
import zipfile

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run
from tests.support.random_dump import dump

TOOL = os.path.join(ROOT, 'tools', 'zipapp')

OTHERS = runpy.run_path(os.path.join(ROOT, 'tools', 'test'))['other_pythons']()
PYTHONS = [sys.executable] + [program for _, program in OTHERS]
COMPILED = PYTHONS[:1] + PYTHONS[-1:]       # those whose byte code is in the file; the others compile


def made(path, *options):
    answer = run([sys.executable, TOOL, *options, path])
    assert (answer.status, answer.out, answer.err) == (0, path.encode() + b'\n', b'')
    return path


def named(pythons):
    return [word for python in pythons for word in ('--python', python)]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return str(tmp_path_factory.mktemp('zipapp'))


@pytest.fixture(scope='module')
def single(folder):
    return made(os.path.join(folder, 'ssng.pyz'), *named(COMPILED))


@pytest.mark.parametrize('words', [['-h'], ['-V'], ['-tan', 'sport != 22']], ids=' '.join)
@pytest.mark.parametrize('python', PYTHONS)
def test_the_same_as_the_package(python, words, single, folder):
    recording = os.path.join(folder, 'recording')
    with open(recording, 'wb') as stream:
        stream.write(dump(1, 50))
    env = {'PYTHONDONTWRITEBYTECODE': '1', 'TCPDIAG_FILE': recording}
    expected = run([python, '-m', 'ssng'] + words, env=env)
    assert run([python, single] + words, env=dict(env, PYTHONPATH=''), folder='/') == expected
    assert b'Traceback' not in expected.err


def test_it_is_a_program_of_its_own(single, folder):
    copied = shutil.copy(single, os.path.join(folder, 'ss'))
    assert run([copied, '-V'], env={'PYTHONPATH': ''}) == run([sys.executable, '-m', 'ssng', '-V'])
    assert run([sys.executable, 'ss', '-V'], env={'PYTHONPATH': ''}, folder=folder).status == 0


def without(archive, ending, path):
    """A copy of an archive that lacks the files of the package whose name ends so."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, 'w') as new:
        for name in old.namelist():
            if not name.endswith(ending) or name == '__main__.py':
                new.writestr(name, old.read(name))
    return path


def test_byte_code_is_used_where_it_fits(single, folder):
    """A file with nothing but byte code runs under the Pythons that made it, and under no other."""
    code = without(single, '.py', os.path.join(folder, 'code.pyz'))
    runs = [python for python in PYTHONS if run([python, code, '-V'], env={'PYTHONPATH': ''}).status == 0]
    assert runs == [python for python in PYTHONS if python in COMPILED]


@pytest.mark.parametrize('options', [[], ['--source']], ids=' '.join)
def test_the_same_bytes_each_time(options, folder):
    """Whatever the hashes, the time and the folder are."""
    files = []
    for number in ('1', '2'):
        path = os.path.join(folder, 'again' + number)
        assert run([sys.executable, TOOL] + options + [path], env={'PYTHONHASHSEED': number}, folder='/').status == 0
        with open(path, 'rb') as stream:
            files.append(stream.read())
    assert files[0] == files[1]


def test_source_alone(folder):
    path = made(os.path.join(folder, 'source.pyz'), '--source')
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert all(name.endswith('.py') for name in names)
        for name in names:
            if name != '__main__.py':
                with open(os.path.join(ROOT, name), 'rb') as stream:
                    assert archive.read(name) == stream.read()
    assert set(names) == {'__main__.py'} | {
        os.path.relpath(os.path.join(here, name), ROOT)
        for here, _, files in os.walk(os.path.join(ROOT, 'ssng')) for name in files if name.endswith('.py')}
    assert run([sys.executable, path, '-V'], env={'PYTHONPATH': ''}).status == 0


@pytest.mark.parametrize('words', [['--python', '/nonexistent'], ['--python', '/bin/false'], ['--source', '/dev/null/x']])
def test_failures_are_one_line(words):
    answer = run([sys.executable, TOOL] + words)
    assert (answer.status, answer.out) == (1, b'')
    assert answer.err.startswith(b'zipapp: ') and answer.err.count(b'\n') == 1
