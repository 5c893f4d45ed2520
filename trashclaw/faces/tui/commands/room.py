"""Base of what slash commands do: all of it in the tab in which it was asked for, whatever is in front by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textual.screen import Screen

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.completion import Candidate
    from trashclaw.faces.tui.tab import Tab
    from trashclaw.protocol.ops import Op
    from trashclaw.session.session import Session

T = TypeVar("T")


class CommandRoom:
    """Some slash commands of one tab: `do_NAME` for each, which takes the arguments as typed.

    Every method may raise `TrashclawError`, which the app shows.
    """

    def __init__(self, app: TrashclawApp, tab: Tab) -> None:
        self._app = app
        self._tab = tab

    async def run(self, name: str, arguments: str) -> None:
        """Run a command by its name."""
        await getattr(self, f"do_{name}")(arguments)

    @property
    def _session(self) -> Session:
        return self._tab.desk.need_session()

    def _submit(self, op: Op) -> None:
        self._app.submit(op, self._tab)

    def _show(self, screen: Screen[Any]) -> None:
        self._app.push_screen(screen, mode=self._tab.mode)

    async def _ask(self, screen: Screen[T]) -> T:
        """Show a screen, and return what it is closed with."""
        return await self._app.push_screen_wait(screen, mode=self._tab.mode)

    async def _choose(self, title: str, choices: Sequence[Candidate]) -> str | None:
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        return await self._ask(ChoiceScreen(title, choices, "There is nothing to choose from."))
