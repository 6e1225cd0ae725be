"""Facts of the processes that hold a socket: not of the kernel's messages, an Owners finds them (host/processes.py).

Their values are what ``Owners.records`` says: a socket has as many of each as it has holders.
"""

from ..fields import NUMBER, WORD, Fact

UNDER = 'processes.'


def fact(name, kind, reveal, help):
    return Fact(UNDER + name, (), kind, reveal=reveal, help=help, source='proc')


def word(name, reveal, help):
    """The Fact of a word, and that of its bytes in hex where they are not UTF-8."""
    return [fact(name, WORD, reveal, help),
            fact(name + '_hex', WORD, reveal, 'the bytes of %s as hex digits, where they are not UTF-8' % name)]


FACTS = word('name', ('processes', 'threads', 'contexts'), 'what a process that holds the socket calls itself') + [
    fact('pid', NUMBER, ('processes', 'threads', 'contexts'), 'number of a process that holds the socket'),
    fact('tid', NUMBER, ('threads',), 'number of a thread that holds the socket'),
    fact('fd', NUMBER, ('processes', 'threads', 'contexts'), 'descriptor by which a process holds the socket'),
] + word('context', ('contexts',), 'SELinux context of a process that holds the socket') + word(
    'socket_context', ('contexts',), 'SELinux context of the socket behind a descriptor')
