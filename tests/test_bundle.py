"""The package as one text: what is cut from its source changes nothing but docstrings and comments."""
import ast
import os
import signal
import sys

import pytest

from ssng import bundle
from tests.support.namespaces import ROOT
from tests.support.programs import run
from tests.test_house import sources


def undocumented(tree):
    """A syntax tree whose docstrings are empty, with the lines of all other statements.

    Before Python 3.8 a text of several lines is told to be where it ends.
    """
    documents = set()
    for node in ast.walk(tree):
        body = getattr(node, 'body', None)
        for each in body if isinstance(body, list) else ():
            if isinstance(each, ast.Expr) and isinstance(each.value, (ast.Constant, getattr(ast, 'Str', ast.Constant))):
                each.value = ast.Name('docstring', ast.Load())
                documents.add(each)
    return ast.dump(tree), [node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt) and node not in documents]


@pytest.mark.parametrize('path', sources('ssng'))
def test_the_same_program(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as stream:
        source = stream.read()
    short = bundle.stripped(source)
    assert undocumented(ast.parse(short)) == undocumented(ast.parse(source))
    assert len(short) <= len(source)


def test_stripped():
    source = ('"""What."""\n\nx = "# no comment"     # one\n\n\ndef f():\n    """Two\n    lines."""\n    # why\n'
              '    return f(1,\n             2), """\n    # text"""\n')
    assert bundle.stripped(source) == (
        '\'\'\n\nx="# no comment"\n\n\ndef f():\n \'\'\n\n\n return f(1,\n2),"""\n    # text"""\n')


def test_sources():
    assert set(bundle.sources()) == set(sources('ssng'))


def test_no_module_of_the_folder_one_is_in_is_imported(tmp_path):
    """A home, or /tmp, may hold anybody's zlib.py; nothing is written there, and none of Python's modules is compiled."""
    for name in ('zlib', 'struct', 'os'):
        (tmp_path / (name + '.py')).write_text('print("a stranger")\n')
    (tmp_path / 'ssng.py').write_bytes(bundle.text(['-V']))
    for words, stdin in (['-'], bundle.text(['-V'])), (['ssng.py'], b''), ([str(tmp_path / 'ssng.py')], b''):
        answer = run([sys.executable] + words, stdin, env={'PYTHONPATH': ''}, folder=str(tmp_path))
        assert (answer.status, answer.err) == (0, b'') and answer.out.startswith(b'ss utility')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['os.py', 'ssng.py', 'struct.py', 'zlib.py']


def test_it_ends_itself():
    program = bundle.text(['-V'], seconds=1).replace(b'console()\n', b'import time; time.sleep(1000)\n')
    assert run([sys.executable, '-'], program, env={'PYTHONPATH': ''}).status == -signal.SIGALRM
