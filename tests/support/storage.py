"""Maps of socket storage in the running kernel, sockets that hold values, and what the reference says of them."""
import ctypes
import os
import pickle
import re
import socket
import struct

from ssng.host.bpf import bpf
from tests.support import programs

MAP_CREATE, MAP_UPDATE_ELEM, OBJ_GET_INFO_BY_FD, BTF_LOAD = 0, 2, 15, 18
HASH, SK_STORAGE, NO_PREALLOC = 1, 24, 1
CAP_SYS_ADMIN, CAPABILITIES, SET_BOUNDING = 21, 0x20080522, 24
NOBODY = 65534


def command(number, layout, *values):
    data = struct.pack(layout, *values)
    return bpf(number, ctypes.create_string_buffer(data, len(data)))


def buffer(data):
    return ctypes.create_string_buffer(data, len(data))


class Maps:
    """Maps and the blobs of their types, for the time of a `with`; the test is skipped where there can be none."""

    def __init__(self):
        self.held = []

    def __enter__(self):
        import pytest
        try:
            self.hash()
        except OSError as error:
            pytest.skip('no BPF maps here: %s' % error)
        return self

    def __exit__(self, *_):
        while self.held:
            os.close(self.held.pop())

    def _hold(self, fd):
        self.held.append(fd)
        return fd

    def load(self, blob):
        data = buffer(blob)
        return self._hold(command(BTF_LOAD, '=QQIIII', ctypes.addressof(data), 0, len(data), 0, 0, 0))

    def storage(self, types, value, size):
        """(descriptor, number) of a map whose values are of type ``value``; type 1 is a plain int, of the key."""
        fd = self._hold(command(MAP_CREATE, '=IIIIIII16sIIII', SK_STORAGE, 4, size, 0, NO_PREALLOC, 0, 0, b'storage',
                                0, self.load(types.blob()), 1, value))
        return fd, number_of(fd)

    def hash(self):
        """The number of a map of another kind."""
        return number_of(self._hold(command(MAP_CREATE, '=IIIII', HASH, 4, 4, 1, 0)))

    def store(self, fd, sock, value):
        key, data = buffer(struct.pack('=i', sock.fileno())), buffer(value)
        command(MAP_UPDATE_ELEM, '=I4xQQQ', fd, ctypes.addressof(key), ctypes.addressof(data), 0)


def number_of(fd):
    info = buffer(bytes(88))
    command(OBJ_GET_INFO_BY_FD, '=IIQ', fd, len(info), ctypes.addressof(info))
    return struct.unpack_from('=II', info)[1]


def listener():
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))
    sock.listen(1)
    return sock


def printed(reference, sock, *options, **more):
    """What ss prints of one listening socket behind its addresses."""
    answer = programs.run(reference + ['-tanH'] + list(options) + ['sport = :%d' % sock.getsockname()[1]], **more)
    assert answer.status == 0
    return answer.out.decode('latin-1').split('0.0.0.0:*', 1)[1][:-1]


def by_map(text):
    """{number of a map: text of its value} of what ss printed with or without -O."""
    one = re.findall(r' map_id:(\d+)(.*?)(?= map_id:|$)', text)
    several = re.findall(r'\n\tmap_id:(\d+) \[\n(.*?)\n\t\]', text, re.S)
    return {int(number): value for number, value in several or one}


# Doing without

def apart(without, function):
    """What ``function()`` returns, or the exception it raises, in a process that called ``without()`` first."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            without()
            result = function()
        except BaseException as error:      # whatever it is belongs to the parent
            result = error
        os.write(theirs, pickle.dumps(result))
        os._exit(0)
    os.close(theirs)
    with open(ours, 'rb') as stream:
        result = pickle.load(stream)
    os.waitpid(child, 0)
    return result


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def lose_sys_admin():
    """Stay root, with all rights but one: CAP_BPF lets see storage, but only CAP_SYS_ADMIN opens maps by number."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack('=Ii', CAPABILITIES, 0)
    rights = buffer(bytes(24))
    assert not libc.prctl(SET_BOUNDING, CAP_SYS_ADMIN, 0, 0, 0)
    assert not libc.capget(header, rights)
    low = [word & ~(1 << CAP_SYS_ADMIN) for word in struct.unpack('=3I', rights.raw[:12])]
    assert not libc.capset(header, struct.pack('=3I', *low) + rights.raw[12:])
