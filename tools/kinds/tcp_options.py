"""TCP with something set: congestion control, options, keys, kTLS, a cgroup, other processes."""
import ctypes
import errno
import os
import signal
import socket
import struct
import threading

from . import kind
from .calls import (AF_INET6, LIBC, SO_MAX_PACING_RATE, SOL_IP, SOL_SOCKET, SOL_TCP, Leftover, connected,
                    listener, load, write)

TCP_DEFER_ACCEPT, TCP_CONGESTION, TCP_MD5SIG, TCP_FASTOPEN, TCP_ULP, TCP_AO_ADD_KEY = 9, 13, 14, 23, 31, 38
IP_FREEBIND, IP_RECVERR, IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT = 15, 11, 19, 24
SOL_TLS, TLS_TX, TLS_RX, TLS_TX_ZEROCOPY_RO = 282, 1, 2, 3
TLS_1_2, TLS_1_3, TLS_CIPHER_AES_GCM_128 = 0x0303, 0x0304, 51
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
CONGESTION = ('reno', 'cubic', 'bbr', 'dctcp', 'vegas', 'westwood')


@kind
def congestion():
    """One connection for each congestion control there is: bbr:(...), dctcp:(...), vegas' numbers."""
    held = []
    for port, name in enumerate(CONGESTION, 1020):
        load('tcp_' + name)
        try:
            sockets = connected(('127.0.0.1', port), prepare=lambda sock, name=name: sock.setsockopt(
                SOL_TCP, TCP_CONGESTION, name.encode()))
        except FileNotFoundError:       # not built for this kernel
            continue
        sockets[1].sendall(b'a' * 40000)
        sockets[2].recv(100000)
        held += sockets
    return held


@kind
def socket_options():
    """LISTEN with fast open, deferred accept and the bits of --inet-sockopt."""
    def prepare(sock):
        sock.setsockopt(SOL_TCP, TCP_FASTOPEN, 5)
        sock.setsockopt(SOL_TCP, TCP_DEFER_ACCEPT, 3)
        for option in (IP_FREEBIND, IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT, IP_RECVERR):
            sock.setsockopt(SOL_IP, option, 1)
    return listener(('127.0.0.1', 1030), prepare=prepare)


@kind
def paced():
    """A connection with a limit on its rate: pacing_rate .../..."""
    listening, client, server = connected(('127.0.0.1', 1036))
    client.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 1250000)
    client.sendall(b'p' * 3000)
    return [listening, client, server]


def address_of_key(address):
    """A struct sockaddr_storage."""
    return struct.pack('=HH4s', socket.AF_INET, 0, socket.inet_aton(address)).ljust(128, b'\0')


@kind
def md5():
    """A connection signed with TCP MD5: md5keys:127.0.0.1=..."""
    # struct tcp_md5sig: address, flags, prefix length, key length, interface, key
    key = (address_of_key('127.0.0.1') + struct.pack('=BBHi', 0, 0, 6, 0) + b'secret'.ljust(80, b'\0'))
    return connected(('127.0.0.1', 1031), prepare=lambda sock: sock.setsockopt(SOL_TCP, TCP_MD5SIG, key))


@kind
def authentication_option():
    """A connection signed with TCP-AO (6.7 and later)."""
    # struct tcp_ao_add: address, algorithm, interface, flags, reserved, prefix length,
    # send id, receive id, MAC length, key flags, key length, key
    key = (address_of_key('127.0.0.1') + b'hmac(sha1)'.ljust(64, b'\0')
           + struct.pack('=iIHBBBBBB', 0, 0, 0, 32, 100, 100, 0, 0, 6) + b'secret'.ljust(80, b'\0'))
    return connected(('127.0.0.1', 1032), prepare=lambda sock: sock.setsockopt(SOL_TCP, TCP_AO_ADD_KEY, key))


@kind
def tls():
    """Kernel TLS: 1.2 in both directions, 1.3 for sending only, and the bare upper layer."""
    load('tls')
    both, sending, bare = (connected(('127.0.0.1', port)) for port in (1033, 1034, 1035))
    for _, client, _ in (both, sending, bare):
        client.setsockopt(SOL_TCP, TCP_ULP, b'tls')
    # struct tls12_crypto_info_aes_gcm_128: version, cipher, then iv, key, salt, record number: 36 bytes
    keys = struct.pack('=HH', TLS_1_2, TLS_CIPHER_AES_GCM_128) + bytes(36)
    both[2].setsockopt(SOL_TCP, TCP_ULP, b'tls')
    for sock, first, second in ((both[1], TLS_TX, TLS_RX), (both[2], TLS_RX, TLS_TX)):
        sock.setsockopt(SOL_TLS, first, keys)
        sock.setsockopt(SOL_TLS, second, keys)
    both[1].sendall(b'hello')
    both[2].recv(10)
    keys = struct.pack('=HH', TLS_1_3, TLS_CIPHER_AES_GCM_128) + bytes(36)
    sending[1].setsockopt(SOL_TLS, TLS_TX, keys)
    return both + sending + bare


def unified_hierarchy():
    """(where cgroup2 is mounted, the path of this process below it)"""
    with open('/proc/mounts') as stream:
        mounted = [line.split()[1] for line in stream if line.split()[2] == 'cgroup2']
    with open('/proc/self/cgroup') as stream:
        mine = [line.rstrip('\n')[3:] for line in stream if line.startswith('0::')]
    if not mounted or not mine:
        raise OSError(errno.ENOENT, 'no cgroup2')
    return mounted[0], mine[0]


@kind
def cgroup():
    """A connection made inside a cgroup of its own: cgroup:/labgroup/sub."""
    root, mine = unified_hierarchy()
    group = root + '/labgroup'
    os.makedirs(group + '/sub', exist_ok=True)
    groups = [Leftover(os.rmdir, group), Leftover(os.rmdir, group + '/sub')]
    write(group + '/sub/cgroup.procs', str(os.getpid()))
    try:
        return groups + list(connected(('127.0.0.1', 1040)))
    finally:
        write(root + mine + '/cgroup.procs', str(os.getpid()))


def rename(name):
    LIBC.prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)


class Child:
    """A child process that only holds `sock`; it ends with this object or with its parent."""

    def __init__(self, name, sock):
        self.pid = os.fork()
        if self.pid == 0:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            rename(name)
            os.closerange(3, sock.fileno())
            os.closerange(sock.fileno() + 1, 4096)
            while True:
                signal.pause()

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@kind
def processes():
    """A listener shared with a process whose name has a blank, a quote and a parenthesis."""
    sock = listener(('::1', 1041), AF_INET6)
    return [Child(b'odd "na)me', sock), sock]


class Thread:
    """A thread that owns a name, until it is closed."""

    def __init__(self, name):
        self.ended = threading.Event()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(name,), daemon=True)
        self.thread.start()
        self.ready.wait()

    def run(self, name):
        rename(name)
        self.ready.set()
        self.ended.wait()

    def close(self):
        self.ended.set()
        self.thread.join()


@kind
def threads():
    """A second thread in the owner's process: -T lists the sockets once more under its name."""
    return Thread(b'second thread')
