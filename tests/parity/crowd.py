"""Makes one or more sockets of every kind in namespaces of its own, and holds them: `python -m tests.parity.crowd`.

TCP and UDP are those of tests/parity/kinds, many of each; of the other families there is what
tools/sockets makes.  dummy0 is a TUN device that nobody reads: a real one needs a kernel module.

Prints a line for each kind that this kernel lacks, then `ready`; ends, and everything with it, when
its stdin is closed.  The names that ss looks up (hosts, services, protocols) are its own too.
"""
import contextlib
import ctypes
import os
import resource
import socket
import sys
import tempfile
import threading
import time

from tests.parity import kinds
from tests.parity.kinds import tcp, wire, udp   # noqa: F401, each registers its kinds
from tests.support import namespaces

sys.path.append(os.path.join(namespaces.ROOT, 'tools'))

from kinds import KINDS as TOOLS_KINDS, unix    # noqa: E402, those of tools/sockets

HOSTS = '''\
127.0.0.1 localhost
::1 localhost6
fd00::1:2 six.example
192.0.2.77 unanswered.example
127.0.0.1 three.example
127.4.5.6 three.example
127.9.3.200 three.example
127.0.0.1 both.example
::1 both.example
127.1.2.3 a-host-name-that-is-rather-long-for-its-column.example
'''
SERVICES = '''\
ssh 22/tcp
domain 53/tcp
domain 53/udp
http 80/tcp www
sunrpc 111/tcp portmapper
ntp 123/udp
https 443/tcp
https 443/udp
mdns 5353/udp
http-alt 8080/tcp webcache
high 61000/tcp
inside 40000/tcp
split 2040/tcp
split 2044/udp
'''
PROTOCOLS = 'ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\nospf 89 OSPFIGP\n'
FILES = {'/etc/hosts': HOSTS, '/etc/services': SERVICES, '/etc/protocols': PROTOCOLS,
         '/etc/resolv.conf': '', '/etc/nsswitch.conf': 'hosts: files\nservices: files\nprotocols: files\n'}

# Whatever would end, repeat or change a socket while the tests look at it is put off.
SYSCTLS = {
    'net.ipv4.ip_local_port_range': '32768 60999', 'net.ipv4.tcp_syn_retries': 20,
    'net.ipv4.tcp_synack_retries': 50, 'net.ipv4.tcp_fin_timeout': 120, 'net.ipv4.tcp_orphan_retries': 15,
    'net.ipv4.tcp_fastopen': 0x207, 'net.ipv4.tcp_ecn': 1, 'net.mptcp.enabled': 1,
    'net.ipv4.ip_unprivileged_port_start': 0,
}

PR_SET_NAME = 15
libc = ctypes.CDLL(None, use_errno=True)


def scenery(folder):
    """Name files, interfaces, addresses."""
    for path, text in FILES.items():
        namespaces.replace_file(path, text, folder)
    for name, value in SYSCTLS.items():
        with contextlib.suppress(OSError):      # older kernels know fewer
            namespaces.set_sysctl(name, value)
    local = 'fd00::1:2', 'fd00::3', 'fd00:1111:2222:3333:4444:5555:6666:7777'
    for address in local:
        namespaces.add_ipv6('lo', address, 128)
    kinds.keep(namespaces.tun('dummy0', '192.0.2.1'))
    namespaces.add_ipv6('dummy0', '2001:db8::1', 64)
    namespaces.add_ipv6('dummy0', 'fe80::1', 64)
    for address in local + ('2001:db8::1',):
        namespaces.usable(address)


# Processes with sockets of their own, and with names that need care

def companion(name, port, threads, ended):
    """Fork a process that is called `name`, holds a listener, a connection and what is shared so far."""
    ready, told = os.pipe()
    if os.fork():
        os.close(told)
        os.read(ready, 1)
        os.close(ready)
        return
    try:
        os.close(ended[1])
        libc.prctl(PR_SET_NAME, name, 0, 0, 0)
        caller, _ = tcp.pair(port)
        kinds.keep(os.dup(caller.fileno()))
        udp.udp(socket.AF_INET, '127.0.0.1', port)
        for _ in range(threads):
            threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
        os.write(told, b'!')
        os.read(ended[0], 1)
    finally:
        os._exit(0)


def companions():
    ended = os.pipe()
    tcp.listener(socket.AF_INET, '127.0.0.1', 1300)        # shared by all
    companion(b'a b)c', 1301, 0, ended)
    companion(b'x\x01\xc3\xa9"\\y', 1302, 3, ended)
    companion(b'', 1303, 1, ended)
    companion(b'fifteen-letters', 1304, 0, ended)
    os.close(ended[0])
    kinds.keep(ended[1])


# Control groups

def unified_hierarchy():
    with open('/proc/mounts') as stream:
        for line in stream:
            if line.split()[2] == 'cgroup2':
                return line.split()[1]
    raise OSError('no cgroup2 is mounted')


@contextlib.contextmanager
def cgroup(path):
    """Inside, this process belongs to the control group `path` (made if need be)."""
    with open('/proc/self/cgroup') as stream:
        home, = (line.rstrip().split('::')[1] for line in stream if line.startswith('0::'))
    os.makedirs(path, exist_ok=True)
    join(path)
    try:
        yield
    finally:
        join(unified_hierarchy() + home)


def join(path):
    with open(path + '/cgroup.procs', 'w') as stream:
        stream.write('0\n')     # the writer itself


def cgroups(base):
    """Sockets of nested groups, and of a group that is gone by now."""
    with cgroup(base + '/inner one'):
        tcp.pair(1310)
        udp.udp(socket.AF_INET6, '::1', 1310)
    with cgroup(base):
        tcp.listener(socket.AF_INET6, '::', 1311)
    with cgroup(base + '/gone'):
        tcp.pair(1312)
    os.rmdir(base + '/gone')


def leave_cgroups(base):
    for path in (base + '/inner one', base + '/gone', base):
        with contextlib.suppress(OSError):
            os.rmdir(path)


# What tools/sockets makes of the other families
OTHERS = ('veth', 'raw', 'raw6', 'unix', 'netlink', 'packet', 'xdp', 'vsock', 'sctp', 'tipc')


def others(folder):
    unix.FOLDER = os.path.join(folder, 'unix')
    return [each.make for each in TOOLS_KINDS if each.family in OTHERS or each.name in OTHERS]


def make(functions):
    for function in functions:
        try:
            kinds.keep(function())
        except (OSError, ImportError) as error:
            print('without-%s %s' % (function.__name__, error))


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    namespaces.isolate()
    with tempfile.TemporaryDirectory() as folder:
        scenery(folder)
        base = None
        try:
            companions()
            with contextlib.suppress(OSError):
                base = '%s/ssng-%s' % (unified_hierarchy(), os.path.basename(folder))
                cgroups(base)
                print('cgroup', base)
            make(kinds.KINDS)
            socket.setdefaulttimeout(0.2)       # where a family has no transport, it waits long for one
            make(others(folder))
            time.sleep(0.2)     # let delayed acknowledgements and the like settle
            namespaces.hold()
        finally:
            if base:
                leave_cgroups(base)


if __name__ == '__main__':
    sys.exit(main())
