"""An unprivileged user, and what he may read: fixtures for the tests that import them."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

from tests.support.namespaces import ROOT
from tests.support.programs import run, start
from tests.support.storage import become_nobody


@pytest.fixture(scope='module')
def open_house(reference):
    """What nobody may read too: (words for the reference, words for ssng, more for run)."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copytree(os.path.join(ROOT, 'ssng'), os.path.join(folder, 'ssng'))
        python = next((python for python in (sys.executable, '/usr/bin/python3') if usable([python, '-V'])), None)
        if python is None:
            pytest.skip('no Python that an unprivileged user may run')
        words = reference
        if not usable(reference + ['-V']):
            words = copied(reference, folder)
        yield words, [python, '-m', 'ssng'], {'env': {'PYTHONPATH': folder, 'PYTHONDONTWRITEBYTECODE': '1'}, 'folder': folder}


def usable(words):
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return run(words, enter=become_nobody, folder='/').status == 0
    return False


def copied(words, folder):
    """The reference as tools/oracle names it, loader and libraries and program, below another folder."""
    loader, option, libraries, program = words
    target = os.path.join(folder, 'lib')
    os.mkdir(target)
    for name in os.listdir(libraries):
        if os.path.isfile(os.path.join(libraries, name)):
            shutil.copy(os.path.join(libraries, name), target)
    return [shutil.copy(loader, target), option, target, shutil.copy(program, folder)]


HOLDER = '''
import socket, sys
held = [socket.socket(), socket.socket(), socket.socket(type=socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX)]
for one in held[::2]:
    one.bind(("127.0.0.1", 0))
held[0].listen(3)
held[1].connect(held[0].getsockname())
held[3].bind("\\0nobody's")
print("ready", flush=True)
sys.stdin.read()
'''


@pytest.fixture
def nobody(crowd, open_house):
    """As of `open_house`, in the crowd, where a process of the unprivileged user has sockets too."""
    def enter():
        crowd.enter()
        become_nobody()
    words, program, more = open_house
    holder = start([program[0], '-c', HOLDER], enter=enter, **more)
    assert holder.stdout.readline() == b'ready\n'
    yield words, program, dict(more, enter=enter)
    holder.communicate()
