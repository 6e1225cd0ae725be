"""What the kernel tells of sockets that end while we sleep: a thread for each network namespace listens, and keeps it.

There is an end to what is kept: when much has come the sleeper is woken, and when he does not come nobody listens until
he does.  What the kernel then has no room for is lost, and that is told.
"""

from _collections import deque
from threading import Event, Thread
from time import sleep, time

from ..errors import Failure
from ..kernel.multicast import Listener
from ..sources.events import GROUPS, events, listened
from ..tables import ended
from .places import places

MUCH = 20000            # sockets that have ended
MOST = 4 * MUCH
PAUSE = 0.01


class Ears:
    """Listens from now on, wherever the query asks; ``kernel``: a source that can be listened to, else this host's."""

    def __init__(self, query, host, kernel=None):
        self.report = host.report
        self.found = deque()            # (time, Host, table, Batch)
        self.count = 0
        self.full = Event()
        self.closed = False
        self.error = None
        self.parts, self.threads = [], []
        families, tables = query.selection.families, query.selection.tables
        if not any([family in families and table in tables for family, table, _ in GROUPS]):
            return                      # of other tables nothing is told
        source = kernel if hasattr(kernel, 'listen') else Listener()
        self.parts = [(inside, listened(query, source, host.report, '--changes'))
                      for inside, source in places(query, host, source)]
        self.threads = [Thread(target=self.listen, args=(query.of(None), inside, reply), daemon=True)
                        for inside, reply in self.parts]
        for thread in self.threads:
            thread.start()

    def listen(self, query, inside, reply):
        try:
            for table, batch in events(query, ended(), reply, inside):
                self.found.append((time(), inside, table, batch))
                self.count += batch.count
                if self.count >= MUCH:
                    self.full.set()
                while self.count >= MOST and not self.closed:
                    sleep(PAUSE)
        except Failure as failure:
            self.error = failure.message

    def wait(self, seconds):
        """Sleep, not longer than there is room."""
        self.full.wait(seconds)

    def heard(self):
        """What has come since the last time: [(time, Host, table, Batch), ...]."""
        if self.error is not None:
            self.report.warn('--changes: what lives between two looks alone is not seen: %s' % self.error.partition(': ')[2])
            self.error = None
        found = [self.found.popleft() for _ in range(len(self.found))]
        self.count -= sum([batch.count for _, _, _, batch in found])
        self.full.clear()
        return found

    def close(self):
        self.closed = True
        for _, reply in self.parts:
            reply.wake()
        for thread in self.threads:
            thread.join()
