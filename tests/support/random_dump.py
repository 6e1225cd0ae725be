"""Dumps of TCP sockets that no kernel would send, made from a seed: every attribute, every odd length.

The values are those at which a formatter may go wrong: zeros, the edges of a type, the edges of every
unit of the text.  What is left out is what ssng shows otherwise than ss on purpose.
"""
import random
import struct

from tests.support.wire import NESTED, attribute, done, inet, message

EDGES = {
    1: (0, 0, 1, 2, 3, 4, 7, 8, 0x10, 0x7f, 0x80, 0xff),
    2: (0, 0, 1, 2, 3, 50, 51, 52, 0x303, 0x304, 0x7fff, 0x8000, 0xffff),
    4: (0, 0, 0, 1, 2, 3, 9, 10, 99, 999, 1000, 1001, 1448, 9999, 10000, 12345, 59999, 60000, 61000, 65534, 65535, 65536,
        99999, 100000, 123456, 599999, 600000, 999999, 1000000, 1234567, 3000000, 99999950, 999999500, 0x7fffffff,
        0x80000000, 0xfffffffe, 0xffffffff),
    8: (0, 0, 0, 1, 124, 125, 126, 999, 1000, 12345, 124999, 125000, 1249999, 124937500, 125000000, 10 ** 11,
        125 * 10 ** 9 - 1, 10 ** 15, 1 << 32, (1 << 32) + 7, 1 << 63, (1 << 64) - 2, (1 << 64) - 1),
}
# struct tcp_info, linux/tcp.h: sizes of its members in order, from tcpi_state to the last bit field.
TCP_INFO = [1] * 8 + [4] * 24 + [8] * 4 + [4] * 6 + [8] * 4 + [4] * 2 + [8] * 2 + [4] * 6 + [2] * 2 + [4] * 9
INFO_LENGTHS = (280, 280, 280, 0, 1, 7, 8, 100, 104, 160, 192, 232, 248, 284, 300)
ADDRESSES_4 = [bytes(4), b'\x7f\0\0\1', b'\x0a\1\2\3', b'\xc0\0\2\x4d', b'\xff\xff\xff\xff', b'\xe0\0\0\xfb']
ADDRESSES_6 = [bytes(16), bytes(15) + b'\1', bytes(10) + b'\xff\xff\x7f\0\0\1', bytes(12) + b'\x0a\1\2\3',
               b'\xfd' + bytes(14) + b'\3', bytes.fromhex('fe80000000000000021122fffe334455'),
               bytes.fromhex('20010db8aaaabbbbccccddddeeeeffff'), bytes.fromhex('20010db8000000010000000000000001'),
               bytes.fromhex('00010000000000000001000000000000'), bytes(10) + b'\xff\xff' + bytes(4)]
PORTS = (0, 1, 22, 53, 80, 111, 443, 1024, 8080, 32767, 32768, 40000, 60999, 61000, 65535)
CONGESTION = (b'cubic\0', b'bbr\0', b'reno\0', b'dctcp\0', b'\0', b'a-name-of-15-by\0')


class Maker:
    def __init__(self, seed):
        self.chance = random.Random(seed)

    def number(self, size):
        chance = self.chance
        return chance.choice(EDGES[size]) if chance.random() < 0.8 else chance.getrandbits(8 * size)

    def numbers(self, sizes):
        codes = {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}
        return b''.join(struct.pack('=' + codes[size], self.number(size)) for size in sizes)

    def cut(self, data, lengths):
        """`data` as long as one of these lengths, zeros behind it where it is too short."""
        length = self.chance.choice(lengths)
        return data[:length].ljust(length, b'\0')

    def info(self):
        quiet = self.chance.random() < 0.2      # nothing but zeros, but for a few
        data = self.numbers(TCP_INFO)
        if quiet:
            data = bytes(byte if self.chance.random() < 0.05 else 0 for byte in data)
        return self.cut(data, INFO_LENGTHS)

    def key(self):
        """struct tcp_diag_md5sig."""
        family = self.chance.choice((2, 10))
        address = self.chance.choice(ADDRESSES_4 if family == 2 else ADDRESSES_6)
        secret = bytes(self.chance.randrange(256) for _ in range(self.chance.choice((0, 1, 5, 80))))
        return (struct.pack('=BBH', family, self.chance.choice((0, 8, 32, 64, 128)), len(secret))
                + address.ljust(16, b'\0') + secret.ljust(80, b'\0'))

    def some(self, pairs, likely=0.6):
        return b''.join(attribute(number, value) for number, value in pairs if self.chance.random() < likely)

    def upper_layer(self):
        """INET_DIAG_ULP_INFO: a name, and what TLS or MPTCP says of itself."""
        flag = self.chance.choice((0, NESTED))
        tls = self.some([(1, self.numbers([2])), (2, self.numbers([2])), (3, self.numbers([2])), (4, self.numbers([2])),
                         (5, b''), (6, b''), (7, self.numbers([2]))])
        mptcp = self.some([(1, self.numbers([4])), (2, self.numbers([4])), (3, self.numbers([4])), (4, self.numbers([8])),
                           (5, self.numbers([4])), (6, self.numbers([4])), (7, self.numbers([2])), (8, self.numbers([4])),
                           (9, self.numbers([1])), (10, self.numbers([1]))], 0.85)
        return self.chance.choice((
            attribute(1, b'tls\0') + attribute(2 | flag, tls), attribute(1, b'mptcp\0') + attribute(3 | flag, mptcp),
            attribute(1, b'espintcp\0'), attribute(2 | flag, tls), b''))

    def attributes(self, family):
        some = [
            (1, self.numbers([4] * 4)), (2, self.info()), (3, self.numbers([4] * 4)), (4, self.chance.choice(CONGESTION)),
            (5, self.numbers([1])), (7, self.cut(self.numbers([4] * 9), (28, 32, 36, 36, 36, 40))),
            (8, self.numbers([1])), (9, self.numbers([2, 2, 4, 4, 4])), (11, self.numbers([1])), (15, self.numbers([4])),
            (16, self.cut(self.numbers([4] * 5), (8, 12, 20, 20, 24))), (17, self.numbers([4])),
            (18, b''.join(self.key() for _ in range(self.chance.randrange(1, 4)))),      # ss crashes on none
            (19 | self.chance.choice((0, NESTED)), self.upper_layer()),
            (22, self.numbers([1, 1])), (99, self.numbers([4])),
        ]
        if family == 10:
            some.append((6, self.numbers([1])))
        if self.chance.random() < 0.5:
            self.chance.shuffle(some)
        return [pair for pair in some if self.chance.random() < 0.55]

    def socket(self):
        chance = self.chance
        family = chance.choice((2, 10))
        addresses = ADDRESSES_4 if family == 2 else ADDRESSES_6
        return inet(family, state=chance.randrange(14), timer=chance.randrange(7), retrans=self.number(1),
                    sport=chance.choice(PORTS), dport=chance.choice(PORTS),
                    src=chance.choice(addresses), dst=chance.choice(addresses),
                    interface=chance.choice((0, 0, 0, 1, 2, 77)), cookie=self.number(8), expires=self.number(4),
                    rqueue=self.number(4), wqueue=self.number(4), uid=chance.choice((0, 0, 1000, 0xffffffff)),
                    inode=self.number(4), attributes=self.attributes(family))


def dump(seed, count):
    """The file that `ss -D` would have written of `count` such sockets."""
    maker = Maker(seed)
    return b''.join(message(maker.socket()) for _ in range(count)) + done()
