"""No sandbox: a command runs as it stands, so somebody has to be asked about it before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from trashclaw.sandbox.ports import Backend, Confinement, LimitHit, RunningCommand, SandboxRun
from trashclaw.workspace.capture import Capture
from trashclaw.workspace.process import CommandResult, run_command
from trashclaw.workspace.waiting import wait_out

OnOutput = Callable[[str], None]

_KEPT_BYTES = 256_000


class AskFirstSandbox:
    """Runs commands in the workspace itself. Nothing is held back, and only the limit on time holds."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._running: set[_PlainCommand] = set()

    @property
    def backend(self) -> Backend:
        """Which one it is."""
        return Backend.ASK_FIRST

    @property
    def is_isolating(self) -> bool:
        """No."""
        return False

    async def gate_port(self) -> int | None:
        """Return no port: hosts are reached as by any program."""
        return None

    async def start(self, command: str, confinement: Confinement, on_output: OnOutput | None = None) -> RunningCommand:
        """Start a shell line; what keeps it from starting is raised by `wait`."""
        running = _PlainCommand(command, self._root, confinement, on_output)
        self._running = {known for known in self._running if known.is_running} | {running}
        return running

    async def aclose(self) -> None:
        """End everything that still runs."""
        for running in self._running:
            await running.end()
        self._running.clear()


class _PlainCommand:
    """A command at work, and what it wrote so far."""

    def __init__(self, command: str, root: Path, confinement: Confinement, on_output: OnOutput | None) -> None:
        self._began = time.monotonic()
        self._on_output = on_output
        self._heard = Capture(_KEPT_BYTES)
        running = run_command(
            command, cwd=root, timeout_s=confinement.limits.time_s, on_output=self._hear, env=confinement.env
        )
        self._task = asyncio.create_task(running, name="plain command")

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return not self._task.done()

    async def wait(self) -> SandboxRun:
        """Wait for its end.

        Raises:
            WorkspaceError: it could not be started.
        """
        try:
            result = await asyncio.shield(self._task)
        except asyncio.CancelledError:
            if self._task.cancelled():
                return self._stopped()
            self._task.cancel()
            await wait_out(self._task)
            raise
        return SandboxRun(result, limit=LimitHit.TIME if result.is_timed_out else None)

    async def stop(self) -> SandboxRun:
        """End it, and return what it wrote until now."""
        await self.end()
        return self._stopped() if self._task.cancelled() else await self.wait()

    async def end(self) -> None:
        """End it."""
        self._task.cancel()
        await asyncio.wait([self._task])

    def _hear(self, text: str) -> None:
        self._heard.feed(text.encode("utf-8", "replace"))
        if self._on_output is not None:
            self._on_output(text)

    def _stopped(self) -> SandboxRun:
        """Make a result of what was heard: the streams are not told apart any more."""
        text = self._heard.text()
        size = self._heard.total_bytes
        spent_s = time.monotonic() - self._began
        return SandboxRun(CommandResult(text, text, "", -15, False, size, 0, self._heard.is_truncated, False, spent_s))
