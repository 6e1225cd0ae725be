"""The look-ups of the host that a filter needs are where the filter looks for them."""
import os
import socket

import pytest

from ssng.errors import Failure
from ssng.filter.scope import Scope
from ssng.host import Host

SCOPE = Scope(Host())


@pytest.mark.parametrize('tables,expected', [
    (('tcp',), (['tcp'], [])), (('udp', 'tcp'), (['udp', 'tcp'], [])), (('mptcp',), ([], ['tcp'])),
    (('tcp', 'mptcp'), (['tcp'], [])), (('udp', 'mptcp', 'sctp'), (['udp'], ['tcp', 'sctp'])),
    (('raw', 'unix_stream'), ([], [])), (('dccp',), ([], ['dccp'])),
])
def test_protocols(tables, expected):
    assert Scope(tables=tables).protocols() == expected


def test_services():
    try:
        port = socket.getservbyname('ssh', 'tcp')
    except OSError:
        pytest.skip('the host knows no service called ssh')
    assert SCOPE.service('ssh', 'tcp') == port
    assert SCOPE.service('no such service', 'tcp') is None
    assert SCOPE.rpc_service('rpc.no such program', 'tcp') is None


def test_addresses():
    assert SCOPE.addresses('127.1', 2) == [b'\x7f\0\0\1']
    assert SCOPE.addresses('no such host.invalid', 10) == []


def test_protocol_names():
    assert SCOPE.link_protocol('ARP') == 0x806
    assert SCOPE.link_protocol('none') is None
    assert SCOPE.netlink_protocol('none of them') is None


def test_interfaces():
    for index, name in socket.if_nameindex():
        assert SCOPE.interface(name) == index
    assert not SCOPE.interface('no such device')


def test_cgroups():
    with pytest.raises(Failure) as caught:
        SCOPE.cgroup('no/such/group')
    assert caught.value.status == 1


def test_ephemeral_ports():
    if os.environ.get('PROC_IP_LOCAL_PORT_RANGE') or not os.path.exists('/proc/sys/net/ipv4/ip_local_port_range'):
        pytest.skip('the host tells no range of ports')
    with open('/proc/sys/net/ipv4/ip_local_port_range') as file:
        assert SCOPE.ephemeral_ports() == tuple(map(int, file.read().split()))
