"""The command lines on which ssng and ss must agree, byte for byte.

A group is a list of lines as a shell would have them.  `{folder}` is a folder with the files of
`test_live.FILES`, `{cgroup}` the path of a control group with sockets in it.  Ports and addresses are
those of tests/parity/kinds.  Where several options may meet, `product` writes the lines.

Cases on which ssng differs from ss on purpose stand in test_differences.py, not here.
"""
import itertools

# Groups that wait for a part of ssng that is still to come: this is the only switch.
DISABLED = (
    'all tables', 'unix', 'raw', 'packet', 'netlink', 'mptcp', 'absent families', 'summary', 'kill', 'bpf',
)


def lines(text):
    return [line for line in text.strip().splitlines() if line and not line.startswith('#')]


def product(*parts):
    """Every line that takes one word or phrase of each part; '' takes none."""
    return [' '.join(filter(None, words)) for words in itertools.product(*parts)]


TABLES = ['-t', '-u', '-tu']
COUNTS = ['-tan', '-uan', '-tuan']

LIVE = {
    'one option': lines('''
        -t
        -u
        -tu
        -ut
        -ta
        -ua
        -tua
        -tl
        -ul
        -tul
        -tB
        -uB
        -tuB
        -tn
        -un
        -tun
        -tH
        -tQ
        -tO
        -tp
        -up
        -tup
        -um
        -ue
        -uo
        -ui
        -tm
        -t --tos
        -u --tos
        -t --cgroup
        -u --cgroup
        -t --inet-sockopt
        -u --inet-sockopt
        -tr
        -ur
        -tar
        -tarn
        -tul -r
        -tnT
        -tpT
        -upT
        -t -Z
        -u -z
        -N nosuchnamespace -t
    '''),
    'long options': lines('''
        --tcp
        --udp
        --tcp --all --numeric
        --tcp --listening --numeric
        --udp --listening --processes
        --tcp --bound-inactive
        --tcp --no-header
        --tcp --no-queues
        --tcp --oneline --memory
        --udp --extended
        --udp --options
        --tcp --ipv4
        --tcp --ipv6
        --tcp --family=inet
        --tcp --family inet6
        --query=tcp
        --query tcp -a
        --socket=udp
        --udp --al
        --udp --num
        --tcp --lis
        --tcp --mem --all
        --tcp --proc
        --udp --inf
        --tcp --inet
        --tcp --resolve
        --tcp --threads --processes
        --un --udp
        --udp --ex
        --tcp --one --mem -l
        --tc --ipv4
        --ud --ipv6
        --tcp --cg -l
        --udp --to
        --tcp --numeric --state
        --tcp -- state listening
        --tcp -n -- sport = :22
    '''),
    'families': lines('''
        -t4
        -t6
        -u4
        -u6
        -tu4
        -tu6
        -4t
        -6ta
        -tan4
        -tan6
        -uan4
        -uan6
        -t -f inet
        -t -f inet6
        -u -f inet -a
        -u -finet6 -a
        -taf inet6
        -tuanf inet
        -tan -4 -4
        -t -4 dst 127.0.0.1
        -t -6 dst [::1]
        -tan -6 dst ::1
        -tan -6 src fd00::/8
        -tan -4 src 127/8
        -t6 sport = :ssh
        -tan6 sport = :443
        -tan4 sport = :443
    '''),
    'tables by name': lines('''
        -A tcp
        -A udp
        -A tcp,udp
        -A udp,tcp
        -A tcp,udp -a
        -A tcp -A udp
        -A tcp,!udp
        -A !udp,tcp
        -A tcp,udp,!tcp
        -A inet,!raw,!sctp,!mptcp
        -A inet,!raw,!sctp,!mptcp -a
        -A all,!raw,!sctp,!mptcp,!unix,!packet,!netlink,!vsock,!xdp -an
        -t -A udp
        -A udp -t
        -u -A tcp
        -A !tcp -t
        -A !tcp -tu
        -A tcp -A !tcp -u
        -Atcp
        -Audp -a
        -A udp -l
        -A tcp -l
        -A tcp -B
        -A tcp state listening
        -A tcp,udp state connected
        -A udp exclude established
        -A tcp -A tcp
        -A tcp,tcp
        -A tcp -4
        -A udp -6
        -A tcp,udp -6 -n
    '''),
    'states': product(COUNTS, [
        'state ' + word for word in (
            'all', 'connected', 'synchronized', 'bucket', 'big', 'established', 'syn-sent', 'syn-recv', 'syn-rcv',
            'fin-wait-1', 'fin-wait-2', 'time-wait', 'unconnected', 'close', 'closed', 'close-wait', 'last-ack',
            'listening', 'closing', 'bound-inactive', 'unknown')]),
    'excluded states': product(['-tan'], ['exclude ' + word for word in (
        'all', 'connected', 'synchronized', 'bucket', 'big', 'established', 'syn-sent', 'syn-recv', 'fin-wait-1',
        'fin-wait-2', 'time-wait', 'close', 'close-wait', 'last-ack', 'listening', 'closing', 'bound-inactive')]),
    'several states': lines('''
        -t state established state listening
        -t state ESTABLISHED
        -t state Time-Wait
        -tn state all exclude established
        -tn state connected exclude time-wait exclude syn-recv
        -tn exclude listening exclude established
        -tn excl listening
        -tn exclude listening state listening
        -tn state established exclude established
        -ta state established exclude established
        -tl state established
        -ta state listening
        -tB state all
        -tan state listening state close dport = 0
        -tan state fin-wait-1 state last-ack state closing
        -tn4 state all
        -tn6 state all
        -tu state listening
        -tu state close
        -tu state established
        -u state close
        -u state bound-inactive
        -al -tn
        -la -tn
        -aB -tn
        -lB -tn
        -Bl -tn
        -ta -l
        -tl -a
        -ul -a
        -tan state syn-sent
        -tan state bucket
        -taH state bucket
        -taHQ state listening
        -tanQ state established
        -tan state established state syn-sent src 127.0.0.1
    '''),
    'names of ports': lines('''
        -ta
        -ua
        -tua
        -tl sport = ssh
        -tl sport = :ssh
        -tl sport = http
        -tl sport = www
        -tl sport = webcache
        -tl sport = http-alt
        -ta sport = high
        -ta sport = inside
        -ta sport = 40000
        -ta sport >= https
        -ta sport <= :domain
        -ta sport != domain
        -ta dport = domain
        -ua dport = domain
        -tua sport = domain
        -tua dport = domain
        -ua sport = ntp
        -ua sport = mdns
        -ta sport = split
        -ua sport = split
        -tan src 127.0.0.1:ssh
        -tan src *:http
        -tan src [::1]:https
        -ta4 sport = https
        -tu sport = domain or dport = domain
        PROC_IP_LOCAL_PORT_RANGE={folder}/range-none -ta
        PROC_IP_LOCAL_PORT_RANGE={folder}/range-all -ta
        PROC_IP_LOCAL_PORT_RANGE={folder}/range-broken -ta
        PROC_IP_LOCAL_PORT_RANGE={folder}/range-all -tan autobound
        PROC_IP_LOCAL_PORT_RANGE={folder}/missing -ta
    '''),
    'ports': lines('''
        -tan sport = 22
        -tan sport = :22
        -tan sport 22
        -tan sport :22
        -tan sport == 22
        -tan sport eq 22
        -tan sport eq :22
        -tan sport != 22
        -tan sport ne 22
        -tan sport neq :22
        -tan sport > 1130
        -tan sport gt :1130
        -tan sport >= 1130
        -tan sport ge 1130
        -tan sport geq 1130
        -tan sport < 53
        -tan sport lt :53
        -tan sport <= 53
        -tan sport le 53
        -tan sport leq :53
        -tan dport = 1030
        -tan dport = :1030
        -tan dport 1030
        -tan dport != :1030
        -tan dport > 40000
        -tan dport >= 40000
        -tan dport < 1100
        -tan dport <= 1100
        -tan dport = 0
        -tan dport = :0
        -tan dport = :*
        -tan sport = *
        -tan sport = :*
        -tan sport = 0x16
        -tan sport = 026
        -tan sport = +22
        -tan sport = 65535
        -tan sport = 65536
        -tan sport = 70000
        -tan sport = -1
        -tan sport = 4294967318
        -tan sport >= 65535
        -tan sport > 65535
        -tan sport < 0
        -tan sport >= 0
        -tan sport <= 0
        -tan dport <= 0
        -tan dport > 0
        -uan sport = 53
        -uan sport = :2010
        -uan dport = 53
        -uan sport > 2040
        -uan sport < 2040
        -uan dport != 53
        -tuan sport = 53
        -tuan dport = 53
        -tuan sport > 1000 sport < 1010
    '''),
    'addresses': lines('''
        -tan src 127.0.0.1
        -tan src = 127.0.0.1
        -tan src == 127.0.0.1
        -tan src eq 127.0.0.1
        -tan dst 127.0.0.1
        -tan dst = 127.0.0.1
        -tan src 127.0.0.1:22
        -tan src 127.0.0.1:1030
        -tan dst 127.0.0.1:40000
        -tan dst 127.0.0.1:*
        -tan src 127.0.0.1:
        -tan src *:22
        -tan src *22
        -tan src *:*
        -tan src *
        -tan dst *
        -tan src :22
        -tan src [127.0.0.1]:1030
        -tan src [127.0.0.1]1030
        -tan src [127.0.0.1]
        -tan src [127.0.0.0/8]:1030
        -tan src 127/8
        -tan src 127.0/16
        -tan src 127.0.0.0/24
        -tan src 127.0.0.0/31
        -tan src 127.0.0.1/255.0.0.0
        -tan src 127.0.0.1/255.255.0.0:1030
        -tan src 127.0.0.1/0x8
        -tan src 127.0.0.1/010
        -tan src 127.0.0.1/32
        -tan src 127
        -tan src 127.9
        -tan src 127.9/16
        -tan src 127.9.3.200
        -tan src 0x7f.0.0.1
        -tan src 0177.0.0.1
        -tan src 10.99/16
        -tan dst 10.99.0.2:4446
        -tan dst 192.0.2.77
        -tan dst 192.0.2.0/24:80
        -tan src 203.0.113.9
        -tan src 0.0.0.0/32:22
        -tan src all
        -tan src any
        -tan src default
        -tan src all:22
        -tan src any:22
        -tan dst default:1030
        -tan4 src all
        -tan6 src any
        -tan6 dst default
        -tan src [::1]
        -tan src [::1]:443
        -tan src [::1]:*
        -tan dst [::1]:1030
        -tan src fd00::/8
        -tan src fd00::/8:111
        -tan src [fd00::/8]:111
        -tan src [fd00::/8]
        -tan src fd00::1:2/128
        -tan src [fd00::1:2]
        -tan src [fd00::1:2]:8443
        -tan src [fd00:1111:2222:3333:4444:5555:6666:7777]:60999
        -tan src fd00:1111::/32
        -tan src fd00:1111:2222::/47
        -tan src [fe80::1]
        -tan src fe80::/10
        -tan src fe80::/10:1008
        -tan dst 2001:db8::/32
        -tan dst [2001:db8::77]:80
        -tan src [::ffff:127.0.0.1]
        -tan src [::ffff:127.0.0.0/104]
        -tan src [::ffff:127.0.0.1]:1004
        -tan dst [::ffff:127.0.0.2]
        -tan src 127.0.0.2
        -tan src 127.0.0.2:1047
        -tan -6 src [::ffff:127.0.0.0]/104
        -tan src localhost
        -tan src localhost:22
        -tan dst localhost
        -tan dst unanswered.example
        -tan dst unanswered.example:80
        -tan src localhost6
        -tan src localhost6:443
        -tan dst localhost6
        -tan4 src localhost
        -tan6 src localhost6
        -uan src 127.0.0.1
        -uan src 127.0.0.1:2020
        -uan dst 127.0.0.1:53
        -uan dst 192.0.2.9
        -uan src 224/4
        -uan src [::1]
        -uan src [ff02::fb]
        -uan src fe80::/10
        -uan dst [fe80::2]
        -uan dst [::ffff:127.0.0.1]:123
        -tuan src 127.0.0.1:2040
        -tuan dst [::1]
        -tuan src 203.0.113.0/24
    '''),
    'devices': lines('''
        -tan dev lo
        -tan dev = lo
        -tan dev == lo
        -tan dev eq lan0
        -tan dev != lo
        -tan dev ne lo
        -tan dev neq lan0
        -tan dev lan0
        -tan dev 0
        -tan dev 1
        -tan dev 99
        -tan dev if1
        -tan dev if1xyz
        -tan dev 0x1
        -uan dev lo
        -uan dev lan0
        -uan dev != lan0
        -tuan dev lan0
        -tan dev lo or sport = 22
        -tan dev lo and sport = 1006
        -tan not dev lo
        -tan '!' dev = lo and sport = 22
        -tan dev lo or dev lan0
    '''),
    'marks': lines('''
        -tan fwmark = 0x1234
        -tan fwmark 0x1234
        -tan fwmark == 4660
        -tan fwmark eq 0x1234
        -tan fwmark != 0
        -tan fwmark ne 0
        -tan fwmark neq 0x1234
        -tan fwmark = 0
        -tan fwmark = 0x1200/0xff00
        -tan fwmark = 0x4/0xf
        -tan fwmark != 0x4/0xf
        -tan fwmark = 0x80000001
        -tan fwmark = 0x80000000/0x80000000
        -tan fwmark = 0/0
        -tan fwmark = 0x34/0xf
        -tan fwmark = 0x1234xyz
        -tan fwmark = 0x1234/0xffff/7
        -tan fwmark = -2147483647
        -uan fwmark = 7
        -uan fwmark != 7
        -tuan fwmark = 7
    '''),
    'control groups': lines('''
        -tan cgroup {cgroup}
        -tan cgroup = {cgroup}
        -tan cgroup == {cgroup}
        -tan cgroup eq {cgroup}
        -tan cgroup != {cgroup}
        -tan cgroup ne {cgroup}
        -tan cgroup '{cgroup}/inner\\ one'
        -tan 'cgroup {cgroup}/inner\\ one'
        -tan not cgroup '{cgroup}/inner\\ one'
        -uan cgroup '{cgroup}/inner\\ one'
        -tuan cgroup {cgroup_below_mount}
        -tan cgroup '/{cgroup_below_mount}'
        -tan cgroup '//{cgroup_below_mount}'
        -tan cgroup {cgroup} or sport = 22
        -tan --cgroup
        -uan --cgroup
        -tanO --cgroup
        -tlne
        -uane --cgroup
    '''),
    'bound by the kernel': lines('''
        -tan autobound
        -tan '! autobound'
        -tan not autobound
        -uan autobound
        -uan not autobound
        -tan autobound and dst 127.0.0.1
        -tan autobound or sport = 22
        -tuan autobound
    '''),
    'expressions': lines('''
        -tan 'sport = 22 or sport = 80'
        -tan sport = 22 or sport = 80 or sport = 443
        -tan sport = :22 '|' sport = :80
        -tan sport = :22 '||' sport = :80
        -tan src 127.0.0.1 and dport = 40000
        -tan src 127.0.0.1 '&' dport = 40000
        -tan src 127.0.0.1 '&&' dport = 40000
        -tan src 127.0.0.1 dport = 40000
        -tan src 127.0.0.1 dst 127.0.0.1 sport = 1030
        -tan not src 127.0.0.1
        -tan '!' src 127.0.0.1
        -tan '! ! src 127.0.0.1'
        -tan not not src 127.0.0.1
        -tan '( src 127.0.0.1 )'
        -tan '( ( src 127.0.0.1 ) )'
        -tan '(' src 127.0.0.1 ')' and sport = 22
        -tan '( sport = 22 or sport = 80 ) and dst *'
        -tan '( sport = 22 or dport = 1030 ) and ( src 127.0.0.1 or src [::1] )'
        -tan 'not ( sport = 22 or dport = 1030 )'
        -tan '! ( sport >= 22 and sport <= 1100 )'
        -tan '! sport = 22 and ! dport = 23'
        -tan '! sport = 22 ! dport = 23'
        -tan 'not sport = 22 and not dport = 0'
        -tan 'sport >= 1030 and sport <= 1050 and not src [::1]'
        -tan 'sport > 1030 sport < 1050 sport != 1040'
        -tan '( dport = 1 and dport = 2 ) or dport = 0'
        -tan '( src 127.0.0.1 and dst 127.0.0.1 ) or ( src [::1] and dst [::1] )'
        -tan 'src 127.0.0.1 or src [::1]'
        -tan 'src 10.99.0.1 or src fd00::/8'
        -tan 'sport = 1 or ( sport = 22 or ( sport = 80 or ( sport = 443 or sport = 8080 ) ) )'
        -tan '( ( ( ( sport = 1 or sport = 22 ) or sport = 80 ) or sport = 443 ) or sport = 8080 )'
        -tan '( sport = 22 or sport = 80 ) ( dport = 0 or dport = 1 )'
        -tan 'not ( not ( sport = 22 ) )'
        -tan not '(' fwmark = 7 or dev lo ')' and src 127/8
        -tan '(' fwmark = 7 or dev lo ')' and not autobound
        -tan state established '( dport = :1030 or sport = :1030 )'
        -tan state established state time-wait 'dport >= 1030 and dport <= 1140'
        -tan sport = '22 or' sport = 80
        -tan 'sport =' 22
        -tan 'sport' '=' '22'
        -tan '' sport '' = 22 ''
        -tan ' sport	=  22 '
        -tan 'sport = 2\\2'
        -tan '\\sport = 22'
        -tan 'sport = 22\\'
        -tan sport = 22 sport = 22
        sport = 22 -tan
        -t sport = 22 -a -n
        -t -a sport -n = 22
        dport = 0 -t state listening
        -tan not sport = 1 and not sport = 22 and not sport = 53 and not sport = 80 and not sport = 443
        -uan 'sport = 53 or dport = 53'
        -uan 'not ( sport = 53 or dport = 53 )'
        -uan 'src 127/8 and dst 127/8'
        -tuan 'sport = 53 or dport = 53 or sport = 2040'
        -tuan '( src [::1] or src 127/8 ) and sport > 2000'
    '''),
    'filter files': lines('''
        -tan -F {folder}/filter
        -tanF {folder}/filter
        -tan --filter={folder}/filter
        -tan -F {folder}/filter-comments
        -tan -F {folder}/filter-two-lines
        -tan -F {folder}/filter-half dport = 0 or
        -tan sport = 22 or -F {folder}/filter
        -tan -F {folder}/filter-zero
        -tan -F {folder}/filter-no-newline
        -tan -F {folder}/filter-empty
        -tan -F {folder}/filter-nul
        -tan state established -F {folder}/filter-half-none
        -tan -F -
        -tan -F -anything
    '''),
    'pairs of options': product(['-ta', '-ua', '-tua'], ['n', 'r'], ['', 'H', 'Q', 'HQ', 'p', 'pT', 'pH', 'pO', 'HpO']),
    'details that stay': product(
        ['-uan', '-uln', '-un', '-ua'], ['-e', '-m', '-i', '-o', '-em', '-eimo', '-eimoO', '-emp', '-empTO'],
        ['', '--tos', '--inet-sockopt', '--tos --cgroup --inet-sockopt']),
    'details of listeners': product(
        ['-tln', '-tBn', '-tl'], ['-e', '-m', '-i', '-o', '-O', '-em', '-eimo', '-eimoO', '-imp', '-eimopTO'],
        ['', '--tos', '--inet-sockopt --tos', '--tos --cgroup --inet-sockopt']),
    'details of connections': product(
        ['-tan', '-tn', '-tan4', '-tan6', '-tna exclude established', '-tn state time-wait state syn-recv'],
        ['-m', '-mO', '-mp', '--tos', '--inet-sockopt', '--tos --inet-sockopt -O', '--tos --cgroup --inet-sockopt -mp']),
    'widths': product(
        ['COLUMNS=%s' % width for width in (1, 5, 20, 33, 40, 50, 60, 66, 72, 79, 80, 81, 90, 100, 119, 120, 121, 132,
                                            150, 160, 180, 199, 200, 500)],
        ['-tan', '-tuanp', '-uanemO', '-ltnHQ']),
    'odd widths': product(
        ['COLUMNS=' + text for text in ('', '0', '-5', '80x', 'abc', "' 90'", '+70', '007', '99999999999', "'1 2'",
                                        '2147483647', '4294967376', '0x50')],
        ['-tan', '-uanm']),
    'wide and narrow details': product(
        ['COLUMNS=40', 'COLUMNS=80', 'COLUMNS=130', 'COLUMNS=200'],
        ['-uane', '-uanem --tos', '-ltnmi', '-ltneimO --inet-sockopt', '-tanm', '-tap', '-tlnpT']),
    'getopt': lines('''
        POSIXLY_CORRECT=1 -tan sport = 22
        POSIXLY_CORRECT=1 -t -a -n sport = 22
        POSIXLY_CORRECT= -tan sport = 22
        POSIXLY_CORRECT=1 -t state listening -n
        POSIXLY_CORRECT=1 -t state listening
        -tttt
        -t -t -a -a
        -tan --
        -tan -- sport = 22
        -an -t
        -nat
        -tanHQO
        -t -a -n -H -Q -O
        -Htan
        -tAudp
        -tfinet
        -taf inet
        -tan -- -n
        -H -t state listening -Q
    '''),
    'nothing to show': lines('''
        -A !tcp -A !udp
        -t -A !tcp
        -A tcp,!tcp
        -tan sport = 3 and sport = 4
        -tanH sport = 3 and sport = 4
        -tanO state closing sport = 1
        -tanp sport = 3 and sport = 4
        -tuanp sport = 3 and sport = 4
        -taneimo sport = 3 and sport = 4
        COLUMNS=80 -tan sport = 3 and sport = 4
        COLUMNS=80 -tanH sport = 3 and sport = 4
        -tanQ sport = 3 and sport = 4
        -tanpQ state listening sport = 3 and sport = 4
    '''),
    'wrong command lines': lines('''
        -q
        -tq
        -ty
        --foo
        --tcp --foo
        --s
        --t
        --n
        --b
        --con
        --help=yes
        --tcp=1
        --net
        -f
        -t -f
        -f bogus
        -t -f INET
        -f help
        -A
        -A bogus
        -A tcp,
        -A tcp,bogus
        -A ''
        -A !
        -A TCP
        -A 'tcp udp'
        -A dccp
        -d
        -t state
        -t exclude
        -t state bogus
        -t state new-syn-recv
        -t state listening state
        -t state listening exclude bogus
        -t bogus
        -t state listening bogus
        -t -F {folder}/missing
        -t -F {folder}
        -t -F
        -t -F {folder}/filter -F {folder}/filter
        -t -F {folder}/filter-long
        -t -F {folder}/filter-bad
        -t -F {folder}/filter-carriage-return
        -t -D
        -u -D {folder}/unwritten
        -t -D {folder}/missing/file
        -t -N
        -t -N /nosuch
        --bpf-map-id
        --bpf-map-id=x -t
        --bpf-map-id 0 -t
    '''),
    'wrong expressions': product(['-tan', '-tuan'], lines('''
        foo
        ( foo
        ()
        '( )'
        '('
        ')'
        '( sport = 22'
        'sport = 22 )'
        sport
        sport =
        sport = =
        sport = nosuchservice
        sport = 22 and
        sport = 22 or
        sport = 22 23
        sport = '22 or or sport' = 3
        and sport = 22
        or sport = 22
        not
        '!'
        'sport = 22 not'
        'sport ! 22'
        = 22
        = foo
        dport '!' foo
        dport = :foo
        sport=22
        'sport =22'
        '(sport = 22)'
        '!sport = 22'
        src
        dst
        dst >= 127.0.0.1
        dst != 127.0.0.1
        src '<' 127.0.0.1
        dst 300.1.1.1
        dst 1.2.3.4.5
        dst 127.0.0.1/33
        dst 127.0.0.1/-1
        dst 127.0.0.1/x
        dst 127.0.0.1/08
        dst 127.0.0.1/255.0.255.0
        dst 127.0.0.1/
        dst '127.0.0.1\\ '
        dst ::1
        dst [::1
        dst [::1]x
        dst [::1/129]
        dst fe80::zz
        dst [fe80::]/10
        dst nosuchhost.example
        dst nosuchhost.example:80
        dst 127.0.0.1:nosuchservice
        dst all/8
        dst 10.1.2.3:80:90
        dev
        dev nosuchdevice
        dev ''
        dev >= lo
        dev -1
        dev 99999999999
        fwmark
        fwmark foo
        fwmark = 1/
        fwmark = /1
        fwmark >= 1
        cgroup
        cgroup nosuchgroup
        cgroup /nosuchgroup
        cgroup >= /
        autobound = 1
        autobound 1
        state established sport
        sport = 22 state established
        127.0.0.1
        sport > 22 dport '>' x
        sport = 9223372036854775808
        sport = 0x
        sport = 08
    ''')),
    'wrong expressions of a family': lines('''
        -tan4 dst ::1
        -tan4 dst [::1]
        -tan6 dst 127.0.0.1
        -tan6 dst 127/8
        -tan4 dst localhost6
        -tan6 src 10.0.0.0/8
        -tan dst inet6:127.0.0.1
        -tan dst inet:[::1]
        -tan dst tipc:1
        -tan dst bogus:1:2
    '''),

    # What follows waits for more of ssng; see DISABLED.
    'all tables': product(['', '-n', '-a', '-an', '-l', '-ln', '-B', '-4', '-6', '-4an', '-A all', '-A inet', '-A all -an']),
    'unix': product(['-x', '-xa', '-xl', '-A u_str', '-A u_dgr -a', '-A unix -a'],
                    ['', '-e', '-m', '-p', '-em', '-emO', 'src *', "src '*abs*'", "src '?*'", 'autobound'])
            + product(['COLUMNS=%d' % width for width in (40, 80, 120, 200)], ['-xa', '-xapem'])
            + lines('''
                -tx
                -xta
                -x state all
                -x state listening
                -x -A tcp
                -A tcp -x
                -A unix -4
                -6 -x
                -x -6
                -xa sport = x
                -t -x src /run/*
                -A unix_stream,unix_dgram -a
            '''),
    'raw': product(['-w', '-wa', '-wan', '-4wa', '-6wa'], ['', '-e', '-m', '-p', '-i', '-O']),
    'packet': product(['-0', '-0a', '-0n', '-A p_raw -a', '-A packet -a'], ['', '-e', '-m', '-p', '-b', '-eb', '-O'])
              + lines('''
                -0 src ip
                -0 src :lo
                -0 sport = lo
                -0 src all
                -0 src lldp:lan0
                -0 autobound
                -0 dev lo
                -0 dst link:*
              '''),
    'netlink': lines('''
        -f netlink -n src usersock
        -f netlink -n src xfrm
        -f netlink -np src nosuchprotocol
    '''),
    'mptcp': product(['-M', '-Ma', '-Man', '-tMan', '-uM', '-Ma4', '-Ma6'], ['', '-e', '-m', '-p', '-O'])
             + lines('''
                -Man sport = 1104
                -Man dst [::1]
                -Man state listening
             '''),
    'absent families': product(['-S', '-Sa', '--vsock', '--vsock -a', '--tipc', '--tipc -a', '--xdp', '-f xdp', '-Sani', '-A sctp,xdp']),
    'summary': lines('''
        -s -t
        -s -A tcp
        PROC_ROOT={folder}/proc -s
        PROC_NET_SOCKSTAT={folder}/proc/net/sockstat PROC_NET_SOCKSTAT6={folder}/proc/net/sockstat6 -s
    '''),
    'kill': lines('''
        -K -tan sport = 3 and sport = 4
    '''),
    'bpf': lines('''
        -0b
        -tanb
        -tan --bpf-maps
        -tan --bpf-map-id 4294967295
        -tan --bpf-map-id 4000000000
    '''),
}
