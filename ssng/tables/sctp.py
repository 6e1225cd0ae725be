"""SCTP: endpoints, and below each its associations (fixtures/behaviour/command-line.md, 2.1; sockets.md 1.6 and 4.3)."""

from ctypes import c_int, sizeof

from ..fields import ByShow, Fact, Object, Section
from ..kernel.abi import inet_diag as abi
from ..kernel.abi import sctp
from ..kernel.abi.sock_diag import AF_INET, AF_INET6, IPPROTO_SCTP
from ..kernel.columns import member, payload
from .addresses import numeric, resolved
from .inet import INODE, MEMORY, STATE, STATE_FACT, Inet

ASSOCIATION = 0x3f10            # no attribute of the kernel's: the row belongs to the one above it
STATES = ('CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTAB', 'SHUTDOWN_PENDING', 'SHUTDOWN_SENT',
          'SHUTDOWN_RECEIVED', 'ACK_SENT')


NO_NAME = '(null)'      # an endpoint listed below its associations is taken for one, whatever its state is
MS, JIFFIES = '_ms', '_jiffies'


def state_text(state):
    return STATES[state] if state < len(STATES) else NO_NAME


def state_json(state):
    return '"%s"' % STATES[state] if state < len(STATES) else '"unknown","state_number":%d' % state


def addresses(data):
    """The addresses in an array of sockaddr_storage: (bytes, port) each, None for another family."""
    for start in range(0, len(data), sctp.SOCKADDR_STORAGE_SIZE):
        cell = data[start:start + sctp.SOCKADDR_STORAGE_SIZE].ljust(sctp.SOCKADDR_STORAGE_SIZE, b'\0')
        plain, six = sctp.sockaddr_in.from_buffer_copy(cell), sctp.sockaddr_in6.from_buffer_copy(cell)
        if plain.sin_family == AF_INET:
            start = sctp.sockaddr_in.sin_addr.offset
            yield cell[start:start + 4], plain.sin_port
        elif plain.sin_family == AF_INET6:
            yield bytes(six.sin6_addr), six.sin6_port
        else:
            yield None


def addresses_text(word):
    def choose(show):
        def text(end):
            if end is None:
                return ''
            return resolved(end[0], True).strip('[]') if show.resolve else numeric(end[0])
        return lambda data: word + ','.join(map(text, addresses(data)))
    return ByShow(choose)


def address_json(end):
    return None if end is None else '{"address":"%s","port":%d}' % (numeric(end[0]), end[1])


def addresses_json(data):
    return '[%s]' % ','.join([address_json(end) or 'null' for end in addresses(data)])


def fact(name, text=None, unit='', **more):
    """The member ``name`` of sctp_info, ``unit`` behind its JSON key."""
    return Fact(name + unit, member(sctp.sctp_info, 'sctpi_' + name, abi.INET_DIAG_INFO), text, **more)


def shown(name, word, unit=''):
    """A member that ss shows as a C int."""
    return fact(name, ' %s:%%d' % word, unit, signed=getattr(sctp.sctp_info, 'sctpi_' + name).size == sizeof(c_int))


ENDS = [
    Fact('locals', payload(abi.INET_DIAG_LOCALS, 'addresses'), addresses_text(' locals:'), json=addresses_json),
    Fact('peers', payload(abi.INET_DIAG_PEERS, 'addresses'), addresses_text(' peers:'), json=addresses_json),
]
INFO = [
    fact('tag', ' tag:%x'),
    fact('state', lambda state: ' state:' + state_text(state) if state else ''),
    shown('rwnd', 'rwnd'), shown('unackdata', 'unackdata'), shown('penddata', 'penddata'),
    shown('instrms', 'instrms'), shown('outstrms', 'outstrms'), fact('fragmentation_point'),
    shown('inqueue', 'inqueue'), shown('outqueue', 'outqueue'), shown('overall_error', 'overerr'),
    shown('max_burst', 'maxburst'), shown('maxseg', 'maxseg'), shown('peer_rwnd', 'prwnd'),
    fact('peer_tag', ' ptag:%x'), shown('peer_capable', 'pcapable'), shown('peer_sack', 'psack'),
    shown('s_autoclose', 'autoclose', '_s'), shown('s_adaptation_ind', 'adapind'), shown('s_pd_point', 'pdpoint'),
    shown('s_nodelay', 'nodelay'), shown('s_disable_fragments', 'nofrag'), shown('s_v4mapped', 'v4mapped'),
    shown('s_frag_interleave', 'fraginl'),
    # What ss never shows.
    fact('isacks'), fact('osacks'), fact('opackets'), fact('ipackets'), fact('rtxchunks'), fact('outofseqtsns'),
    fact('idupchunks'), fact('gapcnt'), fact('ouodchunks'), fact('iuodchunks'), fact('oodchunks'), fact('iodchunks'),
    fact('octrlchunks'), fact('ictrlchunks'),
    fact('p_address', json=lambda data: address_json(next(addresses(data)))),
    fact('p_state'), fact('p_cwnd'), fact('p_srtt', unit=JIFFIES), fact('p_rto', unit=MS),
    fact('p_hbinterval', unit=JIFFIES), fact('p_pathmaxrxt'), fact('p_sackdelay', unit=MS), fact('p_sackfreq'),
    fact('p_ssthresh'), fact('p_partial_bytes_acked'), fact('p_flight_size'), fact('p_error'), fact('s_type'),
]


class Sctp(Inet):
    filters = False             # sctp_diag runs no filter program

    def batches(self, query):
        """As of any inet table; a row with the inode of the row above it is marked as an association.

        No socket of another table has the inode of one of ours, so the row above is always one of SCTP.
        """
        above = 0
        for batch in super().batches(query):
            inodes = list(batch.values(INODE))
            flags = [inode == before != 0 for inode, before in zip(inodes, [above] + inodes)]
            above = inodes[-1]
            yield batch.marked(ASSOCIATION, flags)

    def columns(self, show):
        (netid,), _, *others = super().columns(show)
        state = [Section(ASSOCIATION, ['`- ', Fact(None, STATE, state_text)]),
                 Section(ASSOCIATION, [STATE_FACT], unless=True)]
        return [[Section(ASSOCIATION, [netid], unless=True)], state] + others

    def info(self, show):
        return MEMORY + ENDS + INFO

    def pairs(self, show):
        facts = super().pairs(show)
        at = facts.index(STATE_FACT)
        facts[at:at + 1] = [
            Section(abi.INET_DIAG_PEERS, [Fact('state', STATE, json=state_json), ',"association":true']),
            Section(abi.INET_DIAG_PEERS, [STATE_FACT], unless=True)]
        return facts + (ENDS if show.memory or show.info else [])

    def info_pairs(self, show):
        return [Section(abi.INET_DIAG_INFO, [Object('info', INFO)])]


TABLE = Sctp('sctp', IPPROTO_SCTP, None)
