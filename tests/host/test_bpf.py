"""bpf(2): its number on every machine, and what this kernel says of a map."""
import errno
import os
import re
import subprocess
import sys

import pytest

from ssng.host import bpf
from tests.support.btf import Types
from tests.support.namespaces import ROOT
from tests.support.storage import Maps, apart, become_nobody

# The headers of <asm/unistd.h> that a program on such a machine, with such pointers, is compiled with.
MACHINES = [
    ('x86_64', 8, 'x86_64-linux-gnu', '64'), ('x86_64', 4, 'i386-linux-gnu', '32'), ('i686', 4, 'i386-linux-gnu', '32'),
    ('aarch64', 8, 'aarch64-linux-gnu', '64'), ('aarch64', 4, 'arm-linux-gnueabihf', '-eabi'),
    ('armv7l', 4, 'arm-linux-gnueabihf', '-eabi'), ('armv8l', 4, 'arm-linux-gnueabihf', '-eabi'),
    ('s390x', 8, 's390x-linux-gnu', '64'), ('ppc64le', 8, 'powerpc64le-linux-gnu', '64'),
    ('ppc64', 8, 'powerpc64-linux-gnu', '64'), ('ppc', 4, 'powerpc-linux-gnu', '32'),
    ('riscv64', 8, 'riscv64-linux-gnu', '64'), ('loongarch64', 8, 'loongarch64-linux-gnu', '64'),
    ('mips64', 8, 'mips64-linux-gnuabi64', 'n64'), ('mips', 4, 'mips64-linux-gnuabi64', 'o32'),
    ('sparc64', 8, 'sparc64-linux-gnu', '64'), ('alpha', 8, 'alpha-linux-gnu', '32'),
    ('m68k', 4, 'm68k-linux-gnu', '32'), ('parisc64', 4, 'hppa-linux-gnu', '32'), ('sh4', 4, 'sh4-linux-gnu', '32')]
BASES = {'__NR_SYSCALL_BASE': 0, '__NR_Linux': {'o32': 4000, 'n64': 5000}}


@pytest.fixture
def maps():
    with Maps() as made:
        yield made


@pytest.fixture(scope='module')
def headers():
    oracle = os.path.join(ROOT, 'tools', 'oracle')
    try:
        return subprocess.check_output([sys.executable, oracle, '--headers']).decode().strip()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip('no headers of other machines here: %s' % error)


@pytest.mark.parametrize('machine, pointer, triplet, kind', MACHINES)
def test_number_is_that_of_the_headers(headers, machine, pointer, triplet, kind):
    path = os.path.join(headers, triplet, 'asm', 'unistd%s.h' % (kind if kind[0] == '-' else '_' + kind))
    if not os.path.exists(path):
        pytest.skip('the headers have no %s' % triplet)
    with open(path) as stream:
        said = re.search(r'#define __NR_bpf\s+\(?(?:(\w+) \+ )?(\d+)', stream.read())
    base = BASES.get(said.group(1), 0)
    assert bpf.number(machine, pointer) == int(said.group(2)) + (base if isinstance(base, int) else base[kind])


def test_a_map_is_described(maps):
    types = Types()
    types.int()
    pair = types.struct('pair', 8, [('a', 1, 0), ('b', 1, 32)])
    _, number = maps.storage(types, pair, 8)
    fd = bpf.map_fd(number)
    try:
        info = bpf.map_info(fd)
    finally:
        os.close(fd)
    assert (info.type, info.id, info.value_size, info.name, info.btf_value_type_id) == (24, number, 8, b'storage', pair)
    assert bpf.btf(info.btf_id) == types.blob()


@pytest.mark.parametrize('ask', [bpf.map_fd, bpf.btf, bpf.map_info])
def test_the_kernel_refuses_as_it_says(maps, ask):
    with pytest.raises(OSError) as refused:
        ask(0x7fffffff)
    assert refused.value.errno == (errno.EBADFD if ask is bpf.map_info else errno.ENOENT)


def test_nobody_may_not_look(maps):
    refused = apart(become_nobody, lambda: bpf.map_fd(1))
    assert isinstance(refused, OSError) and refused.errno == errno.EPERM
