"""``--host`` through a real sshd, on the loopback of a network of its own, with keys that are made here."""
import os
import shutil
import signal
import subprocess
import time

import pytest

from tests.support.programs import run, start, surroundings

pytestmark = pytest.mark.root

SSHD = '/usr/sbin/sshd'
PORT = 2022
SERVER = """\
Port %(port)d
ListenAddress 127.0.0.1
HostKey %(folder)s/host_key
AuthorizedKeysFile %(folder)s/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxStartups 100
MaxSessions 100
"""
CLIENT = """\
Host stranger
    UserKnownHostsFile /dev/null
Host keyless
    PubkeyAuthentication no
Host closed
    Port 2023
Host *
    HostName 127.0.0.1
    HostKeyAlias web
    Port %(port)d
    IdentityFile %(folder)s/key
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile %(folder)s/known
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
"""


@pytest.fixture(scope='module')
def room(furnished):
    return furnished('tests.cli.sockets')


@pytest.fixture(scope='module')
def network(room, tmp_path_factory):
    """The folder of an ssh that knows the hosts of CLIENT, for PATH."""
    if not os.path.exists(SSHD) or not shutil.which('ssh'):
        pytest.skip('needs ssh and sshd (openssh-server)')
    folder = tmp_path_factory.mktemp('sshd')
    words = {'folder': folder, 'port': PORT}
    for name in ('host_key', 'key'):
        subprocess.check_call(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', str(folder / name)])
    (folder / 'server').write_text(SERVER % words)
    (folder / 'client').write_text(CLIENT % words)
    (folder / 'known').write_text('web ' + (folder / 'host_key.pub').read_text())
    (folder / 'bin').mkdir()
    (folder / 'bin' / 'ssh').write_text('#!/bin/sh\nexec %s -F %s/client "$@"\n' % (shutil.which('ssh'), folder))
    (folder / 'bin' / 'ssh').chmod(0o755)
    made = not os.path.isdir('/run/sshd')
    if made:                            # where Debian's sshd locks itself up
        os.mkdir('/run/sshd')
    server = start([SSHD, '-D', '-e', '-f', str(folder / 'server')], enter=room.enter)
    try:
        for _ in range(200):
            if run(['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/%d' % PORT], enter=room.enter).status == 0:
                break
            if server.poll() is not None:
                pytest.skip('sshd does not run here: %s' % server.stderr.read().decode().strip())
            time.sleep(.05)
        yield folder
    finally:
        with open('/proc/%d/task/%d/children' % (server.pid, server.pid)) as children:
            for pid in children.read().split():         # sshd is a child of what entered the room
                os.kill(int(pid), signal.SIGTERM)
        server.communicate(timeout=60)
        if made:
            os.rmdir('/run/sshd')


@pytest.fixture
def ask(network, room, subject):
    def asked(*words):
        env = {'PATH': '%s/bin:%s' % (network, surroundings()['PATH'])}
        answer = run(subject + list(words), enter=room.enter, env=env)
        return answer.status, answer.out, answer.err.decode().splitlines()
    return asked


def ours(out):
    """Those lines in which the sockets of sshd and of ssh are not."""
    text = out.decode().replace('PortProcess', 'Port Process')      # the width of a column is that of all rows
    return [line.split() for line in text.splitlines() if 'ssh"' not in line and ':%d' % PORT not in line]


@pytest.mark.parametrize('line', ['-tanp', '-uane', '-xap src @ssng/*', '-ta sport = :1001', '-tam --tos comm ~ py',
                                  '-ta --columns=state,local,comm,processes.args sport <= 2002'])
def test_the_answer_is_that_of_the_host(line, ask):
    words = line.split()
    status, out, err = ask(*words)
    there = ask('--host=root@web1', *words)
    assert (there[0], there[2]) == (status, err) == (0, []) and ours(there[1]) == ours(out)
    assert len(ours(out)) > 1


def test_many_hosts_and_those_that_do_not_answer(ask):
    """Each failure is a line; the others are shown."""
    hosts = ['web%d' % number for number in range(20)]
    status, out, err = ask('--host=' + ','.join(hosts), '--at-once=6', '--host=stranger,keyless', '--host=closed', '-ta', '-H',
                           '--count=host', 'sport = :1001')
    assert status == 1 and sorted(out.decode().split()) == sorted(hosts + ['1'] * len(hosts))
    assert [line.partition(': ')[2] for line in err] == [
        'stranger: its host key is not the one that is known, or none is known (Host key verification failed)',
        'keyless: root@127.0.0.1: Permission denied (publickey): a key or an agent is needed, no password is asked for',
        'closed: ssh: connect to host 127.0.0.1 port 2023: Connection refused']


def test_nothing_is_left_when_the_far_side_hangs(ask, network, room):
    """The program there ends itself, whatever became of who asked."""
    (network / 'slow').mkdir(exist_ok=True)
    status, _, err = ask('--via=ssh web1 sleep 3 &&', '--timeout=1', '-ta')
    assert status == 1 and err == ['ssng: ssh web1 sleep 3 &&: no answer within 1 second']
    time.sleep(4)
    listed = run(['ps', '-eo', 'args'], enter=room.enter).out.decode()
    assert 'python3 -\n' not in listed and 'sleep 3' not in listed
