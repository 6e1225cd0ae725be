"""python3 -m tests.attack.quiet: a namespace where nothing happens, with some sockets of each kind that /proc tells of."""
import resource
import socket

from tests.support.namespaces import hold, isolate

def made(many=0):
    """The sockets, and so ``many`` more of UDP; the process that calls this holds them all."""
    held = []
    for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
        server, client = socket.socket(family), socket.socket(family)
        server.bind((address, 1111))
        server.listen(3)
        client.connect((address, 1111))
        held += [server, client, server.accept()[0]]
        for kind, number in ((socket.SOCK_DGRAM, 2222), (socket.SOCK_RAW, 0)):
            one = socket.socket(family, kind, socket.IPPROTO_UDP if kind == socket.SOCK_RAW else 0)
            one.bind((address, number))
            held.append(one)
    held += socket.socketpair()
    for kind, name in ((socket.SOCK_STREAM, '\0quiet'), (socket.SOCK_DGRAM, '\0silent'), (socket.SOCK_SEQPACKET, '\0still')):
        one = socket.socket(socket.AF_UNIX, kind)
        one.bind(name)
        if kind != socket.SOCK_DGRAM:
            one.listen(1)
        held.append(one)
    for port in range(3000, 3000 + many):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(('127.0.0.1', port))
        held.append(one)
    return held + [socket.socket(socket.AF_PACKET, kind, 0) for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM)]


def main(many=0):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    isolate()
    kept = made(many)
    hold()
    return kept


if __name__ == '__main__':
    main()
