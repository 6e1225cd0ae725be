"""The questions of the README are asked: each is understood, and its answer begins as it does there."""
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run, subject


def questions():
    """(words, the lines of the answer) of each command that the README shows."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        blocks = re.findall(r'(?m)^    \$ ssng (.*)\n((?:    .*\n)+)', stream.read())
    return [(shlex.split(words), re.findall('    (.*)', lines)) for words, lines in blocks]


def beyond():
    """(words, header) of each command that the README shows behind the prompt of root, for hosts with namespaces."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        return [(shlex.split(words), header.split()) for words, header in re.findall(
            r'(?m)^    # ssng (.*)\n    (.*)\n', stream.read())]


def programs():
    """The lines of Python of the README."""
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        section = stream.read().partition('\nFrom Python\n')[2].partition('\nHow fast\n')[0]
    return re.findall(r'(?m)::\n\n((?:    .*\n|\n)+)', section)


QUESTIONS = questions()


def test_there_are_ten():
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize('words, lines', QUESTIONS, ids=lambda part: ' '.join(part) if isinstance(part, list) else None)
def test_question(words, lines):
    """Whichever sockets this host has: status 0, no complaint, the header of the README where there is one."""
    answer = run(subject() + words)
    assert (answer.status, answer.err) == (0, b'')
    found = answer.out.decode().splitlines()
    if not lines[0].startswith('{'):
        assert found[0].split() == lines[0].split()
    if '--top' in ' '.join(words) and found:
        assert len(found) <= len(lines)


@pytest.mark.parametrize('words, header', beyond())
def test_beyond_one_namespace(words, header):
    answer = run(subject() + words)
    # Without blanks: where nobody is told, ss's own columns leave none in front of Process
    assert answer.status == 0 and ''.join(answer.out.decode('utf-8', 'replace').split('\n')[0].split()) == ''.join(header)


def test_python():
    """All of it, as one program."""
    parts = programs()
    assert len(parts) == 3 and parts[0].startswith('    import ssng')
    answer = run([sys.executable, '-W', 'ignore', '-c', ''.join(textwrap.dedent(part) for part in parts)])
    assert (answer.status, answer.err) == (0, b'') and answer.out.endswith(b'rttt > 50ms 0\n')


def lines():
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        section = stream.read().partition('\nAnother time, another host\n')[2].partition('\nFrom Python\n')[0]
    return re.findall(r'(?m)^    ssng (.*)$', section)


def test_another_time(tmp_path):
    """One after the other, in one folder; what needs another host is read at least."""
    from ssng.cli.options import read
    found = lines()
    assert len(found) == 9
    for line in found:
        words = shlex.split(line)
        if {'--host', '--via', '--pod'}.intersection(word.partition('=')[0] for word in words):
            assert read(words)[2] is None
        else:
            answer = run(subject() + words, folder=str(tmp_path))
            assert answer.err == b'' and answer.status in ((0, 1) if '--diff' in line or '--wait' in line else (0,)), line


# How it is put on a host: in a copy of the tree, with a folder that is the host

STAND_INS = {
    'python3': 'exec {python} "$@"',
    'scp': 'shift; cp -r "$1" "$FAR"',
    'ssh': 'while case "$1" in -o) shift;; -*) ;; *) false;; esac; do shift; done; shift; cd "$FAR"; exec sh -c "$*"',
    'docker': 'shift 3; cd "$FAR"; exec "$@"',
}
TOO_LONG = {'tools/test', 'tools/bench --large 400000 --others'}       # the first runs this


def blocks(text):
    return [textwrap.dedent(block).strip().split('\n') for block in re.findall(r'(?m)::\n\n((?:    .*\n|\n)+)', text)]


def readme():
    with open(os.path.join(ROOT, 'README.rst'), encoding='utf-8') as stream:
        return stream.read()


def ways():
    return blocks(readme().partition('\nPutting it on a host')[2].partition('\nWhat it needs\n')[0])


@pytest.fixture(scope='module')
def workshop(tmp_path_factory):
    """The variables of a shell in a copy of the tree, in which other hosts are a folder."""
    folder = tmp_path_factory.mktemp('workshop')
    far, tree, programs = [folder / name for name in ('far', 'tree', 'programs')]
    far.mkdir()
    programs.mkdir()
    for name in ('ssng', 'tools'):
        shutil.copytree(os.path.join(ROOT, name), str(tree / name), ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('setup.py', 'setup.cfg', 'pyproject.toml', 'MANIFEST.in', 'README.rst', 'LICENSE'):
        shutil.copy(os.path.join(ROOT, name), str(tree))
    (tree / 'app/vendor').mkdir(parents=True)
    for name, line in STAND_INS.items():
        (programs / name).write_text('#!/bin/sh\n%s\n' % line.replace('{python}', shlex.quote(sys.executable)))
        (programs / name).chmod(0o755)
    environment = folder / 'environment'
    return {'tree': str(tree), 'environment': str(environment), 'env': {
        'FAR': str(far), 'PYTHONPATH': '', 'PATH': ':'.join([str(environment / 'bin'), str(programs), os.environ['PATH']]),
        'PIPX_HOME': str(folder / 'pipx'), 'PIP_DISABLE_PIP_VERSION_CHECK': '1', 'PIP_ROOT_USER_ACTION': 'ignore'}}


@pytest.mark.parametrize('lines', ways(), ids=lambda lines: lines[-1])
def test_ways_to_put_it_on_a_host(lines, workshop):
    for line in lines:
        if line.startswith('pip ') and not os.path.exists(workshop['environment']):
            with_pip(workshop['environment'])
        if line.startswith('pipx ') and not shutil.which('pipx'):
            continue            # tests/test_packaging.py says so
        said = run(['sh', '-c', line], env=workshop['env'], folder=workshop['tree'], patience=300)
        assert said.status == 0, (line, said)
        if ' -t' in line:
            assert 'Local Address:Port' in said.out.decode('utf-8', 'replace').split('\n')[0], line


def with_pip(folder):
    try:
        subprocess.check_output([sys.executable, '-m', 'venv', folder], stderr=subprocess.STDOUT)
        subprocess.check_output([folder + '/bin/pip', 'install', '--quiet', '--upgrade', 'setuptools', 'wheel'],
                                stderr=subprocess.STDOUT)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip('no packages to be had: %s' % error)


def test_at_the_beginning():
    first, then = blocks(readme().partition('\nSome questions\n')[0])
    assert then == ['tools/test']
    answer = run(['sh', '-c', first[0].replace('python3', shlex.quote(sys.executable))], folder=ROOT)
    assert answer.status == 0 and answer.out.startswith(b'Netid')


def test_no_command_is_forgotten():
    """Each block is Python, an answer behind its question, or commands that a test above runs."""
    known = {line for way in ways() for line in way} | {'ssng ' + line for line in lines()} | TOO_LONG
    known.add('python3 -m ssng -tunap')
    python = [block.strip() for part in programs() for block in [textwrap.dedent(part)]]
    for block in blocks(readme()):
        if block[0][:7] not in ('$ ssng ', '# ssng ') and '\n'.join(block) not in python:
            assert known.issuperset(block), block


def test_the_picture_is_there():
    place, = re.findall(r'(?m)^\.\. image:: (.*)$', readme())
    assert os.path.exists(os.path.join(ROOT, place))
