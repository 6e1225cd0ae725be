"""Ids and paths of cgroups that the test makes, beside the inode numbers that the kernel gives them.

Since 5.5 the id of a cgroup is the inode number of its directory, on 64-bit machines.
"""
import contextlib
import os
import subprocess
import sys

import pytest

from ssng.errors import Failure
from ssng.host import Host, cgroups
from tests.support.namespaces import ROOT


@pytest.fixture
def known():
    """The cgroups of this host, of which nobody has asked yet."""
    return Host().cgroups


@pytest.fixture
def top(known):
    if os.geteuid() or not known.mount():
        pytest.skip('needs root and a cgroup v2 mount')
    return known.mount()


@pytest.fixture
def tree(top):
    """(path below the mount, id) of an outer and an inner cgroup."""
    outer = '/ssng-test-%d' % os.getpid()
    inner = outer + '/inner one'
    made = []
    try:
        for path in (outer, inner):
            os.mkdir(top + path)
            made.append(top + path)
        yield [(path, os.stat(top + path).st_ino) for path in (outer, inner)]
    finally:
        for path in reversed(made):
            os.rmdir(path)


@contextlib.contextmanager
def unprivileged(monkeypatch):
    """open_by_handle_at refuses, as it does to everyone but root."""
    def call(name, *arguments):
        if name == 'open_by_handle_at':
            raise PermissionError(1, 'Operation not permitted')
        return original(name, *arguments)
    original = cgroups.libc.call
    with monkeypatch.context() as patch:
        patch.setattr(cgroups.libc, 'call', call)
        yield


def test_mount(top):
    said = [line.split() for line in open('/proc/mounts')]
    assert [fields[1] for fields in said if fields[2] == 'cgroup2'][0] == top


def test_paths(known, top, tree):
    for path, number in tree + [('/', os.stat(top).st_ino)]:
        assert known.path(number) == path


def test_walked_paths(known, top, tree, monkeypatch):
    with unprivileged(monkeypatch):
        for path, number in tree + [('/', os.stat(top).st_ino)]:
            assert known.path(number) == path


def test_the_walk_is_the_tree(top, tree):
    folders = {os.stat(folder).st_ino: folder[len(top):] or '/' for folder, _, _ in os.walk(top)}
    assert cgroups.walk(top, 1 << 16) == folders


@pytest.mark.parametrize('number, text', [(0, 'unreachable:0'), (0xdeadbeefcafe, 'unreachable:deadbeefcafe')])
def test_unreachable(known, top, number, text, capsys):
    assert known.path(number) == text
    assert capsys.readouterr().err == ''


def test_a_cgroup_that_is_gone(known, top, tree):
    path = top + '/ssng-test-gone-%d' % os.getpid()
    os.mkdir(path)
    number = os.stat(path).st_ino
    os.rmdir(path)
    assert known.path(number) == 'unreachable:%x' % number


def test_an_unknown_id_is_told_once_to_the_unprivileged(known, top, monkeypatch, capsys):
    with unprivileged(monkeypatch):
        assert known.path(0xdead) == 'unreachable:dead'
        assert known.path(0xbeef) == 'unreachable:beef'
    assert capsys.readouterr().err.count('\n') == 1


def test_no_mount(tmp_path, capsys):
    known = Host(str(tmp_path)).cgroups
    assert [known.path(5), known.path(6)] == ['unreachable:5', 'unreachable:6']
    assert capsys.readouterr().err == 'ssng: no cgroup v2 hierarchy is mounted\n'
    with pytest.raises(Failure) as raised:
        known.id('a/b')
    assert raised.value.status == 1


FORMS = ['{path}', '/{path}', '//{path}', '{top}/{path}']      # below the mount, or as it stands (command-line.md 3.8)


@pytest.mark.parametrize('form', FORMS)
def test_ids(known, top, tree, form):
    for path, number in tree:
        assert known.id(form.format(top=top, path=path[1:])) == number


def test_a_path_from_here(top, tree):
    outer, number = tree[0]
    program = 'from ssng.host import Host; print(Host().cgroups.id(".%s"))' % outer
    found = subprocess.check_output([sys.executable, '-c', program], cwd=top, env=dict(os.environ, PYTHONPATH=ROOT))
    assert int(found) == number


@pytest.mark.parametrize('text', ['/', '//', ''])
def test_the_root_cgroup(known, top, text):
    assert known.id(text) == os.stat(top).st_ino


@pytest.mark.parametrize('text', ['no such thing', 'a\0b'])
def test_no_such_cgroup(known, top, text):
    with pytest.raises(Failure) as raised:
        known.id(text)
    assert raised.value.status == 1


@pytest.mark.parametrize('text, path', [
    ('/sys/fs/cgroup', '/sys/fs/cgroup'),
    (r'/mnt/a\040b\011c\134d', '/mnt/a b\tc\\d'),
    (r'\040', ' '),
    (r'/odd\xyz\04\\', r'/odd\xyz\04\\'),
])
def test_paths_of_mounts(text, path):
    assert cgroups.unescaped(text) == path


def test_mounts_of_any_shape(tmp_path):
    for text, top in ((b'', ''), (b'one\ntwo words\n\n', ''), (b'x /a\\040b cgroup2 rw\n', '/a b'),
                      (b'\xff /\xff cgroup2 rw\n', '/\udcff')):
        (tmp_path / 'mounts').write_bytes(text)
        assert cgroups.mounted(str(tmp_path / 'mounts')) == top


def test_what_is_kept_is_bounded(known, top, tree, monkeypatch):
    monkeypatch.setattr(cgroups, 'MOST', 1)
    for _ in range(2):
        for path, number in tree:
            assert known.path(number) == path
    assert len(known._paths) == 1 and len(cgroups.walk(top, 2)) == 2


def test_names_in_messages_are_one_line(known, top):
    with pytest.raises(Failure) as raised:
        known.id('a\nb\xff')
    assert raised.value.message.startswith('cgroup a\\x0ab\\xff: ')
