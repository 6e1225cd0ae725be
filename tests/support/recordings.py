"""The recorded dumps of fixtures/, whose form fixtures/README.md describes."""
import collections
import glob
import json
import os
import re
import shlex
import struct

from tests.support.namespaces import ROOT

HEADER = 16             # bytes of struct nlmsghdr
FIXED = {16: 28, 17: 16, 1: 16, 2: 72, 10: 72, 40: 32, 44: 16}     # family: bytes in front of the attributes (sockets.md 1)

# arguments: words; status: int; text: bytes; errors: [str];
# exchanges: [(netlink protocol, request bytes, [datagram bytes])]
Case = collections.namedtuple('Case', 'arguments status text errors exchanges')

# facts: the rest of the object, as it stands in the file; files: {path: bytes};
# maps: {id: (bpf_map_info bytes, BTF bytes)}
Recording = collections.namedtuple('Recording', 'guest family cases files maps facts')


def recordings(guest='*', family='*'):
    paths = sorted(glob.glob(os.path.join(ROOT, 'fixtures', guest, family + '.json')))
    return [read(path) for path in paths]


def read(path):
    with open(path, encoding='ascii') as stream:
        facts = json.load(stream)
    cases = [case_of(case) for case in facts.pop('cases')]
    files = {name: text_of(lines) for name, lines in facts.pop('files', {}).items()}
    maps = {int(number): (bytes_of(each['info']), bytes_of(each['btf']))
            for number, each in facts.pop('maps', {}).items()}
    return Recording(facts['guest'], facts['family'], cases, files, maps, facts)


def case_of(case):
    exchanges = [(each['protocol'], bytes_of(each['request']),
                  [b''.join(map(bytes_of, messages)) for messages in each['datagrams']])
                 for each in case.get('exchanges', ())]
    return Case(shlex.split(case['arguments']), case['status'], text_of(case['text']), case['errors'], exchanges)


def bytes_of(text):
    """`0a(3)ff` is 0a 00 00 00 ff."""
    return bytes.fromhex(re.sub(r'\((\d+)\)', lambda zeros: '00' * int(zeros.group(1)), text))


def text_of(lines):
    whole = [line if isinstance(line, str) else line[0] + ' ' * line[1] for line in lines]
    return '\n'.join(whole).encode('latin-1')


def messages(data):
    while data:
        length, = struct.unpack('=I', data[:4])
        yield data[:length]
        data = data[(length + 3) // 4 * 4:]


def attributes(message):
    """Where the headers of a message's attributes lie."""
    at = HEADER + FIXED.get(message[HEADER] if len(message) > HEADER else 0, 0)
    while at + 4 <= len(message):
        length, = struct.unpack('=H', message[at:at + 2])
        yield at
        if length < 4:
            return
        at += (length + 3) // 4 * 4
