"""What a host was asked, and what is answered later from that alone: through the lines that a record holds."""
from operator import attrgetter

import pytest

from ssng.errors import Failure
from ssng.host import Host
from ssng.host.noted import NotedHost, Notes, RecordedHost
from ssng.tables import ROWS, declared


class There:
    """Parts of a host whose names nobody else knows."""

    def service_port(self, name, protocol):
        return 7777 if (name, protocol) == ('nowhere-else', 'tcp') else None

    def host_addresses(self, name, family=0):
        return [bytes([192, 0, 2, 1]), bytes(15) + b'\1']

    def index(self, name):
        return 5

    def id(self, text):
        return 77


@pytest.fixture
def recalled():
    """The function from what is asked of a host to what it knows when that is all that it was ever asked."""
    def made(ask):
        host = Host()
        host.names = host.links = host.cgroups = There()
        noted = NotedHost(host)
        ask(noted)
        notes = Notes()
        notes.read(noted.notes.lines())
        return RecordedHost(notes)
    return made


@pytest.mark.parametrize('ask', [
    lambda host: host.names.service_port('nowhere-else', 'tcp'), lambda host: host.names.service_port('nowhere-else', 'udp'),
    lambda host: host.names.host_addresses('no.such.example', 0), lambda host: host.links.index('nosuch7'),
    lambda host: host.cgroups.id('/no/such')])
def test_what_a_name_meant_there_is_recalled(ask, recalled):
    host = Host()
    host.names = host.links = host.cgroups = There()
    assert ask(recalled(ask)) == ask(host)


def test_what_was_not_asked_is_not_known(recalled):
    host = recalled(lambda host: None)
    assert host.links.index('nosuch7') == 0 and host.names.service_port('nowhere-else', 'tcp') is None
    with pytest.raises(Failure):
        host.cgroups.id('/no/such')


@pytest.mark.parametrize('line', [
    ('names_host_addresses', '["localhost", 0, ["zz"]]'), ('names_host_addresses', '["localhost", 0, [1, 2]]'),
    ('names_service_port', '["x", "tcp", "y"]'), ('about', '[7, "args", 5]'),
    ('about', '[7, "uid", "root"]'), ('links_index', '["x", "y"]')])
def test_lines_that_make_no_sense_are_nothing(line):
    notes = Notes()
    notes.read([line])
    host = RecordedHost(notes)
    assert host.names.host_addresses('localhost', 0) == Host().names.host_addresses('localhost', 0)
    assert host.names.service_port('x', 'tcp') is None and host.links.index('x') == 0
    about = host.owners().about()
    assert about.told('args')(7) is None and about.told('uid')(7) is None and about.told('args_hex')(7) is None


def test_every_fact_finds_whom_it_asks():
    """What facts look up in a host, one that is recorded has, and it need not know anything."""
    host, asked = RecordedHost(Notes()), set()
    for row in ROWS:
        for fact in declared(row.module).every():
            if fact.look_up:
                asked.add(fact.look_up)
                attrgetter(fact.look_up)(host)
    assert {'cgroups.path', 'cgroups.unit', 'links.name', 'whole_process_name'} <= asked


def test_what_the_path_of_a_cgroup_means():
    notes = Notes()
    notes.read([('cgroups_path', '[7, "/system.slice/nginx.service"]')])
    cgroups = RecordedHost(notes).cgroups
    assert (cgroups.unit(7), cgroups.unit(8), cgroups.container(7)) == ('nginx.service', None, None)


def test_threads_are_told_where_they_are_asked_for():
    notes = Notes()
    notes.read([('owner', '[99, [[5, 7, 3], [5, 5, 3], [4, 4, 1]]]')])
    host = RecordedHost(notes)
    assert [task for task, _ in host.owners(threads=True).holders(99)] == [(4, 4), (5, 5), (5, 7)]
    assert [task for task, _ in host.owners().holders(99)] == [(4, 4), (5, 5)]


@pytest.mark.parametrize('told', [
    '5', '[]', '[4, 1, 8, "zz"]', '[4, 1, 8, "9feb"]', '[4, "1", 8, ""]', '[4, 1, 1e9, "9feb0100"]', '{}'])
def test_a_map_whose_type_makes_no_sense(told, capsys):
    notes = Notes()
    notes.read([('map', '[7, %s]' % told)])
    maps = RecordedHost(notes).maps
    assert maps.load((7,)) == (7,) and maps.found(7) is None
    assert capsys.readouterr().err == 'ssng: BPF map 7: the record does not tell the type of its values\n'
    with pytest.raises(Failure):
        maps.load((7, 8))
