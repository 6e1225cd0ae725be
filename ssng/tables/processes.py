"""Facts of the processes that hold a socket: not of the kernel's messages, an Owners finds them (host/processes.py).

Their values are what ``Owners.told`` says: a socket has as many of each as it has holders.
"""

from ..fields import CONTAINER, NUMBER, SECONDS, WORD, Fact

UNDER = 'processes.'
SHOWN = ('processes', 'threads', 'contexts')


def facts(under, holder='a process that holds the socket'):
    """The Facts of processes, their names beginning with ``under``; ``holder``: what they are called in the help."""

    def fact(name, kind, help, reveal=SHOWN, source='proc', named=False):
        help = help.replace('HOLDER', holder)
        return Fact(under + name, (), kind, reveal=reveal, help=help, source=source, named=named)

    def word(name, help, reveal=SHOWN, named=False):
        """The Fact of a word, and that of its bytes in hex where they are not UTF-8."""
        return [fact(name, WORD, help, reveal, named=named),
                fact(name + '_hex', WORD, 'the bytes of %s as hex digits, where they are not UTF-8' % name, reveal, named=named)]

    def named(name, kind, help, source='proc'):
        return fact(name, kind, help, ('processes',), source, True)

    shown = word('name', 'what HOLDER calls itself') + [
        fact('pid', NUMBER, 'number of HOLDER'),
        fact('tid', NUMBER, 'number of HOLDER, of its thread', ('threads',)),
        fact('fd', NUMBER, 'descriptor by which the socket is held'),
    ] + word('context', 'SELinux context of HOLDER', ('contexts',)) + word(
        'socket_context', 'SELinux context of the socket behind a descriptor', ('contexts',))
    return shown + word('args', 'the whole command line of HOLDER', ('processes',), True) + word(
        'exe', 'the program of HOLDER', ('processes',), True) + [
        named('user', WORD, 'effective user of HOLDER, the number where it has no name'),
        named('uid', NUMBER, 'effective user id of HOLDER'),
        named('ppid', NUMBER, 'number of the parent of HOLDER'),
        named('started_s', SECONDS, 'when HOLDER started, in seconds since 1970'),
        named('unit', WORD, 'systemd unit of HOLDER', 'cgroup'),
        named('user_unit', WORD, 'unit of a user of HOLDER', 'cgroup'),
        named('slice', WORD, 'systemd slice of HOLDER', 'cgroup'),
        named('machine', WORD, 'machine of systemd-machined that HOLDER is in', 'cgroup'),
        named('container', CONTAINER, 'id of the container of HOLDER, of LXC the name; 12 digits in columns of text', 'cgroup'),
        named('runtime', WORD, 'what runs the container of HOLDER: docker, containerd, crio, podman, lxc, nspawn', 'cgroup'),
        named('pod', WORD, 'uid of the pod of HOLDER', 'cgroup'),
        named('container_name', WORD, 'name of the container of HOLDER, as its runtime keeps it', 'cgroup'),
        named('pod_name', WORD, 'name of the pod of HOLDER', 'cgroup'),
        named('pod_namespace', WORD, 'Kubernetes namespace of the pod of HOLDER', 'cgroup'),
        named('image', WORD, 'image of the container of HOLDER', 'cgroup'),
    ]


FACTS = facts(UNDER)


# Those at the other end

PEER_UNDER = 'peer.processes.'
PEER_INODE, PEERS = 'peer.inode', frozenset(['peers'])


def peer_facts():
    """The same of the processes that hold the other end; nothing shows them but their names."""
    found = [fact for fact in facts(PEER_UNDER, 'a process that holds the other end')]
    for fact in found:
        fact.named = True
        fact.source = 'peer'
    return found


def owned(name):
    """(UNDER or PEER_UNDER, key) of the name of a fact of processes; None of any other."""
    return next(((under, name[len(under):]) for under in (UNDER, PEER_UNDER) if name.startswith(under)), None)


def peer_fact(table):
    """The Fact that tells the inode of the other end of a table's sockets, None where there is none."""
    return next((fact for fact in table.facts(PEERS) if fact.name == PEER_INODE), None)


def inodes(table, under, group, host):
    """Which sockets the processes hold that are told of under a name, 0 where there is none: those of a group, or their peers."""
    if under == UNDER:
        return group.values(table.inode) or [0] * group.count
    fact = peer_fact(table)
    return [inode or 0 for inode in fact.column(group, host)] if fact else [0] * group.count
