"""Runs programs of the project for checks: always in the sandbox, and nothing that they change is kept."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.protocol.errors import TrashclawError, WorkspaceError
from trashclaw.sandbox.commands import Commands
from trashclaw.sandbox.ports import SandboxRun
from trashclaw.workspace.leftovers import private_folder
from trashclaw.workspace.process import CommandResult

OUTPUT_LIMIT_BYTES = 16_000_000
"""How large a file may grow that a check writes."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """How a check's command ended."""

    result: CommandResult
    is_stopped: bool
    """It reached a limit, of time or another one."""

    outputs: Mapping[str, str] = field(default_factory=dict)
    """What it wrote to its outputs, by their names; missing where it wrote none, or no UTF-8."""


class CheckRunner:
    """Runs one command at a time for each caller, in the sandbox of the session."""

    def __init__(
        self,
        commands: Commands,
        root: Path,
        time_s: float,
        on_run: Callable[[str], None] = lambda line: None,
        on_unable: Callable[[], None] = lambda: None,
    ) -> None:
        """`time_s` is for one command. `on_run` hears what runs now, and an empty text when it has ended.

        `on_unable` is called once, when something should have run and there is no sandbox for it.
        """
        self.root = root
        self._commands = commands
        self._time_s = time_s
        self._on_run = on_run
        self._on_unable = on_unable
        self._has_complained = False

    @property
    def time_s(self) -> float:
        """Seconds for one command."""
        return self._time_s

    async def can_run(self) -> bool:
        """Tell whether there is a sandbox: without one nothing of the project's runs unasked."""
        with contextlib.suppress(TrashclawError):
            if (await self._commands.sandbox()).is_isolating:
                return True
        if not self._has_complained:
            self._has_complained = True
            self._on_unable()
        return False

    async def run(
        self, line: str, title: str, inputs: Mapping[str, str] | None = None, outputs: tuple[str, ...] = ()
    ) -> CheckRun | None:
        """Run a shell line in the workspace's root; `None` where it could not be run.

        Each name of `inputs` is a shell variable with the path of a file that holds that text, each of `outputs` one
        with the path of a file that is read when the command has ended. Cancelling this leaves nothing behind.
        """
        if not await self.can_run():
            return None
        self._on_run(title)
        try:
            return await self._run(line, inputs or {}, outputs)
        except (WorkspaceError, OSError):
            return None
        finally:
            self._on_run("")

    async def _run(self, line: str, inputs: Mapping[str, str], outputs: tuple[str, ...]) -> CheckRun:
        folder = await asyncio.to_thread(_lay_out, inputs) if inputs else None
        try:
            places = {name: f".trashclaw-check-{secrets.token_hex(6)}-{name}" for name in outputs}
            words = {name: str(folder / name) for name in inputs} if folder else {}
            head = "".join(f"{name}={shlex.quote(path)}\n" for name, path in {**words, **places}.items())
            if outputs:
                head += f"ulimit -f {OUTPUT_LIMIT_BYTES // 1024}\n"
            readable = (folder,) if folder else ()
            running = await self._commands.start(head + line, time_s=self._time_s, inputs=readable, is_offline=True)
            run = await running.wait()
            try:
                return await asyncio.to_thread(_read, run, places)
            finally:
                await asyncio.shield(asyncio.to_thread(_discard, run))
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def _lay_out(inputs: Mapping[str, str]) -> Path:
    folder = private_folder("checks")
    for name, text in inputs.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    return folder


def _read(run: SandboxRun, places: Mapping[str, str]) -> CheckRun:
    found: dict[str, str] = {}
    for name, place in places.items():
        with contextlib.suppress(WorkspaceError, UnicodeDecodeError, IndexError):
            found[name] = run.branches[0].read(place).decode("utf-8")
    return CheckRun(run.result, run.result.is_timed_out or run.limit is not None, found)


def _discard(run: SandboxRun) -> None:
    for branch in run.branches:
        branch.discard()
