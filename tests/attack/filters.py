"""Random command lines: the whole filter language x options x tables, right and wrong.

    python3 -m tests.attack.filters --count 3000 --seed 1

Each is run in a child of a process that has imported ssng, in a room of its own where that can be made:
-K may close what it finds there.  Prints what went wrong, and ends with status 1 if anything did.
"""
import argparse
import collections
import os
import random
import shlex
import sys
import tempfile

from ssng.catalogue import entries
from tests.attack.judging import Tally, fault
from tests.support import dumps, random_dump
from tests.support.forker import Forker
from tests.support.namespaces import Room

# words: of the command line; env: more of the environment; stdin: bytes
Line = collections.namedtuple('Line', 'words env stdin watching is_json')

PATIENCE = 20           # seconds; one that watches gets less
WATCHING = .5

MANY = '1' * 5000
ADDRESSES = ['127.0.0.1', '127/8', '10.99.0.0/16:22', '[::1]', '[::1]:443', 'fe80::/10', '::/0', '0.0.0.0/0', '*', '*:*',
             '*:80', 'any', 'all', 'default:22', 'localhost', 'localhost:ssh', '[::ffff:127.0.0.1]', '1.2.3.4/255.0.0.0',
             '0x7f.1', ':', '[]', '/', '::1', '1.2.3.4/33', '256.1', '[::1', 'no.such.invalid', '[fe80::1%lo]', '@x', '\\', '',
             'a' * 300, MANY]
PORTS = ['0', '22', ':80', '65535', '65536', '70000', '-1', '*', 'ssh', 'http', 'domain', ':https', 'nosuch', '0x16', '010',
         '08', '4294967296', '9223372036854775807', '9223372036854775808', '[22]', '', '\\', MANY, '-' + MANY, '0x' + MANY]
GLOBS = ['*', '/run/*', '@*', '?*', '*[[:digit:]]*', '*[!a-z]*', '[', '[a', '[^', '\\\\', '*.sock', '', '[z-a]', '[[:nosuch:]]',
         '[[.a.]-z]', '[[=a=]]*', '*' * 40 + 'x', '?' * 200, '\xff*', '@\x01', '/RUN/*', 'a' * 300]
NUMBERED = {
    'link': ['*', 'ip', 'all', 'ip:lo', ':lo', '2048:1', '3:*', 'arp:nosuch', '0x800', '65536', ':', '', MANY, ':' + MANY],
    'netlink': ['rtnl', 'rtnl:0', 'genl:kernel', ':kernel', '*:-5', 'uevent', '4', '255:77', '256', 'x', '', ':', MANY,
                ':' + MANY],
    'vsock': ['2:80', '*:80', '2', ':80', '4294967295:*', '-1:5', '2:', 'x', '', MANY, '1:' + MANY],
}
DEVICES = ['lo', 'dummy0', '0', '1', '77', 'if1', 'if99999999999', 'if1xyz', 'nosuch', '4294967296', '\\', MANY, 'if' + MANY,
           'x' * 300]
MARKS = ['0', '7', '0x1234', '1/3', '0/0', '-1', '0x80000000/0x80000000', '1/', '/1', 'x', '99999999999999999999', '08', MANY,
         '1/' + MANY]
CGROUPS = ['/', '.', '/sys/fs/cgroup', 'nosuch', '///', '\\', '../..', 'x' * 5000]
ALL_FACTS = [entry.name for entry in entries()]
FACTS = ['rtt', 'pid', 'comm', 'state', 'recv_q', 'port', 'host', 'nosuch', 'name', 'ino', 'sport', 'dev', 'cgroup',
         '!rtt', '(rtt',
         ':80', '127.0.0.1', '::1', '80', '/x', '\xff']
VALUES = ['0', '1', '100ms', '1.5K', '10Mbps', '1M/s', '-1', '1,2', '1,', ',', '"a b"', '"', '"a', 'a*', '[', '(',
          '(a', 'a)', '^a|b$',
          '*', '\\', '\\d', 'true', 'LISTEN', 'syn*', '10/8', '[::]/0', '::/0', '10.*', '1' * 500, '0x10',
          '9' * 30 + 's', '1e9', '\xe2\x82\xac']
WORDS = ['and', 'or', 'not', '!', '(', ')', '&', '|', '&&', '||', '=', '==', '!=', '<', '>=', 'src', 'dst', 'sport', 'dport',
         'dev', 'fwmark', 'cgroup', 'autobound', 'state', 'exclude', '22', '127.0.0.1', '\\', '\\(', '', ' ', '\t', '\n',
         '\x7f', '\x9b', '\xc2\x9b', '\xff', '\xe2\x82\xac', '--']

EQUAL, NOT_EQUAL = ['', '=', '==', 'eq'], ['!=', 'ne', 'neq']
COMPARE = ['<', 'lt', '<=', 'le', 'leq', '>', 'gt', '>=', 'ge', 'geq']

STATES = ['all', 'established', 'listening', 'connected', 'synchronized', 'bucket', 'big', 'time-wait', 'closed', 'syn-recv',
          'bound-inactive', 'unknown', 'Fin-Wait-1', 'nosuch']
FAMILIES = ['-4', '-6', '-0', '-x', '--tipc', '--vsock', '--xdp', '-f inet', '-f inet6', '-f link', '-f unix', '-f netlink',
            '-f tipc', '-f vsock', '-f xdp', '-4 -6', '-x -6', '-t -x', '-f nosuch']
TABLES = ['-t', '-u', '-w', '-S', '-M', '-d', '-tu', '-tuwSM', '-A all', '-A inet', '-A tcp', '-A udp,raw', '-A unix',
          '-A u_str', '-A u_dgr,u_seq', '-A packet', '-A p_raw', '-A p_dgr', '-A netlink', '-A vsock', '-A v_dgr', '-A tipc',
          '-A xdp', '-A mptcp,sctp', '-A dccp', '-A all,!tcp', '-A !all', '-A all,tipc', '-A tcp,', '-A nosuch']
WIDER = ['-a', '-a', '-a', '-l', '-B', '']
DETAILS = ['-n', '-n', '-o', '-e', '-m', '-i', '-p', '-T', '-H', '-Q', '-O', '-b', '--tos', '--cgroup', '--inet-sockopt',
           '--tipcinfo', '--bpf-maps', '-eimop', '-neimopbTHQO', '-r']
SELDOM = ['-s', '-h', '-V', '-Z', '-z', '-N nosuch', '-N a\n\x9b', '--bpf-map-id 1', '--bpf-map-id x', '--bpf-map-id ' + MANY,
          '--nosuch', '-q', '--pro', '--no', '-f help', '--', '-\n', '--\x9b', '-D /nowhere/x', '-F /nowhere/x', '-F /', '-D /']
# What ss does not have.  A %s is a list of facts, {} a file that may be written, or a record.
FORMATS = ['--csv', '--tsv', '--openmetrics', '--json=lines', '--csv -H', '--tsv --csv', '--color=always', '--color=nosuch',
           '-E']
ARRANGED = ['--columns=%s', '--columns=+%s', '--columns=local,%s,peer', '--sort=%s', '--sort=-%s', '--sort=%s:desc',
            '--sort=%s:up', '--top=3', '--top=1', '--top=0', '--top=x', '--top=' + MANY, '--columns=%s --sort=%s --top=9']
COUNTED = ['--count', '--count=%s', '--count=%s --total=recv_q', '--count=%s --max=%s', '--count --avg=%s',
           '--count=state --min=%s', '--count=%s --sort=%s', '--count=%s --total=send_q --sort=-total(send_q) --top=2',
           '--total=%s', '--count=', '--sort=count']
WHOLE = ['--all-netns', '--netns=/proc/self/ns/net', '--netns=pid:1', '--netns=nosuch', '--netns=' + MANY, '--netns=container:x',
         '--netns=unit:x.service', '--all-netns -p', '--host=-x', '--host=', '--via=false', '--via=/nowhere/x', '--pod=/',
         '--at-once=' + MANY, '--timeout=0', '--all-netns --netns=pid:1']
LATER = ['--watch=0.01 --times=2', '--changes=0.01 --times=2', '--wait=0', '--wait=0.1', '--wait=' + MANY, '--watch --times=x',
         '--times=2', '--record={}', '--replay={}', '--diff={}', '--replay=/nowhere/x', '--record=/nowhere/x',
         '--record=/dev/full', '--diff=/dev/null', '--watch=0.01 --times=2 --top=2 --sort=-rate.bytes_sent', '--dry-run',
         '--dry-run --kill --times=1']
TOLD = ['--explain', '--explain', '--facts', '--facts=%s', '--facts=\x9b', '--help=x', '--completion=x', '--completion=bash',
        '--man']
NO_JSON = ('-D', '--man', '--comp', '--help', '-h', '-V')
SILENT = ('--wait', '--diff')       # status 1 is an answer


class Maker:
    """Lines from a seed.  `folder`: where files may be written that outlive the making."""

    def __init__(self, seed, folder):
        self.chance = random.Random(seed)
        self.folder = folder
        self.replay = self.file('replay', dumps.joined(random_dump.dump('filters', 30)))

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as stream:
            stream.write(content)
        return path

    def pick(self, *choices):
        """An item of one of several lists, each of them as likely."""
        return self.chance.choice(self.chance.choice(choices))

    # Filters

    def end(self):
        """A host, of any family, or a text that is none."""
        kind = self.chance.choice(['', '', 'inet:', 'inet6:', 'unix:', 'unix:', 'link:', 'netlink:', 'vsock:', 'tipc:', 'xdp:',
                                   'UNIX:'])
        values = GLOBS if kind.lower() == 'unix:' else NUMBERED.get(kind[:-1], ADDRESSES)
        return kind + self.chance.choice(values)

    def port(self):
        kind = self.chance.choice(['', '', '', '', 'inet:', 'inet6:', 'unix:', 'link:', 'netlink:', 'vsock:'])
        return kind + self.chance.choice(PORTS if kind != 'unix:' else GLOBS)

    def fact(self):
        """A condition on a fact, right or wrong, with its blanks or without them."""
        name = self.chance.choice(FACTS) if self.chance.random() < .3 else self.chance.choice(ALL_FACTS)
        operator = self.pick([''], EQUAL[1:], NOT_EQUAL, COMPARE, ['~', '!~'])
        blank = self.chance.choice((' ', ' ', '')) if not operator.isalpha() else ' '
        return name + blank + operator + blank + (self.pick(VALUES, PORTS, ADDRESSES, GLOBS, STATES) if operator else '')

    def condition(self):
        if self.chance.random() < .4:
            return self.fact()
        subject = self.chance.choice(['src', 'dst', 'src', 'dst', 'sport', 'dport', 'dev', 'fwmark', 'cgroup', 'autobound'])
        if subject == 'autobound':
            return subject
        if subject in ('src', 'dst'):
            operator, value = self.chance.choice(EQUAL), self.end()
        elif subject in ('sport', 'dport'):
            operator, value = self.pick(EQUAL, NOT_EQUAL, COMPARE), self.port()
        else:
            operator = self.pick(EQUAL, NOT_EQUAL)
            value = self.chance.choice({'dev': DEVICES, 'fwmark': MARKS, 'cgroup': CGROUPS}[subject])
        return ' '.join([subject, operator, value])

    def sane(self):
        """A condition that ss takes, mostly."""
        return self.chance.choice([
            'src unix:' + self.chance.choice(GLOBS[:6]), 'dst unix:*', 'sport = unix:/run/*', 'src netlink:rtnl', 'src link:ip',
            'src vsock:2', 'src inet:127.0.0.1', 'dst inet6:::/0', 'sport = 22', 'dport > 1024', 'src 127/8', 'dev lo',
            'rtt > 0', '(recv_q>=0)', 'state = listening', ':22', 'port 80', 'comm ~ .', 'host 127.0.0.1',
            'not retrans', 'uid = 0',
            'fwmark = 0', 'autobound', 'sport >= netlink:0', 'dport <= vsock:70000', 'sport != link:lo', 'cgroup /'])

    def expression(self, depth):
        kind = self.chance.random()
        if not depth or kind < .3:
            return self.sane() if self.chance.random() < .8 else self.condition()
        if kind < .45:
            return self.chance.choice(['! ', 'not ', '! ! ']) + self.expression(depth - 1)
        if kind < .6:
            return '( %s )' % self.expression(depth - 1)
        joins = [' and ', ' or ', ' ', ' && ', ' || ', ' & ', ' | ']
        return self.chance.choice(joins).join(self.expression(depth - 1) for _ in range(self.chance.choice((2, 2, 3))))

    def filter(self):
        kind = self.chance.random()
        if kind < .1:
            return ''
        if kind < .85:
            return self.expression(self.chance.randrange(4))
        if kind < .9:
            return '( ' * self.chance.choice((3, 100, 400)) + self.sane()
        if kind < .93:
            return ' or '.join([self.sane()] * self.chance.choice((50, 1500)))
        return ' '.join(self.chance.choice(WORDS + [self.condition()]) for _ in range(self.chance.randrange(12)))

    def operands(self):
        text, words = self.filter(), []
        if self.chance.random() < .15:
            for _ in range(self.chance.choice((1, 1, 2, 3))):
                words += [self.chance.choice(('state', 'state', 'exclude', 'excl')), self.chance.choice(STATES)]
        if self.chance.random() < .03:
            words += ['state']
        return words + (text.split(' ') if self.chance.random() < .3 else [text] if text else [])

    # Options

    def options(self):
        """(words, whether JSON alone comes out of them)"""
        some = [self.pick(TABLES, FAMILIES, [''])]
        if self.chance.random() < .3:
            some.append(self.pick(TABLES, FAMILIES))
        some.append(self.chance.choice(WIDER))
        some += self.chance.sample(DETAILS, self.chance.randrange(6))
        is_json = self.chance.random() < .35
        if is_json:
            some.append(self.chance.choice(('-j', '-j', '--json', '--pretty')))
        if self.chance.random() < .08:
            some.append(self.chance.choice(SELDOM))
        self.chance.shuffle(some)
        words = [word for option in some for word in option.split(' ') if word]
        return words, is_json and not {'-h', '-V', 'help'}.intersection(words)

    def beyond(self):
        """Words that ss does not have, right and wrong."""
        several = ','.join(self.pick(FACTS, ALL_FACTS, ALL_FACTS, ALL_FACTS)
                           for _ in range(self.chance.choice((1, 1, 1, 2, 5))))
        option = self.pick(ARRANGED, ARRANGED, COUNTED, COUNTED, FORMATS, WHOLE, LATER, TOLD)
        if option in COUNTED and self.chance.random() < .2:
            option += ' ' + self.chance.choice(FORMATS)
        return option.replace('%s', several).replace('{}', os.path.join(self.folder, 'record')).split(' ')

    def line(self):
        (words, is_json), operands, env, stdin = self.options(), self.operands(), {}, b''
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            words += self.beyond()
        kind = self.chance.random()
        watching = kind < .04
        if watching:
            words.append('-E')
        elif kind < .1:
            words.append('-K')
            operands = ['( %s ) and sport = 0 and dport = 1' % (self.filter() or 'src *')]
        elif kind < .18:
            words += ['-D', self.chance.choice((os.path.join(self.folder, 'dumped'), '-', '/dev/null', '/dev/full'))]
            is_json = False
        elif kind < .26:
            content = self.chance.choice(('', '# comment\n', '0\n', 'sport = 1\n', '\0')) + self.filter() + '\n'
            content = content.encode('latin-1')
            if self.chance.random() < .5:
                words += ['-F', '-']
                stdin = content
            else:
                words += ['-F', self.file('filter', content)]
        elif kind < .36:
            env['TCPDIAG_FILE'] = self.replay
        elif kind < .4:
            env['PROC_ROOT'] = '/nonexistent'
        elif kind < .44:
            for name in ('TCP', 'UDP', 'RAW', 'UNIX', 'PACKET', 'NETLINK'):
                env['PROC_NET_' + name] = '/proc/net/' + name.lower()
        if self.chance.random() < .1:
            env['COLUMNS'] = self.chance.choice(('1', '80', '0', '-5', 'x', '99999'))
        watching, is_json = watching or '-E' in words, is_json and not any(word.startswith(NO_JSON) for word in words)
        words = words + operands if self.chance.random() < .9 else operands + words
        return Line(words, env, stdin, watching, is_json)


def attack(count, seed, room, folder):
    """A Tally of `count` lines."""
    maker, tally = Maker(seed, folder), Tally()
    runner = Forker(room and room.enter, everything=True)
    try:
        for _ in range(count):
            line = maker.line()
            words = [os.fsdecode(word.encode('latin-1')) for word in line.words]
            patience = WATCHING if line.watching else PATIENCE
            answer = runner.run(words, env=line.env, stdin=line.stdin, patience=patience)
            why = fault(answer, line.watching, line.is_json, any(word.startswith(SILENT) for word in words))
            if why:
                why += ''.join(': ' + said for said in answer.err.decode('latin-1').splitlines()[-1:] if 'traceback' in why)
            tally.add(why, described(line), answer.status)
    finally:
        runner.close()
    return tally


def described(line):
    """To be pasted into a shell; without the folder that is gone by then."""
    said = ' '.join(['%s=%s' % pair for pair in sorted(line.env.items())] + [shlex.quote(word) for word in line.words])
    said = said.encode('unicode_escape').decode() if not said.isprintable() else said
    return said.replace(MANY, '1..') + (' < %r' % line.stdin if line.stdin else '')


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--count', type=int, default=3000)
    parser.add_argument('--seed', default='1')
    asked = parser.parse_args()
    room = None if os.geteuid() else Room([sys.executable, '-m', 'tests.parity.crowd'])
    try:
        with tempfile.TemporaryDirectory() as folder:
            tally = attack(asked.count, asked.seed, room, folder)
    finally:
        if room:
            room.close()
    print('%d command lines, seed %s: %d wrong' % (tally.count, asked.seed, sum(map(len, tally.faults.values()))))
    print(tally.report())
    sys.exit(bool(tally.faults))


if __name__ == '__main__':
    main()
