"""The desk: holds the open session and its bridge, opens another one in its place, and closes it in the end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from trashclaw.protocol.errors import TrashclawError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trashclaw.faces.tui.bridge import Bridge, Post, SessionOpener
    from trashclaw.protocol.ids import SessionId
    from trashclaw.protocol.ops import Op
    from trashclaw.session.fork_point import ForkPoint
    from trashclaw.session.session import Session
    from trashclaw.session.transcript import Transcript

CLOSE_S = 5.0


class Desk:
    """At most one session at a time; its news goes to `post`."""

    def __init__(self, opener: SessionOpener, post: Post) -> None:
        self._opener = opener
        self._post = post
        self._bridge: Bridge | None = None
        self._is_demo = False
        self.session: Session | None = None

    @property
    def is_running(self) -> bool:
        """Whether a turn runs."""
        return self.session is not None and self.session.transcript.is_running

    @property
    def resumable_id(self) -> SessionId | None:
        """The id to come back with, if anything was said."""
        session = self.session
        if session is None:
            return None
        from trashclaw.protocol.items import UserMessage

        was_used = any(isinstance(entry, UserMessage) for entry in session.transcript.entries)
        return session.session_id if was_used else None

    @property
    def is_kept(self) -> bool:
        """Whether the open session is still there when the program has ended: not the demo, nor what is not stored."""
        return not self._is_demo and self.session is not None and self.session.library is not None

    async def open(
        self,
        *,
        resume: str | ForkPoint | None,
        model: tuple[str, str] | None,
        is_demo: bool,
        show_tail: Callable[[Transcript], object] | None = None,
    ) -> Bridge:
        """Open a session, close the one before, and return the bridge of the new one.

        `show_tail` hears how a long stored session ends before all of it is there.

        Raises:
            TrashclawError: it cannot be opened; the one before stays.
        """
        from trashclaw.faces.tui.bridge import Bridge

        session = await self._opener(resume=resume, model=model, is_demo=is_demo, show_tail=show_tail)
        async with AsyncExitStack() as otherwise:
            # A session that nobody holds would stay open, and could not be gone on with.
            otherwise.push_async_callback(session.aclose)
            await self.close()
            otherwise.pop_all()
        self.session, self._is_demo = session, is_demo
        self._bridge = Bridge(session, self._post)
        return self._bridge

    async def close(self) -> None:
        """Close the session.

        Raises:
            TrashclawError: it did not close in time.
        """
        bridge, self._bridge = self._bridge, None
        session, self.session = self.session, None
        if bridge is not None:
            bridge.close()
        if session is not None:
            try:
                async with asyncio.timeout(CLOSE_S):
                    await session.aclose()
            except TimeoutError as error:
                raise TrashclawError("The session did not close in time.") from error

    def submit(self, op: Op) -> None:
        """Ask the session for something.

        Raises:
            UsageError: it cannot be done, or no session is open.
        """
        self.need_session().submit(op)

    def need_session(self) -> Session:
        """Return the session.

        Raises:
            UsageError: none is open.
        """
        if self.session is None:
            raise UsageError("No session is open yet.", "Wait a moment.")
        return self.session

    def last_answer(self) -> str:
        """Return what the model said last, or an empty string."""
        if self.session is None:
            return ""
        from trashclaw.protocol.items import AgentMessage

        entries = reversed(self.session.transcript.entries)
        return next((entry.text for entry in entries if isinstance(entry, AgentMessage) and entry.text), "")
