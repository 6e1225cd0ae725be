"""tools/record: the short forms of its files are undone by tests/support/recordings.py; the files hold what they say."""
import os
import re
import subprocess
import sys

import pytest

from tests.support import recordings
from tests.support.namespaces import ROOT

sys.path.insert(0, os.path.join(ROOT, 'tools'))

from lablib import recorder     # noqa: E402


@pytest.mark.parametrize('data, text', [
    (b'', ''),
    (bytes(3), '000000'),
    (bytes(4), '(4)'),
    (b'\x10' + bytes(12) + b'\x01\0\x02', '10(12)010002'),
    (bytes(range(256)), None),
])
def test_bytes_come_back(data, text):
    assert text is None or recorder.shortened(data) == text
    assert recordings.bytes_of(recorder.shortened(data)) == data


@pytest.mark.parametrize('data, lines', [
    (b'', ['']),
    (b'one   \n', ['one   ', '']),
    (b'one    \n\n     ', [['one', 4], '', ['', 5]]),
    (bytes(range(256)), None),
])
def test_text_comes_back(data, lines):
    assert lines is None or recorder.lines(data) == lines
    assert recordings.text_of(recorder.lines(data)) == data


@pytest.mark.parametrize('recording', recordings.recordings(), ids=lambda each: each.guest + ' ' + each.family)
def test_messages_fill_their_datagrams(recording):
    for case in recording.cases:
        for _, request, datagrams in case.exchanges:
            for data in datagrams + [request]:
                start = 0
                while start < len(data):
                    length = int.from_bytes(data[start:start + 4], recording.facts['byte_order'])
                    assert 16 <= length <= len(data) - start
                    start += (length + 3) & ~3


@pytest.mark.parametrize('recording', recordings.recordings(family='tcp'), ids=lambda each: each.guest)
def test_the_reference_prints_the_text_from_the_bytes(recording, reference, tmp_path):
    """ss reads a dump from TCPDIAG_FILE; the names of interfaces are not in it, and so differ."""
    if recording.facts['byte_order'] != sys.byteorder:
        pytest.skip('messages of the other byte order')
    case, = (case for case in recording.cases if case.arguments == ['-tanm6'])
    path = tmp_path / 'dump'
    path.write_bytes(b''.join(case.exchanges[0][2]))
    program = subprocess.Popen(reference + case.arguments, env={'TCPDIAG_FILE': str(path)}, stdout=subprocess.PIPE)
    assert without_devices(program.communicate()[0]) == without_devices(case.text)


def without_devices(text):
    return re.sub(rb' +', b' ', re.sub(rb'%\w+', b'%', text))


@pytest.mark.parametrize('recording', recordings.recordings(family='proc'), ids=lambda each: each.guest)
def test_the_reference_prints_the_text_from_the_files(recording, reference, tmp_path):
    """But for packet sockets, whose rows name interfaces of the recorded machine."""
    if recording.facts['byte_order'] != sys.byteorder:
        pytest.skip('addresses of the other byte order')
    for name, content in recording.files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    for case in recording.cases:
        if '0' not in case.arguments[0]:
            program = subprocess.Popen(reference + case.arguments, env={'PROC_ROOT': str(tmp_path)},
                                       stdout=subprocess.PIPE)
            assert program.communicate()[0] == case.text, case.arguments
