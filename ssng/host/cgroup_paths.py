"""What the path of a cgroup means: the unit, the machine, the container, the pod that its processes are in.

    /system.slice/docker-ID.scope                        unit, slice, container ID of docker
    /lxc.payload.focal/system.slice/avahi-daemon.service container focal, and the unit inside it
    /docker/NODE/kubelet.slice/.../cri-containerd-ID.scope    container ID: they nest, the last counts

A path is cut behind each of its parts that begins a container or a machine.  A piece that has a unit says which unit,
which user's unit and which slice; of those that have one the last counts, for a container may run a systemd of its own.

Nothing is read here.  Text is latin-1.
"""

import re

KEYS = ('unit', 'user_unit', 'slice', 'machine', 'container', 'runtime', 'pod')

UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
ID = '(?P<container>[0-9a-f]{64}|%s)' % UUID
RUNTIMES = {'docker': 'docker', 'cri-containerd': 'containerd', 'nerdctl': 'containerd', 'crio': 'crio', 'libpod': 'podman',
            'libpod-payload': 'podman'}
POD = re.compile('(?:^|-)pod(?P<pod>[0-9a-f]{8}[-_].*|[0-9a-f]{32})$')      # a uid; that of a static pod has no hyphens
PODMAN_POD = re.compile('machine-libpod_pod_(?P<pod>[0-9a-f]{64})$')

# Parts of a path that begin a container; `libpod-conmon-ID` and its like, the monitors, are none of them.
SCOPE = re.compile('(?P<word>%s)-%s(?:[.]scope)?$' % ('|'.join(RUNTIMES), ID))
# The driver of containerd where the kubelet's is another: kubepods-podUID.slice:cri-containerd:ID
COLONS = re.compile('(?P<slice>[^:]+)[.]slice:(?P<word>%s):%s$' % ('|'.join(RUNTIMES), ID))
BARE = re.compile(ID + '$')
PAYLOAD = re.compile('lxc[.]payload[.](?P<container>.+)$')
# What is directly below these is a container, whatever it is called.
PARENTS = {'lxc': 'lxc', 'lxc.payload': 'lxc', 'garden': 'garden'}
MACHINE_SCOPE = re.compile('machine-(?P<machine>.+)[.]scope$')
MACHINE_SERVICE = re.compile('systemd-nspawn@(?P<machine>.+)[.]service$')
VIRTUAL = ('qemu-', 'lxc-', 'xen-', 'bhyve-')   # machines of libvirt, which nspawn did not begin
MONITOR = 'supervisor'                          # below a machine or a container: who looks after it

UNIT = re.compile(r'.+[.](?:service|scope|socket|mount|automount|swap|device|path|timer|target)$')
MANAGER = re.compile('user@[^/]*[.]service$')
INNER = ('container', 'payload', 'ctr', 'runtime')      # folders that runtimes put between a container and what it has
ESCAPED = re.compile(r'\\x([0-9a-f]{2})')

ROOT = '-.slice'                # which has no part in the path
SYSTEMD, CONTROLLERS = 'name=systemd', ('pids', 'memory')


def meaning(path):
    """{one of KEYS: text} of all that a path says; {} where it says nothing, as the root of a private namespace."""
    parts = [part[part.startswith('_'):] for part in path.split('/') if part and part != '..']  # systemd: _NAME is NAME
    found, start = {}, 0
    root = '' if '..' in path.split('/') else ROOT
    for at, part in enumerate(parts):
        pod = pod_of(part)
        if pod:
            found['pod'] = pod
        begun = begins(parts, at)
        if begun:
            found.pop('runtime', None)
            found.update(begun)
            units(parts[start:at + 1], found, root)
            start, root = at + 1, ROOT
    rest = parts[start:]
    while start and rest and rest[0] in INNER:
        rest = rest[1:]
    units(rest, found, root)
    return found


def begins(parts, at):
    """What the container or machine is that begins at a part of a path; {} if none does."""
    part, before = parts[at], parts[at - 1] if at else ''
    if parts[at + 1:at + 2] == [MONITOR]:
        return {}
    match = SCOPE.match(part) or COLONS.match(part)
    if match:
        return {'container': match.group('container'), 'runtime': RUNTIMES[match.group('word')]}
    match = PAYLOAD.match(part)
    if match:
        return {'container': match.group('container'), 'runtime': 'lxc'}
    if before in PARENTS:
        return {'container': part, 'runtime': PARENTS[before]}
    if BARE.match(part):
        if not at or before == 'docker':                # an old docker has no folder of its own
            return {'container': part, 'runtime': 'docker'}
        return {'container': part} if len(part) == 64 or pod_of(before) else {}
    match = MACHINE_SCOPE.match(part) or MACHINE_SERVICE.match(part)
    if match:
        machine = unescaped(match.group('machine'))
        return {'machine': machine} if machine.startswith(VIRTUAL) else {'machine': machine, 'runtime': 'nspawn'}
    return {}


def pod_of(part):
    """The uid of the pod whose part of a path this is, None if it is no pod's."""
    match = COLONS.match(part)
    name = unescaped(match.group('slice') if match else part[:-6] if part.endswith('.slice') else part)
    match = PODMAN_POD.match(name) or POD.search(name)
    return match.group('pod').replace('_', '-') if match else None


def units(parts, found, root):
    """Add the unit, the user's unit and the slice of a piece of a path that has a unit; of others the slice, if none is known.

    As sd_pid_get_unit(3) has them: the first part behind the slices; below a user's manager the same once more.
    ``root``: the slice of what is below none, '' if it is unknown.
    """
    depth = slices(parts)
    slice = parts[depth - 1] if depth else root
    if not UNIT.match(''.join(parts[depth:depth + 1])):
        if depth and 'slice' not in found:
            found['slice'] = slice
        return
    unit, rest = parts[depth], parts[depth + 1:]
    for key in ('slice', 'user_unit'):
        found.pop(key, None)
    found['unit'] = unit
    if slice:
        found['slice'] = slice
    if MANAGER.match(unit):
        user_unit = ''.join(rest[slices(rest):][:1])
        if UNIT.match(user_unit):
            found['user_unit'] = user_unit


def slices(parts):
    """How many parts at the front are slices."""
    return next((at for at, part in enumerate(parts) if not part.endswith('.slice')), len(parts))


def unescaped(text):
    """A word of systemd without its escapes: ``\\x2d`` is a hyphen."""
    return ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


def of_file(text):
    """The path that tells most among the lines of /proc/PID/cgroup, ``N:CONTROLLERS:PATH``; '' if none tells anything.

    Of v1 the hierarchy of systemd, then one of those that every runtime uses, then v2, which may say no more than ``0::/``.
    """
    ranked = []
    for line in text.split('\n'):
        number, colon, rest = line.partition(':')
        controllers, colon, path = rest.partition(':')
        if colon:
            names = controllers.split(',')
            rank = 0 if SYSTEMD in names else next(
                (rank for rank, name in enumerate(CONTROLLERS, 1) if name in names), 3 if number == '0' else 4)
            ranked.append((rank, path[:-len(' (deleted)')] if path.endswith(' (deleted)') else path))
    ranked.sort(key=lambda pair: pair[0])
    return next((path for _, path in ranked if meaning(path)), '')
