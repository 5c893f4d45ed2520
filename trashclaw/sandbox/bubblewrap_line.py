"""The command line of `bwrap`: what a command sees, and the program that gives up the rest before it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.sandbox.ports import CommandLimits

GATE_PORT = 3128
"""Of the gate, on the loopback that a command has for itself."""

_ENTRY = """
import os, resource, signal, socket, sys
number, port, file_bytes, tasks = map(int, sys.argv[1:5])
control = socket.socket(fileno=number)
listeners = []
try:
    if port:
        listeners.append(socket.create_server(("127.0.0.1", port), backlog=64))
    for which, value in (("CORE", 0), ("FSIZE", file_bytes), ("NPROC", tasks)):
        which = getattr(resource, "RLIMIT_" + which)
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
except OSError as error:
    control.send(str(error).encode())
    os._exit(1)
for name in ("SIGPIPE", "SIGXFSZ"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
socket.send_fds(control, [b"ready"], [listener.fileno() for listener in listeners])
os.closerange(3, 4096)
os.execv(sys.argv[5], sys.argv[5:])
"""
"""Runs inside: opens the port of the gate and hands it out, lowers the limits, and becomes the command."""

_THREADS_A_PROCESS = 8


@dataclass(frozen=True, slots=True)
class View:
    """What a command sees of the file system."""

    roots: tuple[Path, ...]
    """Folders whose changes are held back; the workspace comes first."""

    folder: Path
    """The run's own: `tmp`, `vartmp`, `mask`, and `upper` and `work` for each of the roots."""

    hidden: tuple[str, ...]
    readable: tuple[str, ...] = ()
    """Paths inside of hidden ones that are shown all the same."""

    writable: tuple[str, ...] = ()


def command_line(
    view: View, argv: Sequence[str], limits: CommandLimits, control: int, info: int, rules: int, *, has_gate: bool
) -> list[str]:
    """Return the arguments of `bwrap`; the numbers are descriptors that it inherits."""
    tasks = limits.processes * _THREADS_A_PROCESS
    entry = [sys.executable, "-I", "-S", "-c", _ENTRY, str(control), str(GATE_PORT if has_gate else 0)]
    line = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    line += ["--info-fd", str(info), "--seccomp", str(rules)]
    line += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *_emptied(Path("/run"))]
    line += ["--bind", f"{view.folder}/tmp", "/tmp"]
    if not Path("/var/tmp").is_symlink():
        line += ["--bind", f"{view.folder}/vartmp", "/var/tmp"]
    for number, root in enumerate(view.roots):
        line += ["--overlay-src", str(root)]
        line += ["--overlay", f"{view.folder}/upper{number}", f"{view.folder}/work{number}", str(root)]
    for path in view.hidden:
        line += _mask(path, view)
    for path in view.readable:
        line += ["--ro-bind", path, path]
    for path in view.writable:
        line += ["--bind", path, path]
    line += ["--chdir", str(view.roots[0]), "--"]
    return [*line, *entry, str(limits.disk_bytes), str(tasks), *argv]


def _mask(path: str, view: View) -> list[str]:
    """Put something unreadable over a path; a folder in which something is shown lets pass, and does not list."""
    if not Path(path).is_dir():
        return ["--ro-bind", f"{view.folder}/mask", path]
    is_passed = any(shown.startswith(path + "/") for shown in (*view.readable, *view.writable, *map(str, view.roots)))
    made = ["--perms", "0111" if is_passed else "0000", "--size", "65536", "--tmpfs", path]
    return made if is_passed else [*made, "--remount-ro", path]


def _emptied(folder: Path) -> list[str]:
    """Show a folder without what programs listen at; its links stay, some systems find their programs by them."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    line = ["--perms", "0755", "--size", "65536", "--tmpfs", str(folder)]
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink():
            line += ["--symlink", os.fspath(entry.readlink()), str(entry)]
    return [*line, "--remount-ro", str(folder)]
