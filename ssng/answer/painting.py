"""Large dumps are made rows of by several processes: what these have to know, and when they are worth it."""

from ..host.sockstat import COUNTS, lines_of, sockstat
from ..host.words import LINE
from ..kernel.columns import packed, unpacked
from ..kernel.recvmmsg import CDLL, keep_memory
from ..output import painters
from ..tables import declared, rows_of

LIMITS = 4              # a filter may leave so few of the sockets that there must be more of them


class Painted:
    """The stage that has the rows of each batch made by painters; as rows.Rows to those who use it."""

    def __init__(self, rows, query, host, number):
        self.modules = [row.module for row in rows_of(query.selection)]
        self.host = host
        self.view = rows.view
        self.views = {}
        keep_memory(CDLL(None))         # that of the painters, too
        self.output = painters.Painters(rows.output, self.make, self.quiet, self.tell, number)

    def make(self, block, data):
        """The rows of a packed Batch of a table, for the output."""
        key, shapes = block
        if key not in self.views:
            self.views[key] = self.view(declared(self.modules[key]), self.host)
        return self.views[key].rows(unpacked(shapes, data))

    def quiet(self):
        """What this process would tell from now on goes into the list that is returned."""
        told, report = [], self.host.report
        for how in ('warn', 'hint'):
            setattr(report, how, lambda message, how=how: told.append((how, message)))
        return told

    def tell(self, how, message):
        getattr(self.host.report, how)(message)

    def table(self, table, host):
        """The function that takes a Batch of a table."""
        key = next(at for at, module in enumerate(self.modules) if declared(module) is table)

        def take(batch):
            shapes, data = packed(batch)
            self.output.block((key, shapes), data, batch.count)
        return take

    def flush(self):
        self.output.flush()

    def close(self):
        self.output.close()


def painted(rows, query, host, least):
    """``rows``, a Rows, made by painters where that is worth it: for a dump of ``least`` sockets; None where it is not."""
    if painters.NUMBER is None and expected(host, query.selection) < least * (LIMITS if query.selection.condition else 1):
        return None
    number = min(painters.cores(), painters.MOST) if painters.NUMBER is None else painters.NUMBER
    return Painted(rows, query, host, number)


def expected(host, selection):
    """About how many sockets of these tables there are."""
    known = dict.fromkeys([name for names in COUNTS.values() for name in names], 0)
    for name in ('sockstat', 'sockstat6'):
        try:
            known.update(sockstat(lines_of(host.paths.net(name), LINE)))
        except OSError:                 # IPv6 may be missing; the other was there a moment ago
            pass
    tcp, udp, raw = [known[name + '4'] + known[name + '6'] for name in ('tcp', 'udp', 'raw')]
    counts = {'tcp': tcp + known['timewait'], 'udp': udp, 'raw': raw, 'unix_': known['sockets'] - tcp - udp - raw}
    return sum([count for name, count in counts.items() if any([table.startswith(name) for table in selection.tables])])
