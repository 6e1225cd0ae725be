"""Options whose work is not done yet, and a host with SELinux: so that the command line of both is tested."""
import pytest

from ssng.cli import options
from ssng.host import processes


@pytest.fixture
def everything(monkeypatch):
    monkeypatch.setattr(options, 'NOT_YET', set())


@pytest.fixture
def selinux(monkeypatch):
    """A function that says whether the host has SELinux; at first it has."""
    def say(answer):
        monkeypatch.setattr(processes, 'selinux_enabled', lambda: answer)

    say(True)
    return say
