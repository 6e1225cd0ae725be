"""How fast a TCP connection is: what its counters have grown since the last look at it, a second.

Not of the kernel's message alone: a Rates keeps what was told at the last look (host/rates.py).  A fact of one counter is
given all of them, so that whichever is read first, all are kept.
"""

from ..fields import NUMBER, SPEED, Fact
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.tcp import tcp_info
from ..kernel.columns import member, words

# In the order in which kernels learned to tell them; one that knows but the first of them tells those.
COUNTERS = (
    ('retrans', 'total_retrans', NUMBER, 'segments retransmitted, a second'),
    ('bytes_received', 'bytes_received', SPEED, 'bytes received, a second'),
    ('segs_out', 'segs_out', NUMBER, 'segments sent, a second'),
    ('segs_in', 'segs_in', NUMBER, 'segments received, a second'),
    ('bytes_sent', 'bytes_sent', SPEED, 'bytes sent, a second, retransmitted ones too'),
)
OLDER = 4                       # of them, before 4.19
COOKIE = words(abi.inet_diag_msg, 'id.idiag_cookie')
MEMBERS = tuple([member(tcp_info, 'tcpi_' + name, abi.INET_DIAG_INFO) for _, name, _, _ in COUNTERS])
WRAPS = [each.size < 8 for each in MEMBERS]


def growth(place):
    """The value function of a counter: how much it grew a second, None at the first look at a socket."""
    whole, wraps = COUNTERS[place][2] is SPEED, WRAPS[place]

    def value(grown, cookie, *counters):
        before, seconds = grown(cookie, counters)
        if before is None or len(before) <= place:
            return None
        more = counters[place] - before[place]
        if wraps and more < 0:
            more += 1 << 32
        return int(round(more / seconds)) if whole else round(more / seconds, 3)
    return value


def alternatives(place):
    """All counters, or, where they will do, those that older kernels tell."""
    every = (COOKIE,) + MEMBERS
    return [every] + ([every[:1 + OLDER]] if place < OLDER else [])


FACTS = [Fact('rate.' + name, alternatives(place), kind, growth(place), 'rates.grown', ('rates',),
              help, source='rate', named=True)
         for place, (name, _, kind, help) in enumerate(COUNTERS)]


def line(table):
    return []
