"""Recorded sockets of every family, damaged: an error line or a sensible row, never a traceback, never a hang."""
import struct
import sys

import pytest

from ssng.kernel.abi.netlink import NLMSG_DONE
from tests.support.recordings import HEADER, attributes, messages, recordings
from tests.test_recordings import machine, printed       # noqa: F401, the fixture of recorded machines

LIES = (0, 1, 3, 0xffff)
DONE = struct.pack('=IHHIIi', HEADER + 4, NLMSG_DONE, 2, 123456, 0, 0)
MESSAGES = 4            # of each shape-giving kind; all attributes are met among them


def chosen():
    """The detailed command line of each family, from the newest kernel that has it."""
    found = {}
    for guest in ('6.1', '6.12', '7.2'):
        for recording in recordings(guest):
            for case in recording.cases:
                if any('ne' in word for word in case.arguments) and case.exchanges and case.status == 0:
                    found[recording.family] = recording, case
    return [found[family] for family in sorted(found)]


def damaged(message):
    """The message cut at every length, and with each length field telling lies."""
    for end in range(HEADER, len(message)):
        yield struct.pack('=I', end) + message[4:end] + bytes(-end % 4)
    for at in attributes(message):
        for lie in LIES:
            yield message[:at] + struct.pack('=H', lie) + message[at + 2:]
    for at in range(HEADER, min(HEADER + 4, len(message))):         # family, state, type, timer: any number
        for value in (0, 13, 14, 99, 255):
            yield message[:at] + bytes([value]) + message[at + 1:]


def varied(datagrams):
    """Some messages, of as many lengths as there are."""
    kept = {}
    for data in datagrams:
        for message in messages(data):
            kind, = struct.unpack('=H', message[4:6])
            if kind not in (2, 3):
                kept.setdefault(len(message), message)
    lengths = sorted(kept)
    return [kept[length] for length in (lengths[:1] + lengths[-MESSAGES + 1:])]


@pytest.mark.parametrize('recording, case', chosen(), ids=[recording.family for recording, _ in chosen()])
def test_damage(recording, case, machine, monkeypatch, capsys):           # noqa: F811
    if recording.facts['byte_order'] != sys.byteorder:
        pytest.skip('messages of the other byte order')
    statuses, asked = set(), 0
    for place, (protocol, request, datagrams) in enumerate(case.exchanges):
        if protocol != 4:
            continue
        for message in varied(datagrams):
            whole = struct.pack('=I', len(message)) + message[4:8] + struct.pack('=II', 123456, 0) + message[16:]
            for number, bad in enumerate(damaged(whole)):
                if number % 3 and number > 40:
                    continue
                exchanges = list(case.exchanges)
                exchanges[place] = protocol, request, [bad, DONE]
                words = case.arguments + (['-j'] if number % 2 else [])
                pretended = machine(recording, case._replace(exchanges=exchanges), json='-j' in words)
                statuses.add(printed(monkeypatch, words, pretended)[0])
                asked += 1
    assert asked > 20
    assert statuses <= {0, 1}
