"""Who holds a socket: one pass over /proc, or none without a row, then names for the rows that need them.

The cost of ``-p`` is one readlink(2) a descriptor, 2 us each, nearly all of it the kernel's.  Two
things make the pass short:

* Listing the descriptors costs a third of that again.  Since 6.2 Linux tells their number as the size
  of ``/proc/PID/fd``; of a table of N descriptors the numbers below N are then tried as they are, and
  only what lies beyond them is listed.
* The descriptors are cut into slices, and where there are many, each core reads every n-th slice in a
  process of its own: threads would spend the gain on handing the interpreter lock to and fro.

Rules and texts: fixtures/behaviour/command-line.md, 9.1 and 9.2.
"""

import os

from .workers import share

SLICE = 512                     # descriptors
WORTH_A_PROCESS = 4000          # descriptors: 10 ms, against 1 ms for the process
MOST = 8                        # processes

LISTING = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FIRST_POSITION = 2              # in a listing of /proc/PID/fd, descriptor N stands at position N + 2
SOCKET = 'socket:['             # in front of the inode in a link
INODE = 0xffffffff              # what a netlink message holds of it

NAME = 19                       # bytes of a name that ss reads; the kernel's have 15 at most
TASK, TASK_AND_SOCKET = 1, 2    # whose SELinux contexts are told
UNAVAILABLE = 'unavailable'
SELINUX = '/sys/fs/selinux'

# ss shows of a name the printable characters of the C locale alone.
ESCAPES = dict.fromkeys(list(range(1, 0x20)) + [0x7f], '.')
ESCAPES.update(dict.fromkeys(range(0x80, 0x100), '?'))


def scan(root='/proc', threads=False, contexts=0):
    """The owners of every socket that a process under ``root`` holds.

    ``threads``: look into the descriptors of each thread, not only of each process.
    ``contexts``: 0, TASK or TASK_AND_SOCKET.  What may not be read has no owner.
    """
    owners = Owners(root, threads, contexts)
    owners.scan()
    return owners


# The pass

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
    except OSError:                     # it has just ended
        return []
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


def _sockets(folder, tasks, counts):
    """(task, descriptors, inodes) of slices of the tasks' descriptors, in the order of registration."""
    slices = [(task, first, count) for task, count in zip(tasks, counts)
              for first in range(0, count or 1, SLICE)]
    workers = min(len(os.sched_getaffinity(0)), sum(counts) // WORTH_A_PROCESS + 1, len(slices) or 1, MOST)

    def read(worker):
        """For every n-th slice the number of its sockets, their descriptors and their inodes."""
        numbers = []
        for (_, tid), first, count in slices[worker::workers]:
            fds, inodes = _slice(folder, tid, first, count)
            numbers.append(len(fds))
            numbers += fds
            numbers += inodes
        return numbers

    answers, places = share(read, workers), [0] * workers
    for number, (task, _, _) in enumerate(slices):
        worker = number % workers
        numbers, place = answers[worker], places[worker]
        half = place + 1 + numbers[place]
        end = half + numbers[place]
        places[worker] = end
        yield task, numbers[place + 1:half], numbers[half:end]


def _slice(folder, tid, first, count):
    """(descriptors, inodes) of the sockets among the descriptors from ``first`` on, of ``count`` in all."""
    try:
        fd = os.open('%d/fd' % tid, LISTING, dir_fd=folder)
    except OSError:
        return [], []
    try:
        numbers = list(range(first, min(first + SLICE, count)))
        links = _links(fd, numbers)
        if first + SLICE >= count:
            if count:
                os.lseek(fd, FIRST_POSITION + count, os.SEEK_SET)
            beyond = list(map(int, filter(str.isdigit, os.listdir(fd))))
            numbers += beyond
            links += _links(fd, beyond)
    except OSError:                     # the task has just ended
        return [], []
    finally:
        os.close(fd)
    return _inodes(numbers, links)


def _links(fd, numbers):
    """What these entries of a directory are links to; '' for a number without a descriptor."""
    readlink = os.readlink
    try:
        return [readlink(name, dir_fd=fd) for name in map(str, numbers)]
    except OSError:
        return [_link(fd, name) for name in map(str, numbers)]


def _link(fd, name):
    try:
        return os.readlink(name, dir_fd=fd)
    except OSError:
        return ''


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


# Names and texts

def command(root, tid):
    """The name of a task as its stat file tells it, latin-1; None if it cannot be read."""
    try:
        with open('%s/%d/stat' % (root, tid), 'rb') as file:
            text = file.read(256).decode('latin-1')
    except OSError:
        return None
    return text.partition('(')[2].partition(')')[0][:NAME]


def task_context(root, tid):
    """The SELinux context of a task; of task 0, the kernel's."""
    try:
        with open('%s/%d/attr/current' % (root, tid) if tid else SELINUX + '/initial_contexts/kernel', 'rb') as file:
            return _context(file.read(4096))
    except OSError:
        return UNAVAILABLE


def socket_context(root, tid, fd):
    """The SELinux context of the socket behind a descriptor."""
    try:
        return _context(os.getxattr('%s/%d/fd/%d' % (root, tid, fd), 'security.selinux'))
    except OSError:
        return UNAVAILABLE


def _context(data):
    return data.rstrip(b'\n\0').decode('latin-1') or UNAVAILABLE


def selinux_enabled():
    """Whether this host labels anything: what libselinux asks, a mounted selinuxfs and a configuration."""
    try:
        with open('/proc/mounts', 'rb') as file:
            mounted = any(line.split(b' ')[2] == b'selinuxfs' for line in file)
    except OSError:
        return False
    return mounted and os.path.exists('/etc/selinux/config')


class Owners:
    """Which tasks hold which sockets; a task is (pid, tid)."""

    def __init__(self, root='/proc', threads=False, contexts=0):
        self.root = root
        self.threads = threads
        self.contexts = contexts
        self._holders = {}              # inode: (task, descriptor), or (None, inode) if there are several ...
        self._several = {}              # ... [(task, descriptor), ...] in the order of registration
        self._forms = {None: self._of_several}      # task: function from a descriptor to a text
        self._known = {}                            # tid: (name, context)

    def scan(self):
        """Register who holds what now."""
        try:
            folder = os.open(self.root or '/', LISTING)
        except OSError:
            return
        try:
            tasks = _tasks(folder, self.threads)
            counts = _counts(folder, tasks) if self.root == '/proc' else [0] * len(tasks)
            for task, fds, inodes in _sockets(folder, tasks, counts):
                self.register(task, fds, inodes)
        finally:
            os.close(folder)

    def register(self, task, fds, inodes):
        """``task`` holds these sockets by these descriptors."""
        holders = self._holders
        for fd, inode in zip(fds, inodes):
            if inode in holders:
                self._again(inode, (task, fd))
            else:
                holders[inode] = task, fd

    def _again(self, inode, holder):
        if inode not in self._several:
            self._several[inode] = [self._holders[inode]]
            self._holders[inode] = None, inode
        self._several[inode].append(holder)

    def holders(self, inode):
        """(task, descriptor) of each who holds a socket, in ss's order: the last registered first."""
        if inode in self._several:
            return self._several[inode][::-1]
        return [self._holders[inode]] if inode in self._holders else []

    def _about(self, tid):
        """(name, context) of a task, both latin-1; looked up when it is first shown."""
        about = self._known.get(tid)
        if about is None:
            context = task_context(self.root, tid) if self.contexts else None
            about = self._known[tid] = command(self.root, tid) or '', context
        return about

    # As text

    def texts(self, inodes):
        """For each inode ss's list of users, ``' users:(("name",pid=1,fd=3))'``, or ''."""
        held = list(map(self._holders.get, inodes))
        forms = self._forms
        for task in {holder[0] for holder in held if holder}.difference(forms):
            forms[task] = self._form(task)
        return [forms[holder[0]](holder[1]) if holder else '' for holder in held]

    def _form(self, task):
        """The function from a descriptor of ``task`` to the text of a socket that nobody else holds."""
        if self.contexts == TASK_AND_SOCKET:
            return lambda fd: ' users:(%s)' % self._entry(task, fd)
        return (' users:(%s,fd=%%d))' % self._start(task).replace('%', '%%')).__mod__

    def _of_several(self, inode):
        return ' users:(%s)' % ','.join([self._entry(task, fd) for task, fd in self.holders(inode)])

    def _entry(self, task, fd):
        end = ',sock_ctx=' + socket_context(self.root, task[1], fd) if self.contexts == TASK_AND_SOCKET else ''
        return '%s,fd=%d%s)' % (self._start(task), fd, end)

    def _start(self, task):
        pid, tid = task
        name, context = self._about(tid)
        return '("%s",pid=%d%s%s' % (
            name.translate(ESCAPES), pid, ',tid=%d' % tid if self.threads else '',
            ',proc_ctx=' + context if context else '')

    # As data

    def records(self, inode):
        """The holders of a socket in ss's order: dicts of what is asked for and known; names unescaped."""
        records = []
        for (pid, tid), fd in self.holders(inode):
            name, context = self._about(tid)
            record = {'name': name, 'pid': pid}
            if self.threads:
                record['tid'] = tid
            record['fd'] = fd
            labels = [('context', context)]
            if self.contexts == TASK_AND_SOCKET:
                labels.append(('socket_context', socket_context(self.root, tid, fd)))
            record.update([label for label in labels if label[1] not in (None, UNAVAILABLE)])
            records.append(record)
        return records

    def json(self, inodes):
        """For each inode ``',"processes":[{...}]'``, or ''."""
        return [',"processes":[%s]' % ','.join(map(_object, self.records(inode))) if inode in self._holders else ''
                for inode in inodes]


class LateOwners(Owners):
    """Owners who are looked for when the first socket is shown that may have one."""

    scanned = False

    def texts(self, inodes):
        self._scan_for(inodes)
        return super().texts(inodes)

    def json(self, inodes):
        self._scan_for(inodes)
        return super().json(inodes)

    def _scan_for(self, inodes):
        if not self.scanned and any(inodes):
            self.scanned = True
            self.scan()


def _object(record):
    """A record as a JSON object; a text that is not UTF-8 comes with its bytes in hex beside it."""
    from _json import encode_basestring
    pairs = []
    for key, value in record.items():
        if isinstance(value, int):
            pairs.append('"%s":%d' % (key, value))
            continue
        data = value.encode('latin-1')
        text = data.decode('utf-8', 'replace')
        pairs.append('"%s":%s' % (key, encode_basestring(text)))
        if text.encode('utf-8') != data:
            pairs.append('"%s_hex":"%s"' % (key, data.hex()))
    return '{%s}' % ','.join(pairs)
