"""All facts of all tables, by their names: what filters, columns, orders and counts are made of.

    entries()            every fact, in the order in which tables tell them
    resolve('rtt')       the Entry of info.rtt_us: a full name, an alias, or a short form that means but one fact
    words_for(names)     the words of Detail that must be fetched for some facts (Detail.needed)
    Reader(table, host)  the values of facts, a column at a time

It imports every table: nothing does so before a word of a user names a fact.
"""

import _socket

from .errors import Failure, quoted, similar
from .fields import ADDRESS, DATA, LIST, NUMBERS, SIZE, WORDS
from .kernel.abi.sock_diag import AF_INET, AF_INET6
from .query import OWNERS
from .render import present
from .tables import ROWS, declared
from .tables.addresses import AddressFact
from .tables.processes import FACTS as PROCESS_FACTS
from .tables.processes import PEER_UNDER, inodes, owned, peer_fact, peer_facts

# Where one of several reveals a fact, the first here is fetched: what -m shows of an upper-layer protocol comes with INFO alone.
CHEAPEST = ('cgroup', 'options', 'extended', 'tos', 'sockopt', 'info', 'memory')
FIRST = 'tcp'                   # the table whose words describe a fact that several have

# Fixed short forms: those of ss's filters, and what ss's text calls them.  They win over all others.
ALIASES = {
    'sport': 'local.port', 'dport': 'peer.port', 'src': 'local.address', 'dst': 'peer.address', 'comm': 'processes.name',
    'peer.comm': 'peer.processes.name',
    'ino': 'inode', 'sk': 'cookie', 'fwmark': 'mark', 'cwnd': 'info.snd_cwnd', 'ssthresh': 'info.snd_ssthresh',
    'mss': 'info.snd_mss', 'rcvmss': 'info.rcv_mss', 'minrtt': 'info.min_rtt_us', 'lastsnd': 'info.last_data_sent_ms',
    'lastrcv': 'info.last_data_recv_ms', 'lastack': 'info.last_ack_recv_ms', 'notsent': 'info.notsent_bytes',
    'retrans': 'info.retrans',
}
ELSEWHERE = {'ino': ('inode', 'local.inode')}       # an alias that is another fact where a table lacks the first
WINNERS = ('info.', ('dctcp.', 'bbr.', 'vegas.', 'rate.'))   # rtt is that of the connection, not of its congestion control

# The option that shows a fact in ss's text, by the word of Detail that reveals it.
OPTIONS = {'options': '-o', 'extended': '-e', 'memory': '-m', 'info': '-i', 'tipcinfo': '--tipcinfo', 'processes': '-p',
           'threads': '-T', 'contexts': '-Z', 'tos': '--tos', 'cgroup': '--cgroup', 'sockopt': '--inet-sockopt', 'bpf': '-b',
           'bpf_maps': '--bpf-maps', 'netns': '--all-netns --netns', 'host': '--host --pod --via',
           'peers': '', 'rates': '', 'services': '', 'hosts': '-r'}


class Entry:
    """One fact, wherever it is told.

    ``name``     the path of its JSON key
    ``kind``     a fields.Kind: the type and unit
    ``tables``   names of tables, as the command line has them
    ``source``   'kernel', 'proc', 'cgroup', 'peer' or 'rate'
    ``reveal``   words of Detail of which one shows it; none for what is always shown
    ``ways``     the same for each table: what reveals it there
    ``help``     a sentence
    ``aliases``  the short forms that mean it
    ``several``  a socket may have more than one value
    ``named``    whether only who names it has it, whatever the options
    ``read``     what a Reader is asked for; but for an alias of ELSEWHERE it is the name
    """

    __slots__ = ('name', 'kind', 'tables', 'source', 'reveal', 'ways', 'help', 'aliases', 'several', 'named', 'read')

    def __init__(self, name, kind, source, named=False):
        self.name = self.read = name
        self.named = named
        self.kind = kind
        self.source = source
        self.tables = self.reveal = self.ways = self.aliases = ()
        self.help = ''
        self.several = kind in (WORDS, NUMBERS, LIST, DATA) or owned(name) is not None

    @property
    def option(self):
        """The options of which one shows it in ss's text, or ''."""
        return '' if self.named else ' '.join(filter(None, [OPTIONS[word] for word in self.reveal]))

    def another(self, read):
        """The same Entry for a Reader that is asked for something else."""
        other = Entry(self.name, self.kind, self.source, self.named)
        for name in ('tables', 'reveal', 'ways', 'help', 'aliases'):
            setattr(other, name, getattr(self, name))
        other.read = read
        return other


def collected():
    """{name: Entry} of all facts of all tables."""
    found, helps, peers = {}, {}, peer_facts()
    for row in ROWS:
        table = declared(row.module)
        for fact in table.every() + (PROCESS_FACTS if table.inode else []) + (peers if peer_fact(table) else []):
            entry = found.get(fact.name)
            if entry is None:
                entry = found[fact.name] = Entry(fact.name, fact.kind, fact.source, fact.named)
            if row.module == FIRST:
                entry.kind, entry.source = fact.kind, fact.source
            entry.tables += tuple(row.names)
            entry.reveal += tuple([word for word in fact.reveal if word not in entry.reveal])
            entry.ways += (fact.reveal,) if fact.reveal not in entry.ways else ()
            helps.setdefault(fact.name, {}).setdefault(fact.help, []).append(row.module)
    for name, entry in found.items():
        entry.help = told(helps[name])
    return found


def told(helps):
    """One help of {help: modules}: that of most, and what some others say."""
    first = max(helps, key=lambda help: (FIRST in helps[help], len(helps[help])))
    return '; '.join([first] + ['of %s: %s' % (', '.join(modules), help) for help, modules in helps.items() if help != first])


def forms(entry):
    """(the ends of its name, the same without the unit)."""
    parts = entry.name.split('.')
    ends = ['.'.join(parts[at:]) for at in range(len(parts))]
    if entry.name.startswith(PEER_UNDER):           # `pid` is that of the socket's own processes
        ends = [entry.name, 'peer.' + parts[-1]]
    unit = entry.kind.suffix or ('_bytes' if entry.kind is SIZE else '')
    bare = [end[:-len(unit)] for end in ends if unit and end.endswith(unit)]
    return ends, bare


def indexed(found):
    """{word: Entry}, and {word: names} of the short forms that mean several."""
    index, doubtful = {name: entry for name, entry in found.items()}, {}
    for alias, name in ALIASES.items():
        index[alias] = found[name]
    for rank in (0, 1):             # what ends so in full wins over what ends so but for its unit
        meant = {}
        for entry in found.values():
            for word in forms(entry)[rank]:
                meant.setdefault(word, []).append(entry)
        for word, several in meant.items():
            several = preferred(several)
            if word not in index and word not in doubtful:
                if len(several) == 1:
                    index[word] = several[0]
                else:
                    doubtful[word] = [entry.name for entry in several]
    for word, entry in index.items():
        if word != entry.name:
            entry.aliases += (word,)
    index.update({alias: index[alias].another(alias) for alias in ELSEWHERE})
    return index, doubtful


def preferred(several):
    """Those of some entries that are meant: of a connection and of its congestion control, the connection's."""
    first, others = WINNERS
    if any([entry.name.startswith(first) for entry in several]):
        return [entry for entry in several if not entry.name.startswith(others)]
    return several


ENTRIES = collected()
INDEX, DOUBTFUL = indexed(ENTRIES)


def entries():
    """Every Entry, in the order of the tables and of their JSON keys; those of processes come last."""
    return sorted(ENTRIES.values(), key=lambda entry: owned(entry.name) is not None)


def resolve(word):
    """The Entry that a word means.  Failure of status 255, with what comes close, if it means none or several."""
    entry = INDEX.get(word)
    if entry is None:
        raise Failure(unknown(word))
    return entry


def unknown(word):
    """What is wrong with a word that means no fact."""
    if word in DOUBTFUL:
        return '%s may mean %s' % (quoted(word), ' '.join(DOUBTFUL[word]))
    meant = closest(word, INDEX)
    return 'unknown fact %s%s (see ssng --facts)' % (quoted(word), '; did you mean %s?' % ' or '.join(meant) if meant else '')


def closest(word, known):
    """Up to three of the ``known`` words that come close to one, or hold it."""
    return similar(word, known, 3, 0.7) or [
        each for each in known if len(word) > 2 and word in each.split('.')[-1].split('_')][:3]


def words_for(names):
    """The words of Detail that must be fetched for facts of these names, of which a Reader is then asked."""
    needed = set()
    for name in names:
        for each in ELSEWHERE.get(name, (name,)):
            for reveal in filter(None, ENTRIES[each].ways):
                needed.add(next((word for word in CHEAPEST if word in reveal), reveal[0]))
            if each.startswith(PEER_UNDER):
                needed.add('peers')
    return frozenset(needed)


def owners_for(query, host, shown=None):
    """The Owners whose facts a Reader tells, None if none of them is needed.

    ``shown``: those that are shown; they will do if they know as much.
    """
    words = query.detail.needed.intersection(OWNERS)
    if not words:
        return None
    threads, contexts = 'threads' in words, 2 if 'contexts' in words else 0
    if shown and (shown.threads or not threads) and shown.contexts >= contexts:
        return shown
    return host.owners(threads, contexts, True)


class Reader:
    """The values of facts for the sockets of one table.

    ``host``: a Host, which knows names.  ``owners``: an Owners where facts of processes are asked for.
    """

    def __init__(self, table, host, owners=None):
        self.table = table
        self.host = host
        self.owners = owners
        self._facts = {}                # name: Fact, None where the table has none of this name

    def fact(self, name):
        """The table's Fact of this name; None if there is none."""
        if name not in self._facts:
            facts = self.table.every(frozenset(ENTRIES[name].reveal)) if name in ENTRIES else ()
            self._facts[name] = next((fact for fact in facts if fact.name == name), None)
        return self._facts[name]

    def values(self, batch, name):
        """The values for each socket of a Batch, in the kernel's order; None for what is absent.

        Integers, True, latin-1 text; a tuple where a socket may have several.
        """
        name = self.found(name)
        if owned(name):
            return self.of_owners(batch, *owned(name))
        fact = self.fact(name)
        if fact is None:
            return [None] * batch.count
        columns = [column(fact, group, self.host) for group in batch.groups]
        if ENTRIES[name].several:
            columns = [[value if value is None else tuple(value) for value in values] for values in columns]
        return batch.ordered(columns)

    def found(self, name):
        """Which of the facts that a word of ELSEWHERE means this table has; any other name as it is."""
        names = ELSEWHERE.get(name, (name,))
        return next((each for each in names if self.fact(each)), names[0])

    def of_owners(self, batch, under, key):
        if self.owners is None or self.table.inode is None:
            return [None] * batch.count
        return self.owners.told(batch.ordered([inodes(self.table, under, group, self.host) for group in batch.groups]), key)

    def addresses(self, batch, name):
        """The values of an address fact as 4 or 16 bytes."""
        fact = self.fact(name)
        if fact.__class__ is AddressFact:
            return batch.ordered([fact.raw(group) for group in batch.groups])
        return distinct(packed, self.values(batch, name))

    def keys(self, batch, name):
        """What to sort by, for each socket: None for what is absent, the smallest of several values.

        An address is (its length, its bytes): IPv4 comes first.
        """
        entry = ENTRIES.get(name) or INDEX[name]
        if entry.kind is ADDRESS and self.fact(name):
            return distinct(address_key, self.addresses(batch, name))
        values = self.values(batch, name)
        if entry.kind in (LIST, DATA):
            return [None if not value else json_text(value) for value in values]
        if entry.several:
            return [None if not value else min(value) for value in values]
        return values


def column(fact, group, host):
    """The values of a fact for a group; what a function makes of its members it makes once for each distinct value."""
    function, members = fact.function(host), present(fact.alternatives, group, True)
    if function is None or members is None or len(members) != 1:
        return fact.column(group, host)
    return distinct(function, group.values(members[0]))


def distinct(function, values):
    """``function`` of each value, None of None; called once for each that is different."""
    made = {value: None if value is None else function(value) for value in set(values)}
    return list(map(made.__getitem__, values))


def packed(address):
    """The bytes of an address, from its text."""
    return _socket.inet_pton(AF_INET6 if ':' in address else AF_INET, address)


def address_key(raw):
    return len(raw), raw


def json_text(value):
    """The JSON of an object or a list, whose texts are latin-1, for comparison."""
    from .objects import encoded
    return encoded(value)
