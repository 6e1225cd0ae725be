"""``-N NAME``: go where a named network namespace is seen (fixtures/behaviour/command-line.md, 9.5).

A name of ``ip netns`` is a file below /run/netns.  With the network come a mount namespace of our
own, a /sys that shows the new interfaces, and the files of /etc/netns/NAME in place of those of /etc.
"""

import os

from ..errors import Failure, reason
from ..escape import one_line
from ..kernel.abi import c_ulong
from . import libc
from .words import latin, native

NAMES = '/run/netns/'
FILES = '/etc/netns/'

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_RDONLY, MS_BIND, MS_REC, MS_SLAVE = 1, 0x1000, 0x4000, 0x80000
MNT_DETACH = 2
ST_RDONLY = 1


def enter(name, report):
    """Move this process into the network namespace ``name``, latin-1.  Raises Failure, status 1.

    ``report`` hears of files that cannot be put in place.
    """
    _step('enter the network namespace "%s"' % one_line(name), _join, NAMES + native(name))
    _step('leave the mount namespace', libc.call, 'unshare', CLONE_NEWNS)
    _step('make / a slave mount', _mount, '', '/', None, MS_SLAVE | MS_REC)
    _step('mount /sys', _mount, native(name), '/sys', 'sysfs', _drop_sys())
    folder = FILES + native(name)
    for entry in _listed(folder):
        try:
            _mount('%s/%s' % (folder, entry), '/etc/' + entry, 'none', MS_BIND)
        except OSError as error:
            source, target = [one_line(latin(path)) for path in ('%s/%s' % (folder, entry), '/etc/' + entry)]
            report.warn('cannot show %s as %s: %s' % (source, target, reason(error)))


def _step(what, function, *arguments):
    try:
        function(*arguments)
    except OSError as error:
        raise Failure('cannot %s: %s' % (what, reason(error)), 1)
    except ValueError as error:         # a name with a zero byte in it, which no file has
        raise Failure('cannot %s: %s' % (what, error), 1)


def _join(path):
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc.call('setns', fd, CLONE_NEWNET)
    finally:
        os.close(fd)


def _drop_sys():
    """Unmount /sys; the flags for what takes its place: read-only if that is what stays below."""
    try:
        libc.call('umount2', b'/sys', MNT_DETACH)
    except OSError:
        return MS_RDONLY if os.statvfs('/sys').f_flag & ST_RDONLY else 0
    return 0


def _mount(source, target, kind, flags):
    libc.call('mount', os.fsencode(source), os.fsencode(target), kind and kind.encode(), c_ulong(flags), None)


def _listed(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
