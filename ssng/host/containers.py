"""What containers are called: from the files that their runtimes keep, below the host's root, where they may be read.

=====================  ==============================================================================================
docker                 /var/lib/docker/containers/ID/config.v2.json: Name, Config.Image, Config.Labels
containerd             /run/containerd/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json: annotations
CRI-O, podman          /run/containers/storage/overlay-containers/ID/userdata/config.json: annotations
podman                 /var/lib/containers/storage/overlay-containers/containers.json: a list of id, names, metadata
=====================  ==============================================================================================

Such a file may lack anything, or hold anything.  All text that comes out is latin-1.
"""

import os

from ..errors import reason
from ..memo import Memo
from .tasks import GONE, RIGHTS

DOCKER = '/var/lib/docker/containers/%s/config.v2.json'
CONTAINERD = '/run/containerd/io.containerd.runtime.v2.task'
BUNDLES = ('/run/containers/storage/overlay-containers/%s/userdata/config.json',
           '/var/lib/containers/storage/overlay-containers/%s/userdata/config.json')
STORES = ('/var/lib/containers/storage/overlay-containers/containers.json',
          '/var/lib/containers/storage/overlay-containers/volatile-containers.json')
LARGEST = 1 << 24               # bytes of a file that are read
NAMED = 'lxc'                   # the runtime whose containers have names for ids

# Under which an annotation, or a label of docker, tells each of these keys; the first that is there counts.
ANNOTATIONS = {
    'container_name': ('io.kubernetes.cri.container-name', 'io.kubernetes.container.name', 'nerdctl/name'),
    'pod_name': ('io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'),
    'pod_namespace': ('io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'),
    'image': ('io.kubernetes.cri.image-name', 'io.kubernetes.cri-o.ImageName', 'io.kubernetes.cri-o.Image'),
}


class Containers:
    """The containers of one host.  ``report`` hears of files that may not be read."""

    def __init__(self, paths, report):
        self._paths = paths
        self._report = report
        self._known = Memo(self._find)
        self._stored = None             # id: what podman's lists say of it

    def about(self, runtime, container):
        """{one of the keys of ANNOTATIONS: text} of a container, what is known of it; ``runtime`` may be None."""
        return {'container_name': container} if runtime == NAMED else self._known[container]

    def _find(self, container):
        """From one place after the other, till one knows it; but for the lists, which add what others lack."""
        found = self._docker(container)
        for path in () if found else self._bundles(container):
            config = self._json(path)
            found = found or annotated(at(config, 'annotations'))
        if 'image' not in found or 'container_name' not in found:
            found = dict(self._list().get(container, {}), **found)
        return found

    def _docker(self, container):
        config = self._json(DOCKER % container)
        found = annotated(at(config, 'Config', 'Labels'))
        add(found, 'container_name', text(at(config, 'Name')).lstrip('/'))
        add(found, 'image', text(at(config, 'Config', 'Image')))
        return found

    def _bundles(self, container):
        """The places of its config.json."""
        try:
            namespaces = sorted(os.listdir(self._paths.at(CONTAINERD)))
        except OSError as error:
            self._refused(error)
            namespaces = []
        return ['%s/%s/%s/config.json' % (CONTAINERD, namespace, container) for namespace in namespaces] + [
            path % container for path in BUNDLES]

    def _list(self):
        if self._stored is None:
            self._stored = {}
            for path in STORES:
                entries = self._json(path)
                for entry in entries if entries.__class__ is list else ():
                    container = text(at(entry, 'id'))
                    if container:
                        self._stored[container] = listed(entry)
        return self._stored

    def _json(self, path):
        """What a file holds; None if it cannot be read, or is no JSON."""
        try:
            from json import loads
        except ImportError:                         # Debian's python3-minimal
            self._report.hint('containers are told by their numbers alone: this Python has no json')
            return None
        try:
            with open(self._paths.at(path), 'rb') as file:
                data = file.read(LARGEST)
        except OSError as error:
            self._refused(error)
            return None
        try:
            return loads(data.decode('utf-8', 'replace'))
        except (ValueError, RecursionError):        # it is being written, or none of a runtime's
            return None

    def _refused(self, error):
        if error.errno in RIGHTS:
            self._report.hint('not all containers can be named: it takes root to read the files of their runtime')
        elif error.errno not in GONE:
            self._report.warn('not all containers can be named: %s' % reason(error))


def annotated(words):
    """What annotations, or labels, say."""
    found = {}
    for key, names in ANNOTATIONS.items():
        add(found, key, next(filter(None, [text(at(words, name)) for name in names]), ''))
    return found


def listed(entry):
    """What an entry of podman's list says; its metadata are JSON in a text."""
    from json import loads
    try:
        metadata = loads(at(entry, 'metadata'))
    except (TypeError, ValueError, RecursionError):
        metadata = None
    found, names = {}, at(entry, 'names')
    add(found, 'container_name', text(at(metadata, 'name')) or text(names[0] if names and names.__class__ is list else None))
    add(found, 'image', text(at(metadata, 'image-name')))
    return found


def add(found, key, value):
    """What was found first stays; nothing is not found."""
    if value:
        found.setdefault(key, value)


def at(value, *keys):
    """What is in dicts in dicts under these keys; None if it is not there."""
    for key in keys:
        value = value.get(key) if value.__class__ is dict else None
    return value


def text(value):
    """A text of JSON as latin-1; '' for any other value."""
    return value.encode('utf-8', 'replace').decode('latin-1') if value.__class__ is str else ''
