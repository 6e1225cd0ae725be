"""The sockets that end from now on, wherever a query asks for them.

Each network namespace is listened to by a thread of its own, which judges what it hears; who iterates takes it from one
queue.  A single place needs none.
"""

from ..kernel.multicast import Listener
from ..sources.events import events, listened
from ..tables import ended
from .places import placed, places

MOST = 64               # batches that wait for who iterates; then the threads do, and the kernel keeps what comes


def ending(query, host, kernel=None, owners=None):
    """(Host, table, Batch) of the sockets that end, in their order, for ever; close it.  Failure where it can tell no more."""
    tables, kernel = ended(), kernel or Listener()
    if query.selection.netns is None:
        reply = listened(query, kernel, host.report)
        for table, batch in events(query, tables, reply, host, owners):
            yield host, table, batch
        return
    heard = [(inside, listened(query, source, host.report)) for inside, source in places(query, host, kernel)]
    try:
        yield from merged([(inside, reply, events(placed(query, inside), tables, reply, inside, owners))
                           for inside, reply in heard])
    finally:
        for inside, _ in heard:
            inside.close()


def merged(parts):
    """(Host, table, Batch) of several (Host, Reply, iteration over its events), as they come."""
    from queue import Empty, Queue
    from threading import Thread
    found = Queue(MOST)

    def take(inside, each):
        try:
            for table, batch in each:
                found.put((inside, table, batch))
        except Exception as error:
            found.put(error)
    threads = [Thread(target=take, args=(inside, each), daemon=True) for inside, _, each in parts]
    for thread in threads:
        thread.start()
    try:
        while True:
            item = found.get()
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        for _, reply, _ in parts:
            reply.wake()
        while any([thread.is_alive() for thread in threads]):
            try:
                found.get(timeout=0.01)         # one may wait for room
            except Empty:
                pass
