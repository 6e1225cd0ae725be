"""What is published: the sdist holds what the repository holds, the wheel the package alone, and both can be installed."""
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run

sys.path.insert(0, os.path.join(ROOT, 'tools'))
from anywherelib import cells       # noqa: E402

# Files of a checkout that are no part of what is published, and those that setuptools adds.
NOT_PUBLISHED = {'.gitignore'}
ADDED = re.compile(r'PKG-INFO|ssng\.egg-info(/.*)?')


def tracked():
    try:
        said = subprocess.check_output(['git', 'ls-files'], cwd=ROOT, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip('no git checkout: nothing says which files are ours')
    return {name for name in said.decode().splitlines() if os.path.exists(os.path.join(ROOT, name))}


@pytest.fixture(scope='module')
def published(tmp_path_factory):
    """{'sdist': path, 'wheel': path}, built of a copy of the tree by a setuptools that knows how licences are named today."""
    folder = tmp_path_factory.mktemp('published')
    source = folder / 'source'
    for name in tracked():
        place = source / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.join(ROOT, name), str(place))
    environment = folder / 'environment'
    try:
        subprocess.check_output([sys.executable, '-m', 'venv', str(environment)], stderr=subprocess.STDOUT)
        pip = [str(environment / 'bin/python'), '-m', 'pip', '--disable-pip-version-check']
        subprocess.check_output(pip + ['install', '--quiet', '--upgrade', 'pip', 'setuptools', 'wheel'], stderr=subprocess.STDOUT)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip('no setuptools to be had: %s' % error)
    build = 'import sys; from setuptools import build_meta; place = sys.argv[1]; ' \
            'print(build_meta.build_sdist(place)); print(build_meta.build_wheel(place))'
    said = subprocess.check_output([pip[0], '-c', build, str(folder)], cwd=str(source), stderr=subprocess.DEVNULL).decode()
    sdist, wheel = [line for line in said.splitlines() if line.startswith('ssng-')]
    return {'sdist': str(folder / sdist), 'wheel': str(folder / wheel), 'pip': pip}


def test_the_sdist_is_whole(published):
    with tarfile.open(published['sdist']) as archive:
        names = {name.partition('/')[2] for name in (entry.name for entry in archive if not entry.isdir())}
        tool = archive.getmember([name for name in archive.getnames() if name.endswith('/tools/oracle')][0])
    assert tool.mode & 0o100
    assert {name for name in names if not ADDED.fullmatch(name)} == tracked() - NOT_PUBLISHED


def test_the_wheel_is_the_package(published):
    with zipfile.ZipFile(published['wheel']) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith('.dist-info/METADATA'))).decode()
    ours = {name for name in tracked() if name.startswith('ssng/')}
    assert {name for name in names if '.dist-info/' not in name and '.data/' not in name} == ours
    head = metadata.partition('\n\n')[0].splitlines()
    if sys.version_info >= (3, 9):              # setuptools 77 and later
        assert 'License-Expression: MIT' in head
    assert not [line for line in head if line.startswith(('License: ', 'Project-URL', 'Home-page', 'Classifier: License'))]


@pytest.mark.parametrize('kind', ['wheel', 'sdist'])
def test_it_is_installed(published, kind):
    pip = published['pip']
    subprocess.check_call(pip + ['install', '--quiet', '--no-deps', '--no-build-isolation', '--force-reinstall', published[kind]])
    program = os.path.join(os.path.dirname(pip[0]), 'ssng')
    said = subprocess.check_output([program, '-V'], cwd='/')
    assert said == subprocess.check_output([sys.executable, '-m', 'ssng', '-V'], cwd=ROOT)


def another(minor):
    """The words that run a CPython 3.``minor``: one of pyenv, or the cell of tools/anywhere if it was made."""
    for version, program in runpy.run_path(os.path.join(ROOT, 'tools/test'))['other_pythons']():
        if version[:2] == (3, minor):
            return [program]
    if minor == 14 and os.path.isdir(cells.cache('cpython-3.14')):
        return cells.cpython_314().words
    pytest.skip('no other CPython 3.%d here: neither of pyenv nor made by tools/anywhere' % minor)


@pytest.mark.parametrize('minor', [6, 14])
def test_it_is_installed_by_another_python(published, minor, tmp_path):
    python, place = another(minor), str(tmp_path / 'place')
    # Its own pip, or for one that brings none that of the environment, which is as new as can be.
    pip = '' if run(python + ['-m', 'pip', '--version']).status == 0 else os.path.dirname(pip_of(published))
    said = run(python + ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', '--target', place, published['wheel']],
               env={'PYTHONPATH': pip, 'PIP_DISABLE_PIP_VERSION_CHECK': '1', 'PIP_ROOT_USER_ACTION': 'ignore'})
    assert said.status == 0, said.err.decode()
    assert run(python + ['-m', 'ssng', '-V'], env={'PYTHONPATH': place}, folder='/') == run([sys.executable, '-m', 'ssng', '-V'])
    for path in ('bin/ssng', 'share/man/man8/ssng.8', 'share/bash-completion/completions/ssng'):
        assert os.path.getsize(os.path.join(place, path))


def pip_of(published):
    return subprocess.check_output([published['pip'][0], '-c', 'import pip; print(pip.__path__[0])']).decode().strip()


def test_pipx_runs_it(published, tmp_path):
    if not shutil.which('pipx'):
        pytest.skip('no pipx on this machine')
    said = run(['pipx', 'run', '--spec', published['wheel'], 'ssng', '-V'], folder='/', env={'PIPX_HOME': str(tmp_path)})
    assert (said.status, said.out) == (0, run([sys.executable, '-m', 'ssng', '-V']).out), said.err.decode()


@pytest.mark.parametrize('words', [['twine', 'check', '--strict'], ['check-wheel-contents']], ids=lambda words: words[0])
def test_nobody_complains_of_them(published, words):
    if not shutil.which(words[0]):
        pytest.skip('no %s on this machine' % words[0])
    files = [published['wheel']] + [published['sdist']] * (words[0] == 'twine')
    said = run(words + files)
    assert said.status == 0, said.out.decode() + said.err.decode()
