"""The bytes of several painters are those of one process, whatever becomes of the painters; nobody is left behind."""
import errno
import os
import random
import signal

import pytest

from ssng.output import painters
from ssng.output.json import Array
from ssng.output.painters import Painters
from ssng.output.text import Table
from ssng.tables.table import DETAIL, LOCAL, LOCAL_PORT, STATE

VISIBLE = [STATE, LOCAL, LOCAL_PORT, DETAIL]
HERE = os.getpid()
SCREENS = [None, 47, 120]


def blocks(seed, count):
    """(block, data) pairs: what Painters.block takes; the data are the words of rows, with a NUL between them."""
    chance = random.Random(seed)
    for number in range(count):
        rows = chance.choice((1, 63, 64, 500, 3000, 9000))
        width = chance.choice((1, 5, 40, 900 if rows < 4000 else 9))
        yield (number % 3, rows), [b'\0'.join([b'%d' % chance.randrange(10 ** chance.randrange(1, 9)) for _ in range(rows)]),
                                   b'x' * width]


def text_rows(block, data):
    (kind, count), (words, filling) = block, data
    words = words.decode().split('\0')
    assert len(words) == count
    columns = [['ESTAB'] * count, [word + ':' for word in words], list(map(int, words))]
    return columns + [[' %s%s' % (word, filling.decode()) for word in words]] if kind else columns


def objects(block, data):
    return ['{"ü":%s,"x":"%s"}' % (word, data[1].decode()) for word in data[0].decode().split('\0')]


def text(screen, write):
    return Table(VISIBLE, screen, True, write), text_rows


def array(screen, write):
    return Array(screen == 120, write), objects


COUNT = {text: 20, array: 5}           # text in more than one batch


def plain(kind, screen, seed, count):
    """What the output writes without painters."""
    written = []
    output, make = kind(screen, written.append)
    for block, data in blocks(seed, count):
        output.add(make(block, data))
    output.flush()
    return b''.join(written)


def quiet():
    return []


def painted(kind, screen, seed, count, number, make=None, each=lambda work: None, quiet=quiet, told=None):
    """(bytes, process ids) with a number of painters; ``each(Painters)`` is called behind each block."""
    written = []
    output, own = kind(screen, lambda data: written.append(bytes(data)))
    work = Painters(output, make or own, quiet, told or (lambda how, message: None), number)
    pids = list(work.pids)
    try:
        for block, data in blocks(seed, count):
            work.block(block, data, block[1])
            each(work)
        work.flush()
    finally:
        work.close()
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return b''.join(written), pids


@pytest.mark.parametrize('number', [0, 1, 2, 7])
@pytest.mark.parametrize('screen', SCREENS)
@pytest.mark.parametrize('kind', [text, array])
def test_bytes(kind, screen, number):
    found, pids = painted(kind, screen, 1, COUNT[kind], number)
    assert len(pids) == number
    assert found == plain(kind, screen, 1, COUNT[kind])


def test_without_a_row():
    for kind in (text, array):
        assert painted(kind, None, 1, 0, 2)[0] == plain(kind, None, 1, 0)


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('kind', [text, array])
def test_a_painter_dies(kind, seed):
    """One after the other is killed, while others have work of theirs."""
    chance, left = random.Random(seed), []

    def kill(work):
        left[:] = left or work.pids
        if chance.random() < .2:
            os.kill(left[chance.randrange(len(left))], signal.SIGKILL)
    assert painted(kind, 47, seed, 12, 3, each=kill)[0] == plain(kind, 47, seed, 12)


@pytest.mark.parametrize('kind', [text, array])
@pytest.mark.parametrize('how', ['exit', 'error', 'memory'])
def test_a_painter_fails(kind, how):
    """In the midst of its work, each of them."""
    output, make = kind(None, None.__class__)
    made = []

    def fails(block, data):
        made.append(block)
        if os.getpid() != HERE and len(made) == 3:
            if how == 'exit':
                os._exit(0)
            raise MemoryError if how == 'memory' else RuntimeError
        return make(block, data)
    assert painted(kind, None, 4, 20, 2, fails)[0] == plain(kind, None, 4, 20)


@pytest.mark.parametrize('first', [0, 1])
def test_no_more_processes(monkeypatch, first):
    """ulimit -u: as many painters as there may be."""
    fork, count = os.fork, []

    def limited():
        count.append(1)
        if len(count) > first:
            raise OSError(errno.EAGAIN, 'no')
        return fork()
    monkeypatch.setattr(os, 'fork', limited)
    before = os.listdir('/proc/self/fd')
    found, pids = painted(text, None, 2, 10, 2)
    assert len(pids) == first and found == plain(text, None, 2, 10)
    assert len(os.listdir('/proc/self/fd')) == len(before)


def test_a_block_that_is_too_large(monkeypatch):
    monkeypatch.setattr(painters, 'BLOCK', 5000)
    assert painted(text, None, 3, 12, 2)[0] == plain(text, None, 3, 12)


@pytest.mark.parametrize('size', [1000, 4096])
def test_small_pieces(monkeypatch, size):
    """Rows longer than a piece, and very many pieces."""
    from ssng.output import painter
    for module in (painters, painter):
        monkeypatch.setattr(module, 'TEXT', size)
    for kind in (text, array):
        assert painted(kind, None, 5, 6, 3)[0] == plain(kind, None, 5, 6)


def test_what_is_told():
    """Warnings of a painter come as data, with his next answer."""
    heard, told = [], []

    def make(block, data):
        if os.getpid() != HERE:
            told.append(('warn', 'block of %d' % block[1]))
        return text_rows(block, data)
    painted(text, None, 6, 9, 1, make, quiet=lambda: told, told=lambda *message: heard.append(message))
    assert heard == [('warn', 'block of %d' % block[1]) for block, _ in blocks(6, 9) if block[1] >= painters.LEAST] and not told


def test_the_output_ends_early():
    """Who reads has gone: no painter is left."""
    output, make = text(None, None)
    failed = []

    def write(data):
        failed.append(1)
        raise BrokenPipeError
    output.write = write
    work = Painters(output, make, quiet, lambda how, message: None, 2)
    pids = list(work.pids)
    with pytest.raises(BrokenPipeError):
        for block, data in blocks(7, 30):
            work.block(block, data, block[1])
        work.flush()
    work.close()
    assert failed
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
