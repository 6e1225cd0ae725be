"""What a Linux host knows beyond its socket tables: names, processes, cgroups, namespaces, /proc/net."""

import sys

_said = set()


def warn(message):
    """One line on stderr for something that does not stop the program; the same line only once."""
    if message not in _said:
        _said.add(message)
        complain(message)


def complain(message):
    """One message on stderr, at once; nothing in it may steer a terminal."""
    text = ''.join(char if char >= ' ' or char == '\n' else '?' for char in message)
    try:
        sys.stderr.buffer.write(b'ssng: %s\n' % text.encode('latin-1', 'backslashreplace'))
        sys.stderr.flush()
    except (OSError, AttributeError):       # full, or closed and None: the status must do
        pass
