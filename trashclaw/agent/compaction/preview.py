"""The preview: what a cut would leave, record by record, for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trashclaw.agent.archive import one_line
from trashclaw.agent.compaction.cut import Cut
from trashclaw.agent.messages import Role
from trashclaw.agent.records import Record, stub
from trashclaw.protocol.ids import ItemId

_TITLE_CHARS = 100


class CutAction(StrEnum):
    """What becomes of a record."""

    STAY = "stay"
    STUB = "stub"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True)
class CutRow:
    """One record of the window."""

    action: CutAction
    title: str
    numbers: tuple[int, ...]
    """Under which `recall` shows what is in it."""

    before_tokens: int
    after_tokens: int
    """0 for what is left out; the digest that stands for all of it is in `CutPreview`."""


@dataclass(frozen=True, slots=True)
class CutPreview:
    """What a compaction would do."""

    rows: tuple[CutRow, ...]
    before_tokens: int
    after_tokens: int
    reread_tokens: int
    digest: str
    """What would stand for what is left out, where the model writes nothing better."""


def preview(cut: Cut) -> CutPreview:
    """Return what a cut would do to each record of the window."""
    dropped, stubbed = frozenset(cut.dropped), frozenset(cut.stubbed)
    rows = tuple(_row(cut, record, dropped, stubbed) for record in cut.records)
    return CutPreview(rows, cut.before_tokens, cut.after_tokens, cut.reread_tokens, cut.digest)


def _row(cut: Cut, record: Record, dropped: frozenset[ItemId], stubbed: frozenset[ItemId]) -> CutRow:
    before = cut.measure(record.messages)
    numbers = tuple(number for item_id in record.item_ids if (number := cut.archive.number_of(item_id)) is not None)
    title = _title(cut, record)
    if record.item_ids and not record.is_pinned and dropped.issuperset(record.item_ids):
        return CutRow(CutAction.LEAVE_OUT, title, numbers, before, 0)
    after = stub(record, stubbed, cut.archive)
    if after is record or after == record:
        return CutRow(CutAction.STAY, title, () if record.is_pinned else numbers, before, before)
    return CutRow(CutAction.STUB, title, numbers, before, cut.measure(after.messages))


def _title(cut: Cut, record: Record) -> str:
    kept = [cut.archive.find(cut.archive.number_of(run.item_id) or 0) for run in record.runs]
    if titles := [one.title for one in kept if one is not None]:
        return one_line("; ".join(titles), _TITLE_CHARS)
    first = record.messages[0]
    said = one_line(first.text, _TITLE_CHARS)
    return said if first.role is not Role.ASSISTANT else f"answer: {said}"
