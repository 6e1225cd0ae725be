"""The aligned table in colours: the same lines as without them, between escape sequences that nobody measures.

What is usual is dim, what somebody waits for stands out: a CLOSE-WAIT is a program that forgot to close.
"""

from ..tables.table import LOCAL, LOCAL_PORT, PEER, PEER_PORT, RECV_Q, SEND_Q, STATE
from .text import CHUNK_ROWS, Table, forms, lines, same

BOLD, DIM, RED, GREEN, YELLOW, CYAN, BLUE = '1', '2', '31', '32', '33', '36', '1;34'
STATES = {'ESTAB': GREEN, 'LISTEN': BLUE, 'UNCONN': DIM, 'TIME-WAIT': DIM, 'CLOSE-WAIT': RED, 'UNKNOWN': RED}
PASSING = YELLOW                # a state that does not last
NOBODY = frozenset(['*', '*:', '0.0.0.0:', '[::]:', '', '0'])       # an address or a port that is none


def state(cell):
    return STATES.get(cell, PASSING) if cell.isupper() else ''


def queue(cell):
    return DIM if cell == '0' else YELLOW


def none(cell):
    return DIM if cell == '0' else ''


def end(cell):
    return DIM if cell in NOBODY else CYAN


RULES = {STATE: state, 'STATE': state, RECV_Q: queue, 'RECV_Q': queue, SEND_Q: none, 'SEND_Q': none,
         LOCAL: end, LOCAL_PORT: end, PEER: end, PEER_PORT: end, 'LOCAL': end, 'PEER': end}


def painted(text, code):
    return '\x1b[%sm%s\x1b[0m' % (code, text) if code and text.strip() else text


class Coloured(Table):
    """A Table whose cells are painted when their lines are made."""

    def __init__(self, visible, screen, header=True, **more):
        super().__init__(visible, screen, header, **more)
        self.header = self.portions[0].columns if header else None

    def texts(self, columns, widths, compact):
        if columns is self.header:
            return [painted(text[:-1], BOLD) + '\n' for text in lines(self.visible, columns, widths, compact)]
        return coloured(self.visible, columns, widths, compact)


def coloured(visible, columns, widths, compact):
    """The text of all rows, some at a time, as :func:`ssng.output.text.lines` has it."""
    count, made = len(columns[0]), []
    for column, cells, (delimiter, pad) in zip(visible, columns, forms(visible, widths, compact)):
        rule = RULES.get(column)
        texts = {cell: delimiter + (painted(pad % cell, rule(str(cell).strip())) if rule else pad % cell)
                 for cell in (cells[:1] if same(cells) else set(cells))}
        made.append(list(map(texts.__getitem__, cells)))
    for start in range(0, count, CHUNK_ROWS):
        yield ''.join([''.join(row) + '\n' for row in zip(*[texts[start:start + CHUNK_ROWS] for texts in made])])
