"""The socket tables, in the order in which ss shows them (behaviour file A, 5.1).

A table's module is imported when the table is asked for; it declares the table as ``TABLE``.
"""

MODULES = (
    ('udp', ('udp',)),
    ('tcp', ('tcp',)),
)


def tables(query):
    """The Tables that ``query`` asks for, in order."""
    for module, names in MODULES:
        if not query.tables.isdisjoint(names):
            yield getattr(__import__('ssng.tables.' + module, fromlist=['TABLE']), 'TABLE')
