"""What /diff, /undo and the other commands about what was done do."""

from __future__ import annotations

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.faces.tui.messages import ChangesAsked
from trashclaw.protocol import ops


class Commands(CommandRoom):
    """What /diff, /undo and the other commands about what was done do, a method each."""

    async def do_diff(self, arguments: str) -> None:
        """Show everything this session changed."""
        self._tab.main.post_message(ChangesAsked())

    async def do_undo(self, arguments: str) -> None:
        """Bring files back."""
        self._submit(ops.CheckpointRestore())

    async def do_redo(self, arguments: str) -> None:
        """Bring back what was undone last."""
        self._submit(ops.CheckpointRestore(is_redo=True))

    async def do_rewind(self, arguments: str) -> None:
        """Show the points to go back to."""
        await self._app.rewinding.run(self._tab)
