"""Names of containers from trees of the files that runtimes keep, as they write them; and from files that are none."""
import json
import os

import pytest

from ssng.host import Paths, Report
from ssng.host.containers import CONTAINERD, Containers

ID, OTHER = '4f' * 32, '0123456789abcdef' * 4
DOCKER = 'var/lib/docker/containers/%s/config.v2.json'
STORE = 'var/lib/containers/storage/overlay-containers/'


@pytest.fixture
def host(tmp_path):
    """(a function that writes a file of the host, one that tells what is known of a container, what was reported)."""
    said = []
    report = Report(said.append)

    def write(path, content):
        place = tmp_path / path.lstrip('/')
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if content.__class__ is bytes else json.dumps(content).encode())

    def about(container, runtime=None):
        return Containers(Paths({}, str(tmp_path)), report).about(runtime, container)
    return write, about, said


def test_docker(host):
    write, about, said = host
    write(DOCKER % ID, {'State': {'Running': True, 'Pid': 4711}, 'ID': ID, 'Name': '/web', 'Image': 'sha256:' + OTHER,
                        'Config': {'Hostname': ID[:12], 'Image': 'nginx:1.27', 'Labels': {'maintainer': 'x'}}})
    assert about(ID) == about(ID, 'docker') == {'container_name': 'web', 'image': 'nginx:1.27'}
    assert about(OTHER) == {} and not said


def test_docker_of_a_kubelet(host):
    write, about, _ = host
    write(DOCKER % ID, {'Name': '/k8s_web_web-0_shop_uid_0', 'Config': {'Image': 'sha256:' + OTHER, 'Labels': {
        'io.kubernetes.container.name': 'web', 'io.kubernetes.pod.name': 'web-0', 'io.kubernetes.pod.namespace': 'shop'}}})
    assert about(ID) == {'container_name': 'web', 'pod_name': 'web-0', 'pod_namespace': 'shop', 'image': 'sha256:' + OTHER}


def test_containerd(host):
    write, about, _ = host
    write('%s/moby/%s/config.json' % (CONTAINERD, OTHER), {'ociVersion': '1.1.0', 'process': {}})
    write('%s/k8s.io/%s/config.json' % (CONTAINERD, ID), {'annotations': {
        'io.kubernetes.cri.container-name': 'web', 'io.kubernetes.cri.container-type': 'container',
        'io.kubernetes.cri.image-name': 'registry.example/web:2', 'io.kubernetes.cri.sandbox-id': OTHER,
        'io.kubernetes.cri.sandbox-name': 'web-0', 'io.kubernetes.cri.sandbox-namespace': 'shop'}})
    assert about(ID, 'containerd') == {
        'container_name': 'web', 'pod_name': 'web-0', 'pod_namespace': 'shop', 'image': 'registry.example/web:2'}
    assert about(OTHER) == {}


def test_the_sandbox_of_a_pod(host):
    write, about, _ = host
    write('%s/k8s.io/%s/config.json' % (CONTAINERD, ID), {'annotations': {
        'io.kubernetes.cri.container-type': 'sandbox', 'io.kubernetes.cri.sandbox-name': 'web-0',
        'io.kubernetes.cri.sandbox-namespace': 'shop'}})
    assert about(ID) == {'pod_name': 'web-0', 'pod_namespace': 'shop'}


@pytest.mark.parametrize('folder', ['run/containers/storage/overlay-containers/', STORE])
def test_crio(host, folder):
    write, about, _ = host
    write(folder + ID + '/userdata/config.json', {'annotations': {
        'io.kubernetes.container.name': 'web', 'io.kubernetes.pod.name': 'web-0', 'io.kubernetes.pod.namespace': 'shop',
        'io.kubernetes.cri-o.ImageName': 'quay.example/web:2'}})
    assert about(ID, 'crio') == {
        'container_name': 'web', 'pod_name': 'web-0', 'pod_namespace': 'shop', 'image': 'quay.example/web:2'}


@pytest.mark.parametrize('name', ['containers.json', 'volatile-containers.json'])
def test_podman(host, name):
    write, about, _ = host
    metadata = {'image-name': 'docker.io/library/alpine:3', 'image-id': OTHER, 'name': 'web', 'created-at': 1}
    write('run/containers/storage/overlay-containers/%s/userdata/config.json' % ID, {'annotations': {'x': 'y'}})
    write(STORE + name, [{'id': OTHER, 'names': ['second'], 'image': ID, 'metadata': 'none'},
                         {'id': ID, 'names': ['web'], 'layer': OTHER, 'metadata': json.dumps(metadata)}])
    assert about(ID, 'podman') == {'container_name': 'web', 'image': 'docker.io/library/alpine:3'}
    assert about(OTHER) == {'container_name': 'second'}


def test_lxc(host):
    _, about, _ = host
    assert about('focal', 'lxc') == {'container_name': 'focal'}


# What is in these files is somebody's

@pytest.mark.parametrize('content', [
    b'', b'{', b'[]', b'null', b'1', b'"x"', b'[' * 100000, b'\xff\xfe', b'{"Name":1,"Config":[]}',
    b'{"Name":null,"Config":{"Labels":3}}',
    b'{"annotations":[1]}', b'[1,{"id":{}},{"id":"%s","names":{"a":1},"metadata":"[["}]' % ID.encode(),
    b'[{"id":"%s","names":[],"metadata":7}]' % ID.encode(), b'{"Name":"/","Config":{"Image":""}}'])
def test_files_that_are_none(host, content):
    write, about, said = host
    for path in (DOCKER % ID, '%s/k8s.io/%s/config.json' % (CONTAINERD, ID), STORE + 'containers.json'):
        write(path, content)
    assert about(ID) == {} and not said


def test_text_is_bytes(host):
    """As all text is inside; what is no text of Unicode is a question mark."""
    write, about, _ = host
    write(DOCKER % ID, b'{"Name":"/\\u20ac\xc3\xa9\\ud800\\u001b[m","Config":{}}')
    assert about(ID) == {'container_name': '\u20ac\u00e9?\x1b[m'.encode().decode('latin-1')}


def test_what_may_not_be_read_is_told_once(host, monkeypatch):
    _, about, said = host

    def refused(*_):
        raise PermissionError(13, 'Permission denied')
    monkeypatch.setattr('builtins.open', refused)
    monkeypatch.setattr(os, 'listdir', refused)
    assert about(ID) == about(OTHER) == {}
    assert said == ['not all containers can be named: it takes root to read the files of their runtime']


def test_each_is_read_once(host, tmp_path):
    write, _, _ = host
    write(DOCKER % ID, {'Name': '/web'})
    known = Containers(Paths({}, str(tmp_path)), Report())
    assert known.about(None, ID) == {'container_name': 'web'}
    (tmp_path / (DOCKER % ID)).unlink()
    assert known.about(None, ID) == {'container_name': 'web'}
