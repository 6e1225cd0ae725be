"""Sizes, times and rates, with their units, to numbers in the unit of a fact."""

from ..errors import Failure

LONGEST = 40                    # characters of a number
DIGITS = '0123456789'

SIZES = {'': 1, 'B': 1, 'kB': 10 ** 3, 'MB': 10 ** 6, 'GB': 10 ** 9, 'TB': 10 ** 12}
for _power, _letter in enumerate('KMGT', 1):
    SIZES[_letter] = SIZES[_letter + 'iB'] = 1 << 10 * _power
SIZES['k'] = SIZES['K']
TIMES = {'us': 1, 'ms': 10 ** 3, 's': 10 ** 6, 'm': 60 * 10 ** 6, 'h': 3600 * 10 ** 6}       # in us
RATES = {unit + '/s': 8 * factor for unit, factor in SIZES.items() if unit}                 # in bits
RATES.update({'bps': 1, 'Kbps': 10 ** 3, 'kbps': 10 ** 3, 'Mbps': 10 ** 6, 'Gbps': 10 ** 9, 'Tbps': 10 ** 12})

UNITS = {               # type of a fact: its units, the factor of each unit that a fact may be in, an example
    'size': (SIZES, {'bytes': 1}, '64K'),
    'time': (TIMES, TIMES, '100ms'),
    'rate': (RATES, {'bytes/s': 8}, '10Mbps'),
}


def quantity(text, entry, word):
    """The number that ``text`` means in the unit of a fact, which was typed as ``word``.  Raises Failure, status 1.

    A bare number is in the fact's own unit; of times and rates only where the word ends in it, or if it is 0.
    """
    units, own, example = UNITS[entry.kind.name]
    count = len(text) - len(text.lstrip(DIGITS + '.-'))
    digits, unit = text[:count], text[count:]
    whole, places = scanned(digits)
    if whole is None or unit and unit not in units:
        raise Failure('%s is a %s: a number and one of %s' % (entry.name, entry.kind.name, ' '.join(filter(None, units))), 1)
    if not unit and entry.kind.name != 'size':
        if whole and not word.endswith(entry.kind.suffix):
            raise Failure('a %s needs a unit: %s, or %s without one' % (entry.kind.name, example, entry.name), 1)
        return exact(whole, 10 ** places)
    return exact(whole * units[unit], 10 ** places * own[entry.kind.unit])


def scanned(digits):
    """(integer, decimal places) of a decimal number; (None, 0) if it is none."""
    before, point, after = digits.lstrip('-').partition('.')
    plain = before + after
    if not plain or len(plain) > LONGEST or plain.strip(DIGITS) or digits.startswith('--') or point and not after:
        return None, 0
    return (-1 if digits.startswith('-') else 1) * int(plain), len(after)


def exact(dividend, divisor):
    """A whole number where it is one."""
    return dividend // divisor if dividend % divisor == 0 else dividend / divisor
