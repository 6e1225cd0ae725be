"""The summary beside ss 7.3.0's own, over the same files of /proc/net."""
import os

import pytest

from ssng.host import Host, sockstat
from tests.support import programs

SOCKSTAT = '''\
sockets: used 294
TCP: inuse 35 orphan 2 tw 7 alloc 40 mem 3
UDP: inuse 11 mem 2
RAW: inuse 1
FRAG: inuse 4 memory 5
'''
SOCKSTAT6 = 'TCP6: inuse 5\nUDP6: inuse 6\nRAW6: inuse 8\nFRAG6: inuse 9 memory 0\n'
SNMP = 'Ip: Forwarding\nIp: 1\nTcp: RtoMin CurrEstab InSegs\nTcp: 200 13 99\n'

# The example of command-line.md 8: these files, this text.
TEXT = '''\
Total: 294
TCP:   47 (estab 13, closed 7, orphaned 2, timewait 7)

Transport Total     IP        IPv6
RAW\t  9         1         8        
UDP\t  17        11        6        
TCP\t  40        35        5        
INET\t  66        47        19       
FRAG\t  13        4         9        

'''

FILES = {               # what differs from the files above; None: the file is not there
    'example': {},
    'no sockstat': {'sockstat': None},
    'no sockstat6': {'sockstat6': None},
    'no snmp': {'snmp': None},
    'nothing': {'sockstat': None, 'sockstat6': None, 'snmp': None},
    'labels are not looked at': {'sockstat': 'sockets: x 3\nTCP: a 1 b 2 c 3 d 4\nUDP: y 6 4\n'},
    'a key twice': {'sockstat': SOCKSTAT + 'TCP: a 1 b 2\nRAW:\n  RAW: inuse 9\n'},
    'values that are missing': {'sockstat': 'sockets: used\nTCP: inuse 35 orphan\nUDP:\n'},
    'negative': {'sockstat': 'sockets: used -3\nTCP: inuse -1 orphan 0 tw 0 alloc 0 mem 0\n'},
    'no such column': {'snmp': 'Tcp: A B C\nTcp: 1 2 7\n'},
    'not the next line': {'snmp': 'Tcp: A CurrEstab C\nUdp: 1\nTcp: 1 2 7\n'},
    'one line': {'snmp': 'Tcp: A CurrEstab C\n'},
    'too short': {'snmp': 'Tcp: A CurrEstab C\nTcp: 1\n'},
    'no number': {'snmp': 'Tcp: A CurrEstab C\nTcp: 1 x 3\n'},
    'columns without names': {'snmp': 'Tcp: CurrEstab\nTcp: 1 5 3\n'},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    def write(files):
        (tmp_path / 'net').mkdir()
        for name, text in dict({'sockstat': SOCKSTAT, 'sockstat6': SOCKSTAT6, 'snmp': SNMP}, **files).items():
            if text is not None:
                (tmp_path / 'net' / name).write_text(text, encoding='latin-1')
        monkeypatch.setenv('PROC_ROOT', str(tmp_path))
        return str(tmp_path)
    return write


def test_example(folder):
    folder({})
    assert sockstat.text(sockstat.counts(Host())) == TEXT


def test_structured_form(folder):
    folder({})
    assert sockstat.summary(sockstat.counts(Host())) == {
        'total': 294,
        'tcp': {'total': 47, 'established': 13, 'closed': 7, 'orphaned': 2, 'time_wait': 7},
        'transport': {'raw': {'ipv4': 1, 'ipv6': 8}, 'udp': {'ipv4': 11, 'ipv6': 6},
                      'tcp': {'ipv4': 35, 'ipv6': 5}, 'frag': {'ipv4': 4, 'ipv6': 9}},
    }


@pytest.mark.parity
@pytest.mark.parametrize('files', FILES.values(), ids=list(FILES))
def test_beside_ss(reference, folder, tmp_path, files):
    # ss cuts a path at 126 characters: a short name for pytest's folder
    root = folder(files)
    short = '/tmp/ssng-sockstat-%d' % os.getpid()
    os.symlink(root, short)
    try:
        answer = programs.run(reference + ['-s'], env={'PROC_ROOT': short})
    finally:
        os.unlink(short)
    assert sockstat.text(sockstat.counts(Host())) == answer.out.decode()


NUMBERS = ['4294967297', '2147483648', '99999999999999999999', '-99999999999999999999', '-5', '+7', '0x10', '1_0', '7x',
           '9' * 5000, '007', '-' + '9' * 5000, '\xb2', '']


@pytest.mark.parity
@pytest.mark.parametrize('number', NUMBERS, ids=[number[:21] for number in NUMBERS])
def test_numbers_beside_ss(reference, folder, tmp_path, number):
    """Whatever their length: an int of C, and the line ends where ss's buffer does."""
    test_beside_ss(reference, folder, tmp_path, {
        'sockstat': SOCKSTAT.replace('35', number), 'sockstat6': SOCKSTAT6.replace('5', number),
        'snmp': SNMP.replace('13', number)})


@pytest.mark.parametrize('name', ['sockstat', 'snmp'])
def test_what_is_missing_is_told(folder, capsys, monkeypatch, name):
    root = folder({name: None})
    sockstat.counts(Host())
    assert capsys.readouterr().err == 'ssng: %s/net/%s: No such file or directory\n' % (root, name)
