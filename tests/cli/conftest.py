"""A host with SELinux and with whatever BPF map is asked for: so that the command line of both is tested."""
import pytest

from ssng.host import Host


class Maps:
    """Every BPF map exists; one that is named twice is loaded once."""

    def load(self, numbers):
        return tuple(dict.fromkeys(numbers))


class Tasks:
    """``selinux``: whether the host labels anything."""

    selinux = True

    def labelled(self):
        return self.selinux


@pytest.fixture
def host():
    """A Host with these in place of its own."""
    made = Host()
    made.maps, made.tasks = Maps(), Tasks()
    return made
