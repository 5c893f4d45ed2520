"""A command at work in the launcher's namespaces: its output, its limits, its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.overlay.branch import UpperBranch
from trashclaw.sandbox.overlay.launcher.request import Request
from trashclaw.sandbox.overlay.launcher_client import HINT, Launcher
from trashclaw.sandbox.overlay.run_folder import remove_tree
from trashclaw.sandbox.ports import LimitHit, SandboxRun
from trashclaw.workspace.command_output import CommandOutput, OutputPipe
from trashclaw.workspace.waiting import wait_out

_DRAIN_S = 2.0
_MESSAGE_LIMIT_BYTES = 65_536
_FILE_TOO_LARGE = (-25, 128 + 25)
"""SIGXFSZ ended the command, or its shell tells so."""


class OverlayCommand:
    """A command at work; its whole process tree dies with it."""

    def __init__(
        self,
        launcher: Launcher,
        folder: Path,
        layers: list[tuple[Path, Path]],
        time_limit_s: float,
        on_output: Callable[[str], None] | None,
    ) -> None:
        """Take the run's folder, and real folders with their upper ones."""
        self._launcher = launcher
        self._folder = folder
        self._layers = layers
        self._time_limit_s = time_limit_s
        self._output = CommandOutput(on_output=on_output)
        self._pipes: list[OutputPipe] = []
        self._transports: list[asyncio.BaseTransport] = []
        self._gone = asyncio.Event()
        self._told: dict[str, Any] = {}
        self._failure = ""
        self._number = 0
        self._started_at = time.time()
        self._began = time.monotonic()
        self._ending: asyncio.Task[SandboxRun] | None = None
        self._removing: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it runs and its temporary files are gone."""
        return self._removing is not None and self._removing.done()

    async def launch(self, request: Request) -> None:
        """Begin; returns when the command runs.

        Raises:
            WorkspaceError: it could not be started; nothing is left behind.
        """
        status: socket.socket | None = None
        try:
            status = await self._hand_over(request)
            await self._first_word(status)
        except BaseException as error:
            await self._clean_up(status)
            if isinstance(error, OSError):
                raise WorkspaceError(f"The command could not be started: {error.strerror}.", HINT) from error
            raise
        self._ending = asyncio.create_task(self._until_end(status))

    async def wait(self) -> SandboxRun:
        """Wait for its end or for one of its limits. Cancelling this stops the command and discards what it did."""
        assert self._ending is not None
        try:
            return await asyncio.shield(self._ending)
        except asyncio.CancelledError:
            self._launcher.kill(self._number)
            await wait_out(self._ending)
            if self._removing is not None:
                await wait_out(self._removing)
            await wait_out(asyncio.create_task(asyncio.to_thread(remove_tree, self._folder)))
            raise

    async def stop(self) -> SandboxRun:
        """End it now, processes that ignore signals too, and return what there is."""
        self._launcher.kill(self._number)
        return await self.wait()

    async def aclose(self) -> None:
        """End it, and wait until nothing of it runs and its temporary files are gone."""
        self._launcher.kill(self._number)
        if self._ending is not None:
            await asyncio.wait([self._ending])
        if self._removing is not None:
            await asyncio.wait([self._removing])

    async def _hand_over(self, request: Request) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        writers: list[int] = []
        try:
            writers.append(await self._open_pipe(1))
            writers.append(await self._open_pipe(2))
            descriptors = (writers[0], writers[1], theirs.fileno())
            self._number = self._launcher.run(request, descriptors, self._has_gone)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            for writer in writers:
                os.close(writer)
        return ours

    async def _open_pipe(self, number: int) -> int:
        """Read one stream from now on; return where the command writes it."""
        reader, writer = os.pipe()
        pipe = OutputPipe(number, self._output)
        connecting = asyncio.get_running_loop().connect_read_pipe(lambda: pipe, os.fdopen(reader, "rb", 0))
        try:
            transport, _ = await connecting
        except BaseException:
            os.close(writer)
            raise
        self._transports.append(transport)
        self._pipes.append(pipe)
        return writer

    def _has_gone(self, reason: str) -> None:
        self._failure = reason
        self._gone.set()

    async def _first_word(self, status: socket.socket) -> None:
        data = await asyncio.get_running_loop().sock_recv(status, _MESSAGE_LIMIT_BYTES)
        if not data:
            await self._gone.wait()
            raise WorkspaceError(f"The command could not be started: {self._failure or 'it ended at once'}.", HINT)
        word = json.loads(data)
        if "error" in word:
            where = f" at {word['path']}" if word.get("path") else ""
            raise WorkspaceError(f"The sandbox could not be set up: {word['error']}{where}.", HINT)

    async def _until_end(self, status: socket.socket) -> SandboxRun:
        is_timed_out = False
        try:
            async with asyncio.timeout(self._time_limit_s):
                await self._hear(status)
        except TimeoutError:
            is_timed_out = True
            self._launcher.kill(self._number)
            await self._gone.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                for pipe in self._pipes:
                    await pipe.ended.wait()
        status.close()
        for transport in self._transports:
            transport.close()
        self._removing = asyncio.create_task(asyncio.to_thread(self._remove_temporary))
        return self._run(is_timed_out)

    async def _hear(self, status: socket.socket) -> None:
        """Return when no process of the command is left.

        The first process tells so before it ends itself; taking down its namespaces takes longer than most commands.
        """
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while data := await loop.sock_recv(status, _MESSAGE_LIMIT_BYTES):
                self._told |= json.loads(data)
        if "exit_code" not in self._told:
            await self._gone.wait()

    def _run(self, is_timed_out: bool) -> SandboxRun:
        limit = LimitHit(self._told["limit"]) if "limit" in self._told else None
        exit_code = self._told.get("exit_code", -9)
        if exit_code in _FILE_TOO_LARGE and limit is None:
            limit = LimitHit.DISK
        result = self._output.result(
            None if is_timed_out else exit_code,
            is_timed_out=is_timed_out,
            has_left_processes=bool(self._told.get("has_left_processes")),
            duration_s=time.monotonic() - self._began,
        )
        branches = tuple(
            UpperBranch(root, upper, self._started_at, self._forget_folder) for root, upper in self._layers
        )
        return SandboxRun(result, branches, limit=LimitHit.TIME if is_timed_out else limit)

    def _remove_temporary(self) -> None:
        """Remove everything but what the branches are made of."""
        kept = {upper.name for _, upper in self._layers}
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(self._folder)):
                if entry.name not in kept:
                    remove_tree(Path(entry.path))
        self._forget_folder()

    def _forget_folder(self) -> None:
        """Remove the run's folder with the last of what was in it."""
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    async def _clean_up(self, status: socket.socket | None) -> None:
        """Leave nothing of a command that did not start."""
        if self._number:
            self._launcher.kill(self._number)
            await wait_out(asyncio.create_task(self._gone.wait()))
        if status is not None:
            status.close()
        for transport in self._transports:
            transport.close()
        await wait_out(asyncio.create_task(asyncio.to_thread(remove_tree, self._folder)))
