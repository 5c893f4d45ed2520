"""The bridge between a session and the screen: envelopes become messages, wishes become ops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from trashclaw.faces.ports import SessionOpener as SessionOpener
from trashclaw.faces.tui import messages as msg
from trashclaw.faces.wording.typed import op_of_words
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.items import AgentMessage, Thought, ToolRun

if TYPE_CHECKING:
    from trashclaw.session.session import Session
    from trashclaw.session.transcript import Entry, Transcript

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
                self._pass_on(envelope)
            self._post(msg.StateChanged(self.session.transcript))
            await asyncio.sleep(FRAME_S)

    def close(self) -> None:
        """Stop reading."""
        self.session.unsubscribe(self._subscription)

    def _pass_on(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, ev.ItemDelta):
            self._post(msg.ItemGrew(event.item_id, event.channel, event.text))
        elif isinstance(event, (ev.ItemStarted, ev.ItemCompleted)):
            self._post(msg.EntryChanged(event.item, is_done=isinstance(event, ev.ItemCompleted)))
        elif isinstance(event, (ev.Notice, ev.TurnCompleted)):
            self._post(msg.EntryChanged(event, is_done=True))
        elif isinstance(event, ev.DialectChosen):
            # The fold keeps the changes only; what the session begins with is no news.
            if any(entry is event for entry in reversed(self.session.transcript.entries)):
                self._post(msg.EntryChanged(event, is_done=True))
        elif isinstance(event, ev.FailureRouted):
            self._post(msg.FailureTold(event))
        elif isinstance(event, ev.CompactionUndone):
            self._post(msg.CompactionTakenBack(event))
        elif isinstance(event, ev.ConversationRewound):
            self._go_back(event)

    def _go_back(self, event: ev.ConversationRewound) -> None:
        """Show the conversation up to where it went back, and give the person their words again."""
        transcript = self.session.transcript
        ids = [getattr(entry, "item_id", None) for entry in transcript.entries]
        end = ids.index(event.item_id) if event.item_id in ids else len(ids)
        shown = shown_entries(transcript, end)
        self._post(msg.Replayed(shown, event.prompt, transcript.failures, frozenset(transcript.undone)))


def shown_entries(transcript: Transcript, end: int | None = None) -> Sequence[tuple[Entry, bool]]:
    """Return the entries up to a place that the model still reads, each with whether it is whole."""
    kept = (entry for place, entry in enumerate(transcript.entries[:end]) if not transcript.is_rewound(place))
    return [(entry, is_whole(entry)) for entry in kept]


def is_whole(entry: Entry) -> bool:
    """Tell whether nothing more will come of an entry that the fold holds."""
    match entry:
        case AgentMessage() | Thought():
            return bool(entry.text)
        case ToolRun():
            return entry.result is not None
        case _:
            return True


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
