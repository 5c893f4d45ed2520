"""The digest: what the steps that are left out did, put together from the log, in few lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from trashclaw.agent.archive import Archive, KeptKind, one_line
from trashclaw.agent.cutting import Cuts
from trashclaw.agent.records import Record, landed, outline
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction, ToolRun
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolStatus

SUMMARY_HEAD = "<summary>Earlier steps, left out; recall shows each by its number."
SUMMARY_END = "</summary>"
FILES_HEAD = "Files changed:"
LOG_HEAD = "From the log:"
"""Parts the model's words from the facts behind them."""

_TAG = re.compile(r"<(?=/\s*(?:summary|note)\b|(?:summary|note)\b)", re.IGNORECASE)

_GOAL_CHARS = 100
_SAID_CHARS = 120
_QUOTED_CHARS = 800
_GOAL_HEAD = "Goal: "
_PATHS_SHOWN = 12
_PLAN_SHOWN = 12


@dataclass(slots=True)
class Told:
    """What there is to tell of items that are left out."""

    lines: list[str] = field(default_factory=list)
    """One for each run, and for each thing that the model said, the oldest first."""

    numbers: list[int] = field(default_factory=list)
    """The number of what each line is about; 0 for a line of an earlier summary."""

    read: dict[str, None] = field(default_factory=dict)
    changed: dict[str, tuple[int, int]] = field(default_factory=dict)
    quoted: list[str] = field(default_factory=list)
    """What the model had written of steps before."""


def gather(records: Iterable[Record], archive: Archive, cuts: Cuts) -> Told:
    """Return what there is to tell of records that are left out; what earlier digests stood for is told anew."""
    told = Told()
    for record in records:
        for one in cuts.unfold(record.item_ids):
            if isinstance(one, Compaction):
                _gather_words(told, one)
            else:
                _gather_item(told, one, archive)
    return told


def write(told: Told, goal: str, plan: Plan, lines_at_most: int) -> str:
    """Return the digest with its newest lines; of the others it is said how many there are."""
    parts: list[str] = []
    if goal:
        parts.append(f"{_GOAL_HEAD}{one_line(goal, _GOAL_CHARS)}")
    room = _QUOTED_CHARS // max(1, len(told.quoted))
    parts += [words if len(words) <= room else f"{words[:room]}..." for words in told.quoted]
    first = max(0, len(told.lines) - lines_at_most)
    if first:
        parts.append(
            f"- ({first} earlier, #{told.numbers[0]} to #{told.numbers[first - 1]}; recall finds them by query)"
        )
    parts += told.lines[first:]
    # What a line tells of a file is not told twice: a digest stays in the window for long.
    shown = "\n".join(told.lines[first:])
    if read := [path for path in told.read if path not in shown]:
        parts.append(f"Files read: {_listed(read)}")
    if told.changed:
        changes = [f"{path} +{added} -{removed}" for path, (added, removed) in told.changed.items()]
        parts.append(f"{FILES_HEAD} {_listed(changes)}")
    if plan.entries:
        parts.append("The plan then:")
        parts += [f"- [{entry.status}] {one_line(entry.text, _GOAL_CHARS)}" for entry in plan.entries[:_PLAN_SHOWN]]
    return "\n".join([SUMMARY_HEAD, without_tags("\n".join(parts)), SUMMARY_END])


def without_tags(text: str) -> str:
    """Return a text that cannot close or open a summary or a note."""
    return _TAG.sub("< ", text)


def _gather_words(told: Told, made: Compaction) -> None:
    if made.is_by_model:
        # Behind its words stands what the log says, which is told anew.
        words = made.summary.removeprefix(SUMMARY_HEAD).removesuffix(SUMMARY_END).split(f"\n{LOG_HEAD}\n")[0]
        told.quoted.append(words.strip())


def _gather_item(told: Told, item_id: ItemId, archive: Archive) -> None:
    number = archive.number_of(item_id)
    kept = archive.find(number) if number is not None else None
    if number is None or kept is None:
        return
    if (run := archive.run(item_id)) is not None:
        told.lines.append(f"- #{number} {_line_of(run)}")
        told.numbers.append(number)
        _gather_files(told, run)
    elif kept.kind is KeptKind.MESSAGE and not archive.is_beside_calls(item_id):
        told.lines.append(f"- #{number} you said: {one_line(kept.text.strip().splitlines()[0], _SAID_CHARS)}")
        told.numbers.append(number)
    elif kept.kind is KeptKind.ATTACHMENT:
        told.lines.append(f"- #{number} {kept.title}")
        told.numbers.append(number)


def _gather_files(told: Told, run: ToolRun) -> None:
    metadata = run.result.metadata if run.result is not None else {}
    path = metadata.get("path")
    if isinstance(path, str) and "first" in metadata:
        told.read[path] = None
    for name, (added, removed) in landed(run).items():
        before = told.changed.get(name, (0, 0))
        told.changed[name] = before[0] + added, before[1] + removed


def _line_of(run: ToolRun) -> str:
    line = outline(run)
    return line.removesuffix(": done") if run.status is ToolStatus.DONE else line


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _PATHS_SHOWN} more" if len(names) > _PATHS_SHOWN else ""
    return f"{', '.join(names[-_PATHS_SHOWN:])}{more}"
