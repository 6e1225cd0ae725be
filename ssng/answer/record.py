"""``--record`` and ``--replay``: a question whose answer is a file, and any question that is answered by one.

Of the tables that are asked for everything is recorded that their messages can tell: one cannot come back to the host.
What costs more (owners, host names, BPF maps) is recorded where the question names it.
"""

import os
import sys

from ..catalogue import column
from ..errors import Failure, quoted, reason
from ..host import netns
from ..host.about import NAMES, PLAIN
from ..host.cgroup_paths import KEYS
from ..host.noted import ABOUT, NotedHost, Notes, RecordedHost
from ..kernel.multicast import Listener
from ..kernel.netlink import Kernel
from ..query import OWNERS
from ..sources import pcapng
from ..sources.recorder import Copy, Recorder
from ..tables import tables
from ..tables.processes import PEER_UNDER, inodes
from .dumps import known
from .places import asks_for_peers, placed, places

MESSAGES = frozenset(('options', 'extended', 'memory', 'info', 'tipcinfo', 'tos', 'cgroup', 'sockopt', 'bpf'))
MADE = ('rate', 'peer', 'cgroup')   # of facts that are made of what the messages of several sockets tell, or of a path
DEAR = ('hosts', 'contexts')        # what is looked up only where it is asked for


def widened(query):
    """The query; all that messages can tell is needed: it is asked for, and what is shown stays what it is."""
    query.detail.needed = query.detail.needed.union(MESSAGES)
    return query


class File:
    """The file of a record, ``-`` for stdout.  Failure where it cannot be written."""

    def __init__(self, path):
        self.path = path
        try:
            self.stream = sys.stdout.buffer if path == '-' else open(path.encode('latin-1'), 'wb')
        except OSError as error:
            raise Failure('--record %s: %s' % (quoted(path), reason(error)), 1)

    def close(self):
        self.stream.flush()
        if self.path != '-':
            self.stream.close()


def record(query, words, host, kernel, path, looked_up=()):
    """Write what the query asks for; returns the exit status.

    ``words``: the command line.  ``host`` and ``kernel``: whom to ask, wherever the query wants to know.  ``looked_up``: Notes
    of what the filter asked of the host.
    """
    from .. import __version__
    file = File(path)
    try:
        writer = pcapng.Writer(file.stream.write)
        writer.section(' '.join(words).encode('latin-1'), ' '.join(os.uname()).encode(), b'ssng ' + __version__.encode())
        sockets, first = 0, None
        widened(query)
        for place in asked(query, host, kernel or (Listener() if query.events else Kernel()), writer):
            if not first:
                first = place
                place.remember(looked_up)
            sockets += place.events(file.stream.flush) if query.events else place.dumps()
            if place.host.host is not host:
                place.host.host.close()
        if first:
            first.tell()                # its host is asked for the processes of all the others, too
        writer.journal([b'SSNG_END=%d datagrams, %d sockets' % (writer.datagrams, sockets)])
    finally:
        file.close()
    return 0


def asked(query, host, kernel, writer):
    """The Places of a query; the owners that the first has found are those of all."""
    found, owners = [], None
    for inside, source in places(query, host, kernel):
        place = Place(placed(query, inside), inside, source, writer, owners)
        owners = place.owners
        found.append(place)
        if query.events or not asks_for_peers(query):
            yield found.pop()
    if found:
        from ..sources.peers import introduce
        introduce([(place.host, place.recorder) for place in found])
    yield from found


class Place:
    """One network namespace of a record; ``owners``: those that have been found already."""

    def __init__(self, query, host, kernel, writer, owners=None):
        self.query = query
        self.host = NotedHost(host)
        self.writer = writer
        self.recorder = Recorder(kernel, writer, writer.interface(*named(host)))
        self.sockets = 0
        if owners is None and not query.detail.wanted.isdisjoint(OWNERS):
            wanted = query.detail.wanted
            owners = self.host.owners('threads' in wanted, 2 if 'contexts' in wanted else 0, True)
        self.owners = owners
        self.processes_told, self.tell_about = set(), None
        self.needed = known(query, self.host, owners)
        self.host.names.ephemeral_ports()
        self.host.counts()
        self.host.tasks.labelled()
        self.tell()

    def remember(self, notes):
        """Write down what the words of a filter meant; numbers of interfaces are those of a single namespace."""
        for name, words in notes:
            if self.query.selection.netns is None or not name.startswith('links_'):
                self.host.notes.note(name, words, notes[name, words])

    def dumps(self):
        for table in tables(self.query.selection):
            dump = Copy(table, self.query, self.host, self.recorder, self.needed)
            try:
                for batch in dump:
                    self.note(table, batch)
            finally:
                dump.close()
            self.tell()
        for (port, protocol), name in self.host.names.rpc_ports().items():
            self.host.notes.note('rpc', (port, protocol), name)
        self.tell()
        return self.sockets

    def events(self, flush):
        """What is told of sockets that end, until somebody has had enough."""
        from signal import SIGINT, SIGTERM, default_int_handler, signal
        from ..sources.events import events, listened
        from ..tables import ended
        for number in (SIGINT, SIGTERM):
            signal(number, default_int_handler)
        try:
            reply = listened(self.query, self.recorder, self.host.report)
            for table, batch in events(self.query, ended(), reply, self.host, self.needed):
                self.note(table, batch)
                self.tell()
                flush()
        except KeyboardInterrupt:
            pass
        return self.sockets

    def note(self, table, batch):
        """Let the host be asked what may be asked of these sockets later."""
        self.sockets += batch.count
        detail = self.query.detail
        for fact in table.facts():
            if fact.look_up and fact.source not in MADE and (
                    fact.shown(detail.wanted) or not fact.reveal or fact.reveal[0] not in DEAR):
                for group in batch.groups:
                    if fact.told(group):
                        column(fact, group, self.host)
                        if fact.look_up == 'whole_process_name':
                            self.processes(fact, group)
        if self.owners and table.inode is not None:
            held = set(batch.values(table.inode, 0))
            if 'peers' in detail.wanted:
                held.update(*[inodes(table, PEER_UNDER, group, self.host) for group in batch.groups])
            self.holders(held)

    def processes(self, fact, group):
        """ss's text cuts the names of processes that JSON has whole."""
        for number in set(group.values(fact.alternatives[0][0])):
            if number > 0:
                self.host.process_name(number)

    def holders(self, inodes):
        inodes.discard(0)
        for inode in inodes:
            self.owners.texts([inode])
            if self.owners.records(inode):
                self.host.notes.note('owner', (inode,), [
                    [pid, tid, fd] for (pid, tid), fd in reversed(self.owners.holders(inode))])
                for (pid, _), _ in self.owners.holders(inode):
                    self.about(pid)

    def about(self, pid):
        """What is told of a process that somebody names, once."""
        if pid not in self.processes_told:
            self.processes_told.add(pid)
            if self.tell_about is None:
                self.tell_about = self.owners.about()
            for key in PLAIN + KEYS + NAMES:
                value = self.tell_about.told(key)(pid)
                if value is not None:
                    self.host.notes.note(ABOUT, (pid, key), value)

    def tell(self):
        """Write what the host has said since."""
        lines = self.host.notes.lines()
        if lines:
            self.writer.journal([b'MESSAGE=what ssng knows of the host', b'SSNG_INTERFACE=%d' % self.recorder.interface] + [
                ('SSNG_%s=%s' % (name.upper(), text)).encode('ascii') for name, text in lines])


def named(host):
    """(name, description) of a host's network namespace."""
    name = host.netns.name or ''
    return name.encode('latin-1'), ('netns %d %s' % (host.netns.inode or 0, name)).rstrip().encode('latin-1')


def replayed(record, report):
    """(RecordedHost, source) of the first network namespace of a Record, which know the others; None where it has none."""
    from ..sources.replay import NATIVE, Replay
    hosts, everywhere = [], Notes()
    for place in record.namespaces:
        notes = Notes()
        notes.read(place.facts)
        everywhere.read(place.facts)
        hosts.append(RecordedHost(notes, report, netns.Namespace(place.inode, place.name or None), hosts, everywhere))
    return (hosts[0], Replay(record, record.namespaces[0], turned if record.order != NATIVE else None)) if hosts else None


def without_autobound(condition, report):
    """The kernel alone knows whether it chose a port of TCP: where it cannot be asked, none is."""
    from ..filter.tree import Autobound, conditions
    for node in conditions(condition) if condition is not None else ():
        if node.__class__ is Autobound:
            node.low, node.high = 1, 0
            report.warn('autobound: a record does not tell which ports the kernel chose; of tcp and its like none is')


def turned(family, protocol):
    """What makes datagrams about such sockets those of this machine, where they are of one of the other byte order."""
    from ..tables import ROWS, declared
    from ..tables.byteorder import Swap
    for row in ROWS:
        if family in row.families:
            table = declared(row.module)
            if protocol is None or table.protocol == protocol:
                return Swap(table)
    return None
