"""Interfaces of a namespace of our own, beside what `ip` says of them."""
import json
import os
import shutil
import subprocess
import sys

import pytest

from ssng.host import links
from tests.support.namespaces import ROOT

LONG = 'a-name-longer-than-any-ioctl-can-carry'


def test_loopback():
    assert links.name(1) == 'lo'
    assert links.interface_index('lo') == 1


@pytest.mark.parametrize('index, name', [(77777, 'if77777'), (0, 'if0'), (1 << 40, 'if1099511627776')])
def test_no_such_index(index, name):
    assert links.name(index) == name


@pytest.mark.parametrize('name', ['', 'nonsense', 'caf\xc3\xa9', 'a\0b', 'if1', LONG])
def test_no_such_name(name):
    assert links.interface_index(name) == 0


def test_without_netlink(monkeypatch):
    from ssng.kernel import netlink

    def refused(*_):
        raise OSError(97, 'refused')
    monkeypatch.setattr(netlink, 'Socket', refused)
    assert links.interface_index('nonsense') == 0
    assert links.interface_index('lo') == 1


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
    program = ('import json; from ssng.host import links; names = links.all_names(); '
               'print(json.dumps([names, {name: links.interface_index(name) for name in names}]))')
    found = json.loads(subprocess.check_output(
        ['ip', 'netns', 'exec', namespace, sys.executable, '-c', program], cwd=ROOT).decode())
    assert found == [expected, expected]
