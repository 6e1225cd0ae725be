"""From the words of the command line to an exit status.

What is wrong is found in ss's order, so that the same one of two mistakes decides about the status: options, summary,
state words and defaults, the file of -D, filter, listing (command-line.md 1.5).  What a question does not need is not
imported.
"""

import os
import sys

from ..errors import Failure, Notice, quoted, reason
from ..host import Host, complain
from .options import Answer, read

RPC_TABLES = frozenset(('tcp', 'udp', 'mptcp', 'sctp', 'dccp', 'unix_stream', 'unix_dgram', 'unix_seqpacket'))


def main(words, host=None, kernel=None):
    """Answer the command line ``words`` (latin-1, without the program's name); returns the status.

    ``host`` and ``kernel``: whom to ask, those that we run on unless told.  Output goes to sys.stdout and is
    flushed; errors of the user or the host become a line on stderr.
    """
    try:
        try:
            status = answer(words, host or Host(), kernel)
        except Notice as notice:
            complain(str(notice))
            status = 0
        except Failure as failure:
            complain(failure.message)
            status = failure.status
        sys.stdout.flush()
        return status
    except OSError as error:        # a full disk, more often than not
        complain(explained(error))
        return 1


def answer(words, host, kernel):
    draft, operands, end = read(words)
    record = None
    if draft.record_path is not None or draft.replay_path is not None:
        apart(draft)
    if draft.replay_path is not None and not end:
        from ..answer.record import replayed
        from ..sources.replay import Record
        record = Record(draft.replay_path)
        host, kernel = replayed(record, host.report) or empty(draft.replay_path)
    if draft.far and not end and draft.facts is None:
        from .far import answer as far
        return far(draft, operands, words, host)
    if (draft.at_once, draft.timeout) != (None, None) and not draft.far:
        raise Failure('--at-once and --timeout go with --host, --pod or --via')
    for step in draft.steps:
        step(host)
    if end.__class__ is Answer:
        from . import told
        sys.stdout.buffer.write(getattr(told, end.what)(end.word).encode('latin-1'))
        return 0
    if end:
        raise end
    if draft.facts is not None:
        from . import facts
        sys.stdout.buffer.write((facts.json if draft.style.json else facts.text)(draft.facts).encode('latin-1'))
        return 0
    draft.style.color = colours(draft.style.color, host)
    arrangement = arranged(draft) if draft.arranged or draft.style.lines else None
    repeated = looks(draft) if draft.looks else None
    summary = None
    alone = draft.summary and not draft.narrowed and not operands
    if draft.summary and draft.record_path is None:         # a record holds the numbers always
        summary = summary_text(draft.style.json, host)
        if alone or not draft.style.json or draft.style.lines or draft.events or draft.dump_path is not None or draft.explain:
            sys.stdout.buffer.write((summary + '\n' * draft.style.json).encode('latin-1'))
            summary = None
        if alone:
            return 0
    given = operands
    query, operands = draft.settle(operands)
    query.summary = summary
    if alone:
        query.selection.tables = frozenset()
    if arrangement:
        arrangement.applied(query)
    if query.detail.hosts and query.detail.services and not RPC_TABLES.isdisjoint(query.selection.tables):
        host.names.ask_rpcbind()
    if draft.explain:
        filtered(query, operands, draft.filter_lines, host)
        from ..filter import explain
        sys.stdout.buffer.write((explain.json if query.style.json else explain.text)(query, host).encode('utf-8'))
        return 0
    if draft.dry_run and not query.kill:
        raise Failure('--dry-run goes with --kill alone')
    if query.kill and not (given or query.dry_run or query.events) and draft.filter_lines is None and draft.dump_path is None:
        from .confirm import confirm
        confirm(query)
    if repeated:
        return again(repeated, query, operands, draft.filter_lines, host, kernel, record)
    if 'rates' in query.detail.needed:
        host.report.hint('rate.* is told from the second look on: --watch')
    if draft.record_path is not None:
        from ..answer.record import NotedHost, record as write
        noted = NotedHost(host)
        filtered(query, operands, draft.filter_lines, noted)
        return write(query, words, host, kernel, draft.record_path, noted.notes)
    if record:
        return from_record(record, query, operands, draft.filter_lines, host, kernel)
    if draft.dump_path is None:
        return listed(query, operands, draft.filter_lines, host, kernel)
    file = open_dump(draft.dump_path, query)
    query.record = file.write
    try:
        return listed(query, operands, draft.filter_lines, host, kernel)
    finally:
        if file is not sys.stdout.buffer:
            file.close()


EXCLUSIVE = (('record', 'replay'), ('replay', 'kill'), ('replay', 'events'), ('replay', 'diag'), ('record', 'kill'),
             ('record', 'diag'))


def apart(draft):
    """Options that do not go together."""
    given = {'record': draft.record_path is not None, 'replay': draft.replay_path is not None, 'kill': draft.kill,
             'events': draft.events, 'diag': draft.dump_path is not None}
    for one, other in EXCLUSIVE:
        if given[one] and given[other]:
            raise Failure('--%s and --%s exclude each other (see ssng --help)' % (one, other))


def empty(path):
    raise Failure('--replay %s: it holds no sockets' % quoted(path), 1)


def from_record(record, query, operands, filter_lines, host, kernel):
    """As listed(), of a record; status 1 where that is damaged."""
    from ..answer.listing import listing
    from ..answer.record import widened, without_autobound
    from ..tables import INET
    filtered(widened(query), operands, filter_lines, host)
    if not query.selection.families.isdisjoint(INET):
        without_autobound(query.selection.condition, host.report)
    status = listing(query, host, kernel)
    if record.damage:
        sys.stdout.flush()
        complain('the record is damaged: %s' % record.damage)
        return 1
    return status


def colours(when, host):
    """Whether the table is coloured, ``when`` being what --color says, '' without it."""
    if not when and 'SSNG_COLOR' not in os.environ or when == 'never':
        return False
    from .colour import wanted
    return wanted(when, os.environ, host.report)


def arranged(draft):
    from ..answer.arrangement import arrangement
    return arrangement(draft)


def looks(draft):
    from ..answer.looks import looks
    return looks(draft)


def again(repeated, query, operands, filter_lines, host, kernel, record):
    """As listed(), of a question that is put more than once, or to a record, too."""
    if repeated.path is not None:
        from .compare import compare
        return compare(repeated.path, query, lambda: filtered(query, operands, filter_lines, host), host, kernel, record)
    filtered(query, operands, filter_lines, host)
    from ..answer.repeated import answer
    return answer(query, host, kernel, repeated)


def listed(query, operands, filter_lines, host, kernel):
    """``operands`` and ``filter_lines``, the filter, read, and the sockets listed; returns the status."""
    filtered(query, operands, filter_lines, host)
    from ..answer.listing import listing
    return listing(query, host, kernel)


def filtered(query, operands, filter_lines, host):
    """The filter read, and made the query's condition."""
    if operands or filter_lines is not None:
        from ..filter.whole import read_into
        read_into(query, operands, filter_lines or (), host)


def summary_text(as_json, host):
    from ..host.sockstat import summary, text
    found = host.counts()
    if not as_json:
        return text(found)
    try:
        from json import dumps
    except ImportError:                 # a small Python: Debian's python3-minimal
        from ..objects import encoded as dumps
    return dumps(summary(found))


def open_dump(path, query):
    """The file of -D, opened before the filter is looked at, as ss does."""
    if query.selection.netns is not None:
        raise Failure('--diag writes the sockets of one network namespace: --all-netns and --netns exclude it')
    if 'tcp' not in query.selection.tables:
        raise Notice('--diag writes TCP sockets: tcp is not among the tables asked for')
    if path.startswith('-'):
        return sys.stdout.buffer
    try:
        return open(path.encode('latin-1'), 'wb')
    except OSError as error:
        raise Failure('--diag %s: %s' % (quoted(path), reason(error)))


def explained(error):
    """What went wrong, and with which file, where an OSError knows."""
    name, text = error.filename, reason(error)
    if not isinstance(name, (str, bytes)):
        return text
    return '%s: %s' % (quoted(os.fsencode(name).decode('latin-1')), text)


def die_of_signals():
    from _signal import SIG_DFL, SIG_IGN, SIGINT, SIGPIPE, getsignal, signal    # without enum
    try:
        if getsignal(SIGINT) is not SIG_IGN:
            signal(SIGINT, SIG_DFL)
        signal(SIGPIPE, SIG_DFL)
    except OSError:                     # a sandbox has its own mind; a broken pipe is an error then
        pass


def console():
    """The program: `ssng` and `python3 -m ssng`.  Does not return.

    SIGPIPE and SIGINT kill it as they kill a C program, and os._exit spares the interpreter's teardown.
    """
    die_of_signals()
    if sys.stdout is None:          # closed: no socket of ours may take its place
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        sys.stdout = open(1, 'w')
    sys.setswitchinterval(.0005)    # a reader thread that has a block in hand must not wait long for the lock
    os._exit(main([os.fsencode(word).decode('latin-1') for word in sys.argv[1:]]))
