"""A command line, answered from sockets made by hand."""
import pytest

from ssng.cli.main import main
from ssng.host import Host
from tests.support.families import Kernel


@pytest.fixture
def said(capfdbinary, monkeypatch):
    """A function: (status, stdout, stderr) of some words, where the kernel answers each dump with these payloads."""
    monkeypatch.delenv('COLUMNS', raising=False)

    def ask(words, payloads=(), host=None):
        capfdbinary.readouterr()
        status = main(words.split() if isinstance(words, str) else words, host or Host(), Kernel(payloads))
        out, err = capfdbinary.readouterr()
        return status, out, err
    return ask
