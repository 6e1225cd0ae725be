"""Cells and objects to bytes on stdout."""

import sys


def write(data):
    """All of ``data`` to stdout, which may be unbuffered and take but a part at a time."""
    out = sys.stdout.buffer
    done = out.write(data)
    while done < len(data):
        done += out.write(data[done:])
