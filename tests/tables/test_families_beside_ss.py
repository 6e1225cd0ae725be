"""Random messages of every table beside tcp and udp, to the reference ss and to ssng by a pretended kernel: the same bytes.

What ss answers with stray memory is left out (states above 13, names of more than a unix address holds), and
what ssng does better on purpose: device numbers have no major, netlink and tipc are shown with processes
where they have details, and ports have no names.
"""
import functools
import random
import shlex

import pytest

from tests.support import pretend
from tests.support.programs import difference, run, same
from tests.support.wire import done, inet, message
from tests.support.wire_families import (
    CONN_CONG, FANOUT, FILTER, LINK_CONG, RX_RING, TX_RING, address, connection, instructions, MPTCP_MEMBERS, mptcp_info,
    netlink, packet, tipc, u32, u32s, unix, vsock, xdp)

pytestmark = pytest.mark.parity

SHUTDOWN, INFO, SKMEMINFO, LOCALS, PEERS = 8, 2, 7, 12, 13
DATAGRAM = 30000            # bytes of messages: what the pretended kernel sends in one


class Chance(random.Random):
    def u32(self):
        return self.choice((0, 1, 2, 5, 77, 1000, 65535, 65536, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, self.randrange(1 << 32)))

    def u64(self):
        return self.choice((0, 1, 1 << 32, 1 << 63, (1 << 64) - 1, self.randrange(1 << 64)))

    def u32s(self, count):
        return [self.u32() for _ in range(count)]

    def maybe(self, make, *arguments):
        return make(*arguments) if self.random() < .6 else None

    def name(self):
        text = bytes(bytearray(self.choice(b'abc/ \n\t\x1b\xff\xc3\xa9%') for _ in range(self.randrange(100))))
        return self.choice((None, b'', b'/' + text, b'/' + text + b'\0', b'\0' + text, b'\0' + text + b'\0' + text[:5]))


def random_unix(chance):
    return unix(chance.u32(), chance.choice((1, 1, 2, 5, 3, 10, 0)), chance.randrange(14), chance.name(),
                chance.maybe(lambda: (chance.u32(), chance.randrange(256))), chance.maybe(chance.u32),
                chance.maybe(lambda: chance.u32s(chance.randrange(5))), chance.maybe(chance.u32s, 2),
                chance.maybe(lambda: u32s(chance.u32s(chance.choice((7, 8, 9))))), chance.maybe(chance.randrange, 4))


def random_packet(chance):
    more = [(ring, u32s(chance.u32s(7))) for ring in (RX_RING, TX_RING) if chance.random() < .4]
    if chance.random() < .4:
        more.append((FANOUT, u32(chance.choice((chance.u32(), chance.randrange(9) << 16 | chance.randrange(9))))))
    if chance.random() < .4:
        more.append((FILTER, instructions(*[(chance.randrange(300), chance.randrange(256), chance.randrange(256), chance.u32())
                                            for _ in range(chance.randrange(4))])))
    return packet(chance.u32(), chance.choice((3, 2, 10)), chance.choice((0, 1, 2, 3, 0x800, 0x806, 0x88cc, 0x1234, 0xffff)),
                  chance.choice((0, 1, 99)), chance.u32(), chance.u32(), chance.randrange(64), chance.u32s(9), chance.u32(),
                  chance.u32(), more, chance.random() < .8)


def random_netlink(chance):
    return netlink(chance.choice((chance.u32(), 1, 0)), chance.randrange(30), chance.choice((1, 7, 0)), chance.u32(),
                   chance.u32(), chance.u32(), chance.u32(), chance.u32s(9), chance.maybe(lambda: [chance.u32(), chance.u32()]))


def random_vsock(chance):
    return vsock(chance.choice((1, 2, 5, 3)), chance.randrange(14), *chance.u32s(6), shut=chance.randrange(4))


def random_xdp(chance):
    rings = {name: chance.u32() for name in ('rx', 'tx', 'fill', 'completion') if chance.random() < .6}
    return xdp(chance.u32(), chance.u32(), chance.maybe(lambda: (chance.choice((0, 1, 99)), chance.u32())), chance.u32(),
               chance.maybe(chance.u32s, 9), chance.maybe(lambda: [chance.u64()] + chance.u32s(8)),
               chance.maybe(lambda: [chance.u64() for _ in range(6)]), **rings)


def random_tipc(chance):
    service = chance.maybe(chance.u32s, 2)
    return tipc(chance.choice((0, 1, 2, 4, 5)), chance.randrange(14), chance.u32(), chance.u32(), chance.u64(),
                chance.maybe(connection, chance.u32(), service, chance.u32()), chance.random() < .4, chance.u32s(2),
                [number for number in (LINK_CONG, CONN_CONG) if chance.random() < .3], *chance.u32s(3))


def random_inet(chance, options, info, more=()):
    """With what a kernel sends when it is asked for ``options``: ss would show the rest too, as soon as one of them is there."""
    attributes = [(SHUTDOWN, bytes([chance.randrange(4)]))] if chance.random() < .7 else []
    if '-m' in options and chance.random() < .8:
        attributes.append((SKMEMINFO, u32s(chance.u32s(9))))
    attributes += list(more) + ([(INFO, info)] if '-i' in options and chance.random() < .8 else [])
    ends = [bytes(bytearray(chance.choice((0, 127, 10, 255)) for _ in range(4))) for _ in range(2)]
    return inet(2, chance.randrange(14), chance.choice((0, 0, 1, 2, 3, 4, 5, 9)), chance.randrange(256),
                chance.choice((0, 22, 65535)), chance.choice((0, 53)), ends[0], ends[1], chance.choice((0, 0, 1, 99)),
                chance.u64(), *chance.u32s(4), inode=chance.choice((0, 5, 5, 6, 7, 7)), attributes=attributes)


WIDE = ('write_seq', 'snd_una', 'rcv_nxt', 'bytes_retrans', 'bytes_sent', 'bytes_received', 'bytes_acked')
WORDS = ('flags', 'token', 'retransmits', 'last_data_sent', 'last_data_recv', 'last_ack_recv')


def random_mptcp(chance, options):
    members = {name: chance.u64() if name in WIDE else chance.u32() if name in WORDS else chance.randrange(256)
               for name in MPTCP_MEMBERS if chance.random() < .5}
    return random_inet(chance, options, mptcp_info(**members)[:chance.choice((96, 96, 48))])


def random_sctp(chance, options):
    """Any bytes make an sctp_info; its state is near those that there are; rows of one inode follow each other here and there."""
    info = b''.join(u32(chance.u32() if chance.random() < .6 else 0) for _ in range(92))
    ends = [address(chance.choice(('127.0.0.1', '::1', '2001:db8::5', '::ffff:1.2.3.4')), 5) for _ in range(chance.randrange(3))]
    more = [(number, b''.join(some)) for number, some in ((LOCALS, ends), (PEERS, ends[:1])) if chance.random() < .6]
    return random_inet(chance, options, info[:4] + u32(chance.randrange(12)) + info[8:], more)


TABLES = {          # table: family number, what asks for it, a message
    'unix': (1, ['-x', '-A u_str', '-A u_dgr,u_seq'], random_unix),
    'packet': (17, ['-0'], random_packet),
    'netlink': (16, ['-p -f netlink'], random_netlink),
    'vsock': (40, ['--vsock', '-A v_str'], random_vsock),
    'xdp': (44, ['--xdp'], random_xdp),
    'tipc': (30, ['-p --tipc'], random_tipc),
    'mptcp': (2, ['-nM4', '-nA mptcp -4'], random_mptcp),
    'sctp': (2, ['-nS4', '-nA sctp -4'], random_sctp),
}
OPTIONS = ['-n', '-e', '-m', '-i', '-o', '-b', '-O', '-Q', '-H', '-p', '--tipcinfo', '--tos', '--inet-sockopt']
ROUNDS = 5


@pytest.fixture(scope='module')
def preload(tmp_path_factory):
    try:
        return pretend.library(str(tmp_path_factory.mktemp('pretend')))
    except OSError as error:
        pytest.skip('no pretended kernel: %s' % error)


def compared(arguments, env, reference, subject):
    one, other = [run(program + arguments, env=env) for program in (reference, subject)]
    assert same(one, other), '%s %s\n%s' % (' '.join(arguments), env.get('COLUMNS'), difference(one, other))


def answer(path, chance, make, most):
    data = b''
    for _ in range(chance.randrange(most)):
        one = message(make(chance))
        data += one if len(data) + len(one) < DATAGRAM else b''
    path.write_bytes(data + done())
    return str(path)


def asked(chance, selection):
    options = [option for option in OPTIONS if chance.random() < .35]
    env = {'COLUMNS': str(chance.choice((40, 80, 120, 200)))} if chance.random() < .4 else {}
    return shlex.split(selection) + ['-a'] + options, env


@pytest.mark.parametrize('table', sorted(TABLES))
def test_one_table(table, preload, reference, subject, tmp_path):
    family, selections, make = TABLES[table]
    chance = Chance(table)
    for _ in range(ROUNDS):
        arguments, env = asked(chance, chance.choice(selections))
        made = functools.partial(make, options=arguments) if family == 2 else make
        env.update({'LD_PRELOAD': preload, 'PRETEND_ANSWER_%d' % family: answer(tmp_path / 'answer', chance, made, 40)})
        compared(arguments, env, reference, subject)


def test_several_tables(preload, reference, subject, tmp_path):
    """Widths go by all of them; the last row's own end does not count, wherever that is (command-line.md 6.2)."""
    chance, names = Chance(1), ['unix', 'packet', 'netlink', 'vsock', 'xdp']
    for _ in range(ROUNDS):
        arguments, env = asked(chance, '-pA ' + ','.join([name for name in names if chance.random() < .5] or names))
        env['LD_PRELOAD'] = preload
        for family, _, make in map(TABLES.get, names):
            env['PRETEND_ANSWER_%d' % family] = answer(tmp_path / str(family), chance, make, 8)
        compared(arguments, env, reference, subject)
