"""A hunk in two columns: what was there at the left, what would be there at the right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.hunk import (
    MAX_COMPARED,
    Pen,
    code_room,
    is_one_row_each,
    line_height,
    line_rows,
    number_size,
)
from trashclaw.faces.tui.drawing.intraline import changed_words
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.protocol.patches import Hunk

MIN_WIDTH = 70
"""Cells; with fewer, two columns would hold too little of a line."""

_RUNS = re.compile(r"(-+)(\++)")

Pair = tuple[int | None, int | None]
"""Places of a hunk's lines that stand side by side; `None` where a side is empty."""


def side_by_side(lines: Sequence[str]) -> list[Pair]:
    """Return which lines stand side by side: kept ones twice, removed ones beside what took their place."""
    pairs: list[Pair] = []
    removed: list[int] = []
    added: list[int] = []

    def flush() -> None:
        for place in range(max(len(removed), len(added))):
            left = removed[place] if place < len(removed) else None
            right = added[place] if place < len(added) else None
            pairs.append((left, right))
        removed.clear()
        added.clear()

    for place, line in enumerate(lines):
        mark = line[:1]
        if mark == "+":
            added.append(place)
        elif mark == "-":
            if added:
                flush()
            removed.append(place)
        else:
            flush()
            pairs.append((place, place))
    flush()
    return pairs


def pair_count(hunks: Sequence[Hunk]) -> int:
    """Return how many pairs `side_by_side` gives for each of these hunks, in sum and in less time."""
    marks = "|".join(["".join([line[:1] for line in hunk.lines]) for hunk in hunks])
    beside = sum(min(map(len, run)) for run in _RUNS.findall(marks))
    return len(marks) - max(0, len(hunks) - 1) - beside


def half_width(width: int) -> int:
    """Return the cells of a column; a sign and its spaces stand between the two."""
    return (width - 3) // 2


def split_height(hunk: Hunk, pairs: Sequence[Pair], width: int) -> int:
    """Return how many rows pairs of lines take."""
    room = code_room(half_width(width), number_size(hunk))
    if is_one_row_each(hunk.lines, room):
        return len(pairs)
    return sum(_pair_height(hunk, pair, room) for pair in pairs)


def _pair_height(hunk: Hunk, pair: Pair, room: int) -> int:
    return max(line_height(hunk.lines[place], room) for place in set(pair) if place is not None)


def split_rows(hunk: Hunk, pairs: Sequence[Pair], numbers: tuple[int, int], pen: Pen) -> list[Text]:
    """Return rows for pairs of lines; `numbers` are those of the first line at the left and at the right."""
    before, after = numbers
    places = [place for pair in pairs for place in pair if place is not None]
    is_compared = pen.is_on and len(hunk.lines) <= MAX_COMPARED and bool(places)
    words = changed_words(hunk.lines, min(places), max(places) + 1) if is_compared else {}
    half = Pen(half_width(pen.width), pen.look, pen.lexer, pen.is_on)
    size = number_size(hunk)
    rows: list[Text] = []
    for left, right in pairs:
        lefts = [] if left is None else line_rows(hunk.lines[left], before, size, words.get(left, ()), half)
        rights = [] if right is None else line_rows(hunk.lines[right], after, size, words.get(right, ()), half)
        before += left is not None
        after += right is not None
        rows.extend(_joined(lefts, rights, half.width, pen.look))
    return rows


def _joined(lefts: list[Text], rights: list[Text], width: int, look: Look) -> list[Text]:
    """Put two columns beside each other."""
    rows = []
    for place in range(max(len(lefts), len(rights))):
        left = lefts[place] if place < len(lefts) else Text(" " * width)
        right = rights[place] if place < len(rights) else Text(" " * width)
        row = Text(end="").append_text(left).append(f" {look.signs.quote} ", style=look.faint).append_text(right)
        rows.append(row)
    return rows
