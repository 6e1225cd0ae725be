"""Fixtures of the tests that read datagrams."""
import _thread
import socket
import time

import pytest


@pytest.fixture
def pair():
    """Two ends that keep the bounds of datagrams, with room for some hundreds."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ends[1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    yield ends
    for end in ends:
        end.close()


@pytest.fixture(autouse=True)
def threads_end():
    """Whatever a test does to it, no thread of a reader outlives the reading."""
    before = _thread._count()
    yield
    deadline = time.time() + 5
    while _thread._count() > before and time.time() < deadline:
        time.sleep(.001)
    assert _thread._count() == before
