"""Names against the databases of this host, read by other means."""
import socket
import subprocess

import pytest

from ssng.host import Host, rpcbind
from ssng.host import names as module


@pytest.fixture
def names():
    """The names of this host, for which nobody has asked yet."""
    return Host().names


@pytest.fixture
def port_range(monkeypatch, tmp_path):
    def write(text):
        path = tmp_path / 'range'
        path.write_text(text, encoding='latin-1')
        monkeypatch.setenv('PROC_IP_LOCAL_PORT_RANGE', str(path))
    return write


def test_the_files_say_what_glibc_says(monkeypatch):
    """Where libc is another, they are read by us: what glibc answers from the same files is the measure."""
    if not module.glibc():
        pytest.skip('this C library is not glibc')
    by_library, by_files = Host().names, Host().names
    monkeypatch.setattr(module, 'glibc', lambda: False)
    by_library._files = False
    assert by_files._by_files("/etc/services")
    for number in range(256):
        assert by_files.ip_protocol(number) == by_library.ip_protocol(number)
    for protocol in ('tcp', 'udp', None):
        for port in range(1, 3000):
            assert by_files.port_name(port, protocol) == by_library.port_name(port, protocol), (port, protocol)
    for name in ('ssh', 'domain', 'www', 'portmapper', 'nosuch', '22'):
        assert [by_files.service_port(name, protocol) for protocol in ('tcp', 'udp')] == [
            by_library.service_port(name, protocol) for protocol in ('tcp', 'udp')]
    loopback = bytes((127, 0, 0, 1))
    assert by_files.host(loopback) == by_library.host(loopback)
    assert by_files.host_addresses('localhost') == by_library.host_addresses('localhost')


@pytest.mark.parametrize('nsswitch, asked', [
    ('hosts: files\n', False), ('hosts:\tfiles myhostname # dns\n', False), ('passwd: files dns\n', True), (None, True),
    ('hosts: files dns\n', True), ('hosts: files resolve [!UNAVAIL=return]\n', True)])
def test_a_name_server_that_the_host_names(nsswitch, asked, monkeypatch, tmp_path):
    """The C library that is no glibc would ask one, whatever nsswitch.conf says."""
    (tmp_path / 'hosts').write_text('192.0.2.1 one.example\n')
    if nsswitch is not None:
        (tmp_path / 'nsswitch.conf').write_text(nsswitch)
    heard = []

    def lookup(address):
        heard.append(address)
        raise OSError
    host = Host()
    monkeypatch.setattr(host.paths, 'at', lambda path: str(tmp_path / path.rpartition('/')[2]))
    monkeypatch.setattr(module, 'glibc', lambda: False)
    monkeypatch.setattr(module._socket, 'gethostbyaddr', lookup)
    monkeypatch.setattr(module, '_resolved', lambda name, family: heard.append(name) or [])
    names = host.names
    assert names.host(bytes((192, 0, 2, 1))) == 'one.example' and not heard
    assert names.host(bytes((192, 0, 2, 2))) == '' and names.host_addresses('two.example') == []
    assert bool(heard) is asked


# Ports

@pytest.mark.parametrize('text, expected', [                 # a file that says less leaves what is usual (command-line.md 4.6)
    ('32768\t60999\n', (32768, 60999)),
    ('1 2 3\n', (1, 2)),
    ('32768\n', (1024, 4999)),
    ('', (1024, 4999)),
    ('low high\n', (1024, 4999)),
    ('9' * 5000, (1024, 4999)),
    ('\xb2 \xb3\n', (1024, 4999)),
])
def test_ephemeral_ports(names, port_range, text, expected):
    port_range(text)
    assert names.ephemeral_ports() == expected


def test_ephemeral_ports_without_a_file(names, monkeypatch):
    monkeypatch.setenv('PROC_IP_LOCAL_PORT_RANGE', '/nonexistent')
    assert names.ephemeral_ports() == (1024, 4999)


@pytest.mark.parametrize('protocol', ['tcp', 'udp'])
def test_services_are_those_of_the_database(names, port_range, protocol):
    port_range('60000 60999')
    expected = {}
    with open('/etc/services') as database:
        for line in database:
            fields = line.partition('#')[0].split()
            if len(fields) > 1 and fields[1].endswith('/' + protocol):
                expected.setdefault(int(fields[1].partition('/')[0]), fields[0])
    assert len(expected) > 20
    assert {port: names.port_name(port, protocol) for port in range(1, 2000)} == {
        port: expected.get(port, '') for port in range(1, 2000)}
    for name in expected.values():
        assert names.service_port(name, protocol) == socket.getservbyname(name, protocol)


@pytest.mark.parametrize('limits, name', [
    ('81 90', 'http'),
    ('80 90', ''),          # an ephemeral port has no name
    ('70 80', ''),
    ('70 79', 'http'),
])
def test_ephemeral_ports_have_no_name(names, port_range, limits, name):
    port_range(limits)
    assert names.port_name(80, 'tcp') == name


@pytest.mark.parametrize('port, protocol, name', [           # of raw sockets, the protocol's (command-line.md 7.3)
    (1, 'raw', 'icmp'),
    (58, 'raw', 'ipv6-icmp'),
    (6, 'raw', 'tcp'),
    (200, 'raw', 'ipproto-200'),
    (22, None, 'ssh'),
    (0, 'tcp', ''),
    (70000, 'tcp', ''),
])
def test_port_name(names, port, protocol, name):
    assert names.port_name(port, protocol) == name


def test_unknown_service(names):
    assert names.service_port('no-such-service', 'tcp') is None
    assert names.service_port('caf\xc3\xa9', 'tcp') is None


def test_rpcbind_names_come_first(names, monkeypatch, port_range):
    port_range('32768 60999')
    assert names.port_name(80, 'tcp') == 'http'
    monkeypatch.setattr(rpcbind, 'services', lambda *_: {(80, 'tcp'): 'rpc.nfs', (40000, 'udp'): 'rpc.status'})
    names.ask_rpcbind()
    assert names.port_name(80, 'tcp') == 'rpc.nfs'
    assert names.port_name(80, 'udp') == ''
    assert names.port_name(40000, 'udp') == 'rpc.status'     # although it is ephemeral
    assert names.rpc_port('rpc.nfs', 'tcp') == 80
    assert names.rpc_port('rpc.nfs', 'udp') is None


# Protocols

def test_ip_protocols_are_those_of_the_c_library(names):
    for number in range(256):
        answer = subprocess.check_output(['getent', 'protocols', str(number)]) if number in (1, 6, 17, 58, 132) else b''
        if answer:
            assert names.ip_protocol(number) == answer.split()[0].decode()


@pytest.mark.parametrize('word, number', [                   # in any case of letters (command-line.md 3.5, 7.6)
    ('ip', 0x800), ('IPv4', 0x800), ('ALL', 3), ('lldp', 0x88cc), ('802.1q', 0x8100), ('nonsense', None), ('', None),
])
def test_link_protocol_number(word, number):
    assert module.link_protocol_number(word) == number


DATABASE = b'''# numbers and names

0x10 GENERIC
   1\tfirst ignored
  # another comment
300 outside
-1 outside
0 zero
'''


@pytest.fixture
def nl_protos(tmp_path):
    """A function: the names of a host whose database holds this, in the first or the second place."""
    def write(text, missing=0):
        path = tmp_path / (module.NL_PROTOS[missing][1:])
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
        return Host(str(tmp_path)).names
    return write


@pytest.mark.parametrize('missing', [0, 1])
def test_netlink_protocols(nl_protos, missing):
    """Names of a file, in the first or the second place, go before those that ss knows by itself (command-line.md 7.7)."""
    names = nl_protos(DATABASE, missing)
    found = {number: names.netlink_protocol(number) for number in (0, 1, 2, 16, 17, 21, 300)}
    assert found == {0: 'zero', 1: 'first', 2: 'usersock', 16: 'GENERIC', 17: '', 21: 'crypto', 300: ''}
    assert names.netlink_protocol_number('GENERIC') == 16
    assert names.netlink_protocol_number('genl') is None


@pytest.mark.parametrize('bad', [
    b'nonsense\n', b'5\n', b'0xzz name\n', b'9' * 5000 + b' name\n', b'\xb2 name\n', b'\x1b[m\x9b\r\n'])
def test_a_bad_line_ends_the_netlink_database(nl_protos, capfdbinary, bad):
    names = nl_protos(b'0 zero\n' + bad + b'1 one\n')
    assert (names.netlink_protocol(0), names.netlink_protocol(1)) == ('zero', 'unused')
    said = capfdbinary.readouterr().err
    assert said.startswith(b'ssng: ') and said.count(b'\n') == 1 and len(said) < 500
    assert said.decode('utf-8')[:-1].isprintable()


def test_netlink_protocols_without_a_database(tmp_path):
    names = Host(str(tmp_path)).names
    assert [names.netlink_protocol(number) for number in (0, 4, 17, 18)] == ['rtnl', 'tcpdiag', '', 'scsi-trans']


# Hosts

MAPPED = bytes(10) + b'\xff\xff'


def test_host_asks_once_and_mapped_addresses_as_ipv4(names, monkeypatch):
    asked = []

    def answer(address):
        asked.append(address)
        if address == '192.0.2.1':
            return 'host.example', [], [address]
        raise OSError('unknown')
    monkeypatch.setattr(module._socket, 'gethostbyaddr', answer)
    for _ in range(2):
        assert names.host(b'\xc0\0\2\1') == 'host.example'
        assert names.host(MAPPED + b'\xc0\0\2\1') == 'host.example'
        assert names.host(b'\xc0\0\2\2') == ''
        assert names.host(bytes(15) + b'\1') == ''
    assert asked == ['192.0.2.1', '192.0.2.1', '192.0.2.2', '::1']


@pytest.mark.parametrize('family, expected', [
    (2, [b'\x7f\0\0\1', b'\x7f\0\0\2']),
    (10, [bytes(15) + b'\1', b'\xfe\x80' + bytes(13) + b'\1']),
    (0, [b'\x7f\0\0\1', b'\x7f\0\0\2', bytes(15) + b'\1', b'\xfe\x80' + bytes(13) + b'\1']),
])
def test_host_addresses(names, monkeypatch, family, expected):
    places = {2: ['127.0.0.1', '127.0.0.2', '127.0.0.1'], 10: ['::1', 'fe80::1%3']}

    def answer(name, port, family, kind):
        assert name == b'caf\xc3\xa9'
        return [(family, kind, 0, '', (place, 0)) for place in places[family]]
    monkeypatch.setattr(module._socket, 'getaddrinfo', answer)
    assert names.host_addresses('caf\xc3\xa9', family) == expected


def test_host_addresses_of_this_host(names):
    assert names.host_addresses('localhost', 2) == [b'\x7f\0\0\1']
    assert names.host_addresses('no such host', 2) == []


# Below a root

SERVICES = b'''# a host of its own
ssh 22/tcp
ssh 22/udp other
mail 25/tcp smtp post  # twice
\xb2 \xb2/tcp
endless %s/tcp
''' % (b'9' * 5000)


@pytest.fixture
def below(tmp_path):
    """The names of a host that is a folder."""
    (tmp_path / 'etc').mkdir()
    for name, text in (('services', SERVICES), ('protocols', b'ip 0 IP\nodd 200 # x\nbad %s\n' % (b'9' * 5000)),
                       ('hosts', b'192.0.2.1 one.example one\n::1 six\nnonsense x\n192.0.2.2 two one\n')):
        (tmp_path / 'etc' / name).write_bytes(text)
    return Host(str(tmp_path)).names


def test_names_below_a_root(below):
    asked = [(22, 'tcp'), (22, 'udp'), (25, 'tcp'), (25, 'udp'), (22, None), (80, 'tcp'), (200, 'raw'), (6, 'raw')]
    assert [below.port_name(*each) for each in asked] == ['ssh', 'ssh', 'mail', '', 'ssh', '', 'odd', 'ipproto-6']
    asked = [('post', 'tcp'), ('other', 'udp'), ('other', 'tcp'), ('http', 'tcp')]
    assert [below.service_port(*each) for each in asked] == [25, 22, None, None]
    addresses = [b'\xc0\0\2\1', MAPPED + b'\xc0\0\2\2', bytes(15) + b'\1', b'\x7f\0\0\1']
    assert [below.host(address) for address in addresses] == ['one.example', 'two', 'six', '']
    assert below.host_addresses('one') == [b'\xc0\0\2\1', b'\xc0\0\2\2']
    assert below.host_addresses('six') == [bytes(15) + b'\1'] and below.host_addresses('six', 2) == []
    assert below.host_addresses('localhost') == []


def test_what_is_kept_is_bounded(below, monkeypatch):
    for memo in (below._services, below._hosts, below._protocols):
        memo.most = 10
    for number in range(100):
        below.port_name(number, 'tcp'), below.ip_protocol(number), below.host(bytes((1, 2, 3, number)))
    assert max(map(len, (below._services, below._hosts, below._protocols))) <= 10
    assert below.port_name(22, 'tcp') == 'ssh'
