"""Made once, kept within bounds."""
from ssng.memo import Memo


def test_made_once():
    asked = []
    memo = Memo(lambda value: asked.append(value) or value * 2)
    assert [memo[value] for value in (1, 2, 1, 2)] == [2, 4, 2, 4] and asked == [1, 2]


def test_bounded():
    memo = Memo(str, 10)
    for value in range(1000):
        assert memo[value] == str(value) and len(memo) <= 10


def test_one_that_fills_itself():
    memo = Memo(lambda value: 0 if not value else memo[value - 1] + 1, 5)
    assert memo[50] == 50 and len(memo) <= 5
