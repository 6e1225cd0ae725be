"""One dump for one table: what goes wrong is said once, with the table's name, and never comes from the depths."""
import errno
import os
import struct

import pytest

from ssng import host
from ssng.errors import Failure
from ssng.kernel.columns import batch as batch_of, member
from ssng.kernel.abi.inet_diag import inet_diag_msg
from ssng.kernel.messages import Answer
from ssng.sources import inet as inet_dump, kernel as dump
from ssng.tables import tcp, udp
from tests.filter.support import tree
from tests.support.rendered import asking
from tests.support.wire import ERROR, PID, SEQ, attribute, done, inet, joined, message

SPORT = member(inet_diag_msg, 'id.idiag_sport')


class Kernel:
    """In place of a Socket: answers each request with the next list of datagrams; an exception is raised in its place."""

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    def dump(self, kind, payload, attributes=(), large=False, ahead=False):
        self.requests.append((kind, bytes(payload), list(attributes), large))
        return Answer(SEQ, PID), self.datagrams(self.answers.pop(0))

    def datagrams(self, answer):
        for datagram in answer:
            if isinstance(datagram, Exception):
                raise datagram
            yield joined([datagram])


@pytest.fixture(autouse=True)
def said(monkeypatch, capsys):
    """What has been written to stderr, line by line; each line may come again in the next test."""
    monkeypatch.setattr(host, '_said', set())
    return lambda: capsys.readouterr().err.splitlines()


def sockets(*ports):
    return b''.join(message(inet(sport=port)) for port in ports)


def dumped(*datagrams):
    """The Batches that are made of datagrams."""
    return dump.answered('tcp', 72, *Kernel(datagrams).dump(20, b''), make=batch_of)


def ports(*datagrams):
    """The ports of all sockets that come, then what ended the dump."""
    found = []
    try:
        for batch in dumped(*datagrams):
            found += batch.values(SPORT)
    except dump.Refused as refused:
        return found, refused
    return found, None


def test_a_dump(said):
    assert ports(sockets(1, 2), sockets(3), done()) == ([1, 2, 3], None)
    assert ports(done()) == ([], None)
    assert said() == []


@pytest.mark.parametrize('end, number, text, by_done', [
    (done(-errno.ENOENT), errno.ENOENT, '', True), (done(-errno.EINVAL, attribute(1, b'no\0')), errno.EINVAL, 'no', True),
    (message(struct.pack('=i', -errno.EPERM) + message(b''), ERROR, 0x100), errno.EPERM, '', False)])
def test_refusals(said, end, number, text, by_done):
    """After what came before; nobody is told yet: another source may stand in."""
    found, refused = ports(sockets(1), end)
    assert found == [1]
    assert (refused.errno, refused.text, refused.said) == (number, text, by_done)
    assert said() == []
    dump.report('tcp', refused)
    told = said()
    assert len(told) == (number not in (errno.ENOENT, errno.EOPNOTSUPP))
    for line in told:
        assert line == 'ssng: tcp: ' + (text or 'the kernel answers: ' + os.strerror(number))


def test_words_of_a_success(said):
    assert ports(sockets(1), done(0, attribute(1, b'careful\0'))) == ([1], None)
    assert said() == ['ssng: tcp: careful']


@pytest.mark.parametrize('datagrams', [
    [message(inet(), flags=0x12), done()], [sockets(1) + message(inet(), flags=0x12), done()], [sockets(1), done(flags=0x12)]])
def test_interrupted(said, datagrams):
    found, refused = ports(*datagrams)
    assert found and refused is None
    line, = said()
    assert line.startswith('ssng: tcp: ') and 'interrupted' in line


@pytest.mark.parametrize('number', [errno.ENOBUFS, errno.EMSGSIZE, errno.ENOMEM])
def test_receive_errors(said, number):
    """sockets.md 8: a full buffer is an error of the dump, said at once."""
    found, refused = ports(sockets(1), OSError(number, os.strerror(number)))
    assert found == [1] and refused.errno == number
    assert said() == ['ssng: tcp: netlink receive error: ' + os.strerror(number)]


@pytest.mark.parametrize('datagram', [
    sockets(1)[:-4], sockets(1) + b'\0', message(inet(), length=15), message(inet()[:68]), done()[:18]],
    ids=range(5))
def test_lies(datagram):
    """A message that cannot be ends the program with one line that names the table."""
    with pytest.raises(Failure) as caught:
        ports(datagram, done())
    assert caught.value.message.startswith('tcp: ')
    assert caught.value.status == 1


def test_bytes_that_are_no_attribute(said):
    """The socket is told, and that something was wrong with it, once."""
    liar = inet(sport=5) + attribute(4, b'cubic\0', 0xffff)
    assert ports(message(liar) * 3, message(liar), done()) == ([5] * 4, None)
    line, = said()
    assert line.startswith('ssng: tcp: ')


def test_families():
    payloads = [inet(family, sport=i) for i, family in enumerate((2, 10, 2, 7, 10))]
    batch, = dumped(b''.join(map(message, payloads)), done())
    assert dump.of_families(batch, (2, 10, 7)) is batch
    assert list(dump.of_families(batch, (2,)).values(SPORT)) == [0, 2]
    assert list(dump.of_families(batch, (2, 10)).values(SPORT)) == [0, 1, 2, 4]
    assert dump.of_families(batch, (1,)) is None


def test_judged():
    batch, = dumped(sockets(*range(10)), done())

    def odd(column, count):
        return [port % 2 == 1 for port in column('sport')]
    assert list(dump.judged(tcp.TABLE, batch, odd).values(SPORT)) == [1, 3, 5, 7, 9]
    assert dump.judged(tcp.TABLE, batch, lambda column, count: [True] * count) is batch
    assert dump.judged(tcp.TABLE, batch, lambda column, count: [False] * count) is None


# Both families, and what stands in for a refused dump (command-line.md 5.2, 5.3).

@pytest.fixture
def answering(monkeypatch):
    """A function: these are the kernel's answers, one for each request; returns the Kernel."""
    monkeypatch.delenv('PROC_ROOT', raising=False)
    monkeypatch.delenv('TCPDIAG_FILE', raising=False)

    def answer(*answers):
        kernel = Kernel(*answers)
        for module in (dump, inet_dump):
            monkeypatch.setattr(module, 'Socket', lambda: kernel)
        monkeypatch.setattr(inet_dump.Dump, 'proc', lambda self, family: iter(self.of_proc(family)))
        monkeypatch.setattr(inet_dump.Dump, 'of_proc', lambda self, family: [
            batch for batch in dumped(message(inet(family, sport=7000 + family)), done())],
            raising=False)
        return kernel
    return answer


def listed(table, **options):
    return [port for batch in table.batches(asking(table.names, **options)) for port in batch.values(SPORT)]


@pytest.mark.parametrize('options, extensions', [
    ({}, 0), ({'memory': True}, 0x41), ({'info': True}, 0x0e), ({'tos': True}, 0x30),
    ({'memory': True, 'info': True, 'tos': True, 'extended': True, 'sockopt': True, 'cgroup': True}, 0x7f)])
def test_requests(answering, options, extensions):
    """Type 20, the family, the protocol, the extensions, the states, an id of zeros (command-line.md 5.2)."""
    kernel = answering([sockets(1), done()], [sockets(2), done()])
    assert listed(tcp.TABLE, **options) == [1, 2]
    assert kernel.requests == [
        (20, struct.pack('=BBBBI', family, 6, extensions, 0, 0x3fff) + bytes(48), [], False) for family in (2, 10)]


REFUSED = [message(struct.pack('=i', -errno.EINVAL) + message(b''), ERROR, 0x100)]


def test_large_messages_are_asked_for_as_such(answering):
    """What BPF programs keep at a socket may pass 32 KiB: in a listing, and in a recording."""
    query, written = asking(bpf_maps='all'), []
    kernel = answering(*[[sockets(1), done()]] * 4)
    assert [port for batch in tcp.TABLE.batches(query) for port in batch.values(SPORT)] == [1, 1]
    inet_dump.Dump(tcp.TABLE, query).record(written.append)
    assert b''.join(written) == (sockets(1) + done()) * 2
    assert [large for *_, large in kernel.requests] == [True] * 4


@pytest.mark.parametrize('number', [errno.EINVAL, errno.EPERM])
def test_a_kernel_that_takes_no_filter(answering, number):
    """Each simpler program is tried once; then /proc stands in."""
    refusal = [message(struct.pack('=i', -number) + message(b''), ERROR, 0x100)]
    kernel = answering(*[refusal] * 9)
    query = asking(('udp',))
    query.condition = tree('sport = 7002 and fwmark = 0')
    assert [port for batch in udp.TABLE.batches(query) for port in batch.values(SPORT)] == [7002, 7010]
    assert len(kernel.requests) == 4


def test_legacy_stands_for_both(answering):
    """An old kernel knows TCP by the older request, and answers it for both families (sockets.md 2)."""
    kernel = answering(REFUSED, REFUSED, [message(inet(sport=1)) + message(inet(10, sport=2)), done()])
    assert listed(tcp.TABLE) == [1, 2]
    kind, payload, _, _ = kernel.requests[2]
    assert kind == 18 and len(payload) == 60 and payload[:1] == b'\2'
    assert struct.unpack_from('=I', payload, 52) == (0x3fff,)


def test_proc_stands_for_what_is_refused(answering):
    answering(REFUSED, REFUSED, REFUSED)
    assert listed(tcp.TABLE) == [7002, 7010]
    answering(REFUSED, [sockets(3), done()])
    assert listed(udp.TABLE) == [7002, 3]
    answering([sockets(3), done()], REFUSED)
    assert listed(tcp.TABLE) == [3, 7010]


def test_nothing_is_shown_twice(answering):
    """A dump that fails half-way is not begun again from elsewhere (command-line.md 10: 34)."""
    answering([sockets(3), done(-errno.EMSGSIZE)], [sockets(4), done()])
    assert listed(tcp.TABLE) == [3, 4]


def test_no_netlink_at_all(monkeypatch, answering):
    answering()

    def refuse():
        raise OSError(errno.EPROTONOSUPPORT, 'Protocol not supported')
    monkeypatch.setattr(dump, 'Socket', refuse)
    assert listed(tcp.TABLE) == [7002, 7010]
