"""What a Looks says is done: --watch, --changes, and --wait, which is whole here."""

from time import monotonic, sleep

from ..output import write
from .looks import look, redirected

SHORTEST, LONGEST = 0.1, 1          # between two looks of --wait: at least four times as long as a look takes


def wait(query, host, kernel, looks):
    """Look until there is a socket, and print it; returns the exit status, 1 if it took too long."""
    begun = monotonic()
    until, number = None if looks.seconds is None else begun + looks.seconds, 0
    while True:
        held, start = [], monotonic()
        host = host.again()
        if look(query, host, kernel, redirected(held.append)):
            for data in held:
                write(data)
            return 0
        number += 1
        now = monotonic()
        if number == looks.times or until is not None and now >= until:
            return 1
        pause = min(max(4 * (now - start), SHORTEST), LONGEST)
        sleep(pause if until is None else min(pause, until - now))


def answer(query, host, kernel, looks):
    """Do what a Looks says; returns the exit status."""
    from os import isatty
    query.style.goes_to(isatty(1))
    if looks.kind == 'wait':
        return wait(query, host, kernel, looks)
    if looks.kind == 'watch':
        from .watch import watch
        return watch(query, host, kernel, looks)
    from .changes import changes
    return changes(query, host, kernel, looks)
