"""Compaction: one deep cut that moves the window's start and leaves everything in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile

from trashclaw.agent.history import History, Record, stub, stub_line
from trashclaw.agent.messages import Message, Role
from trashclaw.protocol.ids import ItemId, new_id
from trashclaw.protocol.items import Compaction
from trashclaw.protocol.plan import Plan

_SUMMARY_HEAD = "<summary>Earlier steps were left out to make room. What they did:"
_FILES_HEAD = "Files changed so far:"
_PLAN_HEAD = "The plan:"
_LINES_AT_MOST = 40
_KEPT_STEPS = 2

Measure = Callable[[Iterable[Message]], int]


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a compaction starts and how deep it goes, as parts of the window."""

    high_water: float = 0.75
    low_water: float = 0.40
    kept_results: int = 5
    least_gain: float = 0.20
    """A compaction that would free less than this part of what is used is not made."""


def compact(history: History, plan: Plan, measure: Measure, limit_tokens: int, marks: Marks) -> Compaction | None:
    """Plan a compaction down to the low-water mark; `None` when too little could be freed.

    Results and attachments older than the newest `kept_results` become stubs, then fewer are kept; if that is not
    enough, the oldest steps are left out and a summary stands for them. The newest result and the newest two steps go
    only if nothing else makes the rest fit. The person's own words always stay.
    """
    before = measure(history.messages)
    fixed = measure([history.system])
    target, room = (int(limit_tokens * mark) for mark in (marks.low_water, marks.high_water))
    records = history.records
    stubbed: frozenset[ItemId] = frozenset()
    for kept in sorted({marks.kept_results, 2, 1, 0}, reverse=True):
        if kept == 0 and fixed + _size(_stub_all(records, stubbed), measure) <= room:
            break
        stubbed = _old_results(records, kept)
        if fixed + _size(_stub_all(records, stubbed), measure) <= target:
            break
    dropped, summary = _drop(_stub_all(records, stubbed), history, plan, measure, target - fixed, room - fixed)
    item = Compaction(
        item_id=ItemId(new_id("item")), summary=summary, stubbed=tuple(stubbed), dropped=dropped, before_tokens=before
    )
    after = _preview(history, item, measure)
    if before - after < before * marks.least_gain:
        return None
    return item.model_copy(update={"after_tokens": after})


def _old_results(records: list[Record], kept: int) -> frozenset[ItemId]:
    """Return the tool runs and attachments before the newest `kept` ones."""
    found: list[ItemId] = []
    for record in records:
        found += record.item_ids if record.is_attachment else (run.item_id for run in record.runs)
    return frozenset(found[: max(0, len(found) - kept)])


def _stub_all(records: list[Record], stubbed: frozenset[ItemId]) -> list[Record]:
    return [stub(record, stubbed) for record in records]


def _size(records: Iterable[Record], measure: Measure) -> int:
    return sum(measure(record.messages) for record in records)


def _drop(
    records: list[Record], history: History, plan: Plan, measure: Measure, target: int, room: int
) -> tuple[tuple[ItemId, ...], str]:
    """Choose the oldest steps to leave out until the target is met; the newest two go only to make the rest fit."""
    loose = [record for record in records if not record.is_pinned and record.item_ids]
    size = _size(records, measure)
    chosen: list[Record] = []
    for place, record in enumerate(loose):
        if size <= (target if place < len(loose) - _KEPT_STEPS else room):
            break
        chosen.append(record)
        size -= measure(record.messages)
    if not chosen:
        return (), ""
    ids = tuple(item_id for record in chosen for item_id in record.item_ids)
    return ids, _summarise(chosen, history, plan)


def _summarise(records: list[Record], history: History, plan: Plan) -> str:
    lines: list[str] = []
    for record in records:
        lines += [f"- {stub_line(run).split(';')[0].lstrip('[')}" for run in record.runs]
        lines += _said(record)
    if len(lines) > _LINES_AT_MOST:
        lines = [f"- ({len(lines) - _LINES_AT_MOST} earlier lines left out)", *lines[-_LINES_AT_MOST:]]
    parts = [_SUMMARY_HEAD, *lines]
    if history.changed:
        parts.append(_FILES_HEAD)
        parts += [f"- {path} +{added} -{removed}" for path, (added, removed) in history.changed.items()]
    if plan.entries:
        parts.append(_PLAN_HEAD)
        parts += [f"- [{entry.status}] {entry.text}" for entry in plan.entries]
    return "\n".join([*parts, "</summary>"])


def _said(record: Record) -> list[str]:
    """Quote the steps of an earlier summary (files and plan are told anew), and how words beside no call began."""
    first = record.messages[0]
    if first.role is Role.USER and first.text.startswith(_SUMMARY_HEAD):
        lines = first.text.removeprefix(_SUMMARY_HEAD).removesuffix("</summary>").strip().splitlines()
        return list(takewhile(lambda line: line not in (_FILES_HEAD, _PLAN_HEAD), lines))
    if first.role is Role.ASSISTANT and not first.calls and first.text.strip():
        return [f"- you said: {first.text.strip().splitlines()[0][:200]}"]
    return []


def _preview(history: History, item: Compaction, measure: Measure) -> int:
    trial = History()
    trial.system, trial.records = history.system, list(history.records)
    trial.compact(item)
    return measure(trial.messages)
