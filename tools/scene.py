#!/usr/bin/env python3
"""A small server with something of everything, in namespaces of its own, made and held: what the picture of the README shows.

Prints `pid N` (a process of the namespaces), then `ready`; ends with its stdin.  Most of its peers do not exist: TCP_REPAIR
makes a connection of which nobody else has heard.
"""
import os
import signal
import socket
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True

from tests.support import namespaces    # noqa: E402, after the path to it

TCP_REPAIR, TCP_REPAIR_QUEUE, RECEIVED, SILENTLY_OFF = 19, 20, 1, -1
SERVER = '10.0.0.7'
BORN = 800              # number of the first process


def listener(address, port, backlog):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(backlog)
    return made


def connected(port, peer, peer_port, unread=0):
    """A connection to who is not there, with so many bytes to be read of it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    made.bind((SERVER, port))
    made.connect((peer, peer_port))
    if unread:
        made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, RECEIVED)
        made.send(bytes(unread))
    made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, SILENTLY_OFF)
    return made


# Each process: what it keeps, in one or more pieces; once it has the first, the next process is made.

def nginx():
    yield [listener('0.0.0.0', 443, 511), connected(443, '10.20.3.9', 51514), connected(443, '10.31.0.23', 40112),
           connected(443, '10.20.18.77', 60230, 1460)]


def postgres():
    waiting = listener('127.0.0.1', 5432, 244)
    yield waiting
    calls = [waiting.accept()[0] for _ in range(2)]
    calls.pop().close()             # and who called has not noticed
    yield calls


def app():
    calls = []
    for port in (45210, 45214):
        calls.append(socket.create_connection(('127.0.0.1', 5432), source_address=('127.0.0.1', port)))
    crowded = listener(SERVER, 8080, 2)
    waiting = [socket.create_connection((SERVER, 8080), source_address=(SERVER, 39000 + n)) for n in range(2)]
    silent = socket.socket()
    silent.setblocking(False)
    silent.bind((SERVER, 36442))
    silent.connect_ex(('10.0.0.99', 6379))
    yield [calls, crowded, waiting, silent]


def process(make, number):
    heard, told = os.pipe()
    namespaces.set_sysctl('kernel.ns_last_pid', number - 1)
    if not os.fork():
        with open('/proc/self/comm', 'w') as stream:
            stream.write(make.__name__)
        kept = []
        for piece in make():
            kept.append(piece)
            os.write(told, b'.')
        while True:
            signal.pause()
    os.close(told)
    if not os.read(heard, 1):
        raise SystemExit('%s cannot have its sockets' % make.__name__)


def main():
    namespaces.isolate()
    kept = namespaces.tun('eth0', SERVER, '255.0.0.0')      # the way to all others
    for n, make in enumerate((nginx, postgres, app)):
        process(make, BORN + 12 * n)
    time.sleep(.3)                  # the last handshakes end
    namespaces.hold()
    os.close(kept)


if __name__ == '__main__':
    main()
