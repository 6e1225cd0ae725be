"""ssng as a small Python runs it: `python -m tests.support.minimal -tan`.

What Debian's python3-minimal does not bring cannot be imported here either.  With `--layouts SEED` as its words it prints
what tests/support/layouts.py tells of the structures.
"""
import sys

MISSING = ('ctypes', '_ctypes', 'json', '_json', 'difflib', 'shlex', 'termios', 'mmap', 'getpass', 'shutil', 'decimal',
           'unittest', 'multiprocessing', 'asyncio', 'sqlite3', 'curses', 'readline', 'queue', 'lzma', 'bz2', 'uuid', 'resource')

if __name__ == '__main__':
    for name in list(sys.modules):
        if name.partition('.')[0] in MISSING:
            del sys.modules[name]
    sys.modules.update(dict.fromkeys(MISSING))
    if sys.argv[1:2] == ['--layouts']:
        from tests.support.layouts import told
        print('\n'.join(told(int(sys.argv[2]))))
    else:
        from ssng.__main__ import console
        console()
