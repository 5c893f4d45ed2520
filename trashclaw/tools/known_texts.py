"""What the model knows of the text of a file, and where in its window that text stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from trashclaw.protocol.ids import ItemId

Range = tuple[int, int]
"""First and last line, counted from 1; the last is smaller where there are no lines."""

SHOWN_AT_MOST = 40
"""So many places in the window are remembered for a file, and so many edits running are followed back."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines that stand in the model's window."""

    lines: Range
    item_id: ItemId
    """The run whose result they are in, or the message that they came with."""

    call: int
    """Counts what was seen, from 1."""

    is_cut: bool = False
    """Maybe not all of each line is there."""


@dataclass(frozen=True, slots=True)
class Edit:
    """How the model itself made a text."""

    item_id: ItemId | None
    """The run that did; `None`: it is not known."""

    before: Known | None
    """What it changed; `None`: the run's call has all of the text."""


@dataclass(slots=True)
class Known:
    """What the model knows of a file."""

    sha256: str
    total: int
    """Lines that it has, as far as it was read; 0 where nothing was."""

    call: int
    ranges: list[Range] = field(default_factory=list)
    is_whole: bool = False
    shown: list[Shown] = field(default_factory=list)
    edit: Edit | None = None
    """How the model made the text; `None` also where it never had what was there before."""

    def add(self, lines: Range) -> None:
        """Take in further lines."""
        self.ranges = _merged([*self.ranges, lines])
        self.is_whole = self.is_whole or self.covers(self.ranges)

    def covers(self, ranges: Sequence[Range]) -> bool:
        """Tell whether ranges that are in order and do not touch are all of the file."""
        return bool(ranges) and ranges[0][0] <= 1 and ranges[0][1] >= self.total


def has_whole(
    known: Known, is_shown: Callable[[ItemId], bool], is_called: Callable[[ItemId], bool] | None = None
) -> bool:
    """Tell whether the window has all of a text: as it was shown, as the model wrote it, or as it was before edits.

    `is_shown` and `is_called` are those of `Sightings`. An edit counts while its result stands there in full: that
    tells what landed and where. Of a text that was written whole the call is enough.
    """
    content: Known | None = known
    for _ in range(SHOWN_AT_MOST):
        if content is None:
            return False
        in_full = (one.lines for one in content.shown if not one.is_cut and is_shown(one.item_id))
        if content.covers(_merged(in_full)):
            return True
        edit = content.edit
        if edit is None or edit.item_id is None:
            return False
        if edit.before is None:
            return (is_called or is_shown)(edit.item_id)
        if not is_shown(edit.item_id):
            return False
        content = edit.before
    return False


def words(ranges: Sequence[Range]) -> str:
    """Return ranges as they are told: `1-10, 12`."""
    shown = ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in ranges[:5])
    return f"{shown} and others" if len(ranges) > 5 else shown


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
