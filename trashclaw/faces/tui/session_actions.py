"""What can be done with stored sessions: list, search, look, rename, delete, export, fork, replay, and go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trashclaw.faces.tui.drawing.session_line import HERE
from trashclaw.faces.tui.opening import Wanted
from trashclaw.faces.tui.session_rows import What, family
from trashclaw.protocol.errors import UsageError
from trashclaw.session.fork_point import ForkPoint

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.tab import Tab
    from trashclaw.protocol.ids import ItemId, SessionId
    from trashclaw.session.library import Library
    from trashclaw.session.searching import Match
    from trashclaw.session.stored import SessionSummary
    from trashclaw.session.transcript import Entry

PREVIEWED = 12
"""Entries in a preview."""

_BEFORE_MATCH = 3


class SessionActions:
    """The stored sessions of one app's workspace, as a tab sees them. The log is read beside the event loop."""

    def __init__(self, app: TrashclawApp, tab: Tab) -> None:
        self._app = app
        self._tab = tab

    @property
    def library(self) -> Library:
        """The stored sessions.

        Raises:
            UsageError: no session is open, or nothing is stored.
        """
        library = self._tab.desk.need_session().library
        if library is None:
            raise UsageError("Nothing is stored of this session.", "It was started with --no-session.")
        return library

    @property
    def current_id(self) -> SessionId | None:
        """The session of the tab."""
        session = self._tab.desk.session
        return session.session_id if session is not None else None

    async def shown(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something, and show it where it cannot be done."""
        await self._app.shown(work)

    async def summaries(self) -> Sequence[SessionSummary]:
        """Return all sessions, the latest first."""
        return await asyncio.to_thread(self.library.list)

    async def search(self, words: str) -> Sequence[Match]:
        """Return where words were said."""
        return await asyncio.to_thread(self.library.search, words)

    def tree(self, summaries: Sequence[SessionSummary]) -> Sequence[tuple[int, SessionSummary]]:
        """Return sessions with forks below their parents."""
        return self.library.tree(summaries)

    async def preview(self, session_id: SessionId, match: Match | None) -> Sequence[Entry]:
        """Return the last entries of a session, or those around a place where words were found."""
        if match is None or not match.item_id:
            return await asyncio.to_thread(self.library.preview, session_id, PREVIEWED)
        entries = (await asyncio.to_thread(self.library.transcript, session_id)).entries
        at = next((at for at, one in enumerate(entries) if getattr(one, "item_id", "") == match.item_id), len(entries))
        return entries[max(0, at - _BEFORE_MATCH) : at + 1]

    def place_of(self, session_id: str) -> str:
        """Say in which tab a session is open, if it is, and what it does there."""
        for place, tab in enumerate(self._app.tabs.all):
            session = tab.desk.session
            if session is not None and session.session_id == session_id:
                name = HERE if tab is self._tab else f"tab {place + 1}"
                return f"{name}, {tab.state.value}" if tab.state.value else name
        return ""

    async def rename(self, session_id: SessionId, title: str) -> None:
        """Give a session a title; an empty one takes it back."""
        from trashclaw.protocol.ops import SessionRename

        tab = self._app.tabs.having(session_id)
        if tab is not None:
            tab.desk.submit(SessionRename(title=title))
        else:
            await asyncio.to_thread(self.library.rename, session_id, title)

    async def delete(self, summary: SessionSummary) -> bool:
        """Ask, and delete a session; tell whether it was.

        Raises:
            UsageError: it is open here.
            StoreError: it is open elsewhere, or cannot be written.
        """
        from trashclaw.faces.tui.drawing.session_line import when
        from trashclaw.faces.tui.screens.confirm import ConfirmScreen
        from trashclaw.faces.wording.figures import counted

        place = self.place_of(summary.session_id)
        if place:
            raise UsageError(f"This session is open ({place}).", "Close its tab, or go on with another one here first.")
        told = [f"{summary.title or '(no words)'}"]
        told.append(f"{counted(summary.turns, 'turn')}, last written to {when(summary.written_at).strip()}.")
        told.append("Its words and its checkpoints are gone then. Files stay as they are, and so do its forks.")
        screen = ConfirmScreen("Delete this session?", told, "delete it", "keep it", self._app.grace_s)
        if not await self._app.push_screen_wait(screen, mode=self._tab.mode):
            return False
        await self.library.delete(summary.session_id)
        self._app.tell(f"Deleted: {summary.title}")
        return True

    async def export(self, session_id: SessionId, name: str = "") -> None:
        """Write a session to a file in the workspace that is not there yet; without a name, ask for the format."""
        from trashclaw.faces.tui.exporting import choices, write_session
        from trashclaw.faces.tui.screens.choice import ChoiceScreen

        session = self._tab.desk.need_session()
        if not name:
            screen = ChoiceScreen("Write it as", choices(), "There is no format.")
            chosen = await self._app.push_screen_wait(screen, mode=self._tab.mode)
            name = f"trashclaw-{session_id}.{chosen}" if chosen else ""
        if name:
            file = session.workspace_root / name
            await asyncio.to_thread(write_session, session, session_id, file)
            self._app.tell(f"The conversation is in {file}.")

    async def fork_here(self, item_id: ItemId | None, *, is_before: bool = False) -> None:
        """Go on with a copy of the tab's session, up to an entry; the person's own words go into the editor."""
        from trashclaw.protocol.items import UserMessage

        session = self._tab.desk.need_session()
        said = session.transcript.item(item_id) if item_id is not None else None
        tab = await self.fork(ForkPoint(session.session_id, item_id, is_before))
        if isinstance(said, UserMessage):
            tab.main.prompt.put(said.text)

    async def fork(self, point: ForkPoint) -> Tab:
        """Go on with a copy of a session, up to an entry of it or whole, in a new tab."""
        await asyncio.to_thread(self.library.check_fork, point)
        return await self.open_tab(Wanted(resume=point))

    async def go_on(self, wanted: str) -> None:
        """Go to the tab that has a session open, or open it here; in a new tab where something runs here."""
        here = self._tab
        if here.desk.session is not None and here.desk.session.library is not None:
            wanted = await asyncio.to_thread(self.library.find, wanted)
        tab = self._app.tabs.having(wanted)
        if tab is not None:
            await self._app.tabs.show(tab)
        elif here.desk.is_running:
            await self.open_tab(Wanted(resume=wanted))
            self._app.tell("In a tab of its own, since a turn runs in the other one.")
        else:
            self._app.open_in(here, Wanted(resume=wanted))

    async def go_on_in_tab(self, wanted: str) -> None:
        """Go to the tab that has a session open, or open it in a new one."""
        tab = self._app.tabs.having(wanted)
        if tab is not None:
            await self._app.tabs.show(tab)
        else:
            await self.open_tab(Wanted(resume=wanted))

    async def open_tab(self, wanted: Wanted, prompt: str = "") -> Tab:
        """Open a session in a new tab, and return that."""
        tab = await self._app.tabs.add()
        tab.early += [prompt] if prompt else []
        self._app.open_in(tab, wanted)
        return tab

    async def pick(self, query: str = "") -> None:
        """Show the list of sessions, and do what is picked there. Only within a worker."""
        from trashclaw.faces.tui.screens.sessions import SessionsScreen

        _ = self.library
        picked = await self._app.push_screen_wait(SessionsScreen(self, query=query), mode=self._tab.mode)
        if picked is None:
            return
        session_id = picked.summary.session_id
        match picked.what:
            case What.GO_ON:
                await self.go_on(session_id)
            case What.TAB:
                await self.go_on_in_tab(session_id)
            case What.FORK:
                await self.fork(ForkPoint(session_id))
            case What.REPLAY:
                await self.replay(session_id)

    async def show_tree(self) -> None:
        """Show the tree of forks that this session belongs to, and go to what is picked there."""
        from trashclaw.faces.tui.screens.session_tree import TreeScreen

        summaries = await self.summaries()
        screen = TreeScreen(family(summaries, self.current_id or ""), self)
        wanted = await self._app.push_screen_wait(screen, mode=self._tab.mode)
        if wanted is not None:
            await self.go_on_in_tab(wanted)

    async def replay(self, session_id: SessionId) -> None:
        """Play a session as it happened."""
        from trashclaw.faces.tui.screens.replay import ReplayScreen

        envelopes = await asyncio.to_thread(lambda: list(self.library.envelopes(session_id)))
        screen = ReplayScreen(envelopes, title=session_id)
        fork_at = await self._app.push_screen_wait(screen, mode=self._tab.mode)
        if fork_at is not None:
            await self.fork(ForkPoint(session_id, fork_at))
