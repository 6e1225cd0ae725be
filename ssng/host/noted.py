"""A host that keeps in mind what it was asked, and one that answers from that alone: what a record holds of a host.

An answer is a line, ``NAME=[words of the question, then the answer]`` in JSON: ``links_name=[2,"eth0"]``.  What was not
asked then is answered later as by a host that does not know.
"""

from ..errors import Failure, quoted
from . import Host, Part
from .about import exact
from .cgroups import Cgroups
from .maps import Maps, StorageMap
from .names import USUAL_PORT_RANGE, Names
from .processes import Owners
from .tasks import UNAVAILABLE

PARTS = 'links', 'names', 'cgroups', 'tasks'
PLAIN = (str, int, type(None), tuple, list, dict)
RPC, ABOUT, MAP = 'rpc', 'about', 'map'
NUMBERS = 'uid', 'ppid', 'started_s'      # of a process; all else that is told of it are words


UNNAMED = 'names_port_name'


class Notes(dict):
    """{(name, words of the question): answer}; ``fresh`` are the keys that nobody has written down yet."""

    def __init__(self):
        super().__init__()
        self.fresh = []

    def note(self, name, words, answer):
        if answer == '' and name == UNNAMED:        # as of most ports: so says a RecordedHost anyway
            return
        key = name, tuple(map(plain, words))
        answer = list(map(plain, answer)) if answer.__class__ is list else answer
        if key not in self and isinstance(answer, PLAIN):
            self[key] = answer
            self.fresh.append(key)

    def lines(self):
        """(name, JSON) of what is new."""
        from json import dumps
        fresh, self.fresh = self.fresh, []
        return [(name, dumps(list(words) + [self[name, words]])) for name, words in fresh]

    def read(self, lines):
        """Take in such lines; what makes no sense is left out."""
        from json import loads
        for name, text in lines:
            try:
                *words, answer = loads(text)
                self[name, tuple(words)] = answer
            except (ValueError, TypeError, RecursionError):
                continue


def plain(word):
    """What JSON can hold of a word."""
    return word.hex() if word.__class__ is bytes else word


class Noting:
    """A part of a host, whose answers are noted under its name."""

    def __init__(self, name, part, notes):
        self._name = name
        self._part = part
        self._notes = notes

    def __getattr__(self, method):
        ask = getattr(self._part, method)
        if not callable(ask):
            return ask
        note, name = self._notes.note, '%s_%s' % (self._name, method)

        def noted(*words):
            answer = ask(*words)
            note(name, words, answer)
            return answer
        self.__dict__[method] = noted
        return noted


class NotedMaps:
    """BPF maps; the types of those of which there is a value are noted."""

    def __init__(self, maps, notes):
        self._maps = maps
        self._notes = notes

    def __getattr__(self, name):
        return getattr(self._maps, name)

    def found(self, number):
        storage = self._maps.found(number)
        if storage is not None:
            btf = storage.btf
            self._notes.note(MAP, (number,), [storage.size, storage.type, btf.pointer, btf.blob])
        return storage


class NotedHost(Host):
    """``host``, whose answers are kept as ``notes``."""

    def __init__(self, host):
        super().__init__(host.root, host.report, host.environ)
        self.host = host
        self.notes = Notes()
        self.called = host.called
        self.paths = host.paths
        self.maps = NotedMaps(host.maps, self.notes)
        for name in PARTS:
            setattr(self, name, Noting(name, getattr(host, name), self.notes))

    def counts(self):
        found = self.host.counts()
        self.notes.note('counts', (), found)
        return found


class RecordedHost(Host):
    """What ``notes`` tell of a host, seen from ``netns``.

    ``places``: the RecordedHosts of all its namespaces; ``everywhere``: the notes of all of them, of what is the host's.
    """

    def __init__(self, notes, report=None, netns=None, places=(), everywhere=None):
        super().__init__('/nonexistent', report, {})
        self.notes = notes
        self.everywhere = notes if everywhere is None else everywhere
        self.netns = netns
        self.places = places

    def namespaces(self, specs):
        known = [host.netns for host in self.places]
        found = known if not specs else []
        for spec in specs:
            some = [each for each in known if spec in (each.name, str(each.inode))]
            if not some:
                raise Failure('--netns %s: the record knows no such network namespace' % quoted(spec), 1)
            found += [each for each in some if each not in found]
        return found

    def inside(self, namespace):
        return next(host for host in self.places if host.netns is namespace)

    @Part
    def links(self):
        return Links(self.notes)

    @Part
    def names(self):
        return RecordedNames(self.notes, self.paths, self.report)

    @Part
    def cgroups(self):
        return RecordedCgroups(self.everywhere)

    @Part
    def tasks(self):
        return Tasks(self.everywhere)

    @Part
    def maps(self):
        return RecordedMaps(self.everywhere, self.report)

    def counts(self):
        found = self.notes.get(('counts', ()))
        if not isinstance(found, dict):
            self.report.warn('the record holds no summary')
            found = {}
        from .sockstat import COUNTS
        names = [name for names in COUNTS.values() for name in names] + ['established']
        return {name: found[name] if isinstance(found.get(name), int) else 0 for name in names}

    def owners(self, threads=False, contexts=0, late=False, escape=False):
        found = RecordedOwners(self, threads, contexts, escape)
        found.scan()
        return found


class Recalled:
    """Answers from notes; ``part`` is the name under which they were noted."""

    part = ''

    def __init__(self, notes):
        self._notes = notes

    def recalled(self, method, words, otherwise):
        answer = self._notes.get(('%s_%s' % (self.part, method), words), otherwise)
        return answer if isinstance(answer, (type(otherwise), str)) else otherwise

    def reversed(self, method, answer):
        """What was asked when this was the answer; None if it never was."""
        name = '%s_%s' % (self.part, method)
        return next((words[0] for (asked, words), told in self._notes.items() if (asked, told) == (name, answer) and words), None)


class Links(Recalled):
    part = 'links'

    def name(self, index):
        return self.recalled('name', (index,), 'if%d' % index)

    def index(self, name):
        for found in (self._notes.get(('links_index', (name,))), self.reversed('name', name)):
            if found and isinstance(found, int):
                return found
        return 0


class RecordedCgroups(Recalled, Cgroups):
    """Paths from notes; what a path means it says itself."""

    part = 'cgroups'

    def __init__(self, notes):
        super().__init__(notes)
        Cgroups.__init__(self, None, None)

    def path(self, number):
        return self.recalled('path', (number,), 'unreachable:%x' % number)

    def id(self, text):
        found = self._notes.get(('cgroups_id', (text,))) or self.reversed('path', '/' + text.strip('/'))
        if not isinstance(found, int):
            raise Failure('cgroup %s: it is not in the record' % quoted(text), 1)
        return found


class RecordedMaps(Maps):
    """Maps of which there are values; they have no descriptors."""

    def __init__(self, notes, report):
        super().__init__(report)
        self._notes = notes

    def load(self, numbers):
        for number in numbers:
            if (MAP, (number,)) not in self._notes:
                raise Failure('the record knows no BPF map %d' % number, 1)
        self.chosen = frozenset(numbers)
        return tuple(numbers)

    def descriptor(self, number):
        return 0

    def _described(self, number):
        from .btf import Btf, BtfError
        try:
            size, kind, pointer, blob = self._notes[MAP, (number,)]
            if [each.__class__ for each in (size, kind)] == [int, int] and pointer in (4, 8):
                return StorageMap(number, size, Btf(bytes.fromhex(blob), pointer), kind)
        except (KeyError, ValueError, TypeError, BtfError):
            pass
        self._report.warn('BPF map %d: the record does not tell the type of its values' % number)
        return None


class Tasks(Recalled):
    """Whatever was asked of a task; what was not is absent."""

    OTHERWISE = {'name': '', 'whole_name': '', 'context': UNAVAILABLE, 'socket_context': UNAVAILABLE, 'labelled': False}

    def __getattr__(self, method):
        if method.startswith('_'):
            raise AttributeError(method)
        otherwise = self.OTHERWISE.get(method)
        return lambda *words: self._notes.get(('tasks_' + method, words), otherwise)


class RecordedAbout:
    """What was noted of processes, under the keys of host/about.py."""

    def __init__(self, notes):
        self._notes = notes

    def told(self, key):
        if key.endswith('_hex'):
            plain = self.told(key[:-4])
            return lambda pid: exact(plain(pid))
        return lambda pid: self.value(pid, key)

    def value(self, pid, key):
        told = self._notes.get((ABOUT, (pid, key)))
        return told if told.__class__ is (int if key in NUMBERS else str) else None


class RecordedNames(Names):
    """Names of ports, protocols and hosts; a word that is typed is looked up here where the record does not have it."""

    def __init__(self, notes, paths, report):
        self._notes = notes
        super().__init__(paths, report)

    def _port_range(self):
        found = self._notes.get(('names_ephemeral_ports', ()))
        if isinstance(found, list) and [each.__class__ for each in found] == [int, int]:
            return tuple(found)
        return USUAL_PORT_RANGE

    def _port_name(self, key):
        port, protocol = key
        name = self._notes.get(('names_port_name', key))
        if key in self._rpc:
            return self._rpc[key]
        return name if isinstance(name, str) else 'ipproto-%d' % port if protocol == 'raw' else ''

    def ask_rpcbind(self):
        for (name, words), told in list(self._notes.items()):
            if name == RPC and len(words) == 2 and isinstance(told, str):
                self._rpc[words] = told
        self._services.clear()

    def service_port(self, name, protocol):
        told = self._notes.get(('names_service_port', (name, protocol)), '')
        if told is None or told.__class__ is int:
            return told
        for (asked, words), told in self._notes.items():
            if asked == 'names_port_name' and told == name and words[1:] == (protocol,):
                return words[0]
        return Host().names.service_port(name, protocol)

    def host_addresses(self, name, *family):
        told = self._notes.get(('names_host_addresses', (name,) + family))
        if isinstance(told, list):
            try:
                return [address for address in map(bytes.fromhex, told) if len(address) in (4, 16)]
            except (ValueError, TypeError):
                pass
        return Host().names.host_addresses(name, *family)

    def ip_protocol(self, number):
        return ''

    def netlink_protocol(self, number):
        name = self._notes.get(('names_netlink_protocol', (number,)))
        return name if isinstance(name, str) else super().netlink_protocol(number)

    def _host(self, address):
        name = self._notes.get(('names_host', (address.hex(),)))
        return name if isinstance(name, str) else ''


class RecordedOwners(Owners):
    """Who held the sockets."""

    def about(self):
        return RecordedAbout(self.tasks._notes)

    def scan(self):
        for (name, words), told in list(self.tasks._notes.items()):
            if name == 'owner' and len(words) == 1 and isinstance(told, list):
                for each in told:
                    if isinstance(each, list) and [one.__class__ for one in each] == [int] * 3:
                        pid, tid, fd = each
                        if self.threads or tid == pid:
                            self.register((pid, tid), (fd,), words)
