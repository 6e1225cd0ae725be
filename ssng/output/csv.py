"""CSV, as RFC 4180 has it but for the ends of lines: a header, then a line a row."""

from . import write


class Csv:
    """Writes lines that are made; ``header`` in front of the first, None for none.  Text is latin-1.

    ``front``: fields in front of those of each line, with their separators.
    """

    front = ''

    def __init__(self, header, write=write):
        self.header = header
        self.write = write

    def add(self, lines):
        """Lines of some rows, without their end."""
        if lines:
            self.begin()
            if self.front:
                lines = [self.front + line for line in lines]
            self.write(('\n'.join(lines) + '\n').encode('latin-1'))

    each = add

    def begin(self):
        if self.header is not None:
            self.write((self.header + '\n').encode('latin-1'))
            self.header = None

    def flush(self):
        """Where there was no row, the header stands alone."""
        self.begin()
