"""Runs the plain face: opens sessions one after the other, and says at the end how to come back."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from trashclaw.faces.plain.face import PlainFace
from trashclaw.faces.plain.keyboard import Keyboard
from trashclaw.faces.plain.opening import ask_trust, choose_model
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.items import UserMessage

if TYPE_CHECKING:
    from trashclaw.faces.plain.commands import Reply
    from trashclaw.faces.plain.voice import Voice
    from trashclaw.faces.ports import SessionOpener, TrustSource
    from trashclaw.session.fork_point import ForkPoint
    from trashclaw.session.session import Session

TWICE_S = 1.5


class PlainRun:
    """A run of the program in plain lines."""

    def __init__(self, opener: SessionOpener, trust: TrustSource, keyboard: Keyboard, voice: Voice) -> None:
        self._opener = opener
        self._trust = trust
        self._keyboard = keyboard
        self._voice = voice
        self._face: PlainFace | None = None
        self._interrupted_at = 0.0
        self._is_demo = False

    async def run(self, *, first: str = "", resume: str | ForkPoint | None = None, is_demo: bool = False) -> None:
        """Converse until the person leaves.

        Raises:
            TrashclawError: no session can be opened.
        """
        self._keyboard.start()
        if not is_demo:
            await ask_trust(self._trust, self._keyboard, self._voice)
        self._is_demo = is_demo
        session = await self._open(resume, is_demo=is_demo)
        with _told_of_signals(self._interrupt, self._leave):
            while (reply := await self._converse(session, first)).reopen is not None:
                session, first = await self._exchange(session, reply.reopen), ""
        await self._close(session)

    async def _converse(self, session: Session, first: str) -> Reply:
        self._face = PlainFace(session, self._keyboard, self._voice)
        return await self._face.run(first)

    async def _open(self, resume: str | ForkPoint | None, *, is_demo: bool = False) -> Session:
        try:
            return await self._opener(resume=resume, is_demo=is_demo)
        except TrashclawError as error:
            choices = getattr(error, "choices", ())
            if not choices:
                raise
            return await self._opener(
                resume=resume, model=await choose_model(choices, self._keyboard, self._voice), is_demo=is_demo
            )

    async def _exchange(self, session: Session, wanted: str) -> Session:
        """Open another session in place of one; where that cannot be done, the one before goes on."""
        try:
            following = await self._open(wanted or None)
        except TrashclawError as error:
            self._voice.say([f"That did not work: {visible_line(str(error))}"])
            return session
        await self._close(session)
        return following

    async def _close(self, session: Session) -> None:
        was_used = any(isinstance(entry, UserMessage) for entry in session.transcript.entries)
        await session.aclose()
        if was_used and not self._is_demo and session.library is not None:
            self._voice.say([f"trashclaw --plain --resume {session.session_id}"])

    def _interrupt(self) -> None:
        """Stop what runs; when nothing does, leave at the second time."""
        if self._face is not None and self._face.interrupt():
            return
        if monotonic() - self._interrupted_at < TWICE_S:
            self._leave()
        else:
            self._interrupted_at = monotonic()
            self._voice.say(["Ctrl+C again leaves."])

    def _leave(self) -> None:
        if self._face is not None:
            self._face.interrupt()
        self._keyboard.end()


@contextmanager
def _told_of_signals(interrupt: Callable[[], None], leave: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl+C stop what runs, and SIGTERM and SIGHUP end the program in order."""
    if sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {signal.SIGINT: interrupt, signal.SIGTERM: leave, signal.SIGHUP: leave}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
