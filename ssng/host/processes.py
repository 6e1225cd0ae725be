"""Who holds a socket: one pass over /proc, then names for the rows that need them.

The cost of ``-p`` is one readlink(2) a descriptor: 2 us of kernel time, in which the interpreter
lock is free.  So the pass is cut into slices of descriptors, and a thread for each core takes them
from a common list.  Listing the descriptors costs a third of that again.  It is spared where Linux
(6.2) tells their number as the size of ``/proc/PID/fd``: of a table of N descriptors the numbers
below N are tried, and only what lies beyond is listed.

Rules and texts: behaviour file A, 9.1 and 9.2.
"""

import _thread
import os

SLICE = 1024                    # descriptors that a thread takes at a time
THREADS = 4                     # more would only wait for the interpreter lock
WORTH_A_THREAD = 500            # descriptors

LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FIRST_POSITION = 2              # in a listing of /proc/PID/fd, number N stands at position N + 2
NAME_LENGTH = 19                # bytes of a name that ss reads; the kernel's have 15 at most

TASK, TASK_AND_SOCKET = 1, 2    # of what SELinux contexts are told
UNAVAILABLE = 'unavailable'

# What ss prints of a name: only the printable characters of the C locale.
ESCAPES = dict.fromkeys(list(range(1, 0x20)) + [0x7f], '.')
ESCAPES.update(dict.fromkeys(range(0x80, 0x100), '?'))


def scan(root='/proc', threads=False, contexts=0):
    """The owners of every socket that a process under ``root`` holds.

    ``threads``: look into the descriptors of each thread, not only of each process.
    ``contexts``: 0, TASK or TASK_AND_SOCKET.  What may not be read has no owner.
    """
    owners = Owners(root, threads, contexts)
    try:
        folder = os.open(root, LISTING)
    except OSError:
        return owners
    try:
        tasks = _tasks(folder, threads)
        counts = _counts(folder, tasks) if root == '/proc' else [0] * len(tasks)
        for task, links in _links(folder, tasks, counts):
            owners.register(task, links)
    finally:
        os.close(folder)
    return owners


def _tasks(folder, threads):
    """(pid, tid) of each task, in the order in which ss registers them."""
    tasks = []
    for pid in map(int, filter(str.isdigit, os.listdir(folder))):
        tasks.append((pid, pid))
        if threads:
            tasks += [(pid, tid) for tid in _threads(folder, pid) if tid != pid]
    return tasks


def _threads(folder, pid):
    try:
        fd = os.open('%d/task' % pid, LISTING, dir_fd=folder)
    except OSError:
        return []
    try:
        return list(map(int, filter(str.isdigit, os.listdir(fd))))
    finally:
        os.close(fd)


def _counts(folder, tasks):
    """How many descriptors each task holds; 0 where the kernel does not tell."""
    counts = []
    for _, tid in tasks:
        try:
            counts.append(os.stat('%d/fd' % tid, dir_fd=folder).st_size)
        except OSError:
            counts.append(0)
    return counts


def _links(folder, tasks, counts):
    """(task, [(descriptor, link), ...]) for slices of the tasks' descriptors, in the order of listing."""
    work = [(task, first, count) for task, count in zip(tasks, counts)
            for first in range(0, count or 1, SLICE)]
    links = [()] * len(work)
    left = list(reversed(range(len(work))))
    numerals = {}

    def run():
        while left:
            try:
                place = left.pop()
            except IndexError:
                return
            (_, tid), first, count = work[place]
            if first not in numerals:
                numerals[first] = list(map(str, range(first, first + SLICE)))
            try:
                links[place] = _slice(folder, tid, numerals[first][:max(count - first, 0)], first + SLICE >= count and count)
            except OSError:
                pass

    _in_threads(run, 1 if sum(counts) + len(tasks) < WORTH_A_THREAD else min(os.cpu_count() or 1, THREADS))
    return [(task, found) for (task, _, _), found in zip(work, links)]


def _slice(folder, tid, names, rest):
    fd = os.open('%d/fd' % tid, LISTING, dir_fd=folder)
    try:
        found = _read(fd, names)
        if rest is not False:
            if rest:
                os.lseek(fd, FIRST_POSITION + rest, os.SEEK_SET)
            found += _read(fd, os.listdir(fd))
        return found
    finally:
        os.close(fd)


def _read(fd, names):
    """(name, link) of the entries of a directory; a number without a descriptor is passed over."""
    found, names, readlink = [], iter(names), os.readlink
    while True:
        try:
            for name in names:
                found.append((name, readlink(name, dir_fd=fd)))
            return found
        except OSError:
            continue


def _in_threads(run, count):
    """Call ``run`` in ``count`` threads, this one among them, and wait for all."""
    locks = []

    def start(lock):
        try:
            run()
        finally:
            lock.release()

    for _ in range(count - 1):
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(start, (lock,))
        locks.append(lock)
    run()
    for lock in locks:
        lock.acquire()


class Owners:
    """Which tasks hold which sockets."""

    def __init__(self, root='/proc', threads=False, contexts=0):
        self.root = root
        self.threads = threads
        self.contexts = contexts
        self._holders = {}              # inode: ((pid, tid), descriptor)
        self._shared = {}

    def register(self, task, links):
        holders = self._holders
        for fd, link in links:
            if link[:8] == 'socket:[':
                inode = int(link[8:-1])
                if inode in holders:
                    self._shared.setdefault(inode, []).append((task, fd))
                else:
                    holders[inode] = (task, fd)
