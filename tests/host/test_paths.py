"""Which variable moves which file: what strace sees ss 7.3.0 open."""
import pytest

from ssng.host import paths
from ssng.host.paths import Paths


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
    assert not any(map(Paths({}).redirected, paths.REDIRECTED))


def test_a_root_is_in_front_of_what_no_variable_names():
    below = Paths({'PROC_NET_TCP': '/tcp'}, '/mnt/')
    assert [below.at('/etc/rpc'), below.proc(), below.net('udp'), below.net('tcp')] == [
        '/mnt/etc/rpc', '/mnt/proc', '/mnt/proc/net/udp', '/tcp']
    assert Paths({'PROC_ROOT': '/elsewhere'}, '/mnt').port_range() == '/elsewhere/sys/net/ipv4/ip_local_port_range'
