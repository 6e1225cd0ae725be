"""Closing one socket that was told of."""

from ..kernel.exchange import Refused
from ..kernel.netlink import Kernel
from ..sources.destroy import SKIPPED, Destroyer


def closed(table, batch, row, host):
    """Whether the socket in a row of a Batch was there, and is closed now.  Refused where the kernel will not, or cannot."""
    one = batch.kept([at == row for at in range(batch.count)])
    destroyer = Destroyer(Kernel().inside(host.netns).kept(), host.report)
    try:
        return destroyer.ask(table, one)
    finally:
        destroyer.kernel.close()
