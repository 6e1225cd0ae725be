"""The recorded dumps of fixtures/: ssng prints of the same bytes what ss 7.3.0 printed of them.

No kernel, no root and no lab is needed: what goes over netlink comes from the recording, and a request
that ss did not send finds no answer there.
"""
import io
import json
import os
import re
import sys

import pytest

from ssng.cli.main import main
from ssng.host import Host, btf
from ssng.host.maps import StorageMap
from ssng.kernel.abi.bpf import bpf_map_info
from ssng.kernel.abi.inet_diag import (
    INET_DIAG_BC_D_COND, INET_DIAG_BC_S_COND, INET_DIAG_REQ_BYTECODE, INET_DIAG_REQ_SK_BPF_STORAGES, inet_diag_bc_op)
from ssng.kernel.abi.netlink import NLA_F_NESTED, NLMSG_DONE, nlmsghdr
from ssng.kernel.exchange import SEQ, Reply
from ssng.kernel.messages import HEADER, Answer, message
from ssng.tables import ROWS, declared
from ssng.tables.byteorder import Swap
from tests.support.namespaces import ROOT
from tests.support.recordings import recordings

SOCK_DIAG = 4
SEQUENCE = slice(8, 16)         # of a message: sequence number and port id

CASES = [(recording, case) for recording in recordings() for case in recording.cases]


def name(value):
    return ' '.join([value.guest] if hasattr(value, 'guest') else value.arguments)


class Recorded:
    """The source that, asked what ss asked, gives the recorded answer."""

    def __init__(self, recording, case, json):
        self.family = recording.family
        self.json = json
        self.left = [(request, datagrams) for protocol, request, datagrams in case.exchanges if protocol == SOCK_DIAG]
        self.foreign = recording.facts['byte_order'] != sys.byteorder

    def ask(self, request):
        asked = message(request.kind, request.flags, request.seq, request.payload, request.attributes)
        answers = self.answers(asked)
        if request.seq != SEQ:          # to close a socket; our numbers of messages are our own
            answers = [data[:8] + asked[SEQUENCE] + data[16:] for data in answers]
        return Reply(Answer(request.seq), ((data, (len(data),)) for data in answers))

    def kept(self):
        return self

    def listen(self, groups, lost):
        return Reply(Answer(0, 0), self.events())

    def events(self):
        for data in self.left.pop(0)[1]:
            yield Swap(declared('tcp'))(data) if self.foreign else data, (len(data),)
        raise KeyboardInterrupt         # no more events: the user has seen enough

    def close(self):
        pass

    def answers(self, asked):
        for place, (request, datagrams) in enumerate(self.left):
            if self.alike(request, asked):
                del self.left[place]
                return [self.native(asked, data) for data in datagrams] if self.foreign else datagrams
        # A refusal to close a socket ended ss's table, but not ours (README, Differences from ss).
        assert self.family == 'kill', 'ss did not ask %s' % asked.hex()
        return [bytes(nlmsghdr(HEADER + 4, NLMSG_DONE, 0, SEQ, 0)) + bytes(4)]

    def native(self, asked, data):
        """A datagram of the other byte order, made one of this."""
        family, protocol = asked[HEADER], asked[HEADER + 1]
        return Swap(swapped_as(family, protocol, self.family))(data)

    def alike(self, theirs, ours):
        """Sequence numbers and descriptors of maps are each program's own.

        For JSON we may ask for more (a unix socket's user); the ss that knew DCCP asked for all it could get.
        """
        if self.foreign:
            return theirs[HEADER:HEADER + 2] == ours[HEADER:HEADER + 2]
        if self.json or self.family == 'dccp':
            return theirs[4:8] == ours[4:8] and theirs[HEADER:HEADER + 2] == ours[HEADER:HEADER + 2]
        if STORAGES in theirs:
            return theirs[HEADER:HEADER + 56] == ours[HEADER:HEADER + 56]
        return theirs[:8] == ours[:8] and unpadded(theirs)[HEADER:] == ours[HEADER:]


def unpadded(request):
    """Two bytes of each condition on an address mean nothing, and ss sends what happened to be there."""
    made, attribute = bytearray(request), HEADER + 56
    length, kind = [int.from_bytes(request[at:at + 2], sys.byteorder) for at in (attribute, attribute + 2)]
    at = attribute + 4
    while kind == INET_DIAG_REQ_BYTECODE and at < attribute + length:
        op = inet_diag_bc_op.from_buffer_copy(request, at)
        if op.code in (INET_DIAG_BC_S_COND, INET_DIAG_BC_D_COND):
            made[at + 6:at + 8] = bytes(2)
        at += op.yes
    return bytes(made)


def swapped_as(family, protocol, name):
    """The table whose messages answer a request; of mptcp the byte of the protocol is tcp's."""
    for row in ROWS:
        table = declared(row.module)
        if family in table.families and (family not in (2, 10) or table.protocol & 0xff == protocol) and (
                name == 'mptcp' or row.module != 'mptcp'):
            if name != 'mptcp' or row.module == 'mptcp':
                return table


UNTURNED = {'proc': 'addresses in /proc are written as integers'}
STORAGES = (INET_DIAG_REQ_SK_BPF_STORAGES | NLA_F_NESTED).to_bytes(2, sys.byteorder)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A function: (Host, source) of the machine of a recording, and of what one of its cases exchanged there."""
    def pretend(recording, case, json=False):
        if recording.family in UNTURNED and recording.facts['byte_order'] != sys.byteorder:
            pytest.skip('%s in the byte order of its machine: tools/lab s390x replays it' % UNTURNED[recording.family])
        monkeypatch.delenv('COLUMNS', raising=False)
        for path, content in recording.files.items():
            file = tmp_path / path
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        if recording.files:
            monkeypatch.setenv('PROC_ROOT', str(tmp_path))
        return Machine(recording), Recorded(recording, case, json)
    return pretend


class Machine(Host):
    """The host of a recording, as far as that tells of it."""

    def __init__(self, recording):
        super().__init__()
        interfaces, paths = recording.facts['interfaces'], recording.facts['cgroups']
        self.links.name = lambda index: interfaces.get(str(index), 'if%d' % index)
        self.cgroups.path = lambda number: paths.get(str(number), 'unreachable:%x' % number)
        self.names.ephemeral_ports = lambda: (32768, 60999)
        if recording.guest == 's390x':          # it was made where /etc/services and /etc/protocols are missing
            self.names.port_name = lambda port, protocol=None: 'ipproto-%d' % port if protocol == 'raw' else ''
        self.maps._asked.update({number: a_map(recording, number, *both) for number, both in recording.maps.items()})


def a_map(recording, number, info, types):
    size, kind = of_map(recording, info)
    return StorageMap(number, size, btf.Btf(types), kind, 0)


def of_map(recording, info):
    """(bytes of a value, number of its type) of a struct bpf_map_info, in the byte order of its machine."""
    return [int.from_bytes(info[member.offset:member.offset + member.size], recording.facts['byte_order'])
            for member in (bpf_map_info.value_size, bpf_map_info.btf_value_type_id)]


def printed(monkeypatch, arguments, machine):
    """(exit status, bytes on stdout) of a command line; None for a status if it goes on until it is stopped."""
    out = io.BytesIO()
    monkeypatch.setattr(sys, 'stdout', io.TextIOWrapper(out, 'latin-1', write_through=True))
    try:
        status = main(list(arguments), *machine)
    except KeyboardInterrupt:
        status = None
    return status, out.getvalue()


@pytest.mark.parametrize('recording, case', CASES, ids=name)
def test_text(recording, case, machine, monkeypatch):
    status, text = printed(monkeypatch, case.arguments, machine(recording, case))
    if name(case) in DIFFERENCES:
        assert DIFFERENCES[name(case)](words(text), words(case.text))
    elif recording.family == 'dccp':        # its text is from an older ss, which always had a Process column
        assert words(text) == words(case.text.replace(b' Process', b''))
    elif b'maplen:' in case.text and recording.facts['byte_order'] == 'big' != sys.byteorder:
        assert words(text) == words(re.sub(br'maplen:(\d+)', short, case.text))
    else:
        assert text == case.text
    assert status == (None if case.status < 0 else case.status)


def short(match):
    """ss reads 4 bytes of 2, which gives another number on each kind of machine."""
    return b'maplen:%d' % (int(match.group(1)) >> 16)


def more(ours, theirs):
    """The same rows, and behind them what ss hides."""
    return all(mine[:len(its)] == its for mine, its in zip(ours, theirs)) and ours != theirs


def fewer(ours, theirs):
    """Only the kind that was asked for."""
    return len(ours) < len(theirs) and all(row in theirs for row in ours[1:])


# Command lines that fall under the README's differences.
DIFFERENCES = {'-f netlink -anem': more, '--tipc -anem --tipcinfo': more, '-A p_dgr -a': fewer}


def words(text):
    return [line.split() for line in text.split(b'\n')]


def expected(recording):
    """{command line: what -j prints of it}, from the file beside the recording (fixtures/README.md)."""
    path = os.path.join(ROOT, 'fixtures', recording.guest, recording.family + '.expected')
    with open(path, encoding='utf-8', newline='\n') as stream:
        parts = re.split('(?m)^# (.*)\n', stream.read())
    return dict(zip(parts[1::2], parts[2::2]))


@pytest.mark.parametrize('recording, case', CASES, ids=name)
def test_json_is_what_it_was(recording, case, machine, monkeypatch):
    """Key by key and value by value: a change shows in the review of the file that is kept."""
    if recording.guest == 's390x':
        pytest.skip('there is no such file of s390x')
    pretended = machine(recording, case, json=True)
    assert printed(monkeypatch, case.arguments + ['-j'], pretended)[1].decode() == expected(recording)[' '.join(case.arguments)]


@pytest.mark.parametrize('recording, case', CASES, ids=name)
def test_json(recording, case, machine, monkeypatch):
    """As many objects as the text has rows, each of them on a line of its own."""
    _, text = printed(monkeypatch, case.arguments + ['-j'], machine(recording, case, json=True))
    lines = text.decode().splitlines()
    if '-s' in case.arguments:
        assert json.loads(text)['total'] >= 0
        return
    if case.status >= 0:
        assert isinstance(json.loads(text), list)
        lines = [line.rstrip(',') for line in lines[1:-1]]
    objects = [json.loads(line) for line in lines]
    header = not any(re.match('-[^-]*H', word) for word in case.arguments)
    rows = [line for line in case.text.split(b'\n') if line[:1] not in (b'', b'\t', b' ')]
    if recording.family not in ('tipc', 'sctp', 'mixed', 'unix', 'kill', 'packet'):     # where rows are told less easily
        assert len(objects) == len(rows) - header * bool(rows)
    for one in objects:
        assert one['netid'] and one['family'] and one['state']
