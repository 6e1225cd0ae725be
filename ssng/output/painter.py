"""What a painter does, in its own process; :mod:`ssng.output.painters` has the plan."""

import os
from marshal import dumps, loads

TEXT, PIECES = 1 << 19, 4           # bytes of text in one piece; pieces of a painter that wait to be written
SIZE = 4                # bytes in front of an order or an answer: its length


class Easel:
    """The other ends of the pipes, and the memory that the first process has too."""

    def __init__(self, orders, answers, credits, blocks, texts):
        self.orders = orders
        self.answers = answers
        self.credits = credits
        self.blocks = blocks
        self.texts = texts
        self.unread = b''
        self.free = PIECES
        self.slot = 0
        self.told = []

    def serve(self, output, make, told):
        """Do what is ordered, until nobody orders anything.  ``told``: what is to be told with the next answer."""
        self.told = told
        cells, laid = {}, {}
        for kind, number, *order in iter(self.order, None):
            if kind == 'block':
                block, *data = [self.blocks[start:end] for start, end in order[0]]
                cells[number], measure = output.measured(make(loads(block), data))
                if output.measures:
                    self.answer(measure)
                else:
                    self.show(output.laid(cells.pop(number), None))
            elif kind == 'ready':
                laid[number] = order[0], list(output.laid(cells[number], order[0]))
            else:
                widths, lines = laid.pop(number, (None, ()))
                self.show(lines if lines and widths == order[0] else output.laid(cells[number], order[0]))
                del cells[number]

    def order(self):
        """The next order; None when there are no more."""
        while True:
            if len(self.unread) >= SIZE:
                end = SIZE + int.from_bytes(self.unread[:SIZE], 'little')
                if len(self.unread) >= end:
                    order, self.unread = loads(self.unread[SIZE:end]), self.unread[end:]
                    return order
            data = os.read(self.orders, 1 << 16)
            if not data:
                return None
            self.unread += data

    def answer(self, answer):
        data = dumps((self.told[:], answer))
        del self.told[:]
        data = len(data).to_bytes(SIZE, 'little') + data
        while data:
            data = data[os.write(self.answers, data):]

    def show(self, texts):
        """Hand over bytes, in pieces: as many texts as a slot holds, or a part of a long one."""
        texts = iter(texts)
        rest = memoryview(next(texts, b''))
        while True:
            self.await_slot()
            start = at = self.slot * TEXT
            while rest is not None and at < start + TEXT:
                part = rest[:start + TEXT - at]
                self.texts[at:at + len(part)] = part
                at += len(part)
                rest = rest[len(part):]
                if not rest:
                    following = next(texts, None)
                    rest = None if following is None else memoryview(following)
            self.slot = (self.slot + 1) % PIECES
            self.answer((at - start, rest is not None))
            if rest is None:
                return

    def await_slot(self):
        if not self.free:
            credits = os.read(self.credits, PIECES)
            if not credits:
                os._exit(0)             # nobody waits for it
            self.free += len(credits)
        self.free -= 1
