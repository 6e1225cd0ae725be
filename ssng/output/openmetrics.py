"""Counts as OpenMetrics text: what the textfile collectors of monitoring systems read.

    # TYPE ssng_sockets gauge
    ssng_sockets{state="ESTAB"} 12
    # TYPE ssng_recv_q_sum gauge
    ssng_recv_q_sum{state="ESTAB"} 99
    # EOF

A fact that is absent is no label: to OpenMetrics an empty one and none are the same.
"""

from . import write

SUFFIXES = {'total': 'sum'}             # a counter's name ends in _total; these are no counters
HELPS = {'total': 'sum', 'max': 'largest value', 'min': 'smallest value', 'avg': 'mean'}


def label(name):
    return name.replace('.', '_')


def escaped(text):
    return text.replace('\\', '\\\\').replace('\n', '\\n').replace('"', '\\"')


class OpenMetrics:
    """Writes groups: rows of (count, texts of ``labels``.., numbers of ``sums``..), None for what is absent.

    ``labels``: names of facts; ``sums``: (total, max, min or avg, name of a fact).  Text is latin-1, made of UTF-8.
    """

    def __init__(self, labels, sums, write=write):
        self.labels = [label(name) for name in labels]
        self.sums = sums
        self.write = write

    def add(self, rows):
        tags = [self.tags(row[1:1 + len(self.labels)]) for row in rows]
        self.family('ssng_sockets', 'number of sockets', tags, [row[0] for row in rows])
        for at, (name, fact) in enumerate(self.sums, 1 + len(self.labels)):
            self.family('ssng_%s_%s' % (label(fact), SUFFIXES.get(name, name)), '%s of %s' % (HELPS[name], fact), tags,
                        [row[at] for row in rows])

    def tags(self, values):
        pairs = ['%s="%s"' % (name, escaped(value)) for name, value in zip(self.labels, values) if value is not None]
        return '{%s}' % ','.join(pairs) if pairs else ''

    def family(self, name, help, tags, values):
        lines = ['# TYPE %s gauge' % name, '# HELP %s %s' % (name, help)]
        lines += ['%s%s %r' % (name, tag, value) for tag, value in zip(tags, values) if value is not None]
        self.write(('\n'.join(lines) + '\n').encode('latin-1'))

    def flush(self):
        self.write(b'# EOF\n')
