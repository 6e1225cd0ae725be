"""--diff: a record is compared with the host, or with another record; the question of both must be the same."""

from os import isatty

from ..errors import Failure, Notice, quoted, reason
from ..states import ALL
from .options import read

TROUBLE = 2             # the exit status, as that of diff(1)


def compare(path, query, filtered, host, kernel):
    """Print how the record at ``path`` differs from what ``host`` and ``kernel`` answer; returns 1 if it does, else 0.

    ``filtered()`` reads the filter into the query.  Whatever goes wrong is a Failure of status 2.
    """
    try:
        return compared(path, query, filtered, host, kernel)
    except Failure as failure:
        raise Failure(failure.message, TROUBLE)
    except OSError as error:
        raise Failure(reason(error), TROUBLE)


def compared(path, query, filtered, host, kernel):
    from ..answer import diff
    from ..answer.record import replayed, widened
    from ..sources.replay import Record
    record = Record(path, '--diff')
    there = replayed(record, host.report)
    if there is None:
        raise Failure('--diff %s: it holds no sockets' % quoted(path))
    asked = question(record)
    if asked is not None:
        refuse_other(path, asked, query.selection)
    filtered()
    query.style.escape = not query.style.json and (query.style.color or isatty(1))
    widened(query)
    before = diff.looked_at(elsewhere(query, there[0]), *there)
    if record.damage:
        raise Failure('--diff %s: it is damaged: %s' % (quoted(path), record.damage))
    return diff.diff(query, before, host, kernel)


def question(record):
    """The Selection that a record was made for; None where its words make none."""
    try:
        draft, operands, end = read(record.question.split(' '))
        return None if end else draft.settle(operands)[0].selection
    except (Failure, Notice):
        return None


def refuse_other(path, made, asked):
    """Failure if what was recorded is not what is asked: all that is missing would seem to have closed."""
    for what, mine, its in (
            ('tables', sorted(asked.tables), sorted(made.tables)), ('families', asked.families, made.families),
            ('states', asked.states & ALL, made.states & ALL), ('filter', asked.text, made.text),
            ('namespaces', asked.netns, made.netns)):
        if mine != its:
            raise Failure('--diff %s: it is the record of another question: its %s differ%s' % (
                quoted(path), what, '' if what.endswith('s') else 's'))


def elsewhere(query, host):
    """The query as another host understands its filter."""
    reading = query.selection.reading
    return query if reading is None else query.of(reading.elsewhere(host, query.selection.condition))
