"""bpf(2): maps by number, what the kernel knows of them, and the types of their values.

A C library has no function for this call, so it goes through syscall(2) by its number.  Structures
are those of ``linux/bpf.h``.  All functions raise OSError as the kernel says it.
"""

import os
from struct import calcsize

from ..kernel.abi import bpf as abi
from ..kernel.abi import sizeof
from . import libc

# __NR_bpf of <asm/unistd.h>.  The machine is the kernel's: of a 64-bit kernel an interpreter of 32 bits
# sees the name of its bigger brother, so the size of a pointer is part of the question.
GENERIC = 280                           # arm64, riscv, loongarch and whatever came after
NUMBERS = {
    ('x86_64', 8): 321, ('x86_64', 4): 357, ('i386', 4): 357, ('i486', 4): 357, ('i586', 4): 357, ('i686', 4): 357,
    ('aarch64', 4): 386, ('aarch64_be', 4): 386, ('arm', 4): 386,
    ('s390x', 8): 351, ('s390x', 4): 351, ('s390', 4): 351,
    ('ppc64le', 8): 361, ('ppc64', 8): 361, ('ppc64le', 4): 361, ('ppc64', 4): 361, ('ppc', 4): 361,
    ('mips64', 8): 5315, ('mips64', 4): 4355, ('mips', 4): 4355,
    ('sparc64', 8): 349, ('sparc64', 4): 349, ('sparc', 4): 349,
    ('parisc64', 4): 341, ('parisc', 4): 341, ('alpha', 8): 515, ('m68k', 4): 354, ('sh4', 4): 375, ('sh4a', 4): 375,
}


def number(machine, pointer):
    """The number of bpf(2) for a program with pointers of ``pointer`` bytes; ``machine`` as uname(2) says it."""
    if machine.startswith('armv'):      # armv7l, armv8l
        machine = 'arm'
    return NUMBERS.get((machine, pointer), GENERIC)


def kernel_pointer():
    """The size of a pointer in the kernel's values, which may be larger than in this program."""
    machine = os.uname().machine
    return 8 if '64' in machine or machine in ('s390x', 'alpha') else calcsize('P')


def bpf(command, attr):
    """The call itself; ``attr`` is a ctypes structure or buffer.  Returns what the kernel returns."""
    libc.required()
    from ctypes import addressof, c_long, c_uint, c_void_p
    return libc.call('syscall', c_long(number(os.uname().machine, calcsize('P'))), command,
                     c_void_p(addressof(attr)), c_uint(sizeof(attr)))


def map_fd(map_id):
    """A descriptor of the map with this number, for the caller to close."""
    attr = abi.bpf_attr()
    attr.map_id = map_id
    return bpf(abi.BPF_MAP_GET_FD_BY_ID, attr)


def map_info(fd):
    """The bpf_map_info of a map; members that an older kernel does not know are zero."""
    return _info(fd, abi.bpf_map_info())


def btf(btf_id):
    """The types with this number: the bytes of a BTF blob."""
    libc.required()
    from ctypes import addressof, create_string_buffer
    attr = abi.bpf_attr()
    attr.btf_id = btf_id
    fd = bpf(abi.BPF_BTF_GET_FD_BY_ID, attr)
    try:
        size = _info(fd, abi.bpf_btf_info()).btf_size
        blob = create_string_buffer(size)
        _info(fd, abi.bpf_btf_info(btf=addressof(blob), btf_size=size))
        return blob.raw
    finally:
        os.close(fd)


def _info(fd, info):
    libc.required()
    from ctypes import addressof
    attr = abi.bpf_attr()
    attr.info.bpf_fd, attr.info.info_len, attr.info.info = fd, sizeof(info), addressof(info)
    bpf(abi.BPF_OBJ_GET_INFO_BY_FD, attr)
    return info
