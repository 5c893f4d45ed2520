"""What /new, /resume and the other commands about whole sessions do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.faces.tui.drawing.tab_row import TabState
from trashclaw.faces.tui.opening import Wanted
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import ItemId

if TYPE_CHECKING:
    from trashclaw.faces.tui.session_actions import SessionActions
    from trashclaw.faces.tui.tab import Tab

_TITLE_CHARS = 40


class Commands(CommandRoom):
    """What /new, /resume and the other commands about whole sessions do, a method each."""

    @property
    def _actions(self) -> SessionActions:
        from trashclaw.faces.tui.session_actions import SessionActions

        return SessionActions(self._app, self._tab)

    async def do_clear(self, arguments: str) -> None:
        """Start over."""
        self._app.open_session(self._tab)

    async def do_new(self, arguments: str) -> None:
        """Start a new session, with a first prompt if one is given."""
        self._app.open_session(self._tab, prompt=arguments)

    async def do_tab(self, arguments: str) -> None:
        """Start a new session in a tab of its own."""
        await self._actions.open_tab(Wanted(), arguments)

    async def do_close(self, arguments: str) -> None:
        """Close the tab; what runs in it is stopped only with the person's word."""
        tabs, tab = self._app.tabs, self._tab
        if len(tabs.all) == 1:
            raise UsageError("This is the only tab.", "/quit leaves; the session can be resumed.")
        if tab.desk.is_running and not await self._may_stop(tab):
            return
        # A session that is still being opened would be left open without a tab.
        self._app.workers.cancel_group(self._app, f"open-{tab.mode}")
        farewell = await tabs.drop(tab)
        if farewell is not None:
            self._app.tell(f"Closed. /resume {farewell.session_id} goes on with it.")

    async def do_resume(self, arguments: str) -> None:
        """Go on with an earlier session."""
        await (self._actions.go_on(arguments) if arguments else self._actions.pick())

    async def do_sessions(self, arguments: str) -> None:
        """Show all sessions; what is typed behind it is looked for."""
        await self._actions.pick(arguments)

    async def do_fork(self, arguments: str) -> None:
        """Go on with a copy of this session in a new tab: whole, or up to one of its entries."""
        await self._actions.fork_here(ItemId(arguments) if arguments else None)

    async def do_tree(self, arguments: str) -> None:
        """Show where this session was forked from, and what was forked from it."""
        await self._actions.show_tree()

    async def do_replay(self, arguments: str) -> None:
        """Play a session as it happened: this one, or another by its id."""
        session_id = self._session.session_id
        if arguments:
            session_id = await asyncio.to_thread(self._actions.library.find, arguments)
        await self._actions.replay(session_id)

    async def do_rename(self, arguments: str) -> None:
        """Give this session a title; without one, it goes by its first words again."""
        await self._actions.rename(self._session.session_id, arguments)
        self._app.tell(f"This session is called: {arguments}" if arguments else "It goes by its first words again.")

    async def do_export(self, arguments: str) -> None:
        """Write the conversation to a file that is not there yet; its ending says as what."""
        await self._actions.export(self._session.session_id, arguments)

    async def do_quit(self, arguments: str) -> None:
        """Leave."""
        await self._app.action_leave()

    async def _may_stop(self, tab: Tab) -> bool:
        from trashclaw.faces.tui.screens.confirm import ConfirmScreen

        is_waiting = tab.state is TabState.WAITING
        told = ["It waits for your answer." if is_waiting else "A turn is running in it, and would be stopped."]
        told.append("What it has done so far stays, and the session can be resumed.")
        is_long = len(tab.title) > _TITLE_CHARS
        question = f'Close "{tab.title[: _TITLE_CHARS - 3]}..."?' if is_long else f'Close "{tab.title}"?'
        screen = ConfirmScreen(question, told, "stop it and close", "leave it", self._app.grace_s)
        return await self._ask(screen)
