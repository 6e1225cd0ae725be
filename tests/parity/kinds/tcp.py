"""TCP between sockets of this machine: listeners, connections, every way of closing."""
import os
import socket
import struct
import time

from tests.parity.kinds import (
    DUAL_STACK, IP_FREEBIND, IP_RECVERR, IP_TRANSPARENT, IPV6_RECVERR, IPV6_TCLASS, LOOPBACK, MSG_FASTOPEN,
    SO_MARK, SO_MAX_PACING_RATE, SO_PRIORITY, TCP_CONGESTION, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT,
    TCP_MD5SIG_EXT, TCP_NOTSENT_LOWAT, TCP_ULP, TCP_USER_TIMEOUT, keep, kind, on_device, open_socket)

AF_INET, AF_INET6 = socket.AF_INET, socket.AF_INET6
SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP = socket.SOL_SOCKET, socket.IPPROTO_IP, socket.IPPROTO_TCP
IPPROTO_MPTCP = 262


def listener(family, address, port, backlog=16, options=(), protocol=0):
    made = open_socket(family, socket.SOCK_STREAM, address, port, options, protocol)
    made.listen(backlog)
    return made


def client(family, address, port, options=(), source=None, protocol=0):
    made = open_socket(family, socket.SOCK_STREAM, *(source or ()), options=options, protocol=protocol)
    made.connect((address, port))
    return made


def pair(port, family=AF_INET, options=(), server_options=None, source=None, address=None, protocol=0):
    """(the connecting socket, the accepted one); their listener is kept too."""
    address = address or LOOPBACK[family]
    waiting = listener(family, address, port, 16, options if server_options is None else server_options, protocol)
    caller = client(family, address, port, options, source, protocol)
    return caller, keep(waiting.accept()[0])


def fill(sender):
    """Send until nothing more fits: the other side's window closes."""
    sender.setblocking(False)
    try:
        while True:
            sender.send(b'q' * 65536)
    except BlockingIOError:
        pass


@kind
def listeners():
    for port in (22, 53, 80, 443, 8080, 61000):
        listener(AF_INET, '0.0.0.0', port, port % 100)
    listener(AF_INET, '127.0.0.1', 1, 0)
    listener(AF_INET, '127.255.255.254', 65535, 4096)
    listener(AF_INET6, '::1', 443)
    listener(AF_INET6, 'fd00::1:2', 8443)
    listener(AF_INET6, 'fd00:1111:2222:3333:4444:5555:6666:7777', 60999)


@kind
def listeners_any_ipv6():
    listener(AF_INET6, '::', 1003)
    listener(AF_INET6, '::', 1004, options=[DUAL_STACK])
    listener(AF_INET6, '::', 8444, 3, options=[DUAL_STACK])


@kind
def listeners_of_a_device():
    listener(AF_INET, '0.0.0.0', 1005, options=[on_device('dummy0')])
    listener(AF_INET, '127.0.0.1', 1006, options=[on_device('lo')])
    listener(AF_INET6, '::', 1007, options=[DUAL_STACK, on_device('lo')])
    local = keep(socket.socket(AF_INET6, socket.SOCK_STREAM))
    local.bind(('fe80::1', 1008, 0, socket.if_nametoindex('dummy0')))
    local.listen(3)


@kind
def listeners_with_options():
    listener(AF_INET, '203.0.113.9', 1009, options=[(IPPROTO_IP, IP_FREEBIND, 1), (SOL_SOCKET, SO_MARK, 0x99)])
    listener(AF_INET, '203.0.113.9', 1010, options=[(IPPROTO_IP, IP_TRANSPARENT, 1), (IPPROTO_IP, IP_RECVERR, 1)])
    listener(AF_INET, '127.0.0.1', 1011, options=[(IPPROTO_TCP, TCP_FASTOPEN, 5), (IPPROTO_IP, socket.IP_TOS, 0xb8)])
    listener(AF_INET6, '::1', 1011, options=[(socket.IPPROTO_IPV6, IPV6_TCLASS, 0x28),
                                             (socket.IPPROTO_IPV6, IPV6_RECVERR, 1)])
    for _ in range(3):
        listener(AF_INET, '127.0.0.1', 1012, options=[(SOL_SOCKET, socket.SO_REUSEPORT, 1)])


@kind
def accept_queues():
    waiting = listener(AF_INET, '127.0.0.1', 1020, 7)
    for _ in range(3):
        client(AF_INET, '127.0.0.1', 1020)
    waiting = listener(AF_INET6, '::', 1021, 7, [DUAL_STACK])
    for family in (AF_INET, AF_INET6):
        client(family, LOOPBACK[family], 1021)
    waiting = listener(AF_INET, '127.0.0.1', 1022, 0)     # full with one, the next call goes unheard
    client(AF_INET, '127.0.0.1', 1022)
    unheard = open_socket(AF_INET, socket.SOCK_STREAM)
    unheard.setblocking(False)
    unheard.connect_ex(('127.0.0.1', 1022))
    return waiting


@kind
def connections():
    pair(1030, source=('127.0.0.1', 40000))
    pair(1030, AF_INET6, source=('::1', 40000))
    pair(1031, source=('127.1.2.3', 60001), address='127.4.5.6')
    pair(1032, AF_INET6, source=('fd00::1:2', 111), address='fd00::3')
    pair(1033, source=('127.0.0.1', 111))
    for number in range(12):
        pair(1034 + number, source=('127.0.%d.1' % number, 20000 + 97 * number), address='127.9.%d.200' % number)


@kind
def connections_mapped():
    waiting = listener(AF_INET6, '::', 1046, options=[DUAL_STACK])
    client(AF_INET, '127.0.0.1', 1046)
    keep(waiting.accept()[0])
    waiting = listener(AF_INET6, '::ffff:127.0.0.2', 1047, options=[DUAL_STACK])
    client(AF_INET6, '::ffff:127.0.0.2', 1047, [DUAL_STACK])
    keep(waiting.accept()[0])


@kind
def connections_marked():
    caller, _ = pair(1050, options=[(SOL_SOCKET, SO_MARK, 0x1234), (IPPROTO_IP, socket.IP_TOS, 0x10)])
    pair(1051, options=[(SOL_SOCKET, SO_MARK, struct.pack('I', 0x80000001)), (SOL_SOCKET, SO_PRIORITY, 5)])
    pair(1052, AF_INET6, options=[(socket.IPPROTO_IPV6, IPV6_TCLASS, 0xb8), (SOL_SOCKET, SO_MARK, 7)])
    caller, _ = pair(1053, options=[on_device('lo')])
    return caller


@kind
def data_waiting():
    caller, called = pair(1060)
    caller.sendall(b'x' * 5000)
    called.sendall(b'y' * 123)
    caller, called = pair(1061, AF_INET6)
    caller.sendall(b'x' * 70000)
    called.recv(100000)
    caller, called = pair(1062)
    caller.send(b'!', socket.MSG_OOB)
    fill(pair(1063, options=[(SOL_SOCKET, socket.SO_RCVBUF, 4096)])[0])     # persist timer
    caller, _ = pair(1064)
    caller.setsockopt(IPPROTO_TCP, socket.TCP_CORK, 1)
    caller.send(b'corked')
    caller, called = pair(1065)
    for _ in range(50):
        caller.sendall(b'ping' * 100)
        called.recv(4096)
        called.sendall(b'pong')
        caller.recv(4096)


@kind
def tuned():
    caller, _ = pair(1070, options=[(SOL_SOCKET, socket.SO_KEEPALIVE, 1), (IPPROTO_TCP, socket.TCP_KEEPIDLE, 3000)])
    caller, _ = pair(1071, options=[(SOL_SOCKET, SO_MAX_PACING_RATE, 1000000)])
    caller.sendall(b'x' * 20000)
    pair(1072, options=[(SOL_SOCKET, socket.SO_SNDBUF, 10000), (IPPROTO_TCP, socket.TCP_MAXSEG, 700)])
    pair(1073, options=[(IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1000), (IPPROTO_TCP, TCP_USER_TIMEOUT, 90000)])
    pair(1074, options=[(IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, 3000), (IPPROTO_TCP, socket.TCP_NODELAY, 1)])
    pair(1075, options=[(IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 0), (IPPROTO_TCP, socket.TCP_QUICKACK, 0)])


@kind
def congestion_controls():
    with open('/proc/sys/net/ipv4/tcp_available_congestion_control') as stream:
        names = stream.read().split()
    for number, name in enumerate(sorted(names)):
        caller, called = pair(1080 + number, options=[(IPPROTO_TCP, TCP_CONGESTION, name.encode())])
        caller.sendall(b'a' * 40000)
        called.recv(100000)
    return ' '.join(names)


@kind
def fast_open():
    waiting = listener(AF_INET, '127.0.0.1', 1100, options=[(IPPROTO_TCP, TCP_FASTOPEN, 5)])
    for _ in range(2):
        caller = open_socket(AF_INET, socket.SOCK_STREAM)
        caller.sendto(b'early', MSG_FASTOPEN, ('127.0.0.1', 1100))
        keep(waiting.accept()[0])
    deferred = open_socket(AF_INET, socket.SOCK_STREAM, options=[(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)])
    deferred.connect(('127.0.0.1', 1100))


@kind
def signed():
    """TCP MD5 signatures; struct tcp_md5sig of linux/tcp.h."""
    def key(family, address, prefix, secret):
        packed = socket.inet_pton(family, address)
        storage = struct.pack('=HH', family, 0) + (b'' if family == AF_INET else bytes(4)) + packed
        return (IPPROTO_TCP, TCP_MD5SIG_EXT, storage.ljust(128, b'\0')
                + struct.pack('=BBHi', 1, prefix, len(secret), 0) + secret.ljust(80, b'\0'))
    secrets = [key(AF_INET, '127.0.0.1', 32, b'secret'), key(AF_INET, '10.0.0.0', 8, b'another one')]
    pair(1101, options=secrets)
    pair(1102, AF_INET6, [key(AF_INET6, '::1', 128, b'six'), key(AF_INET6, 'fd00::', 8, b'k' * 80)])


@kind
def tls():
    """Kernel TLS: version 1.2, AES-GCM-128, sending and receiving; struct tls12_crypto_info_aes_gcm_128."""
    caller, called = pair(1103)
    caller.setsockopt(IPPROTO_TCP, TCP_ULP, b'tls')
    called.setsockopt(IPPROTO_TCP, TCP_ULP, b'tls')
    crypto = struct.pack('=HH', 0x0303, 51) + bytes(8 + 16 + 4 + 8)
    caller.setsockopt(282, 1, crypto)
    called.setsockopt(282, 2, crypto)


@kind
def mptcp():
    caller, called = pair(1104, protocol=IPPROTO_MPTCP)
    caller.sendall(b'm' * 300)
    called.recv(1000)
    pair(1105, AF_INET6, protocol=IPPROTO_MPTCP)
    waiting = listener(AF_INET, '127.0.0.1', 1106, protocol=IPPROTO_MPTCP)
    client(AF_INET, '127.0.0.1', 1106)      # this one falls back to TCP
    keep(waiting.accept()[0])


@kind
def other_users():
    os.seteuid(1234)
    try:
        pair(1110)
        listener(AF_INET6, '::1', 1111)
    finally:
        os.seteuid(0)


@kind
def bound_inactive():
    open_socket(AF_INET, socket.SOCK_STREAM, '127.0.0.1', 1112)
    open_socket(AF_INET, socket.SOCK_STREAM, '0.0.0.0', 1113, [on_device('lo'), (SOL_SOCKET, SO_MARK, 3)])
    open_socket(AF_INET6, socket.SOCK_STREAM, '::1', 1112)
    open_socket(AF_INET6, socket.SOCK_STREAM, '::', 1114, [DUAL_STACK])
    open_socket(AF_INET6, socket.SOCK_STREAM, '::', 1115)


@kind
def closing_down():
    pair(1120)[1].shutdown(socket.SHUT_WR)                  # FIN-WAIT-2 and CLOSE-WAIT, both held
    pair(1121, AF_INET6)[1].shutdown(socket.SHUT_WR)
    pair(1122)[0].close()                                   # FIN-WAIT-2 without an owner
    pair(1123, AF_INET6)[0].close()
    caller, called = pair(1124)
    caller.sendall(b'unread')
    caller.shutdown(socket.SHUT_WR)
    pair(1125)[0].shutdown(socket.SHUT_RD)


@kind
def time_waits():
    def part(port, family=AF_INET, **more):
        caller, called = pair(port, family, **more)
        caller.close()
        time.sleep(0.01)
        called.close()
    for port in range(1130, 1134):
        part(port)
    part(1134, AF_INET6)
    part(1135, AF_INET6, address='::ffff:127.0.0.1', options=[DUAL_STACK])
    part(1136, options=[(SOL_SOCKET, SO_MARK, 9), on_device('lo')])


@kind
def never_answered():
    for family, address in ((AF_INET, '192.0.2.77'), (AF_INET6, '2001:db8::77')):
        for port in (80, 9999):
            made = open_socket(family, socket.SOCK_STREAM)
            made.setblocking(False)
            made.connect_ex((address, port))
