"""The trail: where the session can go back to, and what each turn that can be undone did, as a fold of events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CheckpointId, ItemId
from trashclaw.protocol.items import Compaction, Origin, ToolRun, UserMessage
from trashclaw.protocol.plan import Plan
from trashclaw.session.traces import Point, Trace, Undone


@dataclass(frozen=True, slots=True)
class Place:
    """A moment to go back to: just before a message of the person's, or before a step that had effects."""

    item_id: ItemId
    """The message, or the first item of the step."""

    at: float
    """When it came, in seconds since the epoch."""

    text: str = ""
    """The message's words; of a step, the words of the message that it works on."""

    step: int = 0
    """The step's number in its turn; 0 for a message."""

    checkpoint_id: CheckpointId | None = None
    """The step's checkpoint."""

    plan: Plan = field(default_factory=Plan)
    """The agent's plan in that moment."""

    is_rewound: bool = False
    """The conversation was rewound to here or to before."""


@dataclass(slots=True)
class Trail:
    """The turns that can be undone, the undos that can be redone, and the places on the way; the newest last."""

    traces: list[Trace] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    step: int = 0
    """The step that runs, or ran last."""

    plan: Plan = field(default_factory=Plan)
    _is_open: bool = False
    _first_item_id: ItemId | None = None
    """The first item of the running step."""

    _shelved: list[Undone] = field(default_factory=list)
    """What could be redone before the running turn had effects; void once they are noted."""

    def apply(self, event: ev.Event, at: float = 0.0, *, is_of_turn: bool = True) -> None:
        """Fold one event in; `is_of_turn` says whether it carries the id of a turn."""
        match event:
            case ev.TurnStarted():
                self._is_open, self.step, self._first_item_id = False, 0, None
            case ev.StepStarted(step=step):
                self.step, self._first_item_id = step, None
            case ev.PlanUpdated(plan=plan):
                self.plan = plan
            case ev.CheckpointCreated():
                self._apply_checkpoint(event, at)
            case ev.ConversationRewound(item_id=item_id):
                self._rewind(item_id)
            case ev.ItemStarted(item=item) if is_of_turn and not isinstance(item, (UserMessage, Compaction)):
                self._first_item_id = self._first_item_id or item.item_id
            case ev.ItemCompleted(item=UserMessage() as said) if said.origin is not Origin.STEER:
                self.places.append(Place(said.item_id, at, said.text, plan=self.plan))
            case ev.ItemCompleted(item=ToolRun() as run) if self._is_open:
                self.traces[-1].note(run, self.step)
            case ev.HunksReverted() if self._is_open:
                self.traces[-1].note_revert(event)
            case _:
                pass

    @property
    def open_id(self) -> CheckpointId | None:
        """The first checkpoint of what is being done now; `None` while nothing has had effects."""
        return self.traces[-1].checkpoint_id if self._is_open else None

    def find(self, checkpoint_id: CheckpointId) -> tuple[int, int] | None:
        """Return the place of a checkpoint that can be gone back to: that of its turn, and of the point in it."""
        for at, trace in enumerate(self.traces):
            for number, point in enumerate(trace.points):
                if point.checkpoint_id == checkpoint_id:
                    return at, number
        return None

    def checkpoint_from(self, item_id: ItemId) -> CheckpointId | None:
        """Return the first checkpoint from a place on that can be gone back to; `None` when no effects are left."""
        there = {point.checkpoint_id for trace in self.traces for point in trace.points}
        is_reached = False
        for place in self.places:
            is_reached = is_reached or place.item_id == item_id
            if is_reached and place.checkpoint_id in there:
                return place.checkpoint_id
        return None

    def lines_of(self, place: Place) -> dict[str, tuple[int, int]]:
        """Return how many lines came and went in each file in a place's step; nothing once it was undone."""
        found = self.find(place.checkpoint_id) if place.checkpoint_id is not None else None
        return self.traces[found[0]].lines.get(place.step, {}) if found else {}

    def _apply_checkpoint(self, event: ev.CheckpointCreated, at: float) -> None:
        if event.is_redone:
            self._redo(event)
        elif event.is_restored:
            self._undo(event)
        elif not event.is_after:
            self._add_point(event, at)
        elif self.traces:
            self.traces[-1].after_id = event.checkpoint_id
            self._is_open, self._shelved = False, []

    def _add_point(self, event: ev.CheckpointCreated, at: float) -> None:
        point = Point(event.checkpoint_id, event.step)
        if self._is_open:
            self.traces[-1].points.append(point)
        else:
            self.traces.append(Trace([point]))
            self._is_open, self._shelved, self.undone = True, self.undone, []
        if self._first_item_id is not None and event.step:
            text = self.places[-1].text if self.places else ""
            self.places.append(Place(self._first_item_id, at, text, event.step, event.checkpoint_id, self.plan))

    def _undo(self, event: ev.CheckpointCreated) -> None:
        self._is_open = False
        if event.redo_id is None:
            # The turn had changed nothing after all: what could be redone before it still can.
            self.undone, self._shelved = self._shelved or self.undone, []
        if (found := self.find(event.checkpoint_id)) is None:
            return
        at, number = found
        removed = self.traces[at:]
        self.traces[at:] = [removed[0].up_to(number)] if number else []
        if event.redo_id is not None:
            self.undone.append(Undone(at, removed, event.redo_id, event.since_id))

    def _redo(self, event: ev.CheckpointCreated) -> None:
        if not self.undone or self.undone[-1].redo_id != event.checkpoint_id:
            return
        last = self.undone.pop()
        self.traces[last.at :] = last.traces
        if event.redo_id is not None:
            # It was forced over what the person had changed: that is one more thing to undo.
            self.traces.append(Trace([Point(event.redo_id)], event.since_id))

    def _rewind(self, item_id: ItemId) -> None:
        is_reached = False
        for at, place in enumerate(self.places):
            is_reached = is_reached or place.item_id == item_id
            if is_reached and not place.is_rewound:
                self.places[at] = replace(place, is_rewound=True)
