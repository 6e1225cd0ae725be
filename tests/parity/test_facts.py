"""Filters over facts on a host with sockets of every kind: the same sockets as Python finds in the output of -j.

No ss can say what is right here; what -j says has its own tests.
"""
import json
import os
import random

import pytest

from tests.support import naive
from tests.support.forker import Forker

pytestmark = pytest.mark.root

SEEDS = int(os.environ.get('SSNG_SEEDS', '2'))      # of SOME expressions each
SOME = 25
EVERYTHING = ['-aenomijp', '--tos', '--cgroup', '--inet-sockopt', '--tipcinfo', '-b']
TABLES = {'every': ['-A', 'all,tipc,dccp'], 'inet': ['-A', 'inet']}
# What passes with the time, or with our own questions.
RESTLESS = ('timer.', 'info.last_', 'info.busy', 'info.rwnd_limited', 'memory.')


class Room:
    """The crowd, with a program that has imported all it needs; ``facts``: what --facts tells."""

    def __init__(self, crowd):
        self.forker = Forker(crowd.enter, everything=True)
        self.facts = json.loads(self.run(['--facts', '-j']))

    def run(self, words):
        answer = self.forker.run(words)
        assert (answer.status, answer.err) == (0, b''), (words, answer)
        return answer.out.decode('utf-8')

    def objects(self, words):
        return json.loads(self.run(words))

    def seen(self, objects):
        """{name: (fact, values)} of the facts that rest."""
        found = {}
        for fact in self.facts:
            if not fact['name'].startswith(RESTLESS):
                values = {json.dumps(value): value for told in objects for value in naive.values(told, fact['name'])}
                values = [naive.scalar(value) for value in values.values() if naive.fit(naive.scalar(value))]
                if values:
                    found[fact['name']] = fact, values
        return found


@pytest.fixture
def room(crowd):
    made = Room(crowd)
    yield made
    made.forker.close()


def identity(told):
    return told['netid'], told.get('cookie'), told.get('state')


def check(room, tables, text, test):
    """The same sockets, in the same order; asked again where sockets have come or gone meanwhile."""
    words = EVERYTHING + TABLES[tables]
    for _ in range(5):
        before = room.objects(words)
        found = [identity(told) for told in room.objects(['-aejn'] + TABLES[tables] + [text])]
        expected = [identity(told) for told in before if test(told)]
        if found == expected:
            return len(found)
    assert found == expected, text


def ours(told):
    """Netlink sockets are our own programs', too: those of the moment are no part of the crowd."""
    return told['netid'] != 'nl'


def both(test):
    return lambda told: test(told) and ours(told)


@pytest.mark.parametrize('tables', sorted(TABLES))
@pytest.mark.parametrize('seed', range(SEEDS))
def test_random_expressions(room, seed, tables):
    chance = random.Random('%d %s' % (seed, tables))
    objects = [told for told in room.objects(EVERYTHING + TABLES[tables]) if ours(told)]
    seen = [(fact, values) for name, (fact, values) in sorted(room.seen(objects).items())]

    def leaves():
        if tables == 'inet' and chance.random() < 0.5:
            return naive.of_ss(chance, objects)
        return naive.leaf(chance, *chance.choice(seen))
    chosen = 0
    for _ in range(SOME):
        text, test = naive.expression(chance, leaves, 3)
        chosen += check(room, tables, '( %s ) and netid != nl' % text, both(test))
    assert chosen


def test_every_fact(room):
    """``FACT = v`` for values that were seen, ``FACT`` alone and ``FACT != v``."""
    chance = random.Random(1)
    objects = [told for told in room.objects(EVERYTHING + TABLES['every']) if ours(told)]
    seen = room.seen(objects)
    assert len(seen) > 120, sorted(seen)
    found = 0
    for _, (fact, values) in sorted(seen.items()):
        text, test = naive.equality(fact, chance.choice(values))
        found += bool(check(room, 'every', text + ' and netid != nl', both(test)))
    assert found > len(seen) * 0.9      # some values pass with the time
