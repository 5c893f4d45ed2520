"""Our end of the launcher: starts it, maps its ids, hands it commands, hears of their end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.overlay.launcher.request import Request, as_text, pack
from trashclaw.workspace.waiting import wait_out

_MESSAGE_LIMIT_BYTES = 65_536
_START_LIMIT_S = 20.0
_END_LIMIT_S = 5.0
_PACKAGES = Path(__file__).resolve().parents[3]
_PROGRAM = (
    "import sys; sys.path.append({packages!r});"
    "from trashclaw.sandbox.overlay.launcher.main import main; main({number}, {gate!r})"
)
HINT = "Say `sandbox.backend: ask-first` to be asked about every command instead."

OnGone = Callable[[str], None]
"""Told once when a run has ended with all its processes; the text says why it did not even begin, or is empty."""


class Launcher:
    """One launcher process. It dies with us, and everything that it started dies with it."""

    def __init__(self, gate_socket: Path | None = None) -> None:
        self._gate = as_text(gate_socket) if gate_socket else ""
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ends: dict[int, OnGone] = {}
        self._count = 0
        self.gate_port: int | None = None
        """Where on 127.0.0.1 of the sandbox the gate for hosts is reached."""

    @property
    def is_alive(self) -> bool:
        """Whether it takes commands."""
        return self._control is not None

    async def start(self) -> None:
        """Start the process.

        Raises:
            WorkspaceError: no namespaces can be made here.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = _PROGRAM.format(packages=str(_PACKAGES), number=theirs.fileno(), gate=self._gate)
        await self._end_process()
        with theirs:
            self._process = _spawn(program, theirs)
        ours.setblocking(False)
        try:
            async with asyncio.timeout(_START_LIMIT_S):
                await self._greet(ours, self._process.pid)
        except (OSError, ValueError, TimeoutError) as error:
            ours.close()
            await self._end_process()
            raise WorkspaceError(f"The sandbox could not be set up: {_words(error)}.", HINT) from error
        except BaseException:
            ours.close()
            await self._end_process()
            raise
        self._control = ours
        asyncio.get_running_loop().add_reader(ours, self._hear)

    async def _greet(self, control: socket.socket, pid: int) -> None:
        loop = asyncio.get_running_loop()
        _answer(await loop.sock_recv(control, _MESSAGE_LIMIT_BYTES))
        _write_maps(pid)
        await loop.sock_sendall(control, b"mapped")
        self.gate_port = _answer(await loop.sock_recv(control, _MESSAGE_LIMIT_BYTES))["gate_port"]

    def run(self, request: Request, descriptors: tuple[int, int, int], on_gone: OnGone) -> int:
        """Hand over a command with its output, error and status descriptors; return its number.

        Raises:
            OSError: the launcher is gone.
        """
        if self._control is None:
            raise BrokenPipeError("the launcher is gone")
        self._count += 1
        parcel = os.memfd_create("request")
        try:
            os.write(parcel, pack(request))
            message = json.dumps({"op": "run", "run": self._count}).encode()
            socket.send_fds(self._control, [message], [parcel, *descriptors])
        finally:
            os.close(parcel)
        self._ends[self._count] = on_gone
        return self._count

    def kill(self, run: int) -> None:
        """End a run with everything that belongs to it."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.send(json.dumps({"op": "kill", "run": run}).encode())

    async def aclose(self) -> None:
        """End the launcher and all that it started."""
        self._lose()
        await self._end_process()

    def _hear(self) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(_MESSAGE_LIMIT_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        message = json.loads(data)
        if on_gone := self._ends.pop(message.get("gone"), None):
            on_gone(message.get("error", ""))

    def _lose(self) -> None:
        """Let go of a launcher that is gone, or is to go: its first processes die with it."""
        if self._control is None:
            return
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._control = None
        ends, self._ends = self._ends, {}
        for on_gone in ends.values():
            on_gone("the launcher ended")

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        waiting = asyncio.ensure_future(asyncio.to_thread(process.wait, _END_LIMIT_S))
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            await wait_out(waiting)
            raise
        except subprocess.TimeoutExpired:
            return


def _spawn(program: str, control: socket.socket) -> subprocess.Popen[bytes]:
    """Start the launcher; not in another thread, since it is to die with the one that starts it."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[control.fileno()],
        cwd="/",
        start_new_session=True,
    )


def _answer(data: bytes) -> dict[str, Any]:
    if not data:
        raise OSError("the launcher ended at once")
    answer: dict[str, Any] = json.loads(data)
    if "error" in answer:
        raise OSError(answer.get("errno"), answer["error"])
    return answer


def _write_maps(pid: int) -> None:
    """Give the launcher's user namespace our own ids: all of them for the superuser, else the one."""
    folder = Path(f"/proc/{pid}")
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        for name in ("uid_map", "gid_map"):
            lines = Path(f"/proc/self/{name}").read_text().splitlines()
            spans = [line.split() for line in lines]
            (folder / name).write_text("".join(f"{inside} {inside} {size}\n" for inside, _, size in spans))
        return
    (folder / "setgroups").write_text("deny")
    (folder / "uid_map").write_text(f"{user} {user} 1\n")
    (folder / "gid_map").write_text(f"{group} {group} 1\n")


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the launcher did not answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
