"""How the sockets of a table are asked for, and what stands in for a source that refuses.

ss has the same order of what it tries, but shows what it has shown again (fixtures/behaviour/command-line.md, 5.1 to 5.3).
A table has one dump for each address family.  For each of them there is a list of attempts, and one loop that tries them
in turn until one is answered.  ``ss -ta 'fwmark = 1 and sport = :22'`` on a kernel that knows no marks:

    inet    the kernel, with the program     refuses: EINVAL, it does not know the operation
            the kernel, without the mark     answers; its answer is judged here again, for the mark      stop
    inet6   the same two                                                                                 stop

and on one so old that it knows no SOCK_DIAG_BY_FAMILY at all, in a sandbox that forbids what it had instead:

    inet    the kernel, with the program     refuses: EINVAL
            the kernel, without the mark     refuses: EINVAL.  There is no simpler program: the user is told
            the request before it            refuses.  An answer would hold both families: stop for good
            /proc/net/tcp                    answers, always; its answer is judged here                  stop
    inet6   the same but for the older request, then /proc/net/tcp6                                      stop

Once an attempt has answered with anything, no other is made, whatever goes wrong with it later, even if nothing of what
came was wanted: what is shown is not shown a second time.
"""

import os
from errno import EINVAL, EPERM

from ..errors import Failure, Notice
from ..kernel.abi.sock_diag import AF_INET6
from ..kernel.exchange import Refused, Request, batches, read
from ..kernel.netlink import Kernel

RECORDINGS = {'tcp': 'TCPDIAG_FILE'}    # table: the variable that names a recording to be shown in its place


class Attempt:
    """A question to a source; ``whole`` if it answers for all families at once."""

    __slots__ = ('source', 'request', 'whole')

    def __init__(self, source, request, whole=False):
        self.source = source
        self.request = request
        self.whole = whole

    def ask(self):
        return self.source.ask(self.request)


class Judge:
    """The condition of a query, for sockets of one table that no kernel has judged.

    ``host`` and ``owners`` know what the facts that it names are made of, if the kernel's messages do not tell all.
    """

    def __init__(self, table, query, host=None, owners=None):
        self.table = table
        self.condition = query.selection.condition
        self.reader = self.predicate = None
        if self.condition is not None:
            from ..filter.tree import facts
            if facts(self.condition):
                from ..catalogue import Reader
                self.reader = Reader(table, host, owners)
            elif not table.judges:
                self.condition = None

    def flags(self, batch):
        """Whether the condition holds, for each socket; None without a condition."""
        if self.condition is None:
            return None
        if self.predicate is None:
            from ..filter.predicate import predicate
            self.predicate = predicate(self.condition)
        from ..filter.predicate import Columns
        return self.predicate(Columns(self.table, batch, self.reader), batch.count)

    def judged(self, batch):
        """Those sockets of the batch for which the condition holds; None if there are none."""
        flags = self.flags(batch)
        return batch if flags is None else chosen(batch, flags)


class Dump:
    """The sockets of one table that a query asks for: iterate for Batches, then close.

    ``kernel`` is the source that is asked first; ``owners`` is asked for what the filter wants to know of them.  The
    host's report is told what is wrong and stops nothing.  The iteration raises Failure where the kernel's bytes are nonsense.
    """

    def __init__(self, table, query, host, kernel=None, owners=None):
        self.table = table
        self.query = query
        self.host = host
        self.kernel = kernel or Kernel()
        self.report = host.report
        self.alone = getattr(self.kernel, 'alone', False)       # nothing stands in for it, and it judges nothing
        self.recording = os.environ.get(RECORDINGS[table.name]) if table.name in RECORDINGS and not self.alone else None
        self.redirected = not self.alone and host.paths.redirected(table.name)
        self.families = [family for family in table.families if family in query.selection.families]
        self.judge = Judge(table, query, host, owners)
        # In one walk over the kernel's table, where the order of rows is not that of ss anyway
        self.joint = (query.selection.several and query.selection.condition is None and not self.alone
                      and table.legacy is not None and len(self.families) == len(table.families))
        self.reply = None
        self.begun = {}                 # family: what begin() returned

    def ahead(self):
        """Let the kernel begin, where the query allows it, before anybody is ready for its answer; returns the dump."""
        if self.query.ahead and not self.redirected and self.recording is None:
            for family in self.families[:1] if self.joint else self.families:
                self.begun[family] = self.begin(family)
        return self

    def __iter__(self):
        if self.recording is not None:
            found = self.replayed()
        elif self.redirected and not self.readable():
            found = iter(())
        else:
            found = self.answers()
        return self.table.prepared(found)

    def close(self):
        """Let go of every source, wherever the iteration is."""
        for _, _, reply in self.begun.values():
            if reply:
                reply.close()
        self.begun = {}
        if self.reply:
            self.reply.close()

    def warn(self, text):
        self.report.warn('%s: %s' % (self.table.name, text))

    def tell(self, refused):
        """What the user hears of a dump that failed."""
        if refused.nonsense:
            raise Failure('%s: %s' % (self.table.name, refused), 1)
        if not refused.absent:
            self.warn(refused)

    # The loop

    def answers(self):
        """Batches of all families."""
        for family in self.families:
            if (yield from self.answer(family)):
                return

    def answer(self, family):
        """Batches of one family, by the first attempt that is answered; returns whether it was for all families."""
        attempts, attempt, self.reply = self.begun.pop(family, None) or self.begin(family)
        while attempt:
            seen = False
            try:
                found = batches(self.reply, self.table, self.warn)
                for batch in self.table.parted(found, self.query.selection.states) if self.alone else found:
                    seen = True
                    batch = self.wanted(batch, attempt)
                    if batch:
                        yield batch
                return attempt.whole
            except Refused as refused:
                if seen or refused.nonsense:
                    self.tell(refused)
                    return attempt.whole
                attempt = attempts.send(refused)
                self.reply = attempt and attempt.ask()

    def begin(self, family):
        """(the attempts for a family, the first of them, its Reply)"""
        attempts = self.attempts(family)
        first = next(attempts)
        return attempts, first, first and first.ask()

    def attempts(self, family):
        """Attempts in turn, each is sent why the one before it was Refused; None is the last."""
        if self.alone:
            self.tell((yield Attempt(self.kernel, self.request(family, b'', False))))
            yield None
        if not self.redirected:
            if self.joint and family == self.families[0]:
                yield Attempt(self.kernel, self.legacy_request(), True)
            program, exact = self.program(family)
            if program is not None:
                refused = yield Attempt(self.kernel, self.request(family, program, exact))
                for simpler in self.simpler(family, refused) if program else ():
                    if refused.errno not in (EINVAL, EPERM) or not program:
                        break
                    program, exact = simpler
                    if program is None:
                        break
                    refused = yield Attempt(self.kernel, self.request(family, program, exact))
            if program is None:
                yield None              # no socket of the family can match
            self.tell(refused)
            if self.table.legacy is not None and family == self.families[0]:
                yield Attempt(self.kernel, self.legacy_request(), True)
        self.tell((yield Attempt(self.stand_in(family), Request())))
        yield None

    # What is asked

    def program(self, family, without=()):
        """(filter program, whether it judges all) for a family; b'' for none, None if no socket of it can match."""
        if self.judge.condition is None:
            return b'', True
        if not self.table.compiles:
            return b'', False
        from ..filter.bytecode import NOTHING, compile
        selection = self.query.selection
        program, exact = compile(selection.condition, family, without, selection.states if self.table.filters else None)
        if program is NOTHING:
            return None, True
        return program or b'', exact and self.table.filters

    def simpler(self, family, refused):
        """The programs to try where the kernel is too old for the first."""
        if refused.errno not in (EINVAL, EPERM):
            return
        from ..filter.bytecode import retries
        for without in retries(self.query.selection.condition, refused.errno == EPERM):
            yield self.program(family, without)

    def request(self, family, program, exact, ahead=True):
        return Request(
            self.table.request(self.query, family), self.table.attributes(self.query, program, self.host), exact=exact,
            large=self.table.large(self.query), ahead=ahead and self.table.crowded and self.query.ahead)

    def legacy_request(self):
        """What kernels before 3.3 know; it asks for the sockets of both families."""
        return Request(self.table.legacy_request(self.query), kind=self.table.legacy, ahead=self.query.selection.several)

    def proc(self, family):
        from .proc import Proc
        types = [kind for kind, table in self.table.kinds.items() if table in self.query.selection.tables]
        return Proc(self.host.paths, self.table.name, family, self.query.selection.states, types)

    def stand_in(self, family):
        """The source that answers where the kernel does not."""
        return self.proc(family)

    def readable(self):
        """Whether to look at the files that the environment names: ss reads that of IPv6 only behind the other."""
        from .proc import readable
        return self.families == [AF_INET6] or readable(self.host.paths, self.table.name)

    # What is wanted of the answer

    def wanted(self, batch, attempt):
        """Those sockets of the batch that the query asks for; None if there are none."""
        if self.alone:
            if self.table.families[1:]:         # it may have been asked for both families at once
                batch = of_families(batch, [attempt.request.payload.sdiag_family])
        elif attempt.whole:
            batch = of_families(batch, self.families)
        batch = batch and self.table.chosen(batch, self.query.selection.tables)
        if batch is None or attempt.request.exact:
            return batch
        return self.judge.judged(batch)

    # Recordings: a file in place of the kernel (command-line.md 9.3)

    def replayed(self):
        """Batches of a recorded dump; what is wrong with it is told, what came before is kept."""
        from .recording import Recording
        attempt = Attempt(Recording(self.recording), Request())
        self.reply = attempt.ask()
        try:
            for batch in batches(self.reply, self.table, self.warn):
                batch = self.wanted(batch, attempt)
                if batch:
                    yield batch
        except Refused as refused:
            self.report.warn('%s %s: %s' % (RECORDINGS[self.table.name], self.recording, refused))

    def record(self, write):
        """Hand the raw messages of all families to ``write``, each dump with its end."""
        from .recording import Copier
        copier = Copier(self.kernel, write, lambda block: self.judge.flags(self.table.make(block, self.table.fixed)))
        for family in self.families:
            program, exact = self.program(family)
            if program is None:         # no socket of it: then none of all that there are
                program, exact = b'', False
            reply = copier.ask(self.request(family, program, exact, ahead=False))
            try:
                for _ in read(reply, lambda block: self.table.make(block, self.table.fixed), self.warn):
                    pass
            except Refused as refused:
                if not refused.asked:
                    raise Notice('--diag: %s' % refused)
                self.tell(refused)


def chosen(batch, flags):
    """Those sockets of the batch whose flag is true; None if there are none."""
    if all(flags):
        return batch
    return batch.kept(flags) if any(flags) else None


def of_families(batch, families):
    """Those sockets of the batch that are of one of these families; None if there are none."""
    if all([group.data[group.base] in families for group in batch.groups]):
        return batch
    return chosen(batch, batch.ordered([[group.data[group.base] in families] * group.count for group in batch.groups]))
