"""The cells: other Pythons, other C libraries, other machines, bare root file systems; and how each is made.

Everything is made in a cache folder from packages, and nothing is installed.  What Debian has built is unpacked and run through
its own loader; what it has not (CPython on musl) is compiled.
"""
import collections
import glob
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys

import debian

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# ``make()`` returns a Python: see Python and Root below.  ``quick``: one of those that CI runs.
Cell = collections.namedtuple('Cell', 'name about quick make')


class Python:
    """``words`` that run a Python of this machine's root; ``pytest``: the folder that is to be on its path, '' if it has it."""

    prefix = []                 # in front of both programs that are compared
    program = ['-m', 'ssng']

    def __init__(self, words, pytest=None):
        self.words = words
        self.pytest = pytest

    def subject(self):
        return self.words + self.program

    def reference(self, words):
        return words


class Root(Python):
    """A root file system of its own, entered in a mount namespace that ends with the program."""

    def __init__(self, folder, steps, program=('-m', 'ssng'), user=''):
        super().__init__(['python3'])
        self.program = list(program)
        self.prefix = ['unshare', '-m', 'sh', '-ec', ENTER % '\n'.join(steps), 'sh', folder, TREE, oracle(), user]

    def subject(self):
        return self.prefix + ['env', 'PYTHONPATH=/opt/app', '/usr/bin/python3'] + self.program

    def reference(self, words):
        return self.prefix + debian.command(oracle(), 'usr/bin/ss')


ENTER = r'''
mount --make-rprivate / && mount --bind "$1" "$1" && mount --bind "$2/ssng" "$1/opt/app/ssng"
mount --bind "$2/build" "$1/opt/build" && mount --bind "$3" "$1$3" && mount --rbind /sys "$1/sys"
%s
root=$1; user=$4; shift 4
exec chroot ${user:+--userspec="$user"} "$root" "$@"
'''
PROC = 'mount -t proc proc "$1/proc"'
READ_ONLY = 'mount -o remount,bind,ro "$1" && mount -o remount,bind,ro "$1/opt/app/ssng"'
# Without a word about hosts the C library would ask a name server, and wait for it.
EMPTY_ETC = 'mount -t tmpfs tmpfs "$1/etc" && echo "hosts: files" > "$1/etc/nsswitch.conf"'


def oracle():
    return subprocess.check_output([sys.executable, os.path.join(TREE, 'tools/oracle'), '--root']).decode().strip()


def cache(*names):
    return debian.cache_folder('anywhere', *names)


def unpacked(name, suite, names, architecture=None):
    """The folder of these packages."""
    folder = cache(name)
    if not os.path.isdir(folder):
        print('anywhere: fetching %s' % name, file=sys.stderr, flush=True)
        found = debian.Suite(suite, architecture or debian.host_architecture())
        with debian.building(folder) as new:
            found.unpack(names, new)
    return folder


# Pythons of this machine

def pyenv(minor):
    """The CPython 3.``minor`` of pyenv."""
    home = os.environ.get('PYENV_ROOT') or os.path.expanduser('~/.pyenv')
    found = [name for name in glob.glob(home + '/versions/3.%d.*' % minor) if re.search(r'\.\d+$', name)]
    if not found:
        raise debian.Trouble('pyenv has no CPython 3.%d' % minor)
    newest = max(found, key=lambda name: int(name.rpartition('.')[2]))
    return Python([newest + '/bin/python3.%d' % minor], pytest_of_pip(newest, minor))


def pytest_of_pip(home, minor):
    """pytest for a CPython of pyenv, in a folder of its own."""
    folder = cache('pytest-3.%d' % minor)
    if not os.path.isdir(folder):
        wanted = requirements().get((3, minor), 'pytest').split()
        with debian.building(folder) as new:
            subprocess.check_call([home + '/bin/python3.%d' % minor, '-m', 'pip', 'install', '--quiet', '--target', new,
                                   '--disable-pip-version-check'] + wanted, stdout=subprocess.DEVNULL)
    return folder


def requirements():
    """What tools/test installs where the newest pytest does not run."""
    return runpy.run_path(os.path.join(TREE, 'tools/test'), run_name='tools_test')['REQUIREMENTS']


PYTEST = ['python3-pytest', 'python3-iniconfig', 'python3-packaging', 'python3-pluggy']


def pytest_of_debian(suite):
    more = {'bookworm': ['python3-attr', 'python3-exceptiongroup', 'python3-tomli', 'python3-more-itertools']}
    folder = unpacked('pytest-' + suite, suite, PYTEST + more.get(suite, ['python3-pygments']))
    return folder + '/usr/lib/python3/dist-packages'


def with_loader(folder, name):
    """The words that run ``usr/bin/NAME`` of a folder with the libraries of that folder.

    It is a script in the same place, and for Python it is the program: sys.executable starts it again.
    """
    loader, option, libraries, program = debian.command(folder, 'usr/bin/' + name)
    libraries = ':'.join(sorted({os.path.dirname(path) for path in glob.glob(folder + '/usr/lib/*/*.so*')
                                 + glob.glob(folder + '/lib/*/*.so*')}))
    script = program + '-with-loader'
    if not os.path.exists(script):
        with open(script, 'w') as stream:
            stream.write('#!/bin/sh\nexec %s --argv0 "$0" %s "$@"\n' % (
                loader, ' '.join(map(shlex.quote, [option, libraries, program]))))
        os.chmod(script, 0o755)
    return [script]


def cpython_314():
    folder = unpacked('cpython-3.14', 'sid', [
        'python3.14-minimal', 'libpython3.14-minimal', 'libpython3.14-stdlib', 'libc6', 'libexpat1', 'zlib1g', 'libffi8',
        'libgcc-s1', 'libuuid1', 'liblzma5', 'libzstd1', 'libbz2-1.0', 'libssl3t64'])
    return Python(with_loader(folder, 'python3.14'), pytest_of_debian('sid'))


def i386():
    folder = unpacked('i386', 'bookworm', [
        'python3.11-minimal', 'libpython3.11-minimal', 'libpython3.11-stdlib', 'libc6', 'libexpat1', 'libffi8', 'zlib1g',
        'libbz2-1.0', 'liblzma5', 'libuuid1', 'libgcc-s1', 'libssl3', 'libcrypt1', 'libsqlite3-0'], 'i386')
    return Python(with_loader(folder, 'python3.11'), pytest_of_debian('bookworm'))


def minimal():
    """No ctypes, json, difflib, shlex: not even pytest runs there."""
    folder = unpacked('minimal', 'bookworm', ['python3.11-minimal', 'libpython3.11-minimal'])
    return Python(['env', 'PYTHONHOME=%s/usr' % folder, folder + '/usr/bin/python3.11'])


def pypy():
    folder = unpacked('pypy', 'bookworm', [
        'pypy3', 'pypy3-lib', 'libgdbm6', 'libsqlite3-0', 'libffi8', 'libexpat1', 'libbz2-1.0'])
    libraries = os.path.dirname(debian.find(folder, 'libffi.so.8'))
    return Python(['env', 'LD_LIBRARY_PATH=' + libraries, folder + '/usr/bin/pypy3'], pytest_of_debian('bookworm'))


def musl():
    """CPython 3.11 and libffi from Debian's source packages; two minutes."""
    folder, stamp = cache('musl'), cache('musl.built')
    if not os.path.exists(stamp):
        packages = unpacked('musl-tools', 'bookworm', ['musl-dev', 'musl', 'musl-tools'])
        sources = unpacked_sources('musl-sources', 'bookworm', ['python3.11', 'libffi'])
        print('anywhere: building CPython on musl', file=sys.stderr, flush=True)
        # The prefix goes into the interpreter: it is built in its place, and counts when all of it is there.
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open(folder + '.log', 'wb') as log:
            if subprocess.call(['bash', os.path.join(os.path.dirname(__file__), 'musl.sh'), folder, packages, sources],
                               stdout=log, stderr=log):
                raise debian.Trouble('CPython does not build on musl: see %s.log' % folder)
        open(stamp, 'w').close()
    return Python([folder + '/python/bin/python3.11'], pytest_of_debian('bookworm'))


def unpacked_sources(name, suite, names):
    folder = cache(name)
    if not os.path.isdir(folder):
        with debian.building(folder) as new:
            debian.Sources(suite).unpack(names, new)
    return folder


# Root file systems

def minbase():
    """The folder of a root made by debootstrap, with python3 and the databases of the crowd's host."""
    folder = cache('minbase')
    if not os.path.isdir(folder):
        packages = unpacked('debootstrap', 'bookworm', ['debootstrap'])
        print('anywhere: debootstrap', file=sys.stderr, flush=True)
        with debian.building(folder) as new, open(folder + '.log', 'wb') as log:
            words = ['sh', packages + '/usr/sbin/debootstrap', '--variant=minbase', '--include=python3', 'bookworm', new]
            env = dict(os.environ, DEBOOTSTRAP_DIR=packages + '/usr/share/debootstrap')
            if subprocess.call(words + [debian.mirror()], env=env, stdout=log, stderr=log):
                raise debian.Trouble('debootstrap fails: see %s.log' % folder)
            furnish(new)
    return folder


def furnish(root):
    from tests.parity.crowd import FILES
    for path, text in FILES.items():
        with open(root + path, 'w') as stream:
            stream.write(text)
    for place in ('/opt/app/ssng', '/opt/build', oracle()):
        os.makedirs(root + place, exist_ok=True)
    here = root
    for part in oracle().split('/')[1:]:            # nobody has to get there
        here = here + '/' + part
        os.chmod(here, 0o755)


def single_file():
    subprocess.check_call([sys.executable, os.path.join(TREE, 'tools/zipapp')], stdout=subprocess.DEVNULL)
    return ['/opt/build/ssng.pyz']


def root(steps=(PROC,), program=lambda: ('-m', 'ssng'), user=''):
    def make():
        os.makedirs(os.path.join(TREE, 'build'), exist_ok=True)
        return Root(minbase(), steps, program(), user)
    return make


def cpython(minor):
    return Cell('cpython-3.%d' % minor, 'CPython 3.%d of pyenv' % minor, minor in (6, 13), lambda: pyenv(minor))


CELLS = [cpython(minor) for minor in range(6, 14)] + [
    Cell('cpython-3.14', 'CPython 3.14 of Debian sid', True, cpython_314),
    Cell('pypy3', 'PyPy 3.9 of Debian', True, pypy),
    Cell('i386', '32 bits: CPython 3.11 of Debian i386', True, i386),
    Cell('musl', 'CPython 3.11 built on musl', False, musl),
    Cell('python3-minimal', "Debian's python3-minimal: no ctypes, no json", True, minimal),
    Cell('minbase', 'a root by debootstrap, ssng a folder there', True, root()),
    Cell('minbase-file', 'the same, ssng a single file', True, root(program=single_file)),
    Cell('minbase-read-only', 'the same, nothing may be written', False, root([PROC, READ_ONLY])),
    Cell('minbase-nobody', 'the same, run by nobody', True, root(user='nobody:nogroup')),
    Cell('minbase-no-proc', 'the same without /proc', True, root([])),
    Cell('minbase-no-etc', 'the same with an empty /etc: no services, no protocols, no hosts', True, root([PROC, EMPTY_ETC])),
]
