"""A line where names of hosts take long: a server that does not answer is asked for many seconds, in silence.

    with patience:                  a look-up, of which there may be thousands
        gethostbyaddr(...)

The first one starts a thread.  It wakes after a second, once more each second, and speaks if a look-up is going on.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:                       # which mypy takes for true: nothing is imported here when ssng runs
    from . import Report

SLOW = 1                # seconds
WAITING = 'a name server is slow to answer; without -r, and with addresses in a filter, none is asked'


class Patience:
    """Speaks but once, and only where a person looks."""

    def __init__(self, report: 'Report', slow: float = SLOW) -> None:
        self.report = report
        self.slow = slow
        self.busy = self.begun = False

    def __enter__(self) -> None:
        self.busy = True
        if not self.begun:
            self.begun = True
            if self.report.watched():
                from _thread import start_new_thread
                start_new_thread(self.wait, ())

    def __exit__(self, *_: object) -> None:
        self.busy = False

    def wait(self) -> None:
        from time import sleep
        sleep(self.slow)
        while not self.busy:
            sleep(self.slow)
        self.report.warn(WAITING)
