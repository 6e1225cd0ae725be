"""`ssng --help`: what `ss -h` prints, byte for byte (command-line.md 1.6), and what ssng has beyond it.

A line that begins with `@` stands for the lines of the options it names.
"""

USAGE = '''\
Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
@help version numeric resolve all listening bound-inactive options extended memory
@processes threads info tipcinfo summary tos cgroup bpf bpf-maps bpf-map-id
@events context contexts net

@ipv4 ipv6 packet tcp mptcp sctp udp raw unix tipc vsock xdp family
       FAMILY := {inet|inet6|link|unix|netlink|vsock|tipc|xdp|help}

@kill no-header no-queues oneline inet-sockopt

   -A, --query=QUERY, --socket=QUERY
       QUERY := {all|inet|tcp|mptcp|udp|raw|unix|unix_dgram|unix_stream|unix_seqpacket|packet|\
packet_raw|packet_dgram|netlink|sctp|vsock_stream|vsock_dgram|tipc|xdp}[,QUERY]

@diag filter
       FILTER := [ state STATE-FILTER ] [ EXPRESSION ]
       STATE-FILTER := {all|connected|synchronized|bucket|big|TCP-STATES}
         TCP-STATES := {established|syn-sent|syn-recv|fin-wait-{1,2}|time-wait|closed|close-wait|\
last-ack|listening|closing}
          connected := {established|syn-sent|syn-recv|fin-wait-{1,2}|time-wait|close-wait|\
last-ack|closing}
       synchronized := {established|syn-recv|fin-wait-{1,2}|time-wait|close-wait|last-ack|closing}
             bucket := {syn-recv|time-wait}
                big := {established|syn-sent|fin-wait-{1,2}|closed|close-wait|last-ack|listening|\
closing}
'''

MORE = '\n   More than ss:\n'


def text(options):
    """The whole message, with the lines of ``options``, rows as :mod:`.options` has them: those that ss lacks come last."""
    lines = {option[0]: option_line(*option) for option in options}
    out = []
    for line in USAGE.splitlines():
        out += [lines.pop(name) for name in line[1:].split()] if line.startswith('@') else [line]
    del lines['socket'], lines['query']         # they have a line of their own
    return '\n'.join(out) + '\n' + MORE + '\n'.join(lines.values()) + '\n'


def option_line(name, letters, argument, effect, thing, about):
    letter = '-%s,' % letters[0] if letters else '   '
    value = argument if not argument or argument.startswith('[') else '=' + argument
    return '   %-19s %s' % ('%s --%s%s' % (letter, name, value or ''), about)
