"""cgroup v2: ids to paths and paths to ids (fixtures/behaviour/command-line.md, 3.8 and 9.6).

The id of a cgroup is the file handle of its directory, eight bytes: name_to_handle_at(2) tells it.
The way back is open_by_handle_at(2), which takes CAP_DAC_READ_SEARCH; whoever has not that walks the
tree once and keeps the ids.
"""

import errno
import os
import sys
from ctypes import Structure, byref, c_int, c_ubyte, c_uint

from ..errors import Failure
from . import libc, warn

HANDLE_BYTES = 8
AT_FDCWD = -100
FILEID_KERNFS = 0xfe            # handle_type of a cgroup directory, linux/exportfs.h
NO_MOUNT = 'no cgroup v2 hierarchy is mounted'


class file_handle(Structure):
    """``<fcntl.h>``; for a cgroup the handle is its id, in host byte order."""

    _fields_ = [
        ('handle_bytes', c_uint),
        ('handle_type', c_int),
        ('f_handle', c_ubyte * HANDLE_BYTES),
    ]


_paths = {}                     # id: path below the mount
_mount = None                   # where the first cgroup2 is mounted; '' nowhere
_walked = False


def path(number):
    """The path of a cgroup below the mount (the root is ``/``), or ``unreachable:HEX``; latin-1."""
    found = _paths.get(number)
    if found is None:
        found = _find(number)
        if found is None:
            return 'unreachable:%x' % number
        _paths[number] = found
    return found


def _find(number):
    global _walked
    top = mount()
    if not top:
        warn(NO_MOUNT)
        return None
    try:
        return opened(top, number)
    except OSError as error:
        refused = error
    if refused.errno == errno.ESTALE:           # it is gone
        return None
    if not _walked:
        _walked = True
        _paths.update(walk(top))
    if number not in _paths:
        warn('cgroups beyond %s cannot be named: %s' % (top, refused.strerror))
    return _paths.get(number)


def cgroup_id(text):
    """The id of the cgroup at a path: as it stands, or below the mount.  Raises Failure."""
    name = os.fsdecode(text.encode('latin-1'))
    below = name.lstrip('/')
    try:
        if below:
            return handle(name)
    except OSError:
        pass
    top = mount()
    if not top:
        raise Failure('cgroup %s: %s' % (text, NO_MOUNT), 1)
    try:
        return handle(os.path.join(top, below))
    except OSError as error:
        raise Failure('cgroup %s: %s' % (text, error.strerror), 1)


def mount():
    """Where the first cgroup v2 hierarchy is mounted, or ''."""
    global _mount
    if _mount is None:
        _mount = ''
        try:
            with open('/proc/mounts', errors='surrogateescape') as file:
                for line in file:
                    fields = line.split(' ')
                    if fields[2] == 'cgroup2':
                        _mount = unescaped(fields[1])
                        break
        except OSError:
            pass
    return _mount


def unescaped(text):
    """A path of /proc/mounts: blanks, line ends and backslashes are written ``\\OOO``, in octal."""
    first, *rest = text.split('\\')
    return first + ''.join([chr(int(part[:3], 8)) + part[3:] for part in rest])


def handle(name):
    """The id of a directory."""
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
    wanted = file_handle(HANDLE_BYTES, FILEID_KERNFS, (c_ubyte * HANDLE_BYTES)(*number.to_bytes(8, sys.byteorder)))
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


def walk(top):
    """{id: path} of all cgroups below the mount, on its file system."""
    found, left = {}, [top]
    device = os.stat(top).st_dev
    while left:
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
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    return os.fsencode(place[len(top):]).decode('latin-1') or '/'
