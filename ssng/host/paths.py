"""Where the files of /proc are: PROC_ROOT and the PROC_NET_* variables (fixtures/behaviour/command-line.md, 5.3, 8 and 9.4).

A variable that is set counts even if it is empty: it names no file then.
"""

import os

# Tables whose netlink dump is not even tried when a variable names another source.
REDIRECTED = frozenset(['tcp', 'udp', 'raw', 'mptcp', 'sctp', 'unix', 'packet', 'netlink'])


def proc():
    """The folder that stands for /proc, ready to have ``/PID`` put behind it."""
    return os.environ.get('PROC_ROOT', '/proc').rstrip('/')


def net(name):
    """The file that stands for /proc/net/NAME: ``tcp6``, ``unix``, ``sockstat``..."""
    return os.environ.get('PROC_NET_' + name.upper(), proc() + '/net/' + name)


def port_range():
    """The file that holds the range of ephemeral ports."""
    return os.environ.get('PROC_IP_LOCAL_PORT_RANGE', proc() + '/sys/net/ipv4/ip_local_port_range')


def redirected(table):
    """Whether ``table`` (``tcp``, ``unix``...) is to be read from a file, and netlink left alone."""
    return table in REDIRECTED and ('PROC_ROOT' in os.environ or 'PROC_NET_' + table.upper() in os.environ)
