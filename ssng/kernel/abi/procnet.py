"""What /proc/net tells of a socket and no message of the kernel's has a place for.

:mod:`ssng.sources.proc` writes the lines of /proc/net as the messages that sock_diag would have sent.
The rest goes into attributes of our own, with the numbers below: the kernel's own begin at 0, and so
far end at 22.  Their layout is ours; integers are in host byte order, as in the messages.
"""

from . import Structure, c_uint32, c_uint64

PROC_TCP = 0x3f01               # proc_tcp
PROC_OPTIONS = 0x3f02           # text at the end of a line of tcp; no terminator
PROC_PEER_NAME = 0x3f03         # name of a unix socket's peer, as it is shown; no terminator
PROC_PACKET = 0x3f04            # proc_packet
PROC_NETLINK = 0x3f05           # proc_netlink
PROC_DATAGRAM = 0x3f06          # no payload: a socket of udp or raw, of which ss tells no details then


class proc_tcp(Structure):
    """Times are in ticks, of which ``os.sysconf('SC_CLK_TCK')`` make a second."""

    _fields_ = [
        ('rto', c_uint32),
        ('ato', c_uint32),
        ('qack', c_uint32),             # twice the number of quick acknowledgements left, plus one in an interactive session
        ('cwnd', c_uint32),
        ('ssthresh', c_uint32),         # 0 where there is none yet
    ]


class proc_packet(Structure):
    _fields_ = [
        ('ifindex', c_uint32),
        ('rqueue', c_uint32),
    ]


class proc_netlink(Structure):
    _fields_ = [
        ('sk', c_uint64),               # address, mostly hashed
        ('cb', c_uint64),               # of the callback of a running dump; later kernels: whether one runs
        ('rqueue', c_uint32),
        ('wqueue', c_uint32),
    ]
