"""Columns, CSV, order and counts of sockets made by hand; and whatever may be wrong with the words that ask for them."""
import ast
import csv
import io
import json
import random
import re
import struct
import sys

import pytest

from ssng.cli import options
from ssng.cli.main import main
from ssng.cli.options import MORE_OPTIONS, OPTIONS
from ssng.errors import Failure
from ssng.host import Host
from ssng.kernel.messages import Answer
from tests.support.families import Kernel
from tests.support.programs import run
from tests.support.sources import Told
from tests.support.wire import inet, message
from tests.support.wire_families import unix

ESTABLISHED, LISTEN, TIME_WAIT = 1, 10, 6
INFO = 2
SOCKETS = [
    inet(state=LISTEN, sport=22, dport=0, inode=1),
    inet(src=bytes([10, 0, 0, 9]), dst=bytes([10, 0, 0, 7]), sport=40000, dport=443, inode=2, rqueue=7),
    inet(src=bytes([10, 0, 0, 9]), dst=bytes([9, 0, 0, 7]), sport=40001, dport=443, inode=3),
    inet(state=TIME_WAIT, src=bytes([10, 0, 0, 9]), dst=bytes([10, 0, 0, 7]), sport=40002, dport=80),
]


@pytest.mark.parametrize('words, out', [
    ('--columns=local,state,peer.port',
     'LOCAL          STATE     PEER.PORT\n0.0.0.0:22     LISTEN    0\n10.0.0.9:40000 ESTAB     443\n'
     '10.0.0.9:40001 ESTAB     443\n10.0.0.9:40002 TIME-WAIT 80\n'),
    ('-H --columns=dport,rtt', '0   -\n443 -\n443 -\n80  -\n'),
    ('--columns=+inode',
     'State     Recv-Q Send-Q Local Address:Port  Peer Address:Port INODE\n'
     'LISTEN    0      0            0.0.0.0:22         0.0.0.0:*    1\n'
     'ESTAB     7      0           10.0.0.9:40000     10.0.0.7:443  2\n'
     'ESTAB     0      0           10.0.0.9:40001      9.0.0.7:443  3\n'
     'TIME-WAIT 0      0           10.0.0.9:40002     10.0.0.7:80   0\n'),
    ('--csv --columns=src,local,recv_q', 'local.address,local,recv_q\n0.0.0.0,0.0.0.0:22,0\n10.0.0.9,10.0.0.9:40000,7\n'
     '10.0.0.9,10.0.0.9:40001,0\n10.0.0.9,10.0.0.9:40002,0\n'),
    ('--tsv -H --columns=sport,rtt', '22\t\n40000\t\n40001\t\n40002\t\n'),
    ('--csv --columns=rtt', 'info.rtt_us\n""\n""\n""\n""\n'),
    ('-j --columns=dport,state,rtt', '[\n{"peer":{"port":0},"state":"LISTEN"},\n{"peer":{"port":443},"state":"ESTAB"},\n'
     '{"peer":{"port":443},"state":"ESTAB"},\n{"peer":{"port":80},"state":"TIME-WAIT"}\n]\n'),
    ('--json=lines --columns=peer --top=1', '{"peer":{"address":"0.0.0.0","port":0}}\n'),
    ('-H --columns=sport --sort=dst', '22\n40001\n40000\n40002\n'),
    ('-H --columns=sport --sort=-dst', '40000\n40002\n40001\n22\n'),
    ('-H --columns=sport --sort=dst:desc,-sport --top=2', '40002\n40000\n'),
    ('-H --columns=sport --top=2', '22\n40000\n'),
    ('-H --columns=sport --sort=accept_queue:asc,-sport', '22\n40002\n40001\n40000\n'),
    ('--count', '4\n'),
    ('--count=state', 'COUNT STATE\n2     ESTAB\n1     LISTEN\n1     TIME-WAIT\n'),
    ('-H --count=state,dport --sort=dport', '1 LISTEN    0\n1 TIME-WAIT 80\n2 ESTAB     443\n'),
    ('--count=dst --total=recv_q --avg=recv_q --sort=-total(recv_q),dst --top=2',
     'COUNT DST      TOTAL(RECV_Q) AVG(RECV_Q)\n2     10.0.0.7 7             3.5\n1     0.0.0.0  0             0\n'),
    ('--count --csv', 'count\n4\n'),
    ('-j --count', '[\n{"count":4}\n]\n'),
    ('--json=lines --count=dst,rtt --max=recv_q --top=1', '{"count":2,"peer":{"address":"10.0.0.7"},"max":{"recv_q":7}}\n'),
    ('--csv --count=accept_queue --min=recv_q', 'count,accept_queue,min(recv_q)\n3,,0\n1,0,0\n'),
    ('--count=state --top=1 --openmetrics --total=recv_q --max=rtt',
     '# TYPE ssng_sockets gauge\n# HELP ssng_sockets number of sockets\nssng_sockets{state="ESTAB"} 2\n'
     '# TYPE ssng_recv_q_sum gauge\n# HELP ssng_recv_q_sum sum of recv_q\nssng_recv_q_sum{state="ESTAB"} 7\n'
     '# TYPE ssng_info_rtt_us_max gauge\n# HELP ssng_info_rtt_us_max largest value of info.rtt_us\n# EOF\n'),
])
def test_answers(said, words, out):
    assert said('-tan4 ' + words, SOCKETS) == (0, out.encode(), b'')


@pytest.mark.parametrize('words, out', [
    ('--csv', 0), ('--csv --count', b'count\n0\n'), ('--csv --count=state', b'count,state\n'), ('--count', b'0\n'),
    ('-j --count=state', b'[]\n'), ('--count=state', b'COUNT STATE\n'), ('--columns=state', b'STATE\n'),
    ('-H --columns=state', b''), ('--json=lines', b''), ('-j --sort=state', b'[]\n'),
    ('--count --openmetrics', b'# TYPE ssng_sockets gauge\n# HELP ssng_sockets number of sockets\nssng_sockets 0\n# EOF\n')])
def test_no_socket(said, words, out):
    status, text, err = said('-tan4 ' + words)
    assert (status, err) == (0, b'')
    assert text == out or out == 0 and text.startswith(b'family,netid,state,') and text.count(b'\n') == 1


NAMES = ['plain', 'a,b', 'a"b', 'a\nb', 'a;b', '\xe9', 'a\tb', 'x\r']


def test_names_of_every_kind(said):
    """The csv module reads back what stands in JSON; with tabs, too."""
    payloads = [unix(number, name=b'/' + name.encode('utf-8') + b'\0') for number, name in enumerate(NAMES)]
    payloads.append(unix(99, name=b'/\xff\0'))
    expected = [one['local']['path'] for one in json.loads(said('-xaj', payloads)[1].decode())]
    assert expected == ['/' + name for name in NAMES] + ['/\ufffd']
    for words, separator in (('--csv', ','), ('--tsv', '\t')):
        text = said('-xaH --columns=local.path,local.path_hex ' + words, payloads)[1].decode()
        rows = list(csv.reader(io.StringIO(text, newline=''), delimiter=separator))
        assert [row[0] for row in rows] == expected and rows[-1] == ['/\ufffd', '2fff']
        text = said('-xa ' + words, payloads)[1].decode()
        rows = list(csv.DictReader(io.StringIO(text, newline=''), delimiter=separator))
        assert [row['local.path'] for row in rows] == expected
    assert said('-xaH --columns=local.path', payloads[-1:])[1] == b'/\xff\n'      # as ss has it
    metrics = said('-xa --count=local.path --openmetrics', payloads)[1].decode().splitlines()
    assert r'ssng_sockets{local_path="/a\"b"} 1' in metrics and r'ssng_sockets{local_path="/a\nb"} 1' in metrics


def test_values_of_several_facts(said):
    """A set is joined, and counts once for each of its words."""
    payloads = [unix(1, shut=3), unix(2, shut=1), unix(3)]
    assert said('-xaH --columns=shutdown', payloads)[1] == b'receive,send\nreceive\n-\n'
    assert said('-xaH --csv --columns=shutdown', payloads)[1] == b'receive;send\nreceive\n""\n'
    assert said('-xa --csv --count=shutdown', payloads)[1] == b'count,shutdown\n2,receive\n1,send\n1,\n'


@pytest.mark.parametrize('words', [
    '--columns=local.path', '--csv --columns=local.path', '--count=local.path', '--count=local.path --csv'])
def test_what_steers_a_terminal_is_escaped(said, words, monkeypatch):
    monkeypatch.setattr('os.isatty', lambda number: True)
    out = said('-xa ' + words, [unix(1, name=b'/\x1b]0;x\x07\0')])[1]
    assert b'\x1b' not in out and b'/\\x1b]0;x\\x07' in out


def test_details_stay_right_of_columns(said):
    lines = said('-tan4eO --columns=+dport', SOCKETS[1:2])[1].decode().splitlines()
    assert re.search(r'443 +443 +ino:2 sk:', lines[1]) and lines[0].endswith('Address:Port DPORT')


@pytest.mark.parametrize('words, status, message', [
    ('--columns=', 255, '--columns: the list is empty'),
    ('--columns=+', 255, '--columns: the list is empty'),
    ('--columns=state,,rtt', 255, '--columns: a word is missing in "state,,rtt"'),
    ('--columns=nothing_such', 255, '--columns: unknown fact "nothing_such"'),
    ('--sort=statee', 255, '--sort: unknown fact "statee"; did you mean state'),
    ('--sort=', 255, '--sort: the list is empty'),
    ('--sort=state:up', 255, '--sort: "state:up": a key is FACT, -FACT or FACT:desc'),
    ('--top=0', 1, '--top: "0" is not a number of rows, 1 or more'),
    ('--top=x', 1, '--top: "x" is not a number of rows, 1 or more'),
    ('--top=-1', 1, '--top: "-1" is not a number of rows, 1 or more'),
    ('--top=' + '1' * 5000, 1, '--top: "1111'),      # more digits than int() takes
    ('--top=', 1, '--top: "" is not a number of rows, 1 or more'),
    ('--count=', 255, '--count: the list is empty'),
    ('--count --total=state', 255, '--total: state is no number'),
    ('--count --max=pid', 255, '--max: a socket may have more than one processes.pid'),
    ('--count=state --sort=recv_q', 255, '--sort: "recv_q" is not among what is counted'),
    ('--count=state --sort=total(recv_q)', 255, '--sort: "total(recv_q)" is not among what is counted'),
    ('--total=recv_q', 255, '--total goes with --count alone'),
    ('--openmetrics', 255, '--openmetrics goes with --count alone'),
    ('--csv --json', 255, '--csv and --json exclude each other'),
    ('--csv --tsv', 255, '--csv and --tsv exclude each other'),
    ('--tsv --pretty', 255, '--tsv and --json exclude each other'),
    ('--count --openmetrics --json=lines', 255, '--openmetrics and --json exclude each other'),
    ('--json=lines --pretty', 255, '--json=lines and --pretty exclude each other'),
    ('--json=line', 255, '--json=line: there is --json, and --json=lines'),
    ('--count -K', 255, '--count and --kill exclude each other'),
    ('--count -E', 255, '--count and --events exclude each other'),
    ('--count --columns=state', 255, '--count and --columns exclude each other'),
    ('--sort=state -E', 255, '--sort and --events exclude each other'),
    ('--top=1 -K', 255, '--top and --kill exclude each other'),
    ('--csv -s', 255, '--csv and --summary exclude each other'),
    ('--csv -D /dev/null', 255, '--csv and --diag exclude each other'),
])
def test_what_is_wrong(said, words, status, message):
    """One line, nothing on stdout, and the kernel is asked nothing."""
    found, out, err = said('-tan4 ' + words, SOCKETS)
    assert (found, out) == (status, b'')
    assert err.decode().startswith('ssng: ' + message) and err.count(b'\n') == 1


def test_no_table_has_what_is_sorted_by(said):
    status, out, err = said('-x --sort=rtt')
    assert (status, out) == (255, b'') and err.startswith(b'ssng: --sort: no table that is asked for has info.rtt_us')
    assert said('-tx --sort=rtt')[0] == 0


def test_a_lone_abbreviation_is_still_that_of_ss():
    """Every beginning of an option of ss means what it means among those of ss alone."""
    names = [option[0] for option in OPTIONS]
    for name in names:
        for length in range(1, len(name) + 1):
            word = name[:length]
            meant = [word] if word in names else [other for other in names if other.startswith(word)]
            if len(meant) == 1:
                assert options.named(word)[0] == meant[0]
            else:
                with pytest.raises(Failure, match='may mean'):
                    options.named(word)
    assert not set(names).intersection(option[0] for option in MORE_OPTIONS)


def test_an_optional_argument_needs_its_sign():
    """A word behind is no argument; -j takes none at all."""
    assert list(options.scan(['--count', 'x', '--count=y', '-jt'])) == [
        (options.named('count'), None), (None, 'x'), (options.named('count'), 'y'), (options.named('json'), None),
        (options.named('tcp'), None)]


@pytest.mark.parametrize('seed', range(4))
def test_the_first_rows_of_many_batches(seed, monkeypatch):
    """Top keeps a few rows of each batch, and in the end has those that sorting all of them has."""
    from ssng.answer.order import Top
    from tests.support.rendered import batches, declared
    from ssng.catalogue import Reader
    chance = random.Random(seed)
    table, most, rows = declared('tcp'), chance.choice([1, 3, 40]), []
    sort = [('recv_q', chance.random() < 0.5), ('accept_queue', chance.random() < 0.5)][:chance.randint(1, 2)]
    found = []
    reader = Reader(table, Host())

    class View:
        def rows(self, batch):
            return batch.ordered([[(one, two, three) for one, two, three in zip(*[
                list(reader.values(batch, name)) for name in ('recv_q', 'accept_queue', 'local.port')])]])

    class Output:
        add, flush = found.extend, lambda self: None
    top = Top(sort, most, lambda table, host: reader, Output(), lambda table, host: View(), False)
    take = top.table(table, Host())
    for number in range(60):
        queues = [chance.choice([0, 0, 1, chance.randrange(1000)]) for _ in range(50)]
        payloads = [inet(state=chance.choice([1, 10]), rqueue=queue, sport=number * 50 + at) for at, queue in enumerate(queues)]
        batch, = batches(payloads, table)
        rows += View().rows(batch)
        take(batch)
        assert sum(part.batch.count for part in {part for part, _ in top.places}) <= 2 * most
    top.flush()
    for place, descending in [(('recv_q', 'accept_queue').index(name), descending) for name, descending in reversed(sort)]:
        rows = sorted([row for row in rows if row[place] is not None], key=lambda row: row[place], reverse=descending) + [
            row for row in rows if row[place] is None]
    assert found == rows[:most]


def test_the_width_of_a_terminal_does_not_matter_to_columns(said, monkeypatch):
    """A row of chosen columns is as long as it is; those of ss are dealt out to the screen."""
    monkeypatch.setenv('COLUMNS', '80')
    assert said('-tan4H --columns=state,dport', SOCKETS)[1].splitlines()[0] == b'LISTEN    0'
    assert len(said('-tan4H --columns=+dport', SOCKETS)[1].splitlines()[0]) == 80


def test_a_failure_leaves_whole_json(said):
    """The kernel's bytes are nonsense: an array all the same, no half order, a line on stderr."""
    for words in ('-j --sort=recv_q', '-j --count=state', '-j --top=1'):
        status, out, err = said('-tan4 ' + words, [struct.pack('=I', 1)])
        assert (status, json.loads(out.decode())) == (1, []) and err.startswith(b'ssng: tcp: ')


def test_info_is_fetched_for_a_column():
    """The request has the bit of INFO where only an order needs it."""
    from ssng.answer.arrangement import Arrangement
    from tests.support.rendered import asking
    for given in ({'columns': 'rtt'}, {'sort': '-rtt'}, {'count': 'rtt'}, {'count': None, 'total': 'rtt'}):
        query = Arrangement(given).applied(asking(('tcp',)))
        assert query.detail.needed == {'info'} and query.detail.shown == set()


def test_nothing_of_it_is_imported_before_it_is_needed():
    program = 'import sys, ssng.cli.main as m; m.main(sys.argv[1:]); sys.stderr.write(repr(sorted(sys.modules)))'
    for words, there in ((['-tan'], False), (['-tanj'], False), (['-tan', '--count=state'], True)):
        answer = run([sys.executable, '-S', '-c', program] + words)
        found = {'ssng.catalogue', 'ssng.answer.arrangement', 'ssng.answer.arranged', 'ssng.answer.order', 'ssng.tables.unix'}
        assert bool(found.intersection(ast.literal_eval(answer.err.decode()))) == there


class Events(Kernel):
    """Sockets that end, one after the other; then nothing more can be told."""

    def listen(self, groups, lost):
        return Told([message(payload, seq=0, pid=0, flags=0) for payload in SOCKETS], Answer(0, 0), lost)


@pytest.mark.parametrize('words, out', [
    ('--csv --columns=sport,state', b'local.port,state\n22,LISTEN\n40000,ESTAB\n40001,ESTAB\n40002,TIME-WAIT\n'),
    ('-H --columns=sport', b'22\n40000\n40001\n40002\n'),
    ('--json=lines --columns=sport', b''.join(b'{"local":{"port":%d}}\n' % port for port in (22, 40000, 40001, 40002)))])
def test_events(words, out, capfdbinary):
    """-E: each row at once, as it is asked for."""
    assert main(['-E', '-tan4'] + words.split(), Host(), Events()) == 1
    assert capfdbinary.readouterr().out == out
