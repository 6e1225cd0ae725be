"""Interfaces of a namespace of our own, beside what `ip` says of them."""
import json
import errno
import os
import shutil
import subprocess
import sys

import pytest

from ssng.host import Host, links
from tests.support.namespaces import ROOT

LONG = 'a-name-longer-than-any-ioctl-can-carry'


def test_loopback():
    assert Host().links.name(1) == 'lo'
    assert Host().links.index('lo') == 1


@pytest.mark.parametrize('index, name', [(77777, 'if77777'), (0, 'if0'), (1 << 40, 'if1099511627776')])
def test_no_such_index(index, name):
    assert Host().links.name(index) == name


@pytest.mark.parametrize('name', ['', 'nonsense', 'caf\xc3\xa9', 'a\0b', 'if1', LONG])
def test_no_such_name(name):
    assert Host().links.index(name) == 0


def test_without_netlink(monkeypatch):
    from ssng.kernel import netlink

    def refused(*_):
        raise OSError(97, 'refused')
    monkeypatch.setattr(netlink, 'Socket', refused)
    assert Host().links.index('nonsense') == 0
    assert Host().links.index('lo') == 1


def test_below_a_root(tmp_path):
    """Of a host that is a folder, its /sys tells, and no kernel."""
    for name, index in (('eth7', b'7\n'), ('eth8', b'8'), ('lo', b'x\n'), ('big', b'9' * 5000)):
        (tmp_path / 'sys/class/net' / name).mkdir(parents=True)
        (tmp_path / 'sys/class/net' / name / 'ifindex').write_bytes(index)
    (tmp_path / 'sys/class/net/bonding_masters').write_bytes(b'')
    found = Host(str(tmp_path)).links
    assert [found.name(index) for index in (7, 8, 1)] == ['eth7', 'eth8', 'if1']
    assert [found.index(name) for name in ('eth7', 'eth8', 'lo', 'big')] == [7, 8, 0, 0]
    assert Host(str(tmp_path / 'nothing')).links.name(1) == 'if1'


def test_nothing_stays_open(monkeypatch):
    """Whatever the kernel answers."""
    from ssng.kernel import netlink
    made = []

    class Socket(netlink.Socket):
        def receive(self, *_, **__):
            made.append(self)
            raise OSError(errno.ENOBUFS, 'odd')
    monkeypatch.setattr(netlink, 'Socket', Socket)
    assert links.all_names() == {}
    assert made[0].socket.fileno() == -1


@pytest.fixture
def namespace():
    """A namespace with a few interfaces that have alternative names."""
    if os.geteuid() or not shutil.which('ip'):
        pytest.skip('needs root and ip')
    name = 'ssng-links-%d' % os.getpid()
    if subprocess.call(['ip', 'netns', 'add', name]):
        pytest.skip('cannot make a network namespace here')
    try:
        ip = ['ip', '-n', name]
        for number in range(40):        # more than one datagram of them
            made = subprocess.call(ip + ['tuntap', 'add', 'dev', 'tap%d' % number, 'mode', 'tap'])
            if made:
                pytest.skip('cannot make an interface here')
        if subprocess.call(ip + ['link', 'property', 'add', 'dev', 'tap7', 'altname', LONG, 'altname', 'seven']):
            pytest.skip('no alternative names here')
        yield name
    finally:
        subprocess.check_call(['ip', 'netns', 'del', name])


@pytest.mark.root
def test_alternative_names(namespace):
    said = json.loads(subprocess.check_output(['ip', '-n', namespace, '-j', 'link']).decode())
    expected = {name: link['ifindex'] for link in said for name in [link['ifname']] + link.get('altnames', [])}
    assert len(expected) >= 43 and LONG in expected
    program = ('import json; from ssng.host import Host, links; names = links.all_names(); '
               'print(json.dumps([names, {name: Host().links.index(name) for name in names}]))')
    found = json.loads(subprocess.check_output(
        ['ip', 'netns', 'exec', namespace, sys.executable, '-c', program], cwd=ROOT).decode())
    assert found == [expected, expected]


def test_a_python_without_the_calls(monkeypatch):
    """PyPy does not wrap them: rtnetlink tells the same."""
    expected = {index: Host().links.name(index) for index in range(1, 5)}
    monkeypatch.delattr(links._socket, 'if_indextoname')
    monkeypatch.delattr(links._socket, 'if_nametoindex')
    known = Host().links
    assert {index: known.name(index) for index in range(1, 5)} == expected
    assert known.index('lo') == 1 and known.index('no such') == 0
