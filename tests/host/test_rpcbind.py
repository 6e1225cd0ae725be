"""A fake rpcbind whose bytes are packed by hand from RFC 5531 and RFC 1833.

The list of entries was shown to ss 7.3.0 too, and what it made of them (`ss -tar` over a table of all
these ports) is what is expected here.
"""
import contextlib
import os
import socket
import struct
import threading

import pytest

from ssng.host import rpcbind

# 40 bytes in one last fragment: xid, CALL, RPC version 2, program 100000, version 4, procedure 4, no
# credentials, no verifier.  ss 7.3.0 sends these but for the xid.
REQUEST = bytes.fromhex('80000028' '%08x' '00000000' '00000002' '000186a0' '00000004' '00000004'
                        '0000000000000000' '0000000000000000' % rpcbind.XID)

ENTRIES = [             # program, version, netid, universal address
    (100000, 4, 'tcp', '0.0.0.0.0.111'),
    (100003, 3, 'tcp', '0.0.0.0.8.1'),
    (100003, 4, 'tcp6', '::.8.1'),
    (100005, 3, 'udp', '0.0.0.0.78.32'),
    (100021, 4, 'tcp', '127.0.0.1.8.2'),        # not everyone's address
    (999999, 1, 'tcp', '0.0.0.0.8.3'),          # nobody's program
    (100005, 1, 'tcp', '0.0.0.0.8.4'),
    (999999, 1, 'tcp', '0.0.0.0.8.4'),          # the last entry of a port decides
    (100000, 1, 'tcp', '0.0.0.0.8.5'),
    (100003, 1, 'tcp', '0.0.0.0.8.5'),
    (100024, 1, 'tcp', '0.0.0.0.200.1'),
    (100003, 4, 'local', '/run/x.8.1'),
    (100003, 4, 'tcp', '0.0.0.0.300.6'),
    (100003, 4, 'tcp', '::0.8.10'),
    (100003, 4, 'tcp6', '0.0.0.0.8.11'),
    (100003, 4, 'tcp', '::.8.12'),
    (100003, 4, 'tcp', '::.8.' + '9' * 5000),   # more digits than a number has, and what Python alone calls a digit
    (100003, 4, 'tcp', '::.8.\xb2'),
    (100003, 4, 'sctp', '::.8.13'),
]

DATABASE = b'''# name number aliases
portmapper 100000 portmap sunrpc   # the mapper itself
nfs\t100003\tnfsprog
mountd 100005 mount
status 100024
broken
nlockmgr 100021
endless %s
odd \xb2
''' % (b'9' * 5000)

EXPECTED = {
    (111, 'tcp'): 'rpc.portmapper', (2049, 'tcp'): 'rpc.nfs', (20000, 'udp'): 'rpc.mountd', (2053, 'tcp'): 'rpc.nfs',
    (51201, 'tcp'): 'rpc.status', (2059, 'tcp'): 'rpc.nfs', (2060, 'tcp'): 'rpc.nfs', (2061, 'sctp'): 'rpc.nfs',
    (76806, 'tcp'): 'rpc.nfs',                  # no port; it never matches
}


def string(text):
    return struct.pack('>I', len(text)) + text.encode('latin-1') + bytes(-len(text) % 4)


def listing(entries):
    body = b''.join([struct.pack('>3I', 1, program, version) + string(netid) + string(address) + string('superuser')
                     for program, version, netid, address in entries])
    return struct.pack('>6I', rpcbind.XID, 1, 0, 0, 0, 0) + body + struct.pack('>I', 0)


def record(*fragments):
    last = len(fragments) - 1
    return b''.join([struct.pack('>I', len(part) | (at == last) << 31) + part for at, part in enumerate(fragments)])


@pytest.fixture
def answering(tmp_path):
    """A function that makes a server for one call; it returns the socket's path and the list of what it heard."""
    servers = []

    def answer(reply):
        path, heard = str(tmp_path / 'rpcbind.sock'), []
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)

        def serve():
            with listener, listener.accept()[0] as connection:
                heard.append(connection.recv(1000))
                connection.sendall(reply)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)
        thread = threading.Thread(target=serve)
        thread.start()
        servers.append(thread)
        return path, heard
    yield answer
    for thread in servers:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def database(tmp_path):
    path = tmp_path / 'rpc'
    path.write_bytes(DATABASE)
    return str(path)


@pytest.mark.parametrize('parts', [1, 2, 7])
def test_services(answering, database, parts):
    reply = listing(ENTRIES)
    step = -(-len(reply) // parts)
    path, heard = answering(record(*[reply[at:at + step] for at in range(0, len(reply), step)]))
    assert rpcbind.services(path, database) == EXPECTED
    assert heard == [REQUEST]


REFUSALS = [
    b'',                                                            # it hangs up
    record(struct.pack('>2I', rpcbind.XID, 1)),
    record(struct.pack('>6I', 5, 1, 0, 0, 0, 0) + bytes(4)),        # another call's reply
    record(struct.pack('>3I', rpcbind.XID, 1, 1) + bytes(16)),      # MSG_DENIED
    record(struct.pack('>6I', rpcbind.XID, 1, 0, 0, 0, 2) + bytes(4)),      # PROG_MISMATCH
    struct.pack('>I', 0xffffffff),                                  # a fragment of 2 GiB
]


@pytest.mark.parametrize('reply', REFUSALS, ids=range(len(REFUSALS)))
def test_refusals_are_silent(answering, database, capsys, reply):
    path, _ = answering(reply)
    assert rpcbind.services(path, database) == {}
    assert capsys.readouterr() == ('', '')


def test_a_reply_cut_anywhere_is_no_reply():
    reply = listing(ENTRIES[:2])
    for length in range(len(reply)):
        with pytest.raises(ValueError):
            rpcbind.listing(reply[:length], rpcbind.XID)


def test_no_server(tmp_path, database):
    assert rpcbind.services(str(tmp_path / 'nothing'), database) == {}


def test_a_silent_server_is_waited_for_but_not_for_ever(monkeypatch, tmp_path, database):
    monkeypatch.setattr(rpcbind, 'PATIENCE', 0.05)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / 'mute'))
        listener.listen(1)
        assert rpcbind.services(str(tmp_path / 'mute'), database) == {}


def test_a_server_that_trickles_has_no_more_time(monkeypatch, tmp_path, database):
    """One empty fragment after the other, none of them the last."""
    monkeypatch.setattr(rpcbind, 'PATIENCE', 0.3)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / 'slow'))
        listener.listen(1)

        def serve():
            with listener.accept()[0] as connection, contextlib.suppress(OSError):
                while True:
                    connection.sendall(bytes(4))
        thread = threading.Thread(target=serve)
        thread.start()
        assert rpcbind.services(str(tmp_path / 'slow'), database) == {}
        thread.join(10)
        assert not thread.is_alive()


def test_no_database(answering):
    path, _ = answering(record(listing(ENTRIES)))
    assert rpcbind.services(path, os.devnull) == {}
