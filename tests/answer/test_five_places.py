"""Every fact in all five places: as a condition, a column, an order, a count, and in CSV; beside a naive look at the JSON.

The sockets are those of tests/support/whole_host.py: of every table, with all there is in their messages, on a host that
knows something of each.  tests/answer/test_every_fact.py has what machines of the lab recorded, tests/parity/test_facts.py
and tests/answer/test_crowd.py the sockets of a running kernel, which judges what it can.
"""
import json
import random
import struct

import pytest

from ssng import catalogue
from ssng.cli import facts
from ssng.cli.main import main
from ssng.host import Host
from ssng.host.btf import Btf
from ssng.host.maps import StorageMap
from ssng.tables import ROWS
from tests.support import naive, tabular, whole_host
from tests.support.btf import Types
from tests.support.families import Kernel
from tests.support.wire import attribute, inet

TABLES = {'tcp': '-t', 'udp': '-u', 'raw': '-w', 'dccp': '-d', 'sctp': '-S', 'mptcp': '-M', 'unix': '-x', 'packet': '-0',
          'netlink': '-f|netlink', 'vsock': '--vsock', 'xdp': '--xdp', 'tipc': '--tipc'}
DETAILS = ['-aemiobZzTr', '--tos', '--cgroup', '--inet-sockopt', '--tipcinfo']
KEYS = 'netid,state,cookie,inode,local.inode,local.port,local.path'
INET = (2, 10)
MANY = 40                       # facts of one question
# What this kind of host cannot tell, and who has it.
ELSEWHERE = {
    'info.ato_ticks': 'of /proc/net/tcp: tests/answer/test_every_fact.py', 'info.qack': 'the same',
    'info.rto_ticks': 'the same', 'options': 'the same',
    'peer.path': 'of /proc of old kernels: tests/sources/test_proc.py'}
ELSEWHERE.update((under + name, 'needs a kernel with SELinux') for under in ('processes.', 'peer.processes.')
                 for name in ('socket_context', 'socket_context_hex'))


class Whole:
    """Judges nothing: whatever it was asked, it answers with all of the family, and all is judged here."""

    def __init__(self, payloads):
        self.payloads = payloads

    def ask(self, request):
        family, = bytes(request.payload)[:1] or b'\0'
        request.exact = False
        return Kernel([one for one in self.payloads if one[0] == family or family not in INET]).ask(request)


class Room:
    """The sockets of one table, and the host around them."""

    def __init__(self, module, folder, run):
        self.module, self.run = module, run
        self.payloads = whole_host.payloads(module)
        self.estate = whole_host.Estate(folder / 'nobody', [])
        self.names = [entry.name for entry in catalogue.entries() if set(row_of(module).names) & set(entry.tables)]
        told = self.objects('--columns=' + ','.join(name for name in self.names if name.endswith('inode')))
        inodes = {inode for name in ('inode', 'local.inode', 'peer.inode') for inode in tabular.column(told, name)} - {None, 0}
        self.estate = whole_host.Estate(folder / 'somebody', sorted(inodes))
        self.told = self.objects(*DETAILS, '--columns=+' + ','.join(self.names))     # the first show what no column has alone
        self.flat = list(map(tabular.Flat, self.told))

    def ask(self, *words):
        """What ssng prints."""
        words = TABLES[self.module].split('|') + ['-a'] + list(words)
        status, out, err = self.run(words, self.estate.host(), Whole(self.payloads))
        assert (status, err) == (0, b''), words
        return out.decode('utf-8', 'surrogateescape')

    def objects(self, *words):
        return json.loads(self.ask('-j', *words))

    def chosen(self, *words):
        """The sockets that are shown."""
        return list(map(identity, self.objects('--columns=' + KEYS, *words)))

    def seen(self):
        """{name: different values} of the facts that some socket has."""
        found = {}
        for name in self.names:
            values = [one for told in self.told for one in naive.values(told, name)]
            found[name] = list({json.dumps(one): one for one in values}.values())
        return {name: values for name, values in found.items() if values}


def identity(told):
    found = told if isinstance(told, tabular.Flat) else tabular.Flat(told)
    return [found.get(name) for name in KEYS.split(',')]


def row_of(module):
    return next(row for row in ROWS if row.module == module)


@pytest.fixture
def run(capfdbinary, monkeypatch):
    """A function: (status, stdout, stderr) of a command line on a host with a kernel."""
    monkeypatch.delenv('COLUMNS', raising=False)

    def ask(words, host, kernel):
        capfdbinary.readouterr()
        words = [word.encode('utf-8').decode('latin-1') for word in words]
        return (main(words, host, kernel),) + tuple(capfdbinary.readouterr())
    return ask


@pytest.fixture(params=sorted(TABLES))
def room(request, run, tmp_path):
    return Room(request.param, tmp_path, run)


def test_every_fact_is_seen_here(run, tmp_path):
    """In one table at least; those that are not stand in ELSEWHERE, and no others do."""
    seen = {name for module in TABLES for name in Room(module, tmp_path / module, run).seen()}
    assert {entry.name for entry in catalogue.entries()} - seen == set(ELSEWHERE)


def chance_of(room):
    return random.Random(room.module)


FACTS = {fact['name']: fact for fact in json.loads(facts.json(''))}


def test_condition(room):
    """FACT = VALUE of some that were seen, and whatever else may be asked of such a fact."""
    chance, chose = chance_of(room), 0
    for name, values in room.seen().items():
        values = [naive.scalar(value) for value in values if naive.fit(naive.scalar(value))]
        if not values:
            continue
        equal = [naive.equality(FACTS[name], value) for value in chance.sample(values, min(2, len(values)))]
        for text, test in equal + [naive.leaf(chance, FACTS[name], values)]:
            expected = [identity(flat) for told, flat in zip(room.told, room.flat) if test(told)]
            assert room.chosen('( %s )' % text) == expected, text       # `state` alone in front is ss's
            chose += bool(expected)
    assert chose > len(room.seen()) * 1.5


def test_column(room):
    """As JSON and as CSV, with others beside it."""
    names = list(room.seen())
    for some in [names[at:at + MANY] for at in range(0, len(names), MANY)]:
        columns = '--columns=' + ','.join(some)
        values = [tabular.column(room.flat, name) for name in some]
        objects = room.objects(columns)
        assert set(tabular.names(objects)) <= set(some)
        assert [tabular.column(objects, name) for name in some] == values
        header, *rows = tabular.rows_of_csv(room.ask('--csv', columns))
        assert header == some
        assert rows == [['' if value is None else tabular.text(value, ';') for value in row] for row in zip(*values)]


def test_order(room):
    for place, name in enumerate(room.seen()):
        whole = [identity(told) for told in tabular.ordered(room.flat, (name, place % 2))]
        words = ['--sort=%s%s' % ('-' * (place % 2), name)] + ['--top=5'] * (place % 3 == 0)
        assert room.chosen(*words) == whole[:5 if len(words) == 2 else None], name


def test_count(room):
    for name in room.seen():
        found = {tabular.found(one, name): one['count'] for one in room.objects('--count=' + name)}
        assert {(value,): count for value, count in found.items()} == tabular.counted(room.flat, name), name


def test_sum(room):
    for name in [name for name in room.seen() if FACTS[name]['type'] in ('number', 'size', 'time', 'rate', 'port')]:
        values = [value for value in tabular.column(room.flat, name) if value is not None]
        if not catalogue.resolve(name).several:
            one, = room.objects('--count', *['--%s=%s' % (word, name) for word in ('total', 'max', 'min')])
            assert one['count'] == len(room.told)
            assert [tabular.found(one[word], name) for word in ('total', 'max', 'min')] == [
                sum(values), max(values), min(values)], name


# Objects with text of any kind in them: what a BPF program keeps, the key of a signature

TEXTS = ['\u20ac', '\u00fc', 'a"b', '\U0001f600', 'plain']


def kept(text):
    """A socket with a text in the storage of a BPF program (map 5 of :func:`keeping`), and in the key of a signature."""
    raw = text.encode('utf-8')
    storage = attribute(0x8001, attribute(2, struct.pack('=I', 5)) + attribute(3, raw.ljust(16, b'\0')))
    key = struct.pack('=BBH', 2, 32, len(raw)) + b'\x0a\0\0\1'.ljust(16, b'\0') + raw.ljust(80, b'\0')
    return inet(sport=len(text) + ord(text[0]) % 1000, attributes=[(20, storage), (18, key)])


def keeping():
    host, types = Host(), Types()
    types.int()
    text = types.array(types.int('char', 1), 16)
    host.maps._found[5] = StorageMap(5, 16, Btf(types.blob()), text)
    return host


@pytest.mark.parametrize('name', ['bpf_storages', 'md5'])
def test_objects_of_any_text(name, run):
    def ask(*words):
        status, out, err = run(['-ta4', '-i', '--bpf-maps'] + list(words), keeping(), Kernel([kept(one) for one in TEXTS]))
        assert (status, err) == (0, b''), words
        return out.decode('utf-8')
    told = [one[name][0] for one in json.loads(ask('-j'))]
    assert [one['value' if 'value' in one else 'key'] for one in told] == TEXTS
    assert [one[name] for one in json.loads(ask('-j', '--columns=' + name))] == [[one] for one in told]
    assert [json.loads(cell) for cell, in tabular.rows_of_csv(ask('--csv', '-H', '--columns=' + name))] == told
    assert [json.loads(line) for line in ask('-H', '--columns=' + name).splitlines()] == told
    assert sorted(json.loads(ask('-j', '--count=' + name)), key=lambda one: naive.scalar(one[name])) == [
        {'count': 1, name: one} for one in sorted(told, key=naive.scalar)]
    ordered = json.loads(ask('-j', '--columns=' + name, '--sort=' + name))
    assert [one[name][0] for one in ordered] == sorted(told, key=naive.scalar)
    for one in told:
        text, _ = naive.equality(FACTS[name], naive.scalar(one))
        assert [each[name] for each in json.loads(ask('-j', '--columns=' + name, text))] == [[one]]
