"""Our structures and numbers against a C compiler's, with this machine's headers and with the newest.

A generated C program looks at every structure, member and constant of the modules.  What a header
does not know yet is found by the compiler's complaints, left out, and told in the reason of a skip;
the newest headers must know everything.
"""

import ctypes
import importlib
import os
import re
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

OURS = ('__init__.py', 'procnet.py', 'plain.py')    # no uapi header: their structures are our own, or none
MODULES = sorted(name[:-3] for name in os.listdir(os.path.join(ROOT, 'ssng/kernel/abi'))
                 if name.endswith('.py') and name not in OURS)

# Names and expressions of C for what has no such name there.
SPELLING = {
    'NLA_TYPE_MASK': '(__u16)NLA_TYPE_MASK',
    'SOCKADDR_STORAGE_SIZE': 'sizeof(struct sockaddr_storage)',
    'sin_addr': 'sin_addr.s_addr',
}
SPELLING.update(('TCP_' + state, 'BPF_TCP_' + state) for state in (
    'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT', 'CLOSE', 'CLOSE_WAIT',
    'LAST_ACK', 'LISTEN', 'CLOSING', 'NEW_SYN_RECV', 'BOUND_INACTIVE'))

# Of these we declare a part alone.
PARTIAL = ['bpf_attr']

PROLOGUE = r'''
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
%s

static void show(const unsigned char *bytes, size_t size, int negative)
{
    size_t i = 0;
    while (size && !bytes[size - 1])
        size--;
    while (i < size && !bytes[i])
        i++;
    printf("at %%zu: ", i);
    for (; i < size; i++)
        printf("%%02x", bytes[i]);
    puts(negative ? ", signed" : ", unsigned");
}

#define NUMBER(name) printf("%%lld\n", (long long)(name));
#define SIZE(type) printf("%%zu bytes\n", sizeof(type));
#define REST(type, member) printf("at %%zu, the rest\n", offsetof(type, member));
#define ARRAY(type, member) \
    printf("at %%zu, %%zu bytes\n", offsetof(type, member), sizeof(((type *)0)->member));
#define SCALAR(type, member) { \
    type it; memset(&it, 0, sizeof it); it.member = -1; \
    show((unsigned char *)&it, sizeof it, it.member < 0); }

int main(void)
{
'''


def module(name):
    return importlib.import_module('ssng.kernel.abi.' + name)


def headers(name):
    """The headers that the module's docstring names."""
    return re.findall(r'``(\w+/\w+\.h)``', module(name).__doc__)


def structures(name):
    return [thing for key, thing in sorted(vars(module(name)).items())
            if isinstance(thing, type) and issubclass(thing, (ctypes.Structure, ctypes.Union))
            and thing.__module__ == module(name).__name__ and not key.startswith('_')]


def members(kind, path='', base=0):
    """(name in C, offset, declaration) of every member that is not a structure itself."""
    for declaration in kind._fields_:
        name, ctype = declaration[:2]
        offset = base + getattr(kind, name).offset
        if issubclass(ctype, (ctypes.Structure, ctypes.Union)):
            anonymous = name in getattr(kind, '_anonymous_', ())
            for member in members(ctype, path if anonymous else path + name + '.', offset):
                yield member
        else:
            yield path + name, offset, declaration


def items(name):
    """{line of C: what it must print} for one module, and {line of C: structure it belongs to}."""
    expected, owner = {}, {}
    for key, value in vars(module(name)).items():
        if isinstance(value, int):
            expected['NUMBER(%s)' % SPELLING.get(key, key)] = '%d' % value
    for kind in structures(name):
        tag = '%s %s' % ('union' if issubclass(kind, ctypes.Union) else 'struct', kind.__name__)
        lines = dict(look(kind, tag, *member) for member in members(kind))
        if kind.__name__ not in PARTIAL:
            lines['SIZE(%s)' % tag] = '%d bytes' % ctypes.sizeof(kind)
        expected.update(lines)
        owner.update((line, kind) for line in lines)
    return expected, owner


def look(kind, tag, name, offset, declaration):
    ctype = declaration[1]
    size = ctypes.sizeof(ctype)
    where = '(%s, %s)' % (tag, SPELLING.get(name, name))
    if size == 0:
        return 'REST' + where, 'at %d, the rest' % offset
    if issubclass(ctype, ctypes.Array):
        return 'ARRAY' + where, 'at %d, %d bytes' % (offset, size)
    sign = 'signed' if ctype(-1).value < 0 else 'unsigned'
    ones = b'\xff' * size
    if len(declaration) == 3:                   # a bit field
        it = kind()
        setattr(it, name, -1)
        offset = len(bytes(it)) - len(bytes(it).lstrip(b'\0'))
        ones = bytes(it).strip(b'\0')
    return 'SCALAR' + where, 'at %d: %s, %s' % (offset, ones.hex(), sign)


class Compiler:
    """What the C compiler says, with the headers of one include folder before all others."""

    def __init__(self, include, folder):
        self.include = include
        self.folder = folder

    def answers(self, name):
        """{line of C: what it printed} and the list of lines that do not compile."""
        expected, _ = items(name)
        lines, unknown = sorted(expected), []
        errors = self.build(name, lines)
        if errors:
            unknown = [lines[number] for number in errors]
            lines = [line for line in lines if line not in unknown]
            assert not self.build(name, lines)
        printed = subprocess.check_output([self.program(name)]).decode().splitlines()
        assert len(printed) == len(lines)
        return dict(zip(lines, printed)), unknown

    def program(self, name):
        return os.path.join(self.folder, name)

    def build(self, name, lines):
        """Indices of the lines that the compiler refuses."""
        prologue = PROLOGUE % '\n'.join('#include <%s>' % header for header in headers(name))
        source = self.program(name) + '.c'
        with open(source, 'w') as stream:
            stream.write(prologue + '\n'.join(lines) + '\n}\n')
        run = subprocess.Popen(
            ['gcc', '-w', '-ftrack-macro-expansion=0', '-I', self.include, '-o', self.program(name), source],
            stderr=subprocess.PIPE, universal_newlines=True, env=dict(os.environ, LC_ALL='C'))
        complaints = run.communicate()[1]
        numbers = re.findall(r'(?m)^%s:(\d+):\d+: error' % re.escape(source), complaints)
        assert bool(numbers) == bool(run.returncode), complaints
        first = prologue.count('\n') + 1
        return sorted({int(number) - first for number in numbers})


@pytest.fixture(scope='module', params=['machine', 'newest'])
def compiler(request, tmp_path_factory):
    if not shutil.which('gcc'):
        pytest.skip('no gcc')
    include = '/usr/include'
    if request.param == 'newest':
        run = subprocess.Popen([os.path.join(ROOT, 'tools/oracle'), '--headers'], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, universal_newlines=True)
        include, error = (text.strip() for text in run.communicate())
        if run.returncode:
            pytest.skip(error)
    elif not os.path.exists('/usr/include/linux/inet_diag.h'):
        pytest.skip('no kernel headers on this machine')
    return Compiler(include, str(tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope='module')
def answers(compiler):
    known = {}

    def answer(name):
        if name not in known:
            known[name] = compiler.answers(name)
        return known[name]
    return answer


@pytest.mark.parametrize('name', MODULES)
def test_what_both_know_agrees(answers, name):
    printed, unknown = answers(name)
    expected, owner = items(name)
    # Where the header lacks members, its structure is shorter.
    grown = [owner[line] for line in unknown if line in owner]
    printed = {line: text for line, text in printed.items()
               if not (line.startswith('SIZE') and owner[line] in grown)}
    assert printed == {line: expected[line] for line in printed}


@pytest.mark.parametrize('name', MODULES)
def test_nothing_is_left_out(compiler, answers, name):
    # SCALAR(struct tcp_info, tcpi_rto) -> tcp_info.tcpi_rto, NUMBER(TLS_CONF_SW) -> TLS_CONF_SW
    unknown = [re.sub(r'^\w+\((?:\w+ (\w+), )?(.*)\)$', lambda found: '.'.join(filter(None, found.groups())),
                      line) for line in answers(name)[1]]
    if unknown and compiler.include == '/usr/include':
        pytest.skip("not compared, unknown to this machine's headers: " + ' '.join(unknown))
    assert unknown == []


@pytest.mark.skipif(sys.byteorder == 'big', reason='all members are big-endian')
@pytest.mark.parametrize('name', [name for name in MODULES if structures(name)])
def test_big_endian_members(compiler, name):
    """The compiler does not know that a __be32 is one: read it in the header."""
    text = ''
    for header in headers(name):
        if header.startswith('linux/'):
            with open(os.path.join(compiler.include, header)) as stream:
                text += stream.read()
    for kind in structures(name):
        body = re.search(r'(?s)(?:struct|union) %s \{(.*?)\n\}' % kind.__name__, text)
        if body:
            swapped = re.findall(r'(?:__be\d+|struct in6?_addr)\s+(\w+)', body.group(1))
            assert [member[0] for member in kind._fields_ if is_big_endian(member[1])] == swapped


def is_big_endian(ctype):
    if issubclass(ctype, ctypes.Array):
        return is_big_endian(ctype._type_)
    return ctypes.sizeof(ctype) > 1 and getattr(ctype, '__ctype_be__', None) is ctype
