"""Whether the table is coloured: --color, else SSNG_COLOR, and where neither says always, what the terminal is."""

from os import isatty

WORDS = ('auto', 'always', 'never')


def wanted(when, environ, report):
    """``when``: one of WORDS, or '' where no option says it.  NO_COLOR (any text) speaks to auto alone."""
    when = when or environ.get('SSNG_COLOR') or 'never'
    if when not in WORDS:
        report.warn('SSNG_COLOR: known are: %s' % ' '.join(WORDS))
    return when == 'always' or when == 'auto' and isatty(1) and not environ.get('NO_COLOR') and environ.get('TERM') != 'dumb'
