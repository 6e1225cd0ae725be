"""JSON: an array of objects, one object a line, so that jq, grep and a stream all work."""

from . import write


class Array:
    """Writes ``[``, objects separated by ``,`` and a newline, ``]``; indented when ``pretty``."""

    measures = False                    # nothing of an object depends on others

    def __init__(self, pretty=False, write=write):
        self.pretty = indented if pretty else None
        self.write = write
        self.separator = '[\n'

    def add(self, objects):
        """JSON texts of some sockets."""
        if objects:
            self.begin()
            self.write(self.measured(objects)[0])

    def begin(self):
        """What stands in front of further objects."""
        self.write(self.separator.encode())
        self.separator = ',\n'

    def measured(self, objects):
        """The bytes of some objects; a Table tells their measure besides, here there is none."""
        if self.pretty:
            objects = map(self.pretty, objects)
        return ',\n'.join(objects).encode('utf-8'), None

    def laid(self, data, widths):
        """What is written of such bytes."""
        return [data]

    def take(self, portion, measure):
        """A portion of objects that was made elsewhere."""
        self.begin()
        portion.put(self)

    def flush(self):
        """The end of the array."""
        self.write(b'[]\n' if self.separator.startswith('[') else b'\n]\n')


class Lines:
    """One object a line, without an array."""

    def __init__(self, pretty=False, write=write):
        self.pretty = indented if pretty else None
        self.write = write

    def each(self, objects):
        """JSON texts of some sockets."""
        for text in map(self.pretty, objects) if self.pretty else objects:
            self.write((text + '\n').encode('utf-8'))

    def add(self, objects):
        """The same, of many."""
        if objects:
            self.write(('\n'.join(objects) + '\n').encode('utf-8'))

    def flush(self):
        """The last line has its end."""


def indented(text):
    from json import dumps, loads

    from ..escape import MAY            # json's own words leave DEL and C1 as they are
    return '\n'.join(['  ' + line for line in dumps(loads(text), indent=2, ensure_ascii=False).translate(MAY).split('\n')])
