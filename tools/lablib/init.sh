#!/busybox sh
# The first process of every guest, run by a static busybox.
#
#   init.sh           QEMU, on the initramfs: the host's root and the job folder come over virtio-9p
#   init.sh uml JOB   UML, on the host's own root, read-only over hostfs
#   init.sh job       the second step of both, inside a throw-away overlay over the host's root
#
# The job folder: env (assignments), busybox, init.sh and command (a script) go in; stdout, stderr and
# status come out.

fail() {
    echo "lab: $1"
    $B poweroff -f
}

overlay() {     # overlay LOWER WHERE
    $B mount -t tmpfs -o mode=755 up /run
    $B mkdir /run/upper /run/work /run/root
    $B mount -t overlay -o "lowerdir=$1,upperdir=/run/upper,workdir=/run/work" root /run/root ||
        fail 'no overlay'
    $B mkdir -p /run/root/proc /run/root/sys /run/root/dev /run/root/run
    $B mount --move /proc /run/root/proc
    $B mount -t sysfs sys /run/root/sys
    $B mount -t devtmpfs dev /run/root/dev
    $B mount -t tmpfs -o mode=755 run /run/root/run
    $B mkdir /run/root/run/lab
}

qemu() {
    B=/busybox
    $B mount -t proc proc /proc
    for module in /modules/*; do
        $B insmod "$module" || fail "insmod $module"
    done
    nine=trans=virtio,version=9p2000.L,msize=524288
    $B mount -t 9p -o "ro,cache=loose,$nine" root /lower || fail 'no root'
    overlay /lower
    $B mount -t 9p -o "cache=none,$nine" job /run/root/run/lab || fail 'no job folder'
    exec $B switch_root /run/root /run/lab/busybox sh /run/lab/init.sh job
}

uml() {
    B=$1/busybox
    $B mount -t proc proc /proc
    for module in $(. "$1/env"; echo "$LAB_FIRST_MODULES"); do
        $B insmod "$module" || fail "insmod $module"
    done
    overlay /
    $B mount -t hostfs -o "$1" job /run/root/run/lab || fail 'no job folder'
    cd /run/root || fail 'no root'
    $B mkdir -p mnt
    $B pivot_root . mnt
    exec /run/lab/busybox chroot . /run/lab/busybox sh /run/lab/init.sh job
}

job() {
    B=/run/lab/busybox
    . /run/lab/env
    [ -d /mnt/proc ] && $B umount -l /mnt
    # The host's own folders, where the guest's root is not the host's.
    if [ -d /host ]; then
        $B mount -t 9p -o ro,cache=loose,trans=virtio,version=9p2000.L,msize=524288 host /host
        for folder in $LAB_HOST_FOLDERS; do
            $B mkdir -p "$folder"
            $B mount --bind "/host$folder" "$folder"
        done
        $B --install -s /usr/bin 2>/dev/null
    fi
    $B mkdir -p /dev/pts /dev/shm /dev/net /lib/modules
    # What udev would add to devtmpfs; opening tun loads its module.
    [ -e /dev/net/tun ] || $B mknod /dev/net/tun c 10 200
    $B ln -s /proc/self/fd /dev/fd
    for number in '0 stdin' '1 stdout' '2 stderr'; do
        $B ln -s "/proc/self/fd/${number% *}" "/dev/${number#* }"
    done
    $B mount -t devpts devpts /dev/pts
    $B mount -t tmpfs shm /dev/shm
    $B mount -t cgroup2 cgroup2 /sys/fs/cgroup
    $B mount -t bpf bpf /sys/fs/bpf 2>/dev/null
    $B mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
    [ -d /sys/fs/selinux ] && $B mount -t selinuxfs selinuxfs /sys/fs/selinux
    $B mount --bind "$LAB_MODULES" /lib/modules
    $B cp /run/lab/busybox /sbin/busybox
    $B ln -sf busybox /sbin/modprobe
    $B hostname lab
    $B ip link set lo up
    ulimit -n 1048576
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    export HOME=/root TERM=dumb LC_ALL=C.UTF-8 XDG_CACHE_HOME
    for module in $LAB_LOAD; do
        $B modprobe "$module" 2>>/run/lab/stderr
    done
    $B sh /run/lab/command </dev/null >/run/lab/stdout 2>>/run/lab/stderr
    echo $? >/run/lab/status
    $B sync
    $B poweroff -f
}

case $1 in
uml) uml "$2" ;;
job) job ;;
*) qemu ;;
esac
