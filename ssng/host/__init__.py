"""What a Linux host knows beyond its socket tables: names, processes, cgroups, namespaces, /proc/net."""

_said = set()


def warn(message):
    """One line on stderr for something that does not stop the program; the same line only once."""
    if message not in _said:
        _said.add(message)
        import sys
        sys.stderr.write('ssng: %s\n' % message)
