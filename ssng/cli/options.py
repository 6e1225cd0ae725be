"""The command line: one table of options, and a parser that follows getopt_long(3) (command-line.md 1.1, 1.2).

An option is a row: its long name, its letters, what the help calls its argument (None: it takes
none; '': it takes one that ss's help keeps to itself; [=WORD]: it may have one, behind a =), then an effect
and the thing to be set by it, and the line of the help.  Options fill a draft the moment they are read; what
they do to the host waits until all have been read, and is then done in the same order, so that the first one
to fail or to answer by itself (-h, -V, -f help) has the last word, as with ss.

    words --scan--> (option, argument)... --effect--> Draft with its steps
"""

import os

from ..errors import Failure, quoted, similar
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, AF_PACKET, AF_TIPC, AF_UNIX, AF_VSOCK, AF_XDP
from ..query import Detail, Draft, Style
from ..states import ALL, BOUND_INACTIVE, LISTENING
from .effects import (
    Answer, Help, all_maps, arranged, color, completion, contexts, elsewhere, family, family_named, filter_file, given,
    help_text, hosts, json, looks, manual, misused, netns, network_namespace, off, on, one_map, states, table, tables,
    told, version)


# The options of ss, in its own order (it shows in the message on an ambiguous abbreviation) ...

OPTIONS = (
    ('numeric', 'n', None, on, (Style.numeric,), "don't resolve service names"),
    ('resolve', 'r', None, on, (Style.resolve,), 'resolve host names'),
    ('options', 'o', None, on, (Detail.options,), 'show timer information'),
    ('extended', 'e', None, on, (Detail.extended, Detail.options), 'show detailed socket information'),
    ('memory', 'm', None, on, (Detail.memory,), 'show socket memory usage'),
    ('info', 'i', None, on, (Detail.info,), 'show internal TCP information'),
    ('processes', 'p', None, on, (Detail.processes,), 'show process using socket'),
    ('threads', 'T', None, on, (Detail.threads, Detail.processes), 'show thread using socket'),
    ('bpf', 'b', None, on, (Detail.bpf, Detail.options), 'show bpf filter socket information'),
    ('events', 'E', None, on, (Draft.events,), 'continually display sockets as they are destroyed'),
    ('tcp', 't', None, table, 'tcp', 'display only TCP sockets'),
    ('sctp', 'S', None, table, 'sctp', 'display only SCTP sockets'),
    ('udp', 'u', None, table, 'udp', 'display only UDP sockets'),
    ('raw', 'w', None, table, 'raw', 'display only RAW sockets'),
    ('unix', 'x', None, family, AF_UNIX, 'display only Unix domain sockets'),
    ('tipc', '', None, family, AF_TIPC, 'display only TIPC sockets'),
    ('vsock', '', None, family, AF_VSOCK, 'display only vsock sockets'),
    ('all', 'a', None, states, ALL, 'display all sockets'),
    ('listening', 'l', None, states, LISTENING, 'display listening sockets'),
    ('bound-inactive', 'B', None, states, BOUND_INACTIVE, 'display TCP bound but inactive sockets'),
    ('ipv4', '4', None, family, AF_INET, 'display only IP version 4 sockets'),
    ('ipv6', '6', None, family, AF_INET6, 'display only IP version 6 sockets'),
    ('packet', '0', None, family, AF_PACKET, 'display PACKET sockets'),
    ('family', 'f', 'FAMILY', family_named, None, 'display sockets of type FAMILY'),
    ('socket', '', 'QUERY', tables, None, ''),
    ('query', 'A', 'QUERY', tables, None, ''),
    ('summary', 's', None, on, (Draft.summary,), 'show socket usage summary'),
    ('diag', 'D', 'FILE', given, Draft.dump_path, 'Dump raw information about TCP sockets to FILE'),
    ('filter', 'F', 'FILE', filter_file, None, 'read filter information from FILE'),
    ('version', 'Vv', None, version, None, 'output version information'),
    ('help', 'h', None, help_text, None, 'this message'),
    ('context', 'Z', None, contexts, 1, 'display task SELinux security contexts'),
    ('contexts', 'z', None, contexts, 2, 'display task and socket SELinux security contexts'),
    ('net', 'N', '', network_namespace, None, 'switch to the specified network namespace name'),
    ('tipcinfo', '', None, on, (Detail.tipcinfo,), 'show internal tipc socket information'),
    ('tos', '', None, on, (Detail.tos,), 'show tos and priority information'),
    ('cgroup', '', None, on, (Detail.cgroup,), 'show cgroup information'),
    ('kill', 'K', None, on, (Draft.kill,), 'forcibly close sockets, display what was closed'),
    ('no-header', 'H', None, off, Style.header, 'Suppress header line'),
    ('no-queues', 'Q', None, off, Style.queues, 'Suppress sending and receiving queue columns'),
    ('xdp', '', None, family, AF_XDP, 'display only XDP sockets'),
    ('mptcp', 'M', None, table, 'mptcp', 'display only MPTCP sockets'),
    ('oneline', 'O', None, on, (Style.oneline,), "socket's data printed on a single line"),
    ('inet-sockopt', '', None, on, (Detail.sockopt,), 'show various inet socket options'),
    ('bpf-maps', '', None, all_maps, None, 'show all BPF socket-local storage maps'),
    ('bpf-map-id', '', 'MAP-ID', one_map, None, '   show a BPF socket-local storage map'),
)

# ... and those of ssng alone.  An abbreviation means one of them only if it means none of ss.

MORE_OPTIONS = (
    ('json', 'j', '[=lines]', json, None, 'print JSON: an array of objects, one a line; or the lines alone'),
    ('pretty', '', None, on, (Style.pretty, Style.json), 'print JSON, indented'),
    ('dccp', 'd', None, table, 'dccp', 'display only DCCP sockets (kernels before 6.16)'),
    ('all-netns', '', None, on, (Draft.every_netns,), 'display the sockets of every network namespace'),
    ('netns', '', 'SPEC', netns, None, '... of this one: a name, path, inode, pid:N, container:ID, unit:NAME'),
    ('host', '', 'HOST,...', hosts, None, 'ask these hosts ([USER@]HOST) through ssh; they need python3 alone'),
    ('pod', '', 'POD', elsewhere, 'pod', 'ask this pod ([NAMESPACE/]POD[/CONTAINER]) through kubectl exec'),
    ('via', '', 'COMMAND', elsewhere, 'via', 'ask where COMMAND runs the words behind it: --via="docker exec -i web"'),
    ('at-once', '', 'N', given, Draft.at_once, 'ask so many of them at the same time (16)'),
    ('timeout', '', 'SECONDS', given, Draft.timeout, 'wait so long for each of them (20)'),
    ('columns', '', 'LIST', arranged, 'columns', 'show these facts; +LIST: behind the columns of ss'),
    ('color', '', '[=auto|always|never]', color, None, 'colour the table; auto, without a word: on a terminal'),
    ('csv', '', None, arranged, 'csv', 'print CSV'),
    ('tsv', '', None, arranged, 'tsv', 'print CSV with tabs for commas'),
    ('sort', '', 'KEY,...', arranged, 'sort', 'order by facts: FACT, -FACT or FACT:desc'),
    ('top', '', 'N', arranged, 'top', 'show the first N rows'),
    ('count', '', '[=FACT,...]', arranged, 'count', 'count the sockets, by the values of facts'),
    ('total', '', 'FACT,...', arranged, 'total', 'with --count: the sum of facts'),
    ('max', '', 'FACT,...', arranged, 'max', 'with --count: the largest value of facts'),
    ('min', '', 'FACT,...', arranged, 'min', 'with --count: the smallest value of facts'),
    ('avg', '', 'FACT,...', arranged, 'avg', 'with --count: the mean of facts'),
    ('openmetrics', '', None, arranged, 'openmetrics', 'print the counts as OpenMetrics text'),
    ('watch', '', '[=SECONDS]', looks, 'watch', 'answer again and again, every 2 seconds unless told'),
    ('changes', '', '[=SECONDS]', looks, 'changes', 'show each socket that opens, closes or changes its state from now on'),
    ('wait', '', '[=SECONDS]', looks, 'wait', 'wait until there is such a socket; status 1 if there was none in time'),
    ('times', '', 'N', looks, 'times', 'look N times, where one looks again and again'),
    ('diff', '', 'FILE', looks, 'diff', 'show what opened and closed since FILE was recorded; status 1 if anything'),
    ('dry-run', '', None, on, (Draft.dry_run,), 'with -K: show what would be closed, and close nothing'),
    ('facts', '', '[=WORD]', told, Draft.facts, 'list all that can be told, filtered, sorted and counted by name'),
    ('record', '', 'FILE', given, Draft.record_path, 'write all that is asked for to FILE, a pcapng file; owners with -p'),
    ('replay', '', 'FILE', given, Draft.replay_path, 'answer from such a FILE'),
    ('explain', '', None, on, (Draft.explain,), 'show how the filter is understood, and who judges what'),
    ('man', '', None, manual, None, 'print the manual, ssng(8), as roff: ssng --man | man -l -'),
    ('completion', '', 'bash|zsh|fish', completion, None, 'print what makes this shell complete the words of ssng'),
)


# What other programs, or people, call some of them.
ELSEWHERE = {'users': 'processes', 'user': 'processes', 'programs': 'processes', 'program': 'processes', 'pid': 'processes',
             'owners': 'processes', 'colour': 'color', 'dns': 'resolve', 'namespace': 'net'}


def read(words):
    """(draft, operands, end): what the options among ``words`` ask, and the words that are none.

    ``end`` is the Answer or Failure at which reading stopped, None at the end of the words.
    """
    draft, operands, rest = Draft(), [], iter(words)
    try:
        for option, argument in scan(rest, permute='POSIXLY_CORRECT' not in os.environ):
            if option is None:
                operands.append(argument)
                continue
            _, _, _, effect, thing, _ = option
            effect(draft, thing, argument)
    except Help:
        behind = list(rest)
        brief = not words[len(words) - len(behind) - 1].startswith('--')
        return draft, operands, Answer('usage') if brief else Answer('page', behind[0] if behind else None)
    except (Answer, Failure) as end:
        return draft, operands, end
    return draft, operands, None


def scan(words, permute=True):
    """Yield (option, argument) as getopt_long(3) would find them, and (None, word) for an operand.

    Without ``permute`` the first operand ends the options.
    """
    words = iter(words)
    for word in words:
        if word == '--':
            break
        elif word.startswith('--'):
            yield long_option(word, words)
        elif word.startswith('-') and word != '-':
            yield from letters(word[1:], words)
        else:
            yield None, word
            if not permute:
                break
    for word in words:
        yield None, word


def letters(cluster, words):
    """The options of `-tan4`; an argument is the rest of the word, or the next one."""
    for at, letter in enumerate(cluster, 1):
        option = lettered(letter)
        if option[2] is None or optional(option):
            yield option, None
        else:
            yield option, cluster[at:] or following('-' + letter, words)
            break


def long_option(word, words):
    """The option of `--name`, `--name=ARGUMENT` or `--name ARGUMENT`."""
    name, equals, argument = word[2:].partition('=')
    option = named(name)
    if option[2] is None and equals:
        raise misused('--%s takes no argument' % option[0])
    if option[2] is not None and not equals:
        argument = None if optional(option) else following('--' + option[0], words)
    return option, None if option[2] is None else argument


def optional(option):
    """Whether it may go without its argument."""
    return option[2].startswith('[')


def following(option, words):
    argument = next(words, None)
    if argument is None:
        raise misused('%s needs an argument' % option)
    return argument


def lettered(letter):
    for option in OPTIONS + MORE_OPTIONS:
        if letter in option[1]:
            return option
    raise misused('unknown option -%s' % quoted(letter)[1:-1])


def named(name):
    """The option of that name, or the only one that begins so."""
    for option in OPTIONS + MORE_OPTIONS:
        if option[0] == name:
            return option
    for options in OPTIONS, MORE_OPTIONS:
        matches = [option for option in options if option[0].startswith(name)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise misused('--%s may mean %s' % (name, ' '.join('--' + match[0] for match in matches)))
    raise misused('unknown option --%s%s' % (quoted(name)[1:-1], suggestion(name)))


def suggestion(name):
    known = [option[0] for option in OPTIONS + MORE_OPTIONS]
    close = [ELSEWHERE[name]] if name in ELSEWHERE else similar(name, known)
    return '; did you mean --%s?' % close[0] if close else ''
