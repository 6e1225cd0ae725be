"""Facts of where a socket is: not of the kernel's messages, the Host knows that they come from.

They are told of the sockets of every table where network namespaces were asked for, and in text by a first column where
there may be several.
"""

from ..fields import NUMBER, WORD, Fact, exact

NETNS = ('netns',)
NAME = Fact('netns_name', (), WORD, lambda netns: netns.name, 'netns', NETNS, 'name of its network namespace', source='proc')
FACTS = [Fact('netns', (), NUMBER, lambda netns: netns.inode, 'netns', NETNS, 'inode of its network namespace', source='proc'),
         NAME, exact(NAME)]


def place(host):
    """What the first column shows: the name of the namespace, else its inode.  Latin-1."""
    netns = host.netns
    return netns.name if netns.name is not None else '-' if netns.inode is None else str(netns.inode)
