"""Every fact by name: the list that is kept, short forms, and the values that a Reader reads."""
import os

import pytest

from ssng import catalogue
from ssng.catalogue import Reader, entries, resolve, words_for
from ssng.errors import Failure
from ssng.query import Detail, TABLES
from ssng.tables import ROWS, declared
from tests.support import facts as support
from tests.support.namespaces import ROOT
from tests.support.recordings import recordings

LIST = os.path.join(ROOT, 'tests', 'facts.tsv')


def test_names_and_types_are_those_that_were_promised():
    """A name or a type that changes breaks filters, scripts and programs: it is a decision, made in this file."""
    with open(LIST) as stream:
        promised = stream.read()
    assert promised == ''.join(['%s\t%s\t%s\n' % line for line in sorted(
        (entry.name, entry.kind.name, entry.kind.unit or '-') for entry in entries())])


def test_every_fact_of_every_table_is_there():
    named = {entry.name: entry for entry in entries()}
    for row in ROWS:
        for fact in declared(row.module).facts():
            assert set(row.names) <= set(named[fact.name].tables)
            assert set(fact.reveal) <= set(named[fact.name].reveal)
    for entry in entries():
        assert set(entry.tables) <= set(TABLES) and len(entry.tables) == len(set(entry.tables))
        assert entry.source in ('kernel', 'proc', 'cgroup', 'peer', 'rate') and entry.help
    assert {'processes.name', 'processes.pid', 'processes.tid', 'processes.fd', 'processes.context'} <= set(named)


@pytest.mark.parametrize('words, name', [
    ('state', 'state'), ('info.rtt_us info.rtt rtt rtt_us', 'info.rtt_us'), ('vegas.rtt', 'vegas.rtt_us'),
    ('rcvbuf memory.rcvbuf', 'memory.rcvbuf'), ('pid', 'processes.pid'), ('comm', 'processes.name'),
    ('peer.pid', 'peer.processes.pid'), ('peer.comm peer.name', 'peer.processes.name'),
    ('peer.started', 'peer.processes.started_s'),
    ('sport', 'local.port'), ('dport', 'peer.port'), ('src', 'local.address'), ('dst', 'peer.address'), ('sk', 'cookie'),
    ('fwmark mark', 'mark'), ('cwnd', 'info.snd_cwnd'), ('ssthresh', 'info.snd_ssthresh'), ('mss', 'info.snd_mss'),
    ('rcvmss', 'info.rcv_mss'), ('minrtt min_rtt', 'info.min_rtt_us'), ('lastsnd', 'info.last_data_sent_ms'),
    ('lastrcv', 'info.last_data_recv_ms'), ('lastack', 'info.last_ack_recv_ms'), ('notsent', 'info.notsent_bytes'),
    ('retrans', 'info.retrans'), ('timer.retrans', 'timer.retrans'), ('interface', 'local.interface'), ('ino', 'inode'),
    ('pacing_rate pacing_rate_bytes_per_s', 'info.pacing_rate_bytes_per_s'), ('delivered_ce', 'info.delivered_ce'),
    ('delivered_e1', 'info.delivered_e1_bytes'), ('tls.version', 'ulp.tls.version'), ('options', 'options')])
def test_short_forms(words, name):
    for word in words.split():
        assert resolve(word).name == name
        assert word == name or word in resolve(word).aliases


def test_a_short_form_means_one_fact():
    """But for those of the connection, which win over its congestion control's and its rates, no short form hides another's."""
    winners = ('info.', ('dctcp.', 'bbr.', 'vegas.', 'rate.'))
    for word, entry in catalogue.INDEX.items():
        others = [other.name for other in entries() if other.name.endswith('.' + word) and other.name != entry.name
                  and not (other.name.startswith('peer.processes.') and not word.startswith('peer.'))]
        if word not in catalogue.ALIASES and word != entry.name:
            assert not [name for name in others if not name.startswith(winners[1])], word


@pytest.mark.parametrize('word, said', [
    ('rttt', 'did you mean rtt'), ('port_id', 'may mean local.port_id peer.port_id'), ('', 'unknown fact ""'),
    ('name', 'processes.name'), ('x\x1by', 'unknown fact "x\\x1by" (see ssng --facts)')])
def test_unknown_words(word, said):
    with pytest.raises(Failure) as caught:
        resolve(word)
    assert said in caught.value.message and caught.value.status == 255 and '\n' not in caught.value.message


@pytest.mark.parametrize('names, words', [
    ([], ''), (['state', 'recv_q'], ''), (['info.rtt_us'], 'info'), (['cgroup'], 'cgroup'), (['ulp.name'], 'info'),
    (['memory.rcvbuf', 'uid'], 'memory extended'), (['processes.tid'], 'threads'), (['processes.pid'], 'processes'),
    (['ino'], 'extended'), (['congestion'], 'info tipcinfo')])
def test_what_must_be_fetched(names, words):
    assert words_for(names) == set(words.split()) <= set(Detail.__slots__)


class Checked:
    """In place of Fact.column in tests.support.facts.told: each batch read by a Reader, beside the JSON objects."""

    def __init__(self):
        self.names = set()

    def check(self, table, batch, host, made):
        reader = Reader(table, host)
        for entry in [entry for entry in entries() if not entry.named]:
            values = reader.values(batch, entry.name)
            keys = reader.keys(batch, entry.name)
            assert len(values) == len(keys) == batch.count
            for told, value, key in zip(made, values, keys):
                if entry.name.startswith(('processes.', 'local.service', 'local.host', 'peer.service', 'peer.host', 'context',
                                          'local.process', 'local.protocol_name')):
                    continue
                expected = at(told, entry.name)
                assert support.as_json(value) == expected, entry.name
                assert (key is None) == (expected in (None, [])), entry.name
                if value is not None:
                    self.names.add(entry.name)


def at(told, name):
    for key in name.split('.'):
        if told is None or key not in told:
            return None
        told = told[key]
    return told


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.module)
def test_a_reader_tells_what_json_tells(row, monkeypatch):
    """All facts over all that machines recorded."""
    if not recordings(family=row.module):
        pytest.skip('nothing was recorded of this table')
    checked, whole = Checked(), support.whole

    def compared(table, batch, host, words):
        made = whole(table, batch, host, words)
        checked.check(table, batch, host, made)
        return made
    monkeypatch.setattr(support, 'whole', compared)
    assert support.recorded(row.module)
    assert len(checked.names) > 10
