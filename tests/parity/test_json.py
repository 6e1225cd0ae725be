"""JSON beside the text of ss: valid by jq and line by line, and telling the same facts."""
import json
import re
import shutil
import subprocess

import pytest

from tests.support import dumps
from tests.support.programs import Command, run

pytestmark = [pytest.mark.root, pytest.mark.parity]

LISTINGS = ['-tan', '-uan', '-tuan', '-ta', '-tuanp', '-tlnp', '-tan sport = 22', '-tan sport = 3 and sport = 4',
            '-uanemO', '-tan6', '-tan state time-wait', '-tlneimoO --tos --cgroup --inet-sockopt']


def told(line, crowd, reference):
    """(the answer of `-j`, the rows of the text, split at blanks)."""
    command = Command.parse(line)
    for _ in range(3):
        before = command.run(reference, enter=crowd.enter)
        answer = crowd.forker.run(['-j'] + command.arguments, env=command.env)
        if command.run(reference, enter=crowd.enter) == before:     # else: the sockets changed meanwhile
            break
    assert (answer.status, answer.err) == (0, b'')
    return answer, [row.split() for row in before.out.decode('latin-1').splitlines()[1:]]


@pytest.mark.skipif(not shutil.which('jq'), reason='jq is not installed')
@pytest.mark.parametrize('line', LISTINGS)
def test_jq_reads_it(line, crowd, reference):
    answer, rows = told(line, crowd, reference)
    reader = subprocess.Popen(['jq', 'length'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert int(reader.communicate(answer.out)[0]) == len(rows)
    assert reader.returncode == 0


@pytest.mark.parametrize('line', LISTINGS)
def test_each_line_is_valid_alone(line, crowd, reference):
    answer, rows = told(line, crowd, reference)
    if not rows:
        assert json.loads(answer.out.decode()) == []
        return
    first, *objects, last = answer.out.decode('utf-8').splitlines()
    assert (first, last) == ('[', ']') and len(objects) == len(rows)
    for number, text in enumerate(objects):
        assert text.endswith(',') == (number < len(objects) - 1)
        assert isinstance(json.loads(text.rstrip(',')), dict)


def end(endpoint):
    """`127.0.0.1%lo:22` of an object's local or peer, in the words of the text."""
    address = endpoint['address']
    if ':' in address:
        address = '*' if address == '::' else '[%s]' % address
    device = '%' + endpoint['interface'] if 'interface' in endpoint else ''
    return '%s%s:%s' % (address, device, endpoint['port'] or '*')


@pytest.mark.parametrize('line', ['-tuan', '-tuan4', '-tuan6', '-tuan state listening state close', '-tuan src 127.0.0.1'])
def test_the_base(line, crowd, reference):
    answer, rows = told(line, crowd, reference)
    objects = json.loads(answer.out.decode())
    assert len(objects) == len(rows) > 10
    for found, row in zip(objects, rows):
        expected = [found['netid'], row[1], str(found['recv_q']), str(found['send_q'])]
        assert expected == row[:4]
        for endpoint, text in ((found['local'], row[4]), (found['peer'], row[5])):
            assert end(endpoint) == text.replace('[::]', '*')     # which of both is a matter of v6only
    states = {found['state']: row[1] for found, row in zip(objects, rows)}
    assert len(set(states.values())) == len(states), 'two states share a word: %r' % states


# The details: each word of the text, and the value that JSON gives in its place

def microseconds(text):
    return round(float(text) * 1000)


def queues(text):
    names = ('r', 'rb', 't', 'tb', 'f', 'w', 'o', 'bl', 'd')
    return [int(re.fullmatch('%s([0-9]+)' % name, part).group(1)) for name, part in zip(names, text.strip('()').split(','))]


# word of the text: (path in the object, what makes the number of the text)
WORDS = {
    'ino': ('inode', int), 'uid': ('uid', int), 'sk': ('cookie', str), 'fwmark': ('mark', lambda text: int(text, 16)),
    'cgroup': ('cgroup', str), 'v6only': ('v6only', lambda text: text == '1'),
    'rto': ('info rto_us', microseconds), 'ato': ('info ato_us', microseconds), 'mss': ('info snd_mss', int),
    'cwnd': ('info snd_cwnd', int), 'ssthresh': ('info snd_ssthresh', int), 'pmtu': ('info pmtu', int),
    'advmss': ('info advmss', int), 'rcvmss': ('info rcv_mss', int), 'backoff': ('info backoff', int),
    'bytes_sent': ('info bytes_sent', int), 'bytes_acked': ('info bytes_acked', int),
    'bytes_received': ('info bytes_received', int), 'bytes_retrans': ('info bytes_retrans', int),
    'segs_out': ('info segs_out', int), 'segs_in': ('info segs_in', int), 'data_segs_out': ('info data_segs_out', int),
    'data_segs_in': ('info data_segs_in', int), 'lastsnd': ('info last_data_sent_ms', int),
    'lastrcv': ('info last_data_recv_ms', int), 'lastack': ('info last_ack_recv_ms', int),
    'delivered': ('info delivered', int), 'unacked': ('info unacked', int), 'lost': ('info lost', int),
    'sacked': ('info sacked', int), 'reordering': ('info reordering', int), 'rcv_space': ('info rcv_space', int),
    'rcv_ssthresh': ('info rcv_ssthresh', int), 'notsent': ('info notsent_bytes', int),
    'rcv_ooopack': ('info rcv_ooopack', int), 'snd_wnd': ('info snd_wnd', int), 'rcv_wnd': ('info rcv_wnd', int),
    'dsack_dups': ('info dsack_dups', int), 'reord_seen': ('info reord_seen', int),
}


def value(found, path):
    for name in path.split():
        found = found[name]
    return found


def test_the_details(crowd, reference, tmp_path):
    """One recorded dump: every word of ss's text that stands in WORDS, and the number in the object."""
    path = tmp_path / 'dump'
    run(reference + ['-tanim', '--tos', '-D', str(path)], enter=crowd.enter)
    path.write_bytes(dumps.joined(path.read_bytes()))
    more = {'env': {'TCPDIAG_FILE': str(path)}}
    words = ['-taneimO', '--tos']
    rows = run(reference + words, enter=crowd.enter, **more).out.decode('latin-1').splitlines()[1:]
    objects = json.loads(crowd.forker.run(['-j'] + words, **more).out.decode())
    assert len(rows) == len(objects)
    seen = set()
    for row, found in zip(rows, objects):
        for name, text in re.findall(r' ([a-z0-9_]+):(\S+)', row):
            if name in WORDS:
                where, number = WORDS[name]
                if name == 'cgroup':    # its path may have blanks
                    assert row.split(' cgroup:', 1)[1].startswith(value(found, where))
                else:
                    assert value(found, where) == number(text), (name, row)
                seen.add(name)
        memory = re.search(r' skmem:(\(\S+\))', row)
        if memory:
            assert list(found['memory'].values()) == queues(memory.group(1)), row
    assert len(seen) > 25
