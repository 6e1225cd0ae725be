"""ssng without the interpreter's start: one process imports it, and forks for each command line.

SSNG_PAINTERS=3 has the rows of every answer made by three painters, however few there are.

A parity test asks hundreds of questions; the start of Python would be most of its time.  The child
that answers has done nothing but import `ssng.cli.main`; what ssng imports on its way is imported anew
each time.  How the program starts is tested with processes of its own (tests/parity/test_live.py).
"""
import base64
import ctypes
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile

from tests.support import painting, programs, seccomp

PAINTERS = os.environ.get('SSNG_PAINTERS', '')


class Forker:
    """A server in a room (`enter`), and the questions to it.  `ask` and `answer` leave time between them.

    `everything`: all of ssng is imported beforehand, for thousands of questions a minute.
    """

    def __init__(self, enter=None, everything=False, env=()):
        self.server = subprocess.Popen([sys.executable, '-m', 'tests.support.forker'] + ['everything'] * everything,
                                       cwd=programs.ROOT, preexec_fn=enter,
                                       env=programs.surroundings(dict(env, SSNG_PAINTERS=PAINTERS)),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, arguments, env=(), stdin=b'', folder=None, patience=programs.PATIENCE, refused=None):
        """`patience`: seconds until SIGALRM ends it; a program that hangs is a failure, not a wait.

        `refused`: (names of system calls, errno) that the kernel refuses it from the start (tests/support/seccomp.py).
        """
        question = {'arguments': [os.fsencode(word).decode('latin-1') for word in arguments],
                    'env': programs.surroundings(env), 'folder': folder, 'stdin': base64.b64encode(stdin).decode(),
                    'patience': patience, 'refused': refused}
        self.server.stdin.write(json.dumps(question).encode() + b'\n')
        self.server.stdin.flush()

    def answer(self):
        told = json.loads(self.server.stdout.readline().decode())
        return programs.Answer(told['status'], base64.b64decode(told['out']), base64.b64decode(told['err']))

    def run(self, arguments, **more):
        self.ask(arguments, **more)
        return self.answer()

    def close(self):
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()


class Other(Forker):
    """The same for a program that is not ssng (SSNG_SUBJECT): a process for each question."""

    def __init__(self, enter=None):
        self.enter = enter

    def ask(self, arguments, env=(), stdin=b'', folder=None):
        self.running = programs.start(programs.subject() + list(arguments), env=env, enter=self.enter, folder=folder)
        self.stdin = stdin

    def answer(self):
        return programs.finish(self.running, self.stdin)

    def close(self):
        pass


def forker(enter=None):
    return (Other if os.environ.get('SSNG_SUBJECT') else Forker)(enter)


# The server

def child(question, files):
    from ssng.cli.main import console
    files[0].write(base64.b64decode(question['stdin']))
    files[0].seek(0)
    for number, file in enumerate(files):
        os.dup2(file.fileno(), number)
    os.chdir(question['folder'] or '.')
    os.environ.clear()
    os.environ.update(question['env'])
    signal.setitimer(signal.ITIMER_REAL, question['patience'])
    sys.argv[1:] = [os.fsdecode(word.encode('latin-1')) for word in question['arguments']]
    if question['refused']:
        try:
            ctypes.CDLL('libgcc_s.so.1')        # glibc opens it when a thread of CPython before 3.8 ends
        except OSError:
            pass
        seccomp.refuse(*question['refused'])
    if PAINTERS:
        painting.forced(int(PAINTERS))
    try:
        console()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)


def reply(question):
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if not pid:
            child(question, (stdin, out, err))
        _, status = os.waitpid(pid, 0)
        out.seek(0), err.seek(0)
        return {'status': os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status),
                'out': base64.b64encode(out.read()).decode(), 'err': base64.b64encode(err.read()).decode()}


def main():
    import ssng.cli.main    # noqa: F401, for the children
    if 'everything' in sys.argv:
        for _, name, _ in pkgutil.walk_packages(ssng.__path__, 'ssng.'):
            __import__(name)
        for name in ('json', 're', 'difflib', 'traceback', 'linecache',
                     'encodings.latin_1'):     # what else may be imported on the way
            __import__(name)
    questions, answers = os.fdopen(os.dup(0), 'rb'), os.fdopen(os.dup(1), 'wb')
    for line in iter(questions.readline, b''):
        answers.write(json.dumps(reply(json.loads(line.decode()))).encode() + b'\n')
        answers.flush()


if __name__ == '__main__':
    main()
