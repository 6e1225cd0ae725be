"""-N in a child: a namespace with a name, a file in /etc/netns for it, and what the child sees then."""
import json
import os
import shutil
import subprocess
import sys

import pytest

from ssng.errors import Failure
from ssng.host import Report, namespaces
from tests.support.namespaces import ROOT

NAME = 'ssng-netns-%d' % os.getpid()

LOOK = '''
import json, os, sys
from ssng.errors import Failure
from ssng.host import Report, namespaces
if %r:
    os.setuid(65534)
try:
    namespaces.enter(%r, Report())
except Failure as failure:
    print(json.dumps([failure.message, failure.status]))
    sys.exit(0)
mounts = [line.split() for line in open('/proc/self/mounts')]
print(json.dumps({
    'net': os.stat('/proc/self/ns/net').st_ino,
    'sys': [(fields[0], fields[2]) for fields in mounts if fields[1] == '/sys'][-1:],
    'links': sorted(os.listdir('/sys/class/net')),
    'hosts': open('/etc/hosts').read(),
}))
'''


def look(name, unprivileged=False):
    child = subprocess.Popen([sys.executable, '-c', LOOK % (unprivileged, name)], cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.communicate()
    assert child.returncode == 0, err.decode()
    return json.loads(out.decode()), err.decode()


@pytest.fixture
def namespace():
    if os.geteuid() or not shutil.which('ip'):
        pytest.skip('needs root and ip')
    if subprocess.call(['ip', 'netns', 'add', NAME]):
        pytest.skip('cannot make a network namespace here')
    files, above = '/etc/netns/' + NAME, not os.path.exists('/etc/netns')
    try:
        os.makedirs(files)
        yield files
    finally:
        subprocess.check_call(['ip', 'netns', 'del', NAME])
        shutil.rmtree(files)
        if above:
            os.rmdir('/etc/netns')


@pytest.mark.root
def test_enter(namespace):
    with open(namespace + '/hosts', 'w') as file:
        file.write('192.0.2.77 elsewhere\n')
    before = open('/etc/hosts').read(), os.listdir('/sys/class/net'), open('/proc/self/mounts').read()
    seen, err = look(NAME)
    assert seen == {
        'net': os.stat('/run/netns/' + NAME).st_ino,
        'sys': [[NAME, 'sysfs']],
        'links': sorted(link['ifname'] for link in json.loads(
            subprocess.check_output(['ip', '-n', NAME, '-j', 'link']).decode())),
        'hosts': '192.0.2.77 elsewhere\n',
    }
    assert err == ''
    assert before == (open('/etc/hosts').read(), os.listdir('/sys/class/net'), open('/proc/self/mounts').read())


@pytest.mark.root
def test_a_file_that_etc_lacks_is_only_told(namespace):
    with open(namespace + '/ssng-no-such-file', 'w'):
        pass
    seen, err = look(NAME)
    assert seen['net'] == os.stat('/run/netns/' + NAME).st_ino
    assert err.startswith('ssng: ') and err.count('\n') == 1 and '/etc/ssng-no-such-file' in err


@pytest.mark.root
def test_a_name_is_appended_as_it_stands(namespace):
    """To the folder of namespaces, even one that leads out of it and back (command-line.md 9.5)."""
    seen, _ = look('../netns/' + NAME)
    assert seen['net'] == os.stat('/run/netns/' + NAME).st_ino


@pytest.mark.parametrize('name, reason', [
    ('ssng-no-such-namespace', 'No such file or directory'),
    ('/proc/self/ns/net', 'No such file or directory'),
    ('../../etc/hosts', 'Invalid argument'),                 # a file, but no namespace
])
def test_no_such_namespace(name, reason):
    if not os.path.isdir('/run/netns'):
        pytest.skip('no namespace has a name here')
    seen, err = look(name)
    assert seen == ['cannot enter the network namespace "%s": %s' % (name, reason), 1]
    assert err == ''


@pytest.mark.parametrize('name, shown', [
    ('\xff', r'\xff'), ('a\nb', r'a\x0ab'), ('\x1b[m\xc2\x9b', r'\x1b[m\xc2\x9b'), ('caf\xc3\xa9', 'caf\xc3\xa9')])
def test_a_name_is_one_line(name, shown):
    with pytest.raises(Failure) as raised:
        namespaces.enter(name, Report())
    assert raised.value.message == 'cannot enter the network namespace "%s": No such file or directory' % shown


def test_no_file_has_such_a_name():
    with pytest.raises(Failure):
        namespaces.enter('a\0b', Report())


@pytest.mark.root
def test_without_privilege(namespace):
    seen, _ = look(NAME, unprivileged=True)
    assert seen == ['cannot enter the network namespace "%s": Operation not permitted' % NAME, 1]
