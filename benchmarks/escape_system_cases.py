"""Attempts to get out of a sandbox by the system: processes, the network, the kernel, and by using it up."""

from __future__ import annotations

from benchmarks.escape_cases import Case, python
from trashclaw.sandbox.ports import CommandLimits

_LIBC = "import ctypes,os,errno; l=ctypes.CDLL(None,use_errno=True); e=lambda:os.strerror(ctypes.get_errno()); "


def call(name: str, expression: str) -> Case:
    """Return an attempt that has succeeded when a call does not fail."""
    return python(name, f'{_LIBC}r={expression}; print("ESCAPED" if r>=0 else e())')


PROCESSES = (
    Case("kill the owner", "kill -9 {pid}"),
    Case("signal everything", "kill -9 -1"),
    Case("read the memory of the owner", "head -c 10 /proc/{pid}/mem; cat /proc/{pid}/maps"),
    Case("read the descriptors of the owner", "ls -la /proc/{pid}/fd; cat /proc/{pid}/fd/*"),
    Case("read the arguments of the owner", "cat /proc/{pid}/cmdline && echo ESCAPED"),
    call("trace the owner", "l.ptrace(16,{pid},0,0)"),
    call("trace the first process", "l.ptrace(16,1,0,0)"),
    call("seize the first process", "l.ptrace(0x4206,1,0,0)"),
    python("write the first process's memory", 'open("/proc/1/mem","r+b"); print("ESCAPED")'),
    Case("descriptors of the first process", "ls -l /proc/1/fd/ && echo ESCAPED"),
    Case(
        "descriptors that were passed on",
        "ls /proc/self/fd; for f in /proc/$$/fd/*; do case ${{f##*/}} in [3-9]|[1-9][0-9]) "
        "readlink $f | grep -E 'socket|pipe|/' | grep -v /proc/ && echo ESCAPED;; esac; done",
    ),
    call("a descriptor of the owner", "l.syscall(438,l.syscall(434,{pid},0),0,0)"),
    call("a descriptor of the first process", "l.syscall(438,l.syscall(434,1,0),0,0)"),
    Case("stay in the background", "{python} {root}/src/stay.py {mark} & echo $!"),
    Case(
        "stay in a session of its own",
        "setsid {python} {root}/src/stay.py {mark} > /dev/null 2>&1 < /dev/null & echo $!",
    ),
    Case(
        "stay after a double fork",
        "(setsid sh -c 'trap \"\" TERM HUP INT; ({python} {root}/src/stay.py {mark} &) &' &) ; echo gone",
    ),
    Case("stay by nohup", "nohup {python} {root}/src/stay.py {mark} > /dev/null 2>&1 & disown; echo gone"),
    Case(
        "stay past the time limit",
        "trap '' TERM INT HUP; {python} {root}/src/stay.py {mark}",
        CommandLimits(time_s=1.0),
    ),
    python("become important", 'import os; open("/proc/self/oom_score_adj","w").write("-1000"); print("ESCAPED")'),
    python(
        "run before all others",
        'import os; os.sched_setscheduler(0,os.SCHED_FIFO,os.sched_param(50)); print("ESCAPED")',
    ),
    python("raise the own limits", 'import resource as r; r.setrlimit(r.RLIMIT_FSIZE,(-1,-1)); print("ESCAPED")'),
)

_CONNECT = 'import socket as s; c=s.socket({family},s.SOCK_STREAM); c.settimeout(3); c.connect({to}); print("ESCAPED")'


def connect(name: str, family: str, to: str) -> Case:
    """Return an attempt to reach a server."""
    return python(name, _CONNECT.replace("{family}", f"s.{family}").replace("{to}", to))


NETWORK = (
    connect("connect to the machine", "AF_INET", '("127.0.0.1",{port})'),
    connect("connect to the machine by IPv6", "AF_INET6", '("::1",{port})'),
    connect("connect to an address outside", "AF_INET", '("192.0.2.1",80)'),
    connect("connect to the machine by vsock", "AF_VSOCK", "(1,{port})"),
    connect("connect to the hypervisor", "AF_VSOCK", "(2,22)"),
    connect("a unix socket in the home folder", "AF_UNIX", '"{home}/agent.sock"'),
    connect("a unix socket outside", "AF_UNIX", '"{outside}/server.sock"'),
    connect("a unix socket in the workspace", "AF_UNIX", '"{root}/server.sock"'),
    connect("a unix socket in /tmp", "AF_UNIX", '"/tmp/{mark}.sock"'),
    connect(
        "a unix socket behind a symlink", "AF_UNIX", '(__import__("os").symlink("{outside}/server.sock","l"),"l")[1]'
    ),
    connect("an abstract socket", "AF_UNIX", '"\\0{mark}"'),
    connect("the container service", "AF_UNIX", '"/var/run/docker.sock"'),
    connect("the system bus", "AF_UNIX", '"/run/dbus/system_bus_socket"'),
    python(
        "the agent of the environment",
        'import os,socket as s; s.socket(s.AF_UNIX).connect(os.environ["SSH_AUTH_SOCK"])',
    ),
    python("send a datagram", 'import socket as s; s.socket(s.AF_INET,s.SOCK_DGRAM).sendto(b"x",("127.0.0.1",{port}))'),
    python(
        "send a datagram outside",
        'import socket as s; s.socket(s.AF_INET,s.SOCK_DGRAM).sendto(b"x",("192.0.2.1",53)); print("ESCAPED")',
    ),
    python("look up a name", 'import socket; print("ESCAPED",socket.getaddrinfo("example.com",80))'),
    python("raw packets", 'import socket as s; s.socket(s.AF_INET,s.SOCK_RAW,1); print("ESCAPED")'),
    python("packets of the wire", 'import socket as s; s.socket(s.AF_PACKET,s.SOCK_RAW,0); print("ESCAPED")'),
    python(
        "ping",
        'import socket as s; s.socket(s.AF_INET,s.SOCK_DGRAM,1).sendto(bytes([8]*8),("192.0.2.1",0)); print("ESCAPED")',
    ),
    python(
        "crypto sockets of the kernel", 'import socket as s; s.socket(s.AF_ALG,s.SOCK_SEQPACKET,0); print("ESCAPED")'
    ),
    Case("make a network device", "ip link add evil type dummy && echo ESCAPED"),
    Case("join the owner's network", "nsenter -t {pid} -n true && echo ESCAPED; nsenter -t 1 -n true && echo ESCAPED"),
)

KERNEL = (
    Case("mount a file system", "mount -t tmpfs none src && echo ESCAPED"),
    Case(
        "make everything writable",
        "mount -o remount,rw / && echo ESCAPED; mount -o remount,rw,bind {outside}; echo x > {outside}/victim.txt",
    ),
    Case("unmount the overlay", "umount -l . && echo ESCAPED; cd {root}; echo x > README.md"),
    Case("namespaces of its own", "unshare -Urm true && echo ESCAPED"),
    Case("only mounts of its own", "unshare -m true && echo ESCAPED"),
    call("clone into a user namespace", "l.syscall(56,0x10000000|17,0,0,0,0)"),
    call("join the first process's mounts", 'l.setns(os.open("/proc/1/ns/mnt",0),0)'),
    call("join the own namespaces anew", 'l.setns(os.open("/proc/self/ns/user",0),0)'),
    call("change the root", 'l.chroot(b".")'),
    call("pivot the root", 'l.syscall(155,b".",b".")'),
    call("the newer calls for mounts", 'l.syscall(428,-100,b"/",1)'),
    call("a new file system by descriptor", 'l.syscall(430,b"tmpfs",0)'),
    call("attributes of mounts", 'l.syscall(442,-100,b"/",0x8000,ctypes.create_string_buffer(32),32)'),
    call("io_uring", "l.syscall(425,4,ctypes.create_string_buffer(120))"),
    call("programs in the kernel", "l.syscall(321,0,ctypes.create_string_buffer(120),120)"),
    call("the kernel's keys", "l.syscall(250,0,-3,1)"),
    call("add a key", 'l.syscall(248,b"user",b"evil",b"x",1,-3)'),
    call("performance events", "l.syscall(298,ctypes.create_string_buffer(120),0,-1,-1,0)"),
    call("page faults in user space", "l.syscall(323,1)"),
    call("load a module", 'l.syscall(313,0,b"",0)'),
    call("read the kernel's log", "l.klogctl(10,0,0)"),
    call("set the clock", "l.syscall(227,0,ctypes.create_string_buffer(16))"),
    call("set the name of the machine", 'l.sethostname(b"evil",4)'),
    call("type into the terminal", 'l.ioctl(os.open("/dev/ptmx",2),0x5412,b"x")'),
    python("become another user", 'import os; os.setgroups([]); os.setuid(12345); print("ESCAPED")'),
    Case("become the superuser", "sudo -n id && echo ESCAPED; su -c id < /dev/null && echo ESCAPED"),
    Case("where crashes go", "echo '|/evil' > /proc/sys/kernel/core_pattern && echo ESCAPED"),
    Case(
        "a setting of the kernel",
        "echo 1 > /proc/sys/vm/drop_caches && echo ESCAPED; echo 1 > /proc/sys/kernel/pid_max && echo ESCAPED",
    ),
    Case("the magic keys", "echo h > /proc/sysrq-trigger && echo ESCAPED"),
    Case(
        "interrupts",
        "for f in /proc/irq/default_smp_affinity /proc/irq/*/smp_affinity; do cat $f > $f && echo ESCAPED; done",
    ),
    Case(
        "a control group", "for d in $(find /sys/fs/cgroup -maxdepth 2 -type d); do mkdir $d/evil && echo ESCAPED; done"
    ),
    Case(
        "a setting in /sys",
        "for f in /sys/kernel/mm/ksm/run /sys/kernel/uevent_helper; do echo 0 > $f && echo ESCAPED; done",
    ),
    Case("a device node", "mknod null c 1 3 && echo x > null && echo ESCAPED"),
    Case("keep the rights of a file", "cp /bin/true t && setcap cap_sys_admin+ep t && ./t && echo ESCAPED"),
)

_SMALL = CommandLimits(time_s=30.0, memory_bytes=300_000_000, processes=64, disk_bytes=60_000_000)

HOGS = (
    Case("fork bomb", "f() {{ f | f & }}; f; sleep 20; echo ESCAPED", _SMALL),
    python(
        "many processes", 'import os,time; [os.fork() or time.sleep(20) for i in range(500)]; print("ESCAPED")', _SMALL
    ),
    python("memory hog", 'b=[bytearray(b"x"*10_000_000) for i in range(300)]; print("ESCAPED")', _SMALL),
    python(
        "memory of many processes",
        'import os,time; [os.fork() for i in range(4)]; b=b"x"*100_000_000; time.sleep(20); print("ESCAPED")',
        _SMALL,
    ),
    Case("fill /dev/shm", "head -c 2000000000 /dev/zero > /dev/shm/x && echo ESCAPED", _SMALL),
    Case("one large file", "head -c 3000000000 /dev/zero > x && echo ESCAPED", _SMALL),
    Case("many files", "for i in $(seq 400); do head -c 10000000 /dev/zero > x$i || exit; done; echo ESCAPED", _SMALL),
    Case(
        "fill /tmp", "for i in $(seq 400); do head -c 10000000 /dev/zero > /tmp/x$i || exit; done; echo ESCAPED", _SMALL
    ),
    python(
        "files without a name",
        "import tempfile as t; k=[t.TemporaryFile(buffering=0) for i in range(300)]; "
        '[f.write(b"x"*10_000_000) for f in k]; print("ESCAPED")',
        _SMALL,
    ),
    Case("endless output", "yes", CommandLimits(time_s=2.0)),
)
