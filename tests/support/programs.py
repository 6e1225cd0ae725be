"""The two programs that the parity tests compare, how they are run, and how a difference is shown.

SSNG_SUBJECT names another command in ssng's place (`SSNG_SUBJECT="$(tools/oracle)"` compares the
reference with itself, which must find nothing: a check of the tests).
"""
import collections
import difflib
import os
import shlex
import subprocess
import sys
import time

from tests.support.namespaces import ROOT

Answer = collections.namedtuple('Answer', 'status out err')

PATIENCE = 60   # seconds; a program that hangs is a failure, not a wait
ATTEMPTS = 5    # to find the kernel's sockets at rest


def reference():
    """The words that run ss 7.3.0; OSError or CalledProcessError if this machine cannot have it."""
    return shlex.split(subprocess.check_output([sys.executable, os.path.join(ROOT, 'tools', 'oracle')]).decode())


def subject():
    named = os.environ.get('SSNG_SUBJECT')
    return shlex.split(named) if named else [sys.executable, '-m', 'ssng']


def surroundings(more=()):
    """A small environment: what the caller's shell says of COLUMNS or LANG must not matter."""
    kept = {name: os.environ[name] for name in ('PATH', 'HOME', 'LD_LIBRARY_PATH') if name in os.environ}
    kept['PYTHONPATH'] = ROOT
    kept.update(more)
    return kept


def start(words, env=(), enter=None, folder=None):
    return subprocess.Popen(words, env=surroundings(env), preexec_fn=enter, cwd=folder, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(program, stdin=b'', patience=PATIENCE):
    try:
        out, err = program.communicate(stdin, timeout=patience)
    except subprocess.TimeoutExpired:
        program.kill()
        program.communicate()
        raise
    return Answer(program.returncode, out, err)


def run(words, stdin=b'', patience=PATIENCE, **more):
    return finish(start(words, **more), stdin, patience)


class Command(collections.namedtuple('Command', 'env arguments')):
    """One command line of a table, written as a shell would have it: `COLUMNS=80 -tan 'dport = :22'`."""

    @classmethod
    def parse(cls, text, facts=()):
        """`{name}` stands for one of `facts`: what only the running test knows (files, a cgroup's path)."""
        words = [word.format(**dict(facts)) for word in shlex.split(text)]
        count = 0
        while count < len(words) and words[count].split('=')[0].isupper() and '=' in words[count]:
            count += 1
        return cls(dict(word.split('=', 1) for word in words[:count]), words[count:])

    def run(self, program, **more):
        return run(program + self.arguments, env=self.env, **more)

    def run_both(self, one, other, stdin=b'', **more):
        """The answers of two programs that run at the same time."""
        running = [start(program + self.arguments, env=self.env, **more) for program in (one, other)]
        return [finish(program, stdin) for program in running]

    def run_beside(self, program, forker, stdin=b'', enter=None, **more):
        """As `run_both`, with ssng in a forker that lives where `enter` leads."""
        running = start(program + self.arguments, env=self.env, enter=enter, **more)
        forker.ask(self.arguments, env=self.env, stdin=stdin, **more)
        return finish(running, stdin), forker.answer()


def visible(output):
    """Lines in which nothing hides: blanks at the end, tabs, odd bytes, a missing newline."""
    lines = []
    for line in output.decode('latin-1').splitlines(True):
        text, end = (line[:-1], '$') if line.endswith('\n') else (line, '<no newline>')
        bare = text.rstrip(' ')
        text = bare + '\u00b7' * (len(text) - len(bare))
        lines.append(text.replace('\t', '\\t').replace('\x1b', '\\e').replace('\r', '\\r') + end)
    return lines


def difference(reference_answer, subject_answer, limit=60):
    """What a reader needs to see when the two are not the same."""
    said = []
    if reference_answer.status != subject_answer.status:
        said.append('exit status %d, the reference has %d' % (subject_answer.status, reference_answer.status))
    diff = list(difflib.unified_diff(visible(reference_answer.out), visible(subject_answer.out),
                                     'reference', 'subject', lineterm='', n=1))
    said += diff[:limit] + ['... %d more lines' % (len(diff) - limit)] * (len(diff) > limit)
    for name, answer in (('reference', reference_answer), ('subject', subject_answer)):
        if answer.err:
            said.append('stderr of the %s: %s' % (name, answer.err.decode('latin-1')[:2000]))
    return '\n'.join(said)


def same(reference_answer, subject_answer):
    return reference_answer[:2] == subject_answer[:2]


def settled(reference_answer, subject_answer, both=None):
    """The answers to one question, by two functions, of a moment in which the kernel's sockets did not change.

    Nearly always the first ones do: whatever `both` gives, at the same time, or one after the other.
    """
    expected, answer = both() if both else (reference_answer(), subject_answer())
    for attempt in range(ATTEMPTS):
        if same(expected, answer):
            return expected, answer
        time.sleep(0.05 * attempt)
        expected, answer, again = reference_answer(), subject_answer(), reference_answer()
        if again == expected:
            return expected, answer
    raise AssertionError('the reference does not agree with itself:\n' + difference(expected, again))


def complaint(answer):
    """What is wrong with a subject's stderr, or None: every message is a line of its own, never a traceback."""
    text = answer.err.decode('latin-1')
    if 'Traceback' in text:
        return 'a traceback:\n' + text
    if text and not os.environ.get('SSNG_SUBJECT') and not text.startswith('ssng: '):
        return 'a message without `ssng: `:\n' + text
    return None
