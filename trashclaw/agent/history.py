"""History: durable events folded into the messages that a model reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from trashclaw.agent.messages import Message, Role
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ContextOverflow
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage

_END_OF_NOTE = re.compile(r"</(?=\s*note)", re.IGNORECASE)
_TITLE_CHARS = 160
_ATTACHMENT_STUB = "[What came with this message was left out to make room; read_file shows files again.]"


@dataclass(frozen=True, slots=True)
class Record:
    """Messages that stand or fall together: one step, one message of the person's, or one note."""

    messages: tuple[Message, ...]
    item_ids: tuple[ItemId, ...] = ()
    runs: tuple[ToolRun, ...] = ()
    is_pinned: bool = False
    """The person's own words: never left out."""

    is_attachment: bool = False
    """Files and other text that came with the person's words; it can be left out like a tool's result."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """What was being sent just before a message or a step: so many records of a list that only grew since."""

    records: list[Record]
    count: int
    number: int
    """Counts the marks; a later one has a higher number."""


@dataclass(slots=True)
class _OpenStep:
    """A step whose end has not come yet."""

    mark: _Mark
    thought: Thought | None = None
    answer: AgentMessage | None = None
    runs: list[ToolRun] = field(default_factory=list)


class History:
    """Builds the same messages from a running session and from its log."""

    def __init__(self, system: str = "") -> None:
        self.system = Message(Role.SYSTEM, system)
        self.records: list[Record] = []
        self.changed: dict[str, tuple[int, int]] = {}
        """Lines added and removed, by file, in everything that landed."""

        self._open: _OpenStep | None = None
        self._late: list[Record] = []
        self._unanswered: list[ItemId] = []
        self._marks: dict[ItemId, _Mark] = {}
        self._marked = 0
        self._at = 0.0

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of the window, the system prompt first."""
        return (self.system, *(message for record in self.records for message in record.messages))

    def can_rewind(self, item_id: ItemId) -> bool:
        """Tell whether the conversation can go back to just before a message, or before the step of an item."""
        return item_id in self._marks

    def shown_runs(self) -> frozenset[ItemId]:
        """Return the tool runs whose results are in the window in full, those of a step under way included.

        A message is among them while what was attached to it is there in full.
        """
        step = self._open
        shown = [run.item_id for run in step.runs] if step is not None else []
        for record in (*self.records, *self._late):
            if not record.runs and not record.is_pinned:
                shown += record.item_ids if record.messages[0].text != _ATTACHMENT_STUB else ()
            results = (message for message in record.messages if message.role is Role.TOOL)
            for run, message in zip(record.runs, results, strict=True):
                shown += [run.item_id] if run.result is not None and message.text == run.result.text else []
        return frozenset(shown)

    def called_runs(self) -> frozenset[ItemId]:
        """Return the tool runs whose calls are in the window, also those whose results are stubs."""
        step = self._open
        runs = [*(step.runs if step is not None else ())]
        runs += [run for record in (*self.records, *self._late) for run in record.runs]
        return frozenset(run.item_id for run in runs)

    def apply(self, event: ev.Event, at: float = 0.0) -> None:
        """Fold one event in; `at` is its time, in seconds since the epoch."""
        self._at = at
        match event:
            case ev.SessionStarted() if event.system and not self.system.text:
                self.system = Message(Role.SYSTEM, event.system)
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
                self._add(Record((Message(Role.USER, as_note(event.text), at=at),)))
            case ev.ConversationRewound():
                self._rewind(event.item_id)
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
            self._hear(item)
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
        return _Mark(self.records, len(self.records), self._marked)

    def _rewind(self, item_id: ItemId) -> None:
        """Send again what was sent before an item; a compaction after it is undone with it."""
        mark = self._marks.get(item_id)
        if mark is None:
            return
        self._flush()
        self.records = mark.records[: mark.count]
        self._marks = {key: other for key, other in self._marks.items() if other.number < mark.number}
        self._unanswered.clear()

    def _hear(self, item: UserMessage) -> None:
        ids = (item.item_id,)
        text = "\n\n".join(part for part in (item.text, item.note) if part)
        self._add(Record((Message(Role.USER, text, at=self._at),), ids, is_pinned=True))
        if item.attached:
            self._add(Record((Message(Role.USER, item.attached, at=self._at),), ids, is_attachment=True))
        self._unanswered.append(item.item_id)

    def _forget_unanswered(self) -> None:
        """Leave out what was too large to be sent at all; it would stand in the way of every later request."""
        self.records = [record for record in self.records if not set(record.item_ids) & set(self._unanswered)]

    def _apply_run(self, run: ToolRun) -> None:
        self._note_changes(run)
        is_shared = run.result.metadata.get("is_shared") if run.result else None
        if is_shared is None and self._open is not None:
            self._open.runs.append(run)
        elif is_shared and run.result is not None:
            self._add(Record((Message(Role.USER, run.result.text, at=self._at),), (run.item_id,)))

    def _add(self, record: Record) -> None:
        (self._late if self._open is not None else self.records).append(record)

    def _flush(self) -> None:
        step, self._open = self._open, None
        if step is not None and (record := _record_of(step, self._at)):
            self.records.append(record)
        self.records.extend(self._late)
        self._late.clear()

    def _note_changes(self, run: ToolRun) -> None:
        landed = run.result.metadata.get("changes") if run.result else None
        for entry in landed if isinstance(landed, list) else ():
            if isinstance(entry, dict):
                added, removed = self.changed.get(str(entry.get("path")), (0, 0))
                change = added + _whole(entry.get("added")), removed + _whole(entry.get("removed"))
                self.changed[str(entry.get("path"))] = change

    def compact(self, item: Compaction) -> None:
        """Leave out, stub and sum up as a compaction says."""
        stubbed, dropped = frozenset(item.stubbed), frozenset(item.dropped)
        kept: list[Record] = []
        has_summary = not item.summary
        for record in self.records:
            if record.item_ids and not record.is_pinned and dropped.issuperset(record.item_ids):
                if not has_summary:
                    kept.append(Record((Message(Role.USER, item.summary, at=self._at),), (item.item_id,)))
                    has_summary = True
                continue
            kept.append(stub(record, stubbed))
        if not has_summary:
            kept.insert(0, Record((Message(Role.USER, item.summary, at=self._at),), (item.item_id,)))
        self.records = kept


def as_note(text: str) -> str:
    """Return a text as a note to the model; what a program printed in it cannot close the note."""
    return f"<note>{_END_OF_NOTE.sub('< /', text)}</note>"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _record_of(step: _OpenStep, at: float) -> Record | None:
    calls = tuple(run.call for run in step.runs)
    text = step.answer.text if step.answer else ""
    if not text.strip() and not calls:
        return None
    thought = step.thought
    answer = Message(
        Role.ASSISTANT,
        text.rstrip("\n") if calls else text,
        thought=thought.text if thought else "",
        thought_field=thought.field if thought else "",
        calls=calls,
        at=at,
    )
    items = [item.item_id for item in (step.thought, step.answer, *step.runs) if item is not None]
    results = (_result_message(run, at) for run in step.runs)
    return Record((answer, *results), tuple(items), tuple(step.runs))


def _result_message(run: ToolRun, at: float) -> Message:
    result = run.result
    text = result.text if result is not None else "No result: the call was cut off."
    call_id = run.call.provider_id or run.call.call_id
    return Message(Role.TOOL, text, call_id=call_id, tool_name=run.call.name, at=at)


def stub(record: Record, stubbed: frozenset[ItemId]) -> Record:
    """Return the record with its attachments or the results of the given runs as one line each, and no reasoning."""
    if record.is_pinned or stubbed.isdisjoint(record.item_ids):
        return record
    if record.is_attachment:
        return replace(record, messages=(Message(Role.USER, _ATTACHMENT_STUB),))
    runs = iter(record.runs)
    messages: list[Message] = []
    for message in record.messages:
        if message.role is Role.TOOL and (run := next(runs)).item_id in stubbed:
            messages.append(replace(message, text=stub_line(run)))
        else:
            messages.append(replace(message, thought="") if message.thought else message)
    return replace(record, messages=tuple(messages))


def stub_line(run: ToolRun) -> str:
    """Say in one line what a tool run was and how it ended."""
    result = run.result
    size = len(result.text) if result else 0
    code = f", exit code {result.exit_code}" if result and result.exit_code is not None else ""
    changes = ", ".join(f"{c.path} +{c.added} -{c.removed}" for c in run.patch.changes) if run.patch else ""
    tail = f", {changes}" if changes else ""
    title = run.title if len(run.title) <= _TITLE_CHARS else f"{run.title[:_TITLE_CHARS]}..."
    return f"[{title}: {run.status}{code}{tail}; its {size} characters were left out, call the tool again if needed]"


def fold(system: str, log: Iterable[ev.Event]) -> History:
    """Fold a whole log."""
    history = History(system)
    for event in log:
        history.apply(event)
    return history
