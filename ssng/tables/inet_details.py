"""What is told of an internet socket beside its state, queues and ends: the facts of -e, -o, -m and their like.

A module of its own: ``-tan`` does without, and starts sooner.  ss's order of it all is in
fixtures/behaviour/sockets.md, 3.4, each text in 3.5 to 3.10.
"""

from ..fields import CONTAINER, FLAG, MS, NUMBER, WORD, WORDS, Break, Fact, Section, Text, naming
from ..kernel.abi import sizeof
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.procnet import PROC_OPTIONS, PROC_TCP
from ..kernel.columns import member, payload, scalar, words
from . import common
from .inet import CGROUP, FAMILY_FACT, INODE, MARK, message

TIMERS = ('off', 'on', 'keepalive', 'timewait', 'persist', 'delack')

TIMER = (message('idiag_timer'),)
TIMER_FACTS = [
    Fact('timer.name', TIMER, WORD, lambda timer: (TIMERS[timer] if timer < len(TIMERS) else common.UNKNOWN) if timer else None,
         reveal=('options',), help='the timer that runs'),
    Fact('timer.number', TIMER, NUMBER, lambda timer: timer if timer >= len(TIMERS) else None, reveal=('options',),
         help='number of the timer, where it has no name'),
    Fact('timer.expires_ms', TIMER + (message('idiag_expires'),), MS, lambda timer, expires: expires if timer else None,
         reveal=('options',), help='time until it expires'),
    Fact('timer.retrans', TIMER + (message('idiag_retrans'),), NUMBER, lambda timer, retrans: retrans if timer else None,
         reveal=('options',), help='how often it has expired in a row'),
]


def cgroup(part, kind, help):
    """A fact of what the cgroup means: for whoever names it, and may not see the socket's processes."""
    return Fact('cgroup_' + part, CGROUP, kind, lambda tell, number: tell(number) if number else None, 'cgroups.' + part,
                ('extended', 'cgroup'), help, source='cgroup', named=True)


MORE = common.identity(message('idiag_uid'), INODE, words(abi.inet_diag_msg, 'id.idiag_cookie')) + [
    Fact('mark', MARK, NUMBER, reveal=('extended',), help='firewall mark'),
    Fact('cgroup', CGROUP, WORD, lambda path, number: path(number) if number else None, 'cgroups.path',
         ('extended', 'cgroup'), 'path of the cgroup v2 in which the socket was made'),
    cgroup('unit', WORD, 'systemd unit of the cgroup in which the socket was made'),
    cgroup('container', CONTAINER, 'id of the container in which the socket was made; 12 digits in columns of text'),
    cgroup('pod', WORD, 'uid of the pod in which the socket was made'),
    cgroup('runtime', WORD, 'what runs the container in which the socket was made'),
    Fact('v6only', scalar(abi.INET_DIAG_SKV6ONLY, 'v6only', 1), FLAG, bool, reveal=('extended',),
         help='whether an IPv6 socket leaves IPv4 alone'),
    common.shutdown(scalar(abi.INET_DIAG_SHUTDOWN, 'shutdown', 1)),
    Fact('options', payload(PROC_OPTIONS, 'options'), WORD, lambda text: text.decode('latin-1'), reveal=('extended',),
         help='what else a line of /proc/net/tcp says', source='proc'),
]
V6ONLY_BYTE = Fact('v6only', scalar(abi.INET_DIAG_SKV6ONLY, 'v6only', 1), NUMBER, reveal=('extended',))      # as ss shows it
TOS = [
    Fact('tos', scalar(abi.INET_DIAG_TOS, 'tos', 1), NUMBER, reveal=('tos',), help='type of service of IPv4'),
    Fact('tclass', scalar(abi.INET_DIAG_TCLASS, 'tclass', 1), NUMBER, reveal=('tos',), help='traffic class of IPv6'),
    Fact('class_id', scalar(abi.INET_DIAG_CLASS_ID, 'class_id', 4), NUMBER, reveal=('tos',),
         help='net_cls class of cgroup v1, or priority'),
]

SOCKOPT_BITS = [name for name, *_ in abi.inet_diag_sockopt._fields_ if name != 'unused']
SOCKOPT_WORDS = {'bind_address_no_port': 'bind_addr_no_port'}       # as ss calls it


def sockopts(flags):
    """The names of the bits that are set; None for an attribute too short to tell (sockets.md 3.9)."""
    if len(flags) < sizeof(abi.inet_diag_sockopt):
        return None
    options = abi.inet_diag_sockopt.from_buffer_copy(flags)
    return [name for name in SOCKOPT_BITS if getattr(options, name)]


SOCKOPT = Fact('sockopt', payload(abi.INET_DIAG_SOCKOPT, 'inet_diag_sockopt', form=abi.inet_diag_sockopt),
               WORDS, sockopts, reveal=('sockopt',),
               help='socket options that are set')
MEMINFO = (('rmem_alloc', 'rmem'), ('wmem_queued', 'wmem'), ('fwd_alloc', 'fmem'), ('wmem_alloc', 'tmem'))     # before 3.4
SKMEM = common.skmem(abi.INET_DIAG_SKMEMINFO, [
    (name, member(abi.inet_diag_meminfo, 'idiag_' + old, abi.INET_DIAG_MEMINFO)) for name, old in MEMINFO])

FACTS = TIMER_FACTS + MORE + TOS + [SOCKOPT] + SKMEM


# Text

text = naming(*FACTS)
of_timer = naming(*TIMER_FACTS)


def timer_line(name=None):
    """The text of a running timer (sockets.md 3.5); ``name``: what it is called, whichever it is."""
    def form(timer, expires, retrans):
        return '' if timer is None else ' timer:(%s,%s,%d)' % (name or timer, common.duration(expires), retrans)
    return of_timer(form, 'name', 'expires_ms', 'retrans')


def hexadecimal(form):
    """As C's %#x: zero has no 0x (sockets.md 3.8)."""
    return lambda value: form % ('%#x' % value if value else '0')


def sockopt_text(names):
    if names is None:
        return ''
    return 'inet-sockopt: (%s)' % ''.join([' ' + SOCKOPT_WORDS.get(name, name) for name in names])


DETAILS = common.identity_line(*MORE[:3]) + [
    text(' fwmark:0x%x', 'mark'),
    text(lambda path: ' cgroup:' + path if path else '', 'cgroup', when=('extended',)),
    Text(lambda v6only, family: ' v6only:%d' % v6only if family == 'inet6' else '', V6ONLY_BYTE, FAMILY_FACT),
    text(common.arrow, 'shutdown'),
    text(' opt:"%s"', 'options'),
    text(hexadecimal(' tos:%s'), 'tos'),
    text(hexadecimal(' tclass:%s'), 'tclass'),
    text(hexadecimal(' class_id:%s'), 'class_id'),
    # Of id 0 --cgroup alone says that it cannot be reached (command-line.md 9.6).
    text(lambda path: ' cgroup:' + (path or 'unreachable:0'), 'cgroup', when=('cgroup',)),
    text(sockopt_text, 'sockopt', start=Break()),
]
MEMORY_LINE = common.skmem_line(abi.INET_DIAG_SKMEMINFO, SKMEM) + [
    Section(abi.INET_DIAG_SKMEMINFO, [text(' mem:(r%d,w%d,f%d,t%d)', *[name for name, _ in MEMINFO], hide=())], unless=True)]


def line(table):
    """ss's text of all of it, for a Table of internet sockets."""
    further = Section(PROC_TCP, [Break(oneline='', when=table.lines)], unless=True)
    return [timer_line(table.timer)] + DETAILS + [further] + MEMORY_LINE
