"""One dump for one table: what stands in for a refusing source, and what goes wrong is said once, with the table's name."""
import errno
import os
import struct

import pytest

from ssng.host import Host
from ssng.errors import Failure, Notice
from ssng.kernel.abi.inet_diag import inet_diag_msg
from ssng.kernel.columns import member
from ssng.kernel.exchange import Refused
from ssng.sources.dump import Dump, Judge, of_families
from ssng.tables import tcp, udp
from tests.filter.support import tree
from tests.support.rendered import asking
from tests.support.sources import Replayed, Report
from tests.support.wire import ERROR, attribute, done, inet, message

SPORT = member(inet_diag_msg, 'id.idiag_sport')


PLACE = {}              # of the host that is asked


def host(report=None):
    return Host(report=report or Report(), **PLACE)


def sockets(*ports):
    return b''.join(message(inet(sport=port)) for port in ports)


def error(number, **more):
    """A datagram that refuses."""
    return message(struct.pack('=i', -number) + message(b''), ERROR, 0x100, **more)


@pytest.fixture(autouse=True)
def proc(monkeypatch, tmp_path):
    """/proc/net: a socket of port 7002 for IPv4 and one of 7010 for IPv6, of tcp and udp alike."""
    for name in ('PROC_ROOT', 'TCPDIAG_FILE'):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / 'proc/net').mkdir(parents=True)
    monkeypatch.setitem(PLACE, 'root', str(tmp_path))
    for name in ('tcp', 'udp'):
        for end, port, width in (('', 7002, 8), ('6', 7010, 32)):
            (tmp_path / 'proc/net' / (name + end)).write_text(
                'head\n 0: %s:%04X %s:0000 01 0:0 00:0 0 0 0 12345\n' % ('0' * width, port, '0' * width))


def dumped(kernel, table=tcp.TABLE, report=None, condition=None, **options):
    """All ports that a Dump tells of; every Reply that was given is closed then."""
    query = asking(table.names, **options)
    query.selection.condition = condition
    dump = Dump(table, query, host(report), kernel).ahead()
    try:
        return [port for batch in dump for port in batch.values(SPORT)]
    finally:
        dump.close()
        assert all(reply.closed for reply in kernel.replies)


def first_family(*datagrams, table=tcp.TABLE):
    """(ports, what is told) of datagrams that answer for IPv4; there are no sockets of IPv6."""
    report = Report()
    return dumped(Replayed(list(datagrams), [done()]), table, report), report.lines


# What may come

def test_a_dump():
    assert first_family(sockets(1, 2), sockets(3), done()) == ([1, 2, 3], [])
    assert first_family(done()) == ([], [])


@pytest.mark.parametrize('end, words', [
    (done(-errno.ENOENT), None), (done(-errno.EINVAL, attribute(1, b'no\0')), 'no'),
    (error(errno.EPERM), os.strerror(errno.EPERM)),
    (error(errno.EOPNOTSUPP), None), (done(-errno.ENOMEM), os.strerror(errno.ENOMEM)),
    (done(-2 ** 31), 'Unknown error'), (error(2 ** 31), 'Unknown error'), (error(12345), 'Unknown error')])
def test_refusals(end, words):
    """After what came before, once: whatever the number."""
    ports, told = first_family(sockets(1), end)
    assert ports == [1]
    assert len(told) == (words is not None)
    for line in told:
        assert line.startswith('tcp: ') and words in line


def test_words_of_a_success():
    assert first_family(sockets(1), done(0, attribute(1, b'careful\0'))) == ([1], ['tcp: careful'])


@pytest.mark.parametrize('datagrams', [
    [message(inet(), flags=0x12), done()], [sockets(1) + message(inet(), flags=0x12), done()], [sockets(1), done(flags=0x12)]])
def test_interrupted(datagrams):
    ports, (line,) = first_family(*datagrams)
    assert ports and line.startswith('tcp: ') and 'interrupted' in line


@pytest.mark.parametrize('number', [errno.ENOBUFS, errno.EMSGSIZE, errno.ENOMEM])
def test_receive_errors(number):
    """sockets.md 8: a full buffer is an error of the dump, said once."""
    assert first_family(sockets(1), OSError(number, os.strerror(number))) == (
        [1], ['tcp: netlink receive error: ' + os.strerror(number)])


LIES = [sockets(1)[:-4], sockets(1) + b'\0', message(inet(), length=15), message(inet()[:68]), done()[:18]]


@pytest.mark.parametrize('datagram', LIES, ids=range(5))
def test_lies(datagram):
    """A message that cannot be ends the program with one line that names the table; nothing stands in for it."""
    kernel = Replayed([datagram, done()], [done()])
    with pytest.raises(Failure) as caught:
        dumped(kernel)
    assert caught.value.message.startswith('tcp: ')
    assert caught.value.status == 1
    assert len(kernel.requests) == 2


def test_bytes_that_are_no_attribute():
    """The socket is told, and that something was wrong with it."""
    liar = inet(sport=5) + attribute(4, b'cubic\0', 0xffff)
    ports, told = first_family(message(liar) * 3, message(liar), done())
    assert ports == [5] * 4
    assert set(told) == {'tcp: a message ends in bytes that are no attribute'}


# What is wanted of it

def one_batch(*payloads):
    batch, = Dump(tcp.TABLE, asking(), host(), Replayed([b''.join(map(message, payloads)), done()], [done()]))
    return batch


def test_families():
    batch = one_batch(*[inet(family, sport=i) for i, family in enumerate((2, 10, 2, 7, 10))])
    assert of_families(batch, (2, 10, 7)) is batch
    assert list(of_families(batch, (2,)).values(SPORT)) == [0, 2]
    assert list(of_families(batch, (2, 10)).values(SPORT)) == [0, 1, 2, 4]
    assert of_families(batch, (1,)) is None


@pytest.mark.parametrize('text, kept', [
    ('sport <= 4', [0, 1, 2, 3, 4]), ('sport = 3 or sport = 5', [3, 5]), ('sport <= 99', 'all'), ('sport = 99', None),
    (None, 'all')])
def test_judged(text, kept):
    batch, query = one_batch(*[inet(sport=i) for i in range(10)]), asking()
    query.selection.condition = text and tree(text)
    found = Judge(tcp.TABLE, query).judged(batch)
    assert found is batch if kept == 'all' else found is None if kept is None else list(found.values(SPORT)) == kept


# Both families, and what stands in for a refused dump (command-line.md 5.2, 5.3).

REFUSED = [error(errno.EINVAL)]


@pytest.mark.parametrize('options, extensions', [
    ({}, 0), ({'memory': True}, 0x41), ({'info': True}, 0x0e), ({'tos': True}, 0x30),
    ({'memory': True, 'info': True, 'tos': True, 'extended': True, 'sockopt': True, 'cgroup': True}, 0x7f)])
def test_requests(options, extensions):
    """Type 20, the family, the protocol, the extensions, the states, an id of zeros (command-line.md 5.2)."""
    kernel = Replayed([sockets(1), done()], [sockets(2), done()])
    assert dumped(kernel, **options) == [1, 2]
    assert [(one.kind, bytes(one.payload), one.attributes, one.large) for one in kernel.requests] == [
        (20, struct.pack('=BBBBI', family, 6, extensions, 0, 0x3fff) + bytes(48), [], False) for family in (2, 10)]


def test_large_messages_are_asked_for_as_such():
    """What BPF programs keep at a socket may pass 32 KiB: in a listing, and in a recording."""
    kernel, written = Replayed([sockets(1), done()], again=True), []
    assert dumped(kernel, bpf_maps='all') == [1, 1]
    Dump(tcp.TABLE, asking(bpf_maps='all'), host(), kernel).record(written.append)
    assert b''.join(written) == (sockets(1) + done()) * 2
    assert [one.large for one in kernel.requests] == [True] * 4


@pytest.mark.parametrize('number', [errno.EINVAL, errno.EPERM])
def test_a_kernel_that_takes_no_filter(number):
    """Each simpler program is tried once; then /proc stands in, and the user is told once."""
    kernel, report = Replayed([error(number)], again=True), Report()
    condition = tree('sport >= 7002 and fwmark = 0')
    assert dumped(kernel, udp.TABLE, report, condition) == [7002, 7010]
    assert len(kernel.requests) == 4
    assert set(report.lines) == {'udp: the kernel answers: ' + os.strerror(number)}
    programs = [dict(request.attributes).get(1, b'') for request in kernel.requests]
    assert len(programs[0]) > len(programs[2]) > 0 and programs[::2] == programs[1::2]


def test_the_answer_to_a_simpler_program_is_judged_again():
    """The kernel knows no marks: a socket without one is left out here."""
    marked = message(inet(sport=1, attributes=[(15, struct.pack('=I', 5))]))
    kernel = Replayed(REFUSED, REFUSED, [marked + sockets(2), done()], [marked + sockets(2), done()])
    assert dumped(kernel, udp.TABLE, condition=tree('fwmark = 5')) == [1, 1]


def test_a_refusal_of_another_kind_ends_the_simpler_programs():
    kernel, report = Replayed([error(errno.ENOMEM)], again=True), Report()
    assert dumped(kernel, udp.TABLE, report, tree('fwmark = 0 and sport >= 1')) == [7002, 7010]
    assert len(kernel.requests) == 2 and set(report.lines) == {'udp: the kernel answers: ' + os.strerror(errno.ENOMEM)}


def test_legacy_stands_for_both():
    """An old kernel knows TCP by the older request, and answers it for both families (sockets.md 2)."""
    kernel = Replayed(REFUSED, REFUSED, [message(inet(sport=1)) + message(inet(10, sport=2)), done()])
    assert dumped(kernel) == [1, 2]
    request = kernel.requests[2]
    assert request.kind == 18 and len(bytes(request.payload)) == 60 and bytes(request.payload)[:1] == b'\2'
    assert struct.unpack_from('=I', request.payload, 52) == (0x3fff,)


def test_proc_stands_for_what_is_refused():
    assert dumped(Replayed(REFUSED, REFUSED, REFUSED)) == [7002, 7010]
    assert dumped(Replayed(REFUSED, [sockets(3), done()]), udp.TABLE) == [7002, 3]
    assert dumped(Replayed([sockets(3), done()], REFUSED)) == [3, 7010]


FAILURES = [done(-errno.EMSGSIZE), OSError(errno.EINVAL, 'Invalid argument'), OSError(errno.EPERM, ''), error(errno.EINVAL)]


@pytest.mark.parametrize('failure', FAILURES, ids=range(4))
@pytest.mark.parametrize('text, ports', [
    (None, [3, 4]), ('sport = 3 or sport = 4 or fwmark = 1', [3, 4]), ('sport >= 70000', [])])
def test_nothing_is_shown_twice(failure, text, ports):
    """A dump that fails half-way is not begun again from elsewhere (command-line.md 10: 34), whatever failed, wanted or not."""
    kernel, report = Replayed([sockets(3), failure], [sockets(4), done()]), Report()
    assert dumped(kernel, report=report, condition=text and tree(text)) == ports
    assert len(kernel.requests) == 2 and len(report.lines) == 1


def test_nothing_of_the_older_request_is_shown_twice():
    kernel = Replayed(REFUSED, REFUSED, [sockets(3), done(-errno.EMSGSIZE)])
    assert dumped(kernel) == [3]


def test_no_netlink_at_all():
    """Silently where there is just none; else the user is told, once for each family."""
    for number in (errno.EPROTONOSUPPORT, errno.EACCES):
        none, report = Refused(number, 'no netlink: ' + os.strerror(number), asked=False), Report()
        assert dumped(Replayed([none], again=True), report=report) == [7002, 7010]
        assert set(report.lines) == ({'tcp: no netlink: ' + os.strerror(number)} if number == errno.EACCES else set())


@pytest.mark.parametrize('taken', [0, 1, 2])
def test_left_half_way(taken):
    """Whoever stops early closes; so is every Reply, also those that nobody has looked at."""
    kernel = Replayed([sockets(1), sockets(2), done()], [sockets(3), done()])
    dump = Dump(tcp.TABLE, asking(), host(), kernel).ahead()
    each = iter(dump)
    for _ in range(taken):
        next(each)
    dump.close()
    assert len(kernel.replies) == 2 and all(reply.closed for reply in kernel.replies)


# -D

def recorded(kernel, text=None, report=None):
    written, query = [], asking()
    query.selection.condition = text and tree(text)
    Dump(tcp.TABLE, query, host(report), kernel).record(written.append)
    assert all(reply.closed for reply in kernel.replies)
    return b''.join(written)


def test_a_recording_is_what_came():
    end = done(0, attribute(1, b'words'))
    source = Replayed([sockets(1, 2), sockets(3), end], [sockets(4), done()])
    assert recorded(source) == sockets(1, 2, 3) + end + sockets(4) + done()


LEFT_TO_US = 'sport = 2 or sport >= 70000'


def test_a_recording_of_what_the_kernel_cannot_judge():
    """What matches, each dump with its end."""
    kernel = Replayed([sockets(1, 2, 3), sockets(4, 5), sockets(6, 2) + done()], [done()])
    assert recorded(kernel, LEFT_TO_US) == sockets(2, 2) + 2 * done()
    stranger = message(inet(sport=2), seq=5)
    kernel = Replayed([stranger + sockets(1, 2) + stranger + sockets(3) + done()], [done()])
    assert recorded(kernel, LEFT_TO_US) == stranger + sockets(2) + stranger + 2 * done()


@pytest.mark.parametrize('datagram', LIES, ids=range(5))
@pytest.mark.parametrize('text', [None, LEFT_TO_US])
def test_lies_are_not_recorded(datagram, text):
    """One line, and what came before is there."""
    written, query = [], asking()
    query.selection.condition = text and tree(text)
    kernel = Replayed([sockets(2), datagram, done()], [done()])
    with pytest.raises(Failure) as caught:
        Dump(tcp.TABLE, query, host(), kernel).record(written.append)
    assert caught.value.message.startswith('tcp: the kernel sent ') and caught.value.status == 1
    assert b''.join(written) == sockets(2)
    assert kernel.replies[0].closed


def test_a_recording_of_a_refusal():
    """The refusal is recorded, as ss does, and told."""
    report = Report()
    assert recorded(Replayed(REFUSED, [done()]), report=report) == REFUSED[0] + done()
    assert report.lines == ['tcp: the kernel answers: ' + os.strerror(errno.EINVAL)]


def test_nothing_to_record():
    with pytest.raises(Notice) as caught:
        recorded(Replayed([Refused(errno.EACCES, 'no netlink: Permission denied', asked=False)]))
    assert str(caught.value) == '--diag: no netlink: Permission denied'


def test_a_full_disk():
    """It is not the kernel's fault."""
    def full(data):
        raise OSError(errno.ENOSPC, 'No space left on device')
    with pytest.raises(OSError):
        Dump(tcp.TABLE, asking(), host(), Replayed([sockets(1), done()])).record(full)
