"""Counters of the last look, by the cookies of sockets."""
from ssng.host import Host
from ssng.host.inside import Inside
from ssng.host.rates import NEVER, Rates


def test_the_example():
    """Of one socket what it said before and how long ago; of another at the same addresses nothing."""
    rates = Rates()
    rates.begin(10)
    assert rates.grown(7, (0, 1000)) == (None, None)
    rates.begin(12)
    assert rates.grown(7, (0, 5000)) == ((0, 1000), 2)
    assert rates.grown(7, (0, 5000)) == ((0, 1000), 2)      # asked again in the same look
    rates.begin(13)
    assert rates.grown(9, (0, 200))[0] is None


def test_one_look_is_kept():
    rates = Rates()
    for look in range(50):
        rates.begin(look)
        for cookie in range(100):
            rates.grown((look, cookie), (look,))
        assert len(rates.now) + len(rates.before) <= 200
    rates.begin(60)
    assert rates.grown((0, 1), (0,))[0] is None


def test_a_clock_that_stands():
    """Two looks in no time: no division by zero."""
    rates = Rates()
    for _ in '12':
        rates.begin(5)
        before, seconds = rates.grown(1, (4,))
    assert before == (4,) and seconds > 0


class Namespace:
    ways = ()
    name = None

    def __init__(self, inode):
        self.inode = inode

    def folder(self):
        return '/proc/self'

    def close(self):
        pass


def test_hosts():
    """A host that is looked at once knows none; later ones share them, and namespaces of it are apart."""
    host = Host()
    assert host.rates is NEVER and Inside(host, Namespace(1)).rates is NEVER
    assert host.rates.grown(1, (2,)) == (None, None)
    first = host.again()
    for number in (1, 2):
        Inside(first, Namespace(number)).rates.grown(7, (number,))
    second = first.again()
    assert second.rates is first.rates and second.names is host.names and second.tasks is not first.tasks
    assert [Inside(second, Namespace(number)).rates.grown(7, (9,))[0] for number in (1, 2, 3)] == [(1,), (2,), None]
    assert second.rates.grown(7, (9,))[0] is None
