"""The launcher's loop: takes requests from a socket, forks a first process for each, tells when it is gone."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import struct
from importlib import import_module

from trashclaw.sandbox.overlay.launcher import kernel
from trashclaw.sandbox.overlay.launcher.init import run_first
from trashclaw.sandbox.overlay.launcher.relay import Relay
from trashclaw.sandbox.overlay.launcher.request import unpack
from trashclaw.sandbox.overlay.launcher.seccomp import build_filter

_MESSAGE_LIMIT_BYTES = 65_536
_DESCRIPTORS = 4
_FLAGS_OF, _SET_FLAGS, _IS_UP = 0x8913, 0x8914, 0x1


def main(number: int, gate: str) -> None:
    """Serve the socket with this descriptor until its other end is closed; `gate` may be empty."""
    # Loaded here once, for all commands: each of them sets its limits.
    import_module("resource")
    control = socket.socket(fileno=number)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET | kernel.CLONE_NEWUTS)
        _tell(control, {"is_unshared": True})
        if not control.recv(_MESSAGE_LIMIT_BYTES):
            return
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        _raise_loopback()
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        relay = Relay(gate) if gate else None
        filter_program = build_filter()
    except OSError as error:
        _tell(control, {"error": str(error), "errno": error.errno})
        return
    os.chdir("/")
    _tell(control, {"is_ready": True, "gate_port": relay.port if relay else None})
    if relay:
        relay.fork(control)
    _Launcher(control, filter_program).serve()


class _Launcher:
    """Knows the first process of every command that runs."""

    def __init__(self, control: socket.socket, filter_program: bytes) -> None:
        self._control = control
        self._filter = filter_program
        self._runs: dict[int, int] = {}
        """Process ids by the number of the run."""

        self._flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC
        if os.path.exists("/proc/self/ns/cgroup"):
            self._flags |= kernel.CLONE_NEWCGROUP

    def serve(self) -> None:
        """Return when the other side is gone; what still runs dies with this process."""
        gc.disable()
        gc.freeze()
        waker, woken = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(waker, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            if waker in ready:
                os.read(waker, 4096)
                self._reap()
            if self._control.fileno() in ready and not self._take():
                return

    def _take(self) -> bool:
        """Do what is asked; tell whether there is still somebody who asks."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE_LIMIT_BYTES, _DESCRIPTORS)
        except ConnectionError:
            return False
        if not data:
            return False
        message = json.loads(data)
        run = message["run"]
        if message["op"] == "kill":
            if run in self._runs:
                os.kill(self._runs[run], signal.SIGKILL)
            return True
        try:
            self._start(run, descriptors)
        except OSError as error:
            _tell(self._control, {"gone": run, "error": str(error)})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _start(self, run: int, descriptors: list[int]) -> None:
        parcel, stdout, stderr, status = descriptors
        size = os.fstat(parcel).st_size
        request = unpack(os.pread(parcel, size, 0))
        pid = kernel.fork_into(self._flags)
        if pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
                if select.select([self._control], [], [], 0)[0] and not self._control.recv(1, socket.MSG_PEEK):
                    os._exit(1)
                self._control.close()
                run_first(request, stdout, stderr, socket.socket(fileno=status), self._filter)
            finally:
                os._exit(1)
        self._runs[run] = pid

    def _reap(self) -> None:
        names = {pid: run for run, pid in self._runs.items()}
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in names:
                del self._runs[names[pid]]
                _tell(self._control, {"gone": names[pid]})


def _tell(control: socket.socket, message: dict[str, object]) -> None:
    try:
        control.send(json.dumps(message).encode())
    except OSError:
        pass


def _raise_loopback() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH22x", b"lo", 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(any_socket, _FLAGS_OF, asked))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH22x", b"lo", flags | _IS_UP))
