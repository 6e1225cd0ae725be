"""The guests: which kernel each boots, where it comes from, and its folder in the cache.

A prepared guest is a folder:

    kernel          what boots: vmlinuz, or the user-mode-linux program
    busybox         static, of the guest's architecture: the first process, modprobe, poweroff
    lib/modules/    the modules that sockets and the lab's own mounts need, with modules.dep
    libraries/      (UML) the C library it was linked with, and its loader
    root/           (s390x, arm64) the root file system: Python, ss, pytest of that architecture
"""
import collections
import contextlib
import os
import re
import shutil
import subprocess

import debian

# machine: 'uml' runs at native speed, but has neither MPTCP nor XDP; the others are QEMU's names of
# what it emulates.  The suite is the Debian release that carries the kernel.
Guest = collections.namedtuple('Guest', 'name version machine suite')

GUESTS = (
    Guest('uml-6.1', '6.1', 'uml', 'bookworm'),
    Guest('uml-6.12', '6.12', 'uml', 'trixie'),
    Guest('uml-7.2', '7.2', 'uml', 'sid'),
    Guest('6.1', '6.1', 'x86_64', 'bookworm'),
    Guest('6.12', '6.12', 'x86_64', 'trixie'),
    Guest('7.2', '7.2', 'x86_64', 'sid'),
    Guest('s390x', '7.2', 's390x', 'sid'),
    Guest('arm64', '7.2', 'aarch64', 'sid'),
)
NAMES = [guest.name for guest in GUESTS]

EMULATOR_SUITE = 'trixie'
EMULATORS = {'qemu': ['qemu-system-x86', 'qemu-system-s390x'], 'qemu-arm': ['qemu-system-arm']}      # by their folders
ARCHITECTURES = {'x86_64': 'amd64', 'aarch64': 'arm64'}         # as Debian calls them
FOREIGN_PROGRAMS = ['busybox-static', 'python3', 'python3-pytest', 'iproute2']

# Of some 4000 modules, those that a socket, a network device or the way to the host's files may need.
MODULES = re.compile(r'kernel/(net|crypto|lib|virt|arch/\w+/(crypto|lib)'
                     r'|fs/(9p|netfs|fscache|overlayfs)|drivers/(net/[^/]+$|virtio|s390/virtio))')


def by_name(name):
    for guest in GUESTS:
        if guest.name == name:
            return guest
    raise debian.Trouble('no guest is called %s: there are %s' % (name, ', '.join(NAMES)))


def cache_folder():
    return os.environ.get('SSNG_LAB') or debian.cache_folder('lab')


def folder_of(guest):
    return os.path.join(cache_folder(), guest.name)


def emulator_folder(guest):
    return os.path.join(cache_folder(), 'qemu-arm' if guest.machine == 'aarch64' else 'qemu')


def is_foreign(guest):
    """Whether the guest's programs are of another architecture, in a root of their own."""
    return guest.machine not in ('uml', 'x86_64')


def missing(guest):
    """The folders that are still to be fetched before `guest` can boot."""
    needed = [folder_of(guest)] + ([emulator_folder(guest)] if guest.machine != 'uml' else [])
    return [folder for folder in needed if not os.path.isdir(folder)]


# Fetching

class Archive:
    """The suites' lists, each read once."""

    def __init__(self):
        self.suites = {}

    def suite(self, name, architecture):
        key = name, architecture
        if key not in self.suites:
            self.suites[key] = debian.Suite(name, architecture)
        return self.suites[key]


def fetch(guest, archive):
    """Fill what is missing of the folders of `guest`."""
    for folder in missing(guest):
        with debian.building(folder) as new:
            if guest.machine != 'uml' and folder == emulator_folder(guest):
                fetch_emulators(new, archive, EMULATORS[os.path.basename(folder)])
            elif guest.machine == 'uml':
                fetch_uml(guest, new, archive)
            else:
                fetch_kernel(guest, new, archive)


def fetch_emulators(new, archive, emulators):
    suite = archive.suite(EMULATOR_SUITE, debian.host_architecture())
    suite.unpack(suite.closure(emulators, emulator_part), new)


def emulator_part(name, fields):
    return debian.libraries(name, fields) or name.startswith(('qemu-system-', 'seabios'))


def fetch_kernel(guest, new, archive):
    architecture = ARCHITECTURES.get(guest.machine, guest.machine)
    suite = archive.suite(guest.suite, architecture)
    with unpacked(new, suite, suite.closure(['linux-image-' + architecture], kernel_part)) as packages:
        version = keep_modules(guest, packages, new)
        take(packages, new, 'kernel', 'boot/vmlinuz-' + version,
             'usr/lib/modules/%s/vmlinuz' % version)
    if architecture != debian.host_architecture():
        fetch_root(os.path.join(new, 'root'), suite)
        suite = archive.suite(EMULATOR_SUITE, debian.host_architecture())
    depmod(new, version, suite)


def kernel_part(name, fields):
    return name.startswith('linux-')


def fetch_uml(guest, new, archive):
    suite = archive.suite(guest.suite, debian.host_architecture())
    with unpacked(new, suite, suite.closure(['user-mode-linux'], debian.libraries)) as packages:
        version = keep_modules(guest, packages, new)
        take(packages, new, 'kernel', 'usr/bin/linux.uml')
        program = os.path.join(new, 'kernel')
        loader = debian.find(packages, os.path.basename(debian.interpreter(program)))
        shutil.copytree(os.path.dirname(debian.find(packages, 'libc.so.6')),
                        os.path.join(new, 'libraries'), ignore=shutil.ignore_patterns('gconv'))
        shutil.copy(loader, os.path.join(new, 'libraries', 'ld.so'))
    use_loader_of_working_folder(program)
    depmod(new, version, suite)


def use_loader_of_working_folder(program):
    """Name `ld.so` as the loader of `program`, in place of the absolute path.

    A UML kernel may be linked with a newer C library than the host's.  It cannot be started as an
    argument of its loader (it takes the end of its heap for the end of its image), so the loader's
    name in the ELF file has to change, and that has room for 27 bytes.  A name without a slash is
    looked up in the working folder.
    """
    old = debian.interpreter(program).encode() + b'\0'
    with open(program, 'r+b') as stream:
        stream.seek(stream.read().index(old))
        stream.write(b'ld.so'.ljust(len(old), b'\0'))


def fetch_root(root, suite):
    """A root file system of another architecture: what the host's own root is to the other guests."""
    os.mkdir(root)
    names = suite.closure(FOREIGN_PROGRAMS, root_part)
    suite.unpack(names, root)
    for name in ('bin', 'sbin', 'lib', 'lib64'):
        os.makedirs(os.path.join(root, 'usr', name), exist_ok=True)
        if not os.path.exists(os.path.join(root, name)):
            os.symlink('usr/' + name, os.path.join(root, name))
    take(root, os.path.dirname(root), 'busybox', 'usr/bin/busybox')
    for name in ('proc', 'sys', 'dev', 'run', 'tmp', 'mnt', 'etc', 'root', 'var', 'host'):
        os.makedirs(os.path.join(root, name), exist_ok=True)


def root_part(name, fields):
    return fields.get('Section') == 'libs' or 'python3' in name


def keep_modules(guest, packages, new):
    """Copy the modules worth keeping and return the kernel's version."""
    for folder in ('usr/lib/uml/modules', 'usr/lib/modules', 'lib/modules'):
        source = os.path.join(packages, folder)
        if os.path.isdir(source):
            break
    version, = os.listdir(source)
    if not version.startswith(guest.version + '.'):
        raise debian.Trouble('suite %s carries kernel %s now, not %s' % (
            guest.suite, version, guest.version))
    source = os.path.join(source, version)
    for parent, _, names in os.walk(source):
        for name in names:
            path = os.path.join(parent, name)
            relative = os.path.relpath(path, source)
            if MODULES.match(relative) or relative.startswith('modules.builtin'):
                target = os.path.join(new, 'lib/modules', version, relative)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.move(path, target)
    return version


def depmod(new, version, suite):
    """Write modules.dep with the busybox of `suite`, which reads the modules of any architecture."""
    with unpacked(new, suite, ['busybox-static']) as packages:
        take(packages, packages, 'busybox', 'bin/busybox', 'usr/bin/busybox')
        busybox = os.path.join(packages, 'busybox')
        subprocess.check_call([busybox, 'depmod', '-b', new, version])
        target = os.path.join(new, 'busybox')
        if not os.path.exists(target):
            shutil.move(busybox, target)


@contextlib.contextmanager
def unpacked(new, suite, names):
    packages = os.path.join(new, 'packages')
    os.mkdir(packages)
    suite.unpack(names, packages)
    yield packages
    shutil.rmtree(packages)


def take(packages, new, name, *candidates):
    for candidate in candidates:
        path = os.path.join(packages, candidate)
        if os.path.exists(path):
            shutil.move(path, os.path.join(new, name))
            return
    raise debian.Trouble('the packages have no %s' % ' or '.join(candidates))
