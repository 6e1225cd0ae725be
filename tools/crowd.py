#!/usr/bin/env python3
"""Many sockets in namespaces of their own, made and held: `tools/crowd.py --tcp 100000`.

Prints `pid N` (a process of the namespaces: `nsenter -t N -n -p -m`), then `ready`; ends with its
stdin.  The TCP half is as varied as a busy host: addresses all over 127.0.0.0/8, a third IPv6, ports
all over, different traffic on each, some with unread data, and TIME-WAITs that are renewed as they
expire.  One connection in a hundred is to port 7777.
"""
import argparse
import os
import random
import resource
import signal
import socket
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True

from tests.support import namespaces    # noqa: E402, after the path to it

RARE_PORT = 7777
IPV6_ADDRESSES = ['fd00:%x:%x::%x' % (n * 7, n * n, n * 601) for n in range(1, 100)]
NAMES = '/run/netns'
PER_HOLDER = 19000      # descriptors of a process; many hosts allow 20,000
PER_LISTENER = 700      # connections of three listeners


def loopback_address(chance):
    return '127.%d.%d.%d' % (chance.randrange(256), chance.randrange(256), chance.randrange(1, 255))


def listener(chance, family, port=0):
    """A listening socket on an address and port of its own."""
    while True:
        made = socket.socket(family, socket.SOCK_STREAM)
        address = chance.choice(IPV6_ADDRESSES) if family == socket.AF_INET6 else loopback_address(chance)
        try:
            made.bind((address, port or chance.randrange(1, 20000)))
            made.listen(16)
            return made
        except OSError:     # taken
            made.close()


def listeners(chance, port=0):
    """One of IPv6 and two of IPv4, for a fair choice among them."""
    return [listener(chance, family, port) for family in (socket.AF_INET6, socket.AF_INET, socket.AF_INET)]


def connection(waiting, chance):
    """Two connected sockets; the caller has an address and port of its own."""
    address = chance.choice(IPV6_ADDRESSES) if waiting.family == socket.AF_INET6 else loopback_address(chance)
    while True:
        caller = socket.socket(waiting.family, socket.SOCK_STREAM)
        try:
            caller.bind((address, chance.randrange(1024, 65536)))
            caller.connect(waiting.getsockname()[:2])
            return caller, waiting.accept()[0]
        except OSError:     # this port of this address is taken
            caller.close()


def talk(caller, called, chance):
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        for sender, receiver in ((caller, called), (called, caller)):
            sender.send(b'x' * chance.randrange(1, 3000))
            if chance.random() < 0.9:
                receiver.recv(10000)


def tcp_sockets(count, chance):
    special = listeners(chance, RARE_PORT)
    made = list(special)
    while len(made) < count:
        waiting = listeners(chance)
        made += waiting
        for number in range(min(PER_LISTENER, (count - len(made) + 1) // 2)):
            pair = connection(chance.choice(waiting if number % 100 else special), chance)
            talk(*pair, chance=chance)
            made += pair
    return made


def time_waits(count, chance):
    """`count` TIME-WAITs at any time, from now on; the kernel forgets one after 60 seconds."""
    waiting = listeners(chance)

    def one():
        caller, called = connection(chance.choice(waiting), chance)
        caller.close()
        called.close()

    def renew():
        while True:
            time.sleep(6)
            for _ in range(count // 10):
                one()
    for _ in range(count):
        one()
    threading.Thread(target=renew, daemon=True).start()
    return waiting


def udp_sockets(count, chance):
    made = []
    for number in range(count):
        family = socket.AF_INET6 if number % 3 == 0 else socket.AF_INET
        address = chance.choice(IPV6_ADDRESSES) if number % 3 == 0 else loopback_address(chance)
        one = socket.socket(family, socket.SOCK_DGRAM)
        one.bind((address, 0))
        if number % 2:
            one.connect((address, chance.randrange(1, 65536)))
        made.append(one)
    return made


def unix_sockets(count, chance):
    made = []
    for number in range(count // 4):
        made += socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM if number % 3 else socket.SOCK_DGRAM)
        waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        waiting.bind('\0/run/%08x/%d.sock' % (chance.getrandbits(32), os.getpid()))
        waiting.listen(4)
        caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        caller.connect(waiting.getsockname())
        made += [waiting, caller]
    return made


def namespace(name):
    """A function, for holder(): it goes into a network namespace of its own, with a name, and has its sockets there."""
    def make(count, chance):
        namespaces.checked(namespaces.libc.unshare(namespaces.CLONE_NEWNET), 'unshare')
        path = os.path.join(NAMES, name)
        open(path, 'w').close()
        namespaces.checked(namespaces.libc.mount(b'/proc/self/ns/net', path.encode(), None, namespaces.MS_BIND, None), 'bind')
        namespaces.interface_up('lo')
        waiting = socket.socket()
        waiting.bind(('127.0.0.1', 0))
        waiting.listen(count)
        made = [waiting]
        while len(made) < count:
            made += [socket.create_connection(waiting.getsockname()), waiting.accept()[0]]
        return made
    return make


def holder(make, count, seed):
    """Fork a process that makes `count` sockets, tells so and holds them as long as its parent lives."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        return pid, ready
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.close(ready)
    made = make(count, random.Random(seed))
    os.write(told, b'%d' % len(made))
    while True:
        signal.pause()


def arguments():
    about, _, more = __doc__.partition('\n\n')
    parser = argparse.ArgumentParser(description=about, epilog=more)
    for name, text in (('tcp', 'TCP sockets, two a connection'), ('time-wait', 'TIME-WAITs beside them'),
                       ('udp', 'UDP sockets'), ('unix', 'unix sockets')):
        parser.add_argument('--' + name, type=int, default=0, metavar='N', help=text)
    parser.add_argument('--namespaces', type=int, default=0, metavar='N', help='so many TCP sockets in each of N namespaces')
    parser.add_argument('--hash', type=int, metavar='N', help="give the network a TCP hash of its own, of N buckets"
                                                              " (otherwise it shares the host's)")
    return parser.parse_args()


def main():
    asked = arguments()
    namespaces.isolate(asked.hash)
    for address in IPV6_ADDRESSES:
        namespaces.add_ipv6('lo', address, 128)
    for address in IPV6_ADDRESSES:
        namespaces.usable(address)
    namespaces.set_sysctl('net.ipv4.ip_local_port_range', '1024 65535')
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    running = []
    if asked.namespaces:
        os.makedirs(NAMES, exist_ok=True)
        namespaces.checked(namespaces.libc.mount(b'tmpfs', NAMES.encode(), b'tmpfs', 0, None), 'mount ' + NAMES)
        running = [holder(namespace('n%d' % number), asked.tcp, number) for number in range(asked.namespaces)]
        asked.tcp = 0
    for make, count in ((tcp_sockets, asked.tcp), (time_waits, asked.time_wait), (udp_sockets, asked.udp),
                        (unix_sockets, asked.unix)):
        share = min(PER_HOLDER, hard - 100) if make is not time_waits else max(count, 1)
        for start in range(0, count, share):
            running.append(holder(make, min(share, count - start), '%s %d' % (make.__name__, start)))
    for _, ready in running:
        if not os.read(ready, 16):
            sys.exit('crowd: a holder failed')
    namespaces.hold()       # everything ends with us, the first process of the namespace


if __name__ == '__main__':
    main()
