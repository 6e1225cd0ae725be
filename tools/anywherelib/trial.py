"""What is done in a cell: command lines beside the real ss, recordings, unit tests; and the table of what came out."""
import os
import re
import subprocess
import sys
import time
from functools import partial

from tests.parity.commands import enabled
from tests.support import programs
from tests.support.namespaces import Room

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

YOUTH = 40                      # seconds: the kernel forgets a TIME-WAIT after 60
EVERY = 20                      # of the command lines, one in so many
RECORDINGS = ['tests/test_recordings.py']
# What starts no program anew, which takes long: on an idle machine a cell takes two minutes.
UNITS = ['tests/kernel', 'tests/tables', 'tests/output', 'tests/test_fields.py', 'tests/test_render.py', 'tests/test_objects.py',
         'tests/test_escape.py', 'tests/test_errors.py', 'tests/test_catalogue.py', 'tests/test_query.py']
STARTED = [                     # these of them start one all the same
    'tests/kernel/abi/test_layout.py', 'tests/kernel/abi/test_plain.py::test_all_structures',
    'tests/kernel/abi/test_plain.py::test_the_stand_in_was_asked', 'tests/kernel/test_netlink.py::test_a_consumer_that_dies',
    'tests/tables/test_hostile.py']     # and this one looks at the clock
NOT_HERE = [word for test in STARTED for word in ('--deselect', test)]


class Crowd:
    """A room full of sockets that is never too old."""

    def __init__(self):
        self.room = None

    def fresh(self):
        if self.room is None or time.time() - self.born > YOUTH:
            self.close()
            self.room, self.born = Room([sys.executable, '-m', 'tests.parity.crowd'], stderr=subprocess.DEVNULL), time.time()
        return self.room

    def close(self):
        if self.room:
            self.room.close()
            self.room = None


def lines():
    """The command lines of tests/parity that need no files beside them."""
    return sorted({line for _, line in enabled() if '{folder}' not in line})[::EVERY]


def compared(python, reference, crowd, told):
    """(same, all) of the command lines; ``told`` hears of each that differs."""
    good = count = 0
    reference = python.reference(reference)
    for line in lines():
        room = crowd.fresh()
        cgroup = room.facts.get('cgroup', '/nosuch')
        command = programs.Command.parse(line, {'cgroup': cgroup, 'cgroup_below_mount': cgroup.rpartition('/')[2]})
        ask = partial(command.run, enter=room.enter, stdin=b'sport = 443\n', folder=TREE)
        try:
            expected, answer = programs.settled(partial(ask, reference), partial(ask, python.subject()))
            wrong = None if programs.same(expected, answer) else programs.difference(expected, answer, 8)
            wrong = wrong or programs.complaint(answer)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            wrong = str(error)
        count += 1
        good += not wrong
        if wrong:
            told('%s\n%s' % (line, wrong[:2000]))
    return '%d of %d' % (good, count), good == count


def pytest(python, arguments, told):
    """('N passed', whether all did) of a run of pytest; '--' where there is none."""
    if python.pytest is None:
        return '--', True
    words = python.words + ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-m', 'not parity and not lab and not root']
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([TREE, python.pytest]), PYTHONDONTWRITEBYTECODE='1')
    run = subprocess.Popen(words + arguments, cwd=TREE, env=env, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    text = run.communicate()[0].decode('utf-8', 'replace')
    last = (text.splitlines() or [''])[-1]
    passed, failed = [sum(map(int, re.findall(r'(\d+) ' + word, last))) for word in ('passed', '(?:failed|error)')]
    if run.returncode:
        told(text[-3000:])
    return '%d of %d' % (passed, passed + failed), run.returncode == 0


def version(python):
    """What this Python calls itself, in its own cell."""
    words = python.prefix + (python.words if not python.prefix else ['/usr/bin/python3'])
    program = 'import sys; p = getattr(sys, "pypy_version_info", None); ' \
              'print("%s%d.%d.%d" % (("PyPy ",) + p[:3] if p else ("",) + sys.version_info[:3]))'
    return subprocess.check_output(words + ['-c', program], stderr=subprocess.STDOUT).decode().strip()


HEADS = ('cell', 'what it is', 'Python', 'unit tests', 'recordings', 'beside ss')


def table(rows):
    """The rows as a table of reStructuredText."""
    widths = [max(len(row[column]) for row in [HEADS] + rows) for column in range(len(HEADS))]
    rule = '  '.join('=' * width for width in widths)
    body = ['  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [HEADS] + rows]
    return '\n'.join([rule, body[0], rule] + body[1:] + [rule, ''])
