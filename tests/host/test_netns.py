"""Network namespaces as a tree of files tells of them, and a thread that goes there and comes back."""
import os

import pytest

from ssng.errors import Failure
from ssng.host import Host, netns
from ssng.host.netns import Inside, Namespace

ID = '0123456789abcdef' * 4
OTHER = '0123456789' + 'f' * 54


@pytest.fixture
def host(tmp_path):
    """A Host whose processes are: 1 in 11; 7 in 12, in a container; 8 and 9 in 13, of a unit; 10, which nobody may look into."""
    for pid, inode, cgroup in ((1, 11, '/init.scope'), (7, 12, '/system.slice/docker-%s.scope' % ID),
                               (8, 13, '/system.slice/nginx.service'), (9, 13, '/system.slice/nginx.service'),
                               (10, None, '/system.slice/docker-%s.scope' % OTHER)):
        folder = tmp_path / 'proc' / str(pid)
        (folder / 'ns').mkdir(parents=True)
        if inode:
            os.symlink('net:[%d]' % inode, str(folder / 'ns/net'))
        (folder / 'cgroup').write_text('0::%s\n' % cgroup)
    os.symlink('1', str(tmp_path / 'proc/self'))
    (tmp_path / 'proc/1/mountinfo').write_text(
        '21 1 0:4 / / rw - tmpfs x rw\n22 21 0:4 net:[14] /srv/a\\040jail rw shared:9 - nsfs nsfs rw\n'
        '23 21 0:4 net:[12] /run/x rw - nsfs nsfs rw\n24 21 0:4 mnt:[15] /run/y rw - nsfs nsfs rw\nshort\n')
    return Host(str(tmp_path))


def test_found(host):
    """Our own first, those with names in their order, each once."""
    found = host.namespaces(())
    assert [(each.inode, each.name) for each in found] == [(11, 'init'), (12, '/run/x'), (14, '/srv/a jail'), (13, None)]
    assert found[0].ways == [] and all(each.ways for each in found[1:])
    assert (host.netns.inode, host.netns.name) == (11, 'init')


@pytest.mark.parametrize('spec, inodes', [
    ('pid:7', [12]), ('pid:1', [11]), ('12', [12]), ('14', [14]), ('init', [11]), ('unit:nginx', [13]),
    ('unit:nginx.service', [13]), ('container:0123456789abc', [12]), ('container:' + ID, [12])])
def test_specs(host, spec, inodes):
    assert [each.inode for each in host.namespaces([spec, spec])] == inodes


@pytest.mark.parametrize('spec, why', [
    ('pid:99', 'may not be looked into'), ('pid:x', 'no such process'), ('15', 'no such network namespace'),
    ('nix', 'of this name'),
    ('unit:x', 'no such process'), ('container:', 'no such process'), ('container:0123456789', 'several containers'),
    ('container:0123456789f', 'may not be looked into'), ('/nix', 'No such file'), ('/etc', 'is no network namespace'),
    ('', 'of this name'), ('/a\0b', 'null')])
def test_what_means_none(host, spec, why):
    with pytest.raises(Failure) as caught:
        host.namespaces([spec])
    assert caught.value.status == 1 and why in caught.value.message and '\n' not in caught.value.message


def test_the_first_of_some_ways(tmp_path):
    """A process that has ended is passed over."""
    (tmp_path / 'there').write_text('')
    ways = [netns.opener(str(tmp_path / name)) for name in ('gone', 'there', 'gone')]
    os.close(Namespace(5, ways=ways).opened())
    with pytest.raises(OSError):
        Namespace(5, ways=ways[:1]).opened()


def test_our_own_is_not_entered():
    assert Namespace(5).run(os.getpid) == os.getpid() and Namespace(5).folder() == '/proc'


def test_what_is_no_namespace_cannot_be_entered():
    before = len(os.listdir('/proc/self/fd'))
    with pytest.raises(OSError):
        Namespace(5, ways=[netns.opener('/dev/null')]).run(os.getpid)
    assert len(os.listdir('/proc/self/fd')) == before


@pytest.mark.root
def test_a_thread_that_is_there():
    """It hands over what a call returns and what it raises, in turn, and may be sent there again."""
    if os.geteuid():
        pytest.skip('needs root')
    there = Namespace(5, ways=[netns.opener('/proc/self/ns/net')])
    try:
        assert there.run(netns.get_native_id) == int(there.folder().rpartition('/')[2]) != os.getpid()
    except OSError as error:
        pytest.skip('no namespace may be entered here: %s' % error)
    assert os.path.exists(there.folder() + '/net/tcp')
    with pytest.raises(ZeroDivisionError):
        there.run(divmod, 1, 0)
    assert [there.run(abs, -number) for number in range(50)] == list(range(50))
    there.close()
    there.close()
    assert there.run(abs, -1) == 1
    there.close()


def test_no_more_threads(monkeypatch):
    def refused(*arguments):
        raise RuntimeError("can't start new thread")
    monkeypatch.setattr(netns._thread, 'start_new_thread', refused)
    before = len(os.listdir('/proc/self/fd'))
    with pytest.raises(OSError):
        Inside(os.open('/proc/self/ns/net', os.O_RDONLY))
    assert len(os.listdir('/proc/self/fd')) == before


def test_listns_where_the_kernel_has_none(monkeypatch):
    def refused(*arguments):
        raise OSError(38, 'Function not implemented')
    monkeypatch.setattr(netns.libc, 'call', refused)
    assert netns.listed() == [] and netns.by_number(7) == (None, None)


def test_listns_page_by_page(monkeypatch):
    """As the manual has it: it is asked for what follows the last, until it has fewer than would fit."""
    ids, asked = list(range(100, 100 + netns.AT_ONCE + 3)), []

    def listns(name, number, request, into, room, flags):
        assert (name, number.value, request._obj.ns_type, room.value) == ('syscall', 470, 1 << 30, netns.AT_ONCE)
        asked.append(request._obj.ns_id)
        some = [each for each in ids if each > request._obj.ns_id][:room.value]
        into[:len(some)] = some
        return len(some)
    monkeypatch.setattr(netns.libc, 'call', listns)
    assert netns.listed() == ids and asked == [0, ids[netns.AT_ONCE - 1]]
