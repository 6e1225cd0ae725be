"""Sockets, given as the payloads of their messages, the way through tables and output: text, and JSON objects."""
import importlib
import json

from ssng.host import Host
from ssng.kernel.messages import Answer
from ssng.output import text as output
from ssng.query import Detail, Query, Selection, Style
from ssng.tables.table import JsonView, TextView
from tests.support.wire import joined, message

DETAILS = Detail.__slots__


def asking(tables=('tcp',), families=(2, 10), states=0x3fff, **options):
    """A Query for all states of these tables, with these options of Detail and Style."""
    style = Style(numeric=True)
    detail = Detail(**{name: options.pop(name) for name in list(options) if name in DETAILS})
    for name, value in options.items():
        getattr(style, name)            # no other
        setattr(style, name, value)
    detail.services = not style.numeric
    detail.hosts = style.resolve
    return Query(Selection(tables, families, states), detail, style)


def declared(name):
    return importlib.import_module('ssng.tables.' + name).TABLE


def batches(payloads, table):
    if payloads:
        block = Answer().feed(*joined([b''.join(map(message, payloads))]))
        batch = table.make(block, table.fixed)
        if batch:
            yield batch


def text(payloads, name='tcp', query=None, screen=None, host=None, **options):
    """What is printed, without the header unless ``header`` is asked for."""
    query = query or asking((name,), **dict({'header': False}, **options))
    table, visible, written = declared(name), output.visible_columns(query), []
    printed = output.Table(visible, screen, query.style.header, written.append)
    view = TextView(table, query, host or Host(), None, visible)
    for some in batches(payloads, table):
        printed.add(view.rows(some))
    printed.flush()
    return b''.join(written).decode('latin-1')


def details(payloads, name='tcp', host=None, **options):
    """The last column's cells alone."""
    query = asking((name,), **options)
    table = declared(name)
    view = TextView(table, query, host or Host(), None, output.visible_columns(query)[-1:])
    return [cell for some in batches(payloads, table) for cell in view.rows(some)[0]]


def objects(payloads, name='tcp', query=None, host=None, **options):
    """The JSON objects, read by json; no key may be there twice."""
    table = declared(name)
    view = JsonView(table, query or asking((name,), **options), host or Host(), None)
    return [json.loads(made, object_pairs_hook=once)
            for some in batches(payloads, table) for made in view.rows(some)]


def once(found):
    assert len(found) == len(dict(found)), found
    return dict(found)
