"""Work that is nearly all system calls, shared out to a process for each core.

The parts are processes and not threads, since a thread needs the interpreter lock after each call.
"""

import os
from _thread import _count as threads


def share(run, workers):
    """``[run(0), run(1), ...]``: each but the first made in a child.

    ``run(number)`` returns a list of integers below 2**32.  What a child fails to make is made here; a
    program that has threads is not forked at all, for only one of them would live on in the child.
    """
    children = [None if threads() else _child(run, number) for number in range(1, workers)]
    answers = [run(0)]
    for number, child in enumerate(children, 1):
        answer = child and _answer(*child)
        answers.append(run(number) if answer is None else answer)
    return answers


def _child(run, number):
    """(process id, descriptor to read from) of a child that runs ``run(number)``; None if there can be none."""
    try:
        from array import array                 # before anything is shared: a library to load, maybe
        ours, theirs = os.pipe()
    except (ImportError, OSError):
        return None
    try:
        pid = os.fork()
    except OSError:
        os.close(ours)
        os.close(theirs)
        return None
    if pid:
        os.close(theirs)
        return pid, ours
    status = 1
    try:
        os.close(ours)                  # else nobody tells us that the parent is gone
        data = memoryview(array('I', run(number)).tobytes())
        while data:
            data = data[os.write(theirs, data):]
        status = 0
    finally:
        os._exit(status)                # no farewells: buffers and exit handlers are the parent's


def _answer(pid, fd):
    """The list a child sent, or None if it failed."""
    from array import array
    parts = []
    try:
        while True:
            part = os.read(fd, 1 << 20)
            if not part:
                break
            parts.append(part)
    except OSError:
        parts = None
    finally:
        os.close(fd)
        status = _status(pid)
    if status or parts is None:
        return None
    numbers = array('I')
    numbers.frombytes(b''.join(parts))
    return numbers.tolist()


def _status(pid):
    try:
        return os.waitpid(pid, 0)[1]
    except OSError:                     # nobody knows: refused, or the program ignores SIGCHLD
        return 1
