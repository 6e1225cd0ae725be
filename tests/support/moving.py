"""A room in which TCP sockets come, go and send, as lines on stdin say: `python3 -m tests.support.moving`.

    open PORT [OWN]    connect to the listener at this port
    listen PORT, deaf PORT
    reset, fin         end the connection that was opened last, at once or from one side
    brief COUNT        connections, ten at a time, each of which lives five milliseconds
    pace BYTES COUNT SECONDS     send so many bytes, so often, with a pause between

Each is answered by a line, ``done``; in front of that of `pace` is one with (time, bytes sent) for each time.
"""
import json
import socket
import struct
import sys
import time

from tests.support.namespaces import isolate

RESET = struct.pack('=ii', 1, 0)        # SO_LINGER: no TIME-WAIT


class Sockets:
    def __init__(self):
        self.listeners = {}
        self.pairs = []

    def listen(self, port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('127.0.0.1', int(port)))
        listener.listen(64)
        self.listeners[port] = listener

    def deaf(self, port):
        self.listeners.pop(port).close()

    def open(self, port, own='0'):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind(('127.0.0.1', int(own)))
        client.connect(('127.0.0.1', int(port)))
        self.pairs.append((client, self.listeners[port].accept()[0]))

    def reset(self):
        for one in [one for one in self.pairs.pop() if one.fileno() >= 0]:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            one.close()

    def fin(self):
        self.pairs[-1][0].close()

    def brief(self, count):
        for _ in range(int(count) // 10):
            for _ in range(10):
                self.open(next(iter(self.listeners)))
            time.sleep(.005)
            for _ in range(10):
                self.reset()

    def pace(self, size, count, seconds):
        client, server = self.pairs[-1]
        sent, told = 0, [(time.time(), 0)]
        for _ in range(int(count)):
            client.sendall(bytes(int(size)))
            sent += int(size)
            told.append((time.time(), sent))
            left = int(size)
            while left:
                left -= len(server.recv(left))
            time.sleep(float(seconds))
        print(json.dumps(told), flush=True)


def main():
    isolate()
    sockets = Sockets()
    sockets.listen('1001')
    print('ready', flush=True)
    for line in iter(sys.stdin.readline, ''):
        name, *words = line.split()
        getattr(sockets, name)(*words)
        print('done', flush=True)


if __name__ == '__main__':
    main()
