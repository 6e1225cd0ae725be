"""A host with SELinux and with whatever BPF map is asked for: so that the command line of both is tested."""
import pytest

from ssng.host import processes
from ssng.tables import storage


@pytest.fixture
def maps(monkeypatch):
    """Every BPF map exists; one that is named twice is loaded once."""
    monkeypatch.setattr(storage, 'load', lambda ids: tuple(dict.fromkeys(ids)))


@pytest.fixture
def selinux(monkeypatch):
    """A function that says whether the host has SELinux; at first it has."""
    def say(answer):
        monkeypatch.setattr(processes, 'selinux_enabled', lambda: answer)

    say(True)
    return say
