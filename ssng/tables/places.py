"""Facts of where a socket is: not of the kernel's messages, the Host knows that they come from.

They are told of the sockets of every table where hosts or network namespaces were asked for, and in text by a first column
where there may be several.
"""

from ..fields import NUMBER, WORD, Fact, exact

HOST, NETNS = 'Host', 'Netns'           # columns, as their headers have them
OF_HOST, OF_NETNS = ('host',), ('netns',)
FAR = Fact('host', (), WORD, lambda called: called, 'called', OF_HOST, 'host that was asked, as it was typed', source='proc')
NAME = Fact('netns_name', (), WORD, lambda netns: netns.name, 'netns', OF_NETNS, 'name of its network namespace', source='proc')
FACTS = [FAR, exact(FAR),
         Fact('netns', (), NUMBER, lambda netns: netns.inode, 'netns', OF_NETNS, 'inode of its network namespace', source='proc'),
         NAME, exact(NAME)]


def facts(words=None):
    """Those that words of Detail reveal."""
    return [fact for fact in FACTS if words is None or fact.shown(words)]


def place(host):
    """What the first column shows: the name of the namespace, else its inode.  Latin-1."""
    netns = host.netns
    return netns.name if netns.name is not None else '-' if netns.inode is None else str(netns.inode)


PLACES = {HOST: lambda host: host.called or '-', NETNS: place}


def fronts(selection):
    """The columns in front of all others, where sockets of several hosts or namespaces are shown."""
    return [HOST] * (selection.hosts > 1) + [NETNS] * selection.several
