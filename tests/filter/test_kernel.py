"""Programs given to the running kernel: it chooses the sockets that tests/filter/support.py says it does."""
import os
import random
import socket
import struct

import pytest

from ssng.filter.bytecode import NOTHING, compile
from ssng.filter.tree import Autobound, Cgroup, Device, Host, Mark, Port
from tests.filter.support import Socket, audit, runs
from tests.filter.test_bytecode import random_tree

pytestmark = pytest.mark.root

INET, INET6 = 2, 10
TCP = 6
SO_MARK, SO_BINDTODEVICE = 36, 25
MAPPED = bytes(10) + b'\xff\xff'


def dump(family, program):
    """{inode: (address, port, address, port, interface, cgroup)} of the TCP sockets the kernel tells of."""
    attribute = struct.pack('=HH', 4 + len(program), 1) + program if program else b''
    body = struct.pack('=BBBBI', family, TCP, 0, 0, 0x3fff) + bytes(48) + attribute
    found = {}
    with socket.socket(16, socket.SOCK_RAW, 4) as diag:
        diag.send(struct.pack('=IHHII', 16 + len(body), 20, 0x301, 1, 0) + body)
        while True:
            data = diag.recv(1 << 16)
            while data:
                length, kind = struct.unpack_from('=IH', data)
                if kind == 3:
                    return found
                assert kind != 2, os.strerror(-struct.unpack_from('=i', data, 16)[0])
                width = 4 if family == INET else 16
                sport, dport = struct.unpack_from('>HH', data, 20)
                ifindex, = struct.unpack_from('=I', data, 56)
                inode, = struct.unpack_from('=I', data, 84)
                cgroup = attribute_64(data[88:length], 21)
                found[inode] = data[24:24 + width], sport, data[40:40 + width], dport, ifindex, cgroup
                data = data[(length + 3) & ~3:]


def attribute_64(data, wanted):
    while data:
        length, kind = struct.unpack_from('=HH', data)
        if kind == wanted:
            return struct.unpack_from('=Q', data, 4)[0]
        data = data[(length + 3) & ~3:]
    return 0


def listener(family, address, port=0, device=None):
    sock = socket.socket(family)
    if device:
        sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device)
    if family == INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind((address, port))
    sock.listen(5)
    return sock


def connection(target, family, address, mark=0):
    client = socket.socket(family)
    if mark:
        client.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
    client.connect((address, target.getsockname()[1]))
    return [client, target.accept()[0]]


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


@pytest.fixture(scope='module')
def sockets():
    """{family: {inode: what the kernel knows of the socket}}, of sockets of our own that stay open."""
    if os.geteuid():
        pytest.skip('needs root: it sets marks')
    made = []
    try:
        chosen = [listener(INET, '127.0.0.1'), listener(INET6, '::'), listener(INET, '0.0.0.0', device=b'lo')]
        made += chosen
        given = free_port()
        made.append(listener(INET, '127.0.0.2', given))
        made += connection(chosen[0], INET, '127.0.0.1', mark=5)
        made += connection(chosen[1], INET, '127.0.0.1', mark=2)
        made += connection(chosen[1], INET6, '::1')
        made += connection(chosen[2], INET, '127.0.0.3', mark=1)
        made += connection(made[3], INET, '127.0.0.2')
        families = {INET: {}, INET6: {}}
        for sock in made:
            family, inode = int(sock.family), os.fstat(sock.fileno()).st_ino
            src, sport, dst, dport, ifindex, cgroup = dump(family, b'')[inode]
            families[family][inode] = Socket(
                family, src, sport, dst, dport, ifindex, sock.getsockopt(socket.SOL_SOCKET, SO_MARK), cgroup,
                chosen=sock is not made[3])
    except OSError as error:
        for sock in made:
            sock.close()
        pytest.skip('cannot make the sockets here: %s' % error)
    yield families
    for sock in made:
        sock.close()


def random_leaf(dice, known):
    """A condition that is about right for one of the sockets that are there."""
    one = dice.choice(known)
    side = dice.choice(['src', 'dst'])
    address, port = (one.src, one.sport) if side == 'src' else (one.dst, one.dport)
    kind = dice.randrange(8)
    if kind < 3:
        family = one.family
        if address[:12] == MAPPED and dice.random() < .7:
            address, family = address[12:], INET
        bits = dice.choice([len(address) * 8, len(address) * 8, len(address) * 8 - 2, 7, 0])
        some = ((family, address, bits), (INET, b'\x7f\0\0\2', 32))[:dice.choice([0, 1, 1, 2])]
        return Host(side, None, some, dice.choice([-1, -1, port, 1]))
    if kind < 5:
        return Port(side, None, dice.choice(['<=', '>=']), max(0, min(port + dice.choice([-1, 0, 1]), 65535)))
    return dice.choice([Device(one.ifindex), Mark(one.mark & 3, 3), Mark(one.mark, 0xffffffff), Cgroup(one.cgroup),
                        Cgroup(2 ** 40), Autobound(1, 2)])


@pytest.mark.parametrize('family', [INET, INET6])
def test_the_kernel_runs_programs_as_told(sockets, family):
    dice = random.Random(9)
    known = sockets[family]
    seen = set()
    for _ in range(60):
        # a device beside autobound is left to user space, so the leaves are chosen to have one of the two
        wanted = dice.choice([Device, Autobound])

        def leaf(dice, wanted=wanted):
            while True:
                node = random_leaf(dice, list(sockets[INET].values()) + list(sockets[INET6].values()))
                if not isinstance(node, (Device, Autobound)) or isinstance(node, wanted):
                    return node

        node = random_tree(dice, 3, leaf)
        program, _ = compile(node, family)
        assert program is not NOTHING
        audit(program)
        told = set(dump(family, program)) & set(known)
        assert told == {inode for inode, each in known.items() if runs(program, each)}, node
        seen.add(len(told))
    assert len(seen) > 2
