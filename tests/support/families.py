"""Tables asked as a whole: a kernel that answers with given payloads, and what is listed of them."""
import json
import struct

from ssng.kernel.messages import Answer
from ssng.output import text as output
from ssng.sources import kernel as dump
from ssng.tables.table import JsonView, TextView
from tests.support.rendered import asking, declared
from tests.support.wire import ERROR, PID, SEQ, done, joined, message


class Kernel:
    """In place of the netlink socket: answers every dump with these payloads and then ``end``, DONE unless told.

    ``asked`` has the payload of each request.
    """

    def __init__(self, monkeypatch, payloads=(), end=None):
        self.datagram = b''.join(map(message, payloads))
        self.end = done() if end is None else end
        self.asked = []
        monkeypatch.setattr(dump, 'Socket', lambda: self)

    def dump(self, kind, payload, attributes=(), large=False, ahead=False):
        self.asked.append(bytes(payload))
        answer = Answer(SEQ, PID)
        return answer, iter([joined([part]) for part in (self.datagram, self.end) if part])


def refusal(number):
    """An error in place of an answer."""
    return message(struct.pack('=i', -number) + bytes(16), ERROR)


def query(*names, states=0x3fff, condition=None, **options):
    """A Query for these tables; names and protocols as text unless ``numeric`` is given."""
    asked = asking(names, **dict({'numeric': False, 'header': False}, **options))
    asked.states, asked.condition = states, condition
    return asked


def listed(name, asked, screen=None, owners=None):
    """The lines that table module ``name`` prints for a query."""
    table, visible, written = declared(name), output.visible_columns(asked), []
    printed = output.Table(visible, screen, asked.show.header, written.append)
    view = TextView(table, asked, owners, visible)
    for some in table.batches(asked):
        printed.add(view.rows(some))
    printed.flush()
    return b''.join(written).decode('latin-1').splitlines(True)


def objects(name, asked):
    """The JSON objects of the same; no key may be there twice."""
    def once(found):
        assert len(found) == len(dict(found)), found
        return dict(found)
    table = declared(name)
    view = JsonView(table, asked, None)
    return [json.loads(made, object_pairs_hook=once) for some in table.batches(asked) for made in view.rows(some)]
