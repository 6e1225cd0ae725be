"""cgroup v2: ids to paths and paths to ids (fixtures/behaviour/command-line.md, 3.8 and 9.6).

The id of a cgroup is the file handle of its directory, eight bytes: name_to_handle_at(2) tells it.
The way back is open_by_handle_at(2), which takes CAP_DAC_READ_SEARCH; whoever has not that walks the
tree once and keeps the ids.
"""

import errno
import os
import sys

from ..errors import Failure, explain, reason
from ..escape import one_line
from ..kernel.abi import Structure, c_int, c_uint, c_uint8
from ..memo import MOST, Memo
from . import libc
from .words import latin, native

HANDLE_BYTES = 8
AT_FDCWD = -100
FILEID_KERNFS = 0xfe            # handle_type of a cgroup directory, linux/exportfs.h
NO_MOUNT = 'no cgroup v2 hierarchy is mounted'


class file_handle(Structure):
    """``<fcntl.h>``; for a cgroup the handle is its id, in host byte order."""

    _fields_ = [
        ('handle_bytes', c_uint),
        ('handle_type', c_int),
        ('f_handle', c_uint8 * HANDLE_BYTES),
    ]


class Cgroups:
    """The cgroups of one host.  ``report`` hears of what keeps them from being named."""

    def __init__(self, paths, report):
        self._places = paths
        self._report = report
        self._paths = {}                # id: path below the mount; at most MOST of them
        self._mount = None
        self._walked = False
        self._meanings = Memo(self._meaning)    # id: what its path means

    def path(self, number):
        """The path of a cgroup below the mount (the root is ``/``), or ``unreachable:HEX``; latin-1."""
        found = self._paths.get(number)
        if found is None:
            found = self._find(number)
            if found is None:
                return 'unreachable:%x' % number
            if len(self._paths) >= MOST and not self._walked:       # what a walk found is not found twice
                self._paths.clear()
            if len(self._paths) < MOST:
                self._paths[number] = found
        return found

    def unit(self, number):
        """The unit that a cgroup belongs to, None if that is unknown; so do the others tell (:mod:`ssng.host.cgroup_paths`)."""
        return self._meanings[number].get('unit')

    def container(self, number):
        return self._meanings[number].get('container')

    def pod(self, number):
        return self._meanings[number].get('pod')

    def runtime(self, number):
        return self._meanings[number].get('runtime')

    def _meaning(self, number):
        from .cgroup_paths import meaning
        path = self.path(number)
        return meaning(path) if path.startswith('/') else {}

    def _find(self, number):
        top = self.mount()
        if not top:
            self._report.warn(NO_MOUNT)
            return None
        try:
            return opened(top, number)
        except OSError as error:
            refused = error
        if refused.errno == errno.ESTALE:           # it is gone
            return None
        if not self._walked:
            self._walked = True
            self._paths = walk(top, MOST)
        if number not in self._paths:
            self._report.warn('cgroups beyond %s cannot be named: %s' % (one_line(latin(top)), reason(refused)))
        return self._paths.get(number)

    def id(self, text):
        """The id of the cgroup at a path, latin-1: as it stands, or below the mount.  Raises Failure."""
        name = native(text)
        below = name.lstrip('/')
        if below:
            try:
                return handle(name)
            except OSError:
                pass
        top = self.mount()
        if not top:
            raise Failure('cgroup %s: %s' % (one_line(text), NO_MOUNT), 1)
        try:
            return handle(os.path.join(top, below))
        except OSError as error:
            raise Failure('cgroup %s: %s' % (one_line(text), reason(error)), 1)

    def mount(self):
        """Where the first cgroup v2 hierarchy is mounted, or ''."""
        if self._mount is None:
            self._mount = mounted(self._places.at('/proc/mounts'))
            if self._mount:
                self._mount = self._places.at(self._mount)
        return self._mount


def mounted(path):
    """The first mount point of a cgroup v2 among the lines of /proc/mounts, or ''."""
    try:
        with open(path, errors='surrogateescape') as file:
            for line in file:
                fields = line.split(' ')
                if fields[2:3] == ['cgroup2']:
                    return unescaped(fields[1])
    except OSError:
        pass
    return ''


def unescaped(text):
    """A path of /proc/mounts: blanks, line ends and backslashes are written ``\\OOO``, in octal."""
    first, *rest = text.split('\\')
    return first + ''.join([_octal(part) for part in rest])


def _octal(part):
    digits = part[:3]
    if len(digits) < 3 or digits.strip('01234567'):
        return '\\' + part
    return chr(int(digits, 8)) + part[3:]


def handle(name):
    """The id of a directory; where no handle can be had it is the number of its inode, as on every 64-bit kernel since 5.5."""
    if libc.LIBRARY is None:
        return os.stat(name).st_ino
    from ctypes import byref
    found, mount_id = file_handle(handle_bytes=HANDLE_BYTES), c_int()
    try:
        libc.call('name_to_handle_at', AT_FDCWD, os.fsencode(name), byref(found), byref(mount_id), 0)
    except OSError as error:
        if error.errno == errno.EOVERFLOW:
            raise OSError(errno.EINVAL, 'this is no cgroup v2')
        raise
    if found.handle_bytes != HANDLE_BYTES:
        raise OSError(errno.EINVAL, 'this is no cgroup v2')
    return int.from_bytes(bytes(found.f_handle), sys.byteorder)


def opened(top, number):
    """The path of an id, by opening it."""
    libc.required()
    from ctypes import byref
    wanted = file_handle(HANDLE_BYTES, FILEID_KERNFS, (c_uint8 * HANDLE_BYTES)(*number.to_bytes(8, sys.byteorder)))
    folder = os.open(top, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fd = libc.call('open_by_handle_at', folder, byref(wanted), os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(folder)
    try:
        place = os.readlink('/proc/self/fd/%d' % fd)
    finally:
        os.close(fd)
    return below_mount(place, top)


def walk(top, most):
    """{id: path} of the cgroups below the mount, on its file system: all of them, or ``most``."""
    found, left = {}, [top]
    try:
        device = os.stat(top).st_dev
    except OSError:
        return found
    while left and len(found) < most:
        place = left.pop()
        try:
            found[handle(place)] = below_mount(place, top)
            with os.scandir(place) as entries:
                left += [entry.path for entry in entries
                         if entry.is_dir(follow_symlinks=False) and entry.stat().st_dev == device]
        except OSError:
            continue                            # it went away
    return found


def below_mount(place, top):
    """The text for a place at or under ``top``; OSError for one that is elsewhere."""
    if not (place + '/').startswith(top + '/'):
        raise OSError(errno.ESTALE, explain(errno.ESTALE))
    return latin(place[len(top):]) or '/'
