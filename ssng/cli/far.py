"""``--host``, ``--pod``, ``--via``: the same question elsewhere.

    ssng --host=web1,web2 -tn 'dport = :443'

    ssh web1 python3 -      is given the whole of ssng as one text, and in it --tcp --numeric --record=- -- 'dport = :443'
                            a record comes back, which is answered here as --replay does it

What decides how the answer looks goes along: it may need facts that have to be fetched there.
"""

import os
import sys

from ..errors import Failure, quoted, reason
from ..filter.scope import Elsewhere, Scope
from . import effects, options

AT_ONCE, SECONDS = 16, 20
KEPT_HERE = ('host', 'pod', 'via', 'at-once', 'timeout', 'filter', 'color')
LOOKS = ('watch', 'changes', 'wait', 'diff')
EXCLUDED = ('record', 'replay', 'kill', 'events', 'diag', 'summary', 'explain', 'dry-run') + LOOKS


# What is asked

def commands(draft):
    """[(name, command)] of each host, once each.  Failure where a word names none."""
    found = []
    for option, word in draft.far:
        command = COMMANDS[option](word, draft)
        if (word, command) not in found:
            found.append((word, command))
    return found


def ssh(host, draft):
    if not host or host.startswith('-') or '@-' in host or host.endswith('@'):
        raise wrong('host', host, 'a host is HOST or USER@HOST')
    return ['ssh', '-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=%d' % max(seconds(draft), 1), host, 'python3', '-']


def kubectl(pod, draft):
    parts = pod.split('/')
    namespace, name, container = ([''] * (len(parts) < 2) + parts + [''] * 2)[:3]
    if len(parts) > 3 or not name or any([part.startswith('-') for part in parts]):
        raise wrong('pod', pod, 'a pod is POD, NAMESPACE/POD or NAMESPACE/POD/CONTAINER')
    return (['kubectl', 'exec', '-i'] + ['--namespace=' + namespace] * bool(namespace) + [name]
            + ['--container=' + container] * bool(container) + ['--', 'python3', '-'])


def via(command, draft):
    from shlex import split
    try:
        words = split(command)
    except ValueError as error:
        raise wrong('via', command, str(error).lower())
    if not words:
        raise wrong('via', command, 'there is no command in it')
    return words + ['python3', '-']


COMMANDS = {'host': ssh, 'pod': kubectl, 'via': via}


def wrong(option, word, why):
    return Failure('--%s %s: %s' % (option, quoted(word), why))


def seconds(draft):
    if draft.timeout is None:
        return SECONDS
    try:
        value = float(draft.timeout)
    except ValueError:
        value = 0
    if not 0 < value < 1e6:
        raise Failure('--timeout: %s is not a number of seconds' % quoted(draft.timeout), 1)
    return value


def at_once(draft):
    if draft.at_once is None:
        return AT_ONCE
    text = draft.at_once
    if not text or text.strip('0123456789') or not 0 < int(text[:9]):
        raise Failure('--at-once: %s is not a number of hosts, 1 or more' % quoted(text), 1)
    return int(text[:9])


def apart(draft):
    """Options that do not go with another host."""
    there = {'record': draft.record_path is not None, 'replay': draft.replay_path is not None, 'kill': draft.kill,
             'events': draft.events, 'diag': draft.dump_path is not None, 'summary': draft.summary, 'explain': draft.explain,
             'dry-run': draft.dry_run}
    there.update({name: name in draft.looks for name in LOOKS})
    for name in EXCLUDED:
        if there[name]:
            raise Failure('--%s and --%s exclude each other (see ssng --help)' % (draft.far[0][0], name))


def forwarded(words):
    """(the words of the options that are for the other side too, the files of -F)."""
    found, files = [], []
    for option, argument in options.scan(words, permute='POSIXLY_CORRECT' not in os.environ):
        if option is None:
            continue
        if option[0] == 'filter':
            files.append(argument)
        elif option[0] not in KEPT_HERE:
            found.append('--' + option[0] + ('' if argument is None else '=' + argument))
    return found, files


class Unasked(Scope):
    """Every name is known: whether it is, the other side must tell."""

    def service(self, name, protocol):
        return 1

    def rpc_service(self, name, protocol):
        return None

    def addresses(self, name, family):
        from ..kernel.abi.sock_diag import AF_INET6
        return [bytes(16 if family == AF_INET6 else 4)]

    def link_protocol(self, name):
        return 0

    def netlink_protocol(self, name):
        return 0

    def interface(self, name):
        return 1

    def cgroup(self, path):
        return 1

    def ephemeral_ports(self):
        return 32768, 60999


# How it is answered

def answer(draft, operands, words, host):
    """As main.answer, of other hosts."""
    from ..answer import remote
    from ..answer.arrangement import arrangement as arranged
    from .colour import wanted
    apart(draft)
    asked, limit, most = commands(draft), seconds(draft), at_once(draft)
    more, files = forwarded(words)
    for name in files:
        effects.read_filter(draft, name)
    lines = list(draft.filter_lines or ())
    program = bundled(more + ['--record=-', '--'] + operands + lines, int(limit) + 2)
    draft.style.color = wanted(draft.style.color, os.environ, host.report)
    arrangement = arranged(draft) if draft.arranged or draft.style.lines else None
    query, operands = draft.settle(operands)
    query.selection.hosts = len(asked)
    if arrangement:
        arrangement.applied(query)
    read(query, operands, lines, host, Unasked)
    fars = gathered(asked, program, most, limit)
    status = remote.listing(query, fars, lambda own, there: read(own, operands, lines, there, Elsewhere), host.report)
    sys.stdout.flush()
    remote.told(fars, host.report)
    return status


def read(query, operands, lines, host, scope):
    if operands or lines:
        from ..filter.whole import read_into
        read_into(query, operands, lines, host, scope)


def bundled(words, limit):
    from ..bundle import text
    try:
        return text(words, seconds=limit)
    except ImportError as error:
        raise Failure('--host, --pod and --via: this Python has no module %s' % error.name, 1)
    except OSError as error:
        raise Failure('--host, --pod and --via: the source of ssng cannot be read: %s' % reason(error), 1)


def gathered(asked, program, most, limit):
    """The Fars of some commands, when all have answered or failed."""
    from ..sources.remote import Far, ask
    fars = [Far(name, command) for name, command in asked]
    progress = Progress(len(fars)) if os.isatty(2) else None
    try:
        ask(fars, program, most, limit, progress and progress.show)
    finally:
        if progress:
            progress.end()
    return fars


class Progress:
    """A line on a terminal that is gone in the end."""

    def __init__(self, total):
        self.total = total
        self.shown = None

    def show(self, done):
        if done != self.shown:
            self.shown = done
            self.write('\rssng: %d of %d host%s' % (done, self.total, '' if self.total == 1 else 's'))

    def end(self):
        if self.shown is not None:
            self.write('\r\x1b[K')

    @staticmethod
    def write(text):
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, AttributeError):
            pass
