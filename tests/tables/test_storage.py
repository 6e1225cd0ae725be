"""Socket storage: what is asked, and the text and JSON of the answer, beside what ss prints of the same maps."""
import errno
import struct
from ctypes import c_longdouble, sizeof

import pytest

from ssng.errors import Failure
from ssng.fields import Manner, line
from ssng.host import Host, bpf, btf
from ssng.host.btf_dump import Printer
from ssng.host.maps import StorageMap
from ssng.kernel.abi.inet_diag import INET_DIAG_SK_BPF_STORAGES as STORAGES, inet_diag_msg, inet_diag_req_v2
from ssng.kernel.columns import batch, member
from ssng.kernel.exchange import Request, read
from ssng.kernel.messages import Answer, attribute
from ssng.kernel.netlink import Kernel
from ssng.query import Style
from ssng.render import render
from ssng.tables import storage
from tests.support.btf import Types
from tests.support.btf_examples import EXAMPLES
from tests.support.btf_random import Random
from tests.support.recordings import recordings
from tests.support.rendered import details, objects
from tests.support.storage import Maps, apart, become_nobody, by_map, listener, lose_sys_admin, printed
from tests.support.wire import NESTED, inet
from tests.support.wire import attribute as packed

LISTEN = 1 << 10
INET_DIAG_MSG = 72


class Known(Host):
    """A host of which no map is known until one is made known."""

    def know(self, number, types, top, size, fd=None):
        known = self.maps._asked if fd is not None else self.maps._found
        known[number] = StorageMap(number, size, btf.Btf(types.blob()), top, fd)


@pytest.fixture
def host():
    made = Known()
    yield made
    made.maps._asked.clear()            # their descriptors are none


def shown(host, data, oneline=False):
    """The text of a socket with this payload."""
    made, = details([inet(state=10, attributes=[(STORAGES, data)])], host=host, bpf_maps='all', oneline=oneline)
    return made


def told(host, data):
    """Its JSON."""
    return objects([inet(state=10, attributes=[(STORAGES, data)])], host=host, bpf_maps='all')[0]['bpf_storages']


def int_and_point(host):
    types = Types()
    types.int()
    point = types.struct('pt', 8, [('x', 1, 0), ('y', 1, 32)])
    host.know(58, types, 1, 4, fd=5)
    host.know(59, types, point, 8, fd=6)


def sent(*values, flag=NESTED):
    """The payload of the attribute: (number of the map, bytes) for each storage (sockets.md 1.14)."""
    return b''.join([packed(1 | flag, packed(2, struct.pack('=I', number)) + packed(3, value))
                     for number, value in values])


LONG_DOUBLE = 16        # bytes of that of the reference, which is of amd64
POINT, ONE = struct.pack('=ii', 2, 3), struct.pack('=i', 1)


# What is asked (sockets.md 2; the kernel wants descriptors)

@pytest.mark.parametrize('maps, descriptors', [('all', ()), ((58,), (5,)), ((59, 58, 59), (6, 5))])
def test_request(host, maps, descriptors):
    int_and_point(host)
    wanted = maps if maps == 'all' else host.maps.load(maps)
    assert attribute(*storage.request(wanted, host.maps)) == packed(0x8002, b''.join(
        [packed(1, struct.pack('=I', descriptor)) for descriptor in descriptors]))


def test_no_more_than_32_maps_are_asked_for(host, capsys):
    types = Types()
    types.int()
    for number in range(1, 33):
        host.know(number, types, 1, 4, fd=number)
    assert host.maps.load(range(1, 34)) == tuple(range(1, 33))
    assert 'ssng: --bpf-map-id: 32 maps are the most; 33 is left out\n' == capsys.readouterr().err


# What is shown (sockets.md 5.2)

def test_layout(host):
    int_and_point(host)
    data = sent((59, POINT), (58, ONE))
    assert shown(host, data) == (
        '\n\tmap_id:59 [\n\t\t(struct pt){\n\t\t\t.x = (int)2,\n\t\t\t.y = (int)3,\n\t\t}\n\t]'
        '\n\tmap_id:58 [\n\t\t(int)1\n\t]')
    assert shown(host, data, True) == ' map_id:59(struct pt){.x = (int)2,.y = (int)3,} map_id:58(int)1'
    assert told(host, data) == [{'map_id': 59, 'value': {'x': 2, 'y': 3}, 'value_hex': POINT.hex()},
                                {'map_id': 58, 'value': 1, 'value_hex': ONE.hex()}]
    row = inet(attributes=[(STORAGES, data)])
    assert details([row], host=host, info=True, memory=True, oneline=True) == ['']
    assert 'bpf_storages' not in objects([row], host=host, extended=True, bpf=True)[0]


def test_older_kernels_do_not_mark_nested_attributes(host):
    int_and_point(host)
    assert shown(host, sent((58, ONE), flag=0), True) == ' map_id:58(int)1'


@pytest.mark.parametrize('oneline', [False, True])
def test_a_map_that_cannot_be_opened(host, oneline):
    host.maps._found[7] = None
    assert shown(host, sent((7, ONE)), oneline) == '\n\tmap_id: 7 failed to fetch info, skipping\n'
    assert told(host, sent((7, ONE))) == [{'map_id': 7, 'value_hex': ONE.hex()}]


def test_a_value_of_another_length(host, capsys):
    int_and_point(host)
    assert shown(host, sent((59, POINT + ONE), (58, ONE))) == '\n\tmap_id:58 [\n\t\t(int)1\n\t]'
    assert capsys.readouterr().err == 'ssng: BPF map 59: a value of 12 bytes, where all have 8\n'
    assert told(host, sent((59, ONE))) == [{'map_id': 59, 'value_hex': ONE.hex()}]


def test_a_value_that_fails(host):
    types = Types()
    types.int()
    host.know(9, types, types.struct('o', 3, [('x', types.int('odd', 4, 0, bits=24), 0)]), 3)
    data = sent((9, b'abc'))
    assert shown(host, data) == '\n\tmap_id:9 [\n\t\t(struct o){\n\t\tfailed to dump data: -7\n\t]'
    assert shown(host, data, True) == ' map_id:9(struct o){failed to dump data: -7'
    assert told(host, data) == [{'map_id': 9, 'value_hex': '616263'}]


def test_json_is_utf8_whatever_the_bytes(host):
    types = Types()
    types.int()
    host.know(9, types, types.array(types.int('char', 1), 8), 8)
    data = sent((9, b'caf\xc3\xa9\xff"\0'))
    assert told(host, data) == [
        {'map_id': 9, 'value': 'caf\u00e9\ufffd"', 'value_hex': '636166c3a9ff2200'}]


def test_any_length_may_lie(host, capsys):
    """Cut at every byte, and every length field set to what it cannot be: some rows are lost, nothing breaks."""
    int_and_point(host)
    data = sent((59, POINT), (58, ONE))
    for end in range(len(data)):
        assert isinstance(shown(host, data[:end]), str) and isinstance(told(host, data[:end]), list)
    for place in range(0, len(data), 4):
        for length in (0, 1, 3, 5, 0xffff):
            lie = data[:place] + struct.pack('=H', length) + data[place + 2:]
            assert isinstance(shown(host, lie), str) and isinstance(told(host, lie), list)


def test_recordings_of_other_kernels(host):
    """What the kernels of tools/lab sent, beside what ss printed of it."""
    seen = 0
    for recording in recordings(family='bpf'):
        for case in recording.cases:
            for _, _, datagrams in case.exchanges:
                for group in groups_in(datagrams):
                    host.maps._found.clear()
                    for number, (info, blob) in recording.maps.items():
                        size, top = struct.unpack_from('=I', info, 12)[0], struct.unpack_from('=I', info, 72)[0]
                        host.maps._found[number] = StorageMap(number, size, btf.Btf(blob), top)
                    oneline = any(word.startswith('-') and 'O' in word for word in case.arguments)
                    manner = Manner(frozenset(storage.REVEAL), Style(oneline=oneline), host)
                    for text in render(group, line(storage.LINE, manner)):
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
            yield from [group for group in groups if group.has(storage.STORAGES)]


# Beside ss, on this kernel

@pytest.fixture
def maps(host):
    with Maps() as made:
        yield made
        host.maps.close()


@pytest.fixture
def sock():
    with listener() as made:
        yield made


def attached(host, sock, asked):
    """The attribute's payload for a listening socket, as the kernel sends it."""
    request = Request(inet_diag_req_v2(2, 6, 0, 0, LISTEN), [storage.request(asked, host.maps)], large=True)
    found = []
    for whole in read(Kernel().ask(request), lambda block: batch(block, INET_DIAG_MSG)):
        found += [(port, payload) for group in whole.groups for port, payload in zip(
            group.values(member(inet_diag_msg, 'id.idiag_sport')), group.values(storage.STORAGES) or ())]
    return dict(found).get(sock.getsockname()[1])


def stored(maps, sock, makers):
    """Store values at the socket, one map for each (types, top, value): {number of the map: index}."""
    numbers = {}
    for index, (types, top, value) in enumerate(makers):
        fd, number = maps.storage(types, top, len(value))
        maps.store(fd, sock, value)
        numbers[number] = index
    return numbers


def test_beside_ss_layout(reference, maps, sock, host):
    types = Types()
    types.int()
    point = types.struct('pt', 8, [('x', 1, 0), ('y', 1, 32)])
    first, second = stored(maps, sock, [(types, point, POINT), (types, 1, ONE)])
    for asked, options in (('all', ['--bpf-maps']), ((first,), ['--bpf-map-id=%d' % first]), (
            (first, second, first), ['--bpf-map-id=%d' % number for number in (first, second, first)])):
        data = attached(host, sock, asked if asked == 'all' else host.maps.load(asked))
        assert shown(host, data) == printed(reference, sock, *options)
        assert shown(host, data, True) == printed(reference, sock, '-O', *options)


def test_beside_ss_without_the_right_to_open_maps(reference, maps, sock, host):
    types = Types()
    types.int()
    stored(maps, sock, [(types, 1, ONE), (types, 1, ONE)])
    ours = apart(lose_sys_admin, lambda: shown(host, attached(host, sock, 'all')))
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
    if sizeof(c_longdouble) != LONG_DOUBLE:     # a Python of 32 bits beside an ss of 64: each tells its own machine's
        randoms = [made for made in randoms if b'long double' not in made.types.blob()]
        assert randoms

    def same(index, ours, theirs):
        # Null pointers are told by their place in memory, too.
        assert ours.replace('(nil)', '0x0') == theirs[0].replace('(nil)', '0x0')
    compared(reference, maps, sock, [(made.types, made.top, made.value) for made in randoms], same)


# Maps that cannot be had (sockets.md 5.1)

def test_load(host, maps):
    types = Types()
    types.int()
    numbers = [maps.storage(types, 1, 4)[1] for _ in range(2)]
    assert host.maps.load((numbers[1], numbers[0], numbers[1])) == (numbers[1], numbers[0])


def refused(function):
    with pytest.raises(Failure) as failure:
        function()
    return failure.value.message, failure.value.status


def test_load_refuses(host, maps):
    other = maps.hash()
    assert refused(lambda: host.maps.load((0x7ffffffe,))) == ('there is no BPF map 2147483646', 1)
    assert refused(lambda: host.maps.load((other,))) == (
        'BPF map %d is no socket storage: its type is 1, not 24' % other, 1)


def test_load_refuses_nobody(host, maps):
    types = Types()
    types.int()
    number = maps.storage(types, 1, 4)[1]
    failure = apart(become_nobody, lambda: refused(lambda: host.maps.load((number,))))
    assert failure == ('BPF map %d: not permitted; it takes root, CAP_BPF or CAP_SYS_ADMIN' % number, 1)


@pytest.mark.parametrize('function, message', [
    ('map_info', 'the kernel does not describe it: Bad address'),
    ('btf', 'the kernel does not tell the type of its values: Bad address')])
def test_load_refuses_what_the_kernel_does_not_tell(host, maps, monkeypatch, function, message):
    def fail(_):
        raise OSError(errno.EFAULT, 'Bad address')
    types = Types()
    types.int()
    number = maps.storage(types, 1, 4)[1]
    monkeypatch.setattr(bpf, function, fail)
    assert refused(lambda: host.maps.load((number,))) == ('BPF map %d: %s' % (number, message), 1)


def test_load_refuses_damaged_types(host, maps, monkeypatch):
    types = Types()
    types.int()
    number = maps.storage(types, 1, 4)[1]
    monkeypatch.setattr(bpf, 'btf', lambda _: b'\x9f\xeb')
    assert refused(lambda: host.maps.load((number,))) == ('BPF map %d: the type of its values is damaged' % number, 1)
