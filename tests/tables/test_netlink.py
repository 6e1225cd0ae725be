"""Netlink sockets: the examples and rules of sockets.md 4.8, made by hand."""
import struct

import pytest

from ssng.filter.tree import Autobound, Numbered, Port
from ssng.host import Host
from tests.support.facts import declared_whole, made_by_hand, recorded
from tests.support.families import Kernel, listed, objects, query
from tests.support.wire_families import MEMORY, netlink


@pytest.fixture
def host(tmp_path):
    """A host with a few processes; no names but those built in."""
    for pid, stat in ((32308, b'32308 (python3) S 1 2 3\n'), (77, b'77 (a b)c\x1b) S\nx (y)\n'), (78, b'78 (\x1b[m) S'),
                      (79, b'nothing'), (80, b'80 (nothing'), (81, b'81 () S'), (82, b'82 (two\nlines) S')):
        folder = tmp_path / 'proc' / str(pid)
        folder.mkdir(parents=True)
        (folder / 'stat').write_bytes(stat)
    (tmp_path / 'proc' / '77' / 'comm').write_bytes(b'a b)c\x1b\n')
    return Host(str(tmp_path), environ={})


EXAMPLE = [
    netlink(-230716874, state=1, group=1),
    netlink(32308, groups=[0x11]),
    netlink(0, protocol=4, memory=(832,) + MEMORY[1:]),
]


def squeezed(lines):
    return [' '.join(line.split()) for line in lines]


def test_example(host):
    kernel = Kernel(EXAMPLE)
    assert squeezed(listed('netlink', query('netlink'), kernel, host=host)) == [
        'UNCONN 0 0 rtnl:-230716874 1:0', 'UNCONN 0 0 rtnl:python3/32308 *', 'UNCONN 832 0 tcpdiag:kernel *']
    assert kernel.asked == [struct.pack('=BBHIIII', 16, 255, 0, 0, 3, 0, 0)]


class Owners:
    """Nobody is asked who holds a netlink socket."""


@pytest.mark.parametrize('options', [{}, {'processes': True}])
def test_details(options, host):
    """The texts that ss puts into the process column; without that column they are the details (command-line.md 6.7)."""
    kernel = Kernel(EXAMPLE)
    asked = query('netlink', states=0x80, extended=True, memory=True, **options)
    lines = listed('netlink', asked, kernel, owners=Owners() if options else None, host=host)
    assert [line[line.index(' sk='):].rstrip() for line in lines] == [
        ' sk=0 cb=0 groups=0x%08x\t skmem:(r%d,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)' % told
        for told in ((0, 0), (0x11, 0), (0, 832))]
    only_memory = listed('netlink', query('netlink', states=0x80, memory=True, **options), kernel, host=host)
    assert only_memory[0].split('\t')[1].rstrip() == ' skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)'


@pytest.mark.parametrize('port, numeric, escape, text', [
    (-1, False, False, '*'), (-1, True, False, '*'), (0, False, False, 'kernel'), (0, True, False, '0'),
    (32308, True, False, '32308'), (4711, False, False, '4711'), (-2, False, False, '-2'), (79, False, False, '79'),
    (80, False, False, '80'), (81, False, False, '81'), (82, False, False, 'two\nlines/82'),
    (77, False, False, 'a b/77'), (78, False, False, '\x1b[m/78'), (78, False, True, r'\x1b[m/78')])
def test_ports(port, numeric, escape, text, host):
    kernel = Kernel([netlink(port)])
    asked = query('netlink', states=0x80, queues=False, numeric=numeric, escape=escape)
    assert ''.join(listed('netlink', asked, kernel, host=host)) == '%s:%s *\n' % ('0' if numeric else 'rtnl', text)


@pytest.mark.parametrize('protocol, text', [
    (0, 'rtnl'), (1, 'unused'), (9, 'audit'), (14, 'dec-rt'), (16, 'genl'), (17, '17'), (18, 'scsi-trans'), (21, 'crypto'),
    (22, '22'), (255, '255')])
def test_protocols(protocol, text, host):
    kernel = Kernel([netlink(protocol=protocol)])
    assert listed('netlink', query('netlink', states=0x80, queues=False), kernel, host=host) == ['%s:kernel *\n' % text]
    asked = query('netlink', states=0x80, queues=False, numeric=True)
    assert listed('netlink', asked, kernel, host=host) == ['%d:0 *\n' % protocol]


@pytest.mark.parametrize('state, text', [(1, '-1:-2'), (0, '*'), (7, '*'), (10, '*')])
def test_peers(state, text, host):
    kernel = Kernel([netlink(state=state, group=0xffffffff, peer=0xfffffffe)])
    assert listed('netlink', query('netlink', states=0x80, queues=False), kernel, host=host) == ['rtnl:kernel %s\n' % text]


def test_queues(host):
    kernel = Kernel([netlink(memory=(1, 2, 3) + MEMORY[3:]), netlink(memory=None)])
    assert squeezed(listed('netlink', query('netlink', states=0x80), kernel, host=host)) == [
        '1 3 rtnl:kernel *', '0 0 rtnl:kernel *']


def test_contexts(tmp_path, host):
    """Of the process that has the number of the port, and nothing else; before the other details."""
    (tmp_path / 'proc' / '77' / 'attr').mkdir()
    (tmp_path / 'proc' / '77' / 'attr' / 'current').write_bytes(b'system_u:object_r:x:s0\0')
    kernel = Kernel([netlink(77), netlink(78), netlink(-5)])
    lines = listed('netlink', query('netlink', states=0x80, contexts=1, extended=True), kernel, host=host)
    assert [line.split()[-4] for line in lines] == [
        'proc_ctx=system_u:object_r:x:s0', 'proc_ctx=unavailable', 'proc_ctx=unavailable']
    assert [item.get('context') for item in objects('netlink', query('netlink', contexts=1), kernel, host=host)] == [
        'system_u:object_r:x:s0', None, None]


def test_filter(host):
    kernel = Kernel([netlink(-5, inode=1), netlink(7, inode=2), netlink(7, 16, inode=3)])

    def inodes(condition):
        asked = query('netlink', extended=True, condition=condition)
        return [item['inode'] for item in objects('netlink', asked, kernel, host=host)]
    assert inodes(Numbered('src', (16,), 0, -1)) == [1, 2]
    assert inodes(Numbered('src', (16,), None, 7)) == [2, 3]
    assert inodes(Numbered('dst', (16,), 0, -1)) == [1, 2, 3]
    assert inodes(Port('src', None, '>=', 0)) == [2, 3]
    assert inodes(Port('dst', None, '>=', 0)) == []
    assert inodes(Autobound(1024, 4999)) == [1]


PROC = (b'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n'
        b'ffff88800abcdef0 0   32308      00000011 7        8        1     2        0        5\n'
        b'0000000000000000 4   0          00000000 0        0        0     2        0        6\n')


def test_proc(tmp_path, host):
    """sk and cb are told here, memory and peers are not (sockets.md 7)."""
    (tmp_path / 'netlink').write_bytes(PROC)
    kernel = Kernel(EXAMPLE)
    host.environ['PROC_NET_NETLINK'] = str(tmp_path / 'netlink')
    assert squeezed(listed('netlink', query('netlink', states=0x80, extended=True), kernel, host=host)) == [
        '7 8 rtnl:python3/32308 * sk=ffff88800abcdef0 cb=1 groups=0x00000011',
        '0 0 tcpdiag:kernel * sk=0 cb=0 groups=0x00000000']
    assert kernel.asked == []


def test_json(host):
    bits = 8 * struct.calcsize('@L')
    kernel = Kernel([
        netlink(-5, 16, 1, 3, 9, inode=8, cookie=255, groups=[0x11, 1 << bits - 1], flags=0x21), netlink(77)])
    connected, plain = objects('netlink', query('netlink', json=True, extended=True, memory=True), kernel, host=host)
    assert kernel.asked == [struct.pack('=BBHIIII', 16, 255, 0, 0, 3 | 8, 0, 0)]
    assert connected == {
        'netid': 'nl', 'family': 'netlink', 'state': 'UNCONN', 'recv_q': 0, 'send_q': 0,
        'local': {'protocol': 16, 'protocol_name': 'genl', 'port_id': 4294967291}, 'peer': {'group': 3, 'port_id': 9},
        'inode': 8, 'cookie': 'ff', 'groups': [1, 5, 2 * bits], 'flags': ['cb_running', 'cap_ack'],
        'memory': {'rmem_alloc': 0, 'rcvbuf': 212992, 'wmem_alloc': 0, 'sndbuf': 212992, 'fwd_alloc': 0, 'wmem_queued': 0,
                   'optmem': 0, 'backlog': 0, 'drops': 0}}
    assert plain['local'] == {'protocol': 0, 'protocol_name': 'rtnl', 'port_id': 77, 'process': 'a b)c\x1b'}
    assert 'peer' not in plain and 'groups' not in plain and 'flags' not in plain
    short = objects('netlink', query('netlink', json=True, numeric=True), kernel, host=host)[1]
    assert short == {'netid': 'nl', 'family': 'netlink', 'state': 'UNCONN', 'recv_q': 0, 'send_q': 0,
                     'local': {'protocol': 0, 'port_id': 77}}


def test_what_comes_from_outside_may_not_steer_the_terminal(tmp_path, host):
    """Names of protocols, processes and contexts; JSON has them as they are."""
    (tmp_path / 'etc' / 'iproute2').mkdir(parents=True)
    (tmp_path / 'etc' / 'iproute2' / 'nl_protos').write_bytes(b'40 p\x1b[m\n')
    (tmp_path / 'proc' / '78' / 'attr').mkdir()
    (tmp_path / 'proc' / '78' / 'attr' / 'current').write_bytes(b'c\x1b[31m\0')
    kernel = Kernel([netlink(78, 40)])
    asked = query('netlink', states=0x80, contexts=1, escape=True)
    assert squeezed(listed('netlink', asked, kernel, host=host)) == [
        '0 0 p\\x1b[m:\\x1b[m/78 * proc_ctx=c\\x1b[31m']
    told, = objects('netlink', asked, kernel, host=host)
    assert (told['local']['protocol_name'], told['local']['process'], told['context']) == ('p\x1b[m', '\x1b[m', 'c\x1b[31m')


def test_flags_where_they_are_needed(host):
    """ss does not show them, so they are fetched for JSON and for a condition alone."""
    for options, show in (({'extended': True}, 3), ({'extended': True, 'json': True}, 11), ({'needed': {'extended'}}, 11),
                          ({'json': True}, 3)):
        kernel = Kernel([netlink(77, flags=1)])
        listed('netlink', query('netlink', **options), kernel, host=host)
        assert kernel.asked == [struct.pack('=BBHIIII', 16, 255, 0, 0, show, 0, 0)]
    assert 'flags' not in objects('netlink', query('netlink', json=True, needed={'extended'}), kernel, host=host)[0]


def test_facts(host):
    assert len(declared_whole('netlink')) == 25
    assert recorded('netlink')
    made_by_hand('netlink', EXAMPLE + [
        netlink(port, protocol, state, 3, 9, number, 255, memory, groups, flags)
        for number, (port, protocol, state, memory) in enumerate([
            (-5, 0, 1, MEMORY), (77, 16, 1, None), (78, 40, 7, MEMORY[:7]), (1, 255, 255, MEMORY[:1])])
        for groups in (None, [0], [0x11, 3]) for flags in (None, 0, 0x3f, 0xffffffff)], host)
