"""ssng(8): complete, and no program that reads manuals complains of it."""
import os
import shutil
import subprocess

import pytest

from ssng import catalogue, states
from ssng.cli import manual
from ssng.cli.options import MORE_OPTIONS, OPTIONS
from ssng.filter.beyond import EITHER
from ssng.filter.syntax import WORDS
from ssng.query import TABLE_WORDS, TABLES
from tests.support.programs import run, subject

TEXT = manual.text()


@pytest.fixture
def page(tmp_path):
    path = tmp_path / 'ssng.8'
    path.write_text(TEXT)
    return str(path)


def read(words, **env):
    """(status, stdout, stderr) of a program that is installed here."""
    if not shutil.which(words[0]):
        pytest.skip('no %s on this machine' % words[0])
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=dict(os.environ, LC_ALL='C.UTF-8', **env))
    out, err = child.communicate()
    return child.returncode, out.decode('utf-8'), err.decode('utf-8')


def test_it_is_printed():
    assert run(subject() + ['--man']) == (0, TEXT.encode(), b'')


def test_mandoc_has_nothing_to_say(page):
    assert read(['mandoc', '-T', 'lint', page]) == (0, '', '')


def test_man_has_nothing_to_say(page):
    if not shutil.which('groff') and not shutil.which('nroff'):
        pytest.skip('no groff on this machine')
    status, out, err = read(['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page], MANWIDTH='80', MANROFFSEQ='')
    assert (status, err) == (0, '') and out


def shown(page):
    """What mandoc makes of it, without the marks for bold letters, as words."""
    text = read(['mandoc', '-T', 'ascii', '-O', 'width=200', page])[1]
    while '\b' in text:
        at = text.index('\b')
        text = text[:at - 1] + text[at + 1:]
    return text


def test_all_is_in_it(page):
    text = shown(page)
    words = set(text.replace('=', ' ').replace('[', ' ').replace(',', ' ').replace(';', ' ').replace(':', ' ').split())
    for option in OPTIONS + MORE_OPTIONS:
        assert '--' + option[0] in words, option[0]
    assert words >= set(TABLES) | set(TABLE_WORDS) | set(states.WORDS) | set(EITHER)
    assert set(text.split()) >= set(WORDS) - set('()')
    for entry in catalogue.entries():
        assert entry.name in words and words.issuperset(entry.aliases), entry.name


def test_it_can_be_copied(page):
    """A command of the examples is, character for character, what is typed."""
    text = shown(page)
    for line, _ in manual.guide.examples.EVERY:
        assert '    ssng %s\n' % line in text


@pytest.mark.parametrize('text, roff', [
    ('.x', '\\&.x'), ("'x", '\\(aqx'), ('a\\b', 'a\\eb'), ('--x', '\\-\\-x'), ('~^', '\\(ti\\(ha')])
def test_what_steers_roff_is_spelled_out(text, roff):
    assert manual.escaped(text) == roff
