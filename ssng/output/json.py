"""JSON: an array of objects, one object a line, so that jq, grep and a stream all work."""

from . import write


class Array:
    """Writes ``[``, objects separated by ``,`` and a newline, ``]``; indented when ``pretty``."""

    def __init__(self, pretty=False, write=write):
        self.pretty = indented if pretty else None
        self.write = write
        self.separator = '[\n'

    def add(self, objects):
        """JSON texts of some sockets."""
        if self.pretty:
            objects = list(map(self.pretty, objects))
        if objects:
            self.write((self.separator + ',\n'.join(objects)).encode('utf-8'))
            self.separator = ',\n'

    def flush(self):
        """The end of the array."""
        self.write(b'[]\n' if self.separator.startswith('[') else b'\n]\n')


class Lines:
    """One object a line: for events."""

    def __init__(self, pretty=False, write=write):
        self.pretty = indented if pretty else None
        self.write = write

    def each(self, objects):
        """JSON texts of some sockets."""
        for text in map(self.pretty, objects) if self.pretty else objects:
            self.write((text + '\n').encode('utf-8'))


def indented(text):
    from json import dumps, loads
    return '\n'.join(['  ' + line for line in dumps(loads(text), indent=2, ensure_ascii=False).split('\n')])
