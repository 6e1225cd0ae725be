"""Damaged netlink messages of all families, the way through the whole program: text, JSON, -D, -K, -E, a replayed dump.

    python3 -m tests.attack.messages --count 200000 --seed 1

The messages are recorded ones (fixtures/) and invented ones (tests/support/); they come from a pretended
kernel (tests/support/pretend.py), which needs a C compiler.  Prints what went wrong, and keeps the files of
the first of each kind below build/attack; ends with status 1 if anything did.
"""
import argparse
import collections
import os
import random
import shutil
import struct
import sys
import tempfile

from tests.attack.filters import described as line_described, Line
from tests.attack.judging import Tally, fault
from tests.support import pretend, random_dump, wire_families as families
from tests.support.forker import Forker
from tests.support.namespaces import ROOT
from tests.support.recordings import FIXED, HEADER, attributes, messages as split, recordings
from tests.support.wire import SEQ, attribute, inet, message

PATIENCE = 20           # seconds
WATCHING = 5            # -E is told that its device is gone; it need not end by that
DATAGRAM = 32000        # bytes
DONE, ERROR, SOCK_DIAG = 3, 2, 4
EDGES = (0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff)
STATUSES = (-2147483648, -2147483647, -1, -2, -13, -105, 0, 1, 2147483647, -4095)

INET, INET6, UNIX, NETLINK, PACKET, TIPC, VSOCK, XDP = 2, 10, 1, 16, 17, 30, 40, 44
ASKED = {               # the tables that messages of a family may be an answer of
    INET: ['-t4', '-u4', '-w4', '-S4', '-M4', '-d4'], INET6: ['-t6', '-u6', '-w6', '-S6', '-M6', '-d6'], UNIX: ['-x'],
    NETLINK: ['-f netlink'], PACKET: ['-0'], TIPC: ['--tipc'], VSOCK: ['--vsock'], XDP: ['--xdp'],
}
DETAILS = ['', '-n', '-e', '-m', '-i', '-o', '-b', '-O', '-Q', '--tos', '--cgroup', '--inet-sockopt', '--tipcinfo']
FILTERS = ['', '', '', 'sport > 5', 'not src unix:/x or dport = 1', 'src 127/8 or dst ::/0', 'autobound', 'dev 1 or fwmark = 0',
           'cgroup /']


# What is damaged: {family: [messages]}

def recorded():
    """Messages of the recordings that this machine can read, one of each length and family."""
    found = collections.defaultdict(dict)
    for recording in recordings():
        if recording.facts['byte_order'] != sys.byteorder:
            continue
        for case in recording.cases:
            for protocol, _, datagrams in case.exchanges:
                for each in (one for data in datagrams for one in split(data) if protocol == SOCK_DIAG):
                    kind, = struct.unpack_from('=H', each, 4)
                    if kind not in (DONE, ERROR):
                        family = TIPC if recording.family == 'tipc' else each[HEADER]
                        found[family].setdefault((recording.family, len(each)), headed(each))
    return {family: list(several.values()) for family, several in found.items() if family in ASKED}


def headed(each, **header):
    """The message with a sequence number that a dump has."""
    return each[:8] + struct.pack('=II', SEQ, 0) + each[16:]


def invented(chance):
    maker = random_dump.Maker(chance.random())
    found = {family: [] for family in ASKED}
    for _ in range(60):
        one = maker.socket()
        found[one[0]].append(one)
    addresses = families.address('127.0.0.1') * 2
    found[INET] += [inet(2, attributes=[(2, families.mptcp_info(subflows=1, flags=3))]),
                    inet(2, attributes=[(2, families.sctp_info(tag=1, p_rto=3)), (12, addresses), (13, addresses[:128])])]
    found[UNIX] += [
        families.unix(5, name=b'/run/x\0'),
        families.unix(6, name=b'\0@\xff\n', peer=5, icons=(1, 2), vfs=(3, 4), memory=bytes(36), uid=7)]
    found[NETLINK] += [families.netlink(port=-5, groups=(1, 2), flags=3), families.netlink(port=os.getpid())]
    found[PACKET] += [families.packet(more=[
        (families.FILTER, families.instructions((0x28, 0, 0, 12), (6, 0, 0, 1))), (families.FANOUT, families.u32(3)),
        (families.RX_RING, bytes(28)), (families.MCLIST, bytes(40))])]
    found[TIPC] += [
        families.tipc(1, 1, 5, 6, 7),
        families.tipc(5, 2, 5, 6, 7, families.connection(8, (1, 2)), True, (1, 2), (2, 3), 4)]
    found[VSOCK] += [families.vsock(), families.vsock(cid=2, port=80, peer_cid=3, peer_port=99, shut=3)]
    found[XDP] += [
        families.xdp(1, 2),
        families.xdp(1, 2, (1, 2), memory=families.MEMORY, umem=(1,) * 9, stats=(1,) * 6, rx=4, tx=4, fill=4, completion=4)]
    return {family: [message(payload, pid=0) for payload in several] for family, several in found.items()}


# Damage: each takes (chance, message) and returns the damaged one, with a length that is true ...

def sized(data):
    return struct.pack('=I', len(data)) + data[4:] + bytes(-len(data) % 4)


def flipped(chance, one):
    wrong = bytearray(one)
    for _ in range(chance.choice((1, 1, 2, 8))):
        wrong[chance.randrange(HEADER, len(one))] ^= 1 << chance.randrange(8)
    return bytes(wrong)


def cut(chance, one):
    return sized(one[:chance.randrange(HEADER, len(one))])


def numbered(chance, one):
    """A number that is none, or the greatest, in some place."""
    size = chance.choice((1, 2, 4, 4))
    at = chance.randrange(HEADER, len(one) - size + 1) // size * size
    return one[:at] + struct.pack('=I', chance.choice(EDGES))[:size] + one[at + size:]


def halved(one, at, number):
    """With a number of 16 bits put at a place, where the message reaches so far."""
    return one[:at] + struct.pack('=H', number) + one[at + 2:] if at + 2 <= len(one) else one


def lying(chance, one):
    """The length of an attribute, or of what is inside it, or something that stands where a length might."""
    at = chance.choice(list(attributes(one)) or [HEADER]) + chance.choice((0, 0, 0, 4, 8))
    return halved(one, at, chance.choice((0, 1, 3, 4, 5, 6, 8, 0xfff, 0xffff, len(one))))


def retyped(chance, one):
    """An attribute is called otherwise, nested or not."""
    at = chance.choice(list(attributes(one)) or [HEADER]) + 2
    return halved(one, at, chance.choice((0x8000, 0x4000, 0)) | chance.randrange(40))


def extended(chance, one):
    """More attributes: noise, an empty one, the ones that are there once more."""
    start = HEADER + FIXED.get(one[HEADER], 0)
    noise = bytes(chance.choice((0, 1, 4, 8, chance.randrange(256))) for _ in range(chance.randrange(60)))
    number, again = chance.randrange(40), one[start:]
    return sized(one + chance.choice((noise, attribute(number, noise), attribute(number, b''), again, again * 3)))


def noisy(chance, one):
    at = chance.randrange(HEADER, len(one))
    size = min(chance.randrange(1, 40), len(one) - at)
    return one[:at] + bytes(chance.randrange(256) for _ in range(size)) + one[at + size:]


def shorn(chance, one):
    """Without one of its attributes."""
    places = [at for at in attributes(one)] + [len(one)]
    if len(places) < 2:
        return one
    at = chance.randrange(len(places) - 1)
    return sized(one[:places[at]] + one[places[at + 1]:])


WITHIN = (flipped, cut, numbered, numbered, lying, lying, retyped, extended, noisy, shorn)

# ... or with a header that lies.


def long_or_short(chance, one):
    length = chance.choice((0, 1, 15, 16, 17, 20, len(one) - 4, len(one) - 1, len(one) + 1, len(one) + 4, 2 * len(one),
                            0x7fffffff, 0xffffffff))
    return struct.pack('=I', length & 0xffffffff) + one[4:]


def renamed(chance, one):
    return one[:4] + struct.pack('=HH', chance.choice((0, 1, 2, 3, 4, 18, 19, 20, 21, 0xffff)),
                                 chance.choice((0, 2, 0x10, 0x12, 0x100, 0x300, 0xffff))) + one[8:]


def stranger(chance, one):
    return one[:8] + struct.pack('=II', chance.choice((0, 1, SEQ, 0xffffffff)), chance.choice((0, 1, 0xffffffff))) + one[16:]


def ended(chance, one):
    """An end, or an error, of whatever status and length, with words or without."""
    status = struct.pack('=i', chance.choice(STATUSES))
    words = attribute(1, b'words\0'), one[:16] + attribute(1, b'\xff\n\x1b words'), attribute(2, bytes(4))
    more = chance.choice((b'', one) + words)
    return message((status + more)[:chance.choice((0, 2, 4, 4000))], chance.choice((DONE, ERROR)),
                   chance.choice((0, 2, 0x100, 0x102, 0x300)), pid=0)


def torn(chance, one):
    """Cut, and it says nothing of that."""
    return one[:chance.randrange(len(one))]


WITHOUT = (long_or_short, renamed, stranger, ended, torn)


class Maker:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.known = invented(self.chance)
        for family, several in recorded().items():
            self.known[family] += several

    def datagram(self, family):
        """(bytes, number of messages): most of them damaged, the last one worst."""
        chance, made = self.chance, []
        several = chance.choice((1, 2, 5, 40, 60))
        while len(made) < several:
            one = chance.choice(self.known[family if chance.random() < .97 else chance.choice(sorted(ASKED))])
            for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
                one = chance.choice(WITHIN)(chance, one) if len(one) > HEADER + 4 else one
            made += [one] * chance.choice((1, 1, 1, 1, 2, 5))
        if chance.random() < (.8 if several < 5 else .2):
            place = chance.randrange(len(made))
            made[place] = chance.choice(WITHOUT)(chance, made[place])
        data = b''.join(made)
        return data[:DATAGRAM], len(made)

    def line(self, family, kind, path):
        """The Line that asks for this datagram, in the way `kind`."""
        words = self.chance.choice(ASKED[family]).split() + ['-a'] + self.chance.sample(DETAILS, self.chance.randrange(5))
        if self.chance.random() < .25:
            words += ['-eimo', '--tos', '--cgroup', '--inet-sockopt', '--tipcinfo', '-b']
        is_json = self.chance.random() < .5
        if is_json:
            words.append(self.chance.choice(('-j', '-j', '--pretty')))
        env = {'PRETEND_ANSWER_%d' % family: path}
        if kind == 'D':
            words, is_json = words + ['-t', '-D', self.chance.choice(('-', '/dev/null'))], False
        elif kind == 'K':
            words, env = words + ['-K'], dict(env, PRETEND_DESTROY=self.chance.choice((path, path + '.other')))
        elif kind == 'E':
            words, env = words + ['-tu46', '-E'], {'PRETEND_EVENTS': path}
        elif kind == 'replay':
            words, env = words + ['-t'], {'TCPDIAG_FILE': path}
        return Line([word for word in words if word] + [self.chance.choice(FILTERS)], env, b'', kind == 'E', is_json)


# (family, kind): listed, dumped with -D, closed with -K, told of by -E, or read from TCPDIAG_FILE
WAYS = [(family, '') for family in sorted(ASKED)]
WAYS += [(family, kind) for family in (INET, INET6) for kind in ('', 'D', 'K', 'E', 'replay')]


class Attack:
    """Datagrams one after the other, of `ways`, (family, kind) each; `keep`: a folder for those that do harm."""

    def __init__(self, seed, folder, keep=None, ways=WAYS):
        self.maker, self.folder, self.keep, self.ways = Maker(seed), folder, keep, ways
        self.tally, self.messages, self.lines = Tally(), 0, 0
        self.preload = {'LD_PRELOAD': pretend.library(folder)}
        self.runner = Forker(everything=True, env=self.preload)

    def close(self):
        self.runner.close()

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as stream:
            stream.write(data)
        return path

    def one(self):
        chance = self.maker.chance
        family, kind = chance.choice(self.ways)
        data, count = self.maker.datagram(family)
        path = self.file('datagram', data)
        if kind == 'K':
            self.file('datagram.other', ended(chance, data[:HEADER + 20].ljust(40, b'\0')))
        line = self.maker.line(family, kind, path)
        why = self.harm(line)
        if why and self.keep:
            path = os.path.join(self.keep, '%d' % self.lines)
            for name in filter(os.path.exists, (line.env.values())):
                shutil.copy(name, path + os.path.splitext(name)[1])
            line = line._replace(env={name: path + os.path.splitext(value)[1] for name, value in line.env.items()})
        self.tally.add(why, line_described(line))
        self.messages += count
        self.lines += 1

    def harm(self, line):
        """What is wrong with the answer to a line, or None."""
        answer = self.runner.run(line.words, env=dict(self.preload, **line.env), patience=WATCHING if line.watching else PATIENCE)
        why = fault(answer, line.watching, line.is_json)
        return why + ': ' + answer.err.decode('latin-1').splitlines()[-1] if why and 'traceback' in why else why

    def run(self, count):
        while self.messages < count:
            self.one()
        return self.tally


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--count', type=int, default=200000, help='messages')
    parser.add_argument('--seed', default='1')
    asked = parser.parse_args()
    keep = os.path.join(ROOT, 'build', 'attack')
    os.makedirs(keep, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        attack = Attack(asked.seed, folder, keep)
        try:
            tally = attack.run(asked.count)
        finally:
            attack.close()
    wrong = sum(map(len, tally.faults.values()))
    print('%d messages in %d answers, seed %s: %d wrong' % (attack.messages, attack.lines, asked.seed, wrong))
    print(tally.report())
    sys.exit(bool(tally.faults))


if __name__ == '__main__':
    main()
