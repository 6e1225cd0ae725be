"""What a filter means for its query, as a whole: what must be fetched for it, and which states are asked for."""

from ..states import LISTENING
from .tree import facts


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
