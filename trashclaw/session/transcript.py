"""The transcript: view state as a fold of envelopes, the same live and replayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import ApprovalRequest
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ApprovalId, CheckpointId, HunkId, ItemId, QuestionId, SessionId
from trashclaw.protocol.items import Compaction, Item, Mending, ToolRun
from trashclaw.protocol.manners import DialectName, Rung
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.usage import Usage
from trashclaw.session.trail import Trail

Entry = Item | ev.Notice | ev.DialectChosen | ev.TurnCompleted


@dataclass(slots=True)
class Live:
    """What only a running session has: previews and gauges."""

    previews: dict[tuple[ItemId, ev.Channel], list[str]] = field(default_factory=dict)
    """Pieces received so far of what is not complete yet."""

    progress: ev.Progress | None = None
    context: ev.ContextMeasured | None = None


@dataclass(frozen=True, slots=True)
class Revert:
    """Hunks that the person reverted, or brought back."""

    event: ev.HunksReverted
    at: int
    """How many entries there were before it."""

    checkpoint_id: CheckpointId | None
    """The checkpoint before it; `None` where it had nothing to do, so that there is nothing to undo."""


@dataclass(slots=True)
class Transcript:
    """Everything that a face shows. `live` is left out of comparisons."""

    entries: list[Entry] = field(default_factory=list)
    """Items (open and completed), notices and ends of turns, in order."""

    plan: Plan = field(default_factory=Plan)
    plan_before: Plan = field(default_factory=Plan)
    """What the plan was before it was last changed."""

    queue: tuple[ev.QueuedInput, ...] = ()
    approvals: dict[ApprovalId, ApprovalRequest] = field(default_factory=dict)
    """Questions that wait, oldest first."""

    questions: dict[QuestionId, ev.QuestionRequested] = field(default_factory=dict)
    trail: Trail = field(default_factory=Trail)
    """Where the session can go back to."""

    rewound: list[tuple[int, int]] = field(default_factory=list)
    """Parts of `entries` (first, behind the last) that the model does not read any more, in the order of going back."""

    title: str = ""
    """The name that the session was given; empty: it goes by its first prompt."""

    parent_id: SessionId | None = None
    """The session that this one is a fork of."""

    mode: Mode = Mode.PLAN
    provider: str = ""
    model: str = ""
    limit_tokens: int = 0
    manner: ev.DialectChosen | None = None
    """How the model is talked to."""

    first_manner: ev.DialectChosen | None = None
    """How it was at the beginning of the session; changes since then are entries."""

    undone: dict[ItemId, int] = field(default_factory=dict)
    """The compactions that were taken back, each with the number of entries before that."""

    failures: dict[ItemId, ev.FailureRouted] = field(default_factory=dict)
    """What was told of the tool runs that failed."""

    reverts: list[Revert] = field(default_factory=list)
    """What the person reverted of what had landed, in order; also what they undid again."""

    mended_calls: int = 0
    """Calls that were put right before they could run."""

    usage: Usage = field(default_factory=Usage)
    is_running: bool = False
    step: int = 0
    step_limit: int | None = None
    """How many steps the turn may have."""

    seq: int = 0
    live: Live = field(default_factory=Live, compare=False, repr=False)
    _places: dict[ItemId, int] = field(default_factory=dict, repr=False)

    @property
    def undoable(self) -> list[CheckpointId]:
        """Return the checkpoints that `/undo` would bring back, the newest last."""
        return [trace.checkpoint_id for trace in self.trail.traces]

    @property
    def redoable(self) -> list[CheckpointId]:
        """Return the checkpoints that `/redo` would bring back, the newest last."""
        return [undone.redo_id for undone in self.trail.undone]

    def standing_reverts(self) -> list[Revert]:
        """Return the reverts that were not undone, in order."""
        there = {None, *self.undoable}
        return [revert for revert in self.reverts if revert.checkpoint_id in there]

    def reverted(self, item_id: ItemId) -> frozenset[HunkId]:
        """Return the hunks of a tool run that landed and were reverted."""
        return self.all_reverted().get(item_id, frozenset())

    def all_reverted(self) -> dict[ItemId, frozenset[HunkId]]:
        """Return the hunks that landed and were reverted, by tool run; no run of which all came back is among them."""
        out: dict[ItemId, frozenset[HunkId]] = {}
        for revert in self.standing_reverts() if self.reverts else ():
            event, before = revert.event, out.get(revert.event.item_id, frozenset())
            out[event.item_id] = before.difference(event.hunk_ids) if event.is_back else before.union(event.hunk_ids)
        return {item_id: hunk_ids for item_id, hunk_ids in out.items() if hunk_ids}

    def is_rewound(self, place: int) -> bool:
        """Tell whether the model does not read an entry any more, because the conversation was rewound."""
        return any(first <= place < end for first, end in self.rewound)

    def item(self, item_id: ItemId) -> Item | None:
        """Return an item by its id."""
        place = self._places.get(item_id)
        if place is None:
            return None
        entry = self.entries[place]
        return None if isinstance(entry, (ev.Notice, ev.DialectChosen, ev.TurnCompleted)) else entry

    def apply(self, envelope: Envelope) -> None:
        """Fold one envelope in."""
        if envelope.seq is not None:
            self.seq = envelope.seq
        event = envelope.event
        self.trail.apply(event, envelope.at, is_of_turn=envelope.turn_id is not None)
        if isinstance(event, (ev.ItemStarted, ev.ItemCompleted)):
            self._put(event.item, is_done=isinstance(event, ev.ItemCompleted))
        elif isinstance(event, (ev.ItemDelta, ev.Progress, ev.ContextMeasured)):
            self._apply_live(event)
        elif isinstance(event, (ev.ApprovalRequested, ev.ApprovalResolved)):
            self._apply_approval(event)
        elif isinstance(event, (ev.QuestionRequested, ev.QuestionResolved)):
            self._apply_question(event)
        elif isinstance(event, (ev.SessionStarted, ev.SettingsChanged)):
            self._apply_settings(event)
        else:
            self._apply_turn(event)

    def _put(self, item: Item, *, is_done: bool) -> None:
        if item.item_id in self._places:
            self.entries[self._places[item.item_id]] = item
        else:
            self._places[item.item_id] = len(self.entries)
            self.entries.append(item)
        if is_done:
            self.mended_calls += isinstance(item, ToolRun) and bool(mendings(item, self.manner))
            # In a log there are none, and of ten thousand items each would look.
            for channel in ev.Channel if self.live.previews else ():
                self.live.previews.pop((item.item_id, channel), None)
            if isinstance(item, Compaction):
                self.usage = self.usage + item.usage

    def _apply_live(self, event: ev.EphemeralEvent) -> None:
        if isinstance(event, ev.ItemDelta):
            self.live.previews.setdefault((event.item_id, event.channel), []).append(event.text)
        elif isinstance(event, ev.Progress):
            is_over = event.text in (ev.AHEAD, ev.SUMMING_UP) and event.phase is ev.Phase.WAITING
            self.live.progress = None if is_over else event
        else:
            self.live.context = event

    def _apply_approval(self, event: ev.ApprovalRequested | ev.ApprovalResolved) -> None:
        if isinstance(event, ev.ApprovalRequested):
            self.approvals[event.request.approval_id] = event.request
        else:
            self.approvals.pop(event.approval_id, None)

    def _apply_question(self, event: ev.QuestionRequested | ev.QuestionResolved) -> None:
        if isinstance(event, ev.QuestionRequested):
            self.questions[event.question_id] = event
        else:
            self.questions.pop(event.question_id, None)

    def _apply_settings(self, event: ev.SessionStarted | ev.SettingsChanged) -> None:
        self.mode = event.mode
        self.model = event.model
        self.provider = event.provider or self.provider
        self.limit_tokens = event.limit_tokens or self.limit_tokens

    def _apply_turn(self, event: ev.Event) -> None:
        match event:
            case ev.TurnStarted():
                self.is_running, self.step = True, 0
            case ev.TurnCompleted():
                self.is_running = False
                self.live.progress = None
                self.entries.append(event)
            case ev.StepStarted():
                self.step, self.step_limit = event.step, event.limit
            case ev.StepCompleted():
                self.usage = self.usage + event.usage
            case ev.InputQueued():
                self.queue = event.queue
            case ev.DialectChosen():
                # The first one is how the session begins, and a resumed one tells again what holds.
                if self.manner is not None and event != self.manner.model_copy(update={"reason": event.reason}):
                    self.entries.append(event)
                self.first_manner = self.first_manner or event
                self.manner = event
            case ev.FailureRouted():
                self.failures[event.item_id] = event
            case ev.PlanUpdated():
                self.plan_before, self.plan = self.plan, event.plan
            case ev.ConversationRewound() if event.item_id in self._places:
                self._rewind(self._places[event.item_id])
            case ev.HunksReverted():
                self.reverts.append(Revert(event, len(self.entries), self.trail.open_id))
            case ev.CompactionUndone():
                self.undone[event.item_id] = len(self.entries)
            case ev.SessionRenamed():
                self.title = event.title
            case ev.SessionForked():
                self.parent_id = event.parent_id
            case ev.Notice():
                self.entries.append(event)
            case _:
                pass

    def _rewind(self, place: int) -> None:
        self.rewound.append((place, len(self.entries)))
        # A compaction from before that point holds again, where it was taken back after it.
        self.undone = {item_id: at for item_id, at in self.undone.items() if at <= place}


def mendings(run: ToolRun, manner: ev.DialectChosen | None) -> tuple[Mending, ...]:
    """Return what was put right in a call; where calls are to be in the text, to have found it there is no mending."""
    if not run.mended:
        return ()
    is_in_text = manner is not None and manner.dialect is DialectName.TEXT
    return tuple(mending for mending in run.mended if not (is_in_text and mending.rung is Rung.FOUND))


def fold(envelopes: Iterable[Envelope]) -> Transcript:
    """Fold a whole log."""
    transcript = Transcript()
    for envelope in envelopes:
        transcript.apply(envelope)
    return transcript
