"""The bridge between a session and the screen: envelopes become messages, wishes become ops."""

from __future__ import annotations

import asyncio
import time
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

FIRST_FRAME_S = 0.02
FRAME_S = 1 / 15
"""Time between two rounds of news while they pour in, for which it grows from the one for the first words; what comes
meanwhile merges in the bus."""

LONGEST_FRAME_S = 0.25
_DRAWN_SHARE = 0.25
"""How much of the time may go into drawing: what takes long to draw, such as a table of a thousand rows, is drawn less
often."""

Post = Callable[[Message], object]


class Pace:
    """Says how long to wait between two rounds of news."""

    def __init__(self, spent_s: Callable[[], float] = time.thread_time) -> None:
        """`spent_s` tells the processor time that this thread has taken, in seconds."""
        self._spent_s = spent_s
        self._before_s = spent_s()
        self._pause_s = 0.0

    def rest(self) -> None:
        """Begin anew: nothing has come for a while."""
        self._pause_s = 0.0
        self._before_s = self._spent_s()

    def pause_s(self) -> float:
        """Return the time until the next round, in seconds."""
        now_s = self._spent_s()
        spent_s, self._before_s = now_s - self._before_s, now_s
        self._pause_s = min(FRAME_S, self._pause_s + FIRST_FRAME_S)
        return max(self._pause_s, min(LONGEST_FRAME_S, spent_s / _DRAWN_SHARE))


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
        pace = Pace()
        while True:
            is_resting = not self._subscription.has_waiting
            if not await self._subscription.wait():
                return
            if is_resting:
                pace.rest()
            for envelope in self._subscription.take_waiting():
                for message in news_of(envelope.event, self.session.transcript):
                    self._post(message)
            self._post(msg.StateChanged(self.session.transcript))
            await asyncio.sleep(pace.pause_s())

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
        case msg.RevertWanted():
            return ops.HunksRevert(item_id=message.item_id, hunk_ids=message.hunk_ids)
        case msg.QuestionAnswered():
            return ops.QuestionAnswer(question_id=message.question_id, text=message.text)
        case _:
            return None
