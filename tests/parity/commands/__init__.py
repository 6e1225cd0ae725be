"""The command lines on which ssng and ss must agree, byte for byte.

The files of this folder hold them as a shell would have them, in groups that begin with `== NAME`.
`{folder}` is a folder with the files of test_live.FILES, `{cgroup}` the path of a control group with
sockets in it; ports and addresses are those of tests/parity/kinds.  Where any option may meet any
other, `product` below writes the lines.

Cases on which ssng differs from ss on purpose stand in test_differences.py, not here.
"""
import itertools
import os

# Groups that are not compared now, by the beginning of their names: this is the only switch.
DISABLED = ()

FOLDER = os.path.dirname(os.path.abspath(__file__))


def product(*parts):
    """Every line that takes one word or phrase of each part; '' takes none."""
    return [' '.join(filter(None, words)) for words in itertools.product(*parts)]


def read(name):
    """{group: its lines} of one file."""
    groups = {}
    with open(os.path.join(FOLDER, name)) as stream:
        for line in stream.read().splitlines():
            if line.startswith('== '):
                group = groups.setdefault(line[3:], [])
            elif line:
                group.append(line)
    return groups


STATE_WORDS = (
    'all', 'connected', 'synchronized', 'bucket', 'big', 'established', 'syn-sent', 'syn-recv', 'syn-rcv', 'fin-wait-1',
    'fin-wait-2', 'time-wait', 'unconnected', 'close', 'closed', 'close-wait', 'last-ack', 'listening', 'closing',
    'bound-inactive', 'unknown')
WIDTHS = (1, 5, 20, 33, 40, 50, 60, 66, 72, 79, 80, 81, 90, 100, 119, 120, 121, 132, 150, 160, 180, 199, 200, 500)
# What atoi makes of them; a huge one would make ss pad every row to that width.
ODD_WIDTHS = ('', '0', '-5', '80x', 'abc', "' 90'", '+70', '007', "'1 2'", '4294967376', '0x50')
DETAILS = ['-e', '-m', '-i', '-o', '-em', '-eimo', '-eimoO', '-emp', '-empTO']


def columns(widths):
    return ['COLUMNS=%s' % width for width in widths]


PRODUCTS = {
    'states': product(['-tan', '-uan', '-tuan'], ['state ' + word for word in STATE_WORDS]),
    'excluded states': product(['-tan'], ['exclude ' + word for word in STATE_WORDS]),
    'pairs of options': product(['-ta', '-ua', '-tua'], ['-n', '-r'],
                                ['', '-H', '-Q', '-HQ', '-p', '-pT', '-pH', '-pO', '-HpO']),
    'details that stay': product(['-uan', '-uln', '-un', '-ua'], DETAILS,
                                 ['', '--tos', '--inet-sockopt', '--tos --cgroup --inet-sockopt']),
    'details of listeners': product(['-tln', '-tBn', '-tl'], DETAILS + ['-O'],
                                    ['', '--tos', '--inet-sockopt --tos', '--tos --cgroup --inet-sockopt']),
    'details of connections': product(
        ['-tan', '-tn', '-tan4', '-tan6', '-tna exclude established', '-tn state time-wait state syn-recv'],
        ['-m', '-mO', '-mp', '--tos', '--inet-sockopt', '--tos --inet-sockopt -O',
         '--tos --cgroup --inet-sockopt -mp']),
    'widths': product(columns(WIDTHS), ['-tan', '-tuanp', '-uanemO', '-ltnHQ']),
    'odd widths': product(columns(ODD_WIDTHS), ['-tan', '-uanm']),
    'wide and narrow details': product(
        columns((40, 80, 130, 200)),
        ['-uane', '-uanem --tos', '-ltnmi', '-ltneimO --inet-sockopt', '-tanm', '-tap', '-tlnpT']),
    'wrong expressions': product(['-tan', '-tuan'], read('errors.txt')['wrong expressions']),

    'absent families': ['-S', '-Sa', '--vsock', '--vsock -a', '--tipc', '--tipc -a', '--xdp', '-f xdp', '-Sani', '-A sctp,xdp'],
    # The rows of netlink differ: they show the socket of the program that asks.
    'all tables': product(['', '-n', '-B', '-nB', '-H', '-Q', '-O', '-p'], ['', '-4', '-6', '-A inet'])
    + product(['-A all,!netlink', '-A inet', '-4', '-6'], ['-a', '-an', '-l', '-ln', '-anp', '-anm']),
    'mptcp details': product(['-M', '-Ma', '-Man', '-tMan', '-uM', '-Ma4', '-Ma6'], ['', '-m', '-p', '-O'])
    + product(['-Man', '-Mln'], ['-e', '-emO', '--tos', '--inet-sockopt']),
    'netlink details': product(['-f netlink', '-f netlink -n', '-A netlink -a', '-A netlink -l'],
                               ["'! src tcpdiag'", "-ep '! src tcpdiag'", "-mp '! src tcpdiag'", "-p '! src tcpdiag'",
                                'src genl', 'autobound and ! src tcpdiag']),
    'packet details': product(['-0', '-0a', '-0n', '-A packet -a'], ['', '-e', '-m', '-p', '-b', '-eb', '-O']),
    'raw': product(['-w', '-wa', '-wan', '-4wa', '-6wa'], ['', '-e', '-m', '-p', '-i', '-O']),
    'unix': product(['-x', '-xa', '-xl', '-A u_str', '-A u_dgr -a', '-A unix -a'],
                    ['', '-m', '-p', '-mO', 'src *', "src '*abs*'", "src '?*'", 'autobound']),
    # Without paths: the device of a path is another number, on purpose.
    'unix details': product(['-x', '-xa', '-xl', '-A u_str', '-A u_dgr -a'], ['-e', '-em', '-emO', '-emp'], ["'! src */*'"]),
    'unix widths': product(columns((40, 80, 120, 200)), ['-xa', '-xapm', "-xapem '! src */*'"]),
}


def enabled():
    """(group, line) of everything that is to be the same on real sockets."""
    groups = {}
    for name in ('selection.txt', 'filters.txt', 'errors.txt', 'other_tables.txt'):
        groups.update(read(name))
    groups.update(PRODUCTS)
    return [(group, line) for group, lines in groups.items()
            if not group.startswith(DISABLED) for line in lines]
