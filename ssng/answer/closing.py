"""Closing one socket that was told of."""

from ..kernel.netlink import Kernel
from ..sources.destroy import Destroyer, rows_of


def close(table, batch, row, host):
    """Close the socket in a row of a Batch.  Refused where it is gone, or the kernel will not, or cannot."""
    destroyer = Destroyer(Kernel().inside(host.netns).kept(), host.report)
    try:
        return destroyer.ask(table.protocol, *list(rows_of(batch))[row])
    finally:
        destroyer.end()
