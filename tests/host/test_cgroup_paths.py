"""What paths of cgroups mean: a test for each form that runtimes are known to make, written down as their users found them."""
import pytest

from ssng.host.cgroup_paths import meaning, of_file

ID, OTHER = '4f' * 32, '0123456789abcdef' * 4
UUID = '15aa6e53-b09a-4f7e-8d2c-0123456789ab'
POD, POD_ = 'f9d7a0b2-3c4d-4e5f-8a9b-0c1d2e3f4a5b', 'f9d7a0b2_3c4d_4e5f_8a9b_0c1d2e3f4a5b'
USER = '/user.slice/user-1000.slice/user@1000.service'
OF_USER = 'slice=user-1000.slice unit=user@1000.service'


def rows():
    """(path, what it means) of a table: ID and its like stand for themselves."""
    for line in TABLE.strip().splitlines():
        path, *words = line.split()
        for name, value in (('ID', ID), ('OTHER', OTHER), ('UUID', UUID), ('POD_', POD_), ('POD', POD)):
            path = path.replace('{%s}' % name, value)
            words = [word.replace('{%s}' % name, value) for word in words]
        yield path, dict(word.split('=') for word in words)


TABLE = r'''
/docker/{ID}                                            runtime=docker container={ID}
/system.slice/docker-{ID}.scope                         runtime=docker container={ID} unit=docker-{ID}.scope slice=system.slice
/{ID}                                                   runtime=docker container={ID}
/kubepods/besteffort/pod{POD}/{ID}                      pod={POD} container={ID}
/kubepods/burstable/pod{POD}/{ID}                       pod={POD} container={ID}
/kubepods/pod{POD}/{ID}                                 pod={POD} container={ID}
/kubepods/kubepods/besteffort/pod{POD}/{ID}             pod={POD} container={ID}
/kubepods/pod{POD}/{UUID}                               pod={POD} container={UUID}
/kubepods/burstable/pod{POD}/{UUID}                     pod={POD} container={UUID}
/kubepods/besteffort/pod0123456789abcdef0123456789abcdef/{ID}    pod=0123456789abcdef0123456789abcdef container={ID}
/docker/{OTHER}/kubepods/besteffort/pod{POD}/{ID}       pod={POD} container={ID}
/libpod_parent/libpod-{ID}/ctr                          runtime=podman container={ID}
/machine.slice/libpod-{ID}.scope                 runtime=podman container={ID} unit=libpod-{ID}.scope slice=machine.slice
/machine.slice/libpod-{ID}.scope/container       runtime=podman container={ID} unit=libpod-{ID}.scope slice=machine.slice
/machine.slice/libpod-conmon-{ID}.scope          unit=libpod-conmon-{ID}.scope slice=machine.slice
/web.slice/app.service/libpod-payload-{ID}              runtime=podman container={ID} unit=app.service slice=web.slice
/web.slice/app.service/libpod-payload-{ID}/runtime      runtime=podman container={ID} unit=app.service slice=web.slice
/web.slice/app.service/supervisor                       unit=app.service slice=web.slice
/lxc/web                                                runtime=lxc container=web
/lxc/web/a/b                                            runtime=lxc container=web
/lxc.payload/web.example                                runtime=lxc container=web.example
/lxc.payload.web.example                                runtime=lxc container=web.example
/lxc.payload.web/{ID}x                                  runtime=lxc container=web
/lxc.monitor.web
/lxc.monitor/web
/lxc.payload.outer/lxc.monitor.inner                    runtime=lxc container=outer
/lxc.payload.outer/lxc.payload.inner                    runtime=lxc container=inner
/lxc.payload.focal/init.scope                           runtime=lxc container=focal unit=init.scope slice=-.slice
/lxc.payload.focal/system.slice/avahi-daemon.service    runtime=lxc container=focal unit=avahi-daemon.service slice=system.slice
/system.slice/garden.service/garden/{UUID}              runtime=garden container={UUID} unit=garden.service slice=system.slice
/system.slice/garden.service/garden/4kgbgq8             runtime=garden container=4kgbgq8 unit=garden.service slice=system.slice
/system.slice/nginx.service                             unit=nginx.service slice=system.slice
/system.slice/system-getty.slice/getty@tty1.service     unit=getty@tty1.service slice=system-getty.slice
/init.scope                                             unit=init.scope slice=-.slice
/user.slice/user-1000.slice/session-3.scope             unit=session-3.scope slice=user-1000.slice
/system.slice                                           slice=system.slice
/machine.slice/machine-my\x2dbox.scope      runtime=nspawn machine=my-box unit=machine-my\x2dbox.scope slice=machine.slice
/machine.slice/machine-qemu\x2d3\x2dvm.scope            machine=qemu-3-vm unit=machine-qemu\x2d3\x2dvm.scope slice=machine.slice
/machine.slice/systemd-nspawn@b\x2dx.service/payload/a.slice/x.service   runtime=nspawn machine=b-x unit=x.service slice=a.slice
/machine.slice/systemd-nspawn@box.service/supervisor    unit=systemd-nspawn@box.service slice=machine.slice
/system.slice/docker.service                            unit=docker.service slice=system.slice
/system.slice/docker-{ID}.scope/system.slice/ssh.service    runtime=docker container={ID} unit=ssh.service slice=system.slice
/docker/{ID}/docker/{OTHER}                             runtime=docker container={OTHER}
/../docker-{ID}.scope                                   runtime=docker container={ID} unit=docker-{ID}.scope
/
/../../..
/a/b/c
/process_api/f46eee60a0f6eda9910df73e309356b5
'''


@pytest.mark.parametrize('path, expected', list(rows()), ids=lambda value: value if value.__class__ is str else '')
def test_a_path(path, expected):
    assert meaning(path) == expected


@pytest.mark.parametrize('path, expected', [
    (USER + '/app.slice/web.service', OF_USER + ' user_unit=web.service'),
    (USER + '/init.scope', OF_USER + ' user_unit=init.scope'),
    (USER, OF_USER),
    (USER + '/user.slice/libpod-%s.scope' % ID, OF_USER + ' user_unit=libpod-%s.scope runtime=podman container=%s' % (ID, ID)),
    (USER + '/user.slice/libpod-%s.scope/container' % ID,
     OF_USER + ' user_unit=libpod-%s.scope runtime=podman container=%s' % (ID, ID)),
    (USER + '/app.slice/libpod-%s.scope' % ID, OF_USER + ' user_unit=libpod-%s.scope runtime=podman container=%s' % (ID, ID)),
    (USER + '/user.slice/libpod-conmon-%s.scope' % ID, OF_USER + ' user_unit=libpod-conmon-%s.scope' % ID)])
def test_users(path, expected):
    """Rootless podman, and what a user's own manager runs."""
    assert meaning(path) == dict(word.split('=') for word in expected.split())


@pytest.mark.parametrize('prefix', ['', '/docker/' + OTHER])
@pytest.mark.parametrize('qos', ['-besteffort', '-burstable', ''])
@pytest.mark.parametrize('word, runtime', [('crio', 'crio'), ('cri-containerd', 'containerd'), ('docker', 'docker')])
@pytest.mark.parametrize('container', [ID, UUID])
def test_pods_by_systemd(prefix, qos, word, runtime, container):
    """Of every quality of service, also below the kubelet of kind; guaranteed pods have none in their path."""
    scope = '%s-%s.scope' % (word, container)
    for outer in ('', 'kubelet-'):
        top = '/kubelet.slice/kubelet-kubepods.slice' if outer else '/kubepods.slice'
        middle = '/%skubepods%s.slice' % (outer, qos) if qos else ''
        slice = '%skubepods%s-pod%s.slice' % (outer, qos, POD_)
        expected = {'runtime': runtime, 'container': container, 'pod': POD, 'unit': scope, 'slice': slice}
        assert meaning('%s%s%s/%s/%s' % (prefix, top, middle, slice, scope)) == expected
        assert meaning('%s%s%s/%s/%s/container' % (prefix, top, middle, slice, scope)) == expected
        monitor = meaning('%s%s%s/%s/crio-conmon-%s.scope' % (prefix, top, middle, slice, container))
        assert monitor.get('container') == (OTHER if prefix else None) and monitor['pod'] == POD


def test_a_pod_of_podman():
    slice = 'machine-libpod_pod_%s.slice' % OTHER
    assert meaning('/machine.slice/%s/libpod-%s.scope' % (slice, ID)) == {
        'pod': OTHER, 'container': ID, 'runtime': 'podman', 'unit': 'libpod-%s.scope' % ID, 'slice': slice}


def test_two_drivers():
    """A kubelet that means systemd, and a containerd that does not."""
    path = '/system.slice/containerd.service/kubepods-burstable-pod%s.slice:cri-containerd:%s' % (POD_, ID)
    assert meaning(path) == {
        'pod': POD, 'container': ID, 'runtime': 'containerd', 'unit': 'containerd.service', 'slice': 'system.slice'}


# Lines of /proc/PID/cgroup

@pytest.mark.parametrize('text, path', [
    ('0::/system.slice/a.service\n', '/system.slice/a.service'),
    ('0::/\n', ''), ('0::/../../..\n', ''), ('', ''), ('nonsense\n1:x\n', ''),
    ('0::/system.slice/a.service (deleted)\n', '/system.slice/a.service'),
    ('0::/lxc/a:b\n', '/lxc/a:b'),
    # Hybrid: v2 says nothing, or of whoever began it.
    ('12:pids:/docker/%s\n1:name=systemd:/docker/%s\n0::/\n' % (ID, ID), '/docker/' + ID),
    ('1:name=systemd:/system.slice/a.service\n0::/system.slice/b.service\n', '/system.slice/a.service'),
    ('11:memory:/docker/%s\n1:name=systemd:/\n0::/system.slice/containerd.service\n' % ID, '/docker/' + ID),
    # v1: the order of preference, whatever stands first
    ('9:memory:/lxc/memory\n8:pids:/lxc/pids\n2:cpu,cpuacct:/lxc/cpu\n1:name=systemd:/lxc/systemd\n', '/lxc/systemd'),
    ('9:memory:/lxc/memory\n8:pids:/lxc/pids\n2:cpu,cpuacct:/lxc/cpu\n', '/lxc/pids'),
    ('9:hugetlb,memory:/lxc/memory\n2:cpu,cpuacct:/lxc/cpu\n', '/lxc/memory'),
    ('3:cpuset:/\n2:cpu,cpuacct:/lxc/cpu\n', '/lxc/cpu')])
def test_the_line_that_tells(text, path):
    assert of_file(text) == path
