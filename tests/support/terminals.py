"""A program on a terminal of its own, which is all it reads and writes, and what it showed there."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios

from tests.support.namespaces import ROOT
from tests.support.programs import PATIENCE, surroundings

PROGRAM = [sys.executable, '-m', 'ssng']
QUIET = 1               # seconds without a byte: nothing more comes


def child(words, columns, env, enter):
    """Does not return: what the new process does on its terminal."""
    try:
        os.chdir(ROOT)
        if enter:                   # as somebody who may not go there, perhaps
            enter()
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 50, columns, 0, 0))
        attributes = termios.tcgetattr(1)
        attributes[1] &= ~termios.OPOST             # no byte is changed
        termios.tcsetattr(1, termios.TCSANOW, attributes)
        os.execvpe(words[0], words, surroundings(env))
    finally:
        os._exit(127)


def shown(words, columns=80, typed=b'', env=(), enter=None):
    """(status, what the terminal showed) of a program that ends by itself; it is typed something before."""
    pid, master = pty.fork()
    if not pid:
        child(words, columns, env, enter)
    out = b''
    try:
        if typed:
            while b'?' not in out:
                out += piece(master)
            os.write(master, typed)
        while True:
            more = piece(master)
            if not more:
                break
            out += more
        status = os.waitpid(pid, 0)[1]
    except BaseException:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(master)                # it would hang up on who is still there
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status), out


def piece(master, patience=PATIENCE):
    """What comes next; b'' if all have gone."""
    try:
        return os.read(master, 65536) if select.select([master], [], [], patience)[0] else b''
    except OSError:                 # EIO: the last writer is gone
        return b''


def typed(words, lines, wanted, env=()):
    """What an interactive program showed after these lines, each typed when the one before has been echoed.

    ``wanted``: (what must be shown before the first line is typed).
    """
    pid, master = pty.fork()
    if not pid:
        child(words, 200, dict(env, TERM='dumb'), None)
    out = b''
    try:
        for line in lines:
            os.write(master, line)
            out = b''
            while wanted(line) not in out:
                more = piece(master, 20)
                if not more:
                    return out
                out += more
    finally:
        os.close(master)
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return out
