"""A stored session, played again: a fold that goes on an envelope at a time, and to any place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.news import news_of, shown_entries
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, Thought
from trashclaw.session.transcript import Transcript

if TYPE_CHECKING:
    from textual.message import Message

    from trashclaw.protocol.envelope import Envelope
    from trashclaw.protocol.ids import ItemId

LONGEST_S = 3.0
"""Of the session's own pauses, at single speed; what was longer is cut to this."""

_SHOWN = (
    ev.ItemStarted,
    ev.ItemCompleted,
    ev.TurnCompleted,
    ev.Notice,
    ev.PlanUpdated,
    ev.ApprovalRequested,
    ev.ApprovalResolved,
    ev.QuestionRequested,
    ev.QuestionResolved,
    ev.ConversationRewound,
    ev.CompactionUndone,
    ev.FailureRouted,
)
"""What can be seen on the screen; all else is passed over in steps."""


class Replay:
    """Envelopes and a place among them. Nothing is executed, and nothing is written."""

    def __init__(self, envelopes: Sequence[Envelope]) -> None:
        self._envelopes = envelopes
        self.transcript = Transcript()
        self.place = 0
        """How many envelopes have been applied."""

        self.stops = [at + 1 for at, one in enumerate(envelopes) if isinstance(one.event, _SHOWN)]
        """The places behind what can be seen."""

        self.turns = [at + 1 for at, one in enumerate(envelopes) if isinstance(one.event, ev.TurnStarted)]
        """The places behind the beginnings of turns."""

    @property
    def end(self) -> int:
        """The last place."""
        return len(self._envelopes)

    @property
    def is_over(self) -> bool:
        """Whether everything has been played."""
        return self.place >= self.end

    @property
    def turn(self) -> int:
        """The turn that is played, from 1; 0 before the first."""
        return bisect_right(self.turns, self.place)

    @property
    def step(self) -> int:
        """How much of what can be seen has been played."""
        return bisect_right(self.stops, self.place)

    @property
    def seq(self) -> int | None:
        """The entry of the log that was played last."""
        return self._envelopes[self.place - 1].seq if self.place else None

    @property
    def at(self) -> float:
        """When what was played last happened, in seconds since the epoch."""
        return self._envelopes[max(0, self.place - 1)].at if self._envelopes else 0.0

    @property
    def pause_s(self) -> float:
        """How long the session itself waited before what comes next; what was long is cut."""
        if not self.place or self.is_over:
            return 0.0
        return max(0.0, min(LONGEST_S, self._envelopes[self.place].at - self.at))

    def coming_text(self) -> tuple[ItemId, ev.Channel, str] | None:
        """Return (item id, channel, text) of what is said next, if it is words that came in one by one."""
        event = None if self.is_over else self._envelopes[self.place].event
        if isinstance(event, ev.ItemCompleted) and isinstance(event.item, AgentMessage) and event.item.text:
            return event.item.item_id, ev.Channel.TEXT, event.item.text
        if isinstance(event, ev.ItemCompleted) and isinstance(event.item, Thought) and event.item.text:
            return event.item.item_id, ev.Channel.THOUGHT, event.item.text
        return None

    def go_on(self) -> Sequence[Message]:
        """Play up to the next thing that can be seen, and return what to show."""
        target = self._stop_after()
        told: list[Message] = []
        while self.place < target:
            envelope = self._envelopes[self.place]
            self.transcript.apply(envelope)
            self.place += 1
            told += news_of(envelope.event, self.transcript)
        return [*told, msg.StateChanged(self.transcript)]

    def go_to(self, place: int) -> Sequence[Message]:
        """Go to a place, and return what to show there."""
        place = max(0, min(self.end, place))
        if place < self.place:
            self.transcript, self.place = Transcript(), 0
        for envelope in self._envelopes[self.place : place]:
            self.transcript.apply(envelope)
        self.place = place
        transcript = self.transcript
        shown = shown_entries(transcript)
        return [
            msg.Replayed(shown, failures=transcript.failures, undone=frozenset(transcript.undone)),
            msg.StateChanged(transcript),
        ]

    def place_by_step(self, step: int) -> int:
        """Return the place some steps further on, or back (negative)."""
        if step > 0:
            return self._stop_after()
        before = bisect_left(self.stops, self.place)
        return self.stops[before - 1] if before else 0

    def place_by_turn(self, step: int) -> int:
        """Return the place of the next turn, or of the one before (negative): of this one, where it has gone on."""
        if step > 0:
            following = bisect_right(self.turns, self.place)
            return self._seen_from(self.turns[following]) if following < len(self.turns) else self.end
        begun = [self._seen_from(place) for place in self.turns]
        before = bisect_left(begun, self.place)
        return begun[before - 1] if before else 0

    def _stop_after(self) -> int:
        following = bisect_right(self.stops, self.place)
        return self.stops[following] if following < len(self.stops) else self.end

    def _seen_from(self, place: int) -> int:
        """Return the first place from one on where there is something to be seen."""
        at = bisect_left(self.stops, place)
        return self.stops[at] if at < len(self.stops) else self.end
