"""The network namespaces of a host: how they are found, what they are called, and how one looks into them.

A namespace has no list of its own in the older kernels: it is where somebody holds it.

    /proc/PID/ns/net              of each process: a link ``net:[4026532295]``
    /run/netns, /run/docker/netns files that stand for namespaces, of ``ip netns`` and of docker
    /proc/self/mountinfo          the same for whatever else was mounted: ``... net:[4026532295] /srv/jail ... nsfs``
    listns(2), since Linux 6.19   all of them by another number, also those that only a socket or a descriptor holds

Found in four ways, one namespace is still one: its inode tells.  Whoever asks stays where he is: a thread enters, and
opens there what he then reads.
"""

import os
from collections import OrderedDict

import _thread

from ..errors import Failure, quoted, reason
from ..escape import one_line
from ..kernel.abi import Structure, c_int, c_long, c_uint8, c_uint32, c_uint64, c_ulong
from . import libc
from .namespaces import CLONE_NEWNET
from .words import decimal, latin, native

INIT = 'init'                           # what the namespace of process 1 is called
FIRST = 0xeffffff9                      # linux/nsfs.h, NET_NS_INIT_INO: the kernel's first one, since 6.18
FOLDERS = '/run/netns', '/run/docker/netns'
LINK = 'net:['                          # in front of the inode, in a link and in mountinfo
OPEN = os.O_RDONLY | os.O_CLOEXEC

SYS_LISTNS = 470                        # the same on every architecture but alpha
FD_NSFS_ROOT = -10003                   # linux/fcntl.h: the file system in which namespaces are files
FILEID_NSFS = 0xf1                      # linux/exportfs.h
AT_ONCE = 512                           # ids that one call lists


class ns_id_req(Structure):
    """``<linux/nsfs.h>``: what listns(2) is asked; ``ns_id`` is the last that is known already."""

    _fields_ = [
        ('size', c_uint32),
        ('spare', c_uint32),
        ('ns_id', c_uint64),
        ('ns_type', c_uint32),
        ('spare2', c_uint32),
        ('user_ns_id', c_uint64),
    ]


class nsfs_file_handle(Structure):
    """``struct file_handle`` around that of ``<linux/nsfs.h>``: type and inode may be left 0."""

    _fields_ = [
        ('handle_bytes', c_uint32),
        ('handle_type', c_int),
        ('f_handle', c_uint8 * 16),
    ]


class Namespace:
    """One network namespace.

    ``inode``   its number, None where that cannot be had
    ``name``    latin-1; None for a nameless one
    ``ways``    functions of which each opens it, or raises OSError; none for the one that we are in
    """

    def __init__(self, inode, name=None, ways=()):
        self.inode = inode
        self.name = name
        self.ways = list(ways)
        self._inside = None

    def run(self, function, *arguments):
        """What ``function(*arguments)`` returns where this namespace is the network.  OSError where we may not enter it."""
        if not self.ways:
            return function(*arguments)
        if self._inside is None:
            self._inside = Inside(self.opened())
        return self._inside.run(function, *arguments)

    def opened(self):
        """A descriptor of it."""
        for way in self.ways[:-1]:
            try:
                return way()
            except OSError:             # the process has ended, the file is gone: there are others
                pass
        return self.ways[-1]()

    def folder(self):
        """The folder of the thread that is inside, below /proc; its net/ is that of the namespace."""
        return '/proc/self/task/%d' % self.run(get_native_id) if self.ways else '/proc'

    def close(self):
        """Leave it.  It can be entered again."""
        if self._inside is not None:
            self._inside.close()
            self._inside = None


class Inside:
    """A thread that has entered the namespace of a descriptor, and does there what it is told, one thing at a time."""

    def __init__(self, descriptor):
        self.todo, self.done = _thread.allocate_lock(), _thread.allocate_lock()
        self.todo.acquire()
        self.done.acquire()
        self.call, self.answer, self.error = None, None, None
        try:
            _thread.start_new_thread(self.work, (descriptor,))
            self.done.acquire()
        except RuntimeError as error:           # no more threads are allowed
            raise OSError(str(error))
        finally:
            os.close(descriptor)
        if self.error:
            raise self.error

    def work(self, descriptor):
        self.answer, self.error = attempted(libc.call, 'setns', descriptor, CLONE_NEWNET)
        ended = self.error
        self.done.release()
        while not ended:
            self.todo.acquire()
            ended = self.call is None
            if not ended:
                self.answer, self.error = attempted(*self.call)
            self.done.release()

    def run(self, *call):
        self.call = call
        self.todo.release()
        self.done.acquire()
        answer, error, self.answer, self.error = self.answer, self.error, None, None
        if error:
            raise error
        return answer

    def close(self):
        self.call = None
        self.todo.release()
        self.done.acquire()


def attempted(function, *arguments):
    """(what it returns, None), or (None, what it raises)."""
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


def get_native_id():
    """The kernel's number of the thread that asks."""
    return int(os.readlink('/proc/thread-self').rpartition('/')[2])


# Finding

def found(paths):
    """All Namespaces of a host that can be seen: our own first, then those with names, in their order, then the others."""
    known = seen(paths)
    mine = own(paths)
    others = [each for inode, each in known.items() if inode != mine.inode]
    others.sort(key=lambda each: (each.name is None, each.name or '', each.inode))
    return [mine] + others


def own(paths):
    """The Namespace that we are in."""
    proc = paths.proc()
    inode = of_link(proc + '/self/ns/net')
    return Namespace(inode, names(paths, [inode]).get(inode))


def names(paths, wanted=()):
    """{inode: name} of the namespaces that have one; of some inodes alone, where files tell but their mounts need not."""
    named = {}
    for folder in FOLDERS:
        for name, inode in files(paths.at(folder)):
            named.setdefault(inode, name)
    named[of_link(paths.proc() + '/1/ns/net') or FIRST] = INIT
    if not all([inode in named for inode in wanted]) or not wanted:
        for inode, place in mounted(paths):
            named.setdefault(inode, place)
    return named


def seen(paths):
    """{inode: Namespace} of all that can be seen."""
    ways, named = OrderedDict(), names(paths)
    for folder in FOLDERS:
        for name, inode in files(paths.at(folder)):
            ways.setdefault(inode, []).append(opener('%s/%s' % (paths.at(folder), native(name))))
    for inode, place in mounted(paths):
        ways.setdefault(inode, []).append(opener(native(place)))
    for inode, pids in of_processes(paths).items():
        ways.setdefault(inode, []).extend([opener('%s/%d/ns/net' % (paths.proc(), pid)) for pid in pids])
    for number in listed() if not paths.root else ():
        inode, way = by_number(number)
        if inode is not None and inode not in ways:
            ways[inode] = [way]
    return OrderedDict([(inode, Namespace(inode, named.get(inode), some)) for inode, some in ways.items()])


def opener(path):
    return lambda: os.open(path, OPEN)


def of_link(path):
    """The inode that a link ``net:[N]`` names; None where it cannot be read."""
    try:
        return of_text(os.readlink(path))
    except OSError:
        return None


def of_text(text):
    return decimal(text[len(LINK):-1]) if text.startswith(LINK) else None


def files(folder):
    """(name, inode) of the files in a folder that stand for namespaces, by name; what is left of one that is gone is none."""
    try:
        entries = sorted(os.listdir(folder))
        device = os.stat('/proc/self/ns/net').st_dev
    except OSError:
        return []
    found = []
    for name in entries:
        try:
            status = os.stat(folder + '/' + name)
        except OSError:
            continue
        if status.st_dev == device:
            found.append((latin(name), status.st_ino))
    return found


def mounted(paths):
    """(inode, place) of the namespaces that are mounted, as mountinfo tells."""
    from .cgroups import unescaped
    try:
        with open(paths.proc() + '/self/mountinfo', errors='surrogateescape') as file:
            rows = [line.split(' ') for line in file]
    except OSError:
        return []
    told = [(of_text(fields[3]), latin(unescaped(fields[4]))) for fields in rows if len(fields) > 4]
    return [(inode, place) for inode, place in told if inode is not None]


def of_processes(paths):
    """{inode: the numbers of some processes that are in it}"""
    proc, found = paths.proc(), {}
    try:
        pids = sorted(map(int, filter(str.isdecimal, os.listdir(proc))))
    except OSError:
        pids = []
    for pid in pids:
        inode = of_link('%s/%d/ns/net' % (proc, pid))
        if inode is not None:
            some = found.setdefault(inode, [])
            if len(some) < 4:           # one may end meanwhile, hardly so many
                some.append(pid)
    return found


def listed():
    """The ids of all network namespaces, by listns(2); none where the kernel has it not, or will not tell us."""
    if libc.LIBRARY is None:
        return []
    from ctypes import byref
    ids, numbers = [], (c_uint64 * AT_ONCE)()
    request = ns_id_req(size=32, ns_type=CLONE_NEWNET)
    try:
        while True:
            count = libc.call('syscall', c_long(SYS_LISTNS), byref(request), numbers, c_ulong(AT_ONCE), c_int(0))
            ids += numbers[:count]
            if count < AT_ONCE:
                return ids
            request.ns_id = ids[-1]
    except OSError:
        return ids


def by_number(number):
    """(the inode of the namespace of this id, what opens it); (None, None) where it cannot be opened."""
    from ctypes import byref

    def way():
        handle = nsfs_file_handle(16, FILEID_NSFS, (c_uint8 * 16).from_buffer_copy(bytes(c_uint64(number)) + bytes(8)))
        return libc.call('open_by_handle_at', FD_NSFS_ROOT, byref(handle), OPEN)
    try:
        descriptor = way()
    except OSError:
        return None, None
    try:
        return os.fstat(descriptor).st_ino, way
    except OSError:
        return None, None
    finally:
        os.close(descriptor)


# Words of --netns

def wanted(host, specs):
    """The Namespaces that the words of ``--netns`` mean, in their order, each once.  Failure where one means none."""
    found, paths = OrderedDict(), host.paths
    for spec in specs:
        for each in meant(host, spec):
            found.setdefault(each.inode, each)
    mine = own(paths)
    return [mine if inode == mine.inode else each for inode, each in found.items()]


def meant(host, spec):
    paths = host.paths
    kind, colon, rest = spec.partition(':')
    if colon and kind in PROCESSES:
        pids = PROCESSES[kind](host, spec, rest)
        inodes = [of_link('%s/%d/ns/net' % (paths.proc(), pid)) for pid in pids]
        ways = [(inode, opener('%s/%d/ns/net' % (paths.proc(), pid))) for pid, inode in zip(pids, inodes) if inode is not None]
        if not ways:
            raise unknown(spec, 'there is no such process' if not pids else 'its processes may not be looked into')
        named = names(paths, inodes)
        return [Namespace(inode, named.get(inode), [way]) for inode, way in ways]
    if '/' in spec:
        return [at(paths, spec, native(spec))]
    if decimal(spec) is not None:
        return [each for each in found(paths) if each.inode == int(spec)] or refuse(spec, 'there is no such network namespace')
    for folder in FOLDERS:
        path = '%s/%s' % (paths.at(folder), native(spec))
        if spec not in ('', '.', '..') and os.path.lexists(path):
            return [at(paths, spec, path)]
    return [each for each in found(paths) if each.name == spec] or refuse(spec, 'there is no network namespace of this name')


def at(paths, spec, path):
    """The Namespace that a file stands for."""
    try:
        status, device = os.stat(path), os.stat('/proc/self/ns/net').st_dev
    except (OSError, ValueError) as error:
        raise unknown(spec, reason(error) if isinstance(error, OSError) else str(error))
    if status.st_dev != device:
        raise unknown(spec, 'this is no network namespace')
    return Namespace(status.st_ino, names(paths, [status.st_ino]).get(status.st_ino), [opener(path)])


def unknown(spec, why):
    return Failure('--netns %s: %s' % (quoted(spec), why), 1)


def refuse(spec, why):
    raise unknown(spec, why)


def process(host, spec, text):
    return [decimal(text)] if decimal(text) is not None else []


def of_container(host, spec, text):
    """The processes of the container whose id begins so."""
    found = within(host, 'container', lambda container: container.startswith(text)) if text else {}
    ids = sorted(set(found.values()))
    if len(ids) > 1:
        raise unknown(spec, 'several containers begin so: %s' % ' '.join(map(one_line, ids)))
    return sorted(found)


def of_unit(host, spec, text):
    return sorted(within(host, 'unit', lambda unit: text in (unit, unit.rpartition('.')[0])))


def within(host, key, test):
    """{process: what its cgroup says of ``key``}, of those of which a test of that holds."""
    from .about import About
    tell = About(host).told(key)
    try:
        pids = list(map(int, filter(str.isdecimal, os.listdir(host.paths.proc()))))
    except OSError:
        return {}
    told = [(pid, tell(pid)) for pid in pids]
    return {pid: value for pid, value in told if value is not None and test(value)}


PROCESSES = {'pid': process, 'container': of_container, 'unit': of_unit}
