"""Repair: closing what a crash left open in a log, or what a fork leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import Verdict
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import TurnId
from trashclaw.protocol.items import Item, ToolRun
from trashclaw.protocol.tools import ToolResult, ToolStatus


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a log breaks off, and what is said of it."""

    stop_reason: ev.StopReason
    error: ev.ErrorInfo | None
    item_text: str
    """The result of a tool run that was not done."""


CRASHED = Ending(
    ev.StopReason.ERROR,
    ev.ErrorInfo(code="interrupted", text="The program ended in the middle of this turn.", hint="Say how to go on."),
    "The program ended before this was done. What it did until then, if anything, was not recorded.",
)
FORKED = Ending(
    ev.StopReason.CANCELLED, None, "The session was forked before this was done. What came of it is in the other one."
)


class OpenEnds:
    """Follows a log, and knows what is open in it."""

    def __init__(self) -> None:
        self._turn_id: TurnId | None = None
        self._steps = 0
        self._items: dict[str, tuple[Item, TurnId | None]] = {}
        self._asked: dict[str, ev.Event] = {}

    def take(self, envelope: Envelope) -> None:
        """Take the next envelope in."""
        match envelope.event:
            case ev.ItemStarted(item=item):
                self._items[item.item_id] = item, envelope.turn_id
            case ev.ItemCompleted(item=item):
                self._items.pop(item.item_id, None)
            case ev.StepStarted(step=step):
                self._steps = step
            case ev.TurnStarted():
                self._turn_id, self._steps = envelope.turn_id, 0
            case ev.TurnCompleted():
                self._turn_id = None
            case ev.ApprovalRequested(request=request) as event:
                self._asked[request.approval_id] = event
            case ev.QuestionRequested(question_id=question_id) as event:
                self._asked[question_id] = event
            case ev.ApprovalResolved(approval_id=question) | ev.QuestionResolved(question_id=question):
                self._asked.pop(question, None)
            case _:
                pass

    def closing(self, ending: Ending = CRASHED) -> tuple[TurnId | None, list[ev.Event]]:
        """Return the events that close the log where it breaks off now, and the turn they belong to."""
        cut = (ev.ItemCompleted(item=_cut(*started, ending)) for started in self._items.values())
        events: list[ev.Event] = [*_answers(self._asked.values()), *cut]
        if self._turn_id is not None:
            events.append(ev.TurnCompleted(stop_reason=ending.stop_reason, error=ending.error, steps=self._steps))
        return self._turn_id, events


def closing_events(envelopes: Iterable[Envelope], ending: Ending = CRASHED) -> tuple[TurnId | None, list[ev.Event]]:
    """Return the events that close a log which breaks off, and the turn they belong to."""
    ends = OpenEnds()
    for envelope in envelopes:
        ends.take(envelope)
    return ends.closing(ending)


def _answers(asked: Iterable[ev.Event]) -> Iterator[ev.Event]:
    for event in asked:
        if isinstance(event, ev.ApprovalRequested):
            request = event.request
            yield ev.ApprovalResolved(approval_id=request.approval_id, verdict=Verdict.CANCELLED, by="crash")
        elif isinstance(event, ev.QuestionRequested):
            yield ev.QuestionResolved(question_id=event.question_id, text="", is_cancelled=True)


def _cut(item: Item, turn_id: TurnId | None, ending: Ending) -> Item:
    if not isinstance(item, ToolRun):
        return item
    # A command of the person's own belongs to no turn, and the model never called it.
    metadata: dict[str, JsonValue] = {"is_cut_off": True} if turn_id is not None else {"is_shared": False}
    result = ToolResult(
        call_id=item.call.call_id, status=ToolStatus.CANCELLED, text=ending.item_text, metadata=metadata
    )
    return item.model_copy(update={"status": ToolStatus.CANCELLED, "result": result})
