"""Tables asked as a whole: a kernel that answers with given payloads, and what is listed of them."""
import json
import struct

from ssng.host import Host
from ssng.output import text as output
from ssng.query import TABLES
from ssng.sources.dump import Dump
from ssng.tables.table import JsonView, TextView
from tests.support.rendered import asking, declared, once
from tests.support.sources import Replayed
from tests.support.wire import ERROR, done, message


class Kernel(Replayed):
    """Answers every dump with these payloads and then ``end``, DONE unless told."""

    def __init__(self, payloads=(), end=None):
        parts = b''.join(map(message, payloads)), done() if end is None else end
        super().__init__([part for part in parts if part], again=True)

    @property
    def asked(self):
        """The payload of each request."""
        return [bytes(request.payload) for request in self.requests]


def refusal(number):
    """An error in place of an answer."""
    return message(struct.pack('=i', -number) + bytes(16), ERROR)


def query(*names, condition=None, **options):
    """A Query for these tables; names and protocols as text unless ``numeric`` is given."""
    families = [family for name in names for family in TABLES[name].families]
    asked = asking(names, families, **dict({'numeric': False, 'header': False}, **options))
    asked.selection.condition = condition
    return asked


def batches(table, asked, kernel, host):
    """The Batches of a table for a query, of what ``kernel`` answers; its Replies are all closed then."""
    dump = Dump(table, asked, host, kernel).ahead()
    found = list(dump)
    dump.close()
    assert all(reply.closed for reply in kernel.replies)
    return found


def listed(name, asked, kernel, screen=None, owners=None, host=None):
    """The lines that table module ``name`` prints for a query, of what ``kernel`` answers."""
    table, visible, written, host = declared(name), output.visible_columns(asked), [], host or Host()
    printed = output.Table(visible, screen, asked.style.header, written.append)
    view = TextView(table, asked, host, owners, visible)
    for some in batches(table, asked, kernel, host):
        printed.add(view.rows(some))
    printed.flush()
    return b''.join(written).decode('latin-1').splitlines(True)


def objects(name, asked, kernel, host=None):
    """The JSON objects of the same; no key may be there twice."""
    table, host = declared(name), host or Host()
    view = JsonView(table, asked, host, None)
    return [json.loads(made, object_pairs_hook=once)
            for some in batches(table, asked, kernel, host) for made in view.rows(some)]
