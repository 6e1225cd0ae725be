"""What is told of a process when somebody names it: its words, its user, its start, its unit, its container.

    key          told('args')(4711)                            read, once a process, on first sight
    args, exe    'nginx: master process /usr/sbin/nginx'       cmdline; the link exe
    user, uid    'www-data', 33                                status, and the host's /etc/passwd
    unit ...     'nginx.service'                               cgroup (:mod:`ssng.host.cgroup_paths`)
    image ...    'docker.io/library/nginx:1.27'                the files of runtimes (:mod:`ssng.host.containers`)

A process that has ended meanwhile has nothing of it, nor has a kernel thread words or a program: None.  All text is latin-1.
"""

import os

try:
    from _functools import partial      # the whole of functools brings collections along
except ImportError:                     # PyPy has no such part of it
    from functools import partial

from ..errors import reason
from ..escape import exact_hex
from ..memo import Memo
from .tasks import GONE, RIGHTS
from .words import decimal, latin

STAT, STATUS = 1 << 10, 1 << 10         # bytes that hold what is wanted of these files
PLAIN = ('args', 'exe', 'uid', 'user', 'ppid', 'started_s')
NAMES = ('container_name', 'pod_name', 'pod_namespace', 'image')        # from the files of runtimes
PASSWD = '/etc/passwd'
HIDDEN = 'not all processes may be looked into for what is told of them: it takes root, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH'


class About:
    """The processes of one host, by their numbers."""

    def __init__(self, host):
        self._paths = host.paths
        self._report = host.report
        self._containers = None
        self._args, self._exe = Memo(self._read_args), Memo(self._read_exe)
        self._uid, self._stat = Memo(self._read_uid), Memo(self._read_stat)
        self._cgroup = Memo(self._read_cgroup)
        self._meaning = None                            # a Memo of paths
        self._users = Memo(self._user)                  # uid: name
        self._listed = None                             # {uid: name} of a host below a root
        self._boot = None

    def told(self, key):
        """The function from the number of a process to its value under ``key``, None where there is none.

        ``NAME_hex`` is what JSON has of NAME where that is not UTF-8.
        """
        if key.endswith('_hex'):
            plain = self.told(key[:-4])
            return lambda pid: exact(plain(pid))
        if key in PLAIN:
            return getattr(self, key)
        if self._meaning is None:                       # expressions to compile, which others do without
            from .cgroup_paths import meaning
            from .containers import Containers
            self._meaning, self._containers = Memo(meaning), Containers(self._paths, self._report)
        return partial(self.container if key in NAMES else self.place, key)

    def place(self, key, pid):
        """One of cgroup_paths.KEYS, as its cgroup says."""
        return self._meaning[self._cgroup[pid]].get(key)

    def args(self, pid):
        """The words of its command line, joined by blanks, as ps does."""
        return self._args[pid]

    def exe(self, pid):
        """Its program as readlink(2) tells it: it ends in `` (deleted)`` if it was."""
        return self._exe[pid]

    def uid(self, pid):
        """The effective user id."""
        return self._uid[pid]

    def user(self, pid):
        """The name of the effective user, the number as a word where it has none."""
        uid = self._uid[pid]
        return None if uid is None else self._users[uid]

    def ppid(self, pid):
        """The number of its parent."""
        return self._stat[pid][0]

    def started_s(self, pid):
        """When it started, in seconds since 1970."""
        ticks = self._stat[pid][1]
        boot = None if ticks is None else self._booted()
        return None if boot is None else int(boot + ticks / os.sysconf('SC_CLK_TCK') + 0.5)

    def container(self, key, pid):
        """One of the NAMES of the container that it is in."""
        place = self._meaning[self._cgroup[pid]]
        return self._containers.about(place.get('runtime'), place['container']).get(key) if 'container' in place else None

    # Files of /proc

    def _read(self, path, size=-1):
        """The first bytes of a file as text; '' if it cannot be read."""
        try:
            with open('%s/%s' % (self._paths.proc(), path), 'rb', 0) as file:
                return (file.read(size) or b'').decode('latin-1')
        except OSError as error:
            self._refused(error)
            return ''

    def _refused(self, error):
        if error.errno in RIGHTS:
            self._report.hint(HIDDEN)
        elif error.errno not in GONE:
            self._report.warn('not all of the processes can be told: %s' % reason(error))

    def _read_args(self, pid):
        return self._read('%d/cmdline' % pid).rstrip('\0').replace('\0', ' ') or None

    def _read_exe(self, pid):
        try:
            return latin(os.readlink('%s/%d/exe' % (self._paths.proc(), pid)))
        except OSError as error:
            self._refused(error)
            return None

    def _read_uid(self, pid):
        """By its file: the owner of its folder is another where a process may not be dumped."""
        uids = self._read('%d/status' % pid, STATUS).partition('\nUid:')[2].partition('\n')[0].split()
        return decimal(uids[1]) if len(uids) > 1 else None

    def _read_stat(self, pid):
        """(parent, start in ticks since boot), None for what is missing.

        They are fields 4 and 22 of the line; the second is a name in brackets, with anything in it.
        """
        fields = [''] * 3 + self._read('%d/stat' % pid, STAT).rpartition(')')[2].split()
        return decimal(''.join(fields[4:5])), decimal(''.join(fields[22:23]))

    def _read_cgroup(self, pid):
        from .cgroup_paths import of_file
        return of_file(self._read('%d/cgroup' % pid))

    def _booted(self):
        """When the host started, in seconds since 1970; None if it does not say."""
        if self._boot is None:
            lines = self._read('stat').split('\n')
            self._boot = [decimal(line[len('btime '):]) for line in lines if line.startswith('btime ')] or [None]
        return self._boot[0]

    # Users

    def _user(self, uid):
        name = ''
        if not self._paths.root:
            try:
                from pwd import getpwuid
                name = latin(getpwuid(uid).pw_name)
            except (ImportError, KeyError, OverflowError, OSError):
                pass
        else:
            if self._listed is None:
                self._listed = listed(self._paths.at(PASSWD))
            name = self._listed.get(uid, '')
        return name or '%d' % uid


def listed(path):
    """{uid: name} of a file like /etc/passwd: the first line of a number counts, as with getpwuid(3); {} if it cannot be read."""
    found = {}
    try:
        with open(path, 'rb') as file:
            for line in file:
                name, *fields = line.decode('latin-1').split(':')
                if len(fields) > 1 and decimal(fields[1]) is not None:
                    found.setdefault(decimal(fields[1]), name)
    except OSError:
        pass
    return found


def exact(text):
    return None if text is None else exact_hex(text)
