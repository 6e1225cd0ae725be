"""Inside a guest: run ss, and write down what it printed and the netlink messages it printed that from.

    recorder.py COMMAND-OF-SS

Prints one JSON object a family; their form is described in fixtures/README.md.

The messages are caught by an nlmon device, which shows every netlink datagram of a network namespace
to a packet socket: bytes and text come from one run of the program, and nothing of the program is
touched.
"""
import json
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True      # this folder is the user's tree

from kinds import bpf, dccp, links                      # noqa: E402
from kinds.calls import AF_PACKET, SOL_SOCKET, load     # noqa: E402

# All that may be shown of an inet socket, but for processes.
EVERYTHING = '-aneimo --tos --cgroup --inet-sockopt'
FAMILIES = {
    'tcp': ['-tan', '-t ' + EVERYTHING, '-tanO4 -ie', '-tanm6', '-tlO', '-taB -n', '-tan state time-wait',
            '-tan sport = :1001 or dst 127.0.0.1:1005'],
    'udp': ['-uan', '-u ' + EVERYTHING, '-uO', '-uan6 dport = :1002'],
    'raw': ['-wan', '-w ' + EVERYTHING, '-wa', '-wlO4'],
    'unix': ['-xan', '-xanem', '-xO', '-xln', '-A u_seq -an'],
    'packet': ['-0an', '-0anemb', '-0aO', '-A p_dgr -a'],
    'netlink': ['-f netlink -an', '-f netlink -anem', '-f netlink -anO'],
    'sctp': ['-San', '-S ' + EVERYTHING, '-SO', '-Sln4'],
    'mptcp': ['-Man', '-M ' + EVERYTHING, '-MO', '-Mln'],
    'vsock': ['--vsock -an', '--vsock -aem', '--vsock -lO'],
    'xdp': ['--xdp -an', '--xdp -anem', '--xdp -aO'],
    'tipc': ['--tipc -an', '--tipc -anem --tipcinfo', '--tipc -lO'],
    'mixed': ['-anH'],
}
WITH_MAPS = ' sport = :1071 or dport = :1070'
BPF = [line + WITH_MAPS for line in ('-tuan --bpf-maps', '-tanO --bpf-maps', '-tanO --bpf-map-id={map}')]
# ss 7.3.0 has no DCCP: the text is that of the ss which the guest finds on its path, if an older one.
DCCP = ['-dan', '-daneimo']
EVENTS = '-tunE'
KILLS = ['-tanK sport = :1001 or sport = :1010', '-uanK dport = :1001', '-wanK4', '-xanK']

PROC_FILES = ('tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'unix', 'packet', 'netlink', 'sockstat',
              'sockstat6', 'snmp', 'protocols')
PROC_CASES = ['-s', '-tan', '-taneo', '-tani', '-uan', '-uane', '-wan', '-wane', '-xan', '-0an', '-0ane',
              '-f netlink -an', '-tuwx0anOH']

ETH_P_ALL, SO_RCVBUFFORCE = 3, 33
NLM_F_REQUEST = 1
NETLINK_ROUTE, NETLINK_SOCK_DIAG = 0, 4
CAPTURED = (NETLINK_ROUTE, NETLINK_SOCK_DIAG)
LARGEST = 1 << 20
MOST_MAPS = 100


class Tap:
    """A view of the netlink datagrams of this namespace."""

    def __init__(self):
        load('nlmon')
        links.new_link(b'nlmon0', b'nlmon')
        links.up('nlmon0')
        self.socket = socket.socket(AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.bind(('nlmon0', ETH_P_ALL))
        self.socket.setblocking(False)

    def read(self):
        """[(netlink protocol, datagram)] since the last call"""
        found = []
        while True:
            try:
                data, (_, protocol, _, _, _) = self.socket.recvfrom(LARGEST)
            except BlockingIOError:
                return found
            if protocol in CAPTURED:
                found.append((protocol, data))


def messages(datagram):
    """The netlink messages of a datagram, each with its padding, so that they add up to it."""
    found, start = [], 0
    while start < len(datagram):
        length, = struct.unpack_from('=I', datagram, start)
        end = start + max(16, (length + 3) & ~3)
        found.append(shortened(datagram[start:end]))
        start = end
    return found


def exchanges(caught):
    """[{protocol, request, datagrams}]; an answer belongs to the last request with its number.

    What no one asked for (the kernel's news about addresses and links) is left out.
    """
    found, asked = [], {}
    for protocol, datagram in caught:
        flags, sequence = struct.unpack_from('=HI', datagram, 6)
        if flags & NLM_F_REQUEST:
            found.append({'protocol': protocol, 'request': shortened(datagram), 'datagrams': []})
            asked[protocol, sequence] = found[-1]['datagrams']
        elif (protocol, sequence) in asked:
            asked[protocol, sequence].append(messages(datagram))
    return found


def news(caught):
    """The same for `ss -E`, which asks for nothing."""
    datagrams = [messages(datagram) for protocol, datagram in caught if protocol == NETLINK_SOCK_DIAG]
    return [{'protocol': NETLINK_SOCK_DIAG, 'request': '', 'datagrams': datagrams}]


# Bytes and text as they stand in a recording

def shortened(data):
    """Hex, with `(N)` in place of N zero bytes where there are four or more."""
    parts = re.split(rb'(\0{4,})', data)
    return ''.join('(%d)' % len(part) if number % 2 else part.hex() for number, part in enumerate(parts))


def lines(output):
    """Lines without their ends; one that ends in more than three blanks as [line, number of blanks]."""
    found = []
    for line in output.decode('latin-1').split('\n'):
        bare = line.rstrip(' ')
        found.append(line if len(line) - len(bare) < 4 else [bare, len(line) - len(bare)])
    return found


# One run of ss

def started(words, arguments, **more):
    environment = dict({'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8'}, **more)
    return subprocess.Popen(words + shlex.split(arguments), env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(program, arguments):
    out, errors = program.communicate()
    return {'arguments': arguments, 'status': program.returncode, 'text': lines(out),
            'errors': errors.decode('latin-1').splitlines()}


def record(tap, words, arguments):
    tap.read()
    case = ended(started(words, arguments), arguments)
    case['exchanges'] = exchanges(tap.read())
    return case


def record_events(tap, words):
    """`ss -E` while a TCP connection and a UDP socket end."""
    server, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 1301))
    server.listen(1)
    client = socket.create_connection(('127.0.0.1', 1301))
    accepted = server.accept()[0]
    udp.bind(('127.0.0.1', 1302))
    tap.read()
    program = started(words, EVENTS)
    time.sleep(1)
    for sock in (client, accepted, server, udp):
        sock.close()
    time.sleep(1)
    program.send_signal(signal.SIGTERM)
    case = ended(program, EVENTS)
    case['exchanges'] = news(tap.read())
    return case


def record_proc(words):
    """The files of /proc/net, and what ss prints where PROC_ROOT makes it read them."""
    folder = tempfile.mkdtemp()
    os.mkdir(folder + '/net')
    files = {}
    for name in PROC_FILES:
        if os.path.exists('/proc/net/' + name):
            shutil.copyfile('/proc/net/' + name, folder + '/net/' + name)
            with open(folder + '/net/' + name, 'rb') as stream:
                files['net/' + name] = lines(stream.read())
    cases = [ended(started(words, arguments, PROC_ROOT=folder), arguments) for arguments in PROC_CASES]
    shutil.rmtree(folder)
    return {'files': files, 'cases': cases}


# What else ss asks the kernel for the text

def cgroups():
    """{id: path}, as --cgroup names them."""
    root = '/sys/fs/cgroup'
    return {str(os.stat(path).st_ino): path[len(root):] or '/' for path, _, _ in os.walk(root)}


def storage_maps():
    """{id: {info, btf}} of the maps for socket storage: struct bpf_map_info and the BTF of their values."""
    found = {}
    for number in range(1, MOST_MAPS):
        try:
            descriptor = bpf.of_id(bpf.BPF_MAP_GET_FD_BY_ID, number)
        except OSError:                 # no such map, or no bpf(2) at all
            continue
        info = bpf.information(descriptor, 104)
        os.close(descriptor)
        if bpf.word(info, 0) == bpf.BPF_MAP_TYPE_SK_STORAGE:
            descriptor = bpf.of_id(bpf.BPF_BTF_GET_FD_BY_ID, bpf.word(info, 64))
            found[str(number)] = {'info': shortened(info), 'btf': shortened(bpf.types(descriptor))}
            os.close(descriptor)
    return found


def surroundings(words):
    version = subprocess.check_output(words + ['-V']).decode().strip()
    return {'kernel': os.uname().release, 'machine': os.uname().machine, 'byte_order': sys.byteorder,
            'ss': version, 'cgroups': cgroups(),
            'interfaces': {str(index): name for index, name in socket.if_nameindex()}}


def has_dccp():
    try:
        dccp.dccp_socket().close()
    except OSError:
        return False
    return subprocess.call(['ss', '-dan'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def recordings(tap, words):
    """(family, the words that run its ss, what is recorded); events and kills are the last."""
    def cases(ss, command_lines):
        return {'cases': [record(tap, ss, arguments) for arguments in command_lines]}
    for family, command_lines in FAMILIES.items():
        yield family, words, cases(words, command_lines)
    maps = storage_maps()
    if maps:
        first = min(maps, key=int)
        yield 'bpf', words, dict(cases(words, [line.format(map=first) for line in BPF]), maps=maps)
    if has_dccp():
        yield 'dccp', ['ss'], cases(['ss'], DCCP)
    yield 'proc', words, record_proc(words)
    yield 'events', words, {'cases': [record_events(tap, words)]}
    yield 'kill', words, cases(words, KILLS)


def main():
    words = shlex.split(sys.argv[1])
    for family, ss, found in recordings(Tap(), words):
        print(json.dumps(dict(surroundings(ss), family=family, **found), sort_keys=True), flush=True)


if __name__ == '__main__':
    main()
