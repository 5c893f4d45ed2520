"""Going back: Esc twice on an empty prompt, the rewind screen, and the question before the person's own work goes."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.tab import Tab

TWICE_S = 1.5


class Rewinding:
    """Opens the rewind screen of one app, and carries out what was chosen there."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app
        self._escaped_at = 0.0

    def note_escape(self, tab: Tab, *, is_prompt_empty: bool) -> bool:
        """Take note of an Esc; tell whether it was the second one on an empty prompt with nothing to stop."""
        session = tab.desk.session
        if session is None or session.is_running or not is_prompt_empty:
            self._escaped_at = 0.0
            return False
        if monotonic() - self._escaped_at < TWICE_S:
            self._escaped_at = 0.0
            return True
        self._escaped_at = monotonic()
        return False

    async def run(self, tab: Tab) -> None:
        """Let the person choose a point, ask before anything of their own is overwritten, and go back; or fork there.

        Raises:
            UsageError: something still runs, or there is nothing to bring back.
            WorkspaceError: the checkpoints cannot be read.
        """
        from trashclaw.faces.tui.screens.rewind import OverwriteScreen, RewindScreen
        from trashclaw.faces.tui.session_actions import SessionActions
        from trashclaw.protocol.checkpoints import RestorePart
        from trashclaw.protocol.ops import CheckpointRestore

        session = tab.desk.need_session()
        choice = await self._app.push_screen_wait(RewindScreen(session.rewind.points()), mode=tab.mode)
        if choice is None:
            return
        if choice.part is None:
            await SessionActions(self._app, tab).fork_here(choice.point.item_id, is_before=True)
            return
        op = CheckpointRestore(item_id=choice.point.item_id, part=choice.part)
        if choice.part is not RestorePart.CONVERSATION:
            preview = await session.rewind.preview(op)
            if preview.conflicts:
                if not await self._app.push_screen_wait(OverwriteScreen(preview, self._app.grace_s), mode=tab.mode):
                    return
                op = op.model_copy(update={"is_forced": True})
        self._app.submit(op, tab)
