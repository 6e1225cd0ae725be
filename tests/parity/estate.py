"""Network namespaces of every kind, with sockets in each: `python -m tests.parity.estate PREFIX COUNT`.

    PREFIX0 .. PREFIXn-1    below /run/netns, held by their files alone
    a process               that has one of its own, nameless
    a bind mount            at a path that is printed, without a process
    PREFIXstale             a file of /run/netns that stands for nothing

In each a listener, at ports 4001 and on, and in the first a connection to the second over a pair of interfaces, beside one
over the loopback that another namespace has with the same four numbers.  Prints a line of JSON when all is there; ends,
and everything with it, when its stdin is closed.
"""
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile

libc = ctypes.CDLL(None, use_errno=True)
NEWNET, BIND = 0x40000000, 0x1000


def checked(result, what):
    if result:
        raise OSError(ctypes.get_errno(), '%s: %s' % (what, os.strerror(ctypes.get_errno())))


def enter(path):
    with open(path) as file:
        checked(libc.setns(file.fileno(), NEWNET), path)


def ip(*words):
    subprocess.check_call(['ip'] + [str(word) for word in words])


def listener(port, host='0.0.0.0'):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(9)
    return made


def loop(port, source):
    """Both ends of a connection over the loopback, of numbers that are told."""
    served = listener(port, '127.0.0.1')
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind(('127.0.0.1', source))
    client.connect(('127.0.0.1', port))
    return [served, client, served.accept()[0]]


def inode(thing):
    return os.fstat(thing.fileno()).st_ino


class Estate:
    def __init__(self, prefix, count, folder):
        self.prefix, self.count = prefix, count
        self.named = ['%s%d' % (prefix, number) for number in range(count)]
        self.mount, self.child, self.kept = os.path.join(folder, 'bound'), None, []
        self.own = '/proc/%d/ns/net' % os.getpid()
        self.told = {'named': {}, 'mount': self.mount}

    def make(self):
        with open(self.own) as own:
            try:
                self.fill()
            finally:
                checked(libc.setns(own.fileno(), NEWNET), 'go back')
        return self.told

    def fill(self):
        for number, name in enumerate(self.named):
            ip('netns', 'add', name)
            ip('-n', name, 'link', 'set', 'lo', 'up')
            enter('/run/netns/' + name)
            self.kept.append(listener(4001 + number))
            self.told['named'][name] = os.stat('/run/netns/' + name).st_ino
        self.cross()
        self.alike()
        checked(libc.unshare(NEWNET), 'unshare')
        open(self.mount, 'w').close()
        checked(libc.mount(b'/proc/self/ns/net', self.mount.encode(), None, BIND, None), 'mount')
        self.kept.append(listener(4901))
        self.told['bound'] = os.stat(self.mount).st_ino
        checked(libc.unshare(NEWNET), 'unshare')
        self.kept.append(listener(4902))
        self.told['anonymous'] = os.stat('/proc/self/ns/net').st_ino
        self.child = subprocess.Popen(['sleep', '600'], close_fds=True)
        self.told['pid'] = self.child.pid
        open('/run/netns/%sstale' % self.prefix, 'w').close()

    def cross(self):
        """A connection from the first namespace to the second."""
        first, second = self.named[:2]
        ip('-n', first, 'link', 'add', 'there', 'type', 'veth', 'peer', 'name', 'here', 'netns', second)
        for name, link, address in ((first, 'there', '10.9.8.1/24'), (second, 'here', '10.9.8.2/24')):
            ip('-n', name, 'addr', 'add', address, 'dev', link)
            ip('-n', name, 'link', 'set', link, 'up')
        enter('/run/netns/' + first)
        client = socket.create_connection(('10.9.8.2', 4002))
        server = self.kept[1].accept()[0]
        self.kept += [client, server]
        self.told['cross'] = [inode(client), inode(server)]

    def alike(self):
        """The same four numbers in two namespaces."""
        self.told['alike'] = []
        for name in self.named[:2]:
            enter('/run/netns/' + name)
            _, client, server = made = loop(4700, 4701)
            self.kept += made
            self.told['alike'].append([inode(client), inode(server)])

    def end(self):
        if self.child:
            self.child.kill()
            self.child.wait()
        for each in self.kept:
            each.close()
        if os.path.exists(self.mount):
            libc.umount2(self.mount.encode(), 2)
        for name in self.named + [self.prefix + 'stale']:
            if os.path.lexists('/run/netns/' + name):
                subprocess.call(['ip', 'netns', 'del', name], stderr=subprocess.DEVNULL)
            if os.path.lexists('/run/netns/' + name):
                os.unlink('/run/netns/' + name)


def main():
    with tempfile.TemporaryDirectory() as folder:
        estate = Estate(sys.argv[1], int(sys.argv[2]), folder)
        try:
            print(json.dumps(estate.make()), flush=True)
            sys.stdin.read()
        finally:
            estate.end()


if __name__ == '__main__':
    main()
