"""Maps of socket storage in the running kernel, and what the programs print of them."""
import ctypes
import os
import socket
import struct

from ssng.host.bpf import bpf

MAP_CREATE, MAP_UPDATE_ELEM, OBJ_GET_INFO_BY_FD, BTF_LOAD = 0, 2, 15, 18
SK_STORAGE, NO_PREALLOC = 24, 1


def command(number, layout, *values):
    return bpf(number, ctypes.create_string_buffer(struct.pack(layout, *values), struct.calcsize(layout)))


def address(buffer):
    return ctypes.addressof(buffer)


class Maps:
    """Maps made of one blob of types each, with their descriptors; all gone after close()."""

    def __init__(self):
        self.held = []

    def load(self, blob):
        data = ctypes.create_string_buffer(blob, len(blob))
        fd = command(BTF_LOAD, '=QQIIII', address(data), 0, len(data), 0, 0, 0)
        self.held.append(fd)
        return fd

    def make(self, types, value, size, key=1, name=b'storage'):
        """(descriptor, number) of a map whose values are of type ``value``; ``key`` is a plain int."""
        btf = types if isinstance(types, int) else self.load(types.blob())
        fd = command(MAP_CREATE, '=IIIIIII16sIIII', SK_STORAGE, 4, size, 0, NO_PREALLOC, 0, 0, name, 0, btf, key, value)
        self.held.append(fd)
        info = ctypes.create_string_buffer(88)
        command(OBJ_GET_INFO_BY_FD, '=IIQ', fd, len(info), address(info))
        return fd, struct.unpack_from('=II', info)[1]

    def store(self, fd, sock, value):
        key, data = ctypes.create_string_buffer(struct.pack('=i', sock.fileno()), 4), ctypes.create_string_buffer(value, len(value))
        command(MAP_UPDATE_ELEM, '=I4xQQQ', fd, address(key), address(data), 0)

    def close(self):
        while self.held:
            os.close(self.held.pop())


def listener():
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))
    sock.listen(1)
    return sock
