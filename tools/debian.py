"""Debian's packages, fetched from the mirror that apt uses on this machine and unpacked, never installed.

    suite = Suite('sid', 'amd64')
    names = suite.closure(['iproute2'], libraries)
    with building(folder) as new:
        suite.unpack(names, new)

Trust comes from the archive's own signature where gpgv and Debian's keyring are on the machine, and
otherwise from the mirror; below that, every file is checked against the SHA256 that the level above
gives: InRelease -> Packages.xz -> package.  SSNG_MIRROR names another mirror.
"""
import contextlib
import glob
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request

KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'


class Trouble(Exception):
    """Why a package cannot be had on this machine, in one line."""


def cache_folder(*names):
    """A folder below the user's cache: $XDG_CACHE_HOME/ssng or ~/.cache/ssng."""
    base = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.path.join(base, 'ssng', *names)


def host_architecture():
    return subprocess.check_output(['dpkg', '--print-architecture']).decode().strip()


@contextlib.contextmanager
def building(folder):
    """A folder to fill, which becomes `folder` in one step: others see all of it or nothing."""
    parent = os.path.dirname(folder)
    os.makedirs(parent, exist_ok=True)
    new = tempfile.mkdtemp(prefix='.building-', dir=parent)
    os.chmod(new, 0o755)
    try:
        yield new
        with contextlib.suppress(OSError):      # another call was faster: its copy is as good
            os.rename(new, folder)
        if not os.path.isdir(folder):
            raise Trouble('cannot write %s' % folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


# The mirror

def mirror():
    named = os.environ.get('SSNG_MIRROR')
    found = [named] if named else configured()
    if not found:
        raise Trouble('no Debian mirror in the configuration of apt (SSNG_MIRROR names one)')
    return found[0].rstrip('/')


def configured():
    """The Debian archives of apt's configuration: deb822 `.sources` and one-line `.list` files."""
    found = []
    for name in sorted(glob.glob('/etc/apt/sources.list.d/*.sources')):
        for stanza in re.split(r'\n\s*\n', text_of(name)):
            fields = dict(re.findall(r'(?m)^(Types|URIs|Enabled):[ \t]*(.*)$', stanza))
            if 'deb' in fields.get('Types', '').split() and fields.get('Enabled', 'yes') != 'no':
                found += fields.get('URIs', '').split()
    for name in ['/etc/apt/sources.list'] + sorted(glob.glob('/etc/apt/sources.list.d/*.list')):
        if os.path.exists(name):
            found += re.findall(r'(?m)^deb[ \t]+(?:\[[^]]*\][ \t]*)?(\S+)', text_of(name))
    return [uri for uri in found if re.match(r'https?://.*debian/?$', uri)]


def text_of(name):
    with open(name, encoding='utf-8') as stream:
        return stream.read()


def download(uri, path, sha256=None):
    checksum = hashlib.sha256()
    # The last part alone in messages: a mirror's name is the machine's own business.
    name = uri.rsplit('/', 1)[1]
    try:
        with urllib.request.urlopen(uri, timeout=60) as answer, open(path, 'wb') as stream:
            for block in iter(lambda: answer.read(1 << 20), b''):
                checksum.update(block)
                stream.write(block)
    except OSError as error:
        raise Trouble('cannot download %s: %s' % (name, error))
    if sha256 and checksum.hexdigest() != sha256:
        raise Trouble('%s: wrong SHA256' % name)


# A suite

class Suite:
    """The packages of one suite for one architecture, the newest version of each name."""

    def __init__(self, name, architecture):
        self.name = name
        self.mirror = mirror()
        with tempfile.TemporaryDirectory() as folder:
            self.packages = self._read(architecture, folder)

    def _read(self, architecture, folder):
        """{name: {field: value}}"""
        return newest(index(self.mirror, self.name, 'main/binary-%s/Packages.xz' % architecture, folder).split('\n\n'))

    def package(self, name):
        if name not in self.packages:
            raise Trouble('suite %s has no package %s' % (self.name, name))
        return self.packages[name]

    def version(self, name):
        """The upstream version: without epoch and Debian's own revision."""
        return re.sub(r'^\d+:|-[^-]*$', '', self.package(name)['Version'])

    def closure(self, names, follow):
        """`names` and what they depend on, directly or not, as far as `follow(name, fields)` says."""
        found, queue = [], list(names)
        while queue:
            name = queue.pop()
            found.append(name)
            fields = self.package(name)
            text = ','.join((fields.get('Pre-Depends', ''), fields.get('Depends', '')))
            for alternatives in text.split(','):
                other = re.split(r'[\s|(:]', alternatives.strip())[0]
                if (other in self.packages and other not in found + queue
                        and follow(other, self.packages[other])):
                    queue.append(other)
        return found

    def unpack(self, names, folder):
        for name in names:
            fields = self.package(name)
            deb = os.path.join(folder, 'package.deb')
            download('%s/%s' % (self.mirror, fields['Filename']), deb, fields['SHA256'])
            subprocess.check_call(['dpkg', '-x', deb, folder])
            os.remove(deb)


class Sources:
    """The source packages of one suite: what their authors released, without Debian's own changes."""

    def __init__(self, name):
        self.name = name
        self.mirror = mirror()
        with tempfile.TemporaryDirectory() as folder:
            self.stanzas = index(self.mirror, name, 'main/source/Sources.xz', folder).split('\n\n')

    def unpack(self, names, folder):
        """Put the released archives of these packages into the folder; they are not unpacked further."""
        for name in names:
            stanza = next((text for text in self.stanzas if re.search(r'(?m)^Package: %s$' % re.escape(name), text)), None)
            if stanza is None:
                raise Trouble('suite %s has no source package %s' % (self.name, name))
            place = re.search(r'(?m)^Directory: (.*)$', stanza).group(1)
            for checksum, file in set(re.findall(r'(?m)^ ([0-9a-f]{64}) \d+ (\S+\.orig\.tar\.\w+)$', stanza)):
                download('%s/%s/%s' % (self.mirror, place, file), os.path.join(folder, file), checksum)


def index(mirror, suite, wanted, folder):
    """The text of one of a suite's lists, checked; ``folder`` is for the files on the way."""
    base = '%s/dists/%s' % (mirror, suite)
    release = os.path.join(folder, 'InRelease')
    download(base + '/InRelease', release)
    check_signature(release)
    line = re.search(r'(?m)^ ([0-9a-f]{64}) +\d+ %s$' % re.escape(wanted), text_of(release))
    if not line:
        raise Trouble('suite %s has no %s' % (suite, wanted))
    path = os.path.join(folder, 'list.xz')
    download('%s/%s' % (base, wanted), path, line.group(1))
    with lzma.open(path, 'rt', encoding='utf-8') as stream:
        return stream.read()


def libraries(name, fields):
    """For Suite.closure: the shared libraries, which are all that a program's loader needs."""
    return name.startswith('lib') and fields.get('Section') == 'libs'


def check_signature(release):
    if not (shutil.which('gpgv') and os.path.exists(KEYRING)):
        return
    run = subprocess.Popen(['gpgv', '--keyring', KEYRING, release],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.communicate() and run.returncode:
        raise Trouble('the signature of the archive is wrong')


def newest(stanzas):
    table = {}
    for stanza in stanzas:
        fields = dict(re.findall(r'(?m)^([A-Za-z0-9-]+): (.*)$', stanza))
        name = fields.get('Package')
        if name and (name not in table or newer(fields, table[name])):
            table[name] = fields
    return table


def newer(a, b):
    return subprocess.call(['dpkg', '--compare-versions', a['Version'], 'gt', b['Version']]) == 0


# Programs of unpacked packages

def find(folder, name):
    """The file `name` of a library or loader in unpacked packages."""
    for pattern in ('usr/lib/*/', 'usr/lib*/', 'lib*/', 'lib/*/'):
        for found in glob.glob(os.path.join(folder, pattern, name)):
            if os.path.exists(found):
                return found
    raise Trouble('%s is not in the unpacked packages' % name)


def interpreter(program):
    """The name that `program` gives its dynamic loader: /lib64/ld-linux-x86-64.so.2."""
    with open(program, 'rb') as stream:
        found = re.search(rb'/lib[^\x00/]*/ld[^\x00/]*\.so\.\d(?=\x00)', stream.read())
    if not found:
        raise Trouble('cannot read the dynamic loader of ' + program)
    return found.group().decode()


def command(folder, program):
    """The words that run `program` with the libraries beside it: loader, library path, program."""
    path = os.path.join(folder, program)
    loader = find(folder, os.path.basename(interpreter(path)))
    return [loader, '--library-path', os.path.dirname(find(folder, 'libc.so.6')), path]
