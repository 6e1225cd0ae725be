"""`python3 -m ssng`, and `python3 ssng`, the folder itself."""

import sys

MISSING = '''\
ssng: this Python has no module %s, which ssng needs; Debian has it in libpython3-stdlib, which python3 brings \
and python3-minimal does not
'''


def console():
    """The program.  Does not return."""
    import gc
    gc.disable()                        # columns are lists of many strings, and hold no cycles: collecting took a third
    try:
        main().console()
    except ImportError as error:
        if not error.name or error.name.partition('.')[0] == (__package__ or 'ssng').partition('.')[0]:
            raise                       # one of ours: not the Python is broken
        try:
            sys.stderr.write(MISSING % error.name)
        except (OSError, AttributeError):       # full, or closed and None: the status must do
            pass
        sys.exit(1)


def main():
    """The module ssng.cli.main of the package that this file lies in."""
    if __package__:
        from .cli import main
        return main
    return __import__(package() + '.cli.main', fromlist=['console'])


def package():
    """The name under which the folder of this file is imported, where it is no package yet.

    It is found by its path, whatever it is called: `python3 ssng` and `python3 /opt/ssng-0.1` are the same
    program.  No module is looked for in it or beside it; only those of Python are not its own.
    """
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import spec_from_file_location
    folder = __file__.rpartition('/')[0] or '.'
    if folder in sys.path[:1]:
        del sys.path[0]
    spec = spec_from_file_location('ssng', folder + '/__init__.py', submodule_search_locations=[folder])
    sys.modules['ssng'] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules['ssng'])
    return 'ssng'


if __name__ == '__main__':
    console()
