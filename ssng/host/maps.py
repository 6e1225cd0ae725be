"""BPF maps by number: what is in the values that programs keep at sockets (fixtures/behaviour/sockets.md, 5).

The kernel sends the bytes of the values; what they mean, the type of a map's values, is asked for once
for each map.
"""

import errno
import os

from ..errors import Failure, reason
from ..kernel.abi.bpf import BPF_MAP_TYPE_SK_STORAGE
from . import bpf

MOST_ASKED = 32             # maps that one question may name
MOST = 256                  # maps that are remembered: their types may be megabytes


class StorageMap:
    """A map whose values are understood: their ``size``, and their ``type`` among the types of ``btf``.

    ``fd``: a descriptor of it, where a request is to name it; None otherwise.
    """

    def __init__(self, number, size, btf, type, fd=None):
        self.number = number
        self.size = size
        self.btf = btf
        self.type = type
        self.fd = fd
        self.printers = {}

    def text(self, value, compact):
        """The value in C's manner; names of types are numbered once for all values of a map."""
        if compact not in self.printers:
            from .btf_dump import Printer
            self.printers[compact] = Printer(self.btf, self.type, compact)
        return self.printers[compact].text(value)


class Maps:
    """The maps of one host's kernel.  ``report`` hears of values that cannot be understood."""

    chosen = None                   # numbers of those whose values are shown, where the source may tell of others

    def __init__(self, report):
        self._report = report
        self._asked = {}            # number: its StorageMap, with a descriptor that stays open
        self._found = {}            # number: its StorageMap, None if it could not be opened; at most MOST of them

    def load(self, numbers):
        """The maps with these numbers, for ``--bpf-map-id``: the numbers without repetition, at most 32 of them.

        Raises Failure(message, 1) for a number that stands for no map, or for a map of another kind.
        """
        loaded = []
        for number in numbers:
            if number in loaded:
                continue
            if len(loaded) == MOST_ASKED:
                self._report.warn('--bpf-map-id: %d maps are the most; %d is left out' % (MOST_ASKED, number))
                continue
            if number not in self._asked:
                self._asked[number] = opened(number)
            loaded.append(number)
        if len(self._asked) > MOST_ASKED:           # of earlier questions
            for number in set(self._asked).difference(loaded):
                os.close(self._asked.pop(number).fd)
        return tuple(loaded)

    def descriptor(self, number):
        """The descriptor of a map that was loaded; it is ours to close."""
        return self._asked[number].fd

    def found(self, number):
        """The StorageMap of a value that the kernel sent; None, with one word about it, where it cannot be opened."""
        if number in self._asked:
            return self._asked[number]
        if number not in self._found:
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[number] = self._described(number)
        return self._found[number]

    def _described(self, number):
        try:
            storage = opened(number)
        except Failure as failure:
            self._report.warn(failure.message)
            return None
        os.close(storage.fd)
        storage.fd = None
        return storage

    def fits(self, storage, value):
        """Whether the value is as long as the map's values are."""
        if len(value) != storage.size:
            self._report.warn('BPF map %d: a value of %d bytes, where all have %d' % (
                storage.number, len(value), storage.size))
        return len(value) == storage.size

    def close(self):
        """Forget all maps and close what is open of them."""
        for storage in self._asked.values():
            os.close(storage.fd)
        self._asked.clear()
        self._found.clear()


def opened(number):
    """The StorageMap of this number.  Raises Failure(message, 1)."""
    fd = descriptor(number)
    try:
        return described(number, fd)
    except Failure:
        os.close(fd)
        raise


def descriptor(number):
    try:
        return bpf.map_fd(number)
    except OSError as error:
        if error.errno == errno.EPERM:
            raise Failure('BPF map %d: not permitted; it takes root, CAP_BPF or CAP_SYS_ADMIN' % number, 1)
        if error.errno == errno.ENOENT:
            raise Failure('there is no BPF map %d' % number, 1)
        raise Failure('BPF map %d: %s' % (number, reason(error)), 1)


def described(number, fd):
    from .btf import Btf, BtfError
    try:
        info = bpf.map_info(fd)
    except OSError as error:
        raise Failure('BPF map %d: the kernel does not describe it: %s' % (number, reason(error)), 1)
    if info.type != BPF_MAP_TYPE_SK_STORAGE:
        raise Failure('BPF map %d is no socket storage: its type is %d, not %d' % (
            number, info.type, BPF_MAP_TYPE_SK_STORAGE), 1)
    try:
        btf = Btf(bpf.btf(info.btf_id), bpf.kernel_pointer())
    except OSError as error:
        raise Failure('BPF map %d: the kernel does not tell the type of its values: %s' % (number, reason(error)), 1)
    except BtfError:
        raise Failure('BPF map %d: the type of its values is damaged' % number, 1)
    return StorageMap(number, info.value_size, btf, info.btf_value_type_id, fd)
