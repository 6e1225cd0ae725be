"""Boot a prepared guest, run one command in it, bring its output and exit status back."""
import contextlib
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile

import debian
from . import guests

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
INIT = os.path.join(HERE, 'init.sh')

NO_STATUS = 124

# What the first process needs before it can see the host's files; what is built in is not loaded.
FIRST_MODULES = {
    'uml': ['overlay'],
    'x86_64': ['virtio_pci', '9pnet_virtio', '9p', 'overlay'],
    's390x': ['virtio_ccw', '9pnet_virtio', '9p', 'overlay'],
    'aarch64': ['virtio_pci', '9pnet_virtio', '9p', 'overlay'],
}
MEMORY = {'uml': 1024, 'x86_64': 2048, 's390x': 1024, 'aarch64': 1024}


class Job:
    """One command, the options of the boot it is run in, and afterwards what came of it.

    folder: the working folder, in the guest as on the host; memory in MiB; seconds: the time limit;
    append: words for the kernel's command line; modules: loaded before the command.
    stdout, stderr and console are bytes; status is None where the guest ended without one.
    """

    def __init__(self, command, folder, memory=None, seconds=300, append='', modules=()):
        self.command = command
        self.folder = folder
        self.memory = memory
        self.seconds = seconds
        self.append = append
        self.modules = modules
        self.stdout = self.stderr = self.console = b''
        self.status = None


def run(guest, job, keep=False):
    """Boot `guest` for `job`.  Returns the path of the job folder, which is gone unless `keep`."""
    shared = tempfile.mkdtemp(prefix='ssng-lab-')
    try:
        write_job(guest, job, shared)
        boot = boot_uml if guest.machine == 'uml' else boot_qemu
        words, surroundings = boot(guest, job, shared)
        with open(os.path.join(shared, 'log'), 'wb') as log:
            start(words, surroundings, job.seconds, log)
        job.console = read(shared, 'log') + read(shared, 'console').replace(b'\r', b'')
        job.stdout = read(shared, 'stdout')
        job.stderr = read(shared, 'stderr')
        status = read(shared, 'status').strip()
        job.status = int(status) if status else None
    finally:
        if not keep:
            shutil.rmtree(shared, ignore_errors=True)
    return shared


def read(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return b''
    with open(path, 'rb') as stream:
        return stream.read()


def write_job(guest, job, shared):
    folder = guests.folder_of(guest)
    shutil.copy(INIT, os.path.join(shared, 'init.sh'))
    shutil.copy(os.path.join(folder, 'busybox'), os.path.join(shared, 'busybox'))
    env = {
        'LAB_FIRST_MODULES': ' '.join(first_modules(guest)),
        'LAB_MODULES': os.path.join(folder, 'lib/modules'),
        'LAB_LOAD': ' '.join(job.modules),
        'XDG_CACHE_HOME': os.path.dirname(debian.cache_folder()),
        'LAB_HOST_FOLDERS': ' '.join([TREE, job.folder, guests.cache_folder()]),
    }
    with open(os.path.join(shared, 'env'), 'w') as stream:
        for name, value in sorted(env.items()):
            stream.write('%s=%s\n' % (name, shlex.quote(value)))
    text = 'cd %s || exit 125\nexec %s\n' % (
        shlex.quote(job.folder), ' '.join(shlex.quote(word) for word in job.command))
    with open(os.path.join(shared, 'command'), 'wb') as stream:
        stream.write(os.fsencode(text))


def first_modules(guest):
    """The files of FIRST_MODULES and of what they need, in the order of loading."""
    parent = os.path.join(guests.folder_of(guest), 'lib/modules')
    folder = os.path.join(parent, *os.listdir(parent))
    needs = {}
    for line in read(folder, 'modules.dep').decode().splitlines():
        path, _, others = line.partition(':')
        needs[path] = others.split()
    paths = {re.sub(r'\.ko.*', '', os.path.basename(path)): path for path in needs}
    order = []

    def add(path):
        for other in needs[path]:
            add(other)
        if path not in order:
            order.append(path)

    for name in FIRST_MODULES[guest.machine]:
        if name in paths:
            add(paths[name])
    return [os.path.join(folder, path) for path in order]


# The two ways to boot: (words to execute, keywords for Popen)

def boot_uml(guest, job, shared):
    libraries = os.path.join(guests.folder_of(guest), 'libraries')
    words = [
        os.path.join(guests.folder_of(guest), 'kernel'),
        'mem=%dM' % (job.memory or MEMORY[guest.machine]),
        'umid=lab', 'uml_dir=' + os.path.join(shared, 'uml/'),
        'root=none', 'rootfstype=hostfs', 'rootflags=/', 'ro',
        'con=null', 'con0=null,fd:1', 'quiet', 'loglevel=4', 'panic=1']
    words += job.append.split()
    words += ['init=' + os.path.join(shared, 'busybox'),
              '--', 'sh', os.path.join(shared, 'init.sh'), 'uml', shared]
    return words, {'cwd': libraries, 'env': {
        'LD_LIBRARY_PATH': libraries, 'PATH': os.environ['PATH'],
        'TMPDIR': folder_for_memory(job.memory or MEMORY[guest.machine])}}


def folder_for_memory(megabytes):
    """UML maps its memory from a file: in memory if that is large enough (containers have 64 MB of it)."""
    with contextlib.suppress(OSError):
        space = os.statvfs('/dev/shm')
        if space.f_bavail * space.f_frsize > megabytes << 20:
            return '/dev/shm'
    return tempfile.gettempdir()


# Under emulation the kernel needs neither its mitigations nor a random place in memory.  One CPU,
# because kernel 7.2 oopses at boot with two of TCG's.
MACHINES = {
    'x86_64': {
        'words': ['-M', 'pc', '-cpu', 'max'],
        'append': 'console=ttyS0 mitigations=off nokaslr apparmor=0',
        'console': ['-serial', 'file:%s'], 'bus': 'pci'},
    's390x': {
        'words': ['-M', 's390-ccw-virtio', '-cpu', 'max'],
        'append': 'console=ttysclp0',
        'console': ['-chardev', 'file,id=console,path=%s', '-device', 'sclpconsole,chardev=console'],
        'bus': 'ccw'},
    'aarch64': {
        'words': ['-M', 'virt', '-cpu', 'cortex-a57'],
        'append': 'console=ttyAMA0 mitigations=off nokaslr apparmor=0',
        'console': ['-serial', 'file:%s'], 'bus': 'pci'},
}


def boot_qemu(guest, job, shared):
    emulator, folder = guests.emulator_folder(guest), guests.folder_of(guest)
    machine = MACHINES[guest.machine]
    initramfs = os.path.join(shared, 'initramfs')
    with open(initramfs, 'wb') as stream:
        stream.write(archive(initramfs_files(guest, shared)))
    words = debian.command(emulator, 'usr/bin/qemu-system-' + guest.machine) + machine['words']
    words += ['-accel', 'tcg,thread=single', '-smp', '1',
              '-m', str(job.memory or MEMORY[guest.machine]),
              '-L', os.path.join(emulator, 'usr/share/qemu'),
              '-L', os.path.join(emulator, 'usr/share/seabios'),
              '-nodefaults', '-no-user-config', '-nographic', '-no-reboot', '-net', 'none',
              '-kernel', os.path.join(folder, 'kernel'), '-initrd', initramfs,
              '-append', 'quiet loglevel=4 panic=-1 %s %s' % (machine['append'], job.append)]
    words += [word.replace('%s', os.path.join(shared, 'console')) for word in machine['console']]
    own_root = os.path.join(folder, 'root')
    shares = {'job': shared, 'root': own_root if os.path.isdir(own_root) else '/'}
    if shares['root'] != '/':
        shares['host'] = '/'
    for tag, path in sorted(shares.items()):
        words += ['-fsdev', 'local,id=%s,path=%s,security_model=none,multidevs=remap%s' % (
                      tag, path, '' if tag == 'job' else ',readonly=on'),
                  '-device', 'virtio-9p-%s,fsdev=%s,mount_tag=%s' % (machine['bus'], tag, tag)]
    return words, {}


def initramfs_files(guest, shared):
    """{path: (mode, content)}"""
    files = {name: (stat.S_IFDIR | 0o755, b'') for name in ('proc', 'lower', 'run', 'modules')}
    files['busybox'] = stat.S_IFREG | 0o755, read(shared, 'busybox')
    files['init'] = stat.S_IFREG | 0o755, read(shared, 'init.sh')
    for number, path in enumerate(first_modules(guest)):
        name = 'modules/%02d-%s' % (number, os.path.basename(path))
        files[name] = stat.S_IFREG | 0o644, read('/', path)
    return files


def archive(files):
    """The cpio archive that the kernel unpacks as its first root (format 070701, "newc")."""
    parts = []
    entries = list(files.items()) + [('TRAILER!!!', (0, b''))]
    for number, (name, (mode, content)) in enumerate(entries, 1):
        # inode mode uid gid links mtime size; device and special device: 2 each; name's size; no sum
        numbers = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        head = b'070701' + b''.join(b'%08X' % value for value in numbers) + name.encode() + b'\0'
        parts += [padded(head), padded(content)]
    return b''.join(parts)


def padded(data):
    return data + bytes(-len(data) % 4)


def start(words, surroundings, seconds, log):
    """Run the machine in a process group of its own, which ends with it or after `seconds`."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               start_new_session=True, **surroundings)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        log.write(b'lab: the time limit of %d s is over\n' % seconds)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
