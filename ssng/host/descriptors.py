"""Which sockets each task holds: one pass over /proc.

The cost of ``-p`` is one readlink(2) a descriptor, 2 us each, nearly all of it the kernel's.  Two
things make the pass short:

* Listing the descriptors costs a third of that again.  Since 6.2 Linux tells their number as the size
  of ``/proc/PID/fd``; of a table of N descriptors the numbers below N are then tried as they are, and
  only what lies beyond them is listed.
* The descriptors are cut into slices, and where there are many, each core reads every n-th slice in a
  process of its own: threads would spend the gain on handing the interpreter lock to and fro.

Where something is refused there is a second way: a folder that cannot be opened for want of descriptors
is read by its path, which takes fewer or none; a place in a listing that cannot be sought is read over.
What stays refused comes out as an errno beside what was found.  A task that has just ended is no refusal.
"""

import errno
import os

from .tasks import GONE, RIGHTS
from .workers import share

SLICE = 512                     # descriptors
WORTH_A_PROCESS = 4000          # descriptors: 10 ms, against 1 ms for the process
MOST = 8                        # processes

LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FIRST_POSITION = 2              # in a listing of /proc/PID/fd, descriptor N stands at position N + 2
SOCKET = 'socket:['             # in front of the inode in a link
INODE = 0xffffffff              # what a netlink message holds of it
SCARCE = (errno.EMFILE, errno.ENFILE)


def sockets(root, threads):
    """(task, descriptors, inodes, errno or 0) for slices of all tasks' descriptors, in ss's order of registration.

    A task is (pid, tid).  ``threads``: look into the descriptors of each thread, not only of each process.
    ``root``: the folder that stands for /proc, ready to have ``/PID`` put behind it.  Raises OSError where that
    cannot be listed.
    """
    tasks, refusals = _tasks(root, threads)
    counts = _counts(root, tasks) if root == '/proc' else [0] * len(tasks)
    slices = [(task, first, count) for task, count in zip(tasks, counts)
              for first in range(0, count or 1, SLICE)]
    workers = min(_cores(), sum(counts) // WORTH_A_PROCESS + 1, len(slices) or 1, MOST)

    def read(worker):
        """For every n-th slice the number of its sockets, what was refused, their descriptors and their inodes."""
        numbers = []
        for (_, tid), first, count in slices[worker::workers]:
            fds, inodes, refused = _slice('%s/%d/fd' % (root, tid), first, count)
            numbers += (len(fds), refused)
            numbers += fds
            numbers += inodes
        return numbers

    yield from refusals
    answers, places = share(read, workers), [0] * workers
    for number, (task, _, _) in enumerate(slices):
        worker = number % workers
        numbers, place = answers[worker], places[worker]
        half = place + 2 + numbers[place]
        end = half + numbers[place]
        places[worker] = end
        yield task, numbers[place + 2:half], numbers[half:end], numbers[place + 1]


def _cores():
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):   # not in this build of Python, or refused
        return os.cpu_count() or 1


def _refusal(error):
    """The errno of an error that keeps something from us; 0 if there is just nothing."""
    return 0 if error.errno in GONE else error.errno or errno.EIO


def _tasks(root, threads):
    """The tasks, in the order in which ss registers them; and refusals, as :func:`sockets` tells them."""
    tasks, refusals = [], []
    for pid in map(int, filter(str.isdecimal, os.listdir(root or '/'))):
        tasks.append((pid, pid))
        if threads:
            try:
                names = os.listdir('%s/%d/task' % (root, pid))
            except OSError as error:
                if _refusal(error):
                    refusals.append(((pid, pid), [], [], error.errno))
                continue
            tasks += [(pid, tid) for tid in map(int, filter(str.isdecimal, names)) if tid != pid]
    return tasks, refusals


def _counts(root, tasks):
    """How many descriptors each task holds; 0 where the kernel does not tell."""
    counts = []
    for _, tid in tasks:
        try:
            counts.append(os.stat('%s/%d/fd' % (root, tid)).st_size)
        except OSError:
            counts.append(0)
    return counts


def _slice(place, first, count):
    """(descriptors, inodes, errno or 0) of the sockets among the descriptors from ``first`` on, of ``count`` in all."""
    try:
        fd = os.open(place, LISTING)
    except OSError as error:
        return _by_path(place, first, count) if error.errno in SCARCE else ([], [], _refusal(error))
    try:
        return _read(place, fd, first, count)
    except OSError as error:
        if not _refusal(error):             # the task has just ended
            return [], [], 0
    finally:
        os.close(fd)
    return _by_path(place, first, count)


def _by_path(place, first, count):
    """The same without a descriptor of the folder; without a listing, if need be."""
    try:
        return _read(place, None, first, count)
    except OSError as error:
        numbers = range(first, min(first + SLICE, count))
        links, refused = _links(place, None, numbers)
        return _inodes(numbers, links) + (refused or _refusal(error),)


def _read(place, fd, first, count):
    """The same by a descriptor of the folder, or None.  Raises OSError where what lies beyond cannot be listed."""
    numbers = list(range(first, min(first + SLICE, count)))
    links, refused = _links(place, fd, numbers)
    if first + SLICE >= count:
        beyond = _beyond(place, fd, count)
        more, again = _links(place, fd, beyond)
        numbers, links, refused = numbers + beyond, links + more, refused or again
    return _inodes(numbers, links) + (refused,)


def _beyond(place, fd, count):
    """The descriptors from ``count`` on, as a listing tells."""
    if fd is None:
        names = os.listdir(place)
    else:
        try:
            if count:
                os.lseek(fd, FIRST_POSITION + count, os.SEEK_SET)
        except OSError:                     # then those before them are listed, too
            pass
        names = os.listdir(fd)
    return [number for number in map(int, filter(str.isdecimal, names)) if number >= count]


def _links(place, fd, numbers):
    """What these entries of a folder are links to, '' for a number without a descriptor; and an errno or 0."""
    if fd is not None:
        readlink = os.readlink
        try:
            return [readlink(name, dir_fd=fd) for name in map(str, numbers)], 0
        except OSError:
            pass
    links, refused = [], 0
    for name in map(str, numbers):
        link, error = _link(place, fd, name)
        links.append(link)
        refused = refused or error
    return links, refused


def _link(place, fd, name):
    """What one entry is a link to, or ''; and an errno or 0.  What is refused one way is tried the other."""
    try:
        return (os.readlink(name, dir_fd=fd) if fd is not None else os.readlink(place + '/' + name)), 0
    except OSError as error:
        refused = _refusal(error)
    if not refused or fd is None:
        return '', refused
    link, again = _link(place, None, name)
    return link, again and (refused if refused in RIGHTS else again)


def _inodes(numbers, links):
    """(descriptors, inodes) of those links that are sockets."""
    fds, inodes = [], []
    for number, link in zip(numbers, links):
        if link[:8] == SOCKET:
            try:
                inodes.append(int(link[8:-1]) & INODE)
            except ValueError:          # only in a /proc that is none
                continue
            fds.append(number)
    return fds, inodes
