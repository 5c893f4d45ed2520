"""Base of what slash commands do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.completion import Candidate
    from trashclaw.session.session import Session


class CommandRoom:
    """Some slash commands of one app: `do_NAME` for each, which takes the arguments as typed.

    Every method may raise `TrashclawError`, which the app shows.
    """

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app

    async def run(self, name: str, arguments: str) -> None:
        """Run a command by its name."""
        await getattr(self, f"do_{name}")(arguments)

    @property
    def _session(self) -> Session:
        return self._app.desk.need_session()

    async def _choose(self, title: str, choices: Sequence[Candidate]) -> str | None:
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        return await self._app.push_screen_wait(ChoiceScreen(title, choices, "There is nothing to choose from."))
