"""setup.cfg says what there is to say.  Here the program writes its own man page and completions, to be installed beside it."""
import os
import subprocess
import sys

from setuptools import setup

HERE = os.path.dirname(os.path.abspath(__file__))
PRINTED = [                 # where it is installed, and the words to which ssng prints it
    ('share/man/man8/ssng.8', ['--man']),
    ('share/bash-completion/completions/ssng', ['--completion=bash']),
    ('share/zsh/site-functions/_ssng', ['--completion=zsh']),
    ('share/fish/vendor_completions.d/ssng.fish', ['--completion=fish']),
]


def printed():
    """[(folder, [file])] for setuptools; a file that cannot be made is left out: the program is what counts."""
    made = []
    for path, words in PRINTED:
        run = subprocess.Popen([sys.executable, '-m', 'ssng'] + words, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text, _ = run.communicate()
        if not run.returncode:
            place = os.path.join('build', path)
            os.makedirs(os.path.join(HERE, os.path.dirname(place)), exist_ok=True)
            with open(os.path.join(HERE, place), 'wb') as stream:
                stream.write(text)
            made.append((os.path.dirname(path), [place]))
    return made


setup(data_files=printed())
