"""What BPF programs keep at a socket: its values in socket-local storage maps.

The kernel sends the bytes of the values; what they mean, the host's maps know (texts and layout:
fixtures/behaviour/sockets.md, 5).  A difference: ss describes no more than 32 maps and prints the
values of any further one under the name and type of another; here each is printed as its own.
"""

import sys

from ..fields import DATA, Fact
from ..kernel.abi import inet_diag as abi
from ..kernel.abi.netlink import NLA_F_NESTED, NLA_TYPE_MASK
from ..kernel.abi.sock_diag import (
    SK_DIAG_BPF_STORAGE, SK_DIAG_BPF_STORAGE_MAP_ID, SK_DIAG_BPF_STORAGE_MAP_VALUE, SK_DIAG_BPF_STORAGE_REQ_MAP_FD)
from ..kernel.columns import payload
from ..kernel.messages import attribute, attributes, nested
from ..objects import Json, data_json
from ..render import Cells, Section

# The kernel's own numbers; a value is as its map's types say, which tell of what byte order they are.
FORM = {SK_DIAG_BPF_STORAGE: {SK_DIAG_BPF_STORAGE_MAP_VALUE: None}}
STORAGES = payload(abi.INET_DIAG_SK_BPF_STORAGES, 'bpf_storages', form=FORM)
REVEAL = ('bpf_maps',)


def request(wanted, maps):
    """The attribute of a request for storage, (number, bytes): ``wanted`` is 'all', or the numbers of loaded ``maps``."""
    named = b'' if wanted == 'all' else b''.join(
        [attribute(SK_DIAG_BPF_STORAGE_REQ_MAP_FD, maps.descriptor(number).to_bytes(4, sys.byteorder))
         for number in wanted])
    return abi.INET_DIAG_REQ_SK_BPF_STORAGES | NLA_F_NESTED, named


def values(maps, data):
    """(number of the map, bytes of the value) for each storage of a socket that is to be shown, in the kernel's order."""
    for kind, start, end in attributes(data):
        if kind is None or kind & NLA_TYPE_MASK != SK_DIAG_BPF_STORAGE:
            continue
        parts = nested(data[start:end])
        number, value = parts.get(SK_DIAG_BPF_STORAGE_MAP_ID), parts.get(SK_DIAG_BPF_STORAGE_MAP_VALUE)
        if number is not None and value is not None:
            number = int.from_bytes(number, sys.byteorder)
            if maps.chosen is None or number in maps.chosen:
                yield number, value


def storages(maps, data):
    """The storages of a socket; "value", JSON already, is missing where its type is not known or does not fit."""
    from ..host.btf import BtfError
    from ..host.btf_value import value as plain
    told = []
    for number, value in values(maps, data):
        storage, pairs = maps.found(number), {'map_id': number}
        if storage is not None and maps.fits(storage, value):
            try:
                pairs['value'] = Json(data_json(plain(storage.btf, storage.type, value)))
            except BtfError:
                pass
        pairs['value_hex'] = value.hex()
        told.append(pairs)
    return told


class StorageText:
    """What ss prints of the storages, each on lines of its own."""

    def part(self, manner):
        if manner.words.isdisjoint(REVEAL):
            return None
        oneline, maps = manner.style.oneline, manner.host.maps
        form = ' map_id:%d%s' if oneline else '\n\tmap_id:%d [\n%s\n\t]'

        def text(data):
            texts = []
            for number, value in values(maps, data):
                storage = maps.found(number)
                if storage is None:
                    texts.append('\n\tmap_id: %d failed to fetch info, skipping\n' % number)
                elif maps.fits(storage, value):
                    texts.append(form % (number, storage.text(value, oneline)))
            return ''.join(texts)
        return Cells(lambda group: list(map(text, group.values(STORAGES))))


FACTS = [Fact('bpf_storages', STORAGES, DATA, storages, 'maps', REVEAL, 'what BPF programs keep at the socket', certain=True)]
LINE = [Section(abi.INET_DIAG_SK_BPF_STORAGES, [StorageText()])]


def line(table):
    return LINE
