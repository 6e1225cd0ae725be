"""What a filter means for its query, as a whole: what must be fetched for it, and which states are asked for."""

from ..states import LISTENING
from .scope import Elsewhere, Scope
from .syntax import parse
from .tree import Autobound, Device, Numbered, conditions, facts

PLACED = (Autobound, Device, Numbered)          # conditions with numbers that each network namespace has of its own


class Reading:
    """The words of a filter, to be read once for each network namespace in which they may mean something else.

    ``operands`` and ``lines``: as :func:`ssng.filter.syntax.parse` takes them.  ``scope``: the class of the Scope.
    """

    def __init__(self, operands, lines, query, scope=Scope):
        self.operands = operands
        self.lines = list(lines) if query.selection.netns is not None else lines
        self.selection = query.selection
        self.scope = scope
        self.listeners = False

    def tree(self, host):
        """The tree that they mean on a host.  Raises Failure where they mean nothing."""
        scope = self.scope(host, self.selection.family, self.selection.tables, self.selection.netns)
        tree = parse(self.operands, self.lines, scope)
        self.listeners = scope.listeners
        return tree

    def elsewhere(self, host, tree):
        """The tree that they mean in another namespace, where they mean ``tree`` in the first."""
        if not any([isinstance(each, PLACED) for each in conditions(tree)]):
            return tree
        return parse(self.operands, self.lines, Elsewhere(host, self.selection.family, self.selection.tables))


def read_into(query, operands, lines, host, scope=Scope):
    """Read a filter, and make it the condition of a query."""
    reading = query.selection.reading = Reading(operands, lines, query, scope)
    settle(query, reading.tree(host), reading.listeners)


def settle(query, node, listeners):
    """Make a tree the condition of a query.

    ``listeners``: they are meant, too, unless the user chose states.  A condition on the state that holds for all of the
    filter chooses them as ``state X`` does.
    """
    selection, names = query.selection, facts(node)
    selection.condition = node
    if names:
        from ..catalogue import words_for
        from .facts import chosen
        query.detail.needed = query.detail.needed.union(words_for(names))
        mask = chosen(node)
        if mask is not None:
            selection.states = selection.states & mask if selection.chosen else mask
            selection.chosen = True
    if listeners and not selection.chosen:
        selection.states |= LISTENING
