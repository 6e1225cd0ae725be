"""--diff: a record is compared with the host, or with another record; the question of both must be the same."""

from os import isatty

from ..errors import Failure, Notice, reason
from ..states import ALL
from .options import read

TROUBLE = 2             # the exit status, as that of diff(1)


def compare(path, query, filtered, host, kernel, other):
    """Print how the record at ``path`` differs from what ``host`` and ``kernel`` answer; returns 1 if it does, else 0.

    ``filtered()`` reads the filter into the query.  ``other``: the Record that answers, None if it is the host itself.
    Whatever goes wrong is a Failure of status 2.
    """
    try:
        return compared(path, query, filtered, host, kernel, other)
    except Failure as failure:
        raise Failure(failure.message, TROUBLE)
    except OSError as error:
        raise Failure(reason(error), TROUBLE)


def compared(path, query, filtered, host, kernel, other):
    from ..answer import diff
    from ..answer.record import replayed, widened
    from ..sources.replay import Record
    record = Record(path, '--diff')
    there = replayed(record, host.report)
    if there is None:
        raise Failure('%s holds no sockets' % record.called)
    for each in (record, other) if other else (record,):
        refuse_other(each, query.selection)
    filtered()
    query.style.goes_to(isatty(1))
    widened(query)
    before = diff.looked_at(elsewhere(query, there[0]), *there)
    now = diff.looked_at(query, host, kernel)
    for each in (record, other) if other else (record,):
        if each.damage:
            raise Failure('%s is damaged: %s' % (each.called, each.damage))
    return diff.diff(query, before, now)


def question(record):
    """The Selection that a record was made for; None where it does not say."""
    try:
        draft, operands, end = read(record.question.split(' '))
        return None if end else draft.settle(operands)[0].selection
    except (Failure, Notice):
        return None


def refuse_other(record, asked):
    """Failure if what was recorded is not what is asked: all that is missing would seem to have closed."""
    made = question(record)
    if made is None:
        raise Failure('%s does not say what it is a record of' % record.called)
    for what, mine, its in (
            ('tables', sorted(asked.tables), sorted(made.tables)), ('families', asked.families, made.families),
            ('states', asked.states & ALL, made.states & ALL), ('filter', asked.text, made.text),
            ('namespaces', asked.netns, made.netns)):
        if mine != its:
            raise Failure('%s is the record of another question: its %s differ%s' % (
                record.called, what, '' if what.endswith('s') else 's'))


def elsewhere(query, host):
    """The query as another host understands its filter."""
    reading = query.selection.reading
    return query if reading is None else query.of(reading.elsewhere(host, query.selection.condition))
