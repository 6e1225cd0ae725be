"""What is looked up or worded once and kept, within bounds."""

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from typing import Any, Callable

MOST = 1 << 16          # values kept: a memo must not grow with the number of sockets


class Memo(dict):
    """Value -> what ``make(value)`` returns for it, made on first sight; at most ``most`` of them are kept."""

    __slots__ = ('make', 'most')

    def __init__(self, make: 'Callable[[Any], Any]', most: int = MOST) -> None:
        self.make = make
        self.most = most

    def __missing__(self, value: 'Any') -> 'Any':
        made = self.make(value)             # it may fill this very memo
        if len(self) >= self.most:
            self.clear()
        self[value] = made
        return made
