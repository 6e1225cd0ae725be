"""Painters wherever they are possible, in a program that is about to list sockets."""


def forced(number):
    """So many painters from now on, however few the sockets and the processors."""
    from ssng.answer import listing
    from ssng.output import painters
    listing.worth, listing.one_core, painters.NUMBER, painters.LEAST = lambda *_: True, lambda: False, number, 1
