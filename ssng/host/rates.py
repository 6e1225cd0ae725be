"""What counters of sockets said at the last look, and how long ago that was.

    look 1    cookie 7: (0, 1000)                     nothing is known of before
    look 2    cookie 7: (0, 5000)   before: (0, 1000), 2.0 seconds
    look 3    cookie 9: (0, 200)    nothing: 9 is another socket, whatever its addresses are

A look's counters are kept until the next look has ended: memory does not grow with the number of looks.
"""


class Rates:
    """``begin()`` a look, then ask for what has ``grown``; of one network namespace :meth:`inside` it."""

    def __init__(self):
        self.time = self.seconds = None
        self.before = {}
        self.now = {}                   # (namespace, cookie): counters

    def begin(self, time):
        """A look begins at ``time``, in seconds of a clock that nobody sets."""
        self.seconds = None if self.time is None else max(time - self.time, 1e-6)
        self.time = time
        self.before, self.now = self.now, {}

    def inside(self, namespace):
        return Inside(self, namespace)

    def grown(self, cookie, counters, namespace=None):
        """(the counters at the last look or None, the seconds since); keeps those of now."""
        key = namespace, cookie
        self.now[key] = counters
        return self.before.get(key), self.seconds


class Inside:
    """Rates of the sockets of one network namespace: older kernels number those of each by themselves."""

    def __init__(self, rates, namespace):
        self.rates = rates
        self.namespace = namespace

    def grown(self, cookie, counters):
        return self.rates.grown(cookie, counters, self.namespace)


class Never:
    """In place of them where there is but one look."""

    @staticmethod
    def grown(cookie, counters):
        return None, None


NEVER = Never()
