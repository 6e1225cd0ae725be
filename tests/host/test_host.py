"""A host and its report: parts that are made when asked for, messages told once and fit for a terminal."""
import contextlib
import os
import subprocess
import sys

import pytest

from ssng import host
from ssng.errors import Failure
from ssng.host import Host, Paths, Report, bpf
from tests.support.namespaces import ROOT


def test_two_hosts_share_nothing(tmp_path):
    (tmp_path / 'etc').mkdir()
    (tmp_path / 'etc' / 'services').write_bytes(b'elsewhere 22/tcp\n')
    here, there = Host(), Host(str(tmp_path) + '/')
    assert (here.names.port_name(22, 'tcp'), there.names.port_name(22, 'tcp')) == ('ssh', 'elsewhere')
    assert here.names is here.names and here.names is not there.names
    assert there.paths.proc() == str(tmp_path) + '/proc'


def test_a_host_costs_nothing_until_it_is_asked():
    program = 'import sys, ssng.host; before = set(sys.modules); ssng.host.Host().close(); print(set(sys.modules) - before)'
    assert subprocess.check_output([sys.executable, '-c', program], cwd=ROOT) == b'set()\n'


def test_no_module_remembers():
    """But for the one host that stands in until every caller hands over its own."""
    program = (
        'import sys; from ssng.host import Host; host = Host()\n'
        'import ssng.host.rpcbind, ssng.host.sockstat, ssng.host.workers\n'
        'modules = [module for name, module in sys.modules.items() if name.startswith("ssng.host")]\n'
        'def state():\n'
        '    return {(module.__name__, name): repr(value) for module in modules for name, value in vars(module).items()\n'
        '            if isinstance(value, (dict, list, set, tuple, int, str)) and not name.startswith("__")}\n'
        'parts = host.links, host.names, host.cgroups, host.tasks, host.maps, host.owners(True)\n'
        'modules = [module for name, module in sys.modules.items() if name.startswith("ssng.host")]\n'
        'before = state()\n'
        'host.links.name(1), host.names.port_name(22), host.names.ip_protocol(6), host.names.netlink_protocol(0)\n'
        'host.names.host(bytes(4)), host.names.ephemeral_ports(), host.cgroups.path(1), host.process_name(1)\n'
        'host.names.ask_rpcbind(), host.report.warn("x"), host.maps.found(1), host.owners().json([1])\n'
        'assert before and state() == before, set(state().items()) ^ set(before.items())\n')
    child = subprocess.Popen([sys.executable, '-c', program], cwd=ROOT, stderr=subprocess.PIPE)
    said = child.communicate()[1]
    assert child.returncode == 0, said.decode()


def test_a_warning_is_told_once(capsys):
    report = Report()
    for _ in range(3):
        report.warn('careful')
    report.complain('careful')
    assert capsys.readouterr().err == 'ssng: careful\n' * 2


def test_what_is_remembered_is_bounded():
    said = []
    report = Report(said.append)
    for number in range(3 * Report.MOST):
        report.warn('%d' % number)
        report.warn('%d' % number)
    assert said == ['%d' % number for number in range(3 * Report.MOST)] and len(report._said) == Report.MOST


MESSAGES = [
    ('plain', b'plain'),
    ('a filter\n  with carets\n  ^^^^', b'a filter\n  with carets\n  ^^^^'),
    ('\x1b[2J\x7f\r', b'\\x1b[2J\\x7f\\x0d'),
    ('\xc2\x9b', b'\\xc2\\x9b'), ('\x9b\xff', b'\\x9b\\xff'),
    ('caf\xc3\xa9', b'caf\xc3\xa9'), ('\u20ac\udcff', b'\\u20ac\\udcff'),
]


@pytest.mark.parametrize('message, told', MESSAGES)
def test_nothing_steers_a_terminal(capfdbinary, message, told):
    host.complain(message)
    assert capfdbinary.readouterr().err == b'ssng: ' + told + b'\n'
    said = []
    Report(said.append).warn(message)
    assert said == [told.decode('utf-8')]


@pytest.mark.parametrize('stderr', ['closed', 'None', 'full'])
def test_a_message_nobody_hears(monkeypatch, tmp_path, stderr):
    stream = open('/dev/full' if stderr == 'full' else os.devnull, 'w')
    if stderr == 'closed':
        stream.close()
    monkeypatch.setattr(sys, 'stderr', None if stderr == 'None' else stream)
    host.complain('lost' * 10000)
    monkeypatch.undo()
    with contextlib.suppress(OSError):
        stream.close()


# Maps

class Kernel:
    """bpf(2) for some maps that all look alike."""

    def __init__(self, monkeypatch):
        from tests.support.btf import Types
        types = Types()
        types.int()
        self.asked = []
        monkeypatch.setattr(bpf, 'map_fd', self.map_fd)
        monkeypatch.setattr(bpf, 'map_info', lambda fd: bpf.abi.bpf_map_info(
            type=bpf.abi.BPF_MAP_TYPE_SK_STORAGE, value_size=4, btf_id=1, btf_value_type_id=1))
        monkeypatch.setattr(bpf, 'btf', lambda number: types.blob())

    def map_fd(self, number):
        self.asked.append(number)
        if number >= 1000:
            raise OSError(2, 'No such file or directory')
        return os.open(os.devnull, os.O_RDONLY)


def opened():
    return len(os.listdir('/proc/self/fd'))


def test_maps_are_bounded_and_closed(monkeypatch):
    kernel, before, said = Kernel(monkeypatch), opened(), []
    with_maps = Host(report=Report(said.append))
    maps = with_maps.maps
    for number in range(600):
        assert maps.found(number).size == 4
    assert opened() == before and len(maps._found) <= 256
    assert maps.load([7, 7, 8]) == (7, 8) and opened() == before + 2
    assert os.readlink('/proc/self/fd/%d' % maps.descriptor(8)) == os.devnull
    for start in (100, 200, 300):
        assert maps.load(range(start, start + 20)) == tuple(range(start, start + 20))
    assert opened() <= before + 32
    asked = len(kernel.asked)
    assert maps.found(1000) is None and maps.found(1000) is None and len(kernel.asked) == asked + 1
    assert said == ['there is no BPF map 1000']
    with pytest.raises(Failure):
        maps.load([1001])
    with_maps.close()
    assert opened() == before


# Nothing is left open

EVERYTHING = """
import gc
from ssng.errors import Failure
from ssng.host import Host, Report, namespaces, processes, rpcbind, sockstat
for host in Host(), Host('/nonexistent'):
    host.names.ask_rpcbind(), host.names.host_addresses('localhost'), host.names.port_name(1, 'raw')
    host.names.netlink_protocol(1), host.links.index('no-such-interface-by-any-name'), host.links.name(1)
    host.cgroups.path(1), sockstat.counts(host)
    host.owners(True).json([1]), host.owners(late=True).texts([1]), host.maps.found(1), host.tasks.labelled()
    def enter(name):
        namespaces.enter(name, host.report)
    for step, word in (host.cgroups.id, '/no/such'), (enter, 'no-such'), (host.maps.load, [1]):
        try:
            step(word)
        except Failure:
            pass
    host.close()
gc.collect()
"""


@pytest.mark.parametrize('rpcbind', ['nobody listens', 'it hangs up'])
def test_no_warning_of_pythons(rpcbind, tmp_path):
    program = EVERYTHING
    if rpcbind == 'it hangs up':
        program = 'import socket; from ssng.host import rpcbind; rpcbind.ADDRESS = %r; rpcbind.PATIENCE = .1\n' \
            'listener = socket.socket(1); listener.bind(%r); listener.listen(9)\n%s\nlistener.close()\n' % (
                str(tmp_path / 'r'), str(tmp_path / 'r'), EVERYTHING)
    child = subprocess.Popen([sys.executable, '-W', 'error', '-X', 'dev', '-c', program], cwd=ROOT,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.communicate()[1].decode()
    assert child.returncode == 0 and 'Warning' not in said and 'Traceback' not in said


# Paths: which variable moves which file, as strace sees ss 7.3.0 open it.

@pytest.mark.parametrize('variables, opened', [
    ({}, '/proc/net/tcp'),
    ({'PROC_ROOT': 'R'}, 'R/net/tcp'),
    ({'PROC_ROOT': 'R/'}, 'R/net/tcp'),
    ({'PROC_ROOT': ''}, '/net/tcp'),
    ({'PROC_NET_TCP': ''}, ''),
    ({'PROC_NET_TCP': '/nope', 'PROC_ROOT': 'R'}, '/nope'),
    ({'PROC_NET_TCP6': '/nope'}, '/proc/net/tcp'),
])
def test_table_file(variables, opened):
    assert Paths(variables).net('tcp') == opened


@pytest.mark.parametrize('variables, opened', [
    ({}, '/proc/sys/net/ipv4/ip_local_port_range'),
    ({'PROC_ROOT': 'R'}, 'R/sys/net/ipv4/ip_local_port_range'),
    ({'PROC_ROOT': 'R', 'PROC_IP_LOCAL_PORT_RANGE': 'f'}, 'f'),
])
def test_port_range_file(variables, opened):
    assert Paths(variables).port_range() == opened


@pytest.mark.parametrize('variable, table, expected', [      # is netlink passed over? (command-line.md 5.3)
    ('PROC_NET_TCP', 'tcp', True),
    ('PROC_NET_TCP', 'udp', False),
    ('PROC_NET_TCP6', 'tcp', False),
    ('PROC_ROOT', 'tcp', True),
    ('PROC_ROOT', 'sctp', True),
    ('PROC_ROOT', 'vsock', False),
    ('PROC_ROOT', 'xdp', False),
    ('PROC_NET_VSOCK', 'vsock', False),
])
def test_redirected(variable, table, expected):
    assert Paths({variable: ''}).redirected(table) is expected


def test_nothing_is_redirected_by_default():
    assert not any(map(Paths({}).redirected, host.REDIRECTED))


def test_a_root_is_in_front_of_what_no_variable_names():
    below = Paths({'PROC_NET_TCP': '/tcp'}, '/mnt/')
    assert [below.at('/etc/rpc'), below.proc(), below.net('udp'), below.net('tcp')] == [
        '/mnt/etc/rpc', '/mnt/proc', '/mnt/proc/net/udp', '/tcp']
    assert Paths({'PROC_ROOT': '/elsewhere'}, '/mnt').port_range() == '/elsewhere/sys/net/ipv4/ip_local_port_range'
