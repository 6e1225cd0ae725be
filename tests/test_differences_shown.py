"""The README's "Differences from ss" that concern the output: see tests/test_differences.py."""
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys

import pytest

from ssng.kernel.abi import unix_diag
from tests.sources.test_flood import SMALL, Watch, flood, room     # noqa: F401, a fixture
from tests.support.btf import Types
from tests.support.btf_examples import EXAMPLES
from tests.support.differences import answering, ask, line, preload, rows       # noqa: F401, some are fixtures
from tests.support.programs import run, surroundings
from tests.support.storage import Maps, by_map, listener, printed
from tests.support.wire import attribute, done, inet, message

pytestmark = pytest.mark.parity


@line("``-e`` shows the device numbers of a unix socket's file as they are.")
@pytest.mark.parametrize('major, minor, theirs', [
    (8, 1, 'dev:0/2049'), (254, 0, 'dev:0/65024'), (0, 26, 'dev:0/26'), (259, 1048575, None)])
def test_device_numbers(major, minor, theirs, answering, ask):
    sock = bytes(unix_diag.unix_diag_msg(udiag_family=1, udiag_type=1, udiag_state=10, udiag_ino=5))
    file = bytes(unix_diag.unix_diag_vfs(udiag_vfs_ino=77, udiag_vfs_dev=major << 20 | minor))
    answers = ask('-xane', env=answering(1, sock + attribute(unix_diag.UNIX_DIAG_VFS, file)))
    ours = 'dev:%d/%d' % (major, minor)
    shown = [rows(answer)[0][-1] for answer in answers]
    assert shown[1] == ours and shown[0] == theirs or theirs is None and shown[0] != shown[1] == ours


def stored(makers, reference, subject):
    """What ss and ssng print of values at one socket, each a dict: {number of the value: text}."""
    with Maps() as maps, listener() as sock:
        numbers = {}
        for index, (types, top, value) in enumerate(makers):
            fd, number_ = maps.storage(types, top, len(value))
            maps.store(fd, sock, value)
            numbers[number_] = index
        for program in (reference, subject):
            found = by_map(printed(program, sock, '-O', '--bpf-maps'))
            yield {numbers[number_]: text for number_, text in found.items()}


def example(name):
    found, = [example for example in EXAMPLES if example.name == name]
    return found


little_endian = pytest.mark.skipif(sys.byteorder != 'little', reason='the examples are little-endian')


@line('``--bpf-maps``: a comma follows the value of an enum that has no name, as it follows every other value.')
@little_endian
def test_enums(reference, subject):
    wanted = example('enums_without_names')
    theirs, ours = stored([wanted[1:2] + wanted[2:4]], reference, subject)
    assert ours[0] == wanted.text
    assert theirs[0] == wanted.text.replace('(enum color)-7,', '(enum color)-7').replace('-6LL,', '-6LL') != ours[0]


@line('``--bpf-maps``: a byte is shown as a character in an array of bytes, and nowhere else.')
@little_endian
def test_bytes(reference, subject):
    wanted = example('bytes_beside_an_array')
    theirs, ours = stored([wanted[1:4]], reference, subject)
    assert ours[0] == wanted.text
    assert theirs[0] == ("(struct o){.pre = (char)0,.a = (char[2])['x','\\0',],.b = (char)'A',.c = (char)'\\0',"
                         ".d = (char).d2 = (char).e = (int)5,.f = (char[2])['y','z',],.g = (char).h = (_Bool)}")


@line('``--bpf-maps``: a null pointer is ``(nil)`` wherever it lies.')
def test_null_pointers(reference, subject):
    types = Types()
    types.int()
    top = types.struct('packed', 17, [('a', types.int('char', 1), 0), ('p', types.ptr(1), 8), ('q', types.ptr(1), 72)])
    theirs, ours = stored([(types, top, bytes(9) + b'\5' + bytes(7))], reference, subject)
    assert re.sub('0x0|[(]nil[)]', 'null', theirs[0]) == re.sub('[(]nil[)]', 'null', ours[0])
    assert '.p = (int *)(nil)' in ours[0] and '.p = (int *)0x0' in theirs[0]


@line('``--bpf-maps``: the values of more than 32 maps are each shown by their own type.')
def test_many_maps(reference, subject):
    makers, expected = [], {}
    for number_ in range(40):
        types = Types()
        types.int()
        makers.append((types, types.struct('s%d' % number_, 4, [('x', 1, 0)]), struct.pack('=I', number_)))
        expected[number_] = '(struct s%d){.x = (int)%d,}' % (number_, number_)
    theirs, ours = stored(makers, reference, subject)
    assert ours == expected != theirs


# Output

def on_terminal(words):
    master, slave = pty.openpty()
    with os.fdopen(master, 'rb') as stream:
        program = subprocess.Popen(words, env=surroundings(), stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        text = b''
        try:
            for part in iter(lambda: os.read(stream.fileno(), 65536), b''):
                text += part
        except OSError:         # EIO: the other side is closed
            pass
        assert program.communicate()[1] == b'' and program.returncode == 0
        return text


@line('What steers a terminal is escaped in names that go to one.')
def test_escapes(reference, subject):
    name = b'\0ssng\x1b[31m\x9b\xc3\xa9\n%d' % os.getpid()
    words = ['-xlH', 'src @ssng*%d' % os.getpid()]
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(name)
        sock.listen(1)
        assert b'ssng\x1b[31m\x9b\xc3\xa9' in on_terminal(reference + words)
        shown = on_terminal(subject + words)
        assert b'ssng\\x1b[31m\\x9b\xc3\xa9\\x0a' in shown and b'\x1b' not in shown
        assert run(subject + words).out == run(reference + words).out != b''


@line('``-E`` goes on after events that came faster than they were read, and says that some are lost.')
@pytest.mark.root
def test_lost_events(reference, room, tmp_path):
    """Both are stopped while the sockets end; so that it is easy to lose some, ssng gets less room for them than it takes."""
    def watched(program, name):
        watch = Watch(program + ['-tnEH'], room, tmp_path / name)
        os.kill(watch.inside(), signal.SIGSTOP)
        flood(room)
        os.kill(watch.inside(), signal.SIGCONT)
        return watch, watch.settled().count(b'\n')
    theirs, seen = watched(reference, 'theirs')
    assert theirs.program.wait(10) == 255 and seen == 0
    assert b'No buffer space available' in theirs.program.communicate()[1]
    ours, seen = watched([sys.executable, '-c', SMALL], 'ours')
    assert seen > 0
    flood(room)
    assert ours.settled().count(b'\n') > seen
    said = ours.ended()
    assert said.count('\n') == 1 and 'lost' in said


@line('Output that cannot be written is an error.')
@pytest.mark.parametrize('words', [['-h'], ['-V'], ['-tan'], ['-s']], ids=' '.join)
def test_lost_output(words, reference, subject):
    ends = []
    for program in (reference, subject):
        with open('/dev/full', 'wb') as full:
            running = subprocess.Popen(program + words, env=surroundings(), stdout=full, stderr=subprocess.PIPE)
        said = running.communicate()[1]
        ends.append((running.returncode, said))
    assert ends == [(0, b''), (1, b'ssng: No space left on device\n')]


@line('Listings of more than 32,000 sockets are laid out in batches. Those of ss are larger: it may widen a column at '
      'another row.')
def test_batches(reference, subject, tmp_path):
    """The last row is a wide one."""
    def listed(count):
        narrow, wide = message(inet(sport=5, dport=5)), message(inet(family=10, src=b'\xfd' * 16, sport=50000, dport=5))
        (tmp_path / 'dump').write_bytes(narrow * count + wide + done())
        return [run(program + ['-tanH'], env={'TCPDIAG_FILE': str(tmp_path / 'dump')}).out for program in (reference, subject)]
    theirs, ours = listed(32000)
    assert theirs == ours
    theirs, ours = [answer.splitlines() for answer in listed(40000)]
    assert [row.split() for row in ours] == [row.split() for row in theirs]
    assert len(ours[0]) < len(ours[-1]) == len(theirs[0]) == len(theirs[-1])


@line('``-h`` and ``-V`` tell of ssng, too; ``--help`` is laid out for 80 columns, and knows topics.')
@pytest.mark.parametrize('option, more', [('-h', b'\n   More than ss:\n   -j, --json[=lines] '), ('-V', b' (ssng 0.2.0)\n')])
def test_help_and_version(option, more, reference, subject):
    theirs, ours = [run(program + [option]) for program in (reference, subject)]
    assert ours.out.startswith(theirs.out.rstrip(b'\n') + more[:1].lstrip()) and more in ours.out
    assert (ours.status, theirs.status) == (0, 0) and b'ssng' not in theirs.out
    longest = [max(map(len, run(program + ['--help']).out.split(b'\n'))) for program in (reference, subject)]
    assert longest[1] < 80 < longest[0]


@line('Messages on stderr are our own: one line, the filter with a caret under the place where that helps.')
@pytest.mark.parametrize('words, caret', [
    (['-q'], None), (['-f', 'bogus'], None), (['-A', 'bogus'], None), (['-t', 'state', 'bogus'], None),
    (['-t', '-F', '/nonexistent'], None), (['-t', '-D', '/nonexistent/file'], None), (['-t', '-N', 'bogus'], None),
    (['-t', '( sport = 22'], ''), (['-t', 'sport = bogus'], 'bogus'),
    (['-t', 'dst', '300.1.1.1'], '300.1.1.1'), (['-t', 'dev', 'bogus'], 'bogus')])
def test_messages(words, caret, reference, subject):
    theirs, ours = [run(program + words) for program in (reference, subject)]
    assert ours.status == theirs.status != 0 and ours.out == b''
    first, *filter_ = ours.err.decode().splitlines()
    assert first.startswith('ssng: ') and theirs.err.splitlines()[0] not in ours.err
    assert len(filter_) == (0 if caret is None else 2)
    if filter_:
        place = filter_[1].index('^')
        assert filter_[0][place:].split(' ')[0] == caret and filter_[0].strip() == ' '.join(words[1:])
