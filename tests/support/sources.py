"""Sources for tests: a list of datagrams that answers like a kernel, and a report that keeps what it is told."""
from ssng.kernel.exchange import Refused, Reply
from ssng.kernel.messages import Answer
from tests.support.wire import PID, SEQ, joined


class Replayed:
    """Answers each request with the next of some lists of datagrams; an exception in a list is raised in its place.

    ``requests`` are those that were asked, ``replies`` the answers; all of them must be closed in the end.
    ``again``: behind the last list the first comes again.
    """

    def __init__(self, *answers, again=False, pid=PID):
        self.answers, self.again, self.pid = list(answers), again, pid
        self.requests, self.replies = [], []

    def ask(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if self.again:
            self.answers.append(answer)
        self.replies.append(Told(answer, Answer(SEQ if request is None else request.seq, self.pid)))
        return self.replies[-1]

    def kept(self):
        return self

    def listen(self, groups, lost):
        self.requests.append(groups)
        self.replies.append(Told(self.answers.pop(0), Answer(0, 0), lost))
        return self.replies[-1]

    def close(self):
        pass


class Told(Reply):
    """A Reply of given datagrams; ``closed`` counts how often it was."""

    def __init__(self, datagrams, answer, lost=None):
        super().__init__(answer, self.each(datagrams))
        self.lost, self.closed = lost, 0

    def each(self, datagrams):
        for datagram in datagrams:
            if datagram is Overflow:
                self.lost()
            elif isinstance(datagram, OSError):
                raise Refused.by(datagram, 'netlink receive error')
            elif isinstance(datagram, Exception):
                raise datagram
            else:
                yield joined([datagram])

    def close(self):
        self.closed += 1
        super().close()


class Overflow:
    """In a list of datagrams: here some are missing."""


class Report:
    """Keeps the lines that would be told."""

    def __init__(self):
        self.lines = []

    def warn(self, text):
        self.lines.append(text)
