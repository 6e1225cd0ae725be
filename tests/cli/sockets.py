"""A network of its own with one connected socket of each kind that every kernel has: `python3 -m tests.cli.sockets`."""
import socket

from tests.support import namespaces

# What ss prints of each, whatever columns it shows.
MARKS = {
    ('tcp', socket.AF_INET): '127.0.0.1:1001 ',
    ('tcp', socket.AF_INET6): '[::1]:1002 ',
    ('udp', socket.AF_INET): '127.0.0.1:1003 ',
    ('udp', socket.AF_INET6): '[::1]:1004 ',
    ('unix_stream', socket.AF_UNIX): '@ssng/client ',
}


def connected(kind, family, client, server):
    """A listener or receiver at ``server`` and what is connected to it from ``client``."""
    receiver, sender = socket.socket(family, kind), socket.socket(family, kind)
    receiver.bind(server)
    if kind == socket.SOCK_STREAM:
        receiver.listen(1)
    sender.bind(client)
    sender.connect(server)
    return receiver, sender


def main():
    namespaces.isolate()
    held = [
        connected(socket.SOCK_STREAM, socket.AF_INET, ('127.0.0.1', 1001), ('127.0.0.1', 2001)),
        connected(socket.SOCK_STREAM, socket.AF_INET6, ('::1', 1002), ('::1', 2002)),
        connected(socket.SOCK_DGRAM, socket.AF_INET, ('127.0.0.1', 1003), ('127.0.0.1', 2003)),
        connected(socket.SOCK_DGRAM, socket.AF_INET6, ('::1', 1004), ('::1', 2004)),
        connected(socket.SOCK_STREAM, socket.AF_UNIX, '\0ssng/client', '\0ssng/server'),
    ]
    namespaces.hold()
    del held


if __name__ == '__main__':
    main()
