"""What --help and its topics tell: all there is, in 80 columns; every example is understood."""
import shlex

import pytest

from ssng import catalogue, states
from ssng.cli import examples, guide, page
from ssng.cli.options import MORE_OPTIONS, OPTIONS
from ssng.filter.beyond import EITHER
from ssng.filter.facts import OPERATORS
from ssng.filter.syntax import SUBJECTS, WORDS
from ssng.filter.units import UNITS
from ssng.query import FAMILY_WORDS, TABLE_WORDS, TABLES
from tests.support.programs import run, subject

TOPICS = {topic: page.text(topic) for topic in guide.BLOCKS}


def words(text):
    return set(text.replace('[', ' ').replace('=', ' ').replace(',', ' ').replace(';', ' ').split())


@pytest.mark.parametrize('topic', list(TOPICS))
def test_it_fits_a_terminal(topic):
    text = TOPICS[topic]
    for line in text.splitlines():
        assert len(line) < 80 and line == line.rstrip()
    assert text.endswith('\n') and not text.endswith('\n\n') and text.encode('ascii')


@pytest.mark.parametrize('words, text', [
    ('--help', TOPICS[None]), ('--hel', TOPICS[None]), ('-t --help', TOPICS[None]), ('--help nonsense', TOPICS[None]),
    ('--help -t', TOPICS[None])] + [('--help ' + topic, TOPICS[topic]) for topic in guide.TOPICS])
def test_it_is_printed(words, text):
    assert run(subject() + words.split()) == (0, text.encode(), b'')


def test_ss_help_is_what_it_was():
    plain = run(subject() + ['-h'])
    for words in ('-f help', '-fhelp', '-th', '-h filter', '-hq'):
        assert run(subject() + words.split()) == plain


def test_every_option():
    said = words(TOPICS[None])
    for name, letters, _, _, _, _ in OPTIONS + MORE_OPTIONS:
        assert '--' + name in said and all('-' + letter in said for letter in letters), name
    for line in TOPICS[None].splitlines():
        assert 'None' not in line


def test_every_table_and_family():
    assert words(TOPICS[None]) >= set(TABLES) | set(TABLE_WORDS) | set(FAMILY_WORDS)


def test_every_word_of_a_filter():
    said = set(TOPICS['filter'].split())
    assert said >= set(WORDS) - set('()') and said >= set(SUBJECTS) | set(EITHER)
    assert said >= {operator for known in OPERATORS.values() for operator in known}
    assert words(TOPICS['filter']) >= {unit for units, _, _ in UNITS.values() for unit in units if unit}
    assert said >= set(states.WORDS) | set(states.SHOWN_AS)
    assert set(guide.ABOUT) == set(SUBJECTS) | set(EITHER) and set(guide.JOINTS) == {'not', 'and', 'or'}
    assert set(guide.COMPARED) == {operator for known in OPERATORS.values() for operator in known}


def test_every_fact():
    said = words(TOPICS['facts'].replace(':', ' '))
    for entry in catalogue.entries():
        assert entry.name in said and said.issuperset(entry.aliases), entry.name
    assert set(guide.KINDS) == set(OPERATORS)


def test_every_option_stands_in_one_group():
    assert {guide.group(option) for option in OPTIONS + MORE_OPTIONS} == set(range(len(guide.GROUPS)))


def test_there_are_ten_filters():
    assert len(examples.FILTERS) == 10


@pytest.mark.parametrize('line', [line for line, _ in examples.EVERY])
def test_every_example_is_understood(line):
    """Whatever sockets there are here; one that closes some is not run, but says that it would close none."""
    answer = run(subject() + shlex.split(line))
    assert (answer.status, answer.err) == (0, b'') and ('K' not in line.split()[0] or '--dry-run' in line)


def test_each_example_is_told():
    told = ' '.join(TOPICS['examples'].split())
    for line, about in examples.EVERY:
        assert 'ssng ' + line in TOPICS['examples'] and about + ':' in told
