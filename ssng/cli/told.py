"""What ssng tells of itself: each function returns text, and takes the word that the user gave, None without one."""


def version(_):
    from .. import __version__
    return 'ss utility, iproute2-7.3.0 (ssng %s)\n' % __version__


def usage(_):
    """What -h prints: the same as ss, and what ssng has beyond it."""
    from .help import text
    from .options import MORE_OPTIONS, OPTIONS
    return text(OPTIONS + MORE_OPTIONS)


def page(word):
    """What --help prints in 80 columns: on a topic, if the word behind it is one."""
    from .page import BLOCKS, text
    return text(word if word in BLOCKS else None)


def manual(_):
    from .manual import text
    return text()


def completion(shell):
    from .completion import script
    return script(shell)
