"""The way from a Reply to what is in it, and the words for what goes wrong on it."""
import errno
import os

import pytest

from ssng.kernel.exchange import Refused, Reply, Request, read, refusing
from ssng.kernel.messages import Answer, Malformed
from tests.kernel.test_messages import rows
from tests.support.sources import Replayed
from tests.support.wire import attribute, done, inet, message

SOCKETS = [inet(sport=i) for i in range(5)]


def told(datagrams, make=rows):
    """(what was made of a Reply, how it ended: Refused or None, what was warned of)"""
    kernel, found, warned = Replayed(datagrams), [], []
    try:
        for made in read(kernel.ask(Request()), make, warned.append):
            found += made
    except Refused as refused:
        return found, refused, warned
    finally:
        assert kernel.replies[0].closed
    return found, None, warned


def test_to_the_end():
    assert told([message(SOCKETS[0]), b''.join(map(message, SOCKETS[1:])) + done()]) == (SOCKETS, None, [])
    assert told([done(0, attribute(1, b'so so\0'), flags=0x12)]) == (
        [], None, ['the dump was interrupted and may be inconsistent', 'so so'])


def test_what_comes_behind_the_end_is_not_read():
    assert told([done() + message(inet())])[:2] == ([], None)


def test_a_maker_that_finds_nothing_or_nonsense():
    assert told([message(SOCKETS[0]), done()], lambda block: None) == ([], None, [])

    def damaged(block):
        raise Malformed('nonsense')
    _, refused, _ = told([message(SOCKETS[0]), done()], damaged)
    assert refused.nonsense and str(refused) == 'the kernel sent nonsense'


def test_without_anybody_to_be_warned():
    assert list(read(Replayed([done(0, attribute(1, b'x\0'), flags=0x12)]).ask(Request()), rows)) == []


def test_left_half_way():
    kernel = Replayed([message(one) for one in SOCKETS] + [done()])
    each = read(kernel.ask(Request()), rows)
    next(each)
    each.close()
    assert kernel.replies[0].closed


def test_another_error_of_the_caller_passes_through():
    """It is not taken for one of the kernel's."""
    with pytest.raises(OSError):
        for _ in read(Replayed([message(SOCKETS[0]), done()]).ask(Request()), rows):
            raise OSError(errno.ENOSPC, 'No space left on device')


@pytest.mark.parametrize('number, absent', [(errno.ENOENT, True), (errno.EAFNOSUPPORT, True), (errno.EPERM, False), (0, False)])
def test_absent(number, absent):
    assert Refused(number).absent is absent


def test_words():
    assert str(Refused(errno.EPERM)) == 'the kernel answers: ' + os.strerror(errno.EPERM)
    assert str(Refused(errno.EPERM, 'in words')) == 'in words'
    assert str(Refused.by(OSError(errno.EIO, 'x'), 'doing')) == 'doing: ' + os.strerror(errno.EIO)
    assert str(Refused.by(OSError('x'), 'doing')).startswith('doing: ')


@pytest.mark.parametrize('number', [2 ** 31, -2 ** 31, 2 ** 63, -2 ** 63, 2 ** 200, 99999, -1])
def test_no_number_has_no_words(number):
    assert str(Refused(number)).startswith('the kernel answers: Unknown error')


def test_refusing():
    reply = Reply(Answer(), refusing(Refused(errno.EPERM)))
    with pytest.raises(Refused):
        list(reply)
    Reply(Answer(), refusing(Refused(errno.EPERM))).close()
