"""A room in which many connections come and go: `python3 -m tests.support.flood COUNT`.

Each line on stdin lets COUNT connections over loopback be made and reset at once: two sockets end with each.  It says
`over` when they are gone.
"""
import socket
import struct
import sys

from tests.support.namespaces import isolate

RESET = struct.pack('=ii', 1, 0)        # SO_LINGER: no TIME-WAIT
PORT = 1001


def main():
    isolate()
    listener = socket.socket()
    listener.bind(('127.0.0.1', PORT))
    listener.listen(8)
    print('ready', flush=True)
    for _ in iter(sys.stdin.readline, ''):
        for _ in range(int(sys.argv[1])):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.connect(('127.0.0.1', PORT))
            server, _ = listener.accept()
            client.close()
            server.close()
        print('over', flush=True)


if __name__ == '__main__':
    main()
