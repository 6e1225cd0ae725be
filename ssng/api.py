"""Sockets as Python objects: what is behind the functions of ``import ssng``.

A call is made a Query by the same Draft that the command line fills, and answered by the same dumps.  What differs is the
end of the way: no rows are made of a batch, but Sockets, which read its columns when somebody asks for an attribute.

    sockets('tcp', 'dport = :443', info=True)     Draft -> Query -> dumps -> Batch -> Found: Socket, Socket, ...
    found[7].info.rtt_us                          column 'info.rtt_us' of that Found, made once for all of its sockets

Nothing here prints, touches signals or remembers anything between two calls: each has a Host of its own.
"""

import warnings

from . import Error, FilterError, Incomplete, KernelError
from .answer.dumps import dumps, known, shown
from .cli.effects import all_maps, contexts, on
from .cli.options import OPTIONS
from .errors import Failure, Notice
from .found import Look, Socket, python
from .host import Host, Report
from .kernel.abi.sock_diag import AF_INET, AF_INET6
from .query import Detail, Draft, tables_named

__all__ = ['Socket', 'count', 'events', 'explain', 'facts', 'record', 'sockets', 'summary']

FAMILIES = {'4': AF_INET, '6': AF_INET6}        # behind the name of a table
COSTLY = ('threads', 'bpf_maps', 'context', 'contexts')     # details that details='all' leaves out


# What is asked

class Question:
    """A Query, the Host to which it is put, and the source that answers, None for the kernel; the Record it answers from."""

    def __init__(self, query, host, kernel=None, record=None):
        self.query = query
        self.host = host
        self.kernel = kernel
        self.record = record

    def owners(self):
        """(the owners that are shown, those that are needed), None where there are none."""
        owners = shown(self.query, self.host)
        return owners, known(self.query, self.host, owners) or owners


def question(tables, family, filters, states, netns, source, details, arranged=None):
    """The Question that the words of a call mean."""
    host, kernel, record = recorded(source) if source is not None else (Host(report=Report(warned)), None, None)
    draft = Draft()
    draft.style.json = True
    draft.arranged = dict(arranged or {})
    if family is not None:
        draft.add_family(family)
    if tables:
        draft.list_tables(','.join(tables))
    placed(draft, netns)
    detailed(draft, dict(details), host)
    operands = [word for state in each(states) for word in ('state', state)]
    try:
        query, filters = draft.settle(operands + [latin(text) for text in filters])
    except Notice as notice:
        raise Error(str(notice))
    if draft.arranged:
        from .answer.arrangement import arrangement
        arrangement(draft).applied(query)
    if record:
        from .answer.record import widened, without_autobound
        widened(query)
    if filters:
        filtered(query, filters, host)
    if record:
        without_autobound(query.selection.condition, host.report)
    return Question(query, host, kernel, record)


def recorded(path):
    """(Host, source, Record) of a record."""
    from .answer.record import replayed
    from .sources.replay import Record
    record = Record(latin(path), 'the record')
    host, kernel = replayed(record, Report(warned)) or (None, None)
    if host is None:
        raise Error('%s holds no sockets' % path)
    return host, kernel, record


def filtered(query, texts, host):
    from .filter.whole import read_into
    try:
        read_into(query, texts, (), host)
    except Failure as failure:
        raise FilterError(utf8(failure.message), utf8(' '.join(texts)), failure.position)


def warned(message):
    warnings.warn(message, Incomplete, stacklevel=2)


def latin(text):
    from os import fsencode
    return fsencode(text).decode('latin-1')


def utf8(text):
    return text.encode('latin-1', 'backslashreplace').decode('utf-8', 'replace')


def each(words):
    """Some words: of None none, of a text itself."""
    return () if words is None else (words,) if isinstance(words, str) else tuple(words)


def placed(draft, netns):
    draft.every_netns = netns == 'all'
    if not draft.every_netns:
        draft.netns = tuple([latin(str(spec)) for spec in ((netns,) if isinstance(netns, int) else each(netns))])


def detailed(draft, details, host):
    """Set what the keywords of a call say: names of options, each with its effect on a Draft."""
    every = details.pop('details', None)
    if every not in (None, 'all'):
        raise Error('details is None or "all", not %r' % (every,))
    named = each(details.pop('facts', None))
    if named:
        draft.arranged['columns'] = '+' + ','.join(map(latin, named))
    rows = dict(revealing())
    for name, wanted in details.items():
        if name not in rows:
            raise TypeError('%r is no detail; there are %s' % (name, ' '.join(sorted(rows))))
        if wanted:
            effect, thing = rows[name]
            effect(draft, thing, None)
    if every:
        for name, (effect, thing) in rows.items():
            if name not in COSTLY and thing[0].__objclass__ is Detail:
                effect(draft, thing, None)
    for step in draft.steps:
        step(host)


def revealing():
    """(name, (effect, what it sets)) of the options that say what is told of each socket."""
    for name, _, _, effect, thing, _ in OPTIONS:
        reveals = effect is on and all([attribute.__objclass__ is not Draft for attribute in thing])
        if reveals and name not in ('oneline',) or effect in (contexts, all_maps):
            yield name.replace('-', '_'), (effect, thing)


def questions(words, states, netns, source, details, arranged=None):
    """The Questions of a call: one, or one for each address family where tables are named with one (``tcp4``)."""
    groups, filters = {}, []
    for text in words:
        for word in text.split(',') if tables_of(text.split(',')) else [text]:
            table, family = parted(word)
            if table is None:
                filters.append(word)
            else:
                groups.setdefault(family, []).append(table)
    try:
        return [question(tables, family, filters, states, netns, source, details, arranged)
                for family, tables in (groups or {None: []}).items()]
    except Failure as failure:
        raise Error(utf8(failure.message))


def tables_of(words):
    return all([parted(word)[0] is not None for word in words])


def parted(word):
    """(table, family or None) of a word that names a table; (None, None) of any other."""
    if tables_named(word):
        return word, None
    if word[-1:] in FAMILIES and word[:-1] in ('tcp', 'udp'):
        return word[:-1], FAMILIES[word[-1]]
    return None, None


# What is answered

def sockets(*words, states=None, netns=None, source=None, **details):
    return answered(questions(words, states, netns, source, details))


def answered(asked):
    for question in asked:
        try:
            yield from told(question)
        except Failure as failure:
            raise of_kernel(failure)


def told(question):
    """The Sockets of one Question."""
    query = question.query
    owners, known_owners = question.owners()
    open_dumps = dumps(query, question.host, question.kernel, known_owners)
    try:
        for dump, _ in open_dumps:
            look = Look(dump.table, query, dump.host, owners, known_owners)
            for batch in dump:
                yield from look.sockets(batch)
    finally:
        open_dumps.close()
    told_of_damage(question.record)


def of_kernel(failure):
    """The KernelError that a Failure is to a program."""
    return KernelError(failure.errno or 0, utf8(failure.message))


def told_of_damage(record):
    if record and record.damage:
        warned('the record is damaged: ' + record.damage)


def events(*words, states=None, netns=None, **details):
    asked = questions(words, states, netns, None, details)
    if len(asked) != 1:
        raise Error('events of one address family, or of both')
    return ended(asked[0])


def ended(question):
    from .answer.following import ending
    query, looks = question.query, {}
    owners, known_owners = question.owners()
    found = ending(query, question.host, question.kernel, known_owners)
    try:
        for host, table, batch in found:
            if (host, table) not in looks:
                looks[host, table] = Look(table, query, host, owners, known_owners)
            yield from looks[host, table].sockets(batch)
    except Failure as failure:
        raise of_kernel(failure)
    finally:
        found.close()


class Counted:
    """The output of Counts."""

    def __init__(self):
        self.groups = {}

    def add(self, rows):
        for count, *values in rows:
            key = tuple([python(value) for value in values])
            self.groups[key] = self.groups.get(key, 0) + count

    def flush(self):
        pass


def count(*words, by=('state',), states=None, netns=None, source=None, **details):
    from .answer.count import Counts
    from .catalogue import Reader
    output = Counted()
    for question in questions(words, states, netns, source, details, {'count': ','.join(map(latin, each(by))) or None}):
        query = question.query
        _, owners = question.owners()
        stage = Counts(query.arrangement, lambda table, host, owners=owners: Reader(table, host, owners), output)
        asked = dumps(query, question.host, question.kernel, owners)
        try:
            for dump, _ in asked:
                take = stage.table(dump.table, dump.host)
                for batch in dump:
                    take(batch)
        except Failure as failure:
            raise of_kernel(failure)
        finally:
            asked.close()
        stage.flush()
        told_of_damage(question.record)
    return output.groups


def record(path, *words, states=None, netns=None, **details):
    from .answer.record import record
    asked = questions(words, states, netns, None, details)
    if len(asked) != 1:
        raise Error('a record of one address family, or of both')
    place = latin(path)
    try:
        record(asked[0].query, [latin(word) for word in words], asked[0].host, None, './-' if place == '-' else place)
    except Failure as failure:
        raise Error(utf8(failure.message))


def facts(word=''):
    from .cli.facts import described
    return [{key: python(value) for key, value in told.items()} for told in described(latin(word))]


def explain(*words, states=None, netns=None, **details):
    from .filter.explain import explained
    return [python(each) for question in questions(words, states, netns, None, details)
            for each in explained(question.query, question.host)]


def summary():
    from .host.sockstat import counts, summary
    return summary(counts(Host(report=Report(warned))))
