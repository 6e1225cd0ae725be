"""What is published: the sdist holds what the repository holds, the wheel the package alone, and both can be installed."""
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.support.namespaces import ROOT

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
        subprocess.check_output(pip + ['install', '--quiet', '--upgrade', 'setuptools', 'wheel'], stderr=subprocess.STDOUT)
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
