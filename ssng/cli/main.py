"""From the words of the command line to an exit status.

The order of command-line.md 1.5: options, summary, state words and defaults, -D, filter, listing.  What a question
does not need is not imported.
"""

import os
import sys

from ..errors import Failure, Notice
from ..host import complain
from ..query import quoted
from .options import Answer, read

RPC_TABLES = frozenset(('tcp', 'udp', 'mptcp', 'sctp', 'dccp', 'unix_stream', 'unix_dgram', 'unix_seqpacket'))


def main(words):
    """Answer the command line ``words`` (latin-1, without the program's name); returns the status.

    Output goes to sys.stdout and is flushed; errors of the user or the host become a line on stderr.
    """
    try:
        try:
            status = answer(words)
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


def answer(words):
    try:
        query, operands = read(words)
    except Answer as answered:
        sys.stdout.buffer.write(answered.text.encode('latin-1'))
        return 0
    if query.summary:
        sys.stdout.buffer.write(summary_text(query.show.json).encode('latin-1'))
        if not query.narrowed and not operands:
            return 0
    operands = query.settle(operands)
    if query.show.resolve and not query.show.numeric and not RPC_TABLES.isdisjoint(query.tables):
        from ..host.names import ask_rpcbind
        ask_rpcbind()
    if query.dump_path is not None:
        query.dump_file = open_dump(query)
    if operands or query.filter_lines is not None:
        from ..filter.scope import Scope
        from ..filter.syntax import parse
        scope = Scope(query.family, query.tables)
        query.condition_text = ' '.join(operands)
        query.condition = parse(operands, query.filter_lines or (), scope)
    from ..answer.listing import listing
    status = listing(query)
    if query.dump_file is not None:
        query.dump_file.flush()
    return status


def summary_text(as_json):
    from ..host.sockstat import counts, summary, text
    if not as_json:
        return text(summary(counts()))
    from json import dumps
    return dumps(summary(counts())) + '\n'


def open_dump(query):
    """The file of -D, opened before the filter is looked at, as ss does."""
    if 'tcp' not in query.tables:
        raise Notice('--diag writes TCP sockets: tcp is not among the tables asked for')
    if query.dump_path.startswith('-'):
        return sys.stdout.buffer
    try:
        return open(query.dump_path.encode('latin-1'), 'wb')
    except OSError as error:
        raise Failure('--diag %s: %s' % (quoted(query.dump_path), error.strerror))


def explained(error):
    name = error.filename.decode('latin-1') if isinstance(error.filename, bytes) else error.filename
    text = error.strerror or str(error)
    return text if name is None else '%s: %s' % (quoted(str(name)), text)


def console():
    """The program: `ssng` and `python3 -m ssng`.  Does not return.

    SIGPIPE and SIGINT kill it as they kill a C program, and os._exit spares the interpreter's teardown.
    """
    import gc
    from _signal import SIG_DFL, SIG_IGN, SIGINT, SIGPIPE, getsignal, signal    # without enum
    if getsignal(SIGINT) is not SIG_IGN:
        signal(SIGINT, SIG_DFL)
    signal(SIGPIPE, SIG_DFL)
    if sys.stdout is None:          # closed: no socket of ours may take its place
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        sys.stdout = open(1, 'w')
    sys.setswitchinterval(.0005)    # a reader thread that has a block in hand must not wait long for the lock
    gc.disable()                    # columns are lists of many strings, and hold no cycles: collecting took a third
    os._exit(main([os.fsencode(word).decode('latin-1') for word in sys.argv[1:]]))
