"""What an app with tabs can be asked for by keys, by the mouse and by its widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import App

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.tab import Farewell
from trashclaw.faces.tui.terminal_size import SizeLost

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.timer import Timer, TimerCallback

    from trashclaw.faces.ports import UnsentKeeper
    from trashclaw.faces.tui.commanding import Commanding
    from trashclaw.faces.tui.desk import Desk
    from trashclaw.faces.tui.screens.main import MainScreen
    from trashclaw.faces.tui.tabs import Tabs


class TabbedApp(App[Sequence[Farewell]]):
    """Base of the app. Returns how to come back to each session in which something was said."""

    tabs: Tabs
    commanding: Commanding
    _unsent: UnsentKeeper | None = None
    _given = ""
    """What the command line had to say, which the person has there still."""

    @property
    def main(self) -> MainScreen:
        """The main screen of the tab in front, which takes keys before a session is open."""
        return self.tabs.current.main

    @property
    def desk(self) -> Desk:
        """The desk of the tab in front."""
        return self.tabs.current.desk

    def set_timer(
        self,
        delay: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        pause: bool = False,
    ) -> Timer:
        """Start a timer that comes late rather than never.

        Textual's skips what it is late for, also the one time of a timer that comes once. On a busy machine that was
        the one with which the app takes on the size of its terminal, and from then on it took on none.
        """
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False
        return timer

    @on(SizeLost)
    def _take_size(self, message: SizeLost) -> None:
        if self.screen.size != message.size:
            self._size = message.size
            self._resize_event = events.Resize(message.size, message.size)
            self._check_resize()

    def exit(
        self, result: Sequence[Farewell] | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave; what was written for a session that was never there is kept for the next start."""
        keeper, self._unsent = self._unsent, None
        draft = self.tabs.unsent(but=self._given)
        if keeper is not None and draft.text.strip():
            keeper.keep(draft)
        super().exit(result, return_code, message)

    async def action_step_tab(self, step: int) -> None:
        """Go to the next tab (1) or the one before (-1)."""
        await self.tabs.step(step)

    async def action_pick_tab(self, number: int) -> None:
        """Go to a tab by its number."""
        await self.tabs.pick(number)

    @on(msg.TabChosen)
    async def go_to_tab(self, message: msg.TabChosen) -> None:
        """Go to the tab that was clicked."""
        tab = self.tabs.of_mode(message.mode)
        if tab is not None:
            await self.tabs.show(tab)

    @on(msg.NewTabWanted)
    def action_new_tab(self) -> None:
        """Open a new session in a tab of its own."""
        self.commanding.run("tab", "")

    def action_sessions(self) -> None:
        """Show all sessions."""
        self.commanding.run("sessions", "")

    @on(msg.ForkWanted)
    def fork_from(self, message: msg.ForkWanted) -> None:
        """Go on with a copy of this session up to an entry."""
        self.commanding.run("fork", message.item_id or "", tab=self.tabs.asked_in(message))
