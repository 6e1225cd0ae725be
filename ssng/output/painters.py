"""Several processes make the bytes of one output: painters, forked before there is any thread.

The first process reads what the kernel tells and hands it out in turn; a painter makes cells of it, tells how long the
longest are, and when the widths of a batch are known, lays the cells out.  All it writes goes through the first process,
in order.  Two painters, three blocks that fill a batch of text, one more:

    first process               painter 1                       painter 2                       queue
    block 1 -> painter 1        cells of 1, measured                                            m1
    block 2 -> painter 2                                        cells of 2, measured            m1 m2
    block 3 -> painter 1        cells of 3, measured                                            m1 m2 m3
    takes m1, m2                                                                                m3
    block 4 -> painter 2                                        cells of 4, measured            m3 m4
    takes m3: batch is full     lays out 1, then 3              lays out 2                      m4 t1 t2 t3
    takes m4                                                                                    t1 t2 t3
    takes t1, t2, t3: writes them in turn

``queue`` is what the first process waits for, in the order in which it asked for it.  Each painter answers in that order,
too, so the head of the queue is always the next thing that its painter says: nobody waits for anybody who waits for him.

Blocks and bytes lie in shared memory, in slots that are used in turn; orders and answers (marshal: numbers and short texts)
go through pipes.  A painter may fill a slot of its own when the first process has written what was in it: a byte in the pipe
of ``credits`` says so.  The first process keeps a block until its bytes are written: what a painter that has died still
owed is made here, but for as many bytes as came from it.  When the first process ends, a painter reads the end of its pipe.
"""

import os
from marshal import dumps, loads

from .painter import PIECES, SIZE, TEXT, Easel

NUMBER = None           # of painters, whatever the host; a test sets it
MOST = 4                # one process reads for all of them
BLOCK, SLOTS = 5 << 18, 3           # bytes of a block that a painter is handed; of how many at a time
LEAST = 64              # rows that are worth a way to a painter


def cores():
    """On how many processors this process may run."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1


class Portion:
    """A block, and the rows that are, or will be, made of it: by a painter, or here where that is None."""

    def __init__(self, painters, painter, block, data):
        self.painters = painters
        self.painter = painter
        self.block = block
        self.data = data
        self.number = painters.count
        self.done = 0                   # bytes that are written
        self.cells = None               # made here

    @property
    def elsewhere(self):
        return self.painter is not None and self.painter.alive

    def measured(self):
        """The measure of the rows, made here."""
        self.cells, measure = self.painters.output.measured(self.painters.make(self.block, self.data))
        return measure

    def lay_out(self, table):
        """They will most likely have these widths."""
        if self.elsewhere:
            self.painter.order(('ready', self.number, table.widths))

    def put(self, output):
        """Write them, with the widths that are known now, behind all that is in the queue."""
        widths = output.widths if output.measures else None
        if self.elsewhere and output.measures:
            self.painter.order(('put', self.number, widths))
        self.painters.queue.append((self, self.written, widths))

    def written(self, widths):
        """Write the bytes, as they come or as they are made; returns whether that was all."""
        if self.elsewhere:
            answer = self.painter.answer()
            if answer:
                data, more = self.painter.piece(*answer)
                self.painters.write(data)
                self.done += len(data)
                self.painter.credit()
                if not more and not self.painters.output.measures:
                    self.painter.free += 1
                return not more
        if self.cells is None:
            self.measured()
        data = memoryview(b''.join(self.painters.output.laid(self.cells, widths)))[self.done:]
        if data:
            self.painters.write(data)
        return True

    def take(self, _):
        """Hand the measure to the output, and the rows with it."""
        self.painters.unmeasured -= 1
        measure = self.painter.answer() if self.elsewhere else None
        if measure is None:
            self.painters.output.take(self, self.measured())
        else:
            self.painter.free += 1
            self.painters.output.take(self, measure)
        return True


class Painter:
    """A painter as the first process sees it: pipes, and memory that both have.  OSError or ValueError where there is none.

    ``serve``: what it does in its own process, a function of a :class:`ssng.output.painter.Easel`.
    """

    def __init__(self, serve, before, tell):
        from mmap import mmap
        self.tell = tell
        self.fds = []
        try:
            self.blocks, self.texts = mmap(-1, BLOCK * SLOTS), mmap(-1, TEXT * PIECES)
            pipes = self.fds
            for _ in range(3):
                pipes += os.pipe()
            orders, self.orders, self.answers, answers, credits, self.credits = pipes
            self.pid = os.fork()
        except (OSError, ValueError):
            self.close()
            raise
        if not self.pid:
            status = 1
            try:
                for fd in [self.orders, self.answers, self.credits] + [fd for other in before for fd in other.fds]:
                    os.close(fd)
                serve(Easel(orders, answers, credits, self.blocks, self.texts))
                status = 0
            finally:
                os._exit(status)        # no farewells: buffers and exit handlers are the first process's
        # Their reading ends stay open here: an order to a painter who has died is no SIGPIPE.
        os.close(answers)
        self.fds = [orders, self.orders, self.answers, credits, self.credits]
        for fd in (self.orders, self.answers):
            os.set_blocking(fd, False)
        self.text = memoryview(self.texts)
        self.alive = True
        self.free = SLOTS               # slots for blocks
        self.next = self.showing = 0    # slots for a block, for a piece of text
        self.unsent = self.unread = b''

    # Orders

    def order(self, order):
        data = dumps(order)
        self.unsent += len(data).to_bytes(SIZE, 'little') + data
        self.send()

    def send(self):
        try:
            self.unsent = self.unsent[os.write(self.orders, self.unsent):]
        except BlockingIOError:
            pass

    def block(self, number, parts):
        """Hand over a block, of so many bytes as a slot holds at most."""
        at, places = self.next * BLOCK, []
        for part in parts:
            places.append((at, at + len(part)))
            self.blocks[at:at + len(part)] = part
            at += len(part)
        self.next = (self.next + 1) % SLOTS
        self.free -= 1
        self.order(('block', number, places))

    # Answers

    def answered(self):
        """Whether there is an answer, or will never be one."""
        if self.unsent:
            self.send()
        while self.alive and not self.whole():
            try:
                data = os.read(self.answers, 1 << 16)
            except BlockingIOError:
                return False
            self.unread += data
            self.alive = bool(data)
        return True

    def whole(self):
        return len(self.unread) >= SIZE and len(self.unread) >= SIZE + int.from_bytes(self.unread[:SIZE], 'little')

    def answer(self):
        """The next answer; None if the painter has died."""
        while not self.answered():
            from select import POLLIN, POLLOUT, poll
            waiting = poll()
            waiting.register(self.answers, POLLIN)
            if self.unsent:
                waiting.register(self.orders, POLLOUT)
            waiting.poll()
        if not self.whole():
            return None
        end = SIZE + int.from_bytes(self.unread[:SIZE], 'little')
        told, answer = loads(self.unread[SIZE:end])
        self.unread = self.unread[end:]
        for how, message in told:
            self.tell(how, message)
        return answer

    def piece(self, size, more):
        """(the next piece of text, whether more comes)"""
        start = self.showing * TEXT
        return self.text[start:start + size], more

    def credit(self):
        """That piece is written."""
        self.showing = (self.showing + 1) % PIECES
        os.write(self.credits, b'.')

    def close(self):
        """Let it end."""
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.alive = False


class Painters:
    """An output whose bytes are made by painters, as far as there are any.

    ``make(block, data)``: the rows of a block, as ``output`` takes them; what marshal takes, and a list of bytes.
    ``quiet()`` is called in a painter: what it has to tell then is in the list that is returned, pairs that ``tell`` takes
    in the first process.
    """

    def __init__(self, output, make, quiet, tell, number):
        self.output = output
        self.make = make
        self.write, output.write = output.write, self.later
        self.queue = []                 # (Portion or None, function, its argument): True when it has done all; the head is next
        self.count = self.unmeasured = 0        # blocks; those whose measure the output has not taken
        self.painters = []
        self.pids = []

        def serve(easel):
            easel.serve(output, make, quiet())
        try:
            for _ in range(number):
                self.painters.append(Painter(serve, self.painters, tell))
                self.pids.append(self.painters[-1].pid)
        except (ImportError, OSError, ValueError):
            pass                        # no more of them: those that there are will do

    def later(self, data):
        """Write data behind all that is in the queue."""
        if self.queue:
            self.queue.append((None, self.now, data))
        else:
            self.write(data)

    def now(self, data):
        self.write(data)
        return True

    def block(self, block, data, rows):
        """A block of so many rows."""
        parts = [dumps(block)] + data
        painter = self.turn(sum(map(len, parts)), rows)
        portion = Portion(self, painter, block, data)
        self.count += 1
        if painter:
            painter.block(portion.number, parts)
        if self.output.measures:
            self.unmeasured += 1
            self.queue.append((portion, portion.take, None))
        else:
            self.output.take(portion, None)
        while self.queue and self.ready():
            self.advance()

    def turn(self, size, rows):
        """The painter who gets the next block, when he can take it; None for nobody."""
        while rows >= LEAST and size <= BLOCK and self.painters:
            painter = self.painters.pop(0)
            while painter.alive and not painter.free:
                self.advance()
            if painter.alive:
                self.painters.append(painter)
                return painter
        return None

    def ready(self):
        """Whether the head of the queue need not be waited for."""
        portion = self.queue[0][0]
        return portion is None or not portion.elsewhere or portion.painter.answered()

    def advance(self):
        """Do what is at the head of the queue, or a part of it."""
        step = _, function, argument = self.queue.pop(0)
        if not function(argument):
            self.queue.insert(0, step)

    def drain(self):
        """Write all that can be written."""
        while self.queue:
            self.advance()

    def flush(self):
        """All blocks have come."""
        while self.unmeasured:
            self.advance()
        self.output.flush()
        self.drain()

    def close(self):
        """End all painters, and wait until they have ended."""
        for painter in self.painters:
            painter.close()
        self.output.write = self.write
        for pid in self.pids:
            try:
                os.waitpid(pid, 0)
            except OSError:             # the program ignores SIGCHLD
                pass
        self.painters, self.pids, self.queue = [], [], []
