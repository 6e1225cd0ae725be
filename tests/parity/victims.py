"""A room of sockets that are there to be closed: `python3 -m tests.parity.victims`.

A listener on port 1001 of each IP version with three connections, one on port 1002 with two, UDP on 1001 to
1003, and a unix listener.  A line on stdin closes them all.
"""
import os
import socket
import sys
import tempfile

from tests.support.namespaces import isolate

CONNECTIONS = {1001: 3, 1002: 2}


def main():
    isolate()
    kept = []
    for family, address in (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1'):
        for port, count in CONNECTIONS.items():
            listener = socket.socket(family)
            listener.bind((address, port))
            listener.listen(8)
            kept.append(listener)
            for _ in range(count):
                kept.append(socket.create_connection((address, port)))
                kept.append(listener.accept()[0])
        for port in (1001, 1002, 1003):
            kept.append(socket.socket(family, socket.SOCK_DGRAM))
            kept[-1].bind((address, port))
    with tempfile.TemporaryDirectory() as folder:
        kept.append(socket.socket(socket.AF_UNIX))
        kept[-1].bind(os.path.join(folder, 'socket'))
        kept[-1].listen(1)
        print('ready', flush=True)
        if sys.stdin.readline():
            for one in reversed(kept):      # connections before their listeners
                one.close()
            sys.stdin.read()


if __name__ == '__main__':
    main()
