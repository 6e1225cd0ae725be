"""What BPF programs keep at a socket: its values in socket-local storage maps.

The kernel sends the bytes of the values; what they mean, the type of a map's values, is asked for
once for each map.  Texts and layout: fixtures/behaviour/sockets.md, 5.  A difference: ss describes no more
than 32 maps and prints the values of any further one under the name and type of another; here each
is printed as its own.
"""

import errno
import os
import sys

from ..errors import Failure
from ..fields import ByShow, Fact
from ..host import bpf, warn
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.bpf import BPF_MAP_TYPE_SK_STORAGE
from ..kernel.abi.netlink import NLA_F_NESTED, NLA_TYPE_MASK
from ..kernel.abi.sock_diag import (
    SK_DIAG_BPF_STORAGE, SK_DIAG_BPF_STORAGE_MAP_ID, SK_DIAG_BPF_STORAGE_MAP_VALUE, SK_DIAG_BPF_STORAGE_REQ_MAP_FD)
from ..kernel.columns import payload
from ..kernel.messages import attribute, attributes, nested

MOST_MAPS = 32              # that one question may name


class StorageMap:
    """A map whose values are understood: their ``size``, and their ``type`` among the types of ``btf``.

    ``fd`` stays open: a request names maps by descriptor.
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
            from ..host.btf_dump import Printer
            self.printers[compact] = Printer(self.btf, self.type, compact)
        return self.printers[compact].text(value)


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
        raise Failure('BPF map %d: %s' % (number, error.strerror), 1)


def described(number, fd):
    from ..host.btf import Btf, BtfError
    try:
        info = bpf.map_info(fd)
    except OSError as error:
        raise Failure('BPF map %d: the kernel does not describe it: %s' % (number, error.strerror), 1)
    if info.type != BPF_MAP_TYPE_SK_STORAGE:
        raise Failure('BPF map %d is no socket storage: its type is %d, not %d' % (
            number, info.type, BPF_MAP_TYPE_SK_STORAGE), 1)
    try:
        btf = Btf(bpf.btf(info.btf_id), bpf.kernel_pointer())
    except OSError as error:
        raise Failure('BPF map %d: the kernel does not tell the type of its values: %s' % (number, error.strerror), 1)
    except BtfError:
        raise Failure('BPF map %d: the type of its values is damaged' % number, 1)
    return StorageMap(number, info.value_size, btf, info.btf_value_type_id, fd)


known = {}                  # number of a map: its StorageMap, None if it could not be opened


def load(numbers):
    """The maps with these numbers, for ``--bpf-map-id``: the numbers without repetition, at most 32 of them.

    Raises Failure(message, 1) for a number that stands for no map, or for a map of another kind.
    """
    loaded = []
    for number in numbers:
        if number in loaded:
            continue
        if len(loaded) == MOST_MAPS:
            warn('--bpf-map-id: %d maps are the most; %d is left out' % (MOST_MAPS, number))
            continue
        if known.get(number) is None:
            known[number] = opened(number)
        loaded.append(number)
    return tuple(loaded)


def request(maps):
    """The attribute of a request for storage, (number, bytes): of ``'all'`` maps, or of those with these numbers."""
    wanted = b'' if maps == 'all' else b''.join(
        [attribute(SK_DIAG_BPF_STORAGE_REQ_MAP_FD, known[number].fd.to_bytes(4, sys.byteorder))
         for number in load(maps)])
    return abi.INET_DIAG_REQ_SK_BPF_STORAGES | NLA_F_NESTED, wanted


def found(number):
    """The StorageMap of a value that the kernel sent; None, with one word about it, where it cannot be opened."""
    if number not in known:
        try:
            known[number] = opened(number)
        except Failure as failure:
            warn(failure.message)
            known[number] = None
    return known[number]


def fits(storage, value):
    """Whether the value is as long as the map's values are."""
    if len(value) != storage.size:
        warn('BPF map %d: a value of %d bytes, where all have %d' % (storage.number, len(value), storage.size))
    return len(value) == storage.size


def values(data):
    """(number of the map, bytes of the value) for each storage of a socket, in the kernel's order."""
    for kind, start, end in attributes(data):
        if kind is None or kind & NLA_TYPE_MASK != SK_DIAG_BPF_STORAGE:
            continue
        parts = nested(data[start:end])
        number, value = parts.get(SK_DIAG_BPF_STORAGE_MAP_ID), parts.get(SK_DIAG_BPF_STORAGE_MAP_VALUE)
        if number is not None and value is not None:
            yield int.from_bytes(number, sys.byteorder), value


def storages_text(show):
    form = ' map_id:%d%s' if show.oneline else '\n\tmap_id:%d [\n%s\n\t]'

    def text(data):
        texts = []
        for number, value in values(data):
            storage = found(number)
            if storage is None:
                texts.append('\n\tmap_id: %d failed to fetch info, skipping\n' % number)
            elif fits(storage, value):
                texts.append(form % (number, storage.text(value, show.oneline)))
        return ''.join(texts)
    return text


def texts(group, show):
    """The texts for a group of messages that carry the attribute."""
    return list(map(storages_text(show), group.values(STORAGES.members[0])))


def storages_json(data):
    """An array of objects; "value" is missing where its type is not known or does not fit."""
    from json import dumps

    from ..host.btf import BtfError
    from ..host.btf_value import value as plain
    told = []
    for number, value in values(data):
        pairs = {'map_id': number}
        storage = found(number)
        if storage is not None and fits(storage, value):
            try:
                pairs['value'] = plain(storage.btf, storage.type, value)
            except BtfError:
                pass
        pairs['value_hex'] = value.hex()
        told.append(pairs)
    return dumps(told, ensure_ascii=False, separators=(',', ':'))


STORAGES = Fact('bpf_storages', payload(abi.INET_DIAG_SK_BPF_STORAGES, 'bpf_storages'), ByShow(storages_text),
                json=storages_json)
