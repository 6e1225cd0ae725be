"""tools/sockets and tools/compare, on this machine's kernel."""
import json
import os
import shlex
import subprocess
import sys

import pytest

from tests.support.namespaces import ROOT

SOCKETS = os.path.join(ROOT, 'tools', 'sockets')
COMPARE = os.path.join(ROOT, 'tools', 'compare')

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason='needs root: it makes network namespaces'),
]


def inside(*words):
    """Run in a network and a mount namespace of its own."""
    program = subprocess.Popen(['unshare', '-n', '-m'] + list(words), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = program.communicate()
    return program.returncode, out.decode(), err.decode()


def test_sockets_are_there_while_the_command_runs():
    status, out, err = inside(sys.executable, SOCKETS, '--only', 'tcp', '--', 'sh', '-c',
                              'cat /proc/net/tcp; exit 5')
    states = {line.split()[3] for line in out.splitlines()[1:]}
    # uapi tcp_states.h: established, fin-wait-2, time-wait, close-wait, listen
    assert {'01', '05', '06', '08', '0A'} <= states
    assert status == 5
    assert 'made   tcp zero-window' in err


def test_nothing_is_left():
    with open('/proc/mounts') as stream:
        mounted = [line.split()[1] for line in stream if line.split()[2] == 'cgroup2']
    inside(sys.executable, SOCKETS, '--quiet', '--', 'true')
    assert not os.path.exists('/run/ssng-kinds')
    assert not any(os.path.exists(folder + '/labgroup') for folder in mounted)


def test_every_kind_says_what_it_shows():
    out = subprocess.check_output([sys.executable, SOCKETS, '--list']).decode()
    kinds = [line.split(None, 2) for line in out.splitlines()]
    assert len(kinds) > 55
    assert len({(family, name) for family, name, _ in kinds}) == len(kinds)
    assert all(shows.endswith('.') or '`' in shows for _, _, shows in kinds)


def compared(reference, subject, kinds, family):
    status, out, err = inside(
        sys.executable, SOCKETS, '--quiet', '--only', kinds, '--',
        sys.executable, COMPARE, '--reference', ' '.join(map(shlex.quote, reference)), '--subject', subject, family)
    assert status == 0, err
    return [json.loads(line) for line in out.splitlines()]


def test_ss_is_the_same_as_itself(reference):
    found = compared(reference, ' '.join(map(shlex.quote, reference)), 'tcp', 'tcp')
    assert len(found) > 20
    assert {each['result'] for each in found} <= {'same', 'masked'}


@pytest.mark.parametrize('script, told', [
    ('SS "$@" | sed s/127.0.0.1/127.0.0.2/', '127.0.0.2'),
    ('SS "$@"; exit 3', '[exit status 3]'),
    ('echo stray; SS "$@"', 'stray'),
    ('echo Oops >&2; exit 0', 'Oops'),
])
def test_a_difference_is_found(reference, tmp_path, script, told):
    path = tmp_path / 'other'
    path.write_text('#!/bin/sh\n' + script.replace('SS', ' '.join(map(shlex.quote, reference))))
    path.chmod(0o755)
    found = compared(reference, str(path), 'datagram', 'raw')
    everything, = (each for each in found if each['line'] == '-w -an')
    assert everything['result'] == 'differs'
    assert any(told in line for line in everything['diff'])


def test_a_family_that_the_kernel_does_not_list(reference):
    if os.path.exists('/proc/sys/net/tipc'):
        pytest.skip('this kernel has TIPC')
    assert compared(reference, 'true', 'tipc', 'tipc') == [{'family': 'tipc', 'result': 'lacks'}]
