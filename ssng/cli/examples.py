"""Questions and the words that ask them: of --help, of the manual; each is tried by a test."""

FILTERS = (
    ("-tn 'dport = :443'", 'Connections to port 443'),
    ("-tan 'port 8080'", 'Everything that has to do with port 8080, listeners too'),
    ("-tn 'dst 10.0.0.0/8 and not dport = :22'", 'Connections into a network, but for SSH'),
    ('-tan state time-wait', 'What waits in TIME-WAIT'),
    ("-tan state connected exclude established 'sport = :443'", 'Half-open and closing connections of a server'),
    ("-tn '(sport > :1024 and sport < :2048) or dport = :53'", 'Two ranges of ports'),
    ("-tn 'dport = :443 and rtt > 100ms'", 'Slow connections; the kernel judges the port, ssng the time'),
    ("-ta 'recv_q >= 64K or retrans > 0'", 'Full queues, and lost segments'),
    ("-tanp 'comm = nginx,envoy'", 'The sockets of two programs'),
    ("-x 'src ~ ^/run/'", 'Unix sockets by an expression; src /run/* is a pattern'),
)

COLUMNS = (
    ('-tn --columns=local,peer,rtt,pid,comm', 'Chosen columns'),
    ('-tn --columns=+rtt', 'The columns of ss, and one more'),
    ('-tn --sort=-recv_q --top=5', 'The fullest queues'),
    ('-tan --count=state', 'How many sockets are in which state'),
    ('-tn --count=peer.address --total=recv_q --top=10', 'Who is connected most often, and what waits to be read of it'),
    ('-tan --csv --columns=state,src,sport,dst,dport', 'A spreadsheet'),
)

EVERY = (
    ('-tulpn', 'Who listens'),
    ('-tn', 'Who is connected'),
    ('-s', 'How many sockets there are'),
    ('-xlp', 'Unix sockets that wait for connections, and their programs'),
    ("-tinm 'dport = :443'", 'All that the kernel knows of some connections'),
    ("-tan --explain 'dport = :443 and rtt > 100ms'", 'Who judges what of a filter'),
    ('-tanj', 'The same for a program'),
    ("-tnK --dry-run 'dst 192.0.2.1'", 'What would be closed; without --dry-run it is'),
) + COLUMNS + FILTERS
