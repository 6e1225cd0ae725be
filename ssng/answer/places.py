"""Where a query is asked: on the host as we see it, or in some of its network namespaces, one after the other.

What cannot be entered is told once, behind all the others: a namespace that the user named fails, of all that there are
some may.
"""

from ..errors import Failure, reason
from ..escape import one_line
from ..host.tasks import GONE
from ..kernel.netlink import Kernel


def places(query, host, source=None):
    """(Host, source) of each place; what may not be entered is told when the last has been taken.

    ``source``: a Kernel, or what stands in for one; :meth:`Kernel.inside` makes that of a namespace of it.  A Host
    that is another one than ``host`` is closed by who takes it.
    """
    source = source or Kernel()
    specs = query.selection.netns
    if specs is None:
        yield host, source
        return
    namespaces = host.namespaces(specs)
    refused = []
    for namespace in namespaces:
        try:
            inside = host.inside(namespace)
        except OSError as error:
            if specs:
                raise Failure('--netns: cannot enter the network namespace %s: %s' % (
                    called(namespace), reason(error)), 1, errno=error.errno)
            if error.errno not in GONE:         # it came to its end meanwhile
                refused.append(error)
        else:
            yield inside, source.inside(namespace)
    if refused:
        host.report.warn('%d of %d network namespaces cannot be entered: %s' % (
            len(refused), len(namespaces), reason(refused[0])))


def asks_for_peers(query):
    """Whether it takes more than the sockets that are shown to tell all that is asked of their other ends."""
    return 'peers' in query.detail.wanted and 'tcp' in query.selection.tables


def introduced(query, found):
    """Places in which connections know their peers, where something asks for them."""
    if not asks_for_peers(query):
        yield from found
        return
    from ..sources.peers import introduce
    left = list(found)
    try:
        introduce(left)
        while left:
            yield left.pop(0)
    finally:
        for inside, _ in left:
            inside.close()


def called(namespace):
    return '"%s"' % one_line(namespace.name) if namespace.name is not None else namespace.inode


def placed(query, host):
    """The query as it is to be asked in another place: a name in its filter may have another number there."""
    selection = query.selection
    if selection.netns is None or selection.reading is None:
        return query
    condition = selection.reading.elsewhere(host, selection.condition)
    return query if condition is selection.condition else query.of(condition)
