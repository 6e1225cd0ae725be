"""ssng(8) as roff, with the macros of man(7), from the blocks of :mod:`.guide`."""

from .. import __version__
from . import guide
from .page import filled

DATE = '2026-11-26'
HEAD = '.TH SSNG 8 %s "ssng %s" "System Manager\'s Manual"\n' % (DATE, __version__)
ABOUT = '''\
ssng tells of the sockets of a Linux host.
It is ss of iproute2 in Python: the same options, filters and bytes on standard output.
Beyond that, whatever it can tell of a socket has a name, by which it is filtered, shown, sorted and counted,
as text, JSON, CSV or OpenMetrics.'''
STATUSES = [
    ('0', 'It was answered, whether a socket matched or not.'),
    ('1', 'A value in the filter is wrong, or something of this host is.'),
    ('255', 'The command line, or the grammar of the filter, is wrong.')]
ENVIRONMENT = [
    ('COLUMNS', 'Width of the lines where the terminal does not tell it.'),
    ('SSNG_COLOR', 'What --color says, where it is not given: auto, always or never.'),
    ('NO_COLOR', 'Where it is not empty, auto means never.'),
    ('POSIXLY_CORRECT', 'The first word that is no option ends the options.'),
    ('PROC_ROOT, PROC_NET_TCP, PROC_NET_UNIX, ...', 'Files in place of those of /proc; such tables are not asked of the kernel.'),
    ('TCPDIAG_FILE', 'A file of -D, shown in place of the TCP sockets.')]
FILES = [
    ('/proc/net/*', 'What is read where the kernel answers no netlink request.'),
    ('/etc/services, /etc/protocols, /etc/hosts', 'Names, through the C library.'),
    ('/run/netns/NAME', 'The network namespace that -N enters.')]
NOTES = '''\
Owners of sockets (-p) are told of processes that the user may look into: of all of them to root, or with both of
CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
To close sockets (-K) takes CAP_NET_ADMIN, and a kernel with CONFIG_INET_DIAG_DESTROY; marks and MD5 keys are told to
nobody without CAP_NET_ADMIN, BPF storage (--bpf-maps) to nobody without CAP_BPF or CAP_SYS_ADMIN.
To enter another network namespace takes CAP_SYS_ADMIN.
Everything else needs no privilege.'''


def text():
    """The whole page."""
    made = [HEAD, '.SH NAME\nssng \\- tell of the sockets of a Linux host\n', '.SH SYNOPSIS\n.B ssng\n'
            '.RI [ options ]\n.RI [ "state words" ]\n.RI [ filter ]\n']
    blocks = [('section', 'Description'), ('text', ABOUT), ('section', 'Options')]
    made += map(block, blocks)
    made += [block(each, '.SS') for each in guide.option_blocks() + guide.arguments()]
    for part in (guide.table_blocks, guide.filter_blocks, guide.column_blocks, guide.fact_blocks):
        made += map(block, part())
    made += map(block, [('section', 'Exit status'), ('terms', STATUSES), ('section', 'Environment'), ('terms', ENVIRONMENT),
                        ('section', 'Files'), ('terms', FILES)])
    made += map(block, guide.example_blocks('Examples', [each for each in guide.examples.EVERY
                                                         if each not in guide.examples.COLUMNS + guide.examples.FILTERS]))
    made += map(block, [('section', 'Notes'), ('text', NOTES), ('section', 'See also')])
    return tidy(''.join(made)) + '.BR ss (8),\n.BR ip (8),\n.BR netstat (8),\n.BR sock_diag (7),\n.BR tcp (7)\n'


def tidy(text):
    """A paragraph needs no mark where a section begins."""
    for section in '.SH', '.SS':
        parts = text.split('\n%s ' % section)
        parts[1:] = [part.replace('\n.PP\n', '\n', 1) if part.partition('\n')[2].startswith('.PP\n') else part
                     for part in parts[1:]]
        text = ('\n%s ' % section).join(parts)
    return text


def block(each, section='.SH'):
    kind, content = each
    if kind == 'section':
        return '%s %s\n' % (section, escaped(content.upper() if section == '.SH' else content))
    if kind == 'text':
        return '.PP\n%s\n' % sentences(content)
    if kind == 'code':
        return '.PP\n.RS 4\n.nf\n%s\n.fi\n.RE\n' % '\n'.join(map(escaped, content))
    return ''.join(['.TP\n.B %s\n%s\n' % (quoted(word), sentences(about)) for word, about in content])


def sentences(text):
    """Each of them begins a line, and no line is long."""
    made = []
    for sentence in ' '.join(text.split()).replace('. ', '.\n').split('\n'):
        made += filled(spelled(sentence))
    return '\n'.join(map(guarded, made))


def quoted(word):
    """A word as the argument of a macro."""
    return '"%s"' % spelled(word).replace('"', '\\(dq')


def escaped(line):
    return guarded(spelled(line))


def spelled(text):
    """``text`` as roff: what steers it is spelled out."""
    for char, roff in ('\\', '\\e'), ('-', '\\-'), ('~', '\\(ti'), ('^', '\\(ha'), ("'", '\\(aq'):
        text = text.replace(char, roff)
    return text


def guarded(line):
    """A line that is no macro, though it may begin like one."""
    return '\\&' + line if line[:1] in ('.', "'") else line
