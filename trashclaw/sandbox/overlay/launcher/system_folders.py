"""The system's folders as a command sees them: /proc of its own processes, few devices, no back door in /sys."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from trashclaw.sandbox.overlay.launcher import kernel
from trashclaw.sandbox.overlay.launcher.kernel import NODEV, NOEXEC, NOSUID, RDONLY

_DEVICES = [b"null", b"zero", b"full", b"random", b"urandom", b"tty"]
_LINKS = {b"fd": b"/proc/self/fd", b"stdin": b"/proc/self/fd/0", b"stdout": b"/proc/self/fd/1"}
_LINKS |= {b"stderr": b"/proc/self/fd/2", b"ptmx": b"pts/ptmx"}

_UNREADABLE = {b"kcore", b"keys", b"timer_list", b"sched_debug", b"slabinfo", b"vmallocinfo", b"dynamic_debug"}
"""Only the superuser could read them at all."""

_SYS_HIDDEN: tuple[bytes, ...] = (
    b"/sys/kernel/debug",
    b"/sys/kernel/tracing",
    b"/sys/kernel/security",
    b"/sys/kernel/config",
    b"/sys/fs/bpf",
    b"/sys/fs/fuse/connections",
    b"/sys/fs/pstore",
    b"/sys/firmware",
)

_RESERVED_PIDS = 300
"""Numbers that the kernel gives only once."""

TASKS_PER_PROCESS = 4
"""Threads count for the kernel: so many are let pass for every process of the limit."""

EMPTY = b"/dev/mqueue"
"""An empty folder on a file system of our own: no overlay takes two layers of which one lies in the other."""

DEVICES_LIMIT_BYTES = 16_000_000
"""What fits into /dev outside of /dev/shm; it is memory."""


class Devices:
    """Copies of the harmless devices, taken before everything is made read-only and free of devices."""

    def __init__(self) -> None:
        self._trees = {name: kernel.clone_tree(-1, b"/dev/" + name) for name in _DEVICES if _is_device(name)}

    def mount_at(self, folder: bytes) -> None:
        """Mount a new /dev there."""
        kernel.mount("tmpfs", folder, NOSUID | NOEXEC, f"mode=0755,size={DEVICES_LIMIT_BYTES}")
        for name, tree in self._trees.items():
            target = folder + b"/" + name
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o666))
            kernel.attach(tree, target)
            os.close(tree)
        for name, target in _LINKS.items():
            os.symlink(target, folder + b"/" + name)
        os.mkdir(EMPTY, 0o755)
        os.mkdir(folder + b"/pts", 0o755)
        kernel.mount("devpts", folder + b"/pts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
        os.mkdir(folder + b"/shm", 0o1777)
        kernel.mount("tmpfs", folder + b"/shm", NOSUID | NODEV, "mode=1777,size=50%")
        kernel.set_mount(-1, folder, RDONLY | NOSUID | NOEXEC)


def make_proc(processes: int) -> None:
    """Mount a /proc that shows the command's own processes only, read-only.

    In a user namespace the superuser is still the owner of the system's own files there.
    """
    kernel.mount("proc", b"/proc", NOSUID | NODEV | NOEXEC)
    _limit_pids(_RESERVED_PIDS + TASKS_PER_PROCESS * processes)
    kernel.set_mount(-1, b"/proc", RDONLY | NOSUID | NODEV | NOEXEC)
    if os.geteuid() == 0:
        null = os.open(b"/dev/null", os.O_PATH)
        for name in _UNREADABLE:
            if os.path.lexists(b"/proc/" + name):
                _put_over(b"/proc/" + name, null)
        os.close(null)


def mask_sys(mask: Callable[[bytes], None]) -> None:
    """Hide what the superuser could read or switch through /sys."""
    if os.geteuid() != 0:
        return
    for path in _SYS_HIDDEN:
        if _has_entries(path):
            mask(path)


def _limit_pids(limit: int) -> None:
    """Let the kernel itself stop a fork bomb; before 6.14 the number belongs to the whole machine."""
    if kernel.release() < (6, 14):
        return
    with open("/proc/sys/kernel/pid_max", "r+") as file:
        if limit < int(file.read()):
            file.seek(0)
            file.write(str(limit))


def _put_over(path: bytes, null: int) -> None:
    if os.path.isdir(path):
        kernel.mount("tmpfs", path, RDONLY | NOSUID | NODEV, "mode=0555,size=4k")
        return
    tree = kernel.clone_tree(null)
    kernel.attach(tree, path)
    os.close(tree)


def _has_entries(path: bytes) -> bool:
    try:
        return bool(os.listdir(path))
    except OSError:
        return os.path.lexists(path)


def _is_device(name: bytes) -> bool:
    try:
        return stat.S_ISCHR(os.stat(b"/dev/" + name).st_mode)
    except OSError:
        return False
