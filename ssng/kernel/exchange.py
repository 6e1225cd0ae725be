"""Questions and answers: a Request goes to a source, a Reply comes back, and one loop makes something of it.

A *source* is what has ``ask(request)``: the kernel (:class:`ssng.kernel.netlink.Kernel`), /proc, a recording, one
that copies what another says, a list in a test.  It knows requests and datagrams, nothing of sockets.  Whatever
goes wrong on the way to the end of a Reply is one exception, :class:`Refused`; who is told, and what is tried
next, is the business of those who asked.
"""

from errno import EAFNOSUPPORT, ENOENT, EOPNOTSUPP, EPROTONOSUPPORT

from ..errors import explain
from .abi.netlink import NLM_F_DUMP, NLM_F_REQUEST
from .abi.sock_diag import SOCK_DIAG_BY_FAMILY
from .messages import Malformed

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from typing import Any, Callable, Iterable, Iterator

    from .columns import Batch
    from .messages import Answer, Block

    Datagrams = Iterable[tuple[bytes, 'Iterable[int]']]

SEQ = 123456            # what ss writes into every dump request, and so into every recorded dump

# The kernel has no such table, or it (a sandbox, perhaps) has no netlink: nothing to tell the user.
ABSENT = (ENOENT, EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT)


class Request:
    """One question: the payload and the attributes, as (type, bytes), of a message of type ``kind``.

    ``exact``: the source judges the whole condition, its answer need not be judged again.  ``large``: single
    messages may pass 32 KiB, each is measured.  ``ahead``: send it and begin to read at once, in a thread,
    whatever the caller does meanwhile.
    """

    __slots__ = ('payload', 'attributes', 'kind', 'exact', 'large', 'ahead', 'flags', 'seq')

    def __init__(self, payload: 'Any' = b'', attributes: 'Iterable[tuple[int, bytes]]' = (),
                 kind: int = SOCK_DIAG_BY_FAMILY, exact: bool = False, large: bool = False, ahead: bool = False,
                 flags: int = NLM_F_REQUEST | NLM_F_DUMP, seq: int = SEQ) -> None:
        self.payload = payload
        self.attributes = attributes
        self.kind = kind
        self.exact = exact
        self.large = large
        self.ahead = ahead
        self.flags = flags
        self.seq = seq


class Refused(Exception):
    """A Reply that did not come to the end of its dump; ``str`` of it is for the user.

    ``errno``: what the kernel answered, or what failed here; 0 if it was neither.  ``text``: that in words, ''
    where there are none.  ``nonsense``: the bytes contradicted themselves.  ``asked`` is False if there was nobody
    to ask.
    """

    def __init__(self, errno: int, text: str = '', nonsense: bool = False, asked: bool = True) -> None:
        super().__init__(errno)
        self.errno = errno
        self.text = text
        self.nonsense = nonsense
        self.asked = asked

    @classmethod
    def by(cls, error: OSError, doing: str, asked: bool = True) -> 'Refused':
        """From an OSError, met while ``doing`` something."""
        return cls(error.errno or 0, '%s: %s' % (doing, explain(error.errno or 0)), asked=asked)

    @property
    def absent(self) -> bool:
        """Whether there is just no such table here."""
        return self.errno in ABSENT

    def __str__(self) -> str:
        return self.text or 'the kernel answers: ' + explain(self.errno)


class Reply:
    """What a source says to one request.

    Iterate for the datagrams, as (bytes, where each of the datagrams joined in them ends); feed each to ``answer``
    before the next is asked for.  The iteration may raise Refused.  Close it, whether it was iterated or not.
    """

    def __init__(self, answer: 'Answer', datagrams: 'Datagrams' = ()) -> None:
        self.answer = answer
        self.datagrams = datagrams

    def __iter__(self) -> 'Iterator[tuple[bytes, Iterable[int]]]':
        return iter(self.datagrams)

    def wake(self) -> None:
        """Let an iteration in another thread come to its end, where it may wait for ever."""

    def close(self) -> None:
        """Let go of what is open.  More than once does no harm."""
        if hasattr(self.datagrams, 'close'):
            self.datagrams.close()


def refusing(refused: Refused) -> 'Datagrams':
    """No datagrams but an error, to be met where they are looked at."""
    raise refused
    yield


def read(reply: Reply, make: 'Callable[[Block], Any]', warn: 'Callable[[str], object] | None' = None) -> 'Iterator[Any]':
    """The one way from a Reply to what is in it: ``make(block)`` for each Block of messages, unless that is None.

    Raises Refused when all that came has been handed over but the dump is not at its end: the kernel says so, the
    bytes are nonsense, the reading failed.  ``warn(text)`` is told what stops nothing.  The Reply is closed then.
    """
    answer = reply.answer
    try:
        for data, ends in reply:
            block = answer.feed(data, ends)
            made = None if block is None else make(block)
            if made is not None:
                yield made
    except Malformed as malformed:
        raise Refused(0, 'the kernel sent %s' % malformed, True)
    finally:
        reply.close()
    if answer.interrupted and warn:
        warn('the dump was interrupted and may be inconsistent')
    if answer.error:
        raise Refused(answer.error, answer.text)
    if answer.text and warn:
        warn(answer.text)


def batches(reply: Reply, table: 'Any', warn: 'Callable[[object], object]') -> 'Iterator[Batch]':
    """The Batches of a Reply about the sockets of ``table``; see :func:`read`."""
    def make(block: 'Block') -> 'Batch':
        batch = table.make(block, table.fixed)
        if batch is not None and any([group.ragged for group in batch.groups]):
            warn('a message ends in bytes that are no attribute')       # told, not hidden
        return batch
    return read(reply, make, warn)
