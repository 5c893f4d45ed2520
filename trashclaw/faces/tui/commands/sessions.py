"""What /new, /resume and the other commands about whole sessions do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.faces.tui.drawing.tab_row import TabState
from trashclaw.faces.tui.opening import Wanted
from trashclaw.protocol.errors import UsageError, WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path

    from trashclaw.faces.tui.tab import Tab


class Commands(CommandRoom):
    """What /new, /resume and the other commands about whole sessions do, a method each."""

    async def do_clear(self, arguments: str) -> None:
        """Start over."""
        self._app.open_session()

    async def do_new(self, arguments: str) -> None:
        """Start a new session, with a first prompt if one is given."""
        self._app.open_session(prompt=arguments)

    async def do_tab(self, arguments: str) -> None:
        """Start a new session in a tab of its own."""
        await self._open_tab(Wanted(), arguments)

    async def do_close(self, arguments: str) -> None:
        """Close the tab; what runs in it is stopped only with the person's word."""
        tabs = self._app.tabs
        tab = tabs.current
        if len(tabs.all) == 1:
            raise UsageError("This is the only tab.", "/quit leaves; the session can be resumed.")
        if tab.desk.is_running and not await self._may_stop(tab):
            return
        # A session that is still being opened would be left open without a tab.
        self._app.workers.cancel_group(self._app, f"open-{tab.mode}")
        farewell = await tabs.drop(tab)
        if farewell is not None:
            self._app.tell(f"Closed. /resume {farewell.session_id} goes on with it.")

    async def _may_stop(self, tab: Tab) -> bool:
        from trashclaw.faces.tui.screens.confirm import ConfirmScreen

        waits = tab.state is TabState.WAITING
        told = [
            "It waits for your answer, and would go on then." if waits else "A turn is running; it would be stopped."
        ]
        told.append("What it has done so far stays, and the session can be resumed.")
        screen = ConfirmScreen(f"Close {tab.title[:40]}?", told, "stop it and close", "leave it", self._app.grace_s)
        return await self._app.push_screen_wait(screen)

    async def _open_tab(self, wanted: Wanted, prompt: str = "") -> None:
        tab = await self._app.tabs.add()
        tab.early += [prompt] if prompt else []
        self._app.open_in(tab, wanted)

    async def _go_on(self, wanted: str) -> None:
        """Go to the tab that has the session open, or open it in this one."""
        tab = self._app.tabs.having(wanted)
        if tab is not None:
            await self._app.tabs.show(tab)
        else:
            self._app.open_session(resume=wanted)

    async def do_resume(self, arguments: str) -> None:
        """Go on with an earlier session."""
        from trashclaw.faces.tui.screens.sessions import sessions_screen

        wanted: str | None = arguments
        if not wanted:
            chosen = await self._app.push_screen_wait(sessions_screen(self._session.sessions()))
            wanted = chosen.split()[0] if chosen else None
        if wanted:
            await self._go_on(wanted)

    async def do_export(self, arguments: str) -> None:
        """Write the conversation to a file that is not there yet."""
        from trashclaw.faces.tui.export import markdown_document

        session = self._session
        file = session.workspace_root / (arguments or f"trashclaw-{session.session_id}.md")
        document = markdown_document(session.transcript, f"Session {session.session_id}")
        await asyncio.to_thread(_write_new, file, document)
        self._app.tell(f"The conversation is in {file}.")

    async def do_quit(self, arguments: str) -> None:
        """Leave."""
        await self._app.action_leave()


def _write_new(file: Path, document: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(document)
    except FileExistsError as error:
        raise WorkspaceError(f"{file} is there already.", "Name another file: /export notes.md") from error
    except OSError as error:
        raise WorkspaceError(f"{file} cannot be written: {error.strerror}.") from error
