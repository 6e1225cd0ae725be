"""BPF socket-local storage, for --bpf-maps, and the calls of bpf(2) that it takes."""
import ctypes
import os
import socket
import struct

from . import kind
from .calls import LIBC, Leftover, checked, connected

NUMBERS = {'x86_64': 321, 's390x': 351, 'aarch64': 280}
BPF_MAP_CREATE, BPF_MAP_UPDATE_ELEM, BPF_BTF_LOAD = 0, 2, 18
BPF_MAP_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD, BPF_BTF_GET_FD_BY_ID = 14, 15, 19
BPF_MAP_TYPE_SK_STORAGE, BPF_F_NO_PREALLOC = 24, 1
KIND_INT, KIND_ARRAY, KIND_STRUCT, SIGNED = 1, 3, 4, 1

STRINGS = b'\0int\0val\0cnt\0flag\0'


def bpf(command, attributes):
    number = NUMBERS.get(os.uname().machine, NUMBERS['x86_64'])
    return checked(LIBC.syscall(number, command, buffer(attributes), len(attributes)))


def buffer(data):
    return ctypes.create_string_buffer(data, len(data))


def type_description():
    """BTF of `int` (1), `struct val { int cnt; int flag; }` (2) and `int[2]` (3): a loaded descriptor."""
    def name(word):
        return STRINGS.index(b'\0' + word + b'\0') + 1
    types = struct.pack('=IIII', name(b'int'), KIND_INT << 24, 4, SIGNED << 24 | 32)
    types += struct.pack('=III', name(b'val'), KIND_STRUCT << 24 | 2, 8)
    types += struct.pack('=IIIIII', name(b'cnt'), 1, 0, name(b'flag'), 1, 32)
    types += struct.pack('=IIIIII', 0, KIND_ARRAY << 24, 0, 1, 1, 2)
    # struct btf_header: magic, version, flags, header, types at, length, strings at, length
    data = buffer(struct.pack('=HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(STRINGS))
                  + types + STRINGS)
    return bpf(BPF_BTF_LOAD, struct.pack('=QQIIII', ctypes.addressof(data), 0, len(data), 0, 0, 0))


def storage_map(name, btf, value):
    # type, key size, value size, entries, flags, inner map, numa node, name, device, btf, key, value
    return bpf(BPF_MAP_CREATE, struct.pack(
        '=IIIIIII16sIIII', BPF_MAP_TYPE_SK_STORAGE, 4, 8, 0, BPF_F_NO_PREALLOC, 0, 0, name, 0,
        btf, 1, value))


def store(storage, sock, value):
    key, data = buffer(struct.pack('=i', sock.fileno())), buffer(value)
    bpf(BPF_MAP_UPDATE_ELEM, struct.pack(
        '=I4xQQQ', storage, ctypes.addressof(key), ctypes.addressof(data), 0))


@kind
def storage():
    """Values of a structure at a TCP and a UDP socket, and an array beside the first."""
    types = type_description()
    structures, arrays = storage_map(b'structures', types, 2), storage_map(b'arrays', types, 3)
    held = list(connected(('127.0.0.1', 1070)))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(('127.0.0.1', 1071))
    for sock in (held[1], udp):
        store(structures, sock, struct.pack('=ii', 42, -7))
    store(arrays, held[1], struct.pack('=ii', 1, 2))
    return held + [udp] + [Leftover(os.close, number) for number in (types, structures, arrays)]


# What is told of maps: tools/lablib/recorder.py writes it down

def of_id(command, number):
    return bpf(command, struct.pack('=III', number, 0, 0))


def information(descriptor, size, begin=b''):
    """The first `size` bytes of what the kernel tells of an object; `begin` is what the caller fills in."""
    info = buffer(begin.ljust(size, b'\0'))
    bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack('=IIQ', descriptor, size, ctypes.addressof(info)))
    return info.raw


def types(descriptor):
    """The BTF data behind a descriptor: struct bpf_btf_info begins with pointer and size."""
    data = buffer(bytes(word(information(descriptor, 16), 8)))
    information(descriptor, 16, struct.pack('=QI', ctypes.addressof(data), len(data)))
    return data.raw


def word(data, offset):
    return struct.unpack_from('=I', data, offset)[0]
