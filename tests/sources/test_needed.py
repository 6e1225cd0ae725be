"""What a filter on facts makes the kernel send: what its other half leaves, and no more than -i would."""
import socket

import pytest

from ssng.filter.syntax import parse
from ssng.filter.whole import settle
from ssng.host import Host
from ssng.kernel.exchange import Refused
from ssng.kernel.netlink import Kernel
from ssng.sources.dump import Dump
from ssng.tables import declared
from tests.filter.support import Words
from tests.support.rendered import asking


class Counting:
    """The kernel, and how many bytes it sent."""

    def __init__(self):
        self.kernel, self.bytes = Kernel(), 0

    def ask(self, request):
        return Counted(self.kernel.ask(request), self)


class Counted:
    def __init__(self, reply, counting):
        self.reply, self.answer, self.counting = reply, reply.answer, counting

    def __iter__(self):
        for data, ends in self.reply:
            self.counting.bytes += len(data)
            yield data, ends

    def close(self):
        self.reply.close()


@pytest.fixture
def port():
    """Of a listener with 40 connections."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(64)
        calls = [socket.create_connection(listener.getsockname()) for _ in range(40)]
        calls += [listener.accept()[0] for _ in range(40)]
        yield listener.getsockname()[1]
        for call in calls:
            call.close()


def received(text, **options):
    query, kernel = asking(**options), Counting()
    query.selection.chosen = True
    settle(query, parse([text], (), Words()), False)
    dump = Dump(declared('tcp'), query, Host(), kernel)
    try:
        count = sum([batch.count for batch in dump])
    except Refused:
        pytest.skip('no sock_diag here')
    finally:
        dump.close()
    return count, kernel.bytes


def test_the_kernel_sends_what_its_half_leaves(port):
    count, least = received('sport = :%d' % port, info=True)
    assert count >= 41
    assert received('sport = :%d and rtt > 0' % port)[0] == count - 1           # but for the listener
    assert received('sport = :%d and rtt > 0' % port)[1] < 1.2 * least
    assert received('sport = :%d and recv_q = 0' % port)[1] < least
    assert received('family = inet6 and family = inet')[1] == 0
