"""tools/lab: what it prepares, and real guests where they are fetched."""
import os
import subprocess
import sys

import pytest

from tests.support.namespaces import ROOT

sys.path.insert(0, os.path.join(ROOT, 'tools'))

from lablib import boot, guests, matrix     # noqa: E402

LAB = os.path.join(ROOT, 'tools', 'lab')


def lab(*arguments):
    program = subprocess.Popen([sys.executable, LAB] + list(arguments), cwd=ROOT, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = program.communicate()
    return program.returncode, out, err


# Without a guest

@pytest.mark.parametrize('arguments, complaint', [
    (['7.3', 'true'], b'no guest is called 7.3'),
    (['7.2'], b'what is to be run'),
    (['--frob'], b'--frob not recognized'),
    (['7.2', '--memory', 'much', 'true'], b'much'),
])
def test_wrong_command_line(arguments, complaint):
    status, out, err = lab(*arguments)
    assert status in (1, 2)
    assert out == b''
    assert complaint in err and b'Traceback' not in err


def test_help_names_every_option():
    _, out, _ = lab('--help')
    told = out.decode()
    assert all(name in told for name in (
        '--sockets', '--modules', '--memory', '--time', '--append', '--keep', '--verbose', '--json', '--list',
        '--fetch', '--all', '--families'))


def test_archive_is_a_cpio_archive(tmp_path):
    """Unpacked by another program."""
    if not any(os.access(os.path.join(folder, 'cpio'), os.X_OK) for folder in os.get_exec_path()):
        words = [os.path.join(prepared()[0], 'busybox'), 'cpio']
    else:
        words = ['cpio']
    files = {'folder': (0o40755, b''), 'folder/odd': (0o100644, b'12345'), 'empty': (0o100600, b''),
             'program': (0o100755, bytes(range(256)) * 9)}
    unpacking = subprocess.Popen(words + ['-id'], cwd=str(tmp_path), stdin=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
    unpacking.communicate(boot.archive(files))
    assert unpacking.returncode == 0
    for name, (mode, content) in files.items():
        path = str(tmp_path / name)
        assert os.stat(path).st_mode == mode
        assert mode & 0o40000 or open(path, 'rb').read() == content


def test_modules_are_loaded_after_what_they_need(tmp_path, monkeypatch):
    folder = tmp_path / '7.2' / 'lib/modules/7.2.1'
    folder.mkdir(parents=True)
    (folder / 'modules.dep').write_text(
        'k/9p.ko.xz: k/9pnet.ko.xz k/netfs.ko.xz\n'
        'k/netfs.ko.xz:\n'
        'k/9pnet.ko.xz: k/netfs.ko.xz\n'
        'k/9pnet_virtio.ko.xz: k/9pnet.ko.xz\n'
        'k/unwanted.ko.xz:\n'
        'k/overlay.ko.xz:\n')
    monkeypatch.setenv('SSNG_LAB', str(tmp_path))
    names = [os.path.relpath(path, str(folder)) for path in boot.first_modules(guests.by_name('7.2'))]
    assert names == ['k/netfs.ko.xz', 'k/9pnet.ko.xz', 'k/9pnet_virtio.ko.xz', 'k/9p.ko.xz', 'k/overlay.ko.xz']


def test_matrix():
    table = matrix.Matrix()
    table.add('one', b'{"family": "tcp", "line": "-t", "result": "same"}\n'
                     b'{"family": "tcp", "line": "-tn", "result": "masked"}\n'
                     b'{"family": "xdp", "result": "lacks"}\n')
    table.add('two', b'{"family": "tcp", "line": "-t", "result": "same"}\n'
                     b'{"family": "tcp", "line": "-tn", "result": "differs", "diff": ["-a", "+b"]}\n')
    lines = table.text().splitlines()
    assert [line.split() for line in lines[:3]] == [
        ['family', 'one', 'two'], ['tcp', 'same', '2', 'differs', '1'], ['xdp', '-', 'failed']]
    assert '    +b' in lines
    assert table.status() == 124


# With the guests that are there; `tools/lab --fetch` fetches them

def prepared():
    """(folder, name) of the guests on this machine."""
    found = [(guests.folder_of(guest), guest.name) for guest in guests.GUESTS if not guests.missing(guest)]
    if not found:
        pytest.skip('no guest is fetched: tools/lab --fetch uml-7.2')
    return found[0]


@pytest.fixture(params=guests.NAMES)
def guest(request):
    if guests.missing(guests.by_name(request.param)):
        pytest.skip('not fetched: tools/lab --fetch ' + request.param)
    return request.param


@pytest.mark.lab
def test_output_and_status_come_back(guest):
    script = 'printf "\\000\\377%s" "$1"; echo two >&2; id -u; pwd; exit 7'
    status, out, err = lab(guest, 'sh', '-c', script, 'sh', 'a "b" $c é')
    assert (status, out, err) == (7, b'\0\xffa "b" $c \xc3\xa90\n' + ROOT.encode() + b'\n', b'two\n')


@pytest.mark.lab
def test_kernel_and_byte_order(guest):
    program = 'import os, sys; print(os.uname().release, os.uname().machine, sys.byteorder)'
    _, out, _ = lab(guest, 'python3', '-c', program)
    release, machine, order = out.decode().split()
    wanted = guests.by_name(guest)
    assert release.startswith(wanted.version + '.')
    assert (machine, order) == {'s390x': ('s390x', 'big'), 'arm64': ('aarch64', 'little')}.get(guest, ('x86_64', 'little'))


@pytest.mark.lab
def test_nothing_reaches_the_host(guest):
    name = os.path.join(ROOT, 'written-in-a-guest')
    status, _, _ = lab(guest, 'sh', '-c', 'echo >/etc/written-in-a-guest || exit 1; echo >"$0" || exit 3', name)
    assert status == 0 or guests.is_foreign(guests.by_name(guest)) and status == 3      # there the tree is read-only
    assert not os.path.exists(name) and not os.path.exists('/etc/written-in-a-guest')


@pytest.mark.lab
def test_options_reach_the_guest(guest):
    status, out, _ = lab('--memory', '512', guest, '--append', 'lab.word=7', '--modules', 'sctp', '--', 'sh', '-c',
                         'grep -o lab.word=7 /proc/cmdline; grep -o "^sctp" /proc/modules; '
                         'grep MemTotal /proc/meminfo')
    word, module, memory = out.decode().splitlines()
    assert (status, word, module) == (0, 'lab.word=7', 'sctp')
    assert 300000 < int(memory.split()[1]) < 530000


@pytest.mark.lab
@pytest.mark.parametrize('seconds, command, told', [
    ('20', ['sleep', '600'], b'the time limit of 20 s is over'),
    ('120', ['sh', '-c', 'echo c >/proc/sysrq-trigger'], b'sysrq triggered crash'),
])
def test_a_guest_that_does_not_end(guest, seconds, command, told):
    status, _, err = lab(guest, '--time', seconds, *command)
    assert status == 124
    assert told in err


NEVER = ['vsock datagram']
NO_AO = ['tcp_options authentication-option']
NOT_IN_UML = ['mptcp connection', 'mptcp connection6', 'mptcp fallback', 'xdp both-rings', 'xdp receive-only',
              'xdp shared-memory', 'xdp unbound'] + NO_AO
GONE = ['datagram udplite', 'dccp connection']
LACKING = {
    'uml-6.1': NEVER + NOT_IN_UML,
    'uml-6.12': NEVER + NOT_IN_UML,
    'uml-7.2': NEVER + NOT_IN_UML + GONE + ['bpf storage'],
    '6.1': NEVER + NO_AO,
    '6.12': NEVER + NO_AO,
    '7.2': NEVER + GONE,
    's390x': NEVER + GONE,
    'arm64': NEVER + GONE,
}


@pytest.mark.lab
def test_sockets_of_every_kind(guest):
    status, _, err = lab(guest, '--sockets', '--', 'true')
    lines = err.decode().splitlines()
    lacking = [line.split(':')[0].split(None, 1)[1] for line in lines if line.startswith('lacks')]
    assert status == 0
    assert sorted(lacking) == sorted(LACKING[guest])
    assert sum(line.startswith('made') for line in lines) >= 55
