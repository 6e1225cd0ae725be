"""TCP: the kernel's table, or a recording of it (fixtures/behaviour/command-line.md, 9.3, sockets.md 4.1)."""

import os

from ..host import warn
from ..kernel.abi.inet_diag import TCPDIAG_GETSOCK
from ..kernel.abi.sock_diag import IPPROTO_TCP
from ..kernel.messages import Malformed
from ..sources.kernel import Refused
from .inet import MEMORY, Inet
from ..sources.inet import Dump


def replayed(table, query, path):
    """The sockets of a recorded dump; what is wrong with it is told, what came before is kept (command-line.md 9.3)."""
    from ..sources.recording import Broken, recorded
    try:
        with open(os.fsencode(path), 'rb') as stream:
            for batch in Dump(table, query).read(recorded(stream)):
                yield batch
    except (Broken, Malformed) as error:
        warn('TCPDIAG_FILE %s: %s' % (path, error))
    except Refused as refused:
        warn('TCPDIAG_FILE %s: the kernel answered: %s' % (path, refused.text or os.strerror(refused.errno)))
    except OSError as error:
        warn('TCPDIAG_FILE %s: %s' % (path, error.strerror))


class Tcp(Inet):
    """TCP, and what speaks like it."""

    legacy = TCPDIAG_GETSOCK

    def batches(self, query):
        """From the kernel, or from the recording that the environment names."""
        path = os.environ.get('TCPDIAG_FILE')
        return super().batches(query) if path is None else replayed(self, query, path)

    def info(self, show):
        from .tcp_info import text_facts
        return MEMORY + text_facts(show)

    def info_pairs(self, show):
        from .tcp_info import json_facts
        return json_facts()


TABLE = Tcp('tcp', IPPROTO_TCP, 'tcp')
