"""The sessions that are open at once: a tab each, of which one is in front."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.css.query import NoMatches
from textual.widget import Widget
from textual.worker import active_worker

from trashclaw.faces.tui.drawing.tab_row import TabFace
from trashclaw.faces.tui.notifying import Notifying
from trashclaw.faces.tui.opening import say_early
from trashclaw.faces.tui.tab import Farewell, Tab
from trashclaw.faces.tui.terminal_title import TerminalTitle
from trashclaw.store.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.message import Message

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.bridge import SessionOpener

FIRST = "tab-1"
"""The mode of the first tab, with which the app begins."""


class Tabs:
    """Owns the tabs of one app. Each is a mode of Textual's: a stack of screens of its own."""

    def __init__(self, app: TrashclawApp, opener: SessionOpener) -> None:
        self._app = app
        self._opener = opener
        self._notifying = Notifying(app)
        self.terminal_title = TerminalTitle(app)
        self._count = 0
        self._tabs: list[Tab] = []
        self._turn = asyncio.Lock()
        """Held while tabs change places: keys and commands come while a switch is under way."""

        self._make()

    @property
    def current(self) -> Tab:
        """The tab in front."""
        mode = self._app.current_mode
        return next((tab for tab in self._tabs if tab.mode == mode), self._tabs[0])

    @property
    def all(self) -> Sequence[Tab]:
        """Every tab, in the order of the row."""
        return tuple(self._tabs)

    def faces(self) -> Sequence[TabFace]:
        """Return what the row shows."""
        current = self.current
        return [
            TabFace(tab.mode, place + 1, tab.title, tab.state, tab is current, tab.is_fork)
            for place, tab in enumerate(self._tabs)
        ]

    def of_mode(self, mode: str) -> Tab | None:
        """Return the tab whose stack of screens has a name."""
        return next((tab for tab in self._tabs if tab.mode == mode), None)

    def asked_in(self, message: Message) -> Tab:
        """Return the tab on whose screens a wish was uttered; another one may be in front when it arrives."""
        sender = message._sender
        screen = sender.screen if isinstance(sender, Widget) and sender.is_attached else None
        stacks = self._app._screen_stacks
        return next((tab for tab in self._tabs if screen in stacks.get(tab.mode, ())), self.current)

    def having(self, wanted: str) -> Tab | None:
        """Return the tab with the session of an id, or of the end of one."""
        for tab in self._tabs:
            session = tab.desk.session
            if session is not None and wanted and session.session_id.endswith(wanted):
                return tab
        return None

    async def add(self) -> Tab:
        """Make a tab without a session behind the current one, and bring it to the front."""
        async with self._turn:
            tab = self._make(self._tabs.index(self.current) + 1)
            await self._bring_forward(tab)
            await self._place_rows()
        return tab

    async def show(self, tab: Tab) -> None:
        """Bring a tab to the front."""
        async with self._turn:
            if tab is self.current or tab not in self._tabs:
                return
            await self._bring_forward(tab)
            self.tell()
            say_early(self._app)

    async def step(self, step: int) -> None:
        """Go to the next tab (1) or the one before (-1), round the ends."""
        at = self._tabs.index(self.current)
        await self.show(self._tabs[(at + step) % len(self._tabs)])

    async def pick(self, number: int) -> None:
        """Go to a tab by its number, from 1; nothing for a number that none has."""
        if 1 <= number <= len(self._tabs):
            await self.show(self._tabs[number - 1])

    async def drop(self, tab: Tab) -> Farewell | None:
        """Close a tab and its session, and return how to come back to it; the last tab stays, and nothing happens then.

        Raises:
            TrashclawError: the session did not close in time; the tab is gone all the same.
        """
        async with self._turn:
            if tab not in self._tabs or len(self._tabs) == 1:
                return None
            at = self._tabs.index(tab)
            if tab is self.current:
                await self._bring_forward(self._tabs[at + 1] if at + 1 < len(self._tabs) else self._tabs[at - 1])
            farewell = tab.farewell()
            if unsent := tab.unsent():
                self.current.main.prompt.put("\n".join(unsent))
            self._tabs.remove(tab)
        try:
            await tab.desk.close()
        finally:
            self._end_commands(tab)
            await self._app.remove_mode(tab.mode)
            await self._place_rows()
        return farewell

    async def close(self) -> Sequence[Farewell]:
        """Close all sessions, and return how to come back to each, the one in front last.

        Raises:
            TrashclawError: one did not close in time; the others are closed.
        """
        farewells = self.farewells()
        ends = await asyncio.gather(*(tab.desk.close() for tab in self._tabs), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return farewells

    def farewells(self) -> Sequence[Farewell]:
        """Return how to come back to each session in which something was said, the one in front last."""
        tabs = sorted(self._tabs, key=lambda tab: tab is self.current)
        return [farewell for tab in tabs if (farewell := tab.farewell()) is not None]

    def unsent(self, but: str = "") -> Draft:
        """Return what was written in all tabs and reached no session, with large pastes folded; `but` is left out."""
        prompt = self.current.main.prompt
        written = [text for tab in self._tabs for text in tab.unsent() if text != but]
        text = prompt.pastes.refold("\n".join(written))
        return Draft(text, prompt.pastes.within(text))

    def tell(self) -> None:
        """Show the tabs as they are on the screen in front, and in the terminal's title.

        The screens of the others learn it when they come to the front.
        """
        self.terminal_title.show()
        from trashclaw.faces.tui.widgets.session_tabs import SessionTabs

        if len(self._tabs) > 1:
            try:
                self.current.main.query_one(SessionTabs).show(self.faces())
            except NoMatches:
                return

    def _make(self, place: int = 0) -> Tab:
        self._count += 1
        tab = Tab(f"tab-{self._count}", self._opener, self._app.new_main(), self.tell, self._notifying.see)
        self._tabs.insert(place, tab)
        self._app.add_mode(tab.mode, lambda: tab.main)
        return tab

    def _end_commands(self, tab: Tab) -> None:
        """Let nothing wait any longer for answers that cannot be given: its overlays go with the tab."""
        own = active_worker.get(None)
        for worker in tuple(self._app.workers):
            if worker.group in (tab.command_group, tab.edit_group, tab.net_group) and worker is not own:
                worker.cancel()

    async def _bring_forward(self, tab: Tab) -> None:
        self.current.hide()
        await self._app.switch_mode(tab.mode)
        tab.show()

    async def _place_rows(self) -> None:
        """Have a row of tabs on every main screen, or on none while there is one tab only."""
        from trashclaw.faces.tui.widgets.session_tabs import SessionTabs

        for tab in self._tabs:
            rows = tab.main.query(SessionTabs)
            if len(self._tabs) > 1 and not rows:
                await tab.main.mount(SessionTabs(self.faces()), before=0)
            elif len(self._tabs) == 1:
                await rows.remove()
        self.tell()
