"""Records: the messages of the window that stand or fall together, and the stubs that they become."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trashclaw.agent.archive import LONG_CHARS, RECALLED, Archive, title_of
from trashclaw.agent.messages import Message, Role
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, Thought, ToolRun, UserMessage
from trashclaw.protocol.tools import ToolCall

LEFT_OUT = re.compile(r"\d characters left out(?: here)?; recall #?\d+ shows")
"""What stands in every stub of ours, and in no text that anybody else writes."""

_END_OF_NOTE = re.compile(r"</(?=\s*note)", re.IGNORECASE)
_NESTED_AT_MOST = 8
_CHANGES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Record:
    """Messages that stand or fall together: one step, one message of the person's, or one note."""

    messages: tuple[Message, ...]
    item_ids: tuple[ItemId, ...] = ()
    runs: tuple[ToolRun, ...] = ()
    shown: tuple[ItemId, ...] = ()
    """The runs whose results, and the messages whose attachments, are there in full; a digest's compaction, too."""

    called: tuple[ItemId, ...] = ()
    """The runs whose calls are there in full."""

    thought_id: ItemId | None = None
    """The reasoning that is there."""

    is_pinned: bool = False
    """The person's own words: never left out."""

    is_attachment: bool = False
    """Text that came with the person's words, or from a command of theirs; it can be left out like a result."""

    is_digest: bool = False
    """Stands for what was left out."""

    @property
    def is_step(self) -> bool:
        """Whether the model wrote it."""
        return self.messages[0].role is Role.ASSISTANT


def step_record(
    thought: Thought | None, answer: AgentMessage | None, runs: Sequence[ToolRun], at: float
) -> Record | None:
    """Return the record of a step that has ended; `None` when it said and called nothing."""
    calls = tuple(run.call for run in runs)
    text = answer.text if answer else ""
    if not text.strip() and not calls:
        return None
    message = Message(
        Role.ASSISTANT,
        text.rstrip("\n") if calls else text,
        thought=thought.text if thought else "",
        thought_field=thought.field if thought else "",
        calls=calls,
        at=at,
    )
    items = tuple(item.item_id for item in (thought, answer, *runs) if item is not None)
    return Record(
        (message, *(_result_message(run, at) for run in runs)),
        items,
        tuple(runs),
        shown=tuple(run.item_id for run in runs if run.result is not None),
        called=tuple(run.item_id for run in runs),
        thought_id=thought.item_id if thought is not None and thought.text else None,
    )


def heard_records(item: UserMessage, at: float) -> list[Record]:
    """Return what a message of the person's becomes."""
    text = "\n\n".join(part for part in (item.text, item.note) if part)
    words = Record((Message(Role.USER, text, at=at),), (item.item_id,), is_pinned=True)
    return [words, _attached(item.item_id, item.attached, at)] if item.attached else [words]


def shared_record(run: ToolRun, at: float) -> Record:
    """Return the record of a command that the person ran, and shows to the model."""
    return _attached(run.item_id, run.result.text if run.result is not None else "", at)


def note_record(text: str, item_id: ItemId, at: float) -> Record:
    """Return the record of a note to the model."""
    return Record((Message(Role.USER, as_note(text), at=at),), (item_id,))


def digest_record(item_id: ItemId, summary: str, at: float) -> Record:
    """Return the record that stands for what a compaction left out."""
    return Record((Message(Role.USER, summary, at=at),), (item_id,), shown=(item_id,), is_digest=True)


def as_note(text: str) -> str:
    """Return a text as a note to the model; what a program printed in it cannot close the note."""
    return f"<note>{_END_OF_NOTE.sub('< /', text)}</note>"


def stub(record: Record, stubbed: frozenset[ItemId], archive: Archive) -> Record:
    """Return the record with the given results, attachments and thoughts as one line each, or gone.

    A result goes together with the long arguments of its call. What is no longer than its stub stays as it is.
    """
    if record.is_pinned or record.is_digest or stubbed.isdisjoint(record.item_ids):
        return record
    if record.is_attachment:
        line = _attachment_line(record, archive)
        if len(line) >= len(record.messages[0].text):
            return record
        return replace(record, messages=(replace(record.messages[0], text=line),), shown=())
    return _stub_step(record, stubbed, archive) if record.is_step else record


def _stub_step(record: Record, stubbed: frozenset[ItemId], archive: Archive) -> Record:
    first, *results = record.messages
    lines = {run.item_id: stub_line(run, archive) for run in record.runs if run.item_id in stubbed}
    gone = {
        run.item_id
        for run, message in zip(record.runs, results, strict=True)
        if run.item_id in lines and len(lines[run.item_id]) < len(message.text)
    }
    calls = tuple(
        shortened(call, archive.number_of(run.item_id) or 0) if run.item_id in lines else call
        for run, call in zip(record.runs, first.calls, strict=True)
    )
    is_thought_gone = record.thought_id is not None and (bool(lines) or record.thought_id in stubbed)
    kept_calls = {run.item_id for run, call in zip(record.runs, calls, strict=True) if call is run.call}
    changed = replace(first, calls=calls, thought="" if is_thought_gone else first.thought)
    stubs = (
        replace(message, text=lines[run.item_id]) if run.item_id in gone else message
        for run, message in zip(record.runs, results, strict=True)
    )
    return replace(
        record,
        messages=(changed if changed != first else first, *stubs),
        shown=tuple(item_id for item_id in record.shown if item_id not in gone),
        called=tuple(item_id for item_id in record.called if item_id in kept_calls),
        thought_id=None if is_thought_gone else record.thought_id,
    )


def stub_line(run: ToolRun, archive: Archive) -> str:
    """Say in one line what a tool run was, how it ended, and how it is brought back."""
    number = archive.number_of(run.item_id) or 0
    size = len(run.result.text) if run.result is not None else 0
    recalled = run.result.metadata.get(RECALLED) if run.result is not None else None
    target = recalled if isinstance(recalled, int) and not isinstance(recalled, bool) else number
    kept = archive.find(number)
    head = f"#{number} {outline(run, kept.title if kept is not None else '')}"
    return f"[{head}, {size} characters left out; recall {target} shows it]"


def outline(run: ToolRun, title: str = "") -> str:
    """Return the tool, its arguments, how it ended and what it changed: `edit_file src/db.py: done, +3 -1`.

    `title` is its `title_of`, where that is known already.
    """
    result = run.result
    code = f", exit code {result.exit_code}" if result and result.exit_code is not None else ""
    changes = [f"{path} +{added} -{removed}" for path, (added, removed) in landed(run).items()]
    more = [f"and {len(changes) - _CHANGES_SHOWN} more files"] if len(changes) > _CHANGES_SHOWN else []
    told = "".join(f", {change}" for change in (*changes[:_CHANGES_SHOWN], *more))
    return f"{title or title_of(run)}: {run.status}{code}{told}"


def landed(run: ToolRun) -> dict[str, tuple[int, int]]:
    """Return the lines that a run added and removed, by file."""
    told = run.result.metadata.get("changes") if run.result is not None else None
    found: dict[str, tuple[int, int]] = {}
    for entry in told if isinstance(told, list) else ():
        if isinstance(entry, dict):
            path = str(entry.get("path"))
            added, removed = found.get(path, (0, 0))
            found[path] = added + _whole(entry.get("added")), removed + _whole(entry.get("removed"))
    return found


def shortened(call: ToolCall, number: int) -> ToolCall:
    """Return a call without the long texts of its arguments, which stay an object of the same shape."""
    if len(call.arguments) <= LONG_CHARS:
        return call
    try:
        given = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call
    short = _short(given, number, _NESTED_AT_MOST)
    if short == given:
        return call
    return call.model_copy(update={"arguments": json.dumps(short, ensure_ascii=False)})


def _short(value: object, number: int, depth: int) -> object:
    if isinstance(value, str):
        if len(value) <= LONG_CHARS:
            return value
        return f"[#{number}: {len(value)} characters left out here; recall {number} shows them]"
    if depth and isinstance(value, dict):
        return {key: _short(part, number, depth - 1) for key, part in value.items()}
    if depth and isinstance(value, list):
        return [_short(part, number, depth - 1) for part in value]
    return value


def _attached(item_id: ItemId, text: str, at: float) -> Record:
    return Record((Message(Role.USER, text, at=at),), (item_id,), shown=(item_id,), is_attachment=True)


def _attachment_line(record: Record, archive: Archive) -> str:
    (item_id,) = record.item_ids
    if (run := archive.run(item_id)) is not None:
        return stub_line(run, archive)
    number = archive.number_of(item_id) or 0
    size = len(record.messages[0].text)
    return f"[#{number} came with this message: {size} characters left out; recall {number} shows it]"


def _result_message(run: ToolRun, at: float) -> Message:
    result = run.result
    text = result.text if result is not None else "No result: the call was cut off."
    call_id = run.call.provider_id or run.call.call_id
    return Message(Role.TOOL, text, call_id=call_id, tool_name=run.call.name, at=at)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
