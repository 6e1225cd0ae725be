"""JSON: an array of objects, one object a line, so that jq, grep and a stream all work."""

from . import write

TOKEN = r'"(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"\s]+'


class Array:
    """Writes ``[``, objects separated by ``,`` and a newline, ``]``; indented when ``pretty``.

    ``summary``: JSON of an object that comes first: then the whole is ``{"summary":{...},"sockets":[...]}``.
    """

    measures = False                    # nothing of an object depends on others

    def __init__(self, pretty=False, write=write, summary=None):
        self.pretty = indented if pretty else None
        self.write = write
        self.front, self.end = '[', ']\n'
        if summary is not None:
            self.front = '{"summary":%s,\n"sockets":[' % (self.pretty(summary).lstrip() if pretty else summary)
            self.end = ']}\n'
        self.separator = self.front + '\n'
        self.empty = True

    def add(self, objects):
        """JSON texts of some sockets."""
        if objects:
            self.begin()
            self.write(self.measured(objects)[0])

    def begin(self):
        """What stands in front of further objects."""
        self.write(self.separator.encode('utf-8'))
        self.separator, self.empty = ',\n', False

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
        self.write((self.front + self.end if self.empty else '\n' + self.end).encode('utf-8'))


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
    """JSON with a line for each member and item, as the json module would indent it, all of it two blanks further in."""
    from re import findall
    made, line, empty = ['  '], '\n  ', False          # empty: nothing is in the innermost bracket yet
    for token in findall(TOKEN, text):
        if token in ']}':
            line = line[:-2]
            made.append(token if empty else line + token)
        else:
            made.append(line + token if empty else token)
        empty = token in '[{'
        if empty:
            line += '  '
        elif token == ',':
            made.append(line)
        elif token == ':':
            made.append(' ')
    return ''.join(made)
