"""What the commands about the model and its window do."""

from __future__ import annotations

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.faces.tui.slash import PREVIEW, UNDO
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError


class Commands(CommandRoom):
    """What the commands about the model and its window do, a method each."""

    async def do_model(self, arguments: str) -> None:
        """Switch to another model."""
        name = arguments or await self._choose_model()
        if name:
            self._submit(ops.SettingsSet(model=name))

    async def do_manner(self, arguments: str) -> None:
        """Show how the model is talked to."""
        from trashclaw.faces.tui.screens.manner import manner_page

        self._show(manner_page(self._session.transcript))

    async def do_context(self, arguments: str) -> None:
        """Show what fills the model's window, and on from there what a compaction would leave of it."""
        from trashclaw.faces.tui.screens.context import ContextScreen

        while await self._ask(ContextScreen(self._session.context(), self._session.transcript.usage)):
            if await self._preview_compaction():
                return

    async def do_compact(self, arguments: str) -> None:
        """Make room in the window, show what that would do, or take it back."""
        if arguments == PREVIEW:
            await self._preview_compaction()
        elif arguments in ("", UNDO):
            self._submit(ops.ContextCompact(is_undo=arguments == UNDO))
        else:
            raise UsageError(f"/compact does not know {arguments}.", f"It takes {PREVIEW} or {UNDO}, or nothing.")

    async def _preview_compaction(self) -> bool:
        """Show what a compaction would do; tell whether it is being done."""
        from trashclaw.faces.tui.screens.context import PreviewScreen

        session = self._session
        screen = PreviewScreen(session.preview_compaction(), session.context())
        is_wanted = await self._ask(screen)
        if is_wanted:
            self._submit(ops.ContextCompact())
        return is_wanted

    async def _choose_model(self) -> str | None:
        from trashclaw.faces.tui.screens.models import ModelScreen
        from trashclaw.session.selection import Choice

        choices = [Choice(*pair) for pair in await self._session.models()]
        return await self._ask(ModelScreen(choices, self._app.scout))
