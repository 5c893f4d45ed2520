"""The last steps of a process before it becomes the command: it gives up all that it must not have."""

from __future__ import annotations

import os
import signal

from trashclaw.sandbox.overlay.launcher import kernel
from trashclaw.sandbox.overlay.launcher.request import Request, as_bytes
from trashclaw.sandbox.overlay.launcher.system_folders import TASKS_PER_PROCESS

_OWNER_RIGHTS = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4
"""CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID."""

_SPARSE = 16
"""A file may be so many times as long as the room that it may take: what is not written takes none."""

_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGINT, signal.SIGTERM)


def become(request: Request, stdout: int, stderr: int, filter_program: bytes) -> None:
    """Turn this process into the command; returns only by raising.

    Raises:
        OSError: a step failed.
    """
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    kernel.close_from(3)
    os.chdir(as_bytes(request.cwd))
    _set_limits(request)
    for number in _RESTORED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.keep_capabilities(_OWNER_RIGHTS if request.is_owner_kept else 0)
    kernel.install_filter(filter_program)
    env = {as_bytes(name): as_bytes(value) for name, value in request.env.items()}
    os.execve(as_bytes(request.argv[0]), [as_bytes(part) for part in request.argv], env)


def _set_limits(request: Request) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, _SPARSE * request.limits.disk_bytes)
    if os.getuid() != 0 and kernel.release() >= (5, 14):
        # Before, this counted all that the user runs on the machine.
        _lower(resource.RLIMIT_NPROC, TASKS_PER_PROCESS * request.limits.processes)


def _lower(which: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))
