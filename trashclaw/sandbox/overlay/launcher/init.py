"""The first process of a command's pid namespace: starts it, reaps, watches the limits; when it ends, all end."""

from __future__ import annotations

import json
import os
import signal
import socket
import time

from trashclaw.sandbox.overlay.launcher import kernel
from trashclaw.sandbox.overlay.launcher.confine import become
from trashclaw.sandbox.overlay.launcher.mounts import View
from trashclaw.sandbox.overlay.launcher.request import Request
from trashclaw.sandbox.overlay.launcher.usage import DiskUse, memory_used, process_ids

_WATCH_S = 0.05
_LINGER_S = 0.2
"""How long other processes may still run when the command itself has ended."""


def run_first(request: Request, stdout: int, stderr: int, status: socket.socket, filter_program: bytes) -> None:
    """Be the first process; never returns."""
    code = 1
    try:
        os.chdir("/")
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        view = View(request)
        view.build()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        child = _start(request, stdout, stderr, status, filter_program)
        os.close(stdout)
        os.close(stderr)
        _send(status, {"is_started": True})
        _Watch(request, view.run_fd, status).until_end(child)
        code = 0
    except OSError as error:
        _send(status, _told(error))
    finally:
        os._exit(code)


def _start(request: Request, stdout: int, stderr: int, status: socket.socket, filter_program: bytes) -> int:
    child = os.fork()
    if child == 0:
        try:
            # What is told must be said before the descriptor is closed; a failed exec is told by its exit code.
            become(request, stdout, stderr, filter_program)
        except OSError as error:
            os.write(2, f"trashclaw: the command could not be started: {error}\n".encode())
        finally:
            os._exit(126)
    return child


def _told(error: OSError) -> dict[str, object]:
    name = error.filename
    path = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    return {"error": error.strerror or str(error), "errno": error.errno, "path": path}


def _send(status: socket.socket, message: dict[str, object]) -> None:
    try:
        status.send(json.dumps(message).encode())
    except OSError:
        pass


class _Watch:
    """Waits for the command, and ends everything when a limit is exceeded."""

    def __init__(self, request: Request, run_fd: int, status: socket.socket) -> None:
        self._limits = request.limits
        self._status = status
        self._disk = DiskUse(run_fd, request.limits.disk_bytes)
        self._pause_s = _WATCH_S
        self._exit_code: int | None = None

    def until_end(self, child: int) -> None:
        """Return when no other process is left."""
        limit = None
        while self._exit_code is None and limit is None:
            signal.sigtimedwait({signal.SIGCHLD}, self._pause_s)
            self._reap(child)
            if self._exit_code is None:
                limit = self._exceeded()
        if limit:
            _send(self._status, {"limit": limit})
        has_left = limit is None and self._linger(child)
        while self._reap(child):
            self._kill_all()
            signal.sigtimedwait({signal.SIGCHLD}, _WATCH_S)
        _send(self._status, {"exit_code": self._exit_code, "has_left_processes": has_left})

    def _reap(self, child: int) -> bool:
        """Take note of all that ended; tell whether any process is left."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                if pid == child:
                    self._exit_code = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            return False

    def _linger(self, child: int) -> bool:
        """Give what runs beside the command (as `>(tee log)`) a moment to end; tell whether it did not."""
        end = time.monotonic() + _LINGER_S
        while self._reap(child):
            left = end - time.monotonic()
            if left <= 0:
                return True
            signal.sigtimedwait({signal.SIGCHLD}, left)
        return False

    @staticmethod
    def _kill_all() -> None:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _exceeded(self) -> str | None:
        began = time.monotonic()
        pids = process_ids()
        limit = None
        if len(pids) > self._limits.processes:
            limit = "processes"
        elif memory_used(pids, self._limits.memory_bytes) > self._limits.memory_bytes:
            limit = "memory"
        elif self._disk.is_over(pids):
            limit = "disk"
        self._pause_s = max(_WATCH_S, 10 * (time.monotonic() - began))
        return limit
