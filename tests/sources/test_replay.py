"""A record answers as the kernel did when it was made: the recorded dumps of fixtures/, recorded once more and replayed."""
import json
import re
import shutil
import signal
import struct
import subprocess
import sys

import pytest

from ssng.cli.main import main
from tests.attack.records import damaged
from tests.support.programs import run
from tests import test_recordings
from tests.test_recordings import CASES, DIFFERENCES, Machine, Recorded, machine, name, of_map, printed, words       # noqa: F401

# What is no question that goes with --record and has one answer: each has a test of its own below.
OTHERWISE = 'events', 'kill'


def cases(wanted):
    return [pytest.param(recording, case, id=name(recording) + ' ' + name(case)) for recording, case in CASES
            if recording.facts['byte_order'] == sys.byteorder and wanted(recording, case)]


CHOSEN = cases(lambda recording, case: recording.family not in OTHERWISE)


def made(path, recording, case, machine):       # noqa: F811
    host, source = machine(recording, case, json=True)
    assert main(['--record', str(path)] + list(case.arguments), host, source) == 0


def answered(monkeypatch, path, arguments, capsys):
    status, text = printed(monkeypatch, ['--replay', str(path)] + list(arguments), ())
    return status, text, capsys.readouterr().err


@pytest.mark.parametrize('recording, case', CHOSEN)
def test_the_same_text(recording, case, machine, monkeypatch, tmp_path, capsys):      # noqa: F811
    """What ss printed of the same answers, and the JSON that the answers themselves give."""
    path = tmp_path / 'record'
    made(path, recording, case, machine)
    capsys.readouterr()
    monkeypatch.delenv('PROC_ROOT', raising=False)
    status, text, err = answered(monkeypatch, path, case.arguments, capsys)
    assert (status, err) == (0, '')
    if name(case) in DIFFERENCES:
        assert DIFFERENCES[name(case)](words(text), words(case.text))
    elif recording.family == 'dccp':        # of an older ss
        assert text == printed(monkeypatch, case.arguments, machine(recording, case))[1]
    else:
        assert text == case.text
    expected = printed(monkeypatch, case.arguments + ['-j'], machine(recording, case, json=True))
    assert answered(monkeypatch, path, case.arguments + ['-j'], capsys)[:2] == expected


@pytest.fixture
def signals():
    """What signals do is as it was, afterwards: --record -E ends by them."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize('recording, case', cases(lambda recording, case: recording.family == 'events'))
def test_what_ended(recording, case, machine, monkeypatch, tmp_path, capsys, signals):      # noqa: F811
    """A record of -E answers which sockets ended meanwhile, with the rows of ss -E, table by table."""
    path = tmp_path / 'record'
    made(path, recording, case, machine)
    capsys.readouterr()
    status, text, err = answered(monkeypatch, path, ['-tuna'], capsys)
    assert (status, err) == (0, '') and sorted(words(text)) == sorted(words(case.text))


@pytest.mark.parametrize('recording, case', cases(lambda recording, case: recording.family == 'kill' and b'\n' in case.text))
def test_what_was_to_be_closed(recording, case, machine, monkeypatch, tmp_path, capsys):      # noqa: F811
    """-K goes with no record; that of the question without it has the rows that ss -K shows, and those that stay open."""
    arguments = [word.replace('K', '') if word.startswith('-') else word for word in case.arguments]
    path = tmp_path / 'record'
    made(path, recording, case._replace(arguments=arguments), machine)
    capsys.readouterr()
    status, text, err = answered(monkeypatch, path, arguments, capsys)
    assert (status, err) == (0, '') and not [row for row in words(case.text) if row not in words(text)]
    assert text == printed(monkeypatch, arguments, machine(recording, case, json=True))[1]


@pytest.mark.parametrize('guest, family, of', [
    (guest, family, of) for guest in ('6.1', '6.12', '7.2') for family, of in (
        ('sctp', '-San'), ('raw', '-wan'), ('tcp', '-tan'), ('udp', '-uan'), ('unix', '-xan'), ('mptcp', '-Man'),
        ('tipc', '--tipc -an'), ('vsock', '--vsock -an'), ('bpf', '-tuan --bpf-maps sport = :1071 or dport = :1070'))])
def test_states_are_parted_as_the_kernel_does(guest, family, of, machine, monkeypatch, tmp_path, capsys):      # noqa: F811
    """A record of all sockets answers the questions for some of them, which the kernel of that guest answered, too."""
    cases = [(recording, case) for recording, case in CASES if (recording.guest, recording.family) == (guest, family)]
    path = tmp_path / 'record'
    made(path, *next((recording, case) for recording, case in cases if name(case) == of), machine)
    capsys.readouterr()
    others = [case for _, case in cases if not any(re.match('-[^-]*[eimo]', word) for word in case.arguments)]
    for case in others:
        assert answered(monkeypatch, path, case.arguments, capsys)[1] == case.text, case.arguments
    assert len(others) > 1


# One record, any question

@pytest.fixture
def rich(machine, tmp_path, capsys):       # noqa: F811
    """The record of a plain question about TCP, of which all details are there."""
    recording, case = next((recording, case) for recording, case in CASES
                           if recording.guest == '7.2' and recording.family == 'mixed' and case.exchanges and case.status == 0)
    path = str(tmp_path / 'rich')
    made(path, recording, case, machine)
    capsys.readouterr()
    return path


@pytest.mark.parametrize('one, other', [('--replay=x', '-K'), ('--replay=x', '-E'), ('--replay=x', '--record=y'),
                                        ('--record=x', '-D/dev/null'), ('--replay=x', '-D/dev/null'), ('--record=x', '-K')])
def test_what_does_not_go_together(one, other, capsys):
    assert main(['-t', one, other]) == 255
    assert 'exclude each other' in capsys.readouterr().err


@pytest.mark.parametrize('content', [b'', b'x', b'\n\r\r\n', bytes(100), b'\xd4\xc3\xb2\xa1' + bytes(20)])
def test_no_record(content, tmp_path, capsys):
    path = tmp_path / 'none'
    path.write_bytes(content)
    assert main(['-ta', '--replay', str(path)]) == 1
    assert capsys.readouterr().err.count('\n') == 1


def test_damage(rich, monkeypatch, tmp_path, capsys):
    with open(rich, 'rb') as stream:
        whole = stream.read()
    path = tmp_path / 'damaged'
    for data in damaged(whole, 60):
        path.write_bytes(data)
        status, _, err = answered(monkeypatch, path, ['-aneimop'], capsys)
        assert status in (0, 1)
        assert all(line.startswith('ssng: ') for line in err.splitlines())
        if len(data) < len(whole):
            assert status == 1 and err.count('\n') == 1, err


def test_what_comes_before_a_cut(rich, monkeypatch, capsys, tmp_path):
    before = answered(monkeypatch, rich, ['-f', 'netlink', '-aH'], capsys)[1]
    path = tmp_path / 'cut'
    with open(rich, 'rb') as stream:
        path.write_bytes(stream.read()[:-100])
    status, text, err = answered(monkeypatch, path, ['-f', 'netlink', '-aH'], capsys)
    assert (status, text) == (1, before) and err.count('\n') == 1


# Wireshark

@pytest.fixture
def shark():
    program = shutil.which('tshark')
    if not program:
        pytest.skip('no tshark: Debian has it in its package tshark')

    def read(path, *words):
        found = subprocess.run([program, '-r', path] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert found.returncode == 0, found.stderr
        return found.stdout.decode().splitlines()
    return read


def test_tshark(rich, shark):
    assert shark(rich, '-Y', '_ws.malformed or _ws.expert.severity == error') == []
    packets = shark(rich, '-Y', 'netlink', '-T', 'fields', '-e', 'netlink.hdr_pid', '-e', 'netlink-sock_diag.inode')
    requests = [line for line in packets if line.split('\t')[0] in ('0', '0x00000000')]
    assert requests and len(requests) < len(packets)
    told = run([sys.executable, '-m', 'ssng', '--replay', rich, '-taenH', '--columns=inode'])
    inodes = {word for word in told.out.decode().split() if word.isdigit() and word != '0'}
    assert inodes <= {word for line in packets for word in line.split('\t')[1].split(',')}


FOREIGN = [pytest.param(recording, case, id=name(case)) for recording, case in CASES
           if recording.family not in OTHERWISE and case.exchanges and recording.facts['byte_order'] != sys.byteorder]


@pytest.mark.parametrize('recording, case', FOREIGN)
def test_a_record_of_the_other_byte_order(recording, case, monkeypatch, tmp_path, capsys):
    """Made by hand of what such a machine exchanged; its numbers, with names of this machine left out."""
    path = tmp_path / 'record'
    path.write_bytes(foreign(recording, case))
    arguments = [word for word in case.arguments if word[1:2] != 'f' or word == '-f'] + ['-n', '-j']
    status, text, err = answered(monkeypatch, path, arguments, capsys)
    assert (status, err) == (0, '')
    monkeypatch.setattr(test_recordings, 'main', main)
    expected = printed(monkeypatch, arguments, (Machine(recording), Recorded(recording, case, True)))[1]
    numbers = [[pair for pair in each.items() if pair[0] not in ('cgroup', 'local')] for each in json.loads(expected.decode())]
    found = json.loads(text.decode())
    assert [[pair for pair in each.items() if pair[0] not in ('cgroup', 'local')] for each in found] == numbers


def block(kind, body):
    size = struct.pack('>I', 12 + len(body))
    return struct.pack('>I', kind) + size + body + size


def foreign(recording, case):
    data = block(0x0a0d0d0a, struct.pack('>IHHq', 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack('>HHI', 253, 0, 0))
    count = 0
    for protocol, request, datagrams in case.exchanges:
        for each in [request] + datagrams if protocol == 4 else ():
            if each is not request and each[12:16] == bytes(4):
                each = each[:12] + b'\0\0\0\1' + each[16:]
            packet = struct.pack('>HH10xH', 0, 824, 4) + (each if each is not request else each[:12] + bytes(4) + each[16:])
            data += block(6, struct.pack('>IIIII', 0, 0, 0, len(packet), len(packet)) + packet + bytes(-len(packet) % 4))
            count += 1
    told = b'SSNG_INTERFACE=0\n'
    for number, (info, types) in recording.maps.items():
        told += b'SSNG_MAP=[%d, [%d, %d, 8, "%s"]]\n' % ((number,) + tuple(of_map(recording, info)) + (types.hex().encode(),))
    told += b'SSNG_END=%d datagrams\n' % count
    return data + block(9, told + bytes(-len(told) % 4))
