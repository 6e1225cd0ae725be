"""What is asked: tables x families x states, a condition, and what to tell of each socket.

The options fill a :class:`Query` from left to right; :meth:`Query.settle` closes it.  The rules are
those of fixtures/behaviour/command-line.md, 1.3 (the three sets), 1.4 (table names) and 2 (states).
"""

from .errors import Failure, Notice
from .kernel.abi.sock_diag import (
    AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_TIPC, AF_UNIX, AF_UNSPEC, AF_VSOCK, AF_XDP,
    TCP_BOUND_INACTIVE, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_CLOSING, TCP_ESTABLISHED, TCP_FIN_WAIT1,
    TCP_FIN_WAIT2, TCP_LAST_ACK, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT, TCP_TIME_WAIT)

# Sets of states: bit N is state N.  Bits 0, 12 and 13 come along as ss sends them (command-line.md 2.2).

CLOSED = 1 << TCP_CLOSE
LISTENING = 1 << TCP_LISTEN | CLOSED
BOUND_INACTIVE = 1 << TCP_BOUND_INACTIVE
BUCKET = 1 << TCP_SYN_RECV | 1 << TCP_TIME_WAIT
ALL = 0x3fff
BIG = ALL & ~BUCKET
CONNECTED = ALL & ~LISTENING
SYNCHRONIZED = CONNECTED & ~(1 << TCP_SYN_SENT)
USUAL = CONNECTED & ~BUCKET             # what is shown of tcp and its like unless told otherwise

STATE_WORDS = {
    'all': ALL,
    'connected': CONNECTED,
    'synchronized': SYNCHRONIZED,
    'bucket': BUCKET,
    'big': BIG,
    'established': 1 << TCP_ESTABLISHED,
    'syn-sent': 1 << TCP_SYN_SENT,
    'syn-recv': 1 << TCP_SYN_RECV,
    'syn-rcv': 1 << TCP_SYN_RECV,
    'fin-wait-1': 1 << TCP_FIN_WAIT1,
    'fin-wait-2': 1 << TCP_FIN_WAIT2,
    'time-wait': 1 << TCP_TIME_WAIT,
    'unconnected': CLOSED,
    'close': CLOSED,
    'closed': CLOSED,
    'close-wait': 1 << TCP_CLOSE_WAIT,
    'last-ack': 1 << TCP_LAST_ACK,
    'listening': 1 << TCP_LISTEN,
    'closing': 1 << TCP_CLOSING,
    'bound-inactive': BOUND_INACTIVE,
    'unknown': 1 << 0,
}

# Tables and families.

INET = (AF_INET, AF_INET6)

TABLES = {                              # table: its families, the states it shows unless told (command-line.md 2.3)
    'udp': (INET, 1 << TCP_ESTABLISHED),
    'tcp': (INET, USUAL),
    'mptcp': (INET, USUAL),
    'sctp': (INET, USUAL),
    'raw': (INET, 1 << TCP_ESTABLISHED),
    'dccp': (INET, USUAL),
    'unix_stream': ((AF_UNIX,), USUAL),
    'unix_dgram': ((AF_UNIX,), CLOSED),
    'unix_seqpacket': ((AF_UNIX,), USUAL),
    'packet_raw': ((AF_PACKET,), CLOSED),
    'packet_dgram': ((AF_PACKET,), CLOSED),
    'netlink': ((AF_NETLINK,), CLOSED),
    'vsock_stream': ((AF_VSOCK,), USUAL),
    'vsock_dgram': ((AF_VSOCK,), USUAL),
    'tipc': ((AF_TIPC,), LISTENING | 1 << TCP_ESTABLISHED),
    'xdp': ((AF_XDP,), CLOSED),
}

ONLY_BY_NAME = {'dccp'}                 # in no set of tables: ss 7.3.0 has forgotten it (command-line.md 10: 35)

FAMILY_STATES = {                       # what a family shows unless told
    AF_INET: USUAL,
    AF_INET6: USUAL,
    AF_UNIX: USUAL,
    AF_PACKET: CLOSED,
    AF_NETLINK: CLOSED,
    AF_VSOCK: USUAL,
    AF_TIPC: LISTENING | 1 << TCP_ESTABLISHED,
    AF_XDP: CLOSED,
}

FAMILY_WORDS = {
    'inet': AF_INET,
    'inet6': AF_INET6,
    'link': AF_PACKET,
    'unix': AF_UNIX,
    'netlink': AF_NETLINK,
    'tipc': AF_TIPC,
    'vsock': AF_VSOCK,
    'xdp': AF_XDP,
}

INET_TABLES = ('udp', 'tcp', 'mptcp', 'sctp', 'raw')
UNIX_TABLES = ('unix_stream', 'unix_dgram', 'unix_seqpacket')
PACKET_TABLES = ('packet_raw', 'packet_dgram')
VSOCK_TABLES = ('vsock_stream', 'vsock_dgram')

TABLE_WORDS = {                         # beside the names of the tables themselves
    'all': INET_TABLES + UNIX_TABLES + PACKET_TABLES + ('netlink',) + VSOCK_TABLES + ('xdp',),
    'inet': INET_TABLES,
    'unix': UNIX_TABLES,
    'u_str': ('unix_stream',),
    'u_dgr': ('unix_dgram',),
    'u_seq': ('unix_seqpacket',),
    'packet': PACKET_TABLES,
    'p_raw': ('packet_raw',),
    'p_dgr': ('packet_dgram',),
    'vsock': VSOCK_TABLES,
    'v_str': ('vsock_stream',),
    'v_dgr': ('vsock_dgram',),
}


def tables_named(word):
    """The tables that one word of `-A` stands for; None if it stands for nothing."""
    return (word,) if word in TABLES else TABLE_WORDS.get(word)


def tables_of(family):
    """All tables that may hold sockets of ``family``."""
    return {table for table, (families, _) in TABLES.items() if family in families}


def merged(tables, families):
    """Both sets completed from each other: a table without any of its families gets them all, then a
    family without any of its tables.
    """
    tables, families = set(tables), set(families)
    for table in tables:
        own = TABLES[table][0]
        if families.isdisjoint(own):
            families.update(own)
    for family in families:
        own = tables_of(family)
        if tables.isdisjoint(own):
            tables.update(own - ONLY_BY_NAME)
    return frozenset(tables), frozenset(families)


def state_words(operands, mask):
    """Take `state WORD` and `exclude WORD` from the front of the operands (command-line.md 2.4).

    ``mask`` is what the options said.  Returns the mask that holds now and the operands that are left:
    the filter expression.
    """
    at, said = 0, False
    while operands[at:] and operands[at] in ('state', 'exclude', 'excl'):
        if not operands[at + 1:]:
            raise Failure('%s: which state? (see ssng --help)' % operands[at])
        states = STATE_WORDS.get(operands[at + 1].lower())
        if states is None:
            raise unknown('state', operands[at + 1], STATE_WORDS)
        if operands[at] == 'state':
            mask = (mask if said else 0) | states
        else:
            mask = (mask if said else ALL) & ~states
        said = True
        at += 2
    return mask, operands[at:]


def unknown(kind, word, known):
    """The Failure that says which word is wrong, what comes close and what there is."""
    from difflib import get_close_matches
    close = get_close_matches(word, known, 1)
    return Failure('unknown %s %s;%s known are: %s' % (
        kind, quoted(word), ' did you mean %s?' % close[0] if close else '', ' '.join(known)))


def quoted(word):
    """``word`` for a message: one line, whatever is in it."""
    return '"%s"' % ''.join(
        char if char >= ' ' and char != '\x7f' else '\\x%02x' % ord(char) for char in word)


class Show:
    """What to tell of each socket, and how: the options that choose no socket."""

    numeric = False         # ports, protocols, netlink port ids, bandwidths as numbers
    resolve = False         # host names for addresses
    options = False         # timers
    extended = False
    memory = False
    info = False
    tipcinfo = False
    processes = False
    threads = False
    contexts = 0            # SELinux contexts: 1 of the tasks, 2 of the sockets too
    tos = False
    cgroup = False
    sockopt = False
    bpf = False             # socket filters
    bpf_maps = None         # socket-local storage: 'all', or a tuple of map ids
    oneline = False
    header = True
    queues = True
    json = False
    pretty = False
    escape = False          # names may steer the terminal they go to


class Query:
    """What is asked.  After :meth:`settle`:

    ``tables``          frozenset of names in TABLES
    ``families``        frozenset of AF numbers: no socket of another is shown
    ``family``          the family of a host in the filter that names none: that of the last family
                        option; AF_UNSPEC without one, and when -4 and -6 were both given
    ``states``          mask of the states to show
    ``condition``       filter tree, None for every socket; ``condition_text`` as it was typed
    ``show``            a Show
    ``events``, ``kill``, ``summary``
                        -E, -K, -s
    ``filter_lines``    -F: iterator of the lines of the filter file, None without one
    ``dump_path``, ``dump_file``
                        -D: as it was typed, and the binary file that main opened

    Text is latin-1: a character is a byte of the command line.
    """

    def __init__(self):
        self.tables, self.families, self.family = set(), set(), AF_UNSPEC
        self.states = 0
        self.mask = 0               # the states the user chose: 0 leaves ``states`` to the defaults
        self.narrowed = False       # a table or a family was chosen
        self.listed = False         # -A was there
        self.condition, self.condition_text = None, ''
        self.show = Show()
        self.events = self.kill = self.summary = False
        self.filter_lines = self.dump_path = self.dump_file = None

    @property
    def owners(self):
        """Whether anything is told of the processes that hold a socket."""
        return bool(self.show.processes or self.show.threads or self.show.contexts)

    @property
    def ahead(self):
        """Whether a dump may begin before anybody is ready for its answer.

        Not where owners may have nobody to name: they are looked for when there is a row, and while a
        dump's thread lives, that pass over /proc has one core for itself.
        """
        return self.condition is None or not self.owners

    def add_table(self, table):
        self.tables.add(table)
        self.states |= TABLES[table][1]
        self.narrowed = True

    def add_family(self, family):
        self.families.add(family)
        self.states |= FAMILY_STATES[family]
        self.narrowed = True
        both = family in INET and self.families.issuperset(INET)
        self.family = AF_UNSPEC if both else family

    def list_tables(self, text):
        """`-A LIST`: the first one forgets the tables chosen so far; `!NAME` takes away."""
        if not self.listed:
            self.tables.clear()
            self.mask = self.mask or USUAL
        self.listed = self.narrowed = True
        for item in text.split(','):
            tables = tables_named(item[1:] if item.startswith('!') else item)
            if tables is None:
                raise unknown('table', item, list(TABLE_WORDS) + list(TABLES))
            if item.startswith('!'):
                self.tables.difference_update(tables)
            else:
                for table in tables:
                    self.add_table(table)

    def settle(self, operands):
        """All options are read: apply the state words among the operands and the defaults.

        Returns the operands that are left, the filter.  Raises Notice if nothing can be shown.
        """
        mask, operands = state_words(operands, self.mask)
        if not self.narrowed:
            mask = mask or USUAL
            self.tables.update(TABLE_WORDS['all'])
        self.states = mask or self.states
        self.tables, self.families = merged(self.tables, self.families)
        if not self.tables:
            raise Notice('no tables are left to show')
        return operands
