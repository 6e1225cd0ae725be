"""Socket storage: what is asked, and the text and JSON of the answer, beside what ss prints of the same maps."""
import errno
import json
import os
import struct

import pytest

from ssng.errors import Failure
from ssng.host import btf
from ssng.host.btf_dump import Printer
from ssng.kernel.abi.inet_diag import inet_diag_req_v2
from ssng.kernel.columns import batch
from ssng.kernel.messages import Answer, attribute
from ssng.kernel.netlink import Socket
from ssng.query import Show
from ssng.tables import storage
from tests.support.btf import Types
from tests.support.btf_examples import EXAMPLES
from tests.support.btf_random import Random
from tests.support.recordings import recordings
from tests.support.storage import Maps, apart, become_nobody, by_map, listener, lose_sys_admin, printed
from tests.support.wire import NESTED
from tests.support.wire import attribute as packed

LISTEN = 1 << 10
INET_DIAG_MSG = 72


def shown(oneline=False):
    show = Show()
    show.oneline = oneline
    return show


@pytest.fixture
def known(monkeypatch):
    """No map is known; a function makes one known."""
    monkeypatch.setattr(storage, 'known', {})

    def add(number, types, top, size, fd=None):
        storage.known[number] = storage.StorageMap(number, size, btf.Btf(types.blob()), top, fd)
    return add


def int_and_point(known):
    types = Types()
    types.int()
    point = types.struct('pt', 8, [('x', 1, 0), ('y', 1, 32)])
    known(58, types, 1, 4, fd=5)
    known(59, types, point, 8, fd=6)


def sent(*values, flag=NESTED):
    """The payload of the attribute: (number of the map, bytes) for each storage (sockets.md 1.14)."""
    return b''.join([packed(1 | flag, packed(2, struct.pack('=I', number)) + packed(3, value))
                     for number, value in values])


POINT, ONE = struct.pack('=ii', 2, 3), struct.pack('=i', 1)


# What is asked (sockets.md 2; the kernel wants descriptors)

@pytest.mark.parametrize('maps, descriptors', [('all', ()), ((58,), (5,)), ((59, 58, 59), (6, 5))])
def test_request(known, maps, descriptors):
    int_and_point(known)
    assert attribute(*storage.request(maps)) == packed(0x8002, b''.join(
        [packed(1, struct.pack('=I', descriptor)) for descriptor in descriptors]))


def test_no_more_than_32_maps_are_asked_for(known, capsys):
    types = Types()
    types.int()
    for number in range(1, 41):
        known(number, types, 1, 4, fd=number)
    assert storage.load(range(1, 34)) == tuple(range(1, 33))
    assert 'ssng: --bpf-map-id: 32 maps are the most; 33 is left out\n' == capsys.readouterr().err


# What is shown (sockets.md 5.2)

def test_layout(known):
    int_and_point(known)
    data = sent((59, POINT), (58, ONE))
    assert storage.storages_text(shown())(data) == (
        '\n\tmap_id:59 [\n\t\t(struct pt){\n\t\t\t.x = (int)2,\n\t\t\t.y = (int)3,\n\t\t}\n\t]'
        '\n\tmap_id:58 [\n\t\t(int)1\n\t]')
    assert storage.storages_text(shown(True))(data) == ' map_id:59(struct pt){.x = (int)2,.y = (int)3,} map_id:58(int)1'
    assert storage.storages_json(data) == (
        '[{"map_id":59,"value":{"x":2,"y":3},"value_hex":"%s"},{"map_id":58,"value":1,"value_hex":"%s"}]' % (
            POINT.hex(), ONE.hex()))


def test_older_kernels_do_not_mark_nested_attributes(known):
    int_and_point(known)
    assert storage.storages_text(shown(True))(sent((58, ONE), flag=0)) == ' map_id:58(int)1'


@pytest.mark.parametrize('oneline', [False, True])
def test_a_map_that_cannot_be_opened(known, oneline):
    storage.known[7] = None
    assert storage.storages_text(shown(oneline))(sent((7, ONE))) == '\n\tmap_id: 7 failed to fetch info, skipping\n'
    assert json.loads(storage.storages_json(sent((7, ONE)))) == [{'map_id': 7, 'value_hex': ONE.hex()}]


def test_a_value_of_another_length(known, capsys):
    int_and_point(known)
    assert storage.storages_text(shown())(sent((59, POINT + ONE), (58, ONE))) == '\n\tmap_id:58 [\n\t\t(int)1\n\t]'
    assert capsys.readouterr().err == 'ssng: BPF map 59: a value of 12 bytes, where all have 8\n'
    assert json.loads(storage.storages_json(sent((59, ONE)))) == [{'map_id': 59, 'value_hex': ONE.hex()}]


def test_a_value_that_fails(known):
    types = Types()
    types.int()
    known(9, types, types.struct('o', 3, [('x', types.int('odd', 4, 0, bits=24), 0)]), 3)
    data = sent((9, b'abc'))
    assert storage.storages_text(shown())(data) == '\n\tmap_id:9 [\n\t\t(struct o){\n\t\tfailed to dump data: -7\n\t]'
    assert storage.storages_text(shown(True))(data) == ' map_id:9(struct o){failed to dump data: -7'
    assert json.loads(storage.storages_json(data)) == [{'map_id': 9, 'value_hex': '616263'}]


def test_json_is_utf8_whatever_the_bytes(known):
    types = Types()
    types.int()
    known(9, types, types.array(types.int('char', 1), 8), 8)
    data = sent((9, b'caf\xc3\xa9\xff"\0'))
    assert json.loads(storage.storages_json(data).encode('utf-8').decode('utf-8')) == [
        {'map_id': 9, 'value': 'caf\u00e9\ufffd"', 'value_hex': '636166c3a9ff2200'}]


def test_any_length_may_lie(known, capsys):
    """Cut at every byte, and every length field set to what it cannot be: some rows are lost, nothing breaks."""
    int_and_point(known)
    data = sent((59, POINT), (58, ONE))
    for end in range(len(data)):
        for told in storage.storages_text(shown())(data[:end]), storage.storages_json(data[:end]):
            assert isinstance(told, str)
    for place in range(0, len(data), 4):
        for length in (0, 1, 3, 5, 0xffff):
            lie = data[:place] + struct.pack('=H', length) + data[place + 2:]
            assert isinstance(storage.storages_text(shown())(lie), str)
            json.loads(storage.storages_json(lie))


def test_recordings_of_other_kernels(known):
    """What the kernels of tools/lab sent, beside what ss printed of it."""
    seen = 0
    for recording in recordings(family='bpf'):
        for case in recording.cases:
            for _, _, datagrams in case.exchanges:
                for group in groups_in(datagrams):
                    storage.known.clear()
                    for number, (info, blob) in recording.maps.items():
                        size, top = struct.unpack_from('=I', info, 12)[0], struct.unpack_from('=I', info, 72)[0]
                        storage.known[number] = storage.StorageMap(number, size, btf.Btf(blob), top)
                    oneline = any(word.startswith('-') and 'O' in word for word in case.arguments)
                    for text in storage.texts(group, shown(oneline)):
                        assert text + '\n' in case.text.decode('latin-1')
                        seen += 1
    assert seen


def groups_in(datagrams):
    """The groups of messages that carry the attribute, in datagrams of this machine's byte order."""
    for datagram in datagrams:
        if struct.unpack_from('=I', datagram)[0] > len(datagram):
            return                      # of the other byte order
        block = Answer().feed(datagram, (len(datagram),))
        if block is not None:
            groups = batch(block, INET_DIAG_MSG).groups
            yield from [group for group in groups if group.has(storage.STORAGES.members[0])]


# Beside ss, on this kernel

@pytest.fixture
def maps(known):
    with Maps() as made:
        yield made
        for opened in storage.known.values():
            if opened is not None and opened.fd is not None:
                os.close(opened.fd)


@pytest.fixture
def sock():
    with listener() as made:
        yield made


def attached(sock, asked):
    """The attribute's payload for a listening socket, as the kernel sends it."""
    socket = Socket()
    answer, datagrams = socket.dump(20, inet_diag_req_v2(2, 6, 0, 0, LISTEN), [storage.request(asked)], True)
    found = []
    for data, ends in datagrams:
        block = answer.feed(data, ends)
        if block is not None:
            found += [(port, payload) for group in batch(block, INET_DIAG_MSG).groups for port, payload in zip(
                [struct.unpack('>H', raw)[0] for raw in group.slices(group.base + 4, 2)],
                group.values(storage.STORAGES.members[0]) or ())]
    socket.close()
    assert not answer.error
    return dict(found).get(sock.getsockname()[1])


def stored(maps, sock, makers):
    """Store values at the socket, one map for each (types, top, value): {number of the map: index}."""
    numbers = {}
    for index, (types, top, value) in enumerate(makers):
        fd, number = maps.storage(types, top, len(value))
        maps.store(fd, sock, value)
        numbers[number] = index
    return numbers


def test_beside_ss_layout(reference, maps, sock):
    types = Types()
    types.int()
    point = types.struct('pt', 8, [('x', 1, 0), ('y', 1, 32)])
    first, second = stored(maps, sock, [(types, point, POINT), (types, 1, ONE)])
    for asked, options in (('all', ['--bpf-maps']), ((first,), ['--bpf-map-id=%d' % first]), (
            (first, second, first), ['--bpf-map-id=%d' % number for number in (first, second, first)])):
        data = attached(sock, asked)
        assert storage.storages_text(shown())(data) == printed(reference, sock, *options)
        assert storage.storages_text(shown(True))(data) == printed(reference, sock, '-O', *options)


def test_beside_ss_without_the_right_to_open_maps(reference, maps, sock):
    types = Types()
    types.int()
    stored(maps, sock, [(types, 1, ONE), (types, 1, ONE)])
    ours = apart(lose_sys_admin, lambda: storage.storages_text(shown())(attached(sock, 'all')))
    assert ours == printed(reference, sock, '--bpf-maps', enter=lose_sys_admin)
    assert 'failed to fetch info' in ours


def texts_of_ss(reference, sock, compact):
    """Two dicts {map: text}: the attributes of -m shift what follows by four bytes, so that in one of the two
    texts ss finds values of eight bytes where it can read them (ssng/host/btf_dump.py)."""
    mode = ['-O'] if compact else []
    return [by_map(printed(reference, sock, '--bpf-maps', *mode + more)) for more in ([], ['-m'])]


def compared(reference, maps, sock, makers, same):
    numbers = stored(maps, sock, makers)
    for compact in (True, False):
        texts = texts_of_ss(reference, sock, compact)
        assert set(texts[0]) == set(numbers)
        for number, index in numbers.items():
            types, top, value = makers[index]
            ours = Printer(btf.Btf(types.blob()), top, compact).text(value)
            same(index, ours, [text[number] for text in texts])


@pytest.mark.skipif(struct.pack('=H', 1) != b'\1\0', reason='the examples are little-endian')
@pytest.mark.parametrize('start', range(0, len(EXAMPLES), 30))
def test_beside_ss_examples(reference, maps, sock, start):
    examples = EXAMPLES[start:start + 30]

    def same(index, ours, theirs):
        assert (ours in theirs) != examples[index].slip, (examples[index].name, ours, theirs)
    compared(reference, maps, sock, [(example.types, example.top, example.value) for example in examples], same)


@pytest.mark.parametrize('start', range(0, 240, 30))
def test_beside_ss_random_types(reference, maps, sock, start):
    randoms = [Random(seed) for seed in range(start, start + 30)]

    def same(index, ours, theirs):
        # Null pointers are told by their place in memory, too.
        assert ours.replace('(nil)', '0x0') == theirs[0].replace('(nil)', '0x0')
    compared(reference, maps, sock, [(made.types, made.top, made.value) for made in randoms], same)


# Maps that cannot be had (sockets.md 5.1)

def test_load(maps):
    types = Types()
    types.int()
    numbers = [maps.storage(types, 1, 4)[1] for _ in range(2)]
    assert storage.load((numbers[1], numbers[0], numbers[1])) == (numbers[1], numbers[0])


def refused(function):
    with pytest.raises(Failure) as failure:
        function()
    return failure.value.message, failure.value.status


def test_load_refuses(maps):
    other = maps.hash()
    assert refused(lambda: storage.load((0x7ffffffe,))) == ('there is no BPF map 2147483646', 1)
    assert refused(lambda: storage.load((other,))) == (
        'BPF map %d is no socket storage: its type is 1, not 24' % other, 1)


def test_load_refuses_nobody(maps):
    types = Types()
    types.int()
    number = maps.storage(types, 1, 4)[1]
    failure = apart(become_nobody, lambda: refused(lambda: storage.load((number,))))
    assert failure == ('BPF map %d: not permitted; it takes root, CAP_BPF or CAP_SYS_ADMIN' % number, 1)


@pytest.mark.parametrize('function, message', [
    ('map_info', 'the kernel does not describe it: Bad address'),
    ('btf', 'the kernel does not tell the type of its values: Bad address')])
def test_load_refuses_what_the_kernel_does_not_tell(maps, monkeypatch, function, message):
    def fail(_):
        raise OSError(errno.EFAULT, 'Bad address')
    types = Types()
    types.int()
    number = maps.storage(types, 1, 4)[1]
    monkeypatch.setattr(storage.bpf, function, fail)
    assert refused(lambda: storage.load((number,))) == ('BPF map %d: %s' % (number, message), 1)


def test_load_refuses_damaged_types(maps, monkeypatch):
    types = Types()
    types.int()
    number = maps.storage(types, 1, 4)[1]
    monkeypatch.setattr(storage.bpf, 'btf', lambda _: b'\x9f\xeb')
    assert refused(lambda: storage.load((number,))) == ('BPF map %d: the type of its values is damaged' % number, 1)
