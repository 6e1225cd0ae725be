"""The facts of a table beside the JSON that is made of them."""
import json
import re
import sys

from ssng.fields import Kind
from ssng.host import Host
from ssng.kernel.exchange import SEQ, Refused, Reply, batches
from ssng.kernel.messages import HEADER, Answer
from ssng.objects import Json
from ssng.query import Detail
from ssng.tables.table import JsonView
from tests.support.recordings import recordings
from tests.support.rendered import asking, declared, once
from tests.support.wire import joined, message

SOCK_DIAG = 4
# Words of Detail that reveal nothing of the kernel's messages, or names that only this host knows.
OTHERS = 'needed', 'processes', 'threads', 'contexts', 'services', 'hosts'
EVERYTHING = {name: True for name in Detail.__slots__ if name not in OTHERS}


class Names(dict):
    """In place of what a host knows: {number: name}."""

    def name(self, number):
        return self.get(str(number), 'if%d' % number)

    path = name


def told(name, reply, host, **options):
    """Checks each batch of a Reply: a fact's column and its JSON say the same; returns the JSON objects."""
    table, query = declared(name), asking((name,), **dict(EVERYTHING, **options))
    view = JsonView(table, query, host, None)
    found = []
    for batch in batches(reply, table, print):
        made = [json.loads(text, object_pairs_hook=once) for text in view.rows(batch)]
        assert made == whole(table, batch, host, query.detail.shown)
        found += made
    return found


def whole(table, batch, host, words):
    """The objects as the columns of all facts that ``words`` reveal have them."""
    made = [{} for _ in range(batch.count)]
    for fact in [fact for fact in table.every() if fact.shown(words)]:
        for row, value in zip(made, batch.ordered([fact.column(group, host) for group in batch.groups])):
            if value is not None:
                for key in fact.name.split('.')[:-1]:
                    row = row.setdefault(key, {})
                row[fact.name.split('.')[-1]] = as_json(value)
    return made


def as_json(value):
    """What a reader of JSON gets of a value, whose texts are latin-1 here."""
    if isinstance(value, Json):
        return json.loads(value)
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value.encode('latin-1').decode('utf-8', 'replace') if isinstance(value, str) else value


def made_by_hand(name, payloads, host=None, **options):
    """The JSON objects of payloads, checked; ``options`` as tests.support.rendered.asking has them."""
    return told(name, Reply(Answer(), [joined([b''.join(map(message, payloads))])]), host or Host(), **options)


def recorded(name):
    """The JSON objects of all that machines of our byte order recorded of a table, checked."""
    found = []
    for recording in [one for one in recordings(family=name) if one.facts['byte_order'] == sys.byteorder]:
        host = Host()
        host.links, host.cgroups = Names(recording.facts['interfaces']), Names(recording.facts['cgroups'])
        for case in recording.cases:
            for protocol, request, datagrams in case.exchanges:
                if protocol == SOCK_DIAG and request[HEADER] in declared(name).families:
                    found += answered(name, Reply(Answer(SEQ), [(data, (len(data),)) for data in datagrams]), host)
    return found


def answered(name, reply, host):
    try:
        return told(name, reply, host)
    except Refused as refused:
        assert refused.absent           # a kernel without the table
        return []


def declared_whole(name):
    """Checks what each fact of a table says of itself; returns their names."""
    names = []
    for fact in declared(name).facts():
        assert isinstance(fact.kind, Kind) and fact.name.endswith(fact.kind.suffix)
        assert re.match(r'[a-zA-Z0-9].*[^.\s]$', fact.help) and '\n' not in fact.help, fact.name
        names.append(fact.name)
    assert len(names) == len(set(names))
    assert declared(name).facts()[0].certain and not declared(name).facts()[0].reveal
    return names
