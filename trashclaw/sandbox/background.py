"""Commands that go on while the agent does: started, read and stopped by id; what they did waits until they end."""

from __future__ import annotations

import asyncio

from trashclaw.protocol.approvals import NOTHING, Needs
from trashclaw.protocol.errors import ToolError
from trashclaw.sandbox.commands import Commands, Granted
from trashclaw.sandbox.ports import Backend, RunningCommand, SandboxRun

TIME_LIMIT_S = 8 * 3_600.0
COUNT_LIMIT = 8
"""Commands in the background at one time."""

KEPT_CHARS = 100_000
"""Of the output that nobody has read yet."""


class BackgroundCommand:
    """One of them."""

    def __init__(self, background_id: str, command: str, backend: Backend) -> None:
        self.background_id = background_id
        self.command = command
        self.backend = backend
        self._running: RunningCommand | None = None
        self._waiting: asyncio.Task[SandboxRun] | None = None
        self._is_taken = False
        self._unread: list[str] = []
        self._unread_chars = 0
        self._is_cut = False

    @property
    def is_running(self) -> bool:
        """Whether it is still at work."""
        return self._waiting is None or not self._waiting.done()

    @property
    def is_settled(self) -> bool:
        """Whether it has ended, and somebody took what it did."""
        return self._is_taken

    @property
    def reached(self) -> tuple[str, ...]:
        """Hosts that it has reached so far."""
        return self._running.reached if isinstance(self._running, Granted) else ()

    def begin(self, running: RunningCommand) -> None:
        """Watch over a command that was started."""
        self._running = running
        self._waiting = asyncio.create_task(running.wait(), name=f"background {self.background_id}")

    def hear(self, text: str) -> None:
        """Take output that nobody has read."""
        self._unread.append(text)
        self._unread_chars += len(text)
        while self._unread_chars > KEPT_CHARS and len(self._unread) > 1:
            self._unread_chars -= len(self._unread.pop(0))
            self._is_cut = True

    def read(self) -> str:
        """Return the output since the last time."""
        text = "".join(self._unread)
        if self._is_cut:
            text = f"[earlier output was not kept]\n{text}"
        self._unread, self._unread_chars, self._is_cut = [], 0, False
        return text

    async def wait(self, time_s: float) -> bool:
        """Wait for its end, but not longer than this many seconds; tell whether it has ended."""
        if self._waiting is not None and time_s > 0:
            await asyncio.wait((self._waiting,), timeout=time_s)
        return not self.is_running

    async def stop(self) -> None:
        """End it, and its whole process tree."""
        if self._running is not None and self._waiting is not None and self.is_running:
            await self._running.stop()
            await asyncio.wait((self._waiting,))

    async def take(self) -> SandboxRun:
        """Return how it ended; whoever takes it settles what it did, so it can be taken once.

        Raises:
            ToolError: it was taken already.
            WorkspaceError: it broke.
        """
        if self._is_taken or self._waiting is None:
            raise ToolError(f"{self.background_id} has ended, and what it did was settled already.")
        self._is_taken = True
        return await self._waiting

    async def abandon(self) -> None:
        """End it and let go of what it did."""
        if self._waiting is not None and not self._is_taken:
            self._is_taken = True
            # Not by cancelling: a task that has not begun yet would never end the command.
            await self.stop()
            if not self._waiting.cancelled() and self._waiting.exception() is None:
                for branch in self._waiting.result().branches:
                    await asyncio.to_thread(branch.discard)


class BackgroundCommands:
    """The commands of a session that run in the background."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._known: dict[str, BackgroundCommand] = {}

    @property
    def running(self) -> tuple[BackgroundCommand, ...]:
        """Those that are at work."""
        return tuple(command for command in self._known.values() if command.is_running)

    async def start(self, command: str, needs: Needs = NOTHING) -> BackgroundCommand:
        """Start one.

        Raises:
            ToolError: too many run already.
            WorkspaceError: it could not be started.
        """
        if len(self.running) >= COUNT_LIMIT:
            names = ", ".join(one.background_id for one in self.running)
            raise ToolError(f"{COUNT_LIMIT} commands run in the background already: {names}.", "Stop one of them.")
        backend = Backend.ASK_FIRST if needs.is_unsandboxed else (await self._commands.sandbox()).backend
        made = BackgroundCommand(f"bg{len(self._known) + 1}", command, backend)
        made.begin(await self._commands.start(command, needs=needs, time_s=TIME_LIMIT_S, on_output=made.hear))
        self._known[made.background_id] = made
        return made

    def find(self, background_id: str) -> BackgroundCommand:
        """Return one by its id.

        Raises:
            ToolError: there is none; names those that there are.
        """
        found = self._known.get(background_id.strip())
        if found is None:
            names = ", ".join(self._known) or "none"
            raise ToolError(f"There is no background command {background_id[:40]!r}.", f"Started so far: {names}.")
        return found

    async def aclose(self) -> None:
        """End all of them; what was not settled is discarded."""
        for command in self._known.values():
            await command.abandon()
