"""What the backends share that let another program confine their commands: folders, what runs, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.overlay.run_folder import OwnerFolder
from trashclaw.sandbox.supervised import Held, Streams, SupervisedCommand


class SupervisedSandbox:
    """A workspace, the folder of its runs, and the commands that run in it; a backend adds how one is started."""

    def __init__(self, root: Path, state: Path, hidden: Sequence[Path], gate: HostGate | None) -> None:
        """Bind a workspace to a state folder; nothing is made before the first command."""
        self._root = root.resolve()
        self._state = state.resolve()
        self._hidden = tuple(hidden)
        self._gate = gate
        self._owner: OwnerFolder | None = None
        self._starting = asyncio.Lock()
        self._running: set[SupervisedCommand] = set()

    @property
    def is_isolating(self) -> bool:
        """Whether what a command does is held back."""
        return True

    async def gate_port(self) -> int | None:
        """Return the port of the gate: the only one on the loopback that commands can connect to.

        Raises:
            WorkspaceError: there is none to be had.
        """
        return None if self._gate is None else await self._gate.listen_on_loopback()

    async def aclose(self) -> None:
        """End everything that still runs, and leave nothing on the disk."""
        while self._running:
            await self._running.pop().abandon()
        if self._owner is not None:
            owner, self._owner = self._owner, None
            await asyncio.to_thread(owner.close)

    async def _make_run(self, names: Sequence[str]) -> Path:
        """Make the folder of one run, with these folders in it.

        Raises:
            WorkspaceError: it cannot be made.
        """
        async with self._starting:
            if self._owner is None:
                self._owner = await asyncio.to_thread(OwnerFolder, self._state / "sandbox")
        return await asyncio.to_thread(self._owner.make_run, names)

    def _watch_over(self, held: Held, streams: Streams, time_s: float) -> SupervisedCommand:
        """Supervise a command that has started, and remember it until it has ended."""
        running = SupervisedCommand(held, streams, time_s)
        self._running = {known for known in self._running if known.is_running} | {running}
        return running
