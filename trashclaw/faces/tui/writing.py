"""What the composer is given of a session: earlier prompts and drafts, files and arguments, all beside the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Protocol, TypeVar

from trashclaw.faces.tui.path_index import PathIndex
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.completion import Candidate
    from trashclaw.session.session import Session
    from trashclaw.store.drafts import Draft

T = TypeVar("T")


class WritingPort(Protocol):
    """What a composer asks for; each session that it writes to has one. Nothing here fails: it is help, not work."""

    async def earlier(self) -> Sequence[Draft]:
        """Return what was said in this workspace, the oldest first."""
        ...

    async def left_draft(self) -> Draft | None:
        """Return what was written and not sent."""
        ...

    async def remember(self, draft: Draft) -> None:
        """Remember a prompt."""
        ...

    async def keep(self, draft: Draft) -> bool:
        """Keep what stands in the editor; tell whether it is kept."""
        ...

    def keep_now(self, draft: Draft) -> bool:
        """Keep it before anything else happens, since the program ends; tell whether it is kept."""
        ...

    async def paths(self) -> PathIndex:
        """Return the files that can be named."""
        ...

    async def line_counts(self, paths: Sequence[str]) -> Mapping[str, int | None]:
        """Return how many lines files have: `None` for what is not there, -1 for what has none."""
        ...

    def dropped(self, text: str) -> str | None:
        """Return mentions for pasted paths of files here; `None` for every other text."""
        ...

    async def arguments(self, command: str) -> Sequence[Candidate]:
        """Return what can stand behind a command, where that is no fixed list."""
        ...

    async def edit(self, text: str) -> str | None:
        """Let the person write on in their own editor; `None` where that failed, which has been said."""
        ...


class SessionWriting:
    """The port to one session. What is stored is stored in the order in which it was asked for."""

    def __init__(self, app: TrashclawApp, session: Session) -> None:
        from trashclaw.protocol.items import UserMessage

        self._app = app
        self._session = session
        self._writing = session.writing
        self._order = asyncio.Lock()
        self._numbers = count(1)
        self._is_new = not any(isinstance(entry, UserMessage) for entry in session.transcript.entries)
        self._has_complained = False

    async def earlier(self) -> Sequence[Draft]:
        """Return what was said in this workspace, the oldest first."""
        return await self._in_turn(self._writing.earlier, ())

    async def left_draft(self) -> Draft | None:
        """Return what was written and not sent."""
        return await self._in_turn(lambda: self._writing.left_draft(is_new=self._is_new), None)

    async def remember(self, draft: Draft) -> None:
        """Remember a prompt."""
        await self._in_turn(lambda: self._writing.remember(draft), None)

    async def keep(self, draft: Draft) -> bool:
        """Keep what stands in the editor; tell whether it is kept."""
        number = next(self._numbers)

        def work() -> bool:
            self._writing.keep(draft, number)
            return True

        return await self._in_turn(work, False)

    def keep_now(self, draft: Draft) -> bool:
        """Keep it before anything else happens, since the program ends; tell whether it is kept."""
        try:
            self._writing.keep(draft, next(self._numbers))
        except TrashclawError:
            return False
        return True

    async def paths(self) -> PathIndex:
        """Return the files that can be named."""
        try:
            paths = await self._session.list_paths()
        except TrashclawError as error:
            self._complain(error)
            return PathIndex()
        return await asyncio.to_thread(PathIndex, paths)

    async def line_counts(self, paths: Sequence[str]) -> Mapping[str, int | None]:
        """Return how many lines files have."""
        return await asyncio.to_thread(lambda: {path: self._writing.line_count(path) for path in paths})

    def dropped(self, text: str) -> str | None:
        """Return mentions for pasted paths of files here."""
        return self._writing.dropped(text)

    async def arguments(self, command: str) -> Sequence[Candidate]:
        """Return what can stand behind a command, where that is no fixed list."""
        from trashclaw.faces.tui.arguments import arguments_of

        try:
            return await arguments_of(self._app, self._session, command)
        except TrashclawError:
            return ()

    async def edit(self, text: str) -> str | None:
        """Let the person write on in their own editor."""
        from trashclaw.faces.tui.editor import edit_text

        try:
            return await edit_text(self._app, text, "prompt.md")
        except TrashclawError as error:
            self._app.complain(error)
            return None

    async def _in_turn(self, work: Callable[[], T], otherwise: T) -> T:
        async with self._order:
            try:
                return await asyncio.to_thread(work)
            except TrashclawError as error:
                self._complain(error)
                return otherwise

    def _complain(self, error: TrashclawError) -> None:
        """Say once what cannot be kept; it would be said at every key."""
        if not self._has_complained:
            self._has_complained = True
            self._app.complain(error)
