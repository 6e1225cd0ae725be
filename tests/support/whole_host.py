"""A host below a folder that knows something of everything: processes of every kind that hold sockets, names, namespaces.

    estate = Estate(folder, inodes)         the files; each of the inodes has one holder, some have more
    estate.host()                           a Host of them

And the messages of all sockets that are known to tests: recorded ones, and some made by hand with all there is in them.
"""
import json
import os
import random
import struct
import sys
from collections import OrderedDict

from ssng.host import Host
from ssng.host.netns import Namespace
from tests.attack.messages import invented
from tests.support import wire_families as families
from tests.support.recordings import HEADER, messages, recordings
from tests.support.wire import inet
from tests.test_recordings import a_map

SOCK_DIAG, DONE, ERROR = 4, 3, 2
CGROUP_ID = 21
KEPT = struct.pack('=H', 0x8000 | 20)   # INET_DIAG_SK_BPF_STORAGES, nested
ID, OTHER = '0123456789ab' + 'cd' * 26, 'ab' * 32
POD = 'f9d7a0b2-3c4d-4e5f-8a9b-0c1d2e3f4a5b'
FAMILIES = {'unix': (1,), 'packet': (17,), 'netlink': (16,), 'vsock': (40,), 'xdp': (44,), 'tipc': (30,)}       # others: 2, 10
MOST = 40                       # sockets of a table
NEWEST = '7.2'                  # guest of the lab

# (name, command line, cgroup, effective user, SELinux context)
PROCESSES = [
    (b'nginx', b'nginx: master\0-g\0', '/system.slice/nginx.service', 0, b'system_u:system_r:httpd_t:s0'),
    (b'a "b", c', b'/bin/x\0--a\xff"\n\x1b[m\0b,c\0', '/docker/' + ID, 33, b''),
    (b'\xff\xfe', b'', '/', 1000, b'x\xff'),
    (b'app', b'app\0', '/kubepods.slice/kubepods-pod%s.slice/cri-containerd-%s.scope' % (POD.replace('-', '_'), OTHER), 7,
     b'a_u'),
    (b'vim', b'vim\0', '/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service', 1000, b'b'),
    (b'init', b'init\0', '/machine.slice/machine-web.scope/payload/system.slice/cron.service', 0, b'c'),
]


def payloads(module):
    """Some sockets of a table, as the payloads of their messages."""
    numbers = FAMILIES.get(module, (2, 10))
    chance, found = random.Random(module), {}
    for recording in recordings(family=module) + (recordings(NEWEST, 'bpf') if module == 'tcp' else []):
        if recording.facts['byte_order'] == sys.byteorder:
            for case in recording.cases:
                for protocol, _, datagrams in case.exchanges:
                    for one in (one for data in datagrams for one in messages(data) if protocol == SOCK_DIAG):
                        kind, = struct.unpack_from('=H', one, 4)
                        if kind not in (DONE, ERROR) and len(one) > HEADER and (module == 'tipc' or one[HEADER] in numbers):
                            found.setdefault((len(one), chance.randrange(4)), one[HEADER:])
    made = [one[HEADER:] for family, several in sorted(invented(chance).items()) if family in numbers for one in several]
    several = [one for _, one in sorted(found.items())]
    chance.shuffle(several)
    kept = [one for one in several if KEPT in one and module == 'tcp'][:3]
    return list(OrderedDict.fromkeys(SPECIAL.get(module, []) + kept + made[:MOST // 2] + several))[:MOST]


def pair(inode):
    """Both ends of a connection, each of a cgroup of its own."""
    ends = dict(src=b'\x7f\0\0\1', dst=b'\x7f\0\0\2', sport=inode, dport=999), dict(
        src=b'\x7f\0\0\2', dst=b'\x7f\0\0\1', sport=999, dport=inode)
    return [inet(inode=inode + at, cookie=inode + at, attributes=[(CGROUP_ID, struct.pack('=Q', inode + at))], **end)
            for at, end in enumerate(ends)]


def bound(inode):
    """Both ends of a unix socket, the other one with a name that is no UTF-8."""
    return [families.unix(inode, peer=inode + 1), families.unix(inode + 1, name=b'/\xff%d\0' % inode, peer=inode)]


# What neither is recorded nor invented elsewhere.
SPECIAL = {
    'tcp': [one for at in range(6) for one in pair(101 + 2 * at)] + [inet(state=14, inode=77)],
    'unix': [one for at in range(12) for one in bound(200 + 2 * at)] + [families.unix(300, kind=77, state=14)],
    'packet': [families.packet(more=[(families.FANOUT, families.u32(3 | number << 16))])
               for number in (0x1001, 0x60ff, 0x8006)],
    'netlink': [families.netlink(port, **more) for port, more in (
        (11, {'flags': 3}), (14, {'flags': 0x10, 'groups': (5,)}), (99, {}))],
}


class Looked:
    """In place of a Rates: half of what counters say was said two seconds ago."""

    def grown(self, cookie, counters):
        return tuple(counter // 2 for counter in counters), 2.0

    def inside(self, namespace):
        return self


class Estate:
    def __init__(self, root, inodes):
        self.root = str(root)
        for place, (name, words, cgroup, uid, context) in enumerate(PROCESSES):
            held = [inode for at, inode in enumerate(inodes) if at % len(PROCESSES) == place or at % 7 == place]
            self.process(place + 11, name, words, cgroup, uid, context, held)
        self.write('proc/stat', b'btime 1700000000\n')
        self.write('proc/mounts', b'selinuxfs /sys/fs/selinux selinuxfs rw 0 0\n')
        self.write('etc/selinux/config', b'')
        self.write('etc/passwd', b'root:x:0:0\nwww:x:33:33\n')
        self.write('etc/services', b'ssh 22/tcp\nhttp 80/tcp\nntp 123/udp\n')
        self.write('etc/hosts', b'127.0.0.1 localhost\n10.1.2.3 ten\n::1 six\n')
        self.write('var/lib/docker/containers/%s/config.v2.json' % ID, json.dumps(
            {'Name': '/web', 'Config': {'Image': 'nginx'}}).encode())
        names = {'io.kubernetes.cri.container-name': 'main', 'io.kubernetes.cri.sandbox-name': 'api-7',
                 'io.kubernetes.cri.sandbox-namespace': 'shop', 'io.kubernetes.cri.image-name': 'registry/api:1'}
        self.write('run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json' % OTHER, json.dumps(
            {'annotations': names}).encode())

    def write(self, path, content):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(content)

    def process(self, pid, name, words, cgroup, uid, context, inodes):
        folder = 'proc/%d/' % pid
        os.makedirs(os.path.join(self.root, folder, 'fd'))
        for fd, inode in enumerate(inodes, 3):
            os.symlink('socket:[%d]' % inode, os.path.join(self.root, folder, 'fd', str(fd)))
        os.symlink('/bin/' + os.fsdecode(name.replace(b'/', b'_')), os.path.join(self.root, folder, 'exe'))
        for file, content in (
                ('comm', name + b'\n'), ('cmdline', words), ('cgroup', b'0::%s\n' % cgroup.encode()), ('attr/current', context),
                ('status', b'Name:\tp\nUid:\t1\t%d\t1\t1\n' % uid),
                ('stat', b'%d (%s) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0' % (pid, name, 100 * pid))):
            self.write(folder + file, content)

    def host(self):
        host = Host(self.root, environ={})
        host.links.name = lambda index: {1: 'lo', 2: 'e "0"'}.get(index, 'if%d' % index)
        host.cgroups.path = lambda number: PROCESSES[number % len(PROCESSES)][2]
        host.names.ask_rpcbind = lambda: None
        recording = recordings(NEWEST, 'bpf')[0]
        host.maps._asked.update({number: a_map(recording, number, *both) for number, both in recording.maps.items()})
        host.netns, host.called, host.rates = Namespace(4026531840 + 7, 'web\xff'), 'root@h\xff', Looked()
        return host
