"""A host of our own invention for filters to speak of, and the kernel's side of a program."""
import struct

from ssng.errors import Failure
from ssng.filter.scope import Scope
from ssng.filter.syntax import parse

SERVICES = {
    ('http', 'tcp'): 80, ('ssh', 'tcp'): 22, ('domain', 'tcp'): 53, ('domain', 'udp'): 53, ('ntp', 'udp'): 123,
    ('split', 'tcp'): 1113, ('split', 'udp'): 1114, ('m3ua', 'sctp'): 2905, ('http', 'sctp'): 8080,
}
RPC = {('rpc.nfs', 'tcp'): 2049, ('rpc.two', 'tcp'): 5, ('rpc.two', 'udp'): 6, ('ssh', 'tcp'): 7}
HOSTS = {
    'one': [(2, b'\x0a\0\0\1')],
    'three': [(2, b'\x0a\0\0\1'), (2, b'\x0a\0\0\2'), (2, b'\x0a\0\0\3')],
    'both': [(2, b'\x0a\0\0\1'), (10, bytes(15) + b'\1')],
    'six': [(10, bytes(15) + b'\1')],
    'localhost': [(2, b'\x7f\0\0\1')],
}


class Words(Scope):
    """Every look-up answered from the tables above; ``asked`` keeps what was looked up."""

    def __init__(self, family=0, tables=('tcp', 'udp')):
        super().__init__(None, family, tables)
        self.asked = []

    def service(self, name, protocol):
        self.asked.append((name, protocol))
        return SERVICES.get((name, protocol))

    def rpc_service(self, name, protocol):
        return RPC.get((name, protocol))

    def addresses(self, name, family):
        self.asked.append((name, family))
        return [address for known, address in HOSTS.get(name, ()) if known == family]

    def link_protocol(self, name):
        return {'ip': 0x800, 'ipv4': 0x800, 'all': 3, '802.1q': 0x8100}.get(name.lower())

    def netlink_protocol(self, name):
        return {'rtnl': 0, 'genl': 16}.get(name)

    def interface(self, name):
        return {'lo': 1, 'eth0': 2, '7': 70, 'if9': 90}.get(name, 0)

    def cgroup(self, path):
        if path.strip('/') in ('', 'a/b'):
            return 7 + len(path.strip('/'))
        raise Failure('no such cgroup', 1)

    def ephemeral_ports(self):
        return 32768, 60999


def tree(text, family=0, tables=('tcp', 'udp')):
    return parse([text], (), Words(family, tables))


def words_of(program):
    """The program as fixtures/behaviour/command-line.md prints it: one group of hex words for each operation."""
    groups, at = [], 0
    while at < len(program):
        step = program[at + 1]
        groups.append(program[at:at + step].hex())
        at += step
    return groups


# The kernel's side: what inet_diag accepts and how it runs it, written anew from the rules of command-line.md 4.1.

class Socket:
    """What the kernel knows of a socket.  Addresses are 4 or 16 bytes."""

    def __init__(self, family, src, sport, dst, dport, ifindex=0, mark=0, cgroup=0, chosen=False):
        self.family, self.src, self.sport, self.dst, self.dport = family, src, sport, dst, dport
        self.ifindex, self.mark, self.cgroup = ifindex, mark, cgroup
        self.chosen = chosen            # the kernel chose the local port


def runs(program, socket):
    """Whether the kernel tells of ``socket``."""
    at = 0
    while at < len(program):
        code, yes, no = struct.unpack_from('=BBH', program, at)
        at += yes if holds(code, program[at + 4:at + yes], socket) else no
    assert at in (len(program), len(program) + 4)
    return at == len(program)


def holds(code, operand, socket):
    if code == 1:
        return False
    if code in (2, 3, 4, 5):
        port = socket.sport if code < 4 else socket.dport
        bound = struct.unpack('=HH', operand)[1]
        return port >= bound if code in (2, 4) else port <= bound
    if code == 6:
        return socket.chosen
    if code in (7, 8):
        return host(operand, socket.family, *(
            (socket.src, socket.sport) if code == 7 else (socket.dst, socket.dport)))
    if code == 9:
        return struct.unpack('=I', operand)[0] == socket.ifindex
    if code == 10:
        mark, mask = struct.unpack('=II', operand)
        return socket.mark & mask == mark
    assert code == 13
    return struct.unpack('=Q', operand)[0] == socket.cgroup


def host(operand, family, address, port):
    wanted, bits, wanted_port = struct.unpack_from('=BBxxi', operand)
    prefix = operand[8:]
    if wanted_port not in (-1, port):
        return False
    if wanted not in (0, family):
        if (family, wanted) != (10, 2) or address[:12] != bytes(10) + b'\xff\xff':
            return False
        return same_bits(address[12:], prefix, bits)
    return same_bits(address, prefix, bits)


def same_bits(address, prefix, bits):
    one, two = (''.join(format(byte, '08b') for byte in each) for each in (address, prefix))
    return one[:bits] == two[:bits]


def audit(program):
    """Each jump lands on an operation, the end, or 4 bytes behind it; operands have their length."""
    assert 4 <= len(program) <= 0xffff - 4 and len(program) % 4 == 0
    starts, at, targets = set(), 0, []
    while at < len(program):
        code, yes, no = struct.unpack_from('=BBH', program, at)
        starts.add(at)
        if code in (7, 8):
            family, bits = program[at + 4], program[at + 5]
            width = {0: 4, 2: 4, 10: 16}[family]
            assert yes == 12 + width and bits <= (width * 8 if family else 0)
        else:
            assert yes == {1: 4, 2: 8, 3: 8, 4: 8, 5: 8, 6: 4, 9: 8, 10: 12, 13: 12}[code]
        assert no >= (4 if code == 1 else yes) and no % 4 == 0
        targets.append(at + no)
        at += yes
    assert at == len(program)
    assert starts.union([at, at + 4]).issuperset(targets)


def random_text(dice, depth, leaves):
    """A random filter of these conditions, in which parentheses leave nothing to precedence."""
    kind = dice.randrange(5)
    if not depth or kind == 0:
        return dice.choice(leaves)
    if kind == 1:
        return '! ( %s )' % random_text(dice, depth - 1, leaves)
    word = dice.choice([' and ', ' or ', ' ', ' && ', ' | '])
    parts = [random_text(dice, depth - 1, leaves) for _ in range(dice.choice([2, 2, 3]))]
    return '( ' + word.join(parts) + ' )'
