"""History: durable events folded into the messages that a model reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from trashclaw.agent.archive import Archive
from trashclaw.agent.cutting import Cuts, Undoable
from trashclaw.agent.messages import Message, Role
from trashclaw.agent.records import (
    Record,
    digest_record,
    heard_records,
    landed,
    note_record,
    shared_record,
    step_record,
    stub,
)
from trashclaw.protocol import events as ev
from trashclaw.protocol.context_events import PromptFragment
from trashclaw.protocol.errors import ContextOverflow
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage


@dataclass(frozen=True, slots=True)
class _Mark:
    """What was being sent just before a message or a step: so many records of a list that only grew since."""

    records: list[Record]
    count: int
    number: int
    """Counts the marks; a later one has a higher number."""

    undoable: tuple[Undoable, ...]
    archived: int
    """How much the archive held."""


@dataclass(slots=True)
class _OpenStep:
    """A step whose end has not come yet."""

    mark: _Mark
    thought: Thought | None = None
    answer: AgentMessage | None = None
    runs: list[ToolRun] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Undone:
    """A window as it would be without its last compaction."""

    item_id: ItemId
    """The compaction's."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _View:
    """What the window holds, until it changes."""

    messages: tuple[Message, ...]
    shown: frozenset[ItemId]
    called: frozenset[ItemId]


class History:
    """Builds the same messages from a running session and from its log."""

    def __init__(self, system: str = "") -> None:
        self.system = Message(Role.SYSTEM, system)
        self.fragments: tuple[PromptFragment, ...] = ()
        """The parts of the system prompt that came from files and memory."""

        self.records: list[Record] = []
        """Changed by `apply` alone."""

        self.changed: dict[str, tuple[int, int]] = {}
        """Lines added and removed, by file, in everything that landed."""

        self.archive = Archive()
        """Everything that may leave the window."""

        self.cuts = Cuts()
        """The compactions."""

        self._open: _OpenStep | None = None
        self._late: list[Record] = []
        self._unanswered: list[ItemId] = []
        self._marks: dict[ItemId, _Mark] = {}
        self._marked = 0
        self._archived = 0
        self._at = 0.0
        self._view: _View | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of the window, the system prompt first."""
        return self._look().messages

    @property
    def open_chars(self) -> int:
        """How long the results of the step under way are together, up to now."""
        runs = self._open.runs if self._open is not None else ()
        return sum(len(run.result.text) for run in runs if run.result is not None)

    def holds(self, item_id: ItemId) -> bool:
        """Tell whether an item is in the window, in full or as a stub."""
        return any(item_id in record.item_ids for record in self.records)

    def can_rewind(self, item_id: ItemId) -> bool:
        """Tell whether the conversation can go back to just before a message, or before the step of an item."""
        return item_id in self._marks

    def shown_runs(self) -> frozenset[ItemId]:
        """Return the tool runs whose results are in the window in full, those of a step under way included.

        A message is among them while what was attached to it is there in full.
        """
        return self._look().shown

    def called_runs(self) -> frozenset[ItemId]:
        """Return the tool runs whose calls are in the window in full, also those whose results are stubs."""
        return self._look().called

    def apply(self, event: ev.Event, at: float = 0.0) -> None:
        """Fold one event in; `at` is its time, in seconds since the epoch."""
        self._at = at
        self._view = None
        self._archived = len(self.archive)
        self.archive.apply(event)
        self.cuts.apply(event)
        match event:
            case ev.SessionStarted() if event.system and not self.system.text:
                self.system = Message(Role.SYSTEM, event.system)
                self.fragments = event.fragments
            case ev.StepStarted():
                self._flush()
                self._open = _OpenStep(self._mark())
            case ev.StepCompleted():
                self._flush()
                self._unanswered.clear()
            case ev.TurnCompleted():
                self._flush()
                if event.error is not None and event.error.code == ContextOverflow.code:
                    self._forget_unanswered()
                self._unanswered.clear()
            case ev.Notice() if event.to_model:
                self._add(note_record(event.text, self.archive.note_id, at))
            case ev.ConversationRewound():
                self._rewind(event.item_id)
            case ev.CompactionUndone():
                self.undo_compaction(event.item_id)
            case ev.ItemCompleted():
                self._apply_item(event)
            case _:
                pass

    def _apply_item(self, event: ev.ItemCompleted) -> None:
        item, step = event.item, self._open
        if step is not None:
            self._marks[item.item_id] = step.mark
        elif isinstance(item, UserMessage):
            self._marks[item.item_id] = self._mark()
        if isinstance(item, UserMessage):
            for record in heard_records(item, self._at):
                self._add(record)
            self._unanswered.append(item.item_id)
        elif isinstance(item, Compaction):
            self.compact(item)
        elif isinstance(item, ToolRun):
            self._apply_run(item)
        elif step is not None and isinstance(item, Thought):
            step.thought = item
        elif step is not None and isinstance(item, AgentMessage):
            step.answer = item

    def _mark(self) -> _Mark:
        self._marked += 1
        return _Mark(self.records, len(self.records), self._marked, self.cuts.undoable, self._archived)

    def _rewind(self, item_id: ItemId) -> None:
        """Send again what was sent before an item; a compaction after it is undone with it."""
        mark = self._marks.get(item_id)
        if mark is None:
            return
        self._flush()
        self.records = mark.records[: mark.count]
        self.cuts.rewind(mark.undoable)
        self.archive.forget(mark.archived)
        self._marks = {key: other for key, other in self._marks.items() if other.number < mark.number}
        self._unanswered.clear()

    def _forget_unanswered(self) -> None:
        """Leave out what was too large to be sent at all; it would stand in the way of every later request."""
        gone = frozenset(self._unanswered)
        self.cuts.forget(self.records, gone)
        self.records = [record for record in self.records if gone.isdisjoint(record.item_ids)]

    def _apply_run(self, run: ToolRun) -> None:
        for path, (added, removed) in landed(run).items():
            before = self.changed.get(path, (0, 0))
            self.changed[path] = before[0] + added, before[1] + removed
        is_shared = run.result.metadata.get("is_shared") if run.result else None
        if is_shared is None and self._open is not None:
            self._open.runs.append(run)
        elif is_shared and run.result is not None:
            self._add(shared_record(run, self._at))

    def _add(self, record: Record) -> None:
        (self._late if self._open is not None else self.records).append(record)

    def _flush(self) -> None:
        step, self._open = self._open, None
        if step is not None and (record := step_record(step.thought, step.answer, step.runs, self._at)):
            self.records.append(record)
        self.records.extend(self._late)
        self._late.clear()

    def compact(self, item: Compaction) -> None:
        """Leave out, stub and sum up as a compaction says."""
        before = self.records
        self.records = compacted(before, item, self.archive, self._at)
        self.cuts.add(item, before, len(self.records))
        self._view = None

    def undo_compaction(self, item_id: ItemId) -> None:
        """Send again exactly what the last compaction left out, and what came since; another one is let be."""
        records = self.cuts.undone(item_id, self.records)
        if records is not None:
            self.records = records
            self.cuts.pop()
            self._view = None

    def last_undoable(self) -> Undone | None:
        """Return what would be sent if the last compaction were undone; `None` when there is none in force."""
        if not self.cuts.undoable:
            return None
        item_id = self.cuts.undoable[-1].item_id
        records = self.cuts.undone(item_id, self.records) or []
        return Undone(item_id, (self.system, *(message for record in records for message in record.messages)))

    def _look(self) -> _View:
        if self._view is None:
            runs = [run.item_id for run in self._open.runs] if self._open is not None else []
            there = (*self.records, *self._late)
            messages = (self.system, *(message for record in self.records for message in record.messages))
            shown = frozenset((*runs, *(item_id for record in there for item_id in record.shown)))
            called = frozenset((*runs, *(item_id for record in there for item_id in record.called)))
            self._view = _View(messages, shown, called)
        return self._view


def compacted(records: Iterable[Record], item: Compaction, archive: Archive, at: float = 0.0) -> list[Record]:
    """Return the records of a window after a compaction."""
    stubbed, dropped = frozenset(item.stubbed), frozenset(item.dropped)
    digest = digest_record(item.item_id, item.summary, at) if item.summary else None
    kept: list[Record] = []
    for record in records:
        if record.item_ids and not record.is_pinned and dropped.issuperset(record.item_ids):
            if digest is not None:
                kept.append(digest)
                digest = None
            continue
        kept.append(stub(record, stubbed, archive))
    return [digest, *kept] if digest is not None else kept


def fold(system: str, log: Iterable[ev.Event]) -> History:
    """Fold a whole log."""
    history = History(system)
    for event in log:
        history.apply(event)
    return history
