"""The rules of CONTRIBUTING.rst that a program can look after: its plan is the one that stands, pointers point somewhere."""
import ast
import io
import os
import re
import tokenize

import pytest

from tests.support.namespaces import ROOT

PACKAGE = os.path.join(ROOT, 'ssng')
MOST_LINES = 400


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as stream:
        return stream.read()


def sources(folder):
    """The paths of the Python files below a folder, from the root of the tree."""
    return sorted(os.path.relpath(os.path.join(here, name), ROOT)
                  for here, _, names in os.walk(os.path.join(ROOT, folder)) for name in names if name.endswith('.py'))


# The plan

def plan():
    """{room: the rooms that it may import}, from the roof down, as CONTRIBUTING.rst draws it."""
    text = read('CONTRIBUTING.rst').partition('The plan of the house\n')[2].partition('::\n\n')[2]
    found = {}
    for line in text.partition('\n\n')[0].splitlines():
        if not line.startswith(' ' * 5):            # else it goes on with what the room is
            name, _, *arrows = re.split(r' {2,}', line.strip())
            found[name] = arrows[0].split() if arrows else []
    return found


PLAN = plan()


def room(module):
    """The room of a module, given as the words of its name below the package."""
    return '/'.join(module[:2]) if module[:2] == ['kernel', 'abi'] else module[0]


def exists(module):
    return os.path.exists(os.path.join(PACKAGE, *module) + '.py') or os.path.isdir(os.path.join(PACKAGE, *module))


def imports(path):
    """(node, module as words) of all that a module of the package imports from it, wherever it does."""
    here = os.path.relpath(path, 'ssng').split(os.sep)[:-1]
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[:len(here) - node.level + 1] + (node.module.split('.') if node.module else [])
            for alias in node.names:
                yield node, base + [alias.name] if exists(base + [alias.name]) else base


def own(path):
    """The words of a module's own name; those of the folder for its __init__."""
    words = os.path.relpath(path, 'ssng')[:-3].split(os.sep)
    return words[:-1] if words[-1] == '__init__' else words


def test_each_room_is_in_the_plan():
    rooms = {room(own(path)) for path in sources('ssng') if own(path)}
    assert rooms == set(PLAN)


def test_arrows_point_downward():
    order = list(PLAN)
    for name, others in PLAN.items():
        for other in others:
            assert order.index(name) < order.index(other), '%s -> %s' % (name, other)


@pytest.mark.parametrize('path', sources('ssng'))
def test_imports_follow_the_arrows(path):
    """Those inside functions, too."""
    for _, module in imports(path):
        if module and own(path) and room(module) != room(own(path)):
            assert room(module) in PLAN[room(own(path))], '%s imports %s' % (path, '.'.join(module))


@pytest.mark.parametrize('path', sources('ssng'))
def test_imports_are_relative(path):
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module.partition('.')[0] != 'ssng'
        if isinstance(node, ast.Import):
            assert 'ssng' not in [alias.name.partition('.')[0] for alias in node.names]


def test_no_circle():
    """Among what modules import when they are imported themselves."""
    wanted = {}
    for path in sources('ssng'):
        first = ast.parse(read(path)).body
        lines = {node.lineno for node in first}
        wanted[tuple(own(path))] = {tuple(module) for node, module in imports(path) if node.lineno in lines}
    while wanted:
        free = {name for name, needs in wanted.items() if not needs.intersection(wanted) - {name}}
        assert free, sorted(wanted)
        wanted = {name: needs for name, needs in wanted.items() if name not in free}


@pytest.mark.parametrize('path', sources('ssng') + sources('tests'))
def test_no_file_is_too_long(path):
    assert read(path).count('\n') <= MOST_LINES


# What comments refer to

SECTIONS = {name: set(re.findall(r'(?m)^#+ (\d+(?:\.\d+)?)', read('fixtures/behaviour', name)))
            for name in ('command-line.md', 'sockets.md')}
ITEM = r'\d+(?:\.\d+)?(?:: \d+)?'       # `10: 34` is the 34th row of the table in section 10
REFERENCE = re.compile(r'(command-line\.md|sockets\.md),? (%s(?:(?:,| and| to|, and) %s)*)' % (ITEM, ITEM))
BARE = re.compile(r'[\s#"\'().,;:]*(?:(?:fixtures/behaviour/|see |section )*(?:%s)[\s#"\'().,;:]*(?:and )?)+' % REFERENCE.pattern)


def comments(path):
    """The comments and docstrings of a file, each with its line; those that follow one another are one."""
    text, block, last = read(path), [], None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] != last + 1:
                yield last, ' '.join(block)
                block = []
            block.append(token.string.lstrip('# '))
            last = token.start[0]
    if block:
        yield last, ' '.join(block)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            for paragraph in ast.get_docstring(node).split('\n\n'):
                yield getattr(node, 'lineno', 1), ' '.join(paragraph.split())


def test_a_reference_is_seen():
    assert BARE.fullmatch('fixtures/behaviour/command-line.md, 5.1 to 5.3 and 9.4; sockets.md 1.3, 2.')
    assert BARE.fullmatch('command-line.md 10: 34') and not BARE.fullmatch('As ss has it (sockets.md 3.1).')
    assert REFERENCE.search('see sockets.md 1.3, 3.9: names').group(2) == '1.3, 3.9'


@pytest.mark.parametrize('path', sources('ssng') + sources('tests') + sources('tools'))
def test_references(path):
    """Each names a section that exists; and a comment, or a paragraph of a docstring, says more than where to look."""
    for line, text in comments(path):
        for name, numbers in REFERENCE.findall(text):
            for number in re.findall(r'(?<!: )\b\d+(?:\.\d+)?', numbers):
                assert number in SECTIONS[name], '%s:%d: %s' % (path, line, text)
        assert not BARE.fullmatch(text), '%s:%d: %s' % (path, line, text)
