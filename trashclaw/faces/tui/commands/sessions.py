"""What /new, /resume and the other commands about whole sessions do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.protocol.errors import WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path


class Commands(CommandRoom):
    """What /new, /resume and the other commands about whole sessions do, a method each."""

    async def do_clear(self, arguments: str) -> None:
        """Start over."""
        self._app.open_session()

    async def do_new(self, arguments: str) -> None:
        """Start a new session, with a first prompt if one is given."""
        self._app.open_session(prompt=arguments)

    async def do_resume(self, arguments: str) -> None:
        """Go on with an earlier session."""
        from trashclaw.faces.tui.screens.sessions import sessions_screen

        wanted: str | None = arguments
        if not wanted:
            chosen = await self._app.push_screen_wait(sessions_screen(self._session.sessions()))
            wanted = chosen.split()[0] if chosen else None
        if wanted:
            self._app.open_session(resume=wanted)

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
