"""How internet sockets are asked for: one dump for each family, and what replaces a refused one.

fixtures/behaviour/command-line.md, 5.2, 5.3; sockets.md 1.3, 2.  A kernel that knows no SOCK_DIAG_BY_FAMILY still answers the older
request for TCP; where netlink is refused altogether, tcp, udp and raw are read from /proc.
"""

import errno
import sys

from ..errors import Notice
from ..host.paths import redirected
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, SOCK_DIAG_BY_FAMILY
from ..kernel.columns import batch as batch_of
from ..kernel.messages import Answer
from ..kernel.netlink import Socket
from .kernel import Refused, dump, judge_of, judged, of_families, report, whole

FAMILIES = (AF_INET, AF_INET6)
BYTE = 0xff


def bit(attribute):
    return 1 << attribute - 1


def extensions(show):
    """The bits of idiag_ext: which attributes the kernel shall add (command-line.md 5.2)."""
    wanted = 0
    if show.memory:
        wanted |= bit(abi.INET_DIAG_MEMINFO) | bit(abi.INET_DIAG_SKMEMINFO)
    if show.info:
        wanted |= bit(abi.INET_DIAG_INFO) | bit(abi.INET_DIAG_VEGASINFO) | bit(abi.INET_DIAG_CONG)
    if show.tos:
        wanted |= bit(abi.INET_DIAG_TOS) | bit(abi.INET_DIAG_TCLASS)
    return wanted


def request(protocol, family, query):
    """The payload of a request for all sockets of one family."""
    return abi.inet_diag_req_v2(family, protocol & BYTE, extensions(query.show), 0, query.states)


def attributes(protocol, program, query):
    """Behind the request: the filter program, and the protocol where a byte does not hold it."""
    found = []
    if program:
        found.append((abi.INET_DIAG_REQ_BYTECODE, program))
    if protocol > BYTE:
        found.append((abi.INET_DIAG_REQ_PROTOCOL, protocol.to_bytes(4, sys.byteorder)))
    if query.show.bpf_maps:
        from ..tables.storage import request as storage
        found.append(storage(query.show.bpf_maps))
    return found


class Dump:
    """The sockets of one table for one query."""

    def __init__(self, table, query):
        self.table = table
        self.name = table.names[0]
        self.query = query
        self.families = [family for family in FAMILIES if family in query.families]
        self._judge = None
        self.large = bool(query.show.bpf_maps)          # what BPF programs keep at a socket may be long
        self._asked = {}        # family: what asked() returned of a dump that the kernel has begun

    def batches(self):
        """Batches of all families, each half from another source where the kernel refuses it."""
        if redirected(self.name):
            return self.replacement()
        if self.query.ahead:
            self._asked = {family: self.asked(family) for family in self.families}
        return self.answers()

    def replacement(self):
        """Batches from the files of /proc that the environment names (command-line.md 5.3)."""
        from .proc import readable
        for family in self.families:
            if family == AF_INET and not readable(self.name):
                return                  # ss looks at the file of IPv6 only after this one
            for batch in self.proc(family):
                yield batch

    def answers(self):
        """Batches from the kernel, and from /proc where it refuses."""
        for place, family in enumerate(self.families):
            seen = False
            try:
                for batch in self.family(family):
                    seen = True
                    yield batch
                continue
            except Refused as refused:
                report(self.name, refused)
            if seen:
                continue                # what is shown is not shown a second time
            if place == 0 and self.table.legacy is not None:
                try:
                    for batch in self.legacy():
                        yield batch
                    return              # it answers for both families
                except Refused:
                    pass
            for batch in self.proc(family):
                yield batch

    def family(self, family):
        """The dump of one family; again with a simpler program where the kernel is too old for the first."""
        program, exact, batches = self._asked.pop(family, None) or self.asked(family)
        simpler = None
        while True:
            seen = False
            try:
                for batch in batches:
                    seen = True
                    batch = batch if exact else self.judged(batch)
                    if batch:
                        yield batch
                return
            except Refused as refused:
                if seen or not program or refused.errno not in (errno.EINVAL, errno.EPERM):
                    raise
                if simpler is None:
                    from ..filter.bytecode import retries
                    simpler = retries(self.query.condition, refused.errno == errno.EPERM)
                if not simpler:
                    raise
            program, exact, batches = self.asked(family, simpler.pop(0))

    def asked(self, family, without=()):
        """Send the request for a family: (its filter program or None, whether that judges all, Batches of the answer)."""
        compiled = self.program(family, without)
        if compiled is None:
            return None, True, ()
        program, exact = compiled
        return program, exact, dump(self.name, self.table.fixed, *self.request(family, program),
                                    large=self.large, ahead=self.query.ahead)

    def request(self, family, program):
        """The payload and the attributes of the request for a family."""
        return (request(self.table.protocol, family, self.query),
                attributes(self.table.protocol, program, self.query))

    def legacy(self):
        """The request that kernels before 3.3 know; the answer holds both families."""
        payload = abi.inet_diag_req(
            idiag_family=AF_INET, idiag_ext=extensions(self.query.show), idiag_states=self.query.states)
        for batch in dump(self.name, self.table.fixed, payload, kind=self.table.legacy):
            batch = self.judged(of_families(batch, self.families))
            if batch:
                yield batch

    def proc(self, family):
        """The same sockets from /proc/net, for the tables that have a file there."""
        if self.name not in ('tcp', 'udp', 'raw'):
            return ()
        from . import proc as procnet
        return self.read((block, (len(block),)) for block in procnet.inet(self.name, family, self.query.states))

    def read(self, datagrams):
        """Batches of messages that no kernel has filtered."""
        answer = Answer()
        for data, ends in datagrams:
            block = answer.feed(data, ends)
            batch = block and whole(self.name, batch_of(block, self.table.fixed))
            batch = batch and self.judged(batch)
            if batch:
                yield batch
        if answer.error:
            raise Refused(answer.error, answer.text, answer.by_done)

    def record(self, write):
        """Hand the raw messages of all families to ``write``, each dump with its end (command-line.md 9.3)."""
        from .recording import selected
        for family in self.families:
            program, exact = self.program(family) or (None, False)
            try:
                answer, datagrams = Socket().dump(
                    SOCK_DIAG_BY_FAMILY, *self.request(family, program), large=self.large)
            except OSError as error:
                raise Notice('--diag: no netlink: %s' % error.strerror)
            for data, ends in datagrams:
                block = answer.feed(data, ends)
                if block is not None and not exact:
                    batch = batch_of(block, self.table.fixed)
                    data = selected(data, self.judge()(lambda name: self.table.column(batch, name), batch.count))
                write(data)

    def program(self, family, without=()):
        """(filter program or None, whether it judges all) for a family; None if no socket of it can match."""
        if self.query.condition is None:
            return None, True
        from ..filter.bytecode import NOTHING, compile
        program, exact = compile(self.query.condition, family, without)
        return None if program is NOTHING else (program, exact and self.table.filters)

    def judge(self):
        if self._judge is None:
            self._judge = judge_of(self.query)
        return self._judge

    def judged(self, batch):
        if batch is None or self.query.condition is None:
            return batch
        return judged(self.table, batch, self.judge())
