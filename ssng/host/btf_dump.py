"""A value as text in C's manner: ``(struct pt){.x = (int)2,.y = (int)3,}``.

The text is that of the library ss uses (behaviour file B, 5.3), but for two of its slips, where ssng
says what is there:

* the value of a signed enum that has no name is followed by a comma like every other value;
* a single char or bool is a number wherever it stands.  Characters are the elements of an array of
  one-byte integers, up to and with its own first zero; no array decides how anything beside it looks.
"""

import errno

from . import btf as types
from .btf import BtfError, encoding, enumerators, is_signed, member_bits
from .btf_float import fixed
from .btf_names import Names

INDENT = 2                      # tabs in front of the outermost value
DEEPEST = 64                    # values within values; the kernel allows 32
MOST = 1 << 18                  # values within one value: a kilobyte of types can describe billions of nothings
UNBOUNDED = (errno.ELOOP, errno.EOVERFLOW)      # errors that end all, not only the array they happen in
PLAIN = (1, 2, 4, 8)            # bytes of an int that is printed as a number
WIDE = 16                       # bytes of an int that is printed in hex
STATIC = 0                      # linkage of a variable


class Printer:
    """Prints values of the type ``number`` of a Btf: on one line (``compact``), or a line for each member."""

    def __init__(self, btf, number, compact):
        self.btf = btf
        self.type = number
        self.compact = compact
        self.names = Names(btf)
        self.numbers = {}       # of an enum's constants: type to {value: name}

    def text(self, data):
        """The text of a value, ``data`` in the kernel's bytes.  An error is part of the text."""
        self.data, self.out = data, []
        self.depth, self.elements, self.left = 0, 0, MOST
        try:
            self.value(self.type, 0)
        except BtfError as failed:
            self.indent()
            self.out.append('failed to dump data: %d' % -failed.errno)
        return ''.join(self.out)
