"""What a task is called and how it is labelled, from its files in /proc (fixtures/behaviour/command-line.md, 9.2)."""

import os

from ..errors import reason

NAME = 19                       # bytes of a name that ss reads; the kernel's have 15 at most, but for its own threads
STAT = 256                      # bytes of a stat file that hold the name
GONE = (2, 3, 20)               # ENOENT, ESRCH, ENOTDIR: a task has just ended
RIGHTS = (1, 13)                # EPERM, EACCES: a task of somebody else
UNAVAILABLE = 'unavailable'
SELINUX = '/sys/fs/selinux'
CONFIGURED = '/etc/selinux/config'


class Tasks:
    """The tasks of one host.  ``report`` hears, once, of names that are refused.  All text is latin-1."""

    def __init__(self, paths, report):
        self._paths = paths
        self._report = report

    def _read(self, path, size):
        """The first bytes of a file as text; None if it cannot be read."""
        try:
            with open(path, 'rb') as file:
                return file.read(size).decode('latin-1')
        except OSError as error:
            if error.errno not in GONE:
                self._report.warn('not all processes can be named: %s' % reason(error))
            return None

    def _stat(self, tid):
        return self._read('%s/%d/stat' % (self._paths.proc(), tid), STAT)

    def command(self, tid):
        """The name of a task as ss shows it beside a socket: up to its first parenthesis; None if it cannot be read."""
        text = self._stat(tid)
        return None if text is None else text.partition('(')[2].partition(')')[0][:NAME]

    def name(self, tid):
        """The name as ss shows it for a netlink port: '' if it cannot be read to its end."""
        name, ended, _ = (self._stat(tid) or '').partition('(')[2].partition(')')
        return name if ended else ''

    def whole_name(self, tid):
        """The name as it is, whatever is in it; '' if it cannot be read.

        A stat file, the second choice, escapes line ends and backslashes.
        """
        text = self._read('%s/%d/comm' % (self._paths.proc(), tid), STAT)
        if text is not None:
            return text[:-1] if text.endswith('\n') else text
        text = (self._stat(tid) or '').partition('(')[2]
        return text.rpartition(')')[0] or text.partition(')')[0]

    # SELinux

    def context(self, tid):
        """The SELinux context of a task; of task 0, the kernel's; UNAVAILABLE where it has none."""
        path = ('%s/%d/attr/current' % (self._paths.proc(), tid) if tid
                else self._paths.at(SELINUX) + '/initial_contexts/kernel')
        try:
            with open(path, 'rb') as file:
                return _context(file.read(4096))
        except OSError:
            return UNAVAILABLE

    def socket_context(self, tid, fd):
        """The SELinux context of the socket behind a descriptor."""
        try:
            return _context(os.getxattr('%s/%d/fd/%d' % (self._paths.proc(), tid, fd), 'security.selinux'))
        except (OSError, AttributeError):       # some builds of Python have no getxattr
            return UNAVAILABLE

    def labelled(self):
        """Whether this host labels anything: what libselinux asks, a mounted selinuxfs and a configuration."""
        try:
            with open(self._paths.at('/proc/mounts'), 'rb') as file:
                mounted = any(line.split(b' ')[2:3] == [b'selinuxfs'] for line in file)
        except OSError:
            return False
        return mounted and os.path.exists(self._paths.at(CONFIGURED))


def _context(data):
    return data.rstrip(b'\n\0').decode('latin-1') or UNAVAILABLE
