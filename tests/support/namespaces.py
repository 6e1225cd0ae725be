"""Namespaces for tests: make one inside a program, enter it from another.

A maker (`tests.parity.crowd`, `tools/crowd.py`) isolates itself, makes its sockets, prints `ready` and
holds them until its stdin ends.  :class:`Room` is the other side: it starts such a program, runs
commands where the program lives and ends it.
"""
import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8916, 0x891c, 0x8913, 0x8914
TUNSETIFF, IFF_UP, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 1, 0x1000

libc = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, '%s: %s' % (what, os.strerror(error)))
    return result


# Inside a maker

def isolate(connections=4096):
    """Leave the host's network, mounts and processes; only a child of the caller returns from here.

    A dump walks the whole table of TCP connections, which the host has sized after its memory (20 ms
    where that is large).  A network whose parent asks for it gets a table of its own, for `connections`;
    with 0 it shares the host's.
    """
    checked(libc.unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID), 'unshare')
    checked(libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None), 'mount')
    if connections:
        with contextlib.suppress(OSError):      # since Linux 6.1
            set_sysctl('net.ipv4.tcp_child_ehash_entries', connections)
            checked(libc.unshare(CLONE_NEWNET), 'unshare')
    heard, told = os.pipe()
    first = os.fork()       # a process is in its new PID namespace from birth only
    if first:
        print('pid', first, flush=True)
        os.close(told)
        os._exit(exit_status(os.waitpid(first, 0)[1]))
    os.close(told)
    os.read(heard, 1)       # so that `ready` never comes first
    os.close(heard)
    checked(libc.mount(b'proc', b'/proc', b'proc', 0, None), 'mount /proc')
    interface_up('lo')


def exit_status(waited):
    return os.WEXITSTATUS(waited) if os.WIFEXITED(waited) else 128 + os.WTERMSIG(waited)


def replace_file(path, text, folder):
    """Let `path` have the content `text` in this mount namespace; a host without `path` keeps none."""
    if os.path.exists(path):
        own = os.path.join(folder, os.path.basename(path))
        with open(own, 'w') as stream:
            stream.write(text)
        checked(libc.mount(own.encode(), os.path.realpath(path).encode(), None, MS_BIND, None), 'bind ' + path)


def request(name, payload):
    return struct.pack('16s24s', name.encode(), payload)


def interface_up(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, SIOCGIFFLAGS, request(name, b''))
        flags, = struct.unpack_from('H', answer, 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, request(name, struct.pack('H', flags | IFF_UP)))


def tun(name, address, netmask='255.255.255.0'):
    """A new interface; its descriptor reads and writes raw IP packets, as a cable would carry them."""
    wire = os.open('/dev/net/tun', os.O_RDWR)
    fcntl.ioctl(wire, TUNSETIFF, request(name, struct.pack('H', IFF_TUN | IFF_NO_PI)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for code, text in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, netmask)):
            payload = struct.pack('HH4s', socket.AF_INET, 0, socket.inet_aton(text))
            fcntl.ioctl(control, code, request(name, payload))
    interface_up(name)
    return wire


def add_ipv6(name, address, prefix):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFADDR, struct.pack('16sIi', socket.inet_pton(socket.AF_INET6, address),
                                                      prefix, socket.if_nametoindex(name)))


def usable(address, patience=5):
    """Wait until sockets may have this IPv6 address: it is a moment later than the interface has it."""
    for _ in range(int(patience / .01)):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
            try:
                one.bind((address, 0))
                return
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
        time.sleep(.01)


def set_sysctl(name, value):
    with open('/proc/sys/' + name.replace('.', '/'), 'w') as stream:
        stream.write('%s\n' % value)


def hold():
    """Say that everything is there and keep it until the other side closes our stdin."""
    print('ready', flush=True)
    sys.stdin.read()


# Outside

class Room:
    """A running maker, and the way into its namespaces.  `facts`: what it said before `ready`."""

    def __init__(self, words, **more):
        self.maker = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, **more)
        self.facts = {}
        for line in iter(self.maker.stdout.readline, b''):
            if line == b'ready\n':
                break
            name, _, value = line.decode().strip().partition(' ')
            self.facts[name] = value
        else:
            self.maker.stdin.close()
            raise OSError('%s ended with status %d' % (words, self.maker.wait()))
        self.namespaces = [os.open('/proc/%s/ns/%s' % (self.facts['pid'], kind), os.O_RDONLY | os.O_CLOEXEC)
                           for kind in ('net', 'pid', 'mnt')]

    def enter(self):
        """For subprocess's `preexec_fn`: the new process lives where the maker lives."""
        folder = os.open('.', os.O_RDONLY)
        for descriptor in self.namespaces:
            checked(libc.setns(descriptor, 0), 'setns')
        os.fchdir(folder)       # entering a mount namespace had moved us to its root
        os.close(folder)
        inside = os.fork()      # as in isolate()
        if inside:
            os.closerange(0, 1024)      # the pipes are the child's alone
            os._exit(exit_status(os.waitpid(inside, 0)[1]))

    def close(self):
        self.maker.stdin.close()
        self.maker.wait()
        self.maker.stdout.close()
        for descriptor in self.namespaces:
            os.close(descriptor)
