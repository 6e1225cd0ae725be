"""Who holds a socket: one pass over /proc, or none without a row, then names for the rows that need them.

A socket's owners are told from the last that was found to the first: the highest process first, in it the highest
descriptor, a process behind its threads (fixtures/behaviour/command-line.md, 9.1 and 9.2).
"""

import os

from ..errors import explain
from ..escape import exact_hex, json_string, terminal
from ..memo import MOST, Memo
from .tasks import RIGHTS, UNAVAILABLE

TASK, TASK_AND_SOCKET = 1, 2    # whose SELinux contexts are told
BY_DESCRIPTOR = ('fd', 'socket_context')        # what each holder has of its own; all else is told of a task
OTHERS = 'not all processes may be looked into for owners of sockets: it takes root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH'

# ss shows of a name the printable characters of the C locale alone.
ESCAPES = dict.fromkeys(list(range(1, 0x20)) + [0x7f], '.')
ESCAPES.update(dict.fromkeys(range(0x80, 0x100), '?'))


class Owners:
    """Which tasks of a host hold which sockets; a task is (pid, tid).

    ``threads``: look into the descriptors of each thread, not only of each process.
    ``contexts``: 0, TASK or TASK_AND_SOCKET.  ``escape``: the texts go to a terminal.
    """

    def __init__(self, host, threads=False, contexts=0, escape=False):
        self.host = host
        self.root = host.paths.proc()
        self.tasks = host.tasks
        self.report = host.report
        self.threads = threads
        self.contexts = contexts
        self.fit = terminal if escape else str
        self._holders = {}              # inode: (task, descriptor), or (None, inode) if there are several ...
        self._several = {}              # ... [(task, descriptor), ...] in the order of registration
        self._forms = {None: self._of_several}      # task: function from a descriptor to a text
        self._starts = Memo(self._start)            # task: what a text of it begins with
        self._records = Memo(self._record)          # task: what is told of it as data
        self._about = None              # an About, as soon as somebody names what it knows
        self._known = Memo(self._known_of)          # key: Memo of task: value, or None
        self._tuples = Memo(self._tuples_of)        # key: Memo of task: (value,), or None

    def scan(self):
        """Register who holds what now.  What is missing is told once, and nothing ends for it."""
        from .descriptors import sockets
        failed = others = 0
        try:
            for task, fds, inodes, refused in sockets(self.root, self.threads):
                self.register(task, fds, inodes)
                if refused in RIGHTS and task[0] != os.getpid():
                    others = refused
                elif refused:
                    failed = failed or refused
        except FileNotFoundError:       # no /proc: that is plain to see
            pass
        except OSError as error:
            failed = error.errno
        if failed:
            self.report.warn('not all owners of sockets can be told: %s' % explain(failed))
        elif others:
            self.report.hint(OTHERS)

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

    def of(self, host):
        """The owners of one of the hosts that are asked: those of a single one."""
        return self

    # As text

    def texts(self, inodes):
        """For each inode ss's list of users, ``' users:(("name",pid=1,fd=3))'``, or ''."""
        held = list(map(self._holders.get, inodes))
        forms = self._forms
        if len(forms) > MOST:
            forms = self._forms = {None: self._of_several}
        for task in {holder[0] for holder in held if holder}.difference(forms):
            forms[task] = self._form(task)
        return [forms[holder[0]](holder[1]) if holder else '' for holder in held]

    def _form(self, task):
        """The function from a descriptor of ``task`` to the text of a socket that nobody else holds."""
        if self.contexts == TASK_AND_SOCKET:
            return lambda fd: ' users:(%s)' % self._entry(task, fd)
        return (' users:(%s,fd=%%d))' % self._starts[task].replace('%', '%%')).__mod__

    def _of_several(self, inode):
        return ' users:(%s)' % ','.join([self._entry(task, fd) for task, fd in self.holders(inode)])

    def _entry(self, task, fd):
        end = ''
        if self.contexts == TASK_AND_SOCKET:
            end = ',sock_ctx=' + self.fit(self.tasks.socket_context(task[1], fd))
        return '%s,fd=%d%s)' % (self._starts[task], fd, end)

    def _start(self, task):
        pid, tid = task
        return '("%s",pid=%d%s%s' % (
            (self.tasks.command(tid) or '').translate(ESCAPES), pid, ',tid=%d' % tid if self.threads else '',
            ',proc_ctx=' + self.fit(self.tasks.context(tid)) if self.contexts else '')

    # As data

    def records(self, inode, keys=None):
        """The holders of a socket in ss's order: dicts of what is asked for and known; names unescaped.

        ``keys``: which keys, in which order; None for those of -p, and what -T and -Z add to them.
        """
        if keys is not None:
            return [self._chosen(task, fd, keys) for task, fd in self.holders(inode)]
        records = []
        for task, fd in self.holders(inode):
            before, context = self._records[task]
            record = dict(before, fd=fd)
            if context != UNAVAILABLE:
                record['context'] = context
            if self.contexts == TASK_AND_SOCKET:
                label = self.tasks.socket_context(task[1], fd)
                if label != UNAVAILABLE:
                    record['socket_context'] = label
            records.append(record)
        return records

    def told(self, inodes, key):
        """For each inode a tuple of what is told of its holders under ``key``; None where nothing is.

        The keys are those of records, and those of host/about.py; ``NAME_hex`` is what JSON has of NAME where that is
        not UTF-8.
        """
        held = map(self._holders.get, inodes)
        if key.startswith(BY_DESCRIPTOR):
            return [holder and self._joined([self._own(key, *one) for one in self.holders(inode)])
                    for inode, holder in zip(inodes, held)]
        alone, known = self._tuples[key], self._known[key]
        return [holder and (alone[holder[0]] if holder[0] else
                            self._joined([known[task] for task, _ in self.holders(holder[1])])) for holder in held]

    def _joined(self, values):
        return tuple([value for value in values if value is not None]) or None

    def _tuples_of(self, key):
        known = self._known[key]
        return Memo(lambda task: None if known[task] is None else (known[task],))

    def _known_of(self, key):
        """What tasks have under a key: the function that finds it, in a Memo."""
        if (key[:-4] if key.endswith('_hex') else key) in OWN:
            return Memo(lambda task: self._own(key, task, None))
        if self._about is None:
            self._about = self.about()
        tell = self._about.told(key)
        return Memo(lambda task: tell(task[0]))

    def about(self):
        """What tells more of processes by their numbers."""
        from .about import About
        return About(self.host)

    def _own(self, key, task, fd):
        """What -p tells of a holder, under a key."""
        plain = key[:-4] if key.endswith('_hex') else key
        value = OWN[plain](self, task, fd)
        return value if plain == key or value is None else exact_hex(value)

    def _chosen(self, task, fd, keys):
        found = [(key, self._own(key, task, fd) if key.startswith(BY_DESCRIPTOR) else self._known[key][task]) for key in keys]
        return dict([(key, value) for key, value in found if value is not None])

    def _context(self, task, fd):
        return told(self._records[task][1])

    def _socket_context(self, task, fd):
        return told(self.tasks.socket_context(task[1], fd)) if self.contexts == TASK_AND_SOCKET else None

    def _record(self, task):
        pid, tid = task
        record = {'name': self.tasks.whole_name(tid), 'pid': pid}
        if self.threads:
            record['tid'] = tid
        return record, self.tasks.context(tid) if self.contexts else UNAVAILABLE

    def json(self, inodes, front=''):
        """For each inode ``front`` and ``[{...}]``, or '' for a socket that nobody holds."""
        return ['%s[%s]' % (front, ','.join(map(_object, self.records(inode)))) if inode in self._holders else ''
                for inode in inodes]


class LateOwners(Owners):
    """Owners who are looked for when the first socket is shown that may have one."""

    scanned = False

    def holders(self, inode):
        self._scan_for((inode,))
        return super().holders(inode)

    def texts(self, inodes):
        self._scan_for(inodes)
        return super().texts(inodes)

    def json(self, inodes, front=''):
        self._scan_for(inodes)
        return super().json(inodes, front)

    def told(self, inodes, key):
        self._scan_for(inodes)
        return super().told(inodes, key)

    def _scan_for(self, inodes):
        if not self.scanned and any(inodes):
            self.scanned = True
            self.scan()


# What -p tells of a holder, by its key.
OWN = {
    'name': lambda owners, task, fd: owners._records[task][0]['name'],
    'pid': lambda owners, task, fd: task[0],
    'tid': lambda owners, task, fd: task[1] if owners.threads else None,
    'fd': lambda owners, task, fd: fd,
    'context': Owners._context,
    'socket_context': Owners._socket_context,
}


def told(context):
    return None if context == UNAVAILABLE else context


def _object(record):
    """A record as a JSON object; a text that is not UTF-8 comes with its bytes in hex beside it."""
    pairs = []
    for key, value in record.items():
        if isinstance(value, int):
            pairs.append('"%s":%d' % (key, value))
            continue
        pairs.append('"%s":%s' % (key, json_string(value)))
        exact = exact_hex(value)
        if exact is not None:
            pairs.append('"%s_hex":"%s"' % (key, exact))
    return '{%s}' % ','.join(pairs)
