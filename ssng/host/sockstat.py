"""``-s``: how many sockets there are, from the kernel's own counts (fixtures/behaviour/command-line.md, 8).

Sources are /proc/net/sockstat, sockstat6 and snmp, or what PROC_ROOT and PROC_NET_* put in their place.
"""

from ..errors import reason
from ..escape import one_line
from .words import LINE, latin, scanned, wrapped

# Key of a line of sockstat or sockstat6: the counts that its numbers are, in order.
COUNTS = {
    'sockets:': ('sockets',),
    'TCP:': ('tcp4', 'orphaned', 'timewait', 'allocated', 'memory'),
    'UDP:': ('udp4',),
    'RAW:': ('raw4',),
    'FRAG:': ('frag4',),
    'TCP6:': ('tcp6',),
    'UDP6:': ('udp6',),
    'RAW6:': ('raw6',),
    'FRAG6:': ('frag6',),
}
ESTABLISHED = 'CurrEstab'

HEAD = '''\
Total: %(sockets)d
TCP:   %(total)d (estab %(established)d, closed %(closed)d, orphaned %(orphaned)d, timewait %(time_wait)d)

Transport Total     IP        IPv6
'''


def counts(host):
    """{name: count} of the names in COUNTS and ``established``; what cannot be read is absent, and told."""
    net = host.paths.net

    def warn(name, words):
        host.report.warn('%s: %s' % (one_line(latin(net(name))), words))
    found = {}
    try:
        found.update(sockstat(lines_of(net('sockstat'), LINE)))
        found.update(sockstat(lines_of(net('sockstat6'), LINE)))
    except OSError as error:
        if error.filename != net('sockstat6'):              # a kernel may be without IPv6
            warn('sockstat', reason(error))
    try:
        found['established'] = established(lines_of(net('snmp')))
    except OSError as error:
        warn('snmp', reason(error))
    except ValueError as error:
        warn('snmp', str(error))
    return found


def lines_of(path, piece=-1):
    """The lines of a file, in pieces of so many bytes."""
    with open(path, 'rb') as file:
        return [line.decode('latin-1') for line in iter(lambda: file.readline(piece), b'')]


def sockstat(lines):
    """{name: count} from the lines ``KEY label number label number...``; labels are not looked at."""
    found = {}
    for line in lines:
        key, _, rest = line.partition(' ')
        for name, word in zip(COUNTS.get(key, ()), rest.split()[1::2]):
            number, behind = scanned(word)
            if number is not None:
                found[name] = number
            if number is None or behind:        # what follows is no label
                break
    return found


def established(lines):
    """The number of established TCP connections; ValueError if the lines do not tell.

    Of two lines that begin with ``Tcp:`` the first names the columns of the second.
    """
    for line, following in zip(lines, lines[1:]):
        if line.startswith('Tcp:'):
            names, numbers = line.split(), following.split()
            place = names.index(ESTABLISHED) if ESTABLISHED in names else len(names) - 1
            if following.startswith('Tcp:') and place < len(numbers):
                number = scanned(numbers[place])[0]
                if number is not None:
                    return number
            break
    raise ValueError('no counts of TCP')


def summary(counts):
    """The structured form: numbers by protocol and IP version, and the fates of TCP sockets; what is absent has no key."""
    def told(function, *names):
        return function(*[counts[name] for name in names]) if set(names).issubset(counts) else None
    transport = {name: known({'ipv4': counts.get(name + '4'), 'ipv6': counts.get(name + '6')})
                 for name in ('raw', 'udp', 'tcp', 'frag')}
    return known({
        'total': counts.get('sockets'),
        'tcp': known({
            'total': told(lambda allocated, waiting: wrapped(allocated + waiting), 'allocated', 'timewait'),
            'established': counts.get('established'),
            'closed': told(closed, 'allocated', 'timewait', 'tcp4', *['tcp6'] if 'tcp6' in counts else []),
            'orphaned': counts.get('orphaned'),
            'time_wait': counts.get('timewait'),
        }) or None,
        'transport': known({name: pair or None for name, pair in transport.items()}) or None,
    })


def closed(allocated, waiting, *used):
    """Sockets of TCP that are neither in use nor in TIME-WAIT; IPv6 may be missing, a kernel may be without it."""
    return wrapped(allocated - (sum(used) - waiting))


def known(pairs):
    return {key: value for key, value in pairs.items() if value is not None}


def text(counts):
    """The summary as ss prints it: what is absent is 0."""
    counts = dict(dict.fromkeys([name for names in COUNTS.values() for name in names] + ['established'], 0), **counts)
    whole = summary(counts)
    transport = whole['transport']
    inet = {version: wrapped(sum([transport[name][version] for name in ('raw', 'udp', 'tcp')])) for version in ('ipv4', 'ipv6')}
    rows = [('RAW', transport['raw']), ('UDP', transport['udp']), ('TCP', transport['tcp']),
            ('INET', inet), ('FRAG', transport['frag'])]
    return HEAD % dict(whole['tcp'], sockets=whole['total']) + ''.join([
        '%s\t  %-9d %-9d %-9d\n' % (name, wrapped(row['ipv4'] + row['ipv6']), row['ipv4'], row['ipv6'])
        for name, row in rows]) + '\n'
