"""Sockets, given as the payloads of their messages, the way through tables and output: text, and JSON objects."""
import importlib
import json

from ssng.kernel.columns import batch
from ssng.kernel.messages import Answer
from ssng.output import text as output
from ssng.query import Query
from ssng.tables.table import JsonView, TextView
from tests.support.wire import joined, message


def asking(tables=('tcp',), **options):
    """A Query for all states of these tables, with these options of Show."""
    query = Query()
    query.tables, query.families, query.states = frozenset(tables), frozenset((2, 10)), 0x3fff
    for name, value in dict({'numeric': True}, **options).items():
        getattr(query.show, name)
        setattr(query.show, name, value)
    return query


def declared(name):
    return importlib.import_module('ssng.tables.' + name).TABLE


def batches(payloads, table):
    if payloads:
        yield batch(Answer().feed(*joined([b''.join(map(message, payloads))])), table.fixed)


def text(payloads, name='tcp', query=None, screen=None, **options):
    """What is printed, without the header unless ``header`` is asked for."""
    query = query or asking((name,), **dict({'header': False}, **options))
    table, visible, written = declared(name), output.visible_columns(query), []
    printed = output.Table(visible, screen, query.show.header, written.append)
    view = TextView(table, query, None, visible)
    for some in batches(payloads, table):
        printed.add(view.rows(some))
    printed.flush()
    return b''.join(written).decode('latin-1')


def details(payloads, name='tcp', **options):
    """The last column's cells alone."""
    query = asking((name,), **options)
    table = declared(name)
    view = TextView(table, query, None, output.visible_columns(query)[-1:])
    return [cell for some in batches(payloads, table) for cell in view.rows(some)[0]]


def objects(payloads, name='tcp', query=None, **options):
    """The JSON objects, read by json; no key may be there twice."""
    def once(found):
        assert len(found) == len(dict(found)), found
        return dict(found)
    table = declared(name)
    view = JsonView(table, query or asking((name,), **options), None)
    return [json.loads(made, object_pairs_hook=once)
            for some in batches(payloads, table) for made in view.rows(some)]
