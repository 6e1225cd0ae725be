"""The stage that makes rows of what is shown; others (:mod:`.order`, :mod:`.count`, :mod:`.painting`) stand in its place."""


class Rows:
    """The stage that makes the rows of each batch, and hands them to ``output`` at once.

    ``view``: the function from a table and its Host to the view that makes them.
    """

    def __init__(self, output, view):
        self.output = output
        self.view = view

    def table(self, table, host):
        """The function that takes a Batch of a table."""
        rows, output = self.view(table, host).rows, self.output
        return lambda batch: output.add(rows(batch))

    def flush(self):
        """All batches have come."""
        self.output.flush()


def aligned(visible, screen, style):
    """The output of text that a Style asks for."""
    if style.color:
        from ..output.colour import Coloured as Table
    else:
        from ..output.text import Table
    return Table(visible, screen, style.header)


def of(owners, host):
    """Those of some owners, None for none, that are of one of several hosts."""
    return owners and owners.of(host)
