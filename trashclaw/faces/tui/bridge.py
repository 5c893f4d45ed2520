"""The bridge between a session and the screen: envelopes become messages, wishes become ops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from trashclaw.faces.ports import SessionOpener as SessionOpener
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.news import news_of, shown_entries
from trashclaw.faces.wording.typed import op_of_words
from trashclaw.protocol import ops

if TYPE_CHECKING:
    from trashclaw.session.session import Session

FRAME_S = 0.04
"""Shortest time between two rounds of news; deltas that come meanwhile merge in the bus."""


Post = Callable[[Message], object]


class Bridge:
    """Reads one session's envelopes and posts them as messages, a frame at a time."""

    def __init__(self, session: Session, post: Post) -> None:
        self.session = session
        self._post = post
        self._subscription = session.subscribe()
        self._open = dict(session.transcript.live.previews)
        self._entries = shown_entries(session.transcript)
        self._failures = dict(session.transcript.failures)
        self._undone = frozenset(session.transcript.undone)

    def replay(self) -> None:
        """Post what the session was when the subscription began."""
        self._post(msg.Replayed(self._entries, failures=self._failures, undone=self._undone))
        for (item_id, channel), pieces in self._open.items():
            self._post(msg.ItemGrew(item_id, channel, "".join(pieces)))
        self._open.clear()
        self._entries = []
        self._post(msg.StateChanged(self.session.transcript))

    async def run(self) -> None:
        """Post what happens until the session ends. Waits without a timer while nothing does."""
        while await self._subscription.wait():
            for envelope in self._subscription.take_waiting():
                for message in news_of(envelope.event, self.session.transcript):
                    self._post(message)
            self._post(msg.StateChanged(self.session.transcript))
            await asyncio.sleep(FRAME_S)

    def close(self) -> None:
        """Stop reading."""
        self.session.unsubscribe(self._subscription)


def op_for(message: Message, *, is_running: bool) -> ops.Op | None:
    """Return the op that a widget's wish stands for, or `None` if it is no wish of that kind."""
    match message:
        case msg.PromptSent():
            return op_of_words(message.text, is_running=is_running, is_follow_up=message.is_follow_up)
        case msg.InterruptAsked():
            return ops.TurnInterrupt()
        case msg.EntryRecalled():
            return ops.InboxEdit(entry_id=message.entry.entry_id)
        case msg.EntryMoved():
            return ops.InboxMove(entry_id=message.entry.entry_id, origin=message.origin, place=message.place)
        case msg.ApprovalGiven():
            return ops.ApprovalAnswer(approval_id=message.approval_id, approval=message.approval)
        case msg.QuestionAnswered():
            return ops.QuestionAnswer(question_id=message.question_id, text=message.text)
        case _:
            return None
