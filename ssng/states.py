"""The states of sockets: their sets, as a request carries them, and the words of the command line for them.

A set is a mask: bit N is state N.  Bits 0, 12 and 13 come along as ss sends them, though no socket is
ever told to be in such a state (fixtures/behaviour/command-line.md, 2.2).
"""

from .kernel.abi.sock_diag import (
    TCP_BOUND_INACTIVE, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_CLOSING, TCP_ESTABLISHED, TCP_FIN_WAIT1, TCP_FIN_WAIT2,
    TCP_LAST_ACK, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT, TCP_TIME_WAIT)

ESTABLISHED = 1 << TCP_ESTABLISHED
CLOSED = 1 << TCP_CLOSE
LISTENING = 1 << TCP_LISTEN | CLOSED
BOUND_INACTIVE = 1 << TCP_BOUND_INACTIVE
BUCKET = 1 << TCP_SYN_RECV | 1 << TCP_TIME_WAIT
ALL = 0x3fff
BIG = ALL & ~BUCKET
CONNECTED = ALL & ~LISTENING
SYNCHRONIZED = CONNECTED & ~(1 << TCP_SYN_SENT)
USUAL = CONNECTED & ~BUCKET             # what is shown of tcp and its like unless told otherwise

# What the table of ss calls them, and old manuals do: no words of ss 7.3.0, which come first.
SHOWN_AS = {'estab': ESTABLISHED, 'listen': 1 << TCP_LISTEN, 'unconn': CLOSED}

WORDS = {
    'all': ALL,
    'connected': CONNECTED,
    'synchronized': SYNCHRONIZED,
    'bucket': BUCKET,
    'big': BIG,
    'established': ESTABLISHED,
    'syn-sent': 1 << TCP_SYN_SENT,
    'syn-recv': 1 << TCP_SYN_RECV,
    'syn-rcv': 1 << TCP_SYN_RECV,
    'fin-wait-1': 1 << TCP_FIN_WAIT1,
    'fin-wait-2': 1 << TCP_FIN_WAIT2,
    'time-wait': 1 << TCP_TIME_WAIT,
    'unconnected': CLOSED,
    'close': CLOSED,
    'closed': CLOSED,
    'close-wait': 1 << TCP_CLOSE_WAIT,
    'last-ack': 1 << TCP_LAST_ACK,
    'listening': 1 << TCP_LISTEN,
    'closing': 1 << TCP_CLOSING,
    'bound-inactive': BOUND_INACTIVE,
    'unknown': 1 << 0,
}
